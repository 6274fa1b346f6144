package k8s

import (
	"iter"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// reliability holds the rules about what keeps a workload running.
var reliability = []*analyzers.Rule{{
	ID:        "k8s-naked-pod",
	Title:     "Pod has no controller",
	Why:       "When its node goes away, or is drained for an update, nothing starts the pod again.",
	Remedy:    "Make it a Deployment, or a Job when it ends by itself.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0073"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		owned := r.At("metadata.ownerReferences.0").Present()
		ends := r.At("spec.restartPolicy").Is("Never", "OnFailure")
		hook := r.At("metadata.annotations").Get("helm.sh/hook").Present()
		static := r.At("metadata.annotations").Get("kubernetes.io/config.mirror").Present().
			Or(r.At("metadata.labels.tier").Is("control-plane"))
		p.ReportIf(owned.Or(ends, hook, static).Not(), r.At("kind"), "pod %q is started by nothing but this manifest", r.Name)
	}, "core/Pod"),
}, {
	ID:        "k8s-single-replica",
	Title:     "Deployment runs a single pod",
	Why:       "Every drain of its node and every crash is an outage until the next pod is up.",
	Remedy:    "Set `replicas` to 2 or more, or leave it to a HorizontalPodAutoscaler. What must not run twice is better a StatefulSet, or has the strategy `Recreate`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:deploymentMissingReplicas", "kube-linter:minimum-three-replicas", "kube-score:deployment-replicas"},
	Needs:     []string{"autoscaling/HorizontalPodAutoscaler"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.replicas")
		n, known := v.Int(1)
		bad := graph.Of(n == 1)
		if !known {
			bad = graph.Unsure
		}
		once := r.At("spec.strategy.type").Is("Recreate")
		p.ReportIf(bad.And(once.Not(), workload.Scaled(p.Graph, r).Not()), v, "the Deployment has 1 replica")
	}, "apps/Deployment"),
}, {
	ID:        "k8s-pods-not-spread",
	Title:     "Replicas may all run on one node",
	Why:       "The scheduler may put all replicas on one node; when that goes, so does the service. Replicas are there against just that.",
	Remedy:    "Add `topologySpreadConstraints` over `kubernetes.io/hostname` or the zone, or a `podAntiAffinity`, with a selector that picks the pods themselves.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kube-linter:no-anti-affinity", "kube-score:deployment-has-host-podantiaffinity", "kube-score:statefulset-has-host-podantiaffinity",
		"kics:a31b7b82-d994-48c4-bd21-3bab6c31827a", "kics:461ed7e4-f8d5-4bc1-b3c6-64ddb4fd00a3", "kics:d740d048-8ed3-49d3-b77b-6f072f3b669e",
	},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		pod, ok := kube.PodTemplate(r)
		if !ok {
			return
		}
		n, known := r.At("spec.replicas").Int(1)
		many := graph.Of(n > 1)
		if !known {
			many = graph.Unsure
		}
		bad := many.And(spread(pod).Not())
		v := pod.At("spec.affinity.podAntiAffinity")
		for term := range antiAffinity(v) {
			selector := term.At("labelSelector")
			p.ReportIf(bad, selector, "%s in podAntiAffinity does not select the pods themselves", selector.Key())
			return
		}
		p.ReportIf(bad, v, "%d replicas, and neither %s nor topologySpreadConstraints keep them apart", n, v.Key())
	}, "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "core/ReplicationController", "apps.openshift.io/DeploymentConfig"),
}, {
	ID:        "k8s-selector-mismatch",
	Title:     "Workload does not select its own pods",
	Why:       "The API server does not accept it: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Give the pod template every label of `selector`, or change the selector; on a Deployment that exists it cannot be changed.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"kube-linter:mismatching-selector", "kubescape:C-0296", "kube-score:deployment-pod-selector-labels-match-template-metadata-labels",
		"kube-score:statefulset-pod-selector-labels-match-template-metadata-labels",
	},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		selector, labels := r.At("spec.selector"), kube.PodLabels(r)
		match := kube.MatchSelector
		if r.Type == "core/ReplicationController" || r.Type == "apps.openshift.io/DeploymentConfig" {
			match = kube.MatchLabels
		}
		p.ReportIf(selector.Present().And(match(selector, labels).Not()), selector, "%s does not match the labels of the pod template", selector.Key()).
			Note(labels, "the labels of the pods")
	}, "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "core/ReplicationController", "apps.openshift.io/DeploymentConfig"),
}, {
	ID:        "k8s-duplicate-env",
	Title:     "Environment variable is set twice",
	Why:       "The last one counts and the others are dead. With server-side apply or a strategic merge it depends on the order which one stays.",
	Remedy:    "Keep one of them.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kube-linter:duplicate-env-var", "kubescape:C-0295", "kube-score:environment-variable-key-duplication"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		first := map[string]graph.Value{}
		for e := range c.At("env").Each() {
			v := e.At("name")
			name := v.Str()
			if before, twice := first[name]; twice && name != "" {
				p.Report(v, "the variable %s of container %q is set twice", name, c.Name()).Note(before.At("name"), "set here before").
					Fix("Remove the one that does not count", edit.Remove(before))
				continue
			}
			first[name] = e
		}
	}),
}, {
	ID:        "k8s-ssh-port",
	Title:     "Container serves SSH",
	Why:       "A shell over the network with keys of its own goes past the API server: past its roles, its audit log and the day somebody leaves.",
	Remedy:    "Remove the SSH server and use `kubectl exec` or `kubectl debug`. A Git or SFTP server can listen on another port behind its Service.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kube-linter:ssh-port"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for port := range c.At("ports").Each() {
			v := port.At("containerPort")
			p.ReportIf(v.Is("22").And(port.At("protocol").Is("UDP").Not()), v, "container %q serves the port 22", c.Name())
		}
	}),
}, {
	ID:        "k8s-privileged-port",
	Title:     "Container listens on a port below 1024",
	Why:       "On many nodes that takes root or the capability NET_BIND_SERVICE, so the container has more rights than it needs.",
	Remedy:    "Let the program listen on a port from 1024 up and have the Service translate with `targetPort`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:privileged-ports", "trivy:KSV-0117"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for port := range c.At("ports").Each() {
			v := port.At("containerPort")
			n, known := v.Int(0)
			bad := graph.Of(n > 0 && n < 1024)
			if !known {
				bad = graph.Unsure
			}
			p.ReportIf(bad, v, "container %q listens on the port %d", c.Name(), n)
		}
	}),
}, {
	ID:        "k8s-priority-class-missing",
	Title:     "Pod has no priority",
	Why:       "When nodes are full all pods without a priority are alike: a batch job keeps out the service that earns the money.",
	Remedy:    "Name a PriorityClass in `priorityClassName`, or mark one of the cluster's as `globalDefault`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:priorityClassNotSet"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("priorityClassName")
		set := v.Present().And(v.Is("").Not())
		for class := range p.Graph.OfType("scheduling.k8s.io/PriorityClass") {
			set = set.Or(class.At("globalDefault").Bool(false))
		}
		p.ReportIf(set.Not(), v, "%s is not set", v.Key())
	}),
}, {
	ID:        "k8s-cronjob-deadline-missing",
	Title:     "CronJob may stop for good after an outage",
	Why:       "After a hundred missed starts the controller gives up on a CronJob without a deadline and never starts it again. A night without the controller is enough for one that runs every few minutes.",
	Remedy:    "Set `startingDeadlineSeconds` to how late a start is still worth it, 200 for one.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kube-score:cronjob-has-deadline", "kics:192fe40b-b1c3-448a-aba2-6cc19a300fe3", "kics:58876b44-a690-4e9f-9214-7735fa0dd15d",
	},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.startingDeadlineSeconds")
		p.ReportIf(v.Present().Not(), v, "%s is not set", v.Key())
	}, "batch/CronJob"),
}}

