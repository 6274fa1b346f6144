package availability

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// eviction holds the rules about how pods leave their nodes.
var eviction = []*analyzers.Rule{{
	ID:        "availability-budget-keeps-broken-pods",
	Title:     "PodDisruptionBudget keeps broken pods on their nodes",
	Why:       "Pods that crash or never get ready count as disrupted already, so none of them may be evicted: the drain of a node, and with it the upgrade of the cluster, hangs on a workload that does not work anyway.",
	Remedy:    "Set `unhealthyPodEvictionPolicy: AlwaysAllow` (Kubernetes 1.27). Where even a pod that is not ready holds data, ignore the rule.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:pdb-unhealthy-pod-eviction-policy"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, pdb *graph.Resource) {
		v := pdb.At("spec.unhealthyPodEvictionPolicy")
		const title = "Let pods that are not ready be evicted"
		right := edit.Set(v, edit.Text("AlwaysAllow"))
		if v.Present() == graph.False {
			p.Report(v, "%s is not set", v.Key()).Fix(title, right)
			return
		}
		p.ReportIf(v.Is("IfHealthyBudget"), v, "%s is %q", v.Key(), v.Str()).Fix(title, right)
	}, budget),
}}
