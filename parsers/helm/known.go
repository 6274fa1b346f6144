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
	doc = m.document(doc)
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
	return m.annotate(doc, nil)
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
		if r != nil && (m.missed(n, r) || field != nil && m.unsure(r)) {
			return graph.NewUnknown(n.Handle())
		}
		fields := slices.Clone(n.Fields())
		for i := range fields {
			f := &fields[i]
			f.Node = m.annotate(f.Node, f)
		}
		fields = m.undecided(fields, r)
		return m.head(n.WithFields(fields), r, field)
	case graph.List:
		if r != nil && (m.missed(n, r) || m.unsure(r)) {
			return graph.NewUnknown(n.Handle())
		}
		items := make([]*graph.Node, len(n.Items()))
		for i, item := range n.Items() {
			items[i] = m.annotate(item, nil)
			if s, ok := spanOf(item.Handle()); ok && m.unsure(s) {
				items[i] = graph.NewUnknown(item.Handle())
			}
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
		if m.file.Unknown(r.start, end, m.begin) || n.Kind() != graph.Null && strings.TrimSpace(n.Text()) == unknownNamespace {
			return graph.NewUnknown(n.Handle())
		}
	}
	return n
}

// A gap is where any number of keys or items may stand that are not known, and
// how far they are indented; -1 when that is not known either.
type gap struct{ at, column int }

// held tells whether a gap belongs to a map or list and to nothing inside of it.
func (m *manifest) held(n *graph.Node, g gap) bool {
	holds := func(c *graph.Node) bool {
		s, ok := spanOf(c.Handle())
		return ok && (c.Kind() == graph.Map || c.Kind() == graph.List) &&
			g.at >= s.start && g.at <= m.until(s.end) && (g.column < 0 || m.column(s.start) <= g.column)
	}
	return holds(n) && !slices.ContainsFunc(n.Items(), holds) &&
		!slices.ContainsFunc(n.Fields(), func(f graph.Field) bool { return holds(f.Node) })
}

// unsure tells whether a map or list is there only by a condition that is not
// known.
func (m *manifest) unsure(r *rendered) bool {
	return m.file.Open() && m.file.Unknown(r.start, min(r.start+1, r.end), m.begin)
}

// undecided adds what a branch would have written in a map whose condition is
// not known: it may be there, too.
func (m *manifest) undecided(fields []graph.Field, r *rendered) []graph.Field {
	if r == nil || !m.file.Open() {
		return fields
	}
	for _, u := range m.file.Untaken(r.start, m.until(r.end)) {
		if !u.Open || len(u.Keys) == 0 || u.Indent >= 0 && u.Indent != m.column(r.start) {
			continue
		}
		at := m.whole(m.file.Template)
		if u.At.Template >= 0 && m.sites[u.At.Template].file != nil {
			at = m.line(u.At)
		}
		for _, key := range u.Keys {
			if !slices.ContainsFunc(fields, func(f graph.Field) bool { return f.Key == key }) {
				fields = append(fields, graph.Field{Key: key, Place: at, Node: graph.NewUnknown(at)})
			}
		}
	}
	return fields
}

// column is how far from its line's start an offset is.
func (m *manifest) column(at int) int {
	return at - (strings.LastIndexByte(m.file.Text[:at], '\n') + 1)
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
	b.col = m.column(r.start)
	return n.WithHead(b)
}

// missed tells whether an action that failed should have written in a map or
// list, and in nothing inside of it, or a value that is not known stood there.
func (m *manifest) missed(n *graph.Node, r *rendered) bool {
	if slices.ContainsFunc(m.gaps, func(g gap) bool { return m.held(n, g) }) {
		return true
	}
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
