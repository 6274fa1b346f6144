package kustomize

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
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

// transformer is what a configuration of a built-in transformer does.
func (bd *build) transformer(l *layer, e *entry, config *graph.Node) []writer {
	at := fieldSpecs(child(config, "fieldSpecs"))
	one := func(c claims) []writer { return []writer{{layer: l, claims: c}} }
	switch graph.ValueOf(config).At("kind").Str() {
	case "LabelTransformer":
		return one(pairs(child(config, "labels"), at))
	case "AnnotationsTransformer":
		return one(pairs(child(config, "annotations"), at))
	case "NamespaceTransformer":
		if ns := child(child(config, "metadata"), "namespace"); ns != nil {
			return one(bd.namespaced(ns, at, textOf(child(config, "setRoleBindingSubjects")), textOf(child(config, "unsetOnly")) == "true"))
		}
		return nil
	case "ImageTagTransformer":
		return one(image(child(config, "imageTag"), at))
	case "ReplicaCountTransformer":
		return one(replicas(child(config, "replica"), at))
	case "ReplacementTransformer":
		var all []writer
		for _, n := range items(child(config, "replacements")) {
			for _, r := range bd.replacementsIn(l, n) {
				all = append(all, writer{layer: l, claims: r.claims})
			}
		}
		return all
	case "ValueAddTransformer":
		if added := valueAdded(config); added != nil {
			return one(added)
		}
	case "PatchTransformer", "PatchJson6902Transformer", "PatchStrategicMergeTransformer":
		var all []writer
		for _, p := range patchesIn(l, e, config) {
			if docs, ok := bd.docs(l, p); ok {
				all = append(all, writer{layer: l, patch: newPatchWriter(p, docs)})
			}
		}
		return all
	case "PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer", "HashTransformer":
		return nil // see affixes
	}
	return []writer{{layer: l, opaque: true}}
}

// valueAdded claims what a ValueAddTransformer puts into fields as a whole; it
// is nil for one that writes into the middle of text.
func valueAdded(config *graph.Node) claims {
	value := child(config, "value")
	targets := items(child(config, "targets"))
	if value == nil || child(config, "targetFilePath") != nil ||
		slices.ContainsFunc(targets, func(t *graph.Node) bool { return child(t, "filePathPosition") != nil }) {
		return nil
	}
	return func(s *site) source.Handle {
		for _, t := range targets {
			path := strings.Split(textOf(child(t, "fieldPath")), "/")
			if s.text == strings.TrimSpace(textOf(value)) && s.is(path...) && selectorOf(child(t, "selector")).matches(s.obj) {
				return value.Handle()
			}
		}
		return nil
	}
}

