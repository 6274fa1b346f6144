package k8s

import (
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// rollout holds the rules about how pods are replaced and how they end.
var rollout = []*analyzers.Rule{{
	ID:        "k8s-grace-period-zero",
	Title:     "Pods are killed without a grace period",
	Why:       "The program is killed before it can finish requests or write its data down, and the API server forgets the pod before the node has stopped it: two members of a StatefulSet may then write to one volume.",
	Remedy:    "Remove `terminationGracePeriodSeconds: 0`, which leaves the default of 30 seconds, or set how long the program takes to end.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("terminationGracePeriodSeconds")
		p.ReportIf(v.Is("0").And(pod.Completes().Not()), v, "%s is 0", v.Key())
	}),
}, {
	ID:        "k8s-pre-stop-outlasts-grace",
	Title:     "Pod is killed before its preStop hook is done",
	Why:       "The grace period runs from the start of the hook. When it is over the program is killed, without ever having been told to end: requests are cut off and data is lost with every rollout.",
	Remedy:    "Set `terminationGracePeriodSeconds` to the time of the hook and what the program needs to end after it; it is 30 when not set.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		grace := c.Pod.Spec.At("terminationGracePeriodSeconds")
		most, known := grace.Int(30)
		if !known || most == 0 { // k8s-grace-period-zero
			return
		}
		if v, n := sleeps(c.At("lifecycle.preStop")); n > 0 {
			p.ReportIf(graph.Of(n >= most), v, "the preStop hook of container %q takes %d s, and the grace period is %d s", c.Name(), n, most).
				Note(grace, "the grace period")
		}
	}),
}, {
	ID:        "k8s-rolling-update-stuck",
	Title:     "Rolling update may neither add nor remove a pod",
	Why:       refused,
	Remedy:    "Set `maxSurge` or `maxUnavailable` to 1 or more, or remove both: 25 % is the default.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		update := r.At(updates[r.Type]).At("rollingUpdate")
		surge, down := update.At("maxSurge"), update.At("maxUnavailable")
		none := down.Is("0", "0%").And(surge.Is("0", "0%"))
		if r.Type == "apps/DaemonSet" { // maxSurge is 0 unless set
			none = down.Is("0", "0%").And(surge.Is("0", "0%").Or(surge.Present().Not()))
		}
		p.ReportIf(none, down, "%s and maxSurge are both 0", down.Key()).Note(surge, "maxSurge")
	}, "apps/Deployment", "apps/DaemonSet"),
}, {
	ID:        "k8s-rolling-update-outage",
	Title:     "Rolling update may take all pods down at once",
	Why:       "With all pods unavailable at once every update is an outage, and one that does not start is an outage until somebody rolls back.",
	Remedy:    "Set `maxUnavailable` to 1 or 25 %, or remove it.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At(updates[r.Type]).At("rollingUpdate.maxUnavailable")
		replicas, known := r.At("spec.replicas").Int(0) // not set: an autoscaler may say
		most, number := v.Int(0)
		all := graph.Of(known && number && replicas > 1 && most >= replicas)
		p.ReportIf(v.Is("100%").And(graph.Of(!known || replicas != 1)).Or(all), v, "%s is %s, and that may be all pods", v.Key(), v.Str())
	}, "apps/Deployment"),
}, {
	ID:        "k8s-update-on-delete",
	Title:     "Pods are not updated until somebody deletes them",
	Why:       "With the strategy `OnDelete` a new image or setting reaches no pod by itself. A fix for a hole is deployed, and the old program runs on for months.",
	Remedy:    "Set `updateStrategy.type: RollingUpdate`, or remove `updateStrategy`. Where an operator deletes the pods in the right order, ignore the rule.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.updateStrategy.type")
		p.ReportIf(v.Is("OnDelete"), v, "%s is \"OnDelete\"", v.Key())
	}, "apps/StatefulSet", "apps/DaemonSet"),
}, {
	ID:        "k8s-knative-timeout",
	Title:     "Knative Service leaves the time of a request to the cluster",
	Why:       "What a request may take is then whatever `config-defaults` says in the cluster it lands in, and 0 is without an end: clients that hang hold the few requests a pod takes at once.",
	Remedy:    "Set `timeoutSeconds` in the `spec` of the template to what a request takes at most.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kics:e8bb41e4-2f24-4e84-8bea-8c7c070cf93d"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("timeoutSeconds")
		served := servedByKnative(pod)
		if v.Present() == graph.False {
			p.ReportIf(served, v, "%s is not set", v.Key())
			return
		}
		p.ReportIf(served.And(v.Is("0")), v, "%s is 0", v.Key())
	}),
}}

// updates are the paths of the strategies by which workloads replace pods.
var updates = map[string]string{"apps/Deployment": "spec.strategy", "apps/DaemonSet": "spec.updateStrategy"}

// sleeps is how many seconds a hook sleeps for certain, and where it says so:
// the action "sleep" (Kubernetes 1.30), or a command that begins with one.
func sleeps(hook graph.Value) (at graph.Value, seconds int64) {
	if v := hook.At("sleep.seconds"); v.Present() == graph.True {
		n, _ := v.Int(0)
		return v, n
	}
	words := []string{}
	for v := range hook.At("exec.command").Each() {
		words, at = append(words, v.Str()), v
	}
	if n := len(words); n == 3 && strings.HasSuffix(words[0], "sh") && strings.HasPrefix(words[1], "-") {
		words = strings.Fields(words[2]) // sh -c "sleep 60; …"
	}
	if len(words) < 2 || words[0] != "sleep" && words[0] != "/bin/sleep" {
		return at, 0
	}
	n, err := strconv.ParseInt(strings.TrimRight(words[1], ";s"), 10, 32)
	if err != nil {
		return at, 0
	}
	return at, n
}
