package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// pods holds the rules about the pods that workloads have now.
var pods = []*analyzers.Rule{{
	ID:        "live-container-not-starting",
	Title:     "Container does not start",
	Why:       "The pods do not do their work: the container ends as soon as it is started, or cannot be made at all. With each attempt the kubelet waits longer for the next.",
	Remedy:    "Look at `kubectl logs --previous` and at the pod's events, and mend the command, the configuration or what the container waits for.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: each(func(p *analyzers.Pass, c container) {
		waits := c.waiting("CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PostStartHookError", "StartError")
		waits.skip(func(now graph.Value) bool {
			n, _ := now.At("restarts").Int(0)
			return now.At("lastReason").Str() == "OOMKilled" || // live-container-out-of-memory names the limit
				now.At("waiting").Str() == "CrashLoopBackOff" && n < 3 // it may wait for what is started beside it
		})
		if waits.any() {
			p.Report(c.Value, "container %q is in %s in %s%s", c.Name(), waits.reason(), waits, waits.because())
		}
	}),
}, {
	ID:        "live-image-not-pulled",
	Title:     "Image cannot be pulled",
	Why:       "Pods that run already stay, new ones never start: the next restart, node or release is an outage.",
	Remedy:    "Correct the name or the tag, push the image, or name the secret with the registry's password in `imagePullSecrets`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: each(func(p *analyzers.Pass, c container) {
		waits := c.waiting("ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed")
		if waits.any() {
			v := c.At("image")
			p.ReportAt(v, tag(v), "%s %q is not pulled in %s: %s%s", v.Key(), v.Str(), waits, waits.reason(), waits.because())
		}
	}),
}, {
	ID:        "live-container-out-of-memory",
	Title:     "Container was killed as it ran out of memory",
	Why:       "The kernel ends the process in the middle of its work, with what it held in memory lost, and does so again whenever the load is the same.",
	Remedy:    "Raise `resources.limits.memory` to what the program needs at its peak, or make the program keep within it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: each(func(p *analyzers.Pass, c container) {
		killed, last := 0, ""
		for _, now := range c.now {
			if now.At("lastReason").Str() == "OOMKilled" {
				killed, last = killed+1, max(last, now.At("ended").Str())
			}
		}
		if killed == 0 {
			return
		}
		where := c.of(killed)
		if day, _, known := strings.Cut(last, "T"); known {
			where += ", last on " + day
		}
		limit := c.At("resources.limits.memory")
		if limit.Present() == graph.True {
			p.Report(limit, "container %q went over its limit, %s %q, and was killed in %s", c.Name(), limit.Key(), limit.Str(), where)
			return
		}
		p.Report(c.Value, "container %q has no limit of its own, and was killed for want of memory in %s", c.Name(), where)
	}),
}, {
	ID:        "live-container-restarts",
	Title:     "Container is restarted again and again",
	Why:       "Each restart drops the requests at hand, and a probe or a crash that does so hides a fault that shows as an outage under load.",
	Remedy:    "Look at `kubectl describe pod` for why it ended the last time: a crash, a liveness probe that is too strict, a node that is full.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Params:    &Restarts{Most: 10},
	Check: each(func(p *analyzers.Pass, c container) {
		most := analyzers.ParamsOf[Restarts](p).Most
		for _, now := range c.now {
			reason := now.At("lastReason").Str()
			if ago, known := live.Days(now.At("ended").Str(), live.Day(p.Graph, c.Resource())); known && ago > 7 {
				continue // it has come to rest
			}
			if n, _ := now.At("restarts").Int(0); n > most && now.At("waiting").Str() != "CrashLoopBackOff" && reason != "OOMKilled" {
				p.Report(c.Value, "container %q was restarted %d times in the pod %q%s", c.Name(), n, pod(now).At("name").Str(), endedWith(reason))
				return
			}
		}
	}),
}, {
	ID:        "live-pod-unschedulable",
	Title:     "Pod fits on no node",
	Why:       "The pod waits until a node takes it: the workload has fewer replicas than it should, or none, and the next release hangs.",
	Remedy:    "Lower the requests, correct the node selector, affinity, tolerations or volume that the scheduler names, or add nodes.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		n, of := 0, 0
		var first graph.Value
		for pod := range o.Pods() {
			if of++; pod.At("reason").Str() == "Unschedulable" && o.Settled(p.Graph, pod.At("since").Str()) {
				if n++; n == 1 {
					first = pod
				}
			}
		}
		if n > 0 {
			t, _ := kube.PodTemplate(o.Resource)
			p.Report(t.At("spec"), "no node takes %s: %s", share(n, of), sentence(first.At("message").Str()))
		}
	}, makers...),
}, {
	ID:        "live-replicas-on-one-node",
	Title:     "All replicas are on one node",
	Why:       "The replicas are there to survive the loss of a node. On one node they all go with it.",
	Remedy:    "Add `topologySpreadConstraints` over `kubernetes.io/hostname`, or a preferred pod anti-affinity.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		t, _ := kube.PodTemplate(o.Resource)
		spec := t.At("spec")
		if bound(spec) || live.Managed(o.Resource) != "" || usable.Of(p.Graph)[o.Root] < 2 {
			return
		}
		on := map[string]int{}
		for pod := range o.Pods() {
			if pod.At("phase").Str() == "Running" {
				on[pod.At("node").Str()]++
			}
		}
		for node, n := range on {
			if len(on) == 1 && n > 1 && node != "" {
				p.Report(spec, "all %d pods are on the node %q", n, node)
			}
		}
	}, "apps/Deployment", "apps/StatefulSet"),
}}

