package engine

import (
	"slices"
	"strings"
	"text/template/parse"
)

// An Untaken is a branch that was not taken and would have written keys.
type Untaken struct {
	// Offset is where in the text it would have written.
	Offset int
	// At is the action that begins the branch.
	At Place
	// Keys are those that it would have written, [AnyKey] when some come from
	// data; Indent is the blanks before them, -1 when that is not known.
	Keys   []string
	Indent int
	// Conditions decided against it.
	Conditions []Use
	// Open tells that they may decide otherwise: one hangs on a value that is
	// not known.
	Open bool
}

// Untaken are the branches not taken that would have written between start
// and end.
func (f *File) Untaken(start, end int) []Untaken {
	var some []Untaken
	for _, u := range f.search().untaken {
		if u.Offset >= start && u.Offset <= end {
			some = append(some, u)
		}
	}
	return some
}

// Printed tells whether one action printed all of [start,end).
func (f *File) Printed(start, end int) (is bool) {
	defer func() { is = recover() == nil && is }()
	o, start, end, _ := newTracer(f.out).descend(f.out, start, end, nil)
	has := o.has(start, end)
	return len(has) == 1 && !has[0].literal
}

// maxUntaken bounds the branches of one file that are looked at.
const maxUntaken = 5000

// searched is what is not in a text: what branches that were not taken and
// actions that failed would have written.
type searched struct {
	untaken  []Untaken
	missed   []Miss
	doubtful []Doubtful
}

// search finds what is not in an output and in those that it was made of.
func search(o *output) (all searched) {
	defer func() {
		if recover() != nil {
			all = searched{missed: []Miss{{Indent: -1, At: Place{Template: -1}}}}
		}
	}()
	s := searcher{t: newTracer(o), bodies: map[*parse.ListNode]gap{}}
	s.t.steps = -10 * maxTrace
	s.output(o, 0, frameOf{place: func(at int) (int, bool) { return at, true }})
	slices.SortStableFunc(s.untaken, func(a, b Untaken) int { return a.Offset - b.Offset })
	slices.SortStableFunc(s.missed, func(a, b Miss) int { return a.Offset - b.Offset })
	return s.searched
}

type searcher struct {
	searched
	t      *tracer
	bodies map[*parse.ListNode]gap
}

// A frameOf says where a text came to be in the file.
type frameOf struct {
	place func(at int) (int, bool)
	// The blanks that were put before its first line and before the others; -1
	// for a first line that something else stands before.
	first, rest int
}

// output adds the branches of an output.
func (s *searcher) output(o *output, depth int, f frameOf) {
	if depth > 50 {
		return
	}
	for _, g := range o.ghosts {
		b, ok := s.bodies[g.body]
		if !ok {
			b = bodyOf(g.body, g.defs)
			s.bodies[g.body] = b
		}
		at, ok := f.place(g.at)
		if ok && g.script.file >= 0 {
			s.doubt(g, b, f)
		}
		if !ok || b.apart || g.script.file < 0 || len(s.untaken) >= maxUntaken {
			continue
		}
		u := Untaken{Offset: at, At: s.t.r.action(g.script, int(g.pos)), Keys: b.keys, Indent: f.indent(o, g.at, b.body)}
		if u.Open = taintOf(g.cond)&open != 0; u.Open {
			miss := b.miss(u.Offset, f.indent(o, g.at, b.outermost()), u.At)
			if until, ok := f.place(g.until); ok {
				miss.Until = until
			}
			s.missed = append(s.missed, miss)
		}
		if len(b.keys) == 0 { // items of a list, a part of a text
			continue
		}
		t := newTracer(o)
		t.condition(g.cond)
		u.Conditions = t.conditions()
		s.untaken = append(s.untaken, u)
	}
	for i := range o.pieces {
		p := &o.pieces[i]
		if x, ok := p.what.(*failure); ok {
			s.miss(o, p, x, f)
			continue
		}
		followed := false
		if !p.literal && p.off == 0 {
			in := frameOf{first: f.column(o, p.start), rest: f.rest, place: func(at int) (int, bool) {
				if at > p.end-p.start {
					return 0, false
				}
				return f.place(p.start + at)
			}}
			followed = s.cause(p.what, p.text, depth+1, in)
		}
		if at, ok := f.place(p.end); !followed && ok && taintOf(p.what)&failed != 0 {
			s.missed = append(s.missed, Miss{Offset: at, Indent: -1, At: s.t.r.place(p)})
		}
	}
}

// column is how many blanks stand before an offset on its line in the file, -1
// when other things do.
func (f frameOf) column(o *output, at int) int {
	line := strings.LastIndexByte(o.str[:at], '\n') + 1
	if strings.Trim(o.str[line:at], " ") != "" {
		return -1
	}
	if line == 0 {
		return add(f.first, at)
	}
	return f.rest + at - line
}

// indent is how many blanks stand before what a body would have written.
func (f frameOf) indent(o *output, at int, b body) int {
	if b.inline {
		return add(f.column(o, at), b.indent)
	}
	return b.indent + f.rest
}

// add adds to a number of blanks, which -1 is none of.
func add(blanks, n int) int {
	if blanks < 0 {
		return -1
	}
	return blanks + n
}

// cause adds the branches of what a text was made of; it tells whether it was
// one that can be followed.
func (s *searcher) cause(c cause, text string, depth int, f frameOf) bool {
	for {
		u, ok := c.(*under)
		if !ok {
			break
		}
		c = u.of
	}
	x, ok := c.(*call)
	if !ok || depth > 50 || !s.t.spend() {
		return false
	}
	if x.out != nil {
		s.output(x.out, depth, f)
		return true
	}
	switch n := 0; x.name {
	case "nindent", "indent":
		n = int(x.args[0].Int())
		f.first = add(f.first, n)
		if x.name == "nindent" {
			f.first = f.rest + n
		}
		f.rest += n
	case "trim", "trimSuffix", "trimPrefix", "default", "print", "printf", "replace", "tpl", "cat":
	default: // documents in the making do not go through it
		return false
	}
	segs, ok := s.t.split(x, text)
	if !ok {
		return false
	}
	followed := false
	// All segments of one text are searched at once.
	for i, g := range segs {
		if !g.copy || i > 0 && slices.ContainsFunc(segs[:i], func(h segment) bool { return h.copy && h.cause == g.cause }) {
			continue
		}
		in := f
		in.place = func(at int) (int, bool) {
			for _, h := range segs {
				if h.copy && h.cause == g.cause && at >= h.off && at <= h.off+h.n {
					return f.place(h.at + at - h.off)
				}
			}
			return 0, false
		}
		followed = s.cause(g.cause, g.text, depth+1, in) || followed
	}
	return followed
}
