package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"
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

// An atom is a run of bytes that one thing wrote: a literal, a value or, when
// use is nil, some computation.
type atom struct {
	n       int
	literal bool
	use     *Use
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

// between are the pieces that have bytes in [start,end), and those without
// bytes inside or at its ends.
func (o *output) between(start, end int) []piece {
	lo, hi := 0, len(o.pieces)
	for lo < hi {
		if m := (lo + hi) / 2; o.pieces[m].end < start {
			lo = m + 1
		} else {
			hi = m
		}
	}
	var found []piece
	for _, p := range o.pieces[lo:] {
		if p.start > end {
			break
		}
		if p.start < end && p.end > start || p.start == p.end {
			found = append(found, p)
		}
	}
	return found
}

// spend counts work; it tells whether there is some left.
func (t *tracer) spend() bool {
	t.steps++
	return t.steps < maxTrace
}

// place is what wrote a range of an output, in the innermost template that
// wrote all of it.
func (t *tracer) place(o *output, start, end int) (Place, bool, Exactness, []Place) {
	o, start, end, via := t.descend(o, start, end, nil)
	return t.flat(o, start, end, via)
}

// has are the pieces that wrote a range. Where nothing was written it is what
// stands right there.
func (o *output) has(start, end int) []piece {
	all := o.between(start, end)
	var has []piece
	for _, p := range all {
		if p.start < p.end {
			has = append(has, p)
		}
	}
	if start < end {
		return has
	}
	for _, p := range all {
		if p.start == p.end {
			return []piece{p}
		}
	}
	for _, p := range o.between(start-1, start+1) {
		if p.start <= start && p.end >= start {
			return []piece{p}
		}
	}
	return nil
}

// calls are the template actions that a piece was written through.
func (r *renderer) callsOf(p *piece, via []Place) []Place {
	var calls []Place
	for c := p.ctl; c != nil; c = c.outer {
		if c.call {
			calls = append(calls, r.action(c.script, int(c.pos)))
		}
	}
	return append(calls, via...)
}

// descend follows a range to the innermost output that all of it was copied
// from; via are the calls that lead there.
func (t *tracer) descend(o *output, start, end int, via []Place) (*output, int, int, []Place) {
	for range maxDepth {
		has := o.has(start, end)
		if len(has) != 1 || has[0].literal {
			break
		}
		p := has[0]
		in, s, e, ok := t.inner(p.what, p.text, p.off+max(start-p.start, 0), p.off+max(min(end, p.end)-p.start, 0))
		if !ok || s < 0 || e > len(in.str) {
			break
		}
		wrote := in.has(s, e)
		if len(wrote) == 0 || slices.ContainsFunc(wrote, func(p piece) bool { return p.script.file < 0 || p.pos < 0 }) {
			break
		}
		via = append([]Place{t.r.place(&p)}, t.r.callsOf(&p, via)...)
		o, start, end = in, s, e
	}
	return o, start, end, via
}

// flat is what wrote a range of an output, in the output's own template.
func (t *tracer) flat(o *output, start, end int, via []Place) (Place, bool, Exactness, []Place) {
	has := o.has(start, end)
	for _, p := range has {
		if p.script.file < 0 || p.pos < 0 {
			has = nil
			break
		}
	}
	if len(has) == 0 {
		return Place{Template: -1}, false, Nowhere, via
	}
	p := has[0]
	at := t.r.place(&p)
	via = t.r.callsOf(&p, via)
	if p.literal {
		at.Start += max(start-p.start, 0)
	}
	switch {
	case len(has) == 1 && p.literal:
		at.End = at.Start + end - max(start, p.start)
		return at, true, Token, via
	case len(has) == 1 && strings.TrimSpace(o.str[p.start:p.end]) == strings.TrimSpace(o.str[start:end]):
		return at, false, Token, via
	case len(has) == 1 || !p.literal && p.start < start:
		return at, false, Block, via
	}
	// Several pieces: they follow each other in the template, or they do not.
	for i, q := range has {
		if q.script != p.script || i > 0 && q.pos < has[i-1].pos {
			return at, false, Line, via
		}
	}
	last := has[len(has)-1]
	until := t.r.place(&last)
	if last.literal {
		until.End = until.Start + end - last.start
	}
	at.End = max(until.End, at.End)
	if t.r.adjoin(has, start, end) {
		return at, false, Token, via
	}
	return at, false, Line, via
}

// adjoin tells whether the pieces wrote the range and nothing else, and stand
// side by side on a line of one template: they are a token of it.
func (r *renderer) adjoin(pieces []piece, start, end int) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if !first.literal && first.start < start || !last.literal && last.end > end {
		return false
	}
	calls := r.callsOf(&first, nil)
	for i := 1; i < len(pieces); i++ {
		before, at := r.place(&pieces[i-1]), r.place(&pieces[i])
		if at.Start < before.End || !slices.Equal(r.callsOf(&pieces[i], nil), calls) {
			return false
		}
		if gap := first.script.text[before.End:at.Start]; strings.Trim(gap, " ") != "" {
			return false
		}
	}
	from := r.place(&first).Start
	if first.literal {
		from += max(start-first.start, 0)
	}
	return !strings.Contains(first.script.text[from:r.place(&last).Start], "\n")
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

// inner follows a range of a text into the output that it was copied from.
func (t *tracer) inner(c cause, text string, start, end int) (*output, int, int, bool) {
	for t.spend() {
		switch x := c.(type) {
		case *under:
			c = x.of
		case *field:
			if c = t.canon(x); c == x {
				return nil, 0, 0, false
			}
		case *call:
			if x.out != nil {
				return x.out, start, end, true
			}
			segs, ok := t.split(x, text)
			if !ok {
				return nil, 0, 0, false
			}
			found := false
			for _, s := range segs {
				if start >= s.at && end <= s.at+s.n && s.copy && (start < end || !found) {
					c, text, start, end = s.cause, s.text, start-s.at+s.off, end-s.at+s.off
					found = true
					break
				}
			}
			if !found {
				return nil, 0, 0, false
			}
		case *excerpt:
			c, text, start, end = x.of, x.text, start+x.start, end+x.start
		default:
			return nil, 0, 0, false
		}
	}
	return nil, 0, 0, false
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

// value notes that a value was used as a whole.
func (t *tracer) value(c cause) {
	if c == nil || t.seen[c] || !t.spend() {
		return
	}
	t.seen[c] = true
	switch c := c.(type) {
	case *under:
		t.value(c.of)
		t.condition(c.cond)
	case *field:
		if d := t.canon(c); d != cause(c) {
			t.value(d)
		} else if path := t.path(c); path != nil {
			t.add(Use{Path: path, End: -1})
		} else {
			t.value(c.of)
		}
	case *derived:
		if path := t.path(c.of); path != nil && !c.index {
			t.add(Use{Path: append(path, c.key), Key: true, End: -1})
			return
		}
		t.condition(c.of)
	case *excerpt:
		t.value(c.of)
	case *call:
		if c.out != nil {
			for _, p := range c.out.pieces {
				t.value(p.what)
				if p.literal && p.script.file < 0 {
					t.value(p.script.from)
				}
				for ctl := p.ctl; ctl != nil && t.spend(); ctl = ctl.outer {
					if ctl.cond != nil {
						t.condition(ctl.cond)
					}
				}
			}
			for _, g := range c.out.ghosts {
				t.condition(g.cond)
			}
			return
		}
		if chosen, conds, ok := t.chosen(c); ok {
			for _, x := range conds {
				t.condition(x)
			}
			t.value(chosen)
			return
		}
		if c.name == "Get" && c.receiver != nil {
			if u, ok := t.fileOf(c); ok {
				u.End = -1
				t.add(u)
				return
			}
		}
		if c.name == "hasKey" && len(c.args) == 2 {
			t.value(t.step(c.args[0], c.args[1].Value).cause)
			return
		}
		for _, a := range c.args {
			t.value(a.cause)
		}
		if c.receiver != nil {
			t.value(c.receiver.cause)
		}
	}
}

func (t *tracer) condition(c cause) {
	if c != nil && !t.condSeen[c] && t.spend() {
		t.condSeen[c] = true
		t.conds = append(t.conds, c)
	}
}

func (t *tracer) add(u Use) { t.deps = append(t.deps, u) }

// uses are what was noted, each once.
func (t *tracer) uses() []Use {
	var all []Use
	at := map[string]int{}
	for _, u := range t.deps {
		key := fmt.Sprint(u.Path, u.Key, u.At, u.File, u.Scope)
		i, ok := at[key]
		if !ok {
			at[key] = len(all)
			all = append(all, u)
			continue
		}
		if o := &all[i]; o.Start != u.Start || o.End != u.End { // several parts: all of it
			o.Start, o.End, o.Whole = 0, -1, o.Whole && u.Whole
		}
	}
	return all
}

func (t *tracer) conditions() []Use {
	t.deps, t.seen = nil, map[cause]bool{}
	for i := 0; i < len(t.conds); i++ { // grows
		t.value(t.conds[i])
	}
	return t.uses()
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

// path is where a value is in what templates see; nil when it is in nothing
// that was there before.
func (t *tracer) path(c cause) []string {
	var keys []string
	for range maxDepth {
		switch x := c.(type) {
		case *origin:
			if len(keys) == 0 {
				return nil
			}
			slices.Reverse(keys)
			scope := slices.Clone(t.r.templates[x.template].Scope)
			for len(keys) > 2 && keys[0] == "Subcharts" {
				scope = append(scope, keys[1])
				keys = keys[2:]
			}
			switch keys[0] {
			case "Values", "Files", "Chart":
				return append(append([]string{keys[0]}, scope...), keys[1:]...)
			}
			return keys
		case *under:
			c = x.of
		case *field:
			d := t.canon(x)
			if d != cause(x) {
				c = d
				continue
			}
			if x.index >= 0 {
				keys = append(keys, fmt.Sprint(x.index))
			} else {
				keys = append(keys, x.key)
			}
			c = x.of
		case *call:
			d, _, ok := t.chosen(x)
			if !ok {
				return nil
			}
			c = d
		default:
			return nil
		}
	}
	return nil
}

// canon follows a field through the functions that its container went
// through; it is the field itself when there is nothing to follow.
func (t *tracer) canon(f *field) cause {
	if !t.spend() {
		return f
	}
	of := f.of
	if x, ok := of.(*field); ok {
		of = t.canon(x)
	}
	switch x := of.(type) {
	case *call:
		if c, conds, ok := t.chosen(x); ok {
			for _, c := range conds {
				t.condition(c)
			}
			return t.again(c, f)
		}
		if c, ok := t.within(x, f); ok {
			return c
		}
		if of == f.of {
			return f
		}
	case *excerpt:
		if c, ok := x.child(f); ok {
			return c
		}
	case *under:
		return t.again(x, f)
	}
	if of != f.of {
		return t.again(of, f)
	}
	return f
}

// again is the field of another container.
func (t *tracer) again(of cause, f *field) cause {
	if of == cause(f) {
		return f
	}
	var c cause
	if f.index >= 0 {
		c = item(of, f.index, f.v)
	} else {
		c = child(of, f.key, f.v)
	}
	if g, ok := c.(*field); ok && t.steps < maxTrace {
		if _, path := g.of.(*origin); !path {
			return t.canon(g)
		}
	}
	return c
}

// fileOf is the file that a call of .Files.Get read.
func (t *tracer) fileOf(c *call) (Use, bool) {
	path := t.path(c.receiver.cause)
	if len(path) == 0 || path[0] != "Files" || len(c.args) != 1 || c.args[0].Kind() != reflect.String {
		return Use{}, false
	}
	return Use{File: c.args[0].String(), Scope: path[1:]}, true
}

// address is where the bytes of a string are.
func address(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s))) }

// part tells where s lies in whole, by address. Strings of one byte can be
// anybody's.
func part(s, whole string) (off int, ok bool) {
	if len(s) < 2 || len(whole) < len(s) {
		return 0, false
	}
	a, b := address(s), address(whole)
	if a < b || a+uintptr(len(s)) > b+uintptr(len(whole)) {
		return 0, false
	}
	return int(a - b), true
}
