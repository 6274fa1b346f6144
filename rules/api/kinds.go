package api

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/lifecycle"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
)

// unknownVersion is the rule about kinds that a version of the API never had.
var unknownVersion = &analyzers.Rule{
	ID:        "api-unknown-version",
	Title:     "Kind does not exist in this version of the API",
	Why:       "The API server has no such kind there and refuses the object: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Write the `apiVersion` that has the kind.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: func(p *analyzers.Pass) {
		table := kubeschema.Read()
		groups, versions := map[string]bool{}, map[string][]string{}
		for _, r := range p.Graph.Resources() {
			v, kind := r.At("apiVersion"), r.At("kind").Str()
			version := v.Str()
			if version == "" || kind == "" || openShift(version, kind) {
				continue
			}
			group, _, named := strings.Cut(version, "/")
			if !named {
				group = ""
			}
			if _, known := groups[group]; !known {
				groups[group] = table.Group(group)
			}
			if !groups[group] {
				continue
			}
			p.Look(1)
			if _, known := versions[kind]; !known {
				versions[kind] = table.Versions(kind)
			}
			if _, gone := lifecycle.Of(version, kind); gone || len(versions[kind]) == 0 || table.Object(version, kind) != nil {
				continue // another rule says so, or it may be somebody else's kind
			}
			p.ReportIf(graph.Of(!alpha(version)), v, "%s is %q, which has no kind %s; use %s", v.Key(), version, kind, present(versions[kind], kind))
		}
	},
}

// openShift tells whether a kind is one of those that OpenShift once had in
// the group without a name.
func openShift(version, kind string) bool {
	return version == "v1" && (strings.HasSuffix(kind, "Role") || strings.HasSuffix(kind, "RoleBinding"))
}

// alpha tells whether a version is one of those that come and go.
func alpha(version string) bool { return strings.Contains(version, "alpha") }

// present are the versions that are neither deprecated nor on trial; all when
// there is no such one.
func present(versions []string, kind string) string {
	var good []string
	for _, v := range versions {
		if _, old := lifecycle.Of(v, kind); !old && !alpha(v) {
			good = append(good, v)
		}
	}
	if good == nil {
		good = versions
	}
	return strings.Join(good, " or ")
}
