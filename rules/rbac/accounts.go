package rbac

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// accountGrants holds the rules about what bindings give to service accounts.
var accountGrants = []*analyzers.Rule{{
	ID:        "rbac-account-reads-secrets",
	Title:     "Service account may read all Secrets",
	Why:       "The token of the account lies in every pod that runs as it. Whoever breaks into one of them reads the passwords and keys of all others, the tokens of stronger accounts among them.",
	Remedy:    "Name the Secrets that are read under `resourceNames` with `get` alone, or mount them into the pod and take the permission away.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // many controllers cannot work without
	Same:      []string{"kics:056ac60e-fe07-4acc-9b34-8e1d51716ab9", "kics:07fc3413-e572-42f7-9877-5c8fc6fccfb5"},
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		if b.Role == nil || b.System() {
			return
		}
		var best rbac.Grant
		given := graph.False
		for rule := range b.Role.Effective() {
			g := rule.Grants(rbac.Want{Resources: []string{"secrets"}, Verbs: read})
			if is := g.Given.And(rule.Narrowed().Not()); is == graph.True || given == graph.False {
				best, given = g, is
			}
			if given == graph.True {
				break
			}
		}
		for _, s := range b.Subjects {
			name := s.At("name")
			p.ReportIf(given.And(s.At("kind").Is("ServiceAccount")), name, "the service account %q may read all Secrets of %s", name.Str(), where(b)).
				Note(best.Resource, "the role says so")
		}
	}),
}}

func where(b *rbac.Binding) string {
	if b.Cluster {
		return "the cluster"
	}
	return "the namespace"
}
