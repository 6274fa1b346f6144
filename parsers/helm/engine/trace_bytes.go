package engine

import (
	"fmt"
	"strings"
)

// An atom is a run of bytes that one thing wrote: a literal, a value or, when
// use is nil, some computation.
type atom struct {
	n       int
	literal bool
	use     *Use
}

// rendered traces a range of an output.
func (t *tracer) rendered(o *output, start, end int) {
	for _, p := range o.between(start, end) {
		if !t.spend() {
			t.compute(end-start, nil)
			return
		}
		for c := p.ctl; c != nil; c = c.outer {
			if c.cond == nil {
				continue
			}
			t.condition(c.cond)
			if ta := taintOf(c.cond); ta&unknown != 0 && (o != t.out || c.start >= t.from) || ta&open != 0 && c.start >= t.document {
				t.unknown = true
			}
		}
		if x, ok := p.what.(*failure); ok && x.line {
			continue // it would have begun another line
		}
		s, e := max(start, p.start), min(end, p.end)
		switch {
		case p.literal && p.script.file >= 0:
			t.atoms = append(t.atoms, atom{n: e - s, literal: true})
		case p.literal:
			if p.pos < 0 {
				t.compute(e-s, p.script.from)
				continue
			}
			t.bytes(p.script.from, p.script.text, p.pos+s-p.start, p.pos+e-p.start)
		default:
			if p.script.file < 0 {
				t.value(p.script.from)
			}
			t.bytes(p.what, p.text, p.off+s-p.start, p.off+e-p.start)
		}
	}
}

// bytes traces a range of a text that was made from a cause.
func (t *tracer) bytes(c cause, text string, start, end int) {
	if t.depth++; t.depth > maxDepth || !t.spend() {
		t.compute(end-start, nil)
		return
	}
	defer func() { t.depth-- }()
	switch c := c.(type) {
	case *under:
		t.condition(c.cond)
		if taintOf(c.cond)&unknown != 0 {
			t.unknown = true
		}
		t.bytes(c.of, text, start, end)
	case *field:
		if d := t.canon(c); d != cause(c) {
			t.bytes(d, text, start, end)
			return
		}
		if c.taint&open != 0 {
			t.unknown = true
		}
		if path := t.path(c); path != nil {
			t.copy(Use{Path: path, Start: start, End: end, Whole: start == 0 && end == len(text)}, end-start)
			return
		}
		t.compute(end-start, c)
	case *derived:
		if path := t.path(c.of); path != nil && !c.index {
			t.copy(Use{Path: append(path, c.key), Key: true, Start: start, End: end, Whole: start == 0 && end == len(text)}, end-start)
			return
		}
		t.condition(c.of)
		t.compute(end-start, nil)
	case *constant:
		u := Use{At: Place{Template: -1}, Start: start, End: end, Whole: start == 0 && end == len(text)}
		if f := c.script.file; f >= 0 && strings.HasPrefix(c.script.text[c.pos:], c.written) {
			u.At = Place{f, c.pos, c.pos + len(c.written)}
		} else if f < 0 {
			t.value(c.script.from)
		}
		t.copy(u, end-start)
	case *excerpt:
		if c.text[c.start:c.end] == text {
			t.bytes(c.of, c.text, c.start+start, c.start+end)
			return
		}
		t.compute(end-start, c.of)
	case *call:
		if c.out != nil {
			t.rendered(c.out, start, end)
			return
		}
		if c.name == "Get" && c.receiver != nil {
			if u, ok := t.fileOf(c); ok {
				u.Start, u.End = start, end
				t.copy(u, end-start)
				return
			}
		}
		segs, ok := t.split(c, text)
		if !ok {
			t.compute(end-start, c)
			return
		}
		t.follow(segs, start, end)
	default:
		t.compute(end-start, c)
	}
}

// follow traces a range of a text through the segments it was put together of.
func (t *tracer) follow(segs []segment, start, end int) {
	for _, s := range segs {
		a, b := max(start, s.at), min(end, s.at+s.n)
		if a > b || a == b && s.n > 0 {
			continue
		}
		for _, c := range s.conds {
			t.condition(c)
			if taintOf(c)&unknown != 0 {
				t.unknown = true
			}
		}
		switch {
		case s.copy:
			t.bytes(s.cause, s.text, a-s.at+s.off, b-s.at+s.off)
		default:
			t.compute(b-a, s.cause)
		}
	}
}

func (t *tracer) copy(u Use, n int) {
	t.atoms = append(t.atoms, atom{n: n, use: &u})
	t.add(u)
}

// compute notes bytes that were made of a cause in some way.
func (t *tracer) compute(n int, c cause) {
	t.atoms = append(t.atoms, atom{n: n})
	if taintOf(c) != 0 {
		t.unknown = true
	}
	if c != nil {
		t.value(c)
	}
}

// copied is what all the bytes are a copy of, and all of which they are.
func (t *tracer) copied(n int) *Use {
	var whole *Use
	at := 0
	for _, a := range t.atoms {
		switch {
		case a.n == 0:
		case a.use == nil:
			return nil
		case whole == nil:
			u := *a.use
			whole = &u
			at = u.Start
		default:
			if fmt.Sprint(whole.Path, whole.Key, whole.At, whole.File) != fmt.Sprint(a.use.Path, a.use.Key, a.use.At, a.use.File) || a.use.Start != at {
				return nil
			}
			whole.Whole = whole.Whole || a.use.Whole
		}
		at += a.n
	}
	if n == 0 && whole == nil && len(t.atoms) == 1 {
		return t.atoms[0].use
	}
	if whole != nil {
		whole.End = at
	}
	return whole
}
