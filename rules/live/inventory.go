package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// inventory holds the rules about what is there and should not be, or not so.
var inventory = []*analyzers.Rule{{
	ID:        "live-namespace-without-pod-security",
	Title:     "Pods run in a namespace without a Pod Security level",
	Why:       "Nothing keeps out pods that own their node: privileged ones, and those with the node's file system or network. Whoever may create a pod there has the nodes.",
	Remedy:    "Set the label `pod-security.kubernetes.io/enforce: baseline` on the namespace, after a trial with `warn` and `audit`.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision, // the API server may have a level for all
	Needs:     []string{admission + "ValidatingAdmissionPolicyBinding", validating, "kyverno.io/ClusterPolicy", "security.openshift.io/SecurityContextConstraints"},
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		name := o.At("metadata.name").Str()
		if ofSystem(name) || o.At("metadata.labels").Get(podSecurity).Present() == graph.True {
			return
		}
		if running := workloadsIn(p.Graph, o.Root, name); len(running) > 0 {
			p.ReportIf(policed(p.Graph, o.Root).Not(), o.Config, "no label %s, and pods run here: %s", podSecurity, names(running))
		}
	}, "core/Namespace"),
}, {
	ID:        "live-deletion-stuck",
	Title:     "Object is being deleted and does not go",
	Why:       "A finalizer waits for a controller that does not answer or is gone, or a pod for its node. Nothing of that name can be made anew, a StatefulSet stands still, and a namespace takes no new objects meanwhile.",
	Remedy:    "Bring back the controller that the finalizer names, or the node. Take the finalizer out by hand only when what it guards is cleaned up, and delete a pod by force only when its node is surely off.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		since := o.At("metadata.deletionTimestamp")
		if hours, known := o.Hours(p.Graph, since.Str()); known && hours > 0 {
			p.Report(o.Config, "deleted since %s and still there%s", since.Str(), waitsFor(o))
			return
		}
		for pod := range o.Pods() {
			since := pod.At("deleted").Str()
			if hours, known := o.Hours(p.Graph, since); known && hours > 0 {
				p.Report(o.Config, "the pod %q should have ended at %s and is still there, on the node %q", pod.At("name").Str(), since, pod.At("node").Str())
				return
			}
		}
	}),
}}

const podSecurity = "pod-security.kubernetes.io/enforce"

// ofSystem tells whether Kubernetes or a vendor of clusters makes a namespace
// for what has to own its nodes.
func ofSystem(namespace string) bool {
	return slices.ContainsFunc([]string{"kube-", "openshift-", "gke-managed-", "gmp-"}, func(start string) bool { return strings.HasPrefix(namespace, start) })
}

// workloadsIn are the workloads of a namespace that have pods.
func workloadsIn(g *graph.Graph, root, name string) (ids []string) {
	for r := range kube.Workloads(g) {
		o := live.Object{Resource: r}
		if n, _ := r.At("pods").Len(); r.Root == root && o.Namespace() == name && n > 0 {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// policed tells whether something else may decide which pods get in; never
// True, for what it decides is not to be seen.
func policed(g *graph.Graph, root string) graph.Tri {
	for r := range g.OfType(admission+"ValidatingAdmissionPolicyBinding", "kyverno.io/ClusterPolicy", "constraints.gatekeeper.sh/*", "security.openshift.io/SecurityContextConstraints") {
		if r.Root == root {
			return graph.Unsure
		}
	}
	for r := range g.OfType(validating) {
		if r.Root == root && asksAboutPods(r) {
			return graph.Unsure
		}
	}
	return graph.False
}

// asksAboutPods tells whether a webhook is asked about pods.
func asksAboutPods(r *graph.Resource) bool {
	for w := range r.At("webhooks").Each() {
		for rule := range w.At("rules").Each() {
			if rule.At("resources").Contains("pods", "pods/*", "*", "*/*") == graph.True {
				return true
			}
		}
	}
	return false
}

// waitsFor says what keeps an object.
func waitsFor(o live.Object) string {
	var all []string
	for f := range o.At("metadata.finalizers").Each() {
		all = append(all, fmt.Sprintf("%q", f.Str()))
	}
	for _, typ := range [...]string{"NamespaceContentRemaining", "NamespaceDeletionDiscoveryFailure", "NamespaceFinalizersRemaining"} {
		if c := o.Condition(typ); c.At("status").Str() == "True" {
			return says(c.At("message").Str())
		}
	}
	if len(all) == 0 {
		return ""
	}
	return ", for the finalizers " + strings.Join(all, ", ")
}
