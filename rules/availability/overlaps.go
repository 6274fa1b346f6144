package availability

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// overlaps holds the rules about budgets and autoscalers that get in each
// other's way.
var overlaps = []*analyzers.Rule{{
	ID:        "availability-budget-overlap",
	Title:     "Two PodDisruptionBudgets select the same pods",
	Why:       "The API server refuses to evict a pod that two budgets are about: no node with one of these pods can be drained, and upgrades of the cluster stop there.",
	Remedy:    "Keep one of them, or make the selectors of both narrower.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: func(p *analyzers.Pass) {
		first := map[*graph.Resource]*graph.Resource{}
		for pdb := range p.Graph.OfType(budget) {
			p.Look(1)
			selector := pdb.At("spec.selector")
			// In policy/v1beta1 an empty selector is about no pod.
			if selector.Present() == graph.False {
				continue
			}
			for pod, picked := range selection.Pods.Of(p.Graph).Picked(selection.Full(selector)) {
				r := pod.Resource()
				if !(picked == graph.True) {
					continue
				}
				if before := first[r]; before != nil {
					p.Report(selector, "%s picks the pods of %s, which the budget %q is about as well", selector.Key(), r.ID, before.Name).
						Note(before.At("spec.selector"), "the other budget")
					break
				}
				first[r] = pdb
			}
		}
	},
}, {
	ID:        "availability-autoscaler-duplicate",
	Title:     "Two autoscalers scale one workload",
	Why:       "Each sets the number of pods it thinks right, in turn and for ever: pods are started and stopped all the time.",
	Remedy:    "Join their metrics in one HorizontalPodAutoscaler: the highest number any of them asks for counts.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: func(p *analyzers.Pass) {
		for range p.Graph.OfType(autoscaler) {
			p.Look(1)
		}
		for key := range scaled(p.Graph) {
			all := byTarget.Of(p.Graph)[key]
			for i, hpa := range all[1:] {
				for _, before := range all[:i+1] {
					if kube.SameNamespace(before, hpa) == graph.True && before.Name != hpa.Name {
						name := hpa.At("spec.scaleTargetRef.name")
						p.Report(name, "the autoscaler %q scales %q as well", before.Name, name.Str()).Note(before.At("spec.scaleTargetRef.name"), "the other one")
						break
					}
				}
			}
		}
	},
}, {
	ID:        "availability-vertical-autoscaler-missing-target",
	Title:     "VerticalPodAutoscaler has a target that is not here",
	Why:       "Without its target the autoscaler does nothing, and the workload it was written for keeps requests that do not fit.",
	Remedy:    "Correct `targetRef`, or add the workload.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Needs:     kube.PodTypes[:],
	Check: analyzers.On(func(p *analyzers.Pass, vpa *graph.Resource) {
		ref := vpa.At("spec.targetRef")
		missing, kind := absent(p.Graph, vpa, ref)
		p.ReportIf(missing, ref.At("name"), "no %s %q is to be found", kind, ref.At("name").Str())
	}, "autoscaling.k8s.io/VerticalPodAutoscaler"),
}}

// scaled yields the keys of byTarget with more than one autoscaler, in the
// order of the autoscalers.
func scaled(g *graph.Graph) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		done := map[string]bool{}
		for hpa := range g.OfType(autoscaler) {
			key := targetKey(hpa)
			if done[key] || hpa.At("spec.scaleTargetRef.name").Str() == "" || len(byTarget.Of(g)[key]) < 2 {
				continue
			}
			done[key] = true
			if !yield(key) {
				return
			}
		}
	}
}
