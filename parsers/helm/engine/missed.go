package engine

import (
	"slices"
	"strings"
	"text/template/parse"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// A Miss is where an action that failed would have written, or where a branch
// may have written that a value decides which is not known.
type Miss struct {
	Offset int   // in the text
	At     Place // of the action
	// Until is where the branch ends that was taken instead: a document in it is
	// there instead of what is missing. 0 when that is not known.
	Until int
	// Keys are all that it would have written there; nil when that is not known.
	Keys []string
	// Indent is the blanks before what it would have written, -1 when that is
	// not known or it would have gone on behind other text.
	Indent int
	// Line tells that it would have begun a line of its own, Item that this may
	// have been an item of a list.
	Line, Item bool
	// Items tells that it would have been items of a list and nothing else.
	Items bool
}

// Missed are the places where something is missing that is not known.
func (f *File) Missed() []Miss {
	if !f.Failed && !f.Open() {
		return nil
	}
	return f.search().missed
}

// A gap is what is missing where an action failed.
type gap struct {
	body
	exact, line, item bool
	// apart tells that nothing was to be written into what stands around it: only
	// blanks, comments, or documents of their own.
	apart bool
	// items tells that items of a list were to be written and nothing else, dash
	// how many blanks stand before them.
	items bool
	dash  int
	// kinds are those of the objects that were to be written in documents of their
	// own.
	kinds []string
}

// miss notes that an action that failed would have written here, and what
// depends on it.
func (s *state) miss(n parse.Node) {
	lists := branches(n)
	for _, l := range lists { // which of the two nobody knows
		for _, name := range s.assigned(l) {
			s.doubt(name, &failure{})
		}
	}
	g, ok := s.gaps[n]
	if !ok {
		g = bodyOf(&parse.ListNode{Nodes: []parse.Node{n}}, s.defs)
		s.gaps[n] = g
	}
	if silent(n) {
		return
	}
	out := s.out
	out.pieces = append(out.pieces, piece{start: len(out.text), end: len(out.text), script: s.script, pos: int(n.Position()), what: &failure{g}, ctl: s.ctl})
	out.taint |= unknown | failed
}

// branches are the lists of an if, a with or a range.
func branches(n parse.Node) []*parse.ListNode {
	switch n := n.(type) {
	case *parse.IfNode:
		return []*parse.ListNode{n.List, n.ElseList}
	case *parse.WithNode:
		return []*parse.ListNode{n.List, n.ElseList}
	case *parse.RangeNode:
		return []*parse.ListNode{n.List, n.ElseList}
	}
	return nil
}

// silent tells of actions that never write anything: they set a variable, or
// call fail.
func silent(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.ActionNode:
		if len(n.Pipe.Decl) > 0 {
			return true
		}
		last := n.Pipe.Cmds[len(n.Pipe.Cmds)-1]
		f, ok := last.Args[0].(*parse.IdentifierNode)
		return ok && f.Ident == "fail"
	case *parse.IfNode:
		return quiet(n.List) && quiet(n.ElseList)
	case *parse.WithNode:
		return quiet(n.List) && quiet(n.ElseList)
	case *parse.RangeNode:
		return quiet(n.List) && quiet(n.ElseList)
	}
	return false
}

func quiet(l *parse.ListNode) bool {
	return l == nil || !slices.ContainsFunc(l.Nodes, func(n parse.Node) bool {
		t, ok := n.(*parse.TextNode)
		return ok && strings.TrimSpace(string(t.Text)) != "" || !ok && !silent(n)
	})
}

// comment is a line with nothing but a comment.
var comment = late.Pattern(`(?m)^ *#.*$`)

// gapOf reads the sketch of what was to be written.
func gapOf(text string, complete bool) gap {
	g := gap{body: bodyIn(text), exact: complete}
	first, rest, more := strings.Cut(text, "\n")
	g.line = more && strings.TrimSpace(first) == ""
	start := strings.TrimSpace(text)
	g.kinds = kindsIn(text)
	g.dash = firstIndent(text)
	g.items = onlyItems(text, g.dash)
	g.apart = strings.HasPrefix(start, "---") || strings.TrimSpace(comment().ReplaceAllString(text, "")) == ""
	g.item = strings.HasPrefix(start, "- ") || strings.HasPrefix(start, "\x01") || strings.HasPrefix(start, "\x00")
	if !g.line && strings.TrimSpace(rest) != "" || g.item {
		g.exact = false
	}
	if len(g.keys) == 0 {
		g.indent = firstIndent(text)
		g.inline = !g.line
	}
	for line := range strings.Lines(text) {
		stripped := strings.TrimSpace(line)
		if stripped != "" && len(line)-len(strings.TrimLeft(line, " ")) <= g.indent && !keyLine().MatchString(line) && stripped[0] != '#' {
			g.exact = false
		}
	}
	g.exact = g.exact && len(g.keys) > 0 && len(g.keys) < maxKeys && !slices.Contains(g.keys, AnyKey)
	return g
}

// onlyItems tells whether a text is items of a list that stand behind a number
// of blanks.
func onlyItems(text string, blanks int) bool {
	some := false
	for line := range strings.Lines(text) {
		stripped := strings.TrimSpace(line)
		if stripped == "" || stripped[0] == '#' {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		item := strings.HasPrefix(stripped, "- ")
		if indent < blanks || indent == blanks && !item {
			return false
		}
		some = true
	}
	return some
}

// outermost is the body as far as it counts for where in a document it would
// have been written.
func (g gap) outermost() body {
	if g.items {
		return body{indent: g.dash, inline: !g.line}
	}
	return g.body
}

// firstIndent is how many blanks stand before the first thing in a text.
func firstIndent(text string) int {
	for line := range strings.Lines(text) {
		if t := strings.TrimLeft(line, " "); strings.TrimSpace(t) != "" {
			return len(line) - len(t)
		}
	}
	return 0
}

// miss adds a place where an action failed.
func (s *searcher) miss(o *output, p *piece, x *failure, f frameOf) {
	at, ok := f.place(p.start)
	if !ok {
		return
	}
	s.missed = append(s.missed, x.miss(at, f.indent(o, p.start, x.outermost()), s.t.r.place(p)))
}

// miss is the gap at a place of a text.
func (g gap) miss(at, indent int, action Place) Miss {
	m := Miss{Offset: at, Indent: indent, Line: g.line, Item: g.item, Items: g.items, At: action}
	if g.exact {
		m.Keys = g.keys
	}
	return m
}
