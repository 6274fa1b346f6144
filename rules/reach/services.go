package reach

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// inventory holds the rules about Services that can be reached from outside
// and whose pods are not here, so that reach-exposed-workload says nothing.
var inventory = []*analyzers.Rule{{
	ID:        "reach-exposed-service",
	Title:     "Ingress or route leads to a Service from outside",
	Why:       "What can be reached from outside is what attackers try first. The list of such Services should hold no surprise.",
	Remedy:    "If nobody outside needs it, remove the path from the Ingress or route.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kics:69bbc5e3-0818-4150-89cc-1e989b48f23b"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		services := routes.Services.Of(p.Graph)
		done := map[*graph.Resource]bool{}
		for b := range routes.Backends(r) {
			for s, there := range services.Find(r, b) {
				if done[s] || hasPods(p.Graph, s) {
					continue
				}
				done[s] = true
				p.ReportIf(there.And(selection.Together(r, s)), b.Name, "the Service %q can be reached from outside", b.Name.Str()).
					Note(s.Config, "the Service")
			}
		}
	}, routes.Ingress, routes.Route, routes.Gateway+"*"),
}}

// hasPods tells whether some pod here may be one of the Service's.
func hasPods(g *graph.Graph, s *graph.Resource) bool {
	for range selection.Pods.Of(g).Picked(selection.Labels(s.At("spec.selector"))) {
		return true
	}
	return false
}
