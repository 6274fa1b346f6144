package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// This file joins what kustomize built with where it was written. A built
// object, the document it comes from and all patches that apply to it are
// walked in step. A scalar is claimed by the last patch or other writer that
// wrote just this text there; else by the document, when it reads the same
// there; else by nobody in particular: the kustomization's file.

// maxDepth is of values in values; more than any parser lets through.
const maxDepth = 10_000

// A walker goes through one object.
type walker struct {
	*chain
	schemas []*graph.Node
	rest    source.Handle // where a scalar that nobody claims was made
	plain   bool          // nothing is done to the object at all
	loose   int           // how many uncertain things enclose the place of the walk
	gone    int           // how many operations that put something else there
	moved   bool          // the last of them took it from elsewhere in the document
	at      site
}

func (bd *build) object(o *object, node *yaml.Node, from written, c *chain) *graph.Node {
	w := &walker{chain: c, schemas: bd.schemas, rest: c.other, plain: len(c.writers)+len(c.anywhere) == 0}
	base := from.doc
	var enclosing source.Handle = from.at
	if base != nil {
		enclosing = base.Handle()
	}
	if g := from.gen; g != nil {
		own := *c
		own.writers = append([]writer{{layer: from.layer, claims: g.claims}}, c.writers...)
		w.chain = &own
		w.rest = inFile(from.layer)
		enclosing = overlay(from.at, nil)
		base = g.named()
	}
	w.at.obj = o
	var candidates []candidate
	for i, wr := range w.writers {
		if wr.patch != nil {
			for _, cand := range wr.patch.nodes(o) {
				cand.order = i
				cand.value = moved(cand, candidates, base)
				candidates = append(candidates, cand)
			}
		}
	}
	return w.node(node, base, candidates, enclosing, 0)
}

// exact tells whether what reads like the document here is the document's: no
// patch writes here, and nobody else but those who claim what they write.
func (w *walker) exact(candidates []candidate) bool {
	return len(candidates) == 0 && !w.opaque && w.loose+w.gone == 0
}

// enter steps down to what stands under a key or in a list, and back up.
func (w *walker) enter(key string, index int, n *yaml.Node) {
	w.at.path, w.at.index, w.at.nodes = append(w.at.path, key), append(w.at.index, index), append(w.at.nodes, n)
}

func (w *walker) leave() {
	last := len(w.at.path) - 1
	w.at.path, w.at.index, w.at.nodes = w.at.path[:last], w.at.index[:last], w.at.nodes[:last]
}

// node joins one node with base, the same place in the document, nil when
// there is none. in is the place of what encloses it.
func (w *walker) node(n *yaml.Node, base *graph.Node, candidates []candidate, in source.Handle, depth int) *graph.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil && depth < maxDepth {
		n = n.Alias
		depth++
	}
	if depth >= maxDepth {
		return graph.NewUnknown(in)
	}
	if i := slices.IndexFunc(candidates, candidate.resets); i >= 0 {
		for j := i + 1; j < len(candidates); j++ {
			if candidates[j].resets() {
				i = j
			}
		}
		gone, rest, moved := w.gone, w.rest, w.moved
		defer func() { w.gone, w.rest, w.moved = gone, rest, moved }()
		w.gone++
		w.moved = false
		if c := candidates[i]; c.node == nil {
			i++
			if c.from != nil && c.resize > 0 { // it stands elsewhere in the object: this is who put it here
				w.rest = atLine{overlay(c.from, nil)}
				in = w.rest
				if c.value != nil {
					base, w.moved = c.value, true
				}
			}
		}
		candidates = candidates[i:]
	}
	switch n.Kind {
	case yaml.MappingNode:
		if s := w.schema(n); s != nil {
			return s
		}
		return w.mapping(n, base, candidates, in, depth)
	case yaml.SequenceNode:
		return w.sequence(n, base, candidates, in, depth)
	}
	return w.scalar(n, base, candidates)
}

// schema is what a stand-in stands for.
func (w *walker) schema(n *yaml.Node) *graph.Node {
	if len(n.Content) != 2 || n.Content[0].Value != standIn {
		return nil
	}
	if i, err := strconv.Atoi(n.Content[1].Value); err == nil && i >= 0 && i < len(w.schemas) {
		return w.schemas[i]
	}
	return nil
}

