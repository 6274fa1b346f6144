package engine

import (
	"slices"
	"strings"
)

// A Use is a value that had a part in some bytes.
type Use struct {
	// Path is where the value is in what templates of the root chart see, as
	// ["Values", "image", "tag"], or ["Chart", "db", "Version"] in a subchart;
	// a constant in an action has none.
	Path []string
	// Key tells that the last key was used, not what stands there.
	Key bool
	// At is the constant.
	At Place
	// File is the name of a file of the chart whose text was used, and Scope
	// the names of the subcharts that lead to that chart.
	File  string
	Scope []string
	// Start and End are the bytes of the value's text that were copied. End is
	// -1 when it was used in another way.
	Start, End int
	// Whole tells that all of its text was copied.
	Whole bool
}

// An Exactness says how well a place is known.
type Exactness uint8

// The exactnesses.
const (
	Nowhere Exactness = iota // nothing but the template
	Block                    // among other things in the place
	Line                     // on the first line of the place
	Token                    // the place itself
)

// A Trace is where some bytes of a rendered file come from.
type Trace struct {
	// At is the text or the action that wrote them, in the innermost template.
	At      Place
	Literal bool
	Exact   Exactness
	// Via are the calls that led there, the innermost first.
	Via []Place
	// Copy is the value or constant that all the bytes are a copy of.
	Copy *Use
	// Data flowed in, Conditions decided.
	Data, Conditions []Use
	// Unknown tells that only an installation knows the bytes.
	Unknown bool
}

// maxTrace bounds the work on one trace.
const maxTrace = 50_000

// A tracer works out one trace.
type tracer struct {
	r        *renderer
	atoms    []atom
	deps     []Use
	conds    []cause
	condSeen map[cause]bool
	seen     map[cause]bool
	from     int // what is asked for, in the file's own output
	document int // where the document that it is in begins
	out      *output
	unknown  bool
	steps    int
	depth    int
}

// Trace tells where the bytes [start,end) come from. Those of [from,to) count
// for what they are a copy of: a scalar without its quotes.
func (f *File) Trace(start, end, from, to int) (tr *Trace) {
	tr = &Trace{At: Place{Template: f.Template}}
	defer func() {
		if p := recover(); p != nil { // a mistake of ours must not cost the finding
			tr = &Trace{At: Place{Template: f.Template}, Unknown: tr.Unknown}
		}
	}()
	t := newTracer(f.out)
	t.from = start
	tr.At, tr.Literal, tr.Exact, tr.Via = t.place(f.out, start, end)
	if tr.At.Template < 0 {
		tr.At, tr.Exact = Place{Template: f.Template}, Nowhere
	}
	if !(tr.Literal && tr.Exact == Token) || f.out.taint != 0 {
		t.rendered(f.out, from, to)
		tr.Copy = t.copied(to - from)
		tr.Data = t.uses()
		tr.Unknown = t.unknown
	} else {
		t.rendered(f.out, from, to)
	}
	tr.Conditions = t.conditions()
	return tr
}

// Unknown tells whether only an installation knows the bytes [start,end).
// What a condition brought that is not known is unknown when the document that
// begins at the offset has it in itself, rather than hanging on it as a whole.
func (f *File) Unknown(start, end, document int) (is bool) {
	if f.out.taint == 0 || !f.out.tainted(start, end) {
		return false
	}
	defer func() {
		if recover() != nil {
			is = true
		}
	}()
	t := newTracer(f.out)
	t.from, t.document = start, document
	t.rendered(f.out, start, end)
	return t.unknown
}

// Open tells whether something in the file hangs on values that are not known.
func (f *File) Open() bool { return f.out.taint&open != 0 }

func newTracer(out *output) *tracer {
	return &tracer{r: out.r, out: out, seen: map[cause]bool{}, condSeen: map[cause]bool{}}
}

// tainted tells whether a piece among [start,end) may be unknown.
func (o *output) tainted(start, end int) bool {
	for _, p := range o.between(start, end) {
		if taintOf(p.what) != 0 {
			return true
		}
		for c := p.ctl; c != nil && c.out == o; c = c.outer {
			if taintOf(c.cond)&unknown != 0 {
				return true
			}
		}
	}
	return false
}

// spend counts work; it tells whether there is some left.
func (t *tracer) spend() bool {
	t.steps++
	return t.steps < maxTrace
}

// Header tells where the line of the bytes [start,end) is that has the key at
// [key,start): in the template that has the key, whatever brought the rest.
func (f *File) Header(key, start, end int) (tr *Trace) {
	tr = &Trace{At: Place{Template: f.Template}}
	defer func() {
		if recover() != nil {
			tr = &Trace{At: Place{Template: f.Template}}
		}
	}()
	t := newTracer(f.out)
	o, k, e, via := t.descend(f.out, key, end, nil)
	tr.At, tr.Literal, tr.Exact, tr.Via = t.flat(o, k+start-key, e, via)
	// What a template action wrote stands in the same output: the header is the
	// line of the key, not that of what it called.
	if own := o.has(k, k+1); len(own) == 1 && own[0].literal && own[0].pos >= 0 {
		for _, p := range o.has(k, e) {
			if p.script != own[0].script || !slices.Equal(t.r.callsOf(&p, nil), t.r.callsOf(&own[0], nil)) {
				at, _, _, calls := t.flat(o, k, k+1, via)
				line, _, _ := strings.Cut(own[0].script.text[at.Start:], "\n")
				at.End = at.Start + len(line)
				tr.At, tr.Literal, tr.Exact, tr.Via = at, false, Line, calls
				break
			}
		}
	}
	if tr.At.Template < 0 {
		tr.At, tr.Exact = Place{Template: f.Template}, Nowhere
	}
	t.rendered(f.out, key, key+1)
	tr.Conditions = t.conditions()
	return tr
}