// fieldSpecs are the places that a configuration names.
func fieldSpecs(list *graph.Node) []spec {
	var all []spec
	for _, n := range items(list) {
		all = append(all, spec{
			resid.Gvk{Group: textOf(child(n, "group")), Version: textOf(child(n, "version")), Kind: textOf(child(n, "kind"))},
			splitPath(textOf(child(n, "path"))),
		})
	}
	return all
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

// pairs claims what a set of labels or annotations writes.
func pairs(set *graph.Node, at []spec) claims {
	return func(s *site) source.Handle {
		if len(s.path) < 2 {
			return nil
		}
		f := field(set, s.key())
		if f == nil || f.Key != s.key() || textOf(f.Node) != s.text || !s.at(at, 1) {
			return nil
		}
		return f.Node.Handle()
	}
}

func replicas(entry *graph.Node, at []spec) claims {
	name, count := textOf(child(entry, "name")), child(entry, "count")
	return func(s *site) source.Handle {
		if count == nil || !same(count, graph.Number, s.text) || !s.obj.called(name) || !s.at(at, 0) {
			return nil
		}
		return count.Handle()
	}
}

// namespaced claims namespaces: of objects, of what kustomize knows to hold
// one, and of references to objects whose namespace it wrote.
func (bd *build) namespaced(n *graph.Node, at []spec, subjects string, unsetOnly bool) claims {
	return func(s *site) source.Handle {
		if s.text != n.Text() || s.obj.inflated {
			return nil
		}
		written := false
		switch {
		case unsetOnly && s.base != nil && textOf(s.base) != "":
		case s.is("metadata", "namespace"):
			written = !s.obj.gvk.IsClusterScoped()
		case s.is("metadata", "name"):
			written = s.obj.gvk.Kind == "Namespace" && s.obj.gvk.Group == ""
		case s.key() != "namespace":
			written = s.at(at, 0)
		case s.is("subjects", "*", "namespace"):
			switch subjects {
			case "none":
			case "allServiceAccounts":
				written = s.sibling("kind") == "ServiceAccount"
			default:
				written = s.sibling("name") == "default"
			}
			written = written || bd.follows(s, s.sibling("kind"))
		default:
			written = s.at(at, 0) || bd.follows(s, "Service")
		}
		if !written {
			return nil
		}
		return n.Handle()
	}
}

// follows tells whether the namespace of a reference was written anew because
// that of the object did: kustomize finds the object by the old one.
func (bd *build) follows(s *site, kind string) bool {
	if !s.patched && !sameText(s.base, s.text) {
		return true
	}
	name := s.sibling("name")
	return slices.ContainsFunc(bd.objects, func(o *object) bool {
		return o.gvk.Kind == kind && o.finalName == name && o.ns == s.text && o.finalNs == s.text
	})
}

// patchWriter is a patch as it was written.
type patchWriter struct {
	docs   []*graph.Node
	target *selector // nil when the documents name their objects
	keeps  []string  // what a merge patch does not write
}

func newPatchWriter(p *patch, docs []*graph.Node) *patchWriter {
	w := &patchWriter{docs: docs, keeps: []string{"apiVersion", "metadata.namespace"}}
	allows := types.PatchArgs{}
	if p.spec.Options != nil {
		allows = *p.spec.Options
	}
	if !allows.AllowNameChange {
		w.keeps = append(w.keeps, "metadata.name")
	}
	if !allows.AllowKindChange {
		w.keeps = append(w.keeps, "kind")
	}
	if p.spec.Target != nil {
		w.target = newSelector(*p.spec.Target)
	}
	return w
}

// nodes are the documents of a patch that apply to an object, each with the
// pointer that leads to it.
func (w *patchWriter) nodes(o *object) []candidate {
	var all []candidate
	if w.target != nil && !w.target.matches(o) {
		return nil
	}
	pointer := func(text string) []string {
		if text == "" {
			return nil // the whole object
		}
		return strings.Split(strings.TrimPrefix(text, "/"), "/")
	}
	for _, d := range w.docs {
		switch d.Kind() {
		case graph.Map:
			if w.target != nil || o.patchedBy(d) {
				all = append(all, candidate{node: d, merges: true, keeps: w.keeps})
			}
		case graph.List:
			if w.target == nil {
				continue
			}
			for _, op := range d.Items() {
				v := graph.ValueOf(op)
				c := candidate{pointer: pointer(v.At("path").Str())}
				switch v.At("op").Str() {
				case "add":
					c.resize = 1
					fallthrough
				case "replace":
					if f := op.Field("value"); f != nil {
						c.node = f.Node
					}
				case "remove":
					c.resize, c.from = -1, handle(child(op, "path"))
				case "copy":
					c.resize, c.from = 1, handle(child(op, "from"))
				case "move":
					all = append(all, candidate{pointer: pointer(v.At("from").Str()), resize: -1, from: handle(child(op, "from"))})
					c.resize, c.from = 1, handle(child(op, "from"))
				default:
					continue
				}
				all = append(all, c)
			}
		}
	}
	return all
}

// patchedBy tells whether a strategic merge patch without a target names the
// object.
func (o *object) patchedBy(doc *graph.Node) bool {
	v := graph.ValueOf(doc)
	ns := v.At("metadata.namespace").Str()
	return v.At("kind").Str() == o.gvk.Kind && o.called(v.At("metadata.name").Str()) &&
		(namespace(ns) == namespace(o.ns) || namespace(ns) == namespace(o.finalNs))
}

func namespace(ns string) string {
	if ns == "" {
		return "default"
	}
	return ns
}

// affixes are the name prefixes and suffixes of the layers that have a part in
// a visit, of all layers without one; those included first.
func (bd *build) affixes(v *visit) []affix {
	var all []affix
	add := func(n *graph.Node, before bool) {
		if text := textOf(n); text != "" {
			all = append(all, affix{text, n.Handle(), before})
		}
	}
	for _, l := range bd.layers {
		if v != nil && !v.on(l) {
			continue
		}
		for _, key := range [...]string{"namePrefix", "nameSuffix"} {
			n, _ := l.find(key)
			add(n, key == "namePrefix")
		}
		for _, e := range l.transformer {
			for _, config := range bd.configs(e) {
				add(child(config, "prefix"), true)
				add(child(config, "suffix"), false)
			}
		}
	}
	return all
}

// anywhere are the affixes of all layers. Where two have the same it is not
// known which one it was.
func (bd *build) anywhere() []affix {
	all := bd.affixes(nil)
	for i, a := range all {
		for j, b := range all {
			if i != j && a.text == b.text && a.before == b.before {
				all[i].at = nil
			}
		}
	}
	return all
}
