package helm

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
)

// lacks are the fields that are not known of a node, and of nothing inside of
// it: those that an action which failed should have written, or a branch may
// have. Those of a list are its items and have no keys. all tells that it may be
// anything.
func (m *manifest) lacks(n *graph.Node, r *rendered, field *graph.Field, outer int) (fields []graph.Field, all bool) {
	misses := m.file.Missed()
	if r == nil || len(misses)+len(m.gaps) == 0 {
		return nil, false
	}
	from := r.start
	switch key, ok := m.key(field); {
	case ok:
		from, outer = key.end, m.column(key.start)
	case field != nil || n.Kind() != graph.Map || outer >= 0:
	default: // blanks may stand before a document
		from = len(strings.TrimRight(m.file.Text[:r.start], " \t\r\n"))
	}
	for _, miss := range append(slices.Clip(misses), m.gaps...) {
		whole := field == nil && outer < 0 && miss.Offset <= r.start && r.end <= miss.Until // is there instead
		if miss.Offset < from || whole || !m.holds(n, r, outer, miss) {
			continue
		}
		deeper := slices.ContainsFunc(n.Items(), func(item *graph.Node) bool {
			s, ok := spanOf(item.Handle())
			return ok && miss.Offset >= s.start && m.holds(item, s, m.column(s.start)-1, miss)
		}) || slices.ContainsFunc(n.Fields(), func(f graph.Field) bool {
			s, ok := spanOf(f.Node.Handle())
			key, known := m.key(&f)
			return ok && known && miss.Offset >= key.end && m.holds(f.Node, s, m.column(key.start), miss)
		})
		switch {
		case deeper:
		case miss.Items && n.Kind() == graph.List:
			at := m.action(miss.At)
			fields = append(fields, graph.Field{Node: graph.NewUnknown(at)})
		case miss.Keys == nil:
			return nil, true
		default:
			at := m.action(miss.At)
			for _, key := range miss.Keys {
				fields = append(fields, graph.Field{Key: key, Place: at, Node: graph.NewUnknown(at)})
			}
		}
	}
	return fields, false
}

// action is the origin of an action, of the template when it is in no file.
func (m *manifest) action(at engine.Place) *source.Origin {
	if at.Template < 0 || m.sites[at.Template].file == nil {
		return m.whole(m.file.Template)
	}
	return m.line(at)
}

// key is where the key of a field is.
func (m *manifest) key(f *graph.Field) (*rendered, bool) {
	if f == nil {
		return nil, false
	}
	return spanOf(f.Place)
}

// holds tells whether what should have been written would have been in a node,
// whose key stands at the column outer.
func (m *manifest) holds(n *graph.Node, r *rendered, outer int, miss engine.Miss) bool {
	at := miss.Offset
	switch {
	case at > m.until(r.end):
		return false
	case at < r.end || at == r.end && !miss.Line:
		return true
	}
	if !miss.Line && !strings.Contains(m.file.Text[r.end:at], "\n") { // behind it on its line
		return true
	}
	switch {
	case miss.Indent < 0:
		return n.Kind() == graph.Null || n.Kind() == graph.Map || n.Kind() == graph.List
	case miss.Indent > outer:
		return n.Kind() == graph.Null || n.Kind() == graph.Map || n.Kind() == graph.List || m.blockScalar(r)
	}
	return miss.Item && miss.Indent == outer && (n.Kind() == graph.List || n.Kind() == graph.Null)
}

// blockScalar tells of text that goes on as long as lines are indented.
func (m *manifest) blockScalar(r *rendered) bool {
	return r.start < len(m.file.Text) && strings.IndexByte("|>", m.file.Text[r.start]) >= 0
}
