package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// A binding says where a name of a scope comes from: an element of what a
// for_each, a dynamic block or a for expression goes through, or a variable of
// a template.
type binding struct {
	name  string
	field string // the attribute of the name: "key", "value", "index"; "" where the name is it
	s     *scope
	expr  hclsyntax.Expression
	key   key
	part  part
	given bool // to a template, by name, and not gone through
	next  *binding
}

// part is what of an element is meant.
type part uint8

const (
	wholePart part = iota // of count: the number of elements
	keyPart
	valuePart
)

func (b *binding) add(n binding) *binding {
	n.next = b
	return &n
}

func (b *binding) find(name, field string) *binding {
	for ; b != nil; b = b.next {
		if b.name == name && (b.field == "" || b.field == field) {
			return b
		}
	}
	return nil
}

// steps is how many steps of a reference the name takes.
func (b *binding) steps() int {
	if b.field != "" {
		return 2
	}
	return 1
}

// iterate binds the key and the value of an element to a name.
func (s *scope) iterate(name string, over *scope, expr hclsyntax.Expression, k key) {
	s.bound = s.bound.
		add(binding{name: name, field: "value", s: over, expr: expr, key: k, part: valuePart}).
		add(binding{name: name, field: "key", s: over, expr: expr, key: k, part: keyPart})
}

func (t *tracer) bound(b *binding, rest []key) *source.Origin {
	switch b.part {
	case keyPart:
		return t.keyLink(b.s, b.expr, b.key)
	case valuePart:
		step := source.ForEach
		if b.given {
			step = source.Written
		}
		return t.link(b.s, b.expr, prefixed([]key{b.key}, rest), step)
	case wholePart:
	}
	return t.link(b.s, b.expr, nil, source.ForEach)
}

// keyLink is the origin of the key of an element.
func (t *tracer) keyLink(s *scope, expr hclsyntax.Expression, k key) *source.Origin {
	if t.hops >= maxHops {
		return nil
	}
	t.hops++
	defer func() { t.hops-- }()
	w := t.into(s, expr, nil)
	o := t.keyIn(w, k)
	if o != nil {
		o.From = append(o.From, w.conditions...)
	}
	return o
}

func (t *tracer) keyIn(w within, k key) *source.Origin {
	switch e := w.expr.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, v := range slices.Backward(e.Items) {
			if name, ok := w.s.key(v.KeyExpr); ok && name == k.name {
				return t.keyExpr(w.s, v.KeyExpr)
			}
		}
	case *hclsyntax.ForExpr:
		if in, ok := t.roundOf(w.s, e, []key{k}); ok && e.KeyExpr != nil {
			return t.link(in, e.KeyExpr, nil, source.ForEach)
		} else if ok {
			return t.link(in, e.ValExpr, nil, source.ForEach)
		}
	case *hclsyntax.FunctionCallExpr:
		switch e.Name {
		case "merge":
			for i := len(e.Args) - 1; i >= 0 && !e.ExpandFinal; i-- {
				if has(w.s.eval(e.Args[i]), k) {
					return t.keyLink(w.s, e.Args[i], k)
				}
			}
		case "tomap":
			return t.keyLink(w.s, e.Args[0], k)
		case "zipmap":
			if i := find(w.s.eval(e.Args[0]), k.name); i >= 0 {
				return t.link(w.s, e.Args[0], []key{{index: i}}, source.ForEach)
			}
		case "toset", "setunion", "distinct", "keys":
			return t.link(w.s, e, []key{k}, source.ForEach)
		}
	case *hclsyntax.ScopeTraversalExpr:
		rest, plain := keys(e.Traversal[min(2, len(e.Traversal)):])
		if in, def := t.definition(w.s, e.Traversal); in != nil && plain && def != nil {
			w := t.into(in, def, rest)
			if w.missing || len(w.path) > 0 {
				return t.link(in, def, rest, source.ForEach)
			}
			return t.keyLink(w.s, w.expr, k)
		}
	}
	if k.index == isName {
		if in := t.into(w.s, w.expr, []key{k}); len(in.path) == 0 && !in.missing {
			if _, tuple := w.expr.(*hclsyntax.TupleConsExpr); tuple {
				return t.origin(in, source.ForEach)
			}
		}
	}
	return t.origin(w, source.ForEach)
}

// keyExpr is the origin of a key in a constructor.
func (t *tracer) keyExpr(s *scope, expr hclsyntax.Expression) *source.Origin {
	w := within{s: s, expr: expr, at: expr}
	if k, ok := expr.(*hclsyntax.ObjectConsKeyExpr); ok {
		if !k.ForceNonLiteral && hcl.ExprAsKeyword(k.Wrapped) != "" {
			w.expr = &hclsyntax.LiteralValueExpr{SrcRange: k.Range()}
			w.at = w.expr
		} else {
			w.expr = k.Wrapped
		}
	}
	return t.origin(w, source.ForEach)
}

// definition is the expression that a name of a module stands for.
func (t *tracer) definition(s *scope, ref hcl.Traversal) (*scope, hclsyntax.Expression) {
	if len(ref) < 2 || s.bound.find(ref.RootName(), attrName(ref, 1)) != nil {
		return nil, nil
	}
	return s.defined(ref.RootName(), attrName(ref, 1))
}

// defaulted is the origin of a part of a variable's value. What the value
// leaves out may be a default within the type.
func (t *tracer) defaulted(
	m *module, k *hcltext.Block, s *scope, expr hclsyntax.Expression, path []key, step source.Step,
) *source.Origin {
	if a := k.Body.Attribute("type"); a != nil && len(path) > 0 {
		if w := t.into(s, expr, path); w.missing {
			if d, rest := optional(a.Expr, path); d != nil {
				return t.link(&scope{m: m}, d, rest, source.Variable)
			}
		}
	}
	return t.link(s, expr, path, step)
}

// optional is the default that a type has for a part, and what of the path is
// left behind it.
func optional(typ hclsyntax.Expression, path []key) (hclsyntax.Expression, []key) {
	for {
		call, ok := typ.(*hclsyntax.FunctionCallExpr)
		if !ok || len(call.Args) == 0 || len(path) == 0 {
			return nil, nil
		}
		switch call.Name {
		case "map", "list", "set":
			typ, path = call.Args[0], path[1:]
		case "optional":
			typ = call.Args[0]
		case "object":
			o, ok := call.Args[0].(*hclsyntax.ObjectConsExpr)
			if !ok {
				return nil, nil
			}
			typ = nil
			for _, item := range o.Items {
				if hcl.ExprAsKeyword(item.KeyExpr) == path[0].name {
					typ = item.ValueExpr
				}
			}
			path = path[1:]
			opt, ok := typ.(*hclsyntax.FunctionCallExpr)
			if ok && opt.Name == "optional" && len(opt.Args) == 2 {
				return opt.Args[1], path
			}
			if typ == nil {
				return nil, nil
			}
		default:
			return nil, nil
		}
	}
}