// Restarts are how often a container may be restarted.
type Restarts struct {
	Most int64 `doc:"The most restarts of one container in one pod."`
}

// makers are the types that make pods, and pods that nothing made.
var makers = kube.PodTypes[:]

// finite are the types whose pods end when their work is done.
var finite = [...]string{"core/Pod", "batch/Job", "batch/CronJob"}

// over tells whether a pod will not run again.
func over(pod graph.Value) bool { return pod.At("phase").Is("Succeeded", "Failed") == graph.True }

// A container is one of a workload, and what the workload's pods say of it.
type container struct {
	workload.Container
	now  []graph.Value // its entries in the pods
	pods int           // how many pods there are
}

// each makes a Check of a function that looks at every container that runs.
func each(fn func(*analyzers.Pass, container)) func(*analyzers.Pass) {
	return live.On(func(p *analyzers.Pass, o live.Object) {
		p.Look(-1)
		byName := map[string][]graph.Value{}
		n := 0
		for pod := range o.Pods() {
			if over(pod) && !slices.Contains(finite[:], o.Type) {
				continue // it was evicted, and another one is in its place
			}
			n++
			for c := range pod.At("containers").Each() {
				byName[c.At("name").Str()] = append(byName[c.At("name").Str()], c)
			}
		}
		for t := range kube.PodTemplates(o.Resource) {
			for c := range (workload.Pod{Value: t, Spec: t.At("spec")}).Containers() {
				p.Look(1)
				fn(p, container{c, byName[c.Name()], n})
			}
		}
	}, makers...)
}

// of says in how many of the pods something is so.
func (c container) of(n int) string { return share(n, c.pods) }

// pod is the entry of the pod that a container's entry stands in.
func pod(c graph.Value) graph.Value {
	list, _ := c.Parent()
	p, _ := list.Parent()
	return p
}

// A wait is the pods in which a container waits for something.
type wait struct {
	in []graph.Value
	c  container
}

// waiting are the pods in which the container waits for one of the reasons.
func (c container) waiting(reasons ...string) wait {
	w := wait{c: c}
	for _, now := range c.now {
		if slices.Contains(reasons, now.At("waiting").Str()) {
			w.in = append(w.in, now)
		}
	}
	return w
}

// skip leaves pods out by what they say of the container.
func (w *wait) skip(unless func(now graph.Value) bool) { w.in = slices.DeleteFunc(w.in, unless) }

// reason is what the container waits for in the first of them.
func (w wait) reason() string { return w.in[0].At("waiting").Str() }

func (w wait) any() bool { return len(w.in) > 0 }

func (w wait) String() string { return w.c.of(len(w.in)) }

// because is what the kubelet says about it, "" when that is nothing new.
func (w wait) because() string {
	message := sentence(w.in[0].At("message").Str())
	if message == "" || strings.HasPrefix(strings.ToLower(message), "back-off") {
		return endedWith(w.in[0].At("lastReason").Str())
	}
	return ", " + fmt.Sprintf("%q", message)
}

// endedWith says why a container ended the last time, where that says anything.
func endedWith(reason string) string {
	if reason == "" || reason == "Error" || reason == "Completed" {
		return ""
	}
	return fmt.Sprintf(", ended with %s before", reason)
}

// share says in words how many of the pods.
func share(n, of int) string {
	switch {
	case of == 1:
		return "its pod"
	case n < of:
		return fmt.Sprintf("%d of %d pods", n, of)
	case of == 2:
		return "both pods"
	}
	return fmt.Sprintf("all %d pods", of)
}

// sentence is the first sentence of a message, shortened where it is long.
func sentence(message string) string {
	const most = 160
	first, _, _ := strings.Cut(message, ". ")
	first = strings.TrimSuffix(strings.Join(strings.Fields(first), " "), ".")
	if len(first) > most {
		cut := strings.LastIndexByte(first[:most], ' ')
		if cut < 0 {
			return strings.ToValidUTF8(first[:most], "") + "…"
		}
		first = first[:cut] + "…"
	}
	return first
}

// bound tells whether pods are meant for certain nodes.
func bound(spec graph.Value) bool {
	for _, path := range [...]string{"nodeName", "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution", "affinity.podAffinity"} {
		if spec.At(path).Present() == graph.True {
			return true
		}
	}
	for key := range spec.At("nodeSelector").Entries() {
		if key != "kubernetes.io/os" && key != "kubernetes.io/arch" { // most nodes are alike in these
			return true
		}
	}
	return false
}

// usable is how many nodes of each cluster take any pod, by its root.
var usable = analyzers.NewFact(func(g *graph.Graph) map[string]int {
	all := map[string]int{}
	for _, o := range live.Objects.Of(g) {
		if o.Type != node || o.Condition("Ready").At("status").Str() != "True" || o.At("spec.unschedulable").Bool(false) == graph.True {
			continue
		}
		tainted := false
		for t := range o.At("spec.taints").Each() {
			tainted = tainted || t.At("effect").Str() != "PreferNoSchedule"
		}
		if !tainted {
			all[o.Root]++
		}
	}
	return all
})