// spread tells whether a pod template keeps its pods apart: an anti-affinity
// that picks them, or a constraint on the topology.
func spread(pod graph.Value) graph.Tri {
	labels := pod.At("metadata.labels")
	constraints := pod.At("spec.topologySpreadConstraints")
	apart := constraints.At("0").Present()
	if !constraints.Known() || !pod.At("spec.affinity").Known() {
		apart = apart.Or(graph.Unsure)
	}
	anti := pod.At("spec.affinity.podAntiAffinity")
	if !anti.Known() {
		apart = apart.Or(graph.Unsure)
	}
	for term := range antiAffinity(anti) {
		selector := term.At("labelSelector")
		apart = apart.Or(selector.Present().And(kube.MatchSelector(selector, labels)))
	}
	return apart
}

// antiAffinity yields the terms of a podAntiAffinity, demands and preferences.
func antiAffinity(v graph.Value) iter.Seq[graph.Value] {
	return func(yield func(graph.Value) bool) {
		for term := range v.At("requiredDuringSchedulingIgnoredDuringExecution").Each() {
			if !yield(term) {
				return
			}
		}
		for term := range v.At("preferredDuringSchedulingIgnoredDuringExecution").Each() {
			if !yield(term.At("podAffinityTerm")) {
				return
			}
		}
	}
}
