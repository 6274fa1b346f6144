package live

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/lifecycle"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// applied holds the rules about how objects got into the cluster.
var applied = []*analyzers.Rule{{
	ID:        "live-applied-version-removed",
	Title:     "Object was applied in an API version that the next release does not serve",
	Why:       "The API server converts what it is given, so all looks well until the cluster, or the operator, is upgraded. After that the next deployment is refused. Helm refuses even a chart that was mended meanwhile, for it first reads the release before.",
	Remedy:    "Write the new `apiVersion` and deploy once before the upgrade. Where the manifest has it already, deploying is all there is to do; a release of Helm that is beyond that is mended by the plugin `helm mapkubeapis`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Params:    &lifecycle.Target{},
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		v, kind := o.At("history.applied.version"), o.At("kind").Str()
		if v.Present() == graph.False || live.Managed(o.Resource) != "" {
			return
		}
		why := removed(v.Str(), kind, horizon(p, o))
		if why == "" {
			why = unserved(p.Graph, o, v.Str(), kind)
		}
		if why == "" {
			return
		}
		at, here := v, ""
		if o.Written != nil {
			at = o.At("apiVersion")
			said, known := o.Written.At("apiVersion").Text("")
			if _, old := lifecycle.Of(said, kind); old {
				return // api-removed-version and api-deprecated-version say so
			}
			if known && said != v.Str() {
				here = fmt.Sprintf("%s is %q here, but ", at.Key(), said)
			}
		}
		p.Report(at, "%sthe object was last applied as %q%s: %s", here, v.Str(), by(o), why)
	}),
}}

// horizon is the minor release to look ahead to: the one after the cluster's, or
// the one that is named when that is later. It is 0 where the cluster's is not
// known.
func horizon(p *analyzers.Pass, o live.Object) int {
	now, err := kube.Minor(live.Of(p.Graph, o.Resource).At("version").Str())
	if err != nil {
		return 0
	}
	if t := analyzers.ParamsOf[lifecycle.Target](p); t.Kubernetes != "" {
		return max(now+1, t.Minor())
	}
	return now + 1
}

// removed says that a release of Kubernetes does not serve a version; "" when
// all of them up to one do.
func removed(version, kind string, until int) string {
	a, known := lifecycle.Of(version, kind)
	if !known || a.Removed == 0 || a.Removed > until {
		return ""
	}
	return fmt.Sprintf("Kubernetes does not serve %s of it from 1.%d on; %s", kind, a.Removed, a.Instead())
}

// unserved says that the definition of a custom resource does not serve a
// version; "" when it does, or there is none.
func unserved(g *graph.Graph, o live.Object, version, kind string) string {
	group, short, _ := strings.Cut(version, "/")
	d, there := definitions.Of(g)[defined{o.Root, group, kind}]
	if !there {
		return ""
	}
	v := itemNamed(d.At("spec.versions"), short)
	if v.Kind() == graph.Map && !(v.At("served").Bool(true) == graph.False) {
		return ""
	}
	return fmt.Sprintf("the definition %q does not serve it; use %s/%s", d.Name, group, storage(d))
}

// defined is a kind that a cluster has a definition of.
type defined struct{ root, group, kind string }

var definitions = analyzers.NewFact(func(g *graph.Graph) map[defined]live.Object {
	all := map[defined]live.Object{}
	for _, o := range live.Objects.Of(g) {
		if o.Type == definition {
			all[defined{o.Root, o.At("spec.group").Str(), o.At("spec.names.kind").Str()}] = o
		}
	}
	return all
})

// by says who applied an object, and on which day.
func by(o live.Object) string {
	text := ""
	if who := o.At("history.applied.by").Str(); who != "" {
		text = fmt.Sprintf(" by %q", who)
	}
	if day, _, ok := strings.Cut(o.At("history.applied.time").Str(), "T"); ok {
		text += " on " + day
	}
	return text
}
