package kustomize

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A writer is one thing that a kustomization does to objects. Of an object it
// is asked what it wrote: the nodes of a patch, or single fields. Who writes a
// text again that was there already is its writer too: his is the line that
// an edit has to go to.
type writer struct {
	layer  *layer
	patch  *patchWriter
	claims claims
	// opaque is a writer that may write anything anywhere.
	opaque bool
}

// claims tells where what was built at a site was written; nil when the writer
// did not write it.
type claims func(*site) source.Handle

// A site is a scalar on the walk through an object.
type site struct {
	obj   *object
	path  []string     // keys, and "*" for an item of a list
	nodes []*yaml.Node // what stands at each step of the path
	index []int        // of an item of a list
	text  string       // what was built there
	base  *graph.Node  // the same place in the document

	patched bool // a patch wrote the text there
}

// key is the last step of the path.
func (s *site) key() string { return s.path[len(s.path)-1] }

// at tells whether the path, without its last n steps, is one of the places.
func (s *site) at(places []spec, n int) bool {
	return len(s.path) >= n && slices.ContainsFunc(places, func(p spec) bool {
		return s.obj.gvk.IsSelected(&p.kind) && along(s.path[:len(s.path)-n], p.path)
	})
}

// is tells whether the path is just that.
func (s *site) is(path ...string) bool { return slices.Equal(s.path, path) }

// sibling is the text of another key of the map that the site is in.
func (s *site) sibling(key string) string {
	if len(s.nodes) < 2 {
		return ""
	}
	if n := lookup(s.nodes[len(s.nodes)-2], key); n != nil {
		return n.Value
	}
	return ""
}

// along tells whether a path leads where keys do.
func along(path, keys []string) bool {
	i := 0
	for _, key := range path {
		if key == "*" {
			continue
		}
		if i == len(keys) || keys[i] != key {
			return false
		}
		i++
	}
	return i == len(keys)
}

// An object is what is known of a built object: how it is called in its file
// and how it is called now.
type object struct {
	gvk             resid.Gvk
	finalKind       string
	name, finalName string
	ns, finalNs     string
	inflated        bool // made from a chart
	labels          func(selector string) bool
	annotations     func(selector string) bool
}

// called tells whether the object has, or had between two layers, that name:
// prefixes and suffixes are only ever added.
func (o *object) called(name string) bool {
	return strings.Contains(name, o.name) && strings.Contains(o.finalName, name)
}

// steps lists what a kustomization itself does, in the order in which it does.
func (bd *build) steps(l *layer) []writer {
	k := &l.spec
	at := bd.specs()
	var all []writer
	claim := func(c claims) { all = append(all, writer{layer: l, claims: c}) }
	patches := func(list []*patch) {
		for _, p := range list {
			if docs, ok := bd.docs(l, p); ok && !p.dead {
				all = append(all, writer{layer: l, patch: newPatchWriter(p, docs)})
			}
		}
	}
	patches(l.patches)
	if n, _ := l.find("namespace"); n != nil && k.Namespace != "" && !bd.without[entryKey(l, "namespace", 0)] {
		claim(bd.namespaced(n, at.namespace, "", false))
	}
	for i, set := range k.Labels {
		n, _ := l.find(fmt.Sprintf("labels.%d.pairs", i))
		claim(pairs(n, at.ofLabels(set)))
	}
	if n, _ := l.find("commonLabels"); n != nil {
		claim(pairs(n, append(slices.Clone(at.commonLabels), at.labels...)))
	}
	if n, _ := l.find("commonAnnotations"); n != nil {
		claim(pairs(n, at.annotations))
	}
	patches(l.late)
	for i := range k.Replicas {
		if bd.without[entryKey(l, "replicas", i)] {
			continue
		}
		n, _ := l.find(fmt.Sprintf("replicas.%d", i))
		claim(replicas(n, at.replicas))
	}
	for i := range k.Images {
		claim(image(l.imageEntry(i), at.images))
	}
	for i := range k.Replacements {
		if bd.without[entryKey(l, "replacements", i)] {
			continue
		}
		for _, r := range bd.replacementsAt(l, i) {
			claim(r.claims)
		}
	}
	for _, e := range l.transformer {
		for _, config := range bd.configs(e) {
			all = append(all, bd.transformer(l, e, config)...)
		}
	}
	if len(l.crds) > 0 || !at.complete {
		all = append(all, writer{layer: l, opaque: true})
	}
	return all
}

// merges are the generators of a layer that change what is there already.
func (bd *build) merges(l *layer) []writer {
	var all []writer
	for _, g := range append(slices.Clone(l.generated), bd.merging[l]...) {
		if g.merges() && !bd.without[generatorTokens(l, g)[0].key] {
			all = append(all, writer{layer: l, claims: g.claims})
		}
	}
	return all
}

// specs are where the transformers of this build write.
func (bd *build) specs() specs {
	if bd.places == nil {
		s := builtinSpecs()
		for _, l := range bd.layers {
			for _, e := range l.configurations {
				f, err := bd.tree.Read(e.path)
				if e.dead || err != nil {
					continue
				}
				ok := false
				if s, ok = s.with(f.Data); !ok {
					s.complete = false
				}
			}
		}
		bd.places = &s
	}
	return *bd.places
}

// child is what stands under a key, in any case; nil when there is nothing.
func child(n *graph.Node, key string) *graph.Node {
	if f := field(n, key); f != nil {
		return f.Node
	}
	return nil
}

// textOf is the text of a scalar, "" of anything else.
func textOf(n *graph.Node) string {
	if !isScalar(n) {
		return ""
	}
	return n.Text()
}

func handle(n *graph.Node) source.Handle {
	if n == nil {
		return nil
	}
	return n.Handle()
}
