package kustomize

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A writer is one thing that a kustomization does to objects. Of an object it
// is asked what it may have written: the nodes of a patch, or single fields.
type writer struct {
	layer  *layer
	patch  *patchWriter
	claims func(*object, []string, string, *graph.Node) source.Handle
	// opaque is a writer that may write anything anywhere.
	opaque bool
}

// patchWriter is a patch as it was written.
type patchWriter struct {
	docs   []*graph.Node
	target *types.Selector
}

// An object is what is known of a built object: how it is called in its file
// and how it is called now.
type object struct {
	kind            string
	group           string
	name, finalName string
	ns, finalNs     string
	labels          func(selector string) bool
	annotations     func(selector string) bool
}

// writers lists what is done to the objects of layer at, in the order in which
// kustomize does it: what is included first, then components, then l's own.
func (bd *build) writers(l, at *layer, reach map[*layer]bool) []writer {
	var all []writer
	for _, e := range l.resources {
		if e.dir != nil && !e.dead && reach[e.dir] {
			all = append(all, bd.writers(e.dir, at, reach)...)
		}
	}
	for _, e := range l.components {
		// A component works on all that is there by then.
		if e.dir != nil && !e.dead {
			all = append(all, bd.writers(e.dir, at, reach)...)
		}
	}
	own, ok := bd.own[l]
	if !ok {
		own = bd.steps(l)
		bd.own[l] = own
	}
	return append(all, own...)
}

// reaching are the layers from which at is included.
func (r *root) reaching(at *layer) map[*layer]bool {
	reach := map[*layer]bool{at: true}
	for _, l := range r.layers { // those included come first
		for _, e := range l.bases() {
			if reach[e.dir] {
				reach[l] = true
			}
		}
	}
	return reach
}

// steps lists what a kustomization itself does, in the order in which it does.
func (bd *build) steps(l *layer) []writer {
	k := &l.spec
	var all []writer
	claim := func(f func(*object, []string, string, *graph.Node) source.Handle) {
		all = append(all, writer{layer: l, claims: f})
	}
	patches := func(list []*patch) {
		for _, p := range list {
			if docs, ok := bd.docs(l, p); ok && !p.dead {
				all = append(all, writer{layer: l, patch: &patchWriter{docs, p.spec.Target}})
			}
		}
	}
	for _, g := range l.generated {
		if g.merges() {
			claim(g.claims)
		}
	}
	patches(l.patches)
	if n, _ := l.find("namespace"); n != nil && k.Namespace != "" {
		claim(namespaced(k.Namespace, n.Handle()))
	}
	for i, set := range k.Labels {
		claim(l.labels(set, fmt.Sprintf("labels.%d.pairs", i)))
	}
	if len(k.CommonLabels) > 0 {
		claim(l.labels(types.Label{Pairs: k.CommonLabels, IncludeSelectors: true}, "commonLabels"))
	}
	if len(k.CommonAnnotations) > 0 {
		claim(l.annotations())
	}
	patches(l.late)
	for i, r := range k.Replicas {
		if n, _ := l.find(fmt.Sprintf("replicas.%d.count", i)); n != nil {
			claim(replicas(r, n.Handle()))
		}
	}
	for i, image := range k.Images {
		claim(l.image(image, i))
	}
	for i, r := range k.Replacements {
		claim(l.replacement(r, i))
	}
	if len(k.Vars)+len(l.configurations)+len(l.crds)+len(l.transformer) > 0 {
		all = append(all, writer{layer: l, opaque: true})
	}
	return all
}

func ends(path []string, last ...string) bool {
	return len(path) >= len(last) && slices.Equal(path[len(path)-len(last):], last)
}

// namespaced claims namespaces: the object's own whatever was there before,
// those in references where the text is not the base's.
func namespaced(ns string, h source.Handle) func(*object, []string, string, *graph.Node) source.Handle {
	return func(o *object, path []string, text string, base *graph.Node) source.Handle {
		own := ends(path, "metadata", "namespace") && len(path) == 2 || o.kind == "Namespace" && slices.Equal(path, []string{"metadata", "name"})
		if text == ns && (own || ends(path, "namespace") && !sameText(base, text)) {
			return h
		}
		return nil
	}
}

