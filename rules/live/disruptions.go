package live

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// disruptions holds the rules about budgets, autoscalers and quotas that have
// come to their ends.
var disruptions = []*analyzers.Rule{{
	ID:        "live-budget-blocks-eviction",
	Title:     "PodDisruptionBudget lets no healthy pod go now",
	Why:       "Nodes with its pods cannot be drained: an upgrade of the cluster, or a node that has to go, hangs until somebody deletes the budget in a hurry.",
	Remedy:    "Mend the pods that are not healthy; with `unhealthyPodEvictionPolicy: AlwaysAllow` those may go meanwhile. Where all are healthy, set `maxUnavailable: 1` or add a replica.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		expected, desired, healthy := number(o.At("status.expectedPods")), number(o.At("status.desiredHealthy")), number(o.At("status.currentHealthy"))
		if expected == 0 || number(o.At("status.disruptionsAllowed")) > 0 || healthy > desired || o.At("status.disruptionsAllowed").Present() == graph.False {
			return
		}
		v := o.At("spec.minAvailable")
		if v.Present() == graph.False {
			v = o.At("spec.maxUnavailable")
		}
		if desired < expected {
			if !settled(p.Graph, o, o.Condition("DisruptionAllowed")) {
				return // a pod is on its way
			}
			p.Report(v, "%s is %q and no healthy pod may be evicted now: %d of %d are healthy, %d have to be", v.Key(), v.Str(), healthy, expected, desired)
		} else if !(evident(p.Graph, o) == graph.True) {
			p.Report(v, "%s is %q and no healthy pod may be evicted, now or ever: all %d have to be healthy", v.Key(), v.Str(), expected)
		}
	}, "policy/PodDisruptionBudget"),
}, {
	ID:        "live-autoscaler-blind",
	Title:     "Autoscaler cannot read what it scales by",
	Why:       "The number of pods stays what it is: under load the service breaks down, at night it costs what it costs by day.",
	Remedy:    "Install what serves the metric (metrics-server, an adapter), or set the requests that utilization is counted from.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		for _, typ := range [...]string{"AbleToScale", "ScalingActive"} {
			c := o.Condition(typ)
			if reason := c.At("reason").Str(); c.At("status").Str() == "False" && reason != "ScalingDisabled" && !strings.HasPrefix(reason, "Backoff") && settled(p.Graph, o, c) {
				p.Report(o.At("spec.metrics"), "the autoscaler does not work: %s", told(c))
				return
			}
		}
		if c := o.Condition("Ready"); c.At("status").Str() == "False" { // of KEDA, which does not say since when
			p.Report(o.At("spec.triggers"), "the autoscaler does not work: %s", told(c))
		}
	}, autoscaler, "keda.sh/ScaledObject"),
}, {
	ID:        "live-autoscaler-at-limit",
	Title:     "Autoscaler is at its most pods and wants more",
	Why:       "There is more to do than the pods can, and no more will come: requests wait or fail, and a pod that is lost makes it worse.",
	Remedy:    "Raise `maxReplicas` if the cluster and what stands behind can take it, or find out why there is so much load.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		c, most, least := o.Condition("ScalingLimited"), o.At("spec.maxReplicas"), o.At("spec.minReplicas")
		limited := c.At("status").Str() == "True" && c.At("reason").Str() == "TooManyReplicas"
		if limited && number(o.At("status.currentReplicas")) >= number(most) && number(least) != number(most) {
			p.Report(most, "%s is %s and that many pods run, but more are wanted", most.Key(), most.Str())
		}
	}, autoscaler),
}, {
	ID:        "live-quota-exhausted",
	Title:     "Quota of the namespace is used up",
	Why:       "The next pod is refused, also one that replaces one that died and the extra one of a rolling update.",
	Remedy:    "Raise the quota, or lower what the workloads ask for. Leave room for a rolling update.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		for name, hard := range o.At("status.hard").Entries() {
			used := o.At("status.used").Get(name)
			most, now := workload.Quantity(hard), workload.Quantity(used)
			if !filled[name] || most == nil || now == nil || most.Sign() == 0 || now.Cmp(most) < 0 {
				continue
			}
			p.Report(o.At("spec.hard").Get(name), "%s is %q and %q of it is used", name, hard.Str(), used.Str())
		}
	}, "core/ResourceQuota"),
}}

const autoscaler = "autoscaling/HorizontalPodAutoscaler"

// filled are the resources of quotas without which no pod starts. A quota of
// others, such as load balancers, is often meant to be used up.
var filled = map[string]bool{
	"pods": true, "count/pods": true, "cpu": true, "memory": true, "requests.cpu": true, "requests.memory": true,
	"limits.cpu": true, "limits.memory": true, "requests.ephemeral-storage": true, "limits.ephemeral-storage": true,
}

// evident tells whether the budget says by itself that no pod may go, so that
// availability-budget-blocks-eviction tells of it.
func evident(g *graph.Graph, o live.Object) graph.Tri {
	least := o.At("spec.minAvailable")
	plain := o.At("spec.maxUnavailable").Is("0", "0%").Or(least.Is("100%"))
	if plain == graph.True || least.Kind() != graph.Number {
		return plain
	}
	picked := 0
	for _, is := range selection.Pods.Of(g).Picked(selection.Full(o.At("spec.selector"))) {
		if is == graph.True {
			picked++
		}
	}
	return graph.Of(picked == 1)
}
