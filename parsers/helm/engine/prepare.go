package engine

import (
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"
)

// prepareFunctions makes the functions ready to be called.
func (r *renderer) prepareFunctions() {
	r.funcs = r.funcMap()
	r.functions = make(map[string]*function, len(r.funcs))
	for name, fn := range r.funcs {
		r.functions[name] = &function{name: name, fn: reflect.ValueOf(fn), costs: costs(name), taints: unknowable(name)}
	}
}

// unknowable tells of the functions whose result only an installation has.
func unknowable(name string) bool {
	switch name {
	case "lookup", "getHostByName", "now", "ago", "uuidv4", "bcrypt", "htpasswd", "shuffle", "encryptAES", "derivePassword",
		"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt",
		"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey":
		return true
	}
	return false
}

// checkNesting refuses trees that are too deep to be executed.
func checkNesting(trees map[string]*parse.Tree) error {
	for _, t := range trees {
		if n := deep(t.Root, 0); n != nil {
			location, _ := t.ErrorContext(n)
			return fmt.Errorf("template: %s: %w", location, limit("nested more than %d deep", maxNesting))
		}
	}
	return nil
}

// deep is a node that lies too deep, nil when there is none.
func deep(n parse.Node, depth int) parse.Node {
	if depth > maxNesting {
		return n
	}
	var inside []parse.Node
	branch := func(b *parse.BranchNode) {
		inside = append(inside, b.Pipe, b.List)
		if b.ElseList != nil {
			inside = append(inside, b.ElseList)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, c := range n.Nodes {
			if d := deep(c, depth); d != nil {
				return d
			}
		}
	case *parse.ActionNode:
		inside = append(inside, n.Pipe)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			inside = append(inside, n.Pipe)
		}
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			inside = append(inside, c.Args...)
		}
	case *parse.ChainNode:
		inside = append(inside, n.Node)
	}
	for _, c := range inside {
		if d := deep(c, depth+1); d != nil {
			return d
		}
	}
	return nil
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
