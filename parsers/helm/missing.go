package helm

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
)

// A block is the handle of a map or list in a manifest: its header is the line
// of its key or, for the item of a list, of its name.
type block struct {
	m *manifest
	// The bytes of the key that stands for it and of what follows on its line.
	key, start, end int
	// What may be between its keys, and the column of these, -1 when there are
	// none to tell: then it is greater than that of the key.
	from, to, col, outer int
	first                int // byte of its own
}

// Origin is the line that the header is on. Where an action printed a table of
// the values, key and all, the header is among these.
func (b *block) Origin() *source.Origin {
	tr := b.m.file.Header(b.key, b.start, b.end)
	o := b.m.writer(tr)
	if d := b.copied(); d != nil {
		o.From = append(o.From, d)
	}
	b.m.way(o, tr)
	return o.Header()
}

// copied is the place of the values that the header is a copy of; nil when the
// template has the key.
func (b *block) copied() *source.Origin {
	colon := strings.IndexByte(b.m.file.Text[b.key:], ':')
	if colon < 0 {
		return nil
	}
	use := b.m.file.Trace(b.key, b.key+colon, b.key, b.key+colon).Copy
	if use == nil || !use.Key || !use.Whole || len(use.Path) < 2 || use.Path[0] != "Values" {
		return nil
	}
	if b.start != b.key { // the value behind the key names the item
		h := rendered{b.m, b.start, b.end}
		from, to := h.content()
		if use = b.m.file.Trace(b.start, b.end, from, to).Copy; use == nil || !use.Whole {
			return nil
		}
	}
	d := b.m.data(*use)
	if d == nil || !d.Entire || d.Exact != source.AtToken || d.Span.File == nil {
		return nil
	}
	return d
}

// Part is the whole.
func (b *block) Part(int, int) *source.Origin { return b.Origin() }

// Without adds what would have written what is missing: branches that were not
// taken, and the values that they depend on; the table of the values that the
// block is a copy of.
func (b *block) Without(path string) *source.Origin {
	o := *b.Origin()
	key, _, _ := strings.Cut(path, ".")
	var missing []*source.Origin
	cured := o.Cure() != &o // what is added below must not stand before the values
	if cured {
		missing, o.From = o.From[:1:1], o.From[1:]
	}
	for _, u := range b.m.file.Untaken(b.from, b.m.until(b.to)) {
		if !b.wants(u, key) || u.At.Template < 0 || b.m.sites[u.At.Template].file == nil {
			continue
		}
		link := b.m.line(u.At)
		link.Role, link.Exact = source.NotRendered, source.AtLine
		for _, c := range u.Conditions {
			link.From = b.m.suggest(link.From, c)
		}
		missing = append(missing, link)
	}
	if u, ok := b.m.table(b.first, b.to); ok && !cured {
		missing = b.m.suggest(missing, u)
	}
	o.From = append(missing, o.From...)
	return &o
}

// wants tells whether a branch would have written a key of the block.
func (b *block) wants(u engine.Untaken, key string) bool {
	fits := u.Indent == b.col || b.col < 0 && u.Indent > b.outer
	if slices.Contains(u.Keys, key) {
		return fits || u.Indent < 0
	}
	// A table of any keys: right behind the key, or else it may be a list.
	return fits && slices.Contains(u.Keys, engine.AnyKey) && u.Offset <= b.first && !slices.ContainsFunc(u.Conditions, b.m.lists)
}

// lists tells whether a value is a list.
func (m *manifest) lists(u engine.Use) bool {
	if len(u.Path) < 2 || u.Path[0] != "Values" {
		return false
	}
	v, _ := lookup(m.values.final(), u.Path[1:])
	_, is := v.([]any)
	return is
}

// suggest adds the place of a value that would have made a difference. One that
// is written nowhere would be a key of the chart's values.
func (m *manifest) suggest(to []*source.Origin, u engine.Use) []*source.Origin {
	d := m.data(u)
	if d == nil && len(u.Path) > 1 && u.Path[0] == "Values" {
		d = m.values.file(u.Path[1:])
	}
	if d == nil {
		return to
	}
	d.Role, d.Entire = source.NotRendered, false
	return append(to, d)
}

// table is the values' table that the block [start,end) is a copy of.
func (m *manifest) table(start, end int) (u engine.Use, ok bool) {
	if start >= end || !m.file.Printed(start, end) {
		return u, false
	}
	var common []string
	for i, u := range m.file.Trace(start, end, start, end).Data {
		if len(u.Path) < 2 || u.Path[0] != "Values" {
			return u, false
		}
		keys := u.Path
		if v, _ := lookup(m.values.final(), keys[1:]); u.Key || !isTable(v) {
			keys = keys[:len(keys)-1]
		}
		if i == 0 {
			common = keys
		}
		n := 0
		for n < len(common) && n < len(keys) && common[n] == keys[n] {
			n++
		}
		common = common[:n]
	}
	if len(common) < 2 {
		return u, false
	}
	v, _ := lookup(m.values.final(), common[1:])
	return engine.Use{Path: common, End: -1}, isTable(v)
}

func isTable(v any) bool {
	switch v.(type) {
	case map[string]any, chartutil.Values:
		return true
	}
	return false
}
