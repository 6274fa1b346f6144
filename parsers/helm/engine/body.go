package engine

import (
	"slices"
	"strings"
	"text/template/parse"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// AnyKey stands for the keys of a table that a branch would have written.
const AnyKey = "*"

// A body is what a branch would write, as far as its source tells: the keys
// that stand least deep, and the blanks before them. Inline is a body that
// goes on where the branch stands, not on a line of its own.
type body struct {
	keys   []string
	indent int
	inline bool
}

// The limits of what is looked at of one body.
const (
	maxKeys     = 20
	maxSketch   = 1 << 14 // bytes
	maxWork     = 2000    // nodes
	maxIncludes = 6       // inside each other
)

// keyLine is a line with a key, or with what may be any key.
var keyLine = late.Pattern(`(?m)^( *)(?:([A-Za-z][\w./-]*):(?:[ \t\r\x00\x01]|$)|[\x00\x01])`)

// bodyOf reads the body of a branch that was not taken.
func bodyOf(l *parse.ListNode, defs *definitions) gap {
	work := 0
	k := sketch{defs: defs, work: &work}
	k.list(l)
	return gapOf(k.String(), work <= maxWork)
}

// bodyIn reads the keys of a sketch.
func bodyIn(text string) body {
	b := body{indent: -1}
	for _, m := range keyLine().FindAllStringSubmatchIndex(text, -1) {
		indent := m[3] - m[2]
		if b.indent < 0 || indent < b.indent {
			b = body{indent: indent, inline: m[0] == 0}
		}
		if indent != b.indent || len(b.keys) >= maxKeys {
			continue
		}
		key := AnyKey
		if m[4] >= 0 {
			key = text[m[4]:m[5]]
		}
		if !slices.Contains(b.keys, key) {
			b.keys = append(b.keys, key)
		}
	}
	return b
}

// A sketch is the text that nodes would write, with \x00 for what is not known
// and \x01 for a table. All branches are in it.
type sketch struct {
	strings.Builder
	defs     *definitions
	includes int  // around it
	work     *int // done for all of a body
}

func (k *sketch) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		if *k.work++; *k.work > maxWork || k.Len() > maxSketch {
			return
		}
		switch n := n.(type) {
		case *parse.TextNode:
			k.Write(n.Text)
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				k.WriteString(k.pipe(n.Pipe))
			}
		case *parse.IfNode:
			k.branch(&n.BranchNode)
		case *parse.WithNode:
			k.branch(&n.BranchNode)
		case *parse.RangeNode:
			k.branch(&n.BranchNode)
		case *parse.TemplateNode:
			k.WriteString(k.named(n.Name))
		}
	}
}

func (k *sketch) branch(b *parse.BranchNode) {
	k.list(b.List)
	k.list(b.ElseList)
}

// named is the sketch of a named template.
func (k *sketch) named(name string) string {
	def := k.defs.lookup(name)
	if def == nil || k.includes >= maxIncludes {
		return "\x00"
	}
	in := sketch{defs: k.defs, includes: k.includes + 1, work: k.work}
	in.list(def.root)
	return in.String()
}

// pipe is the sketch of what a pipeline prints.
func (k *sketch) pipe(p *parse.PipeNode) string {
	text := "\x00"
	for i, cmd := range p.Cmds {
		name, ok := cmd.Args[0].(*parse.IdentifierNode)
		if !ok {
			if s, ok := cmd.Args[0].(*parse.StringNode); ok && i == 0 {
				text = s.Text
			}
			continue
		}
		arg := func(i int) parse.Node {
			if i < len(cmd.Args) {
				return cmd.Args[i]
			}
			return nil
		}
		switch name.Ident {
		case "include":
			text = "\x00"
			if s, ok := arg(1).(*parse.StringNode); ok {
				text = k.named(s.Text)
			}
		case "printf", "print":
			text = "\x00"
			if s, ok := arg(1).(*parse.StringNode); ok {
				text = s.Text
			}
		case "toYaml", "tpl":
			text = "\x01"
		case "indent", "nindent":
			if piped := arg(2); piped != nil {
				text = k.argument(piped)
			}
			if n, ok := arg(1).(*parse.NumberNode); ok && n.IsInt && n.Int64 >= 0 && n.Int64 < 100 {
				pad := strings.Repeat(" ", int(n.Int64))
				text = pad + strings.ReplaceAll(text, "\n", "\n"+pad)
				if name.Ident == "nindent" {
					text = "\n" + text
				}
			}
		case "trim", "trimSuffix", "trimPrefix":
			text = strings.TrimSpace(text)
		default:
			text = "\x00"
		}
	}
	return text
}

// argument is the sketch of an argument.
func (k *sketch) argument(n parse.Node) string {
	if p, ok := n.(*parse.PipeNode); ok {
		return k.pipe(p)
	}
	return "\x00"
}
