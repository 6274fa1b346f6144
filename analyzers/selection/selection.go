// Package selection answers which pods a label selector picks, over all roots:
// a Service in one root often selects the pods of another, and what selects
// nothing here may be meant for pods that are not here at all.
package selection

import (
	"iter"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// An Index finds pods by their labels without looking at every one.
type Index struct {
	pods    []workload.Pod
	byLabel map[string][]workload.Pod // key=value
	keys    map[string]bool
	vague   []workload.Pod // those with labels that are not all known
}

// Pods is the index of all pods of a graph.
var Pods = analyzers.NewFact(func(g *graph.Graph) *Index {
	x := &Index{pods: workload.Pods.Of(g), byLabel: map[string][]workload.Pod{}, keys: map[string]bool{}}
	for _, p := range x.pods {
		labels := p.At("metadata.labels")
		vague := !labels.Known()
		for key, v := range labels.Entries() {
			x.keys[key] = true
			if text, known := v.Text(""); known {
				x.byLabel[key+"="+text] = append(x.byLabel[key+"="+text], p)
			} else {
				vague = true
			}
		}
		if vague {
			x.vague = append(x.vague, p)
		}
	}
	return x
})

// Labels is a selector that is a plain map, as a Service has it.
func Labels(selector graph.Value) Selector { return Selector{selector, selector, kube.MatchLabels} }

// Full is a selector with matchLabels and matchExpressions.
func Full(selector graph.Value) Selector {
	return Selector{selector, selector.At("matchLabels"), kube.MatchSelector}
}

// A Selector picks pods by their labels.
type Selector struct {
	graph.Value
	labels graph.Value
	match  func(selector, labels graph.Value) graph.Tri
}

// Empty tells whether the selector asks for nothing, which is either all pods
// or none, as the resource with the selector has it.
func (s Selector) Empty() graph.Tri {
	if !s.Known() {
		return graph.Unsure
	}
	labels, knownLabels := s.labels.Len()
	expressions, knownExpressions := s.At("matchExpressions").Len()
	if !knownLabels || !knownExpressions {
		return graph.Unsure
	}
	return graph.Of(labels == 0 && expressions == 0)
}

// Matches tells whether the selector picks a pod, wherever both are.
func (s Selector) Matches(p workload.Pod) graph.Tri {
	return s.match(s.Value, p.At("metadata.labels"))
}

// Picked yields the pods that a selector picks, or may pick, in the namespace
// of the resource it stands in. Whether a pod of another root is in the same
// cluster is not known.
func (x *Index) Picked(s Selector) iter.Seq2[workload.Pod, graph.Tri] {
	return func(yield func(workload.Pod, graph.Tri) bool) {
		for p, picked := range x.anywhere(s) {
			if !yield(p, picked.And(Together(s.Resource(), p.Resource()))) {
				return
			}
		}
	}
}

// Together tells whether two resources are in one cluster: True within a
// root, not known across roots, which may be two of one application for two
// clusters. Roots that are one chart with several sets of values, as in
// "helm:web" and "helm:web (prod)", stand for each other: one does not protect
// what another one has.
func Together(a, b *graph.Resource) graph.Tri {
	if a.Root == b.Root {
		return graph.True
	}
	one, _, _ := strings.Cut(a.Root, " (")
	other, _, _ := strings.Cut(b.Root, " (")
	if one == other {
		return graph.False
	}
	return graph.Unsure
}

// anywhere is Picked if all roots are in one cluster.
func (x *Index) anywhere(s Selector) iter.Seq2[workload.Pod, graph.Tri] {
	return func(yield func(workload.Pod, graph.Tri) bool) {
		for p := range x.candidates(s) {
			picked := s.Matches(p)
			if !(picked == graph.False) {
				picked = picked.And(kube.SameNamespace(s.Resource(), p.Resource()))
			}
			if !(picked == graph.False) && !yield(p, picked) {
				return
			}
		}
	}
}

// candidates yields a superset of the pods that a selector can match.
func (x *Index) candidates(s Selector) iter.Seq[workload.Pod] {
	return func(yield func(workload.Pod) bool) {
		lists := [][]workload.Pod{x.pods}
		for key, v := range s.labels.Entries() {
			if text, known := v.Text(""); known {
				lists = [][]workload.Pod{x.byLabel[key+"="+text], x.vague}
				break
			}
		}
		for _, pods := range lists {
			for _, p := range pods {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// PicksNone tells whether a selector picks no pod of any root. It is Unsure
// when a pod may be picked, and when the selector asks for a label that the
// manifests do not set but a controller may.
func (x *Index) PicksNone(s Selector) graph.Tri {
	if !s.Known() {
		return graph.Unsure
	}
	none := graph.True
	for _, picked := range x.anywhere(s) {
		if picked == graph.True {
			return graph.False
		}
		none = graph.Unsure
	}
	for key, v := range s.labels.Entries() {
		if !v.Known() || x.foreign(key) {
			none = graph.Unsure
		}
	}
	for e := range s.At("matchExpressions").Each() {
		if !e.At("key").Known() || x.foreign(e.At("key").Str()) {
			none = graph.Unsure
		}
	}
	return none
}

// foreign tells whether a label is likely set by a controller: one with a
// domain of its own that no pod here has. Those of Kubernetes' recommended
// set are written by people.
func (x *Index) foreign(key string) bool {
	domain, _, prefixed := strings.Cut(key, "/")
	return runtime[key] || prefixed && domain != "app.kubernetes.io" && !x.keys[key]
}

// runtime are labels without a domain that controllers put on their pods.
var runtime = map[string]bool{"pod-template-hash": true, "controller-revision-hash": true, "job-name": true, "controller-uid": true}
