package helm

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
)

// add adds the objects of a document, and puts them where their name's key is.
func (m *manifest) add(doc *graph.Node) bool {
	doc = m.annotate(doc, nil)
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
func (m *manifest) annotate(n *graph.Node, field *graph.Field) *graph.Node {
	r, _ := spanOf(n.Handle())
	switch n.Kind() {
	case graph.Map:
		if r != nil && m.missed(n, r) {
			return graph.NewUnknown(n.Handle())
		}
		fields := slices.Clone(n.Fields())
		for i := range fields {
			f := &fields[i]
			f.Node = m.annotate(f.Node, f)
		}
		return m.head(n.WithFields(fields), r, field)
	case graph.List:
		if r != nil && m.missed(n, r) {
			return graph.NewUnknown(n.Handle())
		}
		items := make([]*graph.Node, len(n.Items()))
		for i, item := range n.Items() {
			items[i] = m.annotate(item, nil)
		}
		return graph.NewList(items, n.Handle())
	case graph.Null, graph.Bool, graph.Number, graph.String:
		if r == nil {
			return n
		}
		end := r.end
		if n.Kind() == graph.Null && r.start == r.end { // what failed stands behind the blank
			end += len(m.file.Text[end:]) - len(strings.TrimLeft(m.file.Text[end:], " \t"))
		}
		if m.file.Unknown(r.start, end) || n.Kind() != graph.Null && strings.TrimSpace(n.Text()) == unknownNamespace {
			return graph.NewUnknown(n.Handle())
		}
	}
	return n
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

// head gives a map its header.
func (m *manifest) head(n *graph.Node, r *rendered, field *graph.Field) *graph.Node {
	if r == nil {
		return n
	}
	var b *block
	if field != nil {
		key, ok := spanOf(field.Place)
		if !ok {
			return n
		}
		b = &block{m: m, key: key.start, start: key.start, end: key.end}
	} else if name := n.Field("name"); name != nil && name.Node.Kind() != graph.Null {
		b = m.named(name)
	}
	if b == nil {
		return n
	}
	b.from, b.to = r.start, r.end
	b.col = r.start - (strings.LastIndexByte(m.file.Text[:r.start], '\n') + 1)
	return n.WithHead(b)
}

// missed tells whether an action that failed should have written in a map or
// list, and in nothing inside of it.
func (m *manifest) missed(n *graph.Node, r *rendered) bool {
	if !m.file.Failed {
		return false
	}
	for _, at := range m.file.Missed() {
		if at < r.start || at > m.until(r.end) {
			continue
		}
		inside := func(c *graph.Node) bool {
			s, ok := spanOf(c.Handle())
			return ok && at >= s.start && at <= m.until(s.end)
		}
		deeper := slices.ContainsFunc(n.Items(), inside) ||
			slices.ContainsFunc(n.Fields(), func(f graph.Field) bool { return inside(f.Node) })
		if !deeper {
			return true
		}
	}
	return false
}
