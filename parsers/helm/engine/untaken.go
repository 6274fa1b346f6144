package engine

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// An Untaken is a branch that was not taken and would have written keys.
type Untaken struct {
	// Offset is where in the text it would have written.
	Offset int
	// At is the action that begins the branch.
	At Place
	// Keys are those that it would have written, Indent the blanks before
	// them, -1 when that is not known.
	Keys   []string
	Indent int
	// Conditions decided against it.
	Conditions []Use
	// Open tells that they may decide otherwise: one hangs on a value that is
	// not known. Then branches that write no key by themselves count as well.
	Open bool
}

// Untaken are the branches not taken that would have written between start
// and end.
func (f *File) Untaken(start, end int) []Untaken {
	var some []Untaken
	for _, u := range f.ghosts() {
		if u.Offset >= start && u.Offset <= end {
			some = append(some, u)
		}
	}
	return some
}

// maxUntaken bounds the branches of one file that are looked at.
const maxUntaken = 5000

// untaken finds all branches of an output, and of those that it was made of.
func untaken(o *output) (all []Untaken) {
	defer func() {
		if recover() != nil {
			all = nil
		}
	}()
	s := searcher{t: newTracer(o), keys: map[*parse.ListNode]body{}}
	s.t.steps = -10 * maxTrace
	s.output(o, 0, func(at int) (int, bool) { return at, true })
	slices.SortStableFunc(s.all, func(a, b Untaken) int { return a.Offset - b.Offset })
	return s.all
}

type searcher struct {
	t    *tracer
	all  []Untaken
	keys map[*parse.ListNode]body
}

type body struct {
	keys   []string
	indent int
	writes bool // no key, but an action that prints, indented like that
}

// output adds the branches of an output; place tells where its bytes came to
// be in the file.
func (s *searcher) output(o *output, depth int, place func(int) (int, bool)) {
	if depth > 50 {
		return
	}
	for _, g := range o.ghosts {
		b, ok := s.keys[g.body]
		if !ok {
			b = keysOf(g.body)
			s.keys[g.body] = b
		}
		at, ok := place(g.at)
		isOpen := taintOf(g.cond)&open != 0
		if !ok || len(b.keys) == 0 && !(isOpen && b.writes) || g.script.file < 0 || len(s.all) >= maxUntaken {
			continue
		}
		u := Untaken{Offset: at, At: s.t.r.action(g.script, int(g.pos)), Keys: b.keys, Indent: -1}
		if depth == 0 || b.writes {
			u.Indent = b.indent
		}
		t := newTracer(o)
		t.condition(g.cond)
		u.Conditions = t.conditions()
		u.Open = isOpen
		s.all = append(s.all, u)
	}
	for i := range o.pieces {
		p := &o.pieces[i]
		if !p.literal && p.off == 0 {
			s.cause(p.what, p.text, depth+1, func(at int) (int, bool) {
				if at > p.end-p.start {
					return 0, false
				}
				return place(p.start + at)
			})
		}
	}
}

// cause adds the branches of what a text was made of.
func (s *searcher) cause(c cause, text string, depth int, place func(int) (int, bool)) {
	for {
		u, ok := c.(*under)
		if !ok {
			break
		}
		c = u.of
	}
	x, ok := c.(*call)
	if !ok || depth > 50 || !s.t.spend() {
		return
	}
	if x.out != nil {
		s.output(x.out, depth, place)
		return
	}
	if !through(x.name) {
		return
	}
	segs, ok := s.t.split(x, text)
	if !ok {
		return
	}
	// All segments of one text are searched at once.
	for i, g := range segs {
		if !g.copy || i > 0 && slices.ContainsFunc(segs[:i], func(h segment) bool { return h.copy && h.cause == g.cause }) {
			continue
		}
		s.cause(g.cause, g.text, depth+1, func(at int) (int, bool) {
			for _, h := range segs {
				if h.copy && h.cause == g.cause && at >= h.off && at <= h.off+h.n {
					return place(h.at + at - h.off)
				}
			}
			return 0, false
		})
	}
}

// through tells of functions that documents in the making go through.
func through(name string) bool {
	switch name {
	case "indent", "nindent", "trim", "trimSuffix", "trimPrefix", "default", "print", "printf", "replace", "tpl", "cat":
		return true
	}
	return false
}

var keyLine = regexp.MustCompile(`(?m)^([ \t]*)(?:- )?([A-Za-z][\w./-]*):(?:[ \t\r]|$)`)

// keysOf are the keys that a branch writes by itself, those that stand least
// deep.
func keysOf(l *parse.ListNode) body {
	b := body{indent: -1}
	for _, n := range l.Nodes {
		t, ok := n.(*parse.TextNode)
		if !ok {
			continue
		}
		for _, m := range keyLine.FindAllStringSubmatch(string(t.Text), -1) {
			indent := len(m[1])
			if strings.HasPrefix(strings.TrimSpace(m[0]), "- ") {
				continue
			}
			if b.indent < 0 || indent < b.indent {
				b = body{indent: indent}
			}
			if indent == b.indent && len(b.keys) < 20 {
				b.keys = append(b.keys, m[2])
			}
		}
	}
	if len(b.keys) > 0 {
		return b
	}
	for _, n := range l.Nodes {
		if a, ok := n.(*parse.ActionNode); ok && len(a.Pipe.Decl) == 0 {
			b.writes = true
			if m := indented.FindStringSubmatch(a.String()); m != nil {
				b.indent, _ = strconv.Atoi(m[1])
			}
		}
	}
	return b
}

var indented = regexp.MustCompile(`\bn?indent (\d{1,3})`)