// place is where a map or a list was written: in the document, else in the
// last patch that has one there, else in what encloses it.
func (w *walker) place(n *yaml.Node, kind graph.Kind, base *graph.Node, candidates []candidate, in source.Handle) source.Handle {
	if w.gone == 0 && base.Kind() == kind && base.Handle() != nil && !rewritten(n, candidates) {
		return w.asBase(base.Handle(), candidates)
	}
	for _, c := range slices.Backward(candidates) {
		if len(c.pointer) == 0 && !c.doubtful && c.node.Kind() == kind && c.node.Handle() != nil {
			return overlay(c.node.Handle(), base)
		}
	}
	return in
}

// rewritten tells whether a list is that of a merge patch, whole: what lists
// are merged by and which are replaced only a schema says.
func rewritten(n *yaml.Node, candidates []candidate) bool {
	return n.Kind == yaml.SequenceNode && slices.ContainsFunc(candidates, func(c candidate) bool {
		return c.merges && !c.doubtful && reads(c.node, n, 0)
	})
}

// keyed is the place of a key in the document. Merging into a map leaves its
// key where it is.
func (w *walker) keyed(h source.Handle, below *graph.Node, inner []candidate) source.Handle {
	if h == nil || w.opaque || w.loose > 0 {
		return w.asBase(h, inner)
	}
	if below.Kind() == graph.Map && !slices.ContainsFunc(inner, candidate.resets) {
		return h
	}
	return w.asBase(h, inner)
}

// asBase is a place in the document. Where it is not certain that nothing
// wrote the same again it is a line at most.
func (w *walker) asBase(h source.Handle, candidates []candidate) source.Handle {
	if h == nil || w.exact(candidates) {
		return h
	}
	return atLine{h}
}

func (w *walker) mapping(n *yaml.Node, base *graph.Node, candidates []candidate, in source.Handle, depth int) *graph.Node {
	place := w.place(n, graph.Map, base, candidates, in)
	fields := make([]graph.Field, 0, len(n.Content)/2)
	same := base.Kind() == graph.Map && w.exact(candidates)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if key == marker && w.at.is("metadata", "annotations") {
			continue
		}
		f := graph.Field{Key: key}
		var below *graph.Node
		inner := descend(candidates, key)
		if b := counterpart(base, n, i); b != nil {
			if below = b.Node; w.gone == 0 && !rewritten(n.Content[i+1], inner) {
				f.Place, f.Written = w.keyed(b.Place, below, inner), b.Written
			}
		}
		if f.Place == nil {
			f.Place = keyPlace(candidates, key)
		}
		enclosing := place
		if f.Place != nil {
			enclosing = f.Place
		}
		w.enter(key, 0, n.Content[i+1])
		f.Node = w.node(n.Content[i+1], below, inner, enclosing, depth+1)
		if !w.at.obj.inflated { // a chart's has a header already
			f.Node = shear(f.Node, below, f.Place, inner)
		}
		empty := w.at.is("metadata", "annotations") && f.Node.Kind() == graph.Map &&
			len(f.Node.Fields()) == 0 && len(n.Content[i+1].Content) > 0
		w.leave()
		if empty {
			continue // held nothing but the marker
		}
		same = same && len(fields) < len(base.Fields()) && base.Fields()[len(fields)].Node == f.Node
		fields = append(fields, f)
	}
	if same && len(fields) == len(base.Fields()) {
		return base
	}
	if base.Kind() == graph.Map && w.gone == 0 {
		return base.WithFields(fields)
	}
	return graph.NewMap(fields, place)
}

// counterpart is the field of the document that the key at n.Content[i] is. A
// key may be there twice: in a map of the same keys it is the one at the same
// place.
func counterpart(base *graph.Node, n *yaml.Node, i int) *graph.Field {
	if base.Kind() != graph.Map {
		return nil
	}
	key, fields := n.Content[i].Value, base.Fields()
	if len(fields) == len(n.Content)/2 && fields[i/2].Key == key {
		return &fields[i/2]
	}
	return base.Field(key)
}

func (w *walker) sequence(n *yaml.Node, base *graph.Node, candidates []candidate, in source.Handle, depth int) *graph.Node {
	place := w.place(n, graph.List, base, candidates, in)
	list := make([]*graph.Node, len(n.Content))
	from := items(base)
	same := base.Kind() == graph.List && w.exact(candidates) && len(from) == len(list)
	if len(candidates) > 0 && candidates[0].resets() {
		from = items(candidates[0].node)
	}
	certain := counts(candidates, len(from)) == len(list)
	for i, item := range n.Content {
		inner, was := inItem(candidates, item, i, len(list), certain)
		var below *graph.Node
		loose := w.loose
		switch {
		case !certain:
			below = find(items(base), item)
			w.loose++
		case was >= 0:
			below = match(items(base), item, was, len(items(base)))
		}
		w.enter("*", i, item)
		list[i] = w.node(item, below, inner, place, depth+1)
		if !w.at.obj.inflated {
			list[i] = shear(list[i], below, itemHeader(list[i]), inner)
		}
		w.leave()
		w.loose = loose
		same = same && list[i] == from[i]
	}
	if same {
		return base
	}
	return graph.NewList(list, place)
}

