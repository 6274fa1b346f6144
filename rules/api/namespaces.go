package api

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// defaultNamespace are the checks that take a missing namespace for "default".
var defaultNamespace = []string{
	"checkov:CKV_K8S_21", "trivy:KSV-0110", "kubescape:C-0061", "kubescape:C-0212", "kube-linter:use-namespace",
	"kics:611ab018-c4aa-4ba2-b0f6-a448337509a6", "kics:abcb818b-5af7-4d72-aba9-6dd84956b451",
}

// namespaces holds the rules about namespaces.
var namespaces = []*analyzers.Rule{{
	ID:        "api-default-namespace",
	Title:     "Object is in the default namespace",
	Why:       "Permissions, quotas, network policies and Pod Security levels are set by namespace. What shares \"default\" shares them with everything that was put there by mistake.",
	Remedy:    "Give the application a namespace of its own.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same:      defaultNamespace,
	Check: func(p *analyzers.Pass) {
		for _, r := range p.Graph.Resources() {
			if inNamespace[r.Type] && !given(r) {
				p.Look(1)
				ns := r.At("metadata.namespace")
				p.ReportIf(ns.Is("default"), ns, "%s is \"default\"", ns.Key())
			}
		}
	},
}, {
	ID:        "api-namespace-missing",
	Title:     "Object names no namespace",
	Why:       "An object without a namespace goes wherever the person who applies it happens to be: into \"default\", or over an object of the same name elsewhere.",
	Remedy:    "Set `metadata.namespace`, or `namespace:` in the kustomization.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      defaultNamespace,
	Check: func(p *analyzers.Pass) {
		for _, r := range p.Graph.Resources() {
			// Charts leave the namespace to the release.
			if inNamespace[r.Type] && !given(r) && !strings.HasPrefix(r.Root, "helm:") {
				p.Look(1)
				ns := r.At("metadata.namespace")
				at := r.Config
				if o := ns.Place(); o != nil && len(o.From) > 0 && o.From[0].Role == source.Overrides {
					at = ns // a patch took it out
				}
				p.ReportIf(ns.Present().Not().Or(ns.Is("")), at, "%s is not set", ns.Key())
			}
		}
	},
}, {
	ID:        "api-system-namespace",
	Title:     "Workload is in a namespace of Kubernetes itself",
	Why:       "kube-system holds what runs the cluster, with the permissions that takes, and is left out of policies and quotas. A workload there that is taken over is a step from the control plane.",
	Remedy:    "Give the workload a namespace of its own. If it is a component of the cluster, ignore the rule here.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0037", "kics:611ab018-c4aa-4ba2-b0f6-a448337509a6"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		ns := r.At("metadata.namespace")
		labels := r.At("metadata.labels") // both together are those of static pods
		static := labels.Get("tier").Is("control-plane").And(labels.Get("component").Present())
		bad := ns.Is("kube-system", "kube-public", "kube-node-lease").And(static.Not())
		p.ReportIf(bad, ns, "%s is %q", ns.Key(), ns.Str())
	}, kube.PodTypes[:]...),
}, {
	ID:        "api-namespace-pod-security",
	Title:     "Namespace sets no Pod Security level",
	Why:       "Without a label the admission controller lets pods through that own their node: privileged ones, and those with the node's file system or network.",
	Remedy:    "Set the label `pod-security.kubernetes.io/enforce: baseline`, or `restricted` where the workloads allow it.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // clusters may set the level for all namespaces, or use another admission policy
	Same: []string{
		"kubescape:C-0193", "kubescape:C-0194", "kubescape:C-0195", "kubescape:C-0196", "kubescape:C-0197", "kubescape:C-0198",
		"kubescape:C-0199", "kubescape:C-0200", "kubescape:C-0201", "kubescape:C-0202", "kubescape:C-0203", "kubescape:C-0204",
	},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if live.Is(r) {
			p.Look(-1) // live-namespace-without-pod-security knows whether pods run in it
			return
		}
		level := r.At("metadata.labels").Get(podSecurity)
		bad := level.Present().Not().And(graph.Of(!strings.HasPrefix(r.Name, "kube-")))
		p.ReportIf(bad.And(judgesPods(p.Graph, r.Root).Not()), r.Config, "no label %s", podSecurity)
	}, "core/Namespace"),
}, {
	ID:        "api-namespace-privileged",
	Title:     "Namespace lets privileged pods in",
	Why:       "The level \"privileged\" switches Pod Security admission off: whoever may create a pod in the namespace may own the nodes.",
	Remedy:    "Set the level to `baseline`. Where a component needs more, give it a namespace of its own that nobody else may create pods in.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		level := r.At("metadata.labels").Get(podSecurity)
		p.ReportIf(level.Is("privileged").And(graph.Of(!strings.HasPrefix(r.Name, "kube-"))), level, "%s is \"privileged\"", level.Key()).
			Fix("Enforce the level baseline", edit.Set(level, edit.Text("baseline")))
	}, "core/Namespace"),
}}

// judgesPods tells whether something else may decide which pods get in: a
// policy of Kubernetes itself, Kyverno or Gatekeeper. What it decides is not to
// be seen, so the answer is never yes. A webhook alone is no policy: most put
// things into pods.
func judgesPods(g *graph.Graph, root string) graph.Tri {
	for r := range g.OfType(admissionGroup+"ValidatingAdmissionPolicyBinding", "kyverno.io/ClusterPolicy", "constraints.gatekeeper.sh/*") {
		if r.Root == root {
			return graph.Unsure
		}
	}
	return graph.False
}

const podSecurity = "pod-security.kubernetes.io/enforce"

// inNamespace are the namespaced types of Kubernetes itself that people write.
var inNamespace = map[string]bool{
	"core/Pod": true, "core/ReplicationController": true, "core/PodTemplate": true, "core/Service": true, "core/ServiceAccount": true,
	"core/ConfigMap": true, "core/Secret": true, "core/PersistentVolumeClaim": true, "core/Endpoints": true,
	"core/ResourceQuota": true, "core/LimitRange": true,
	"apps/Deployment": true, "apps/StatefulSet": true, "apps/DaemonSet": true, "apps/ReplicaSet": true,
	"batch/Job": true, "batch/CronJob": true, "autoscaling/HorizontalPodAutoscaler": true, "policy/PodDisruptionBudget": true,
	"networking.k8s.io/Ingress": true, "networking.k8s.io/NetworkPolicy": true, "discovery.k8s.io/EndpointSlice": true,
	"rbac.authorization.k8s.io/Role": true, "rbac.authorization.k8s.io/RoleBinding": true,
	"coordination.k8s.io/Lease": true, "storage.k8s.io/CSIStorageCapacity": true,
}

// given tells whether the object is one that every cluster has in "default".
func given(r *graph.Resource) bool {
	switch r.Type + "/" + r.Name {
	case "core/Service/kubernetes", "core/Endpoints/kubernetes", "discovery.k8s.io/EndpointSlice/kubernetes",
		"core/ServiceAccount/default", "core/ConfigMap/kube-root-ca.crt":
		return true
	}
	return false
}