// labels claims what a set of labels writes.
func (l *layer) labels(set types.Label, where string) func(*object, []string, string, *graph.Node) source.Handle {
	pairs, _ := l.find(where)
	return func(o *object, path []string, text string, base *graph.Node) source.Handle {
		if len(path) < 2 {
			return nil
		}
		key, parent := path[len(path)-1], path[len(path)-2]
		if v, ok := set.Pairs[key]; !ok || v != text {
			return nil
		}
		own := len(path) == 3 && path[0] == "metadata" && parent == "labels"
		template := ends(path[:len(path)-1], "metadata", "labels")
		selector := parent == "matchLabels" || parent == "selector"
		written := own || template && (set.IncludeTemplates || set.IncludeSelectors || set.IncludeVolumeClaimTemplates) ||
			selector && set.IncludeSelectors || len(set.FieldSpecs) > 0 && !sameText(base, text)
		if !own && !o.builtin() && sameText(base, text) {
			return nil
		}
		f := field(pairs, key)
		if !written || f == nil {
			return nil
		}
		return f.Node.Handle()
	}
}

// builtin tells whether kustomize knows where the kind keeps labels and the
// like beside its own metadata.
func (o *object) builtin() bool {
	return slices.Contains([]string{"", "apps", "batch", "policy", "networking.k8s.io"}, o.group)
}

func (l *layer) annotations() func(*object, []string, string, *graph.Node) source.Handle {
	pairs, _ := l.find("commonAnnotations")
	return func(o *object, path []string, text string, base *graph.Node) source.Handle {
		if len(path) < 3 || !ends(path[:len(path)-1], "metadata", "annotations") {
			return nil
		}
		key := path[len(path)-1]
		if v, ok := l.spec.CommonAnnotations[key]; !ok || v != text || len(path) > 3 && !o.builtin() && sameText(base, text) {
			return nil
		}
		if f := field(pairs, key); f != nil {
			return f.Node.Handle()
		}
		return nil
	}
}

func replicas(r types.Replica, h source.Handle) func(*object, []string, string, *graph.Node) source.Handle {
	return func(o *object, path []string, text string, base *graph.Node) source.Handle {
		if !slices.Equal(path, []string{"spec", "replicas"}) || text != strconv.FormatInt(r.Count, 10) || !o.called(r.Name) ||
			o.group != "apps" && sameText(base, text) {
			return nil
		}
		return h
	}
}

// called tells whether the object has, or had between two layers, that name:
// prefixes and suffixes are only ever added.
func (o *object) called(name string) bool {
	return strings.Contains(name, o.name) && strings.Contains(o.finalName, name)
}

// image claims images that read like what the entry makes of its image.
func (l *layer) image(image types.Image, i int) func(*object, []string, string, *graph.Node) source.Handle {
	get := func(key string) source.Handle {
		if n, _ := l.find(fmt.Sprintf("images.%d.%s", i, key)); n != nil {
			return n.Handle()
		}
		if n, _ := l.find(fmt.Sprintf("imageTags.%d.%s", i-l.written("images"), key)); n != nil {
			return n.Handle()
		}
		return nil
	}
	name, tag := get("newName"), get("newTag")
	if tag == nil {
		tag = get("digest")
	}
	if tag == nil {
		tag = get("tagSuffix")
	}
	return func(_ *object, path []string, text string, base *graph.Node) source.Handle {
		if !ends(path, "image") && !ends(path, "image", "reference") {
			return nil
		}
		n, t, d := splitImage(text)
		want := image.NewName
		if want == "" {
			want = image.Name
		}
		if n != want || image.NewTag != "" && t != image.NewTag || image.Digest != "" && d != image.Digest ||
			!strings.HasSuffix(t, image.TagSuffix) {
			return nil
		}
		h := &imagePlace{name: name, tag: tag, split: len(n)}
		if base.Kind() == graph.String {
			bn, _, _ := splitImage(base.Text())
			container := len(path) > 2 && (path[len(path)-3] == "containers" || path[len(path)-3] == "initContainers")
			if base.Text() == text && (bn != image.Name || !container) {
				return nil // nothing was done to it
			}
			h.base = base.Handle()
		}
		if name == nil && tag == nil {
			return nil
		}
		return h
	}
}

func (l *layer) written(key string) int {
	n, _ := l.find(key)
	return len(items(n))
}

// splitImage splits a reference into name, tag and digest.
func splitImage(ref string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return name, tag, digest
}

// imagePlace is the place of an image that an entry of images changed: the
// name and the rest may have been written in different places.
type imagePlace struct {
	name, tag, base source.Handle
	split           int // where the name ends
}

func (p *imagePlace) Origin() *source.Origin {
	if p.tag != nil {
		return p.tag.Origin()
	}
	return p.name.Origin()
}

