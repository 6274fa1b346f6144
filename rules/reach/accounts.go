package reach

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// accounts holds the rules about what pods may do by their service account.
var accounts = []*analyzers.Rule{{
	ID:        "reach-pod-with-roles",
	Title:     "Pod holds a token with permissions",
	Why:       "Whoever breaks into the pod has the token, and with it the roles that are bound to the pod's service account. The list of such pods, and of what they may do, should hold no surprise.",
	Remedy:    "Keep the roles to what the program uses. If it does not talk to the API server, set `automountServiceAccountToken: false` and remove the bindings.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kubescape:C-0261", "kubescape:C-0053"},
	Check: func(p *analyzers.Pass) {
		for _, pod := range workload.Pods.Of(p.Graph) {
			name, known := pod.ServiceAccount()
			if !known {
				continue
			}
			p.Look(1)
			given := graph.False
			var by []rbac.Subject
			for _, b := range rbac.Bindings.Of(p.Graph) {
				for _, s := range b.Subjects {
					bound := s.ServiceAccount(pod.Resource(), name).And(s.Everybody().Not(), selection.Together(b.Resource, pod.Resource()))
					given = given.Or(bound)
					if bound == graph.True {
						by = append(by, s)
					}
				}
			}
			f := p.ReportIf(given.And(tokenMounted(p.Graph, pod, name)), pod.Spec.At("serviceAccountName"), "the service account %q has roles, and its token is mounted", name)
			for _, s := range by {
				f.Note(s.At("name"), "given by %s", s.Resource().ID)
			}
		}
	},
}}
