package availability

import (
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

const budget = "policy/PodDisruptionBudget"

// budgets holds the rules about disruption budgets.
var budgets = []*analyzers.Rule{{
	ID:        "availability-budget-blocks-eviction",
	Title:     "PodDisruptionBudget allows no eviction",
	Why:       "A budget that never lets a pod go blocks the draining of nodes: upgrades and security patches of the cluster hang, until somebody deletes the budget in a hurry.",
	Remedy:    "Set `maxUnavailable: 1`, or keep `minAvailable` below the number of replicas.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"kube-linter:pdb-max-unavailable", "kube-linter:pdb-min-available", "polaris:pdbDisruptionsIsZero",
	},
	Check: analyzers.On(func(p *analyzers.Pass, pdb *graph.Resource) {
		if v := pdb.At("spec.maxUnavailable"); !(v.Present() == graph.False) {
			p.ReportIf(v.Is("0", "0%"), v, "%s is %q: no pod may ever be evicted", v.Key(), v.Str())
			return
		}
		v := pdb.At("spec.minAvailable")
		if v.Is("100%") == graph.True {
			p.Report(v, "%s is \"100%%\": no pod may ever be evicted", v.Key())
			return
		}
		smallest(p, pdb, v, false)
	}, budget),
}, {
	ID:        "availability-budget-above-autoscaler",
	Title:     "PodDisruptionBudget asks for as many pods as the autoscaler's least",
	Why:       "When there is little to do the autoscaler goes down to a number of pods of which the budget lets none go: nodes cannot be drained at night, when they should be.",
	Remedy:    "Set `maxUnavailable: 1` instead of `minAvailable`, or raise the autoscaler's `minReplicas`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"polaris:pdbMinAvailableGreaterThanHPAMinReplicas"},
	Check: analyzers.On(func(p *analyzers.Pass, pdb *graph.Resource) {
		smallest(p, pdb, pdb.At("spec.minAvailable"), true)
	}, budget),
}, {
	ID:        "availability-budget-without-limit",
	Title:     "PodDisruptionBudget sets no limit",
	Why:       "A budget with neither `minAvailable` nor `maxUnavailable` protects nothing.",
	Remedy:    "Set `maxUnavailable: 1`.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kube-score:poddisruptionbudget-has-policy"},
	Check: analyzers.On(func(p *analyzers.Pass, pdb *graph.Resource) {
		v := pdb.At("spec.maxUnavailable")
		p.ReportIf(v.Present().Or(pdb.At("spec.minAvailable").Present()).Not(), v, "neither minAvailable nor %s is set", v.Key())
	}, budget),
}, {
	ID:        "availability-budget-selects-nothing",
	Title:     "PodDisruptionBudget selects no pod",
	Why:       "A budget whose selector matches no pod protects nothing: a node upgrade may take down all replicas at once.",
	Remedy:    "Make `selector` match the labels of the pod template.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Needs:     kube.PodTypes[:],
	Check: analyzers.On(func(p *analyzers.Pass, pdb *graph.Resource) {
		s := selection.Full(pdb.At("spec.selector"))
		if n, _ := pdb.At("status.expectedPods").Int(0); n > 0 || s.Present() == graph.False || s.Empty() == graph.True {
			return // where it runs the cluster has counted them
		}
		p.ReportIf(selection.Pods.Of(p.Graph).PicksNone(s), s.Value, "%s matches no pod", s.Key())
	}, budget),
}, {
	ID:        "availability-budget-missing",
	Title:     "Workload with several replicas has no PodDisruptionBudget",
	Why:       "Without a budget the draining of nodes, as in every upgrade of the cluster, may take down all replicas at once.",
	Remedy:    "Add a PodDisruptionBudget with `maxUnavailable: 1` and the labels of the pod template.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kube-score:deployment-has-poddisruptionbudget", "kube-score:statefulset-has-poddisruptionbudget",
		"kics:b23e9b98-0cb6-4fc9-b257-1f3270442678", "kics:1db3a5a5-bf75-44e5-9e44-c56cfc8b1ac5",
		"polaris:missingPodDisruptionBudget", "kics:a05331ee-1653-45cb-91e6-13637a76e4f0", "kics:7249e3b0-9231-4af3-bc5f-5daf4988ecbf",
	},
	Needs: []string{"policy/PodDisruptionBudget"},
	Check: func(p *analyzers.Pass) {
		has := budgeted(p.Graph)
		for r := range p.Graph.OfType("apps/Deployment", "apps/StatefulSet") {
			p.Look(1)
			// Who leaves the number out mostly scales by other means.
			n, known := r.At("spec.replicas").Int(2)
			several := graph.Of(n > 1)
			if !known {
				several = graph.Unsure
			}
			p.ReportIf(has[r].Not().And(several), r.Config, "no PodDisruptionBudget selects the pods")
		}
	},
}}

// budgeted tells whether a budget is about the pods of Deployments and StatefulSets.
func budgeted(g *graph.Graph) map[*graph.Resource]graph.Tri {
	has := map[*graph.Resource]graph.Tri{}
	for r := range g.OfType("apps/Deployment", "apps/StatefulSet") {
		has[r] = graph.False
	}
	for pdb := range g.OfType(budget) {
		if pdb.At("spec.selector").Present() == graph.False {
			continue
		}
		for pod, picked := range selection.Pods.Of(g).Picked(selection.Full(pdb.At("spec.selector"))) {
			has[pod.Resource()] = has[pod.Resource()].Or(picked)
		}
	}
	return has
}

// smallest reports a minAvailable that a workload cannot go below: as many as
// it, or its autoscaler at its lowest, has replicas. Where an autoscaler says
// what its lowest is only that is looked at when scaled, and only the rest else.
func smallest(p *analyzers.Pass, pdb *graph.Resource, v graph.Value, scaled bool) {
	least, known := v.Int(0)
	if v.Kind() == graph.String && strings.HasSuffix(v.Str(), "%") || !known || least <= 0 {
		return
	}
	s := selection.Full(pdb.At("spec.selector"))
	if s.Empty() == graph.True {
		return
	}
	var only *workload.Pod
	for pod, picked := range selection.Pods.Of(p.Graph).Picked(s) {
		if !(picked == graph.True) || only != nil {
			return // several workloads share the budget
		}
		only = &pod
	}
	if only == nil {
		return
	}
	w := only.Resource()
	count, said := w.At("spec.replicas"), false
	for hpa := range autoscalersOf(p.Graph, w) {
		count = hpa.At("spec.minReplicas")
		said = count.Present() == graph.True
	}
	n, known := count.Int(1)
	if !known || !replicated[w.Type] || said != scaled {
		return
	}
	p.ReportIf(graph.Of(least >= n), v, "%s is %s and there may be only %s: no pod may be evicted", v.Key(), v.Str(), replicas(n)).
		Note(count, "the number of replicas of %s", w.ID)
}

// replicated are the types with a fixed number of pods.
var replicated = map[string]bool{"apps/Deployment": true, "apps/StatefulSet": true, "apps/ReplicaSet": true, "core/ReplicationController": true}

func replicas(n int64) string {
	if n == 1 {
		return "1 replica"
	}
	return strconv.FormatInt(n, 10) + " replicas"
}