func (p *imagePlace) Part(start, end int) *source.Origin {
	switch {
	case end <= p.split && p.name != nil:
		return p.name.Origin()
	case end <= p.split && p.base != nil:
		return p.base.Part(start, end)
	case start > p.split && p.tag == nil && p.base != nil:
		return p.base.Origin()
	}
	return p.Origin()
}

// replacement claims fields that one of its targets names, as being somewhere
// in it.
func (l *layer) replacement(r types.ReplacementField, i int) func(*object, []string, string, *graph.Node) source.Handle {
	e := l.replacements[i]
	if e.node == nil || e.node.Handle() == nil || e.dead {
		return func(*object, []string, string, *graph.Node) source.Handle { return nil }
	}
	writes := func(o *object, field string) bool {
		return slices.ContainsFunc(r.Targets, func(t *types.TargetSelector) bool {
			return t != nil && t.Select != nil && o.selected(t.Select) &&
				slices.ContainsFunc(t.FieldPaths, func(p string) bool { return lastSegment(p) == field })
		})
	}
	return func(o *object, path []string, text string, base *graph.Node) source.Handle {
		if len(path) == 0 || sameText(base, text) || !writes(o, path[len(path)-1]) {
			return nil
		}
		at := *e.node.Handle().Origin()
		at.Exact = min(at.Exact, source.InBlock)
		return &at
	}
}

// lastSegment is the last part of a field path, "*" for an item of a list.
func lastSegment(path string) string {
	part := path
	if i := strings.LastIndexByte(path, '['); i >= 0 && strings.HasSuffix(path, "]") {
		part = path[i+1 : len(path)-1]
		if strings.Contains(part, "=") {
			return "*"
		}
		return part
	}
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' && (i == 0 || path[i-1] != '\\') {
			part = path[i+1:]
			break
		}
	}
	if _, err := strconv.Atoi(part); err == nil || part == "-" {
		return "*"
	}
	return strings.ReplaceAll(part, `\.`, ".")
}

// claims are what a generator writes: the data, and the type of a secret.
func (g *generator) claims(o *object, path []string, text string, _ *graph.Node) source.Handle {
	if len(path) == 0 || o.kind != g.kind || !o.called(g.args.Name) {
		return nil
	}
	switch path[0] {
	case "data", "binaryData", "stringData":
		if n := g.keys[path[len(path)-1]]; n != nil {
			return n.Handle()
		}
		if len(g.args.EnvSources) > 0 && !g.merges() {
			at := *g.at // in one of the files
			at.Exact = min(at.Exact, source.InBlock)
			if g.node != nil && g.node.Handle() != nil {
				at.Span = g.node.Handle().Origin().Span
			}
			return &at
		}
	case "type":
		if f := g.node.Field("type"); f != nil && f.Node.Text() == text {
			return f.Node.Handle()
		}
	}
	return nil
}

// nodes are the documents of a patch that apply to an object, each with the
// pointer that leads to it.
func (w *patchWriter) nodes(o *object) []candidate {
	var all []candidate
	if w.target != nil && !o.selected(w.target) {
		return nil
	}
	pointer := func(text string) []string { return strings.Split(strings.TrimPrefix(text, "/"), "/") }
	for _, d := range w.docs {
		switch d.Kind() {
		case graph.Map:
			if w.target != nil || o.patchedBy(d) {
				all = append(all, candidate{node: d, merges: true})
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
					c.resize = -1
				case "copy":
					c.resize = 1
				case "move":
					all = append(all, candidate{pointer: pointer(v.At("from").Str()), resize: -1})
					c.resize = 1
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
	return v.At("kind").Str() == o.kind && o.called(v.At("metadata.name").Str()) &&
		(namespace(ns) == namespace(o.ns) || namespace(ns) == namespace(o.finalNs))
}

func namespace(ns string) string {
	if ns == "" {
		return "default"
	}
	return ns
}

// selected tells whether a target picks the object, by one of its names.
func (o *object) selected(t *types.Selector) bool {
	match := func(pattern string, texts ...string) bool {
		if pattern == "" {
			return true
		}
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		return err == nil && slices.ContainsFunc(texts, re.MatchString)
	}
	return match(t.Kind, o.kind) && match(t.Group, o.group) && match(t.Name, o.name, o.finalName) &&
		match(t.Namespace, o.ns, o.finalNs, namespace(o.ns)) &&
		o.labels(t.LabelSelector) && o.annotations(t.AnnotationSelector)
}
