package engine

import (
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"
)

// The functions that prepared trees call. Templates can call them too; it
// does them no good.
const (
	fnEnter = "_enter" // a template's body begins
	fnLeave = "_leave" // and ends
	fnTick  = "_tick"  // once more around a range
	fnCheck = "_check" // weighs what a function returned
	fnEmit  = "_emit"  // weighs what will be printed, and notes by which action
)

// prepare prepares the trees of a set that are new. file is the template they
// were read from, -1 for text that no file holds.
func (r *renderer) prepare(set *template.Template, file int) error {
	for _, t := range set.Templates() {
		if t.Tree == nil || r.prepared[t.Tree] {
			continue
		}
		if err := r.prepareTree(t.Tree, file); err != nil {
			return err
		}
	}
	return nil
}

func (r *renderer) prepareTree(tree *parse.Tree, file int) error {
	r.prepared[tree] = true
	p := preparer{r: r, tree: tree, file: file}
	p.list(tree.Root, 0)
	root := tree.Root
	if p.err != nil {
		root.Nodes = nil // half prepared: must not run
	}
	root.Nodes = append(append([]parse.Node{p.call(fnEnter, root.Pos)}, root.Nodes...), p.call(fnLeave, root.Pos))
	return p.err
}

type preparer struct {
	r    *renderer
	tree *parse.Tree
	file int
	err  error
}

func (p *preparer) list(l *parse.ListNode, depth int) {
	if l == nil || p.tooDeep(l, depth) {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			p.text(n)
		case *parse.ActionNode:
			p.pipe(n.Pipe, depth+1)
			if len(n.Pipe.Decl) == 0 {
				p.emit(n)
			}
		case *parse.IfNode:
			p.branch(&n.BranchNode, depth)
		case *parse.WithNode:
			p.branch(&n.BranchNode, depth)
		case *parse.RangeNode:
			p.branch(&n.BranchNode, depth)
			n.List.Nodes = append([]parse.Node{p.call(fnTick, n.Pos)}, n.List.Nodes...)
		case *parse.TemplateNode:
			p.pipe(n.Pipe, depth+1)
		}
	}
}

func (p *preparer) tooDeep(n parse.Node, depth int) bool {
	if depth > maxNesting && p.err == nil {
		location, _ := p.tree.ErrorContext(n)
		p.err = fmt.Errorf("template: %s: %w", location, limit("nested more than %d deep", maxNesting))
	}
	return p.err != nil
}

func (p *preparer) branch(b *parse.BranchNode, depth int) {
	p.pipe(b.Pipe, depth+1)
	p.list(b.List, depth+1)
	p.list(b.ElseList, depth+1)
}

// text remembers where a text node comes from. Where the file does not have
// the text at that place nothing is claimed.
func (p *preparer) text(n *parse.TextNode) {
	if p.file < 0 || len(n.Text) == 0 {
		return
	}
	text := p.r.templates[p.file].Text
	if at := int(n.Pos); at <= len(text) && strings.HasPrefix(text[at:], string(n.Text)) {
		p.r.literals[&n.Text[0]] = literal{p.file, at}
	}
}

// pipe puts a check behind every call whose result can be large.
func (p *preparer) pipe(pipe *parse.PipeNode, depth int) {
	if pipe == nil || p.tooDeep(pipe, depth) {
		return
	}
	var cmds []*parse.CommandNode
	for _, c := range pipe.Cmds {
		for _, arg := range c.Args {
			p.arg(arg, depth)
		}
		cmds = append(cmds, c)
		if id, ok := c.Args[0].(*parse.IdentifierNode); ok && costs(id.Ident) {
			cmds = append(cmds, p.command(fnCheck, c.Pos))
		}
	}
	pipe.Cmds = cmds
}

func (p *preparer) arg(n parse.Node, depth int) {
	switch n := n.(type) {
	case *parse.PipeNode:
		p.pipe(n, depth+1)
	case *parse.ChainNode:
		p.arg(n.Node, depth+1)
	}
}

// emit sends what an action prints through the function of that name.
func (p *preparer) emit(n *parse.ActionNode) {
	number := len(p.r.actions)
	place := Place{Template: -1}
	if p.file >= 0 {
		text := p.r.templates[p.file].Text
		place = Place{Template: p.file, Start: min(int(n.Pos), len(text)), End: -1}
	}
	p.r.actions = append(p.r.actions, place)
	c := p.command(fnEmit, n.Pos)
	c.Args = append(c.Args, &parse.NumberNode{
		NodeType: parse.NodeNumber, Pos: n.Pos, IsInt: true, Int64: int64(number), Text: fmt.Sprint(number),
	})
	cmds := n.Pipe.Cmds
	if last := cmds[len(cmds)-1]; isCall(last, fnCheck) {
		cmds = cmds[:len(cmds)-1] // emit checks, too
	}
	n.Pipe.Cmds = append(cmds, c)
}

func isCall(c *parse.CommandNode, name string) bool {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	return ok && id.Ident == name
}

func (p *preparer) command(name string, pos parse.Pos) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: []parse.Node{
		parse.NewIdentifier(name).SetPos(pos).SetTree(p.tree),
	}}
}

func (p *preparer) call(name string, pos parse.Pos) parse.Node {
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{p.command(name, pos)},
	}}
}

// costs tells whether a call needs weighing. One that only looks at its
// arguments, or hands one of them on, does not.
func costs(name string) bool {
	switch name {
	case "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index", "call",
		"default", "coalesce", "ternary", "empty", "required", "get", "hasKey", "dig", "first", "last", "lookup",
		"kindIs", "kindOf", "typeIs", "typeOf", "typeIsLike", "int", "int64", "add", "add1", "sub", "set", "unset":
		return false
	}
	return true
}

// actionEnd is the offset behind the action that has a token at pos: behind
// the "}}" that is in no string.
func actionEnd(text string, pos int) int {
	for i := pos; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '\'', '`':
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' && c != '`' {
					i++
				}
			}
		case '}':
			if strings.HasPrefix(text[i:], "}}") {
				return i + 2
			}
		}
	}
	return len(text)
}

// actionStart is the offset of the "{{" of the action that has its first token
// at pos.
func actionStart(text string, pos int) int {
	if i := strings.LastIndex(text[:pos], "{{"); i >= 0 {
		return i
	}
	return pos
}
