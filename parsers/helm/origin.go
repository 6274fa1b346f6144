package helm

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
)

// maxData bounds the data and the conditions of one origin.
const maxData = 64

var exactness = [...]source.Exactness{
	engine.Nowhere: source.InFile, engine.Block: source.InBlock, engine.Line: source.AtLine, engine.Token: source.AtToken,
}

// origin is the origin of the bytes [start,end) of the rendered text, of which
// [from,to) are what they say.
func (m *manifest) origin(start, end, from, to int) *source.Origin {
	tr := m.file.Trace(start, end, from, to)
	o := m.writer(tr)
	if tr.Copy != nil {
		if d := m.data(*tr.Copy); d != nil {
			d.Entire = d.Entire && tr.Copy.Whole && d.Exact == source.AtToken
			o.From = append(o.From, d)
		}
	}
	for _, u := range tr.Data {
		if (u.Path != nil || u.File != "") && !(tr.Copy != nil && len(o.From) > 0 && samePath(u, *tr.Copy)) {
			if d := m.data(u); d != nil && len(o.From) < maxData {
				d.Entire = false
				o.From = append(o.From, d)
			}
		}
	}
	m.way(o, tr)
	return o
}

func samePath(a, b engine.Use) bool {
	return a.Key == b.Key && a.File == b.File && strings.Join(a.Path, "\x00") == strings.Join(b.Path, "\x00")
}

// writer is the origin of what wrote some bytes.
func (m *manifest) writer(tr *engine.Trace) *source.Origin {
	if m.sites[tr.At.Template].file == nil || tr.Exact == engine.Nowhere {
		return m.whole(tr.At.Template)
	}
	o := m.line(tr.At)
	o.Exact = exactness[tr.Exact]
	return o
}

// way adds the calls and the conditions that led to some bytes.
func (m *manifest) way(o *source.Origin, tr *engine.Trace) {
	for _, p := range tr.Via {
		if p.Template >= 0 {
			via := m.line(p)
			via.Step, via.Role, via.Exact = source.Include, source.Via, min(via.Exact, source.AtLine)
			o.From = append(o.From, via)
		}
	}
	n := 0
	for _, u := range tr.Conditions {
		if d := m.data(u); d != nil && n < maxData {
			d.Role, d.Entire = source.Condition, false
			o.From = append(o.From, d)
			n++
		}
	}
}

// data is the origin of a value that flowed in; nil when it is not written in
// a file.
func (m *manifest) data(u engine.Use) *source.Origin {
	switch {
	case u.File != "":
		return m.chartFile(u)
	case u.Path == nil:
		if u.At.Template < 0 || m.sites[u.At.Template].file == nil {
			return nil
		}
		o := m.line(u.At)
		o.Role, o.Exact, o.Entire = source.DrivenBy, source.AtToken, true
		return o
	case u.Path[0] == "Chart":
		found, ok := m.values.metadatum(u.Path[1:])
		if !ok {
			return nil
		}
		o := found.data(u)
		if o != nil && o.Step == source.Values {
			o.Step = source.Release
		}
		return o
	case u.Path[0] != "Values":
		return nil
	}
	keys := u.Path[1:]
	found, ok := m.values.find(keys)
	if !ok {
		return m.nearest(keys)
	}
	if found.layer.set != nil {
		o := *found.layer.set
		return &o
	}
	return found.data(u)
}

// data is the origin of what was used of a value that is written in a file.
func (found leaf) data(u engine.Use) *source.Origin {
	var h source.Handle
	switch kind := found.node.Kind(); {
	case (u.Key || kind == graph.Map || kind == graph.List || kind == graph.Null) && found.field != nil && found.field.Place != nil:
		h = found.field.Place
	default:
		h = found.node.Handle()
	}
	if h == nil {
		return nil
	}
	scalar := found.node.Kind() != graph.Map && found.node.Kind() != graph.List || u.Key
	o := h.Origin()
	if scalar && !u.Whole && u.End >= u.Start {
		o = h.Part(u.Start, u.End)
	}
	o = driving(o)
	o.Entire = scalar && u.Whole && found.node.Kind() != graph.Null && inTree(o.Cure().Span.File) && found.layer.packed == nil
	if found.layer.packed != nil {
		o.Exact = min(o.Exact, source.InBlock)
	}
	return o
}

// driving is an origin as data that flowed in.
func driving(o *source.Origin) *source.Origin {
	d := *o
	d.Role = source.DrivenBy
	switch d.Step {
	case source.Written:
		d.Step = source.Values
	case source.Alias:
		d.From = []*source.Origin{driving(d.From[0])}
	}
	return &d
}

// nearest is the origin of what is nearest around a value that is written
// nowhere.
func (m *manifest) nearest(keys []string) *source.Origin {
	for n := len(keys) - 1; n > 0; n-- {
		found, ok := m.values.find(keys[:n])
		if !ok || found.layer.set != nil || found.layer.packed != nil || found.field == nil || found.field.Place == nil {
			continue
		}
		o := driving(found.field.Place.Origin())
		o.Role = source.NotRendered
		return o
	}
	return nil
}

// chartFile is the origin of a part of a file that .Files.Get read.
func (m *manifest) chartFile(u engine.Use) *source.Origin {
	at, ok := m.files[strings.Join(append(append([]string{}, u.Scope...), u.File), "\x00")]
	if !ok || at.file == nil {
		return nil
	}
	o := &source.Origin{Span: at.file.Whole(), Role: source.DrivenBy, Exact: source.InFile}
	if u.End >= u.Start && at.offset+u.End <= len(at.file.Data) {
		o.Span.Start, o.Span.End = at.offset+u.Start, at.offset+u.End
		o.Exact, o.Entire = source.AtToken, true
	}
	return o
}

// until is the offset of the next text behind an offset.
func (m *manifest) until(at int) int {
	rest := m.file.Text[at:]
	return at + len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
}
