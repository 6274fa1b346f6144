package network

import (
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

const (
	autoscaler = "autoscaling/HorizontalPodAutoscaler"
	budget     = "policy/PodDisruptionBudget"
)

// targets holds the rules about autoscalers and disruption budgets, which
// find their workloads as Services do.
var targets = []*analyzers.Rule{{
	ID:        "network-autoscaler-missing-target",
	Title:     "HorizontalPodAutoscaler scales a workload that is not here",
	Why:       "An autoscaler whose target does not exist scales nothing: under load the workload stays as small as it is.",
	Remedy:    "Correct `scaleTargetRef`: kind, name and API group, in the autoscaler's own namespace.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"kubescape:C-0300", "kube-linter:dangling-horizontalpodautoscaler", "kube-score:horizontalpodautoscaler-has-target",
	},
	Check: analyzers.On(func(p *analyzers.Pass, hpa *graph.Resource) {
		name := hpa.At("spec.scaleTargetRef.name")
		missing, kind := targetMissing(p.Graph, hpa)
		p.ReportIf(missing, name, "no %s %q is to be found", kind, name.Str())
	}, autoscaler),
}, {
	ID:        "network-budget-blocks-eviction",
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
		smallest(p, pdb, v)
	}, budget),
}, {
	ID:        "network-budget-without-limit",
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
	ID:        "network-budget-selects-nothing",
	Title:     "PodDisruptionBudget selects no pod",
	Why:       "A budget whose selector matches no pod protects nothing: a node upgrade may take down all replicas at once.",
	Remedy:    "Make `selector` match the labels of the pod template.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, pdb *graph.Resource) {
		s := selection.Full(pdb.At("spec.selector"))
		if s.Present() == graph.False || s.Empty() == graph.True {
			return
		}
		p.ReportIf(picksNone(p.Graph, s), s.Value, "%s matches no pod", s.Key())
	}, budget),
}}

// targetMissing tells whether no root has the workload an autoscaler scales.
// Kinds that are no workload of Kubernetes' own may come from anywhere.
func targetMissing(g *graph.Graph, hpa *graph.Resource) (missing graph.Tri, kind string) {
	ref := hpa.At("spec.scaleTargetRef")
	kind, knownKind := ref.At("kind").Text("")
	version, knownVersion := ref.At("apiVersion").Text("")
	name, knownName := ref.At("name").Text("")
	if !knownKind || !knownVersion || !knownName || kind == "" || name == "" {
		return graph.Unsure, kind
	}
	if version == "" { // required by the API, often left out in Terraform
		version = "apps/v1"
		if kind == "ReplicationController" {
			version = "v1"
		}
	}
	switch kube.Type(version, kind) {
	case "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "core/ReplicationController":
	default:
		return graph.False, kind
	}
	missing = graph.True
	for r := range g.OfType(kube.Type(version, kind)) {
		missing = missing.And(r.At("metadata.name").Is(name).And(kube.SameNamespace(hpa, r)).Not())
	}
	return missing, kind
}

// smallest reports a minAvailable that a workload cannot go below: as many as
// it, or its autoscaler at its lowest, has replicas.
func smallest(p *analyzers.Pass, pdb *graph.Resource, v graph.Value) {
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
	count := w.At("spec.replicas")
	for hpa := range p.Graph.OfType(autoscaler) {
		if scales(hpa, w) {
			count = hpa.At("spec.minReplicas")
		}
	}
	n, known := count.Int(1)
	if !known || !replicated[w.Type] {
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

func scales(hpa, w *graph.Resource) bool {
	ref := hpa.At("spec.scaleTargetRef")
	_, kind, _ := strings.Cut(w.Type, "/")
	return ref.At("kind").Is(kind).And(ref.At("name").Is(w.Name), kube.SameNamespace(hpa, w)) == graph.True
}
