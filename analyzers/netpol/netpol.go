// Package netpol tells which pods network policies isolate. A pod that no
// policy selects for a direction takes, or sends, all traffic in it; once one
// does, only what some policy allows. Cilium's policies count beside those of
// Kubernetes, because a cluster that has them often has no others.
package netpol

import (
	"iter"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// The types of policies.
const (
	Kubernetes        = "networking.k8s.io/NetworkPolicy"
	Cilium            = "cilium.io/CiliumNetworkPolicy"
	CiliumClusterwide = "cilium.io/CiliumClusterwideNetworkPolicy"
)

// Types are the types of policies.
var Types = [...]string{Kubernetes, Cilium, CiliumClusterwide}

// A Policy is one specification of a policy; the Value is the spec.
type Policy struct {
	graph.Value
	// Pods picks the pods that the policy is about.
	Pods selection.Selector
	// Ingress and Egress tell whether the policy isolates the direction.
	Ingress, Egress graph.Tri
}

// Clusterwide tells whether the policy is about pods of all namespaces.
func (p Policy) Clusterwide() bool { return p.Resource().Type == CiliumClusterwide }

// Selects tells whether the policy is about a pod.
func (p Policy) Selects(pod workload.Pod) graph.Tri {
	picked := p.Pods.Matches(pod)
	if p.sources() {
		picked = graph.Unsure
	}
	picked = picked.And(selection.Together(p.Resource(), pod.Resource()))
	if p.Clusterwide() {
		return picked
	}
	return picked.And(kube.SameNamespace(p.Resource(), pod.Resource()))
}

// sources tells whether the selector names where labels come from, as Cilium's
// may: "k8s:app", "any:app", and "reserved:" for what is no pod.
func (p Policy) sources() bool {
	if p.Resource().Type == Kubernetes {
		return false
	}
	for key := range p.Pods.At("matchLabels").Entries() {
		if strings.Contains(key, ":") {
			return true
		}
	}
	return false
}

// Policies are all policies.
var Policies = analyzers.NewFact(func(g *graph.Graph) []Policy {
	var all []Policy
	for r := range g.OfType(Kubernetes) {
		all = append(all, kubernetesPolicy(r.At("spec")))
	}
	for r := range g.OfType(Cilium, CiliumClusterwide) {
		specs := []graph.Value{r.At("spec")}
		specs = slices.AppendSeq(specs, r.At("specs").Each())
		for _, spec := range specs {
			// What has no endpointSelector is about nodes.
			if !(spec.At("endpointSelector").Present() == graph.False) {
				all = append(all, ciliumPolicy(spec))
			}
		}
	}
	return all
})

// kubernetesPolicy fills in policyTypes as the API server does: Ingress, and
// Egress when there are egress rules.
func kubernetesPolicy(spec graph.Value) Policy {
	p := Policy{Value: spec, Pods: selection.Full(spec.At("podSelector")), Ingress: graph.True}
	if types := spec.At("policyTypes"); types.Present() == graph.False {
		p.Egress = spec.At("egress").Present()
	} else {
		p.Ingress, p.Egress = types.Contains("Ingress"), types.Contains("Egress")
	}
	return p
}

// ciliumPolicy isolates the directions it has a section for.
func ciliumPolicy(spec graph.Value) Policy {
	return Policy{
		Value: spec, Pods: selection.Full(spec.At("endpointSelector")),
		Ingress: spec.At("ingress").Present().Or(spec.At("ingressDeny").Present()),
		Egress:  spec.At("egress").Present().Or(spec.At("egressDeny").Present()),
	}
}

// An Isolation is what policies do to one pod.
type Isolation struct {
	Pod workload.Pod
	// Selected tells whether any policy is about the pod, Ingress and Egress
	// whether one isolates the direction.
	Selected, Ingress, Egress graph.Tri
	// By are the policies that are about the pod for certain.
	By []Policy
}

// Isolations are those of all pods, in their order.
var Isolations = analyzers.NewFact(func(g *graph.Graph) []Isolation {
	x := index(Policies.Of(g))
	var all []Isolation
	for _, pod := range workload.Pods.Of(g) {
		i := Isolation{Pod: pod, Selected: graph.False, Ingress: graph.False, Egress: graph.False}
		for p := range x.about(pod) {
			selects := p.Selects(pod)
			if selects == graph.True {
				i.By = append(i.By, p)
			}
			i.Selected = i.Selected.Or(selects)
			i.Ingress = i.Ingress.Or(selects.And(p.Ingress))
			i.Egress = i.Egress.Or(selects.And(p.Egress))
		}
		all = append(all, i)
	}
	return all
})

// policies are indexed by the first label they ask for, so that a pod is held
// against the few that can be about it.
type policies struct {
	all     []Policy
	byLabel map[string][]Policy // key=value
	broad   []Policy
}

func index(all []Policy) *policies {
	x := &policies{all: all, byLabel: map[string][]Policy{}}
	for _, p := range all {
		if key, ok := firstLabel(p); ok && !p.sources() {
			x.byLabel[key] = append(x.byLabel[key], p)
		} else {
			x.broad = append(x.broad, p)
		}
	}
	return x
}

func firstLabel(p Policy) (string, bool) {
	for key, v := range p.Pods.At("matchLabels").Entries() {
		if text, known := v.Text(""); known {
			return key + "=" + text, true
		}
	}
	return "", false
}

// about yields a superset of the policies that are about a pod.
func (x *policies) about(pod workload.Pod) iter.Seq[Policy] {
	labels := pod.At("metadata.labels")
	return func(yield func(Policy) bool) {
		lists := [][]Policy{x.broad}
		if !labels.Known() {
			lists = [][]Policy{x.all}
		}
		for key, v := range labels.Entries() {
			if text, known := v.Text(""); known {
				lists = append(lists, x.byLabel[key+"="+text])
			} else {
				lists = [][]Policy{x.all}
				break
			}
		}
		for _, list := range lists {
			for _, p := range list {
				if !yield(p) {
					return
				}
			}
		}
	}
}
