package k8s

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// placement holds the rules about where pods run, in what, and how they end.
var placement = []*analyzers.Rule{{
	ID:        "k8s-node-name",
	Title:     "Workload is tied to one node by name",
	Why:       "`nodeName` goes past the scheduler: past taints, free memory and pod limits. When the node is full the pod fails at once, and when the node goes away so does the workload.",
	Remedy:    "Use `nodeSelector` or `nodeAffinity` with a label.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("nodeName")
		// The API server writes it into pods, and a static pod is its node's.
		exported := pod.Resource().At("status").Present().Or(pod.Resource().At("metadata.ownerReferences.0").Present(), pod.Resource().At("metadata.labels.tier").Is("control-plane"))
		p.ReportIf(v.Present().And(v.Is("").Not(), exported.Not()), v, "%s is %q", v.Key(), v.Str())
	}),
}, {
	ID:        "k8s-control-plane-toleration",
	Title:     "Workload may run on control plane nodes",
	Why:       "These nodes hold the keys of the cluster and etcd. A pod there that gets out of its container has all of it, and one that takes too much memory takes the API server down.",
	Remedy:    "Remove the toleration for `node-role.kubernetes.io/control-plane`, or the one for every taint. Agents that have to be on all nodes are DaemonSets.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		if pod.Resource().Type == "apps/DaemonSet" {
			return
		}
		for t := range pod.Spec.At("tolerations").Each() {
			key := t.At("key")
			all := key.Present().Not().And(t.At("operator").Is("Exists"))
			p.ReportIf(key.Is("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master").Or(all), t, "the toleration lets the pods onto control plane nodes")
		}
	}),
}, {
	ID:        "k8s-long-grace",
	Title:     "Pod holds up its node for long",
	Why:       "A drain waits until the pod has ended. With a grace period of many minutes an update of the cluster takes hours, and cloud providers kill the node before.",
	Remedy:    "Lower `terminationGracePeriodSeconds` to what the program needs to end.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Params:    &Grace{Most: 600},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("terminationGracePeriodSeconds")
		if n, known := v.Int(30); known && n > analyzers.ParamsOf[Grace](p).Most {
			p.Report(v, "%s is %d", v.Key(), n)
		}
	}),
}, {
	ID:        "k8s-zero-replicas",
	Title:     "Workload is scaled to nothing",
	Why:       "Nothing runs, and nothing says so. What was switched off for a day is often still off a year later, with old images and Secrets for whoever scales it up.",
	Remedy:    "Remove the workload, or set `replicas`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Needs:     []string{"autoscaling/HorizontalPodAutoscaler"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.replicas")
		p.ReportIf(v.Is("0").And(workload.Scaled(p.Graph, r).Not()), v, "%s is 0", v.Key())
	}, "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "core/ReplicationController"),
}, {
	ID:        "k8s-cronjob-suspended",
	Title:     "CronJob is suspended",
	Why:       "Nothing runs, and nothing says so: a backup that was stopped for a day is missed when it is needed.",
	Remedy:    "Remove `suspend: true`, or the CronJob.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.suspend")
		p.ReportIf(v.Bool(false), v, "%s is true", v.Key())
	}, "batch/CronJob"),
}, {
	ID:        "k8s-runtime-class-not-allowed",
	Title:     "Pod runs in a runtime that is not allowed",
	Why:       "The runtime class decides how well containers are kept from the node and from one another. Another one than was agreed on may be weaker, or may not exist on the nodes.",
	Remedy:    "Use one of the rule's parameter `classes`; an empty text among them allows pods without a class.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Params:    &Classes{},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("runtimeClassName")
		text, known := v.Text("")
		classes := analyzers.ParamsOf[Classes](p).Classes
		if len(classes) == 0 {
			p.Look(-1)
		} else if known && !slices.Contains(classes, text) {
			p.Report(v, "%s is %q, which is not allowed", v.Key(), text)
		}
	}),
}, {
	ID:        "k8s-sandbox-runtime-class",
	Title:     "Sandbox for agents shares the kernel of its node",
	Why:       "What runs in a sandbox is code that nobody has read. In the runtime that all pods have, one hole in the kernel is between it and the node.",
	Remedy:    "Set `runtimeClassName` to a runtime with a kernel of its own, such as gVisor or Kata Containers.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0297"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		if !strings.Contains(pod.Resource().Type, "agents.x-k8s.io/") {
			p.Look(-1)
			return
		}
		v := pod.Spec.At("runtimeClassName")
		if v.Present() == graph.False {
			p.Report(v, "%s is not set", v.Key())
			return
		}
		p.ReportIf(v.Is("runc", "crun"), v, "%s is %q, which shares the kernel", v.Key(), v.Str())
	}),
}, {
	ID:        "k8s-sysctl-injection",
	Title:     "Value of a sysctl sets others",
	Why:       "CRI-O before 1.19.6, 1.22.3 and 1.23.2 passes the value on as it is: a `+` or `=` in it sets any parameter of the node's kernel, and runs a program as root there (CVE-2022-0811).",
	Remedy:    "Write the plain value. Nothing that the kernel takes has these characters.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for s := range pod.Spec.At("securityContext.sysctls").Each() {
			v := s.At("value")
			p.ReportIf(graph.Of(strings.ContainsAny(v.Str(), "+=")), v, "%s of the sysctl %q is %q", v.Key(), s.At("name").Str(), v.Str())
		}
	}),
}, {
	ID:        "k8s-ephemeral-container",
	Title:     "Manifest has ephemeral containers",
	Why:       refused + " Ephemeral containers are added to a pod that runs, by a request of their own.",
	Remedy:    "Remove `ephemeralContainers`; to debug use `kubectl debug`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("ephemeralContainers")
		exported := pod.Resource().At("status").Present()
		p.ReportIf(v.At("0").Present().And(exported.Not()), v, "%s cannot be written here", v.Key())
	}),
}, {
	ID:        "k8s-service-links",
	Title:     "Container is told of every Service of its namespace",
	Why:       "Each Service of the namespace becomes seven variables. They tell whoever is in the container what else there is, collide with those of the program, and with thousands of Services the container does not start.",
	Remedy:    "Set `enableServiceLinks: false`; programs find Services by DNS.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("enableServiceLinks")
		if v.Present() == graph.False {
			p.ReportIf(pod.Spec.Present(), v, "%s is not set, and true is the default", v.Key())
			return
		}
		p.ReportIf(v.Bool(true), v, "%s is true", v.Key())
	}),
}, {
	ID:        "k8s-security-context-missing",
	Title:     "Container has no security context",
	Why:       "What a pod can set for all of its containers is not all: capabilities, privilege escalation and a read-only file system are set for each. Without them the container has what the runtime gives.",
	Remedy:    "Set `securityContext` in the container, with `allowPrivilegeEscalation: false` and `capabilities: {drop: [ALL]}`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_K8S_30"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext")
		n, known := v.Len()
		bad := graph.Of(n == 0)
		if !known {
			bad = graph.Unsure
		}
		p.ReportIf(bad, v, "%s of container %q is not set", v.Key(), c.Name())
	}),
}, {
	ID:        "k8s-account-token",
	Title:     "Service account hands out its token",
	Why:       "Every pod that runs as the account gets its token, also those that never talk to the API server. Whoever breaks into one acts as the account.",
	Remedy:    "Set `automountServiceAccountToken: false` in the ServiceAccount, and `true` in the pods that need the token.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("automountServiceAccountToken")
		bad := v.Bool(true).And(r.At("metadata.name").Is("default").Not())
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "%s of the ServiceAccount %q is not set, and true is the default", v.Key(), r.Name)
			return
		}
		p.ReportIf(bad, v, "%s of the ServiceAccount %q is true", v.Key(), r.Name)
	}, "core/ServiceAccount"),
}, {
	ID:        "k8s-account-secrets",
	Title:     "Service account lists Secrets of its own",
	Why:       "The list is for tokens that never expire, which Kubernetes no longer makes. With the annotation `kubernetes.io/enforce-mountable-secrets` it limits what pods may mount, and that is deprecated too.",
	Remedy:    "Remove `secrets`; pods get tokens that are renewed. Secrets for a registry belong into `imagePullSecrets`.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("secrets")
		p.ReportIf(v.At("0").Present(), v, "%s of the ServiceAccount %q is set", v.Key(), r.Name)
	}, "core/ServiceAccount"),
}}

// Grace are the parameters of k8s-long-grace.
type Grace struct {
	Most int64 `doc:"The longest grace period, in seconds."`
}

// Classes are the parameters of k8s-runtime-class-not-allowed.
type Classes struct {
	Classes []string `doc:"Runtime classes that pods may have; an empty text among them allows pods without one."`
}