func (w *walker) scalar(n *yaml.Node, base *graph.Node, candidates []candidate) *graph.Node {
	kind, text := resolve(n)
	if w.at.is("metadata", "annotations", originAnnotation) {
		text = documentNumber().ReplaceAllString(text, "")
	}
	order, doubt := -1, -1
	var claim, name source.Handle
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(c candidate) bool {
		return c.merges && !c.doubtful && w.identity(c, base, kind, text) // it finds its target by these and leaves them
	})
	for _, c := range candidates {
		if len(c.pointer) > 0 || !isScalar(c.node) || c.node.Handle() == nil {
			continue
		}
		if c.doubtful {
			if same(c.node, kind, text) {
				doubt = c.order
			}
			continue
		}
		if c.order >= order && same(c.node, kind, text) {
			order, claim = c.order, c.node.Handle()
		}
		if h := w.renamed(c.node, text); h != nil {
			name = h
		}
	}
	w.at.text, w.at.base, w.at.patched = text, base, claim != nil
	for i := len(w.writers) - 1; i > order; i-- {
		if f := w.writers[i].claims; f != nil {
			if h := f(&w.at); h != nil {
				claim = h
				break
			}
		}
	}
	switch {
	case doubt >= 0 && doubt >= order:
		return scalar(kind, text, w.rest)
	case claim != nil:
		return scalar(kind, text, overlay(claim, base))
	case base.Kind() == graph.Unknown && (text == placeholder || text == ""):
		return base
	case strings.Contains(text, placeholder) && base.Kind() != graph.Absent:
		return graph.NewUnknown(base.Handle())
	case strings.Contains(text, placeholder):
		return graph.NewUnknown(w.rest)
	case w.moved && name == nil && base.Kind() == kind && base.Text() == text && base.Handle() != nil:
		return scalar(kind, text, relayed{w.rest, base.Handle()})
	case w.gone > 0 && name == nil:
		return scalar(kind, text, w.rest)
	case same(base, kind, text) && w.exact(candidates) && base.Kind() == kind && base.Text() == text:
		return base
	case w.gone == 0 && same(base, kind, text), w.plain && isScalar(base):
		return scalar(kind, text, w.asBase(base.Handle(), candidates))
	case name != nil:
		return scalar(kind, text, overlay(name, base))
	}
	if h := w.renamed(base, text); h != nil {
		return scalar(kind, text, h)
	}
	return scalar(kind, text, w.rest)
}

// identity tells whether the walk is at what tells objects apart, or items of
// a list, so that the candidate leaves it.
func (w *walker) identity(c candidate, base *graph.Node, kind graph.Kind, text string) bool {
	path := w.at.path
	if len(path) >= 2 && path[len(path)-2] == "*" && slices.Contains(identities[:], path[len(path)-1]) {
		return same(base, kind, text)
	}
	return len(path) <= 2 && slices.Contains(c.keeps, strings.Join(path, "."))
}

func scalar(kind graph.Kind, text string, at source.Handle) *graph.Node {
	n := graph.NewScalar(kind, text, at)
	if kind == graph.String && strings.ContainsAny(text, "{[\n") {
		return n.WithDecode(func() *graph.Node { return yamltext.ParseText(text, at) })
	}
	return n
}

// resolve is the kind and the text of a scalar as it would be printed: the
// library quotes a string that would be read as something else.
func resolve(n *yaml.Node) (graph.Kind, string) {
	s := yaml.Node{Kind: yaml.ScalarNode, Tag: n.ShortTag(), Value: n.Value, Style: n.Style}
	if s.Tag == "!!str" && s.Style == 0 && (&yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}).ShortTag() != "!!str" {
		return graph.String, n.Value
	}
	return yamltext.Scalar(&s)
}

func keyPlace(candidates []candidate, key string) source.Handle {
	for _, c := range slices.Backward(candidates) {
		if len(c.pointer) == 0 && !c.doubtful {
			if f := c.node.Field(key); f != nil && f.Place != nil {
				return overlay(f.Place, nil)
			}
		}
	}
	return nil
}
