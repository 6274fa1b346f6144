package kubernetes

import (
	"math"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// A linker finds resources by name and workloads by label without looking at
// all of them for each.
type linker struct {
	b       *graph.Builder
	byName  map[nameKey][]int // indexes of b.Resources
	byLabel map[labelKey][]int
	pods    map[string][]int    // workloads by namespace
	all     []int               // all workloads
	labels  map[int]graph.Value // of a workload's pods
	work    int                 // pairs that may still be looked at
}

type nameKey struct{ typ, name, namespace string }

type labelKey struct{ key, value, namespace string }

// maxWork bounds the pairs of objects that are looked at. Projects need some
// thousands; objects that all select each other are made to cost.
const maxWork = 8 << 20

// spend takes n pairs from the work and tells whether there is as much left.
func (l *linker) spend(n int, r *graph.Resource) bool {
	if l.work >= 0 && l.work < n {
		l.b.Fail(r.Place, "too many objects select or name each other; from here on what they do is not known")
	}
	l.work -= n
	return l.work >= 0
}

// anywhere stands for all namespaces in the keys of the indexes, as no
// namespace's name.
const anywhere = "*"

func newLinker(b *graph.Builder, work int) *linker {
	l := &linker{
		b: b, work: work, byName: map[nameKey][]int{}, byLabel: map[labelKey][]int{}, pods: map[string][]int{},
		labels: map[int]graph.Value{},
	}
	for i, r := range b.Resources {
		for _, in := range [...]string{namespace(r), anywhere} {
			k := nameKey{r.Type, r.Name, in}
			l.byName[k] = append(l.byName[k], i)
		}
		if _, ok := kube.PodTemplate(r); !ok {
			continue
		}
		l.all = append(l.all, i)
		l.pods[namespace(r)] = append(l.pods[namespace(r)], i)
		l.labels[i] = kube.PodLabels(r)
		for key, v := range l.labels[i].Entries() {
			for _, in := range [...]string{namespace(r), anywhere} {
				k := labelKey{key, v.Str(), in}
				l.byLabel[k] = append(l.byLabel[k], i)
			}
		}
	}
	return l
}

// namespace is an object's namespace, "" when it has none or it is not known.
func namespace(r *graph.Resource) string { return r.At("metadata.namespace").Str() }

// among joins the lists of an index for the namespaces that may be the one
// given: itself and none.
func among(namespace string, list func(namespace string) []int) []int {
	if namespace == "" {
		return list(anywhere)
	}
	own, none := list(namespace), list("")
	if len(none) == 0 {
		return own
	}
	all := slices.Concat(own, none)
	slices.Sort(all)
	return all
}

// named are the resources that a name in a namespace may mean.
func (l *linker) named(typ, name, namespace string) []int {
	if name == "" {
		return nil
	}
	return among(namespace, func(in string) []int { return l.byName[nameKey{typ, name, in}] })
}

// selects links r to the workloads in its namespace whose pods have the
// labels and satisfy the LabelSelector, when there is one.
func (l *linker) selects(r *graph.Resource, via, labels, selector graph.Value) {
	if !via.Known() || !labels.Known() {
		return
	}
	in := namespace(r)
	candidates := among(in, func(in string) []int {
		if in == anywhere {
			return l.all
		}
		return l.pods[in]
	})
	for key, v := range labels.Entries() {
		if !v.Known() {
			return
		}
		some := among(in, func(in string) []int { return l.byLabel[labelKey{key, v.Str(), in}] })
		if len(some) < len(candidates) {
			candidates = some
		}
	}
	if !l.spend(len(candidates), r) {
		return
	}
	var targets []int
	for _, i := range candidates {
		match := kube.MatchLabels(labels, l.labels[i])
		if selector.Kind() == graph.Map {
			match = kube.MatchSelector(selector, l.labels[i])
		}
		if match == graph.True {
			targets = append(targets, i)
		}
	}
	l.link(graph.Selects, r, targets, via)
}

// link adds an edge to each target. Where several targets have one and the
// same identity, as with a directory for each environment, only those nearest
// to r in the tree are meant.
func (l *linker) link(rel graph.Relation, r *graph.Resource, targets []int, via graph.Value) {
	if !l.spend(len(targets), r) {
		return
	}
	var nearest map[identity]int
	if len(targets) > 1 {
		nearest = make(map[identity]int, len(targets))
		for _, i := range targets {
			to := l.b.Resources[i]
			id := identity{to.Type, to.ID}
			nearest[id] = max(nearest[id], nearness(r, to))
		}
	}
	for _, i := range targets {
		to := l.b.Resources[i]
		if len(nearest) == len(targets) || nearness(r, to) >= nearest[identity{to.Type, to.ID}] {
			l.b.Link(rel, r, to, via)
		}
	}
}

type identity struct{ typ, id string }

// nearness is how much of their directories the files of two resources share;
// one file is nearest.
func nearness(a, b *graph.Resource) int {
	pa, pb := file(a), file(b)
	if pa == pb {
		return math.MaxInt
	}
	shared := 0
	for i := 0; i < len(pa) && i < len(pb) && pa[i] == pb[i]; i++ {
		if pa[i] == '/' {
			shared = i
		}
	}
	return shared
}

func file(r *graph.Resource) string {
	if r.Place == nil || r.Place.Span.File == nil {
		return ""
	}
	return r.Place.Span.File.Path
}
