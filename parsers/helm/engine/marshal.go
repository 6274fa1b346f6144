package engine

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// An excerpt is a part of a text, read as a document or cut out of it.
type excerpt struct {
	of         cause
	text       string
	start, end int
	node       *graph.Node // what stands there, when it is a document
}

func (c *excerpt) taints() taint { return taintOf(c.of) }

// scratch is the file that places in texts made while rendering are in.
func scratch(text string) *source.File { return source.NewFile("", []byte(text)) }

// spanOf is the bytes that a node of a document takes; ok is false when they
// are not known.
func spanOf(h source.Handle) (s source.Span, ok bool) {
	if h == nil {
		return s, false
	}
	o := h.Origin()
	return o.Span, o.Step == source.Written && o.Exact == source.AtToken
}

// document reads text as one document whose nodes know their bytes.
func document(text string) *graph.Node {
	docs := yamltext.Parse(scratch(text), nil)
	if len(docs) != 1 || docs[0].Problem != nil {
		return nil
	}
	return docs[0].Root
}

// reading is what was found out about the document in a call's result or
// argument. It is kept, because every field of the document asks for it.
type reading struct {
	segs []segment
	ok   bool
	root *graph.Node
}

// read is what was found out before, or what find finds out now. Several
// goroutines may find out the same.
func (r *renderer) read(c *call, find func() reading) reading {
	if v, ok := r.readings.Load(c); ok {
		return v.(reading)
	}
	v := find()
	r.readings.Store(c, v)
	return v
}

// marshalled tells what the YAML or JSON text of a value was put together of.
func (t *tracer) marshalled(c *call, text string) ([]segment, bool) {
	v := t.r.read(c, func() reading {
		segs, ok := t.marshal(c, text)
		return reading{segs: segs, ok: ok}
	})
	return v.segs, v.ok
}

func (t *tracer) marshal(c *call, text string) ([]segment, bool) {
	root := document(text)
	if root == nil {
		return nil, false
	}
	var segs []segment
	end := 0
	add := func(s segment) {
		if s.at < end { // not in order: leave it out
			return
		}
		if s.at > end {
			segs = append(segs, segment{at: end, n: s.at - end})
		}
		segs = append(segs, s)
		end = s.at + s.n
	}
	scalar := func(h source.Handle, decoded, now string, is bool, cause cause) {
		span, ok := spanOf(h)
		if !ok {
			return
		}
		written := span.Text()
		i := strings.Index(written, now)
		if is && now == decoded && i >= 0 && i <= 1 && len(written) <= len(now)+2 && now != "" {
			add(segment{at: span.Start + i, n: len(now), cause: cause, copy: true, text: now})
			return
		}
		add(segment{at: span.Start, n: span.End - span.Start, cause: cause})
	}
	var walk func(n *graph.Node, v val)
	walk = func(n *graph.Node, v val) {
		if n == nil {
			return
		}
		u, _ := deref(v.Value)
		switch n.Kind() {
		case graph.Map:
			for _, f := range n.Fields() {
				key := keyCause(v.cause, f.Key)
				scalar(f.Place, f.Key, f.Key, true, key)
				member := val{cause: &field{of: v.cause, key: f.Key, index: -1, taint: taintOf(v.cause)}}
				if u.Kind() == reflect.Map && u.Type().Key().Kind() == reflect.String {
					e := u.MapIndex(reflect.ValueOf(f.Key).Convert(u.Type().Key()))
					member = val{e, t.r.member(v.cause, u, f.Key, e)}
				}
				walk(f.Node, member)
			}
			if len(n.Fields()) == 0 {
				scalar(n.Handle(), "", "", false, v.cause)
			}
		case graph.List:
			for i, it := range n.Items() {
				var e reflect.Value
				if u.Kind() == reflect.Slice && i < u.Len() {
					e = u.Index(i)
				}
				walk(it, val{e, item(v.cause, i, e)})
			}
			if len(n.Items()) == 0 {
				scalar(n.Handle(), "", "", false, v.cause)
			}
		default:
			scalar(n.Handle(), n.Text(), print(val{Value: u}), u.IsValid(), v.cause)
		}
	}
	walk(root, c.args[0])
	if end < len(text) {
		segs = append(segs, segment{at: end, n: len(text) - end})
	}
	return segs, true
}

// unmarshalled is the part of the text that a field of a document was read
// from.
func (t *tracer) unmarshalled(c *call, f *field) (cause, bool) {
	text := c.args[0].String()
	v := t.r.read(c, func() reading { return reading{root: document(text)} })
	return (&excerpt{of: c.args[0].cause, text: text, end: len(text), node: v.root}).child(f)
}

// child is the part of the text that has a field.
func (c *excerpt) child(f *field) (cause, bool) {
	var n *graph.Node
	switch c.node.Kind() {
	case graph.Map:
		if e := c.node.Field(f.key); e != nil && f.index < 0 {
			n = e.Node
		}
	case graph.List:
		i := f.index
		if i < 0 {
			i, _ = strconv.Atoi(f.key)
		}
		if items := c.node.Items(); i < len(items) {
			n = items[i]
		}
	}
	if n == nil {
		return nil, false
	}
	span, ok := spanOf(n.Handle())
	if !ok {
		return nil, false
	}
	if text := c.text[span.Start:span.End]; n.Kind() == graph.String && len(text) == len(n.Text())+2 && text[1:len(text)-1] == n.Text() {
		span.Start, span.End = span.Start+1, span.End-1
	}
	return &excerpt{of: c.of, text: c.text, start: span.Start, end: span.End, node: n}, true
}
