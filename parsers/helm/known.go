package helm

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
)

// add adds the objects of a document, and puts them where their name's key is.
// It is false when it is none of Kubernetes.
func (m *manifest) add(raw *graph.Node) bool {
	doc := m.document(raw)
	if m.unknowable(raw, doc) {
		return true
	}
	before := len(m.b.Resources)
	if !kubernetes.Add(m.b, doc) {
		return false
	}
	added, objects := m.b.Resources[before:], objectsOf(doc)
	if len(added) == len(objects) {
		for i, r := range added {
			if b := m.name(objects[i]); b != nil {
				r.Place = b.Origin()
			}
		}
	}
	return true
}

// document gives the maps of a document a header, and makes unknown what is not
// known.
func (m *manifest) document(doc *graph.Node) *graph.Node {
	m.begin = 0
	if r, ok := spanOf(doc.Handle()); ok {
		m.begin = r.start
	}
	return m.annotate(doc, nil, -1)
}

// objectsOf are the objects that a document stands for.
func objectsOf(doc *graph.Node) []*graph.Node {
	kind, items := doc.Field("kind"), doc.Field("items")
	if kind != nil && items != nil && kind.Node.Kind() == graph.String && strings.HasSuffix(kind.Node.Text(), "List") && items.Node.Kind() == graph.List {
		return items.Node.Items()
	}
	return []*graph.Node{doc}
}

// name is the header that an object's name makes.
func (m *manifest) name(doc *graph.Node) *block {
	metadata := doc.Field("metadata")
	if metadata == nil || metadata.Node.Kind() != graph.Map {
		return nil
	}
	for _, key := range []string{"name", "generateName"} {
		if f := metadata.Node.Field(key); f != nil && f.Node.Kind() != graph.Null {
			return m.named(f)
		}
	}
	return nil
}

// named is the header on the line of a field; nil when it is not known.
func (m *manifest) named(f *graph.Field) *block {
	key, ok := spanOf(f.Place)
	value, ok2 := spanOf(f.Node.Handle())
	if !ok || !ok2 || value.start < key.end {
		return nil
	}
	return &block{m: m, key: key.start, start: value.start, end: value.end}
}

// annotate gives maps a header, and makes unknown what only the installation
// decides or what an action that failed should have written.
func (m *manifest) annotate(n *graph.Node, field *graph.Field, outer int) *graph.Node {
	r, _ := spanOf(n.Handle())
	switch n.Kind() {
	case graph.Map:
		fields := slices.Clone(n.Fields())
		missing, all := m.lacks(n, r, field, outer)
		if all || field != nil && m.unsure(r) {
			return graph.NewUnknown(n.Handle())
		}
		for i := range fields {
			f := &fields[i]
			f.Node = m.annotate(f.Node, f, -1)
		}
		for _, f := range missing {
			if n.Field(f.Key) == nil {
				fields = append(fields, f)
			}
		}
		return m.head(n.WithFields(fields), r, field)
	case graph.List:
		missing, all := m.lacks(n, r, field, outer)
		if all || m.unsure(r) || slices.ContainsFunc(missing, func(f graph.Field) bool { return f.Key != "" }) {
			return graph.NewUnknown(n.Handle())
		}
		items := make([]*graph.Node, len(n.Items()))
		for i, item := range n.Items() {
			s, ok := spanOf(item.Handle())
			if ok && m.unsure(s) {
				items[i] = graph.NewUnknown(item.Handle())
				continue
			}
			within := -1
			if ok {
				within = m.column(s.start) - 1
			}
			items[i] = m.annotate(item, nil, within)
		}
		for _, f := range missing {
			items = append(items, f.Node)
		}
		return graph.NewList(items, n.Handle())
	case graph.Null, graph.Bool, graph.Number, graph.String:
		if r == nil {
			return n
		}
		if m.file.Unknown(r.start, r.end, m.begin) || n.Kind() != graph.Null && strings.TrimSpace(n.Text()) == unknownNamespace {
			return graph.NewUnknown(n.Handle())
		}
		if missing, all := m.lacks(n, r, field, outer); all || len(missing) > 0 {
			return graph.NewUnknown(n.Handle())
		}
		if n.Kind() == graph.Null {
			return m.head(n, r, field)
		}
	}
	return n
}

// unsure tells whether a map or list is there only by a condition that is not
// known.
func (m *manifest) unsure(r *rendered) bool {
	return r != nil && m.file.Open() && m.file.Unknown(r.start, min(r.start+1, r.end), m.begin)
}

// spanOf is the rendered bytes of a handle.
func spanOf(h source.Handle) (*rendered, bool) {
	switch h := h.(type) {
	case *rendered:
		return h, true
	case interface{ Inner() source.Handle }:
		return spanOf(h.Inner())
	}
	return nil, false
}

// head gives a map its header, and what should be one and is nothing.
func (m *manifest) head(n *graph.Node, r *rendered, field *graph.Field) *graph.Node {
	if r == nil {
		return n
	}
	b := &block{m: m, first: r.start, from: r.start, to: r.end, col: -1}
	if field != nil {
		key, ok := spanOf(field.Place)
		if !ok {
			return n
		}
		b.key, b.start, b.end = key.start, key.start, key.end
		b.from = key.end // a branch before the first key is in it
	} else if name := n.Field("name"); name != nil && name.Node.Kind() != graph.Null {
		named := m.named(name)
		if named == nil {
			return n
		}
		b.key, b.start, b.end = named.key, named.start, named.end
	} else {
		return n
	}
	if len(n.Fields()) > 0 && m.file.Text[r.start] != '{' {
		b.col = m.column(r.start)
	}
	b.outer = m.column(b.key)
	return n.WithHead(b)
}

// column is how many bytes stand before an offset on its line.
func (m *manifest) column(at int) int {
	return at - (strings.LastIndexByte(m.file.Text[:at], '\n') + 1)
}
