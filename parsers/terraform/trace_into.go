package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// within is how far the way of a part leads into an expression.
type within struct {
	s          *scope
	expr       hclsyntax.Expression
	at         hclsyntax.Expression // whose place it is; expr, unless that has none of its own
	path       []key                // what is left of it
	conditions []*source.Origin
	missing    bool // the part is not in the constructor that should hold it
}

// into follows a path through constructors, conditions and the functions that
// hand parts of their arguments on.
func (t *tracer) into(s *scope, expr hclsyntax.Expression, path []key) within {
	w := within{s: s, expr: expr, at: expr, path: path}
	for range 200 {
		before := w.expr
		if !t.inner(&w) {
			break
		}
		if w.at == before {
			w.at = w.expr
		}
	}
	return w
}

// inner goes one expression in.
func (t *tracer) inner(w *within) bool {
	switch e := w.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		w.expr = e.Expression
	case metered:
		w.expr = e.Expression
	case *hclsyntax.TemplateWrapExpr:
		w.expr = e.Wrapped
	case *hcltext.Quoted: // what is in it has no place of its own
		w.expr, w.at = e.Expression, e
		return true
	case *hclsyntax.ConditionalExpr:
		b, ok := truth(w.s.eval(e.Condition))
		if !ok {
			return false
		}
		w.conditions = append(w.conditions, t.condition(w.s, e.Condition)...)
		w.expr = e.FalseResult
		if b {
			w.expr = e.TrueResult
		}
	case *hclsyntax.ObjectConsExpr:
		return w.object(e)
	case *hclsyntax.TupleConsExpr:
		if len(w.path) == 0 {
			return false
		}
		i := w.path[0].index
		if i == isName { // the tuple became a set
			i = find(w.s.eval(e), w.path[0].name)
		}
		if i < 0 || i >= len(e.Exprs) {
			w.missing = i != isAny
			return false
		}
		w.expr, w.path = e.Exprs[i], w.path[1:]
	case *hclsyntax.IndexExpr:
		k, ok := indexKey(w.s.eval(e.Key))
		if !ok {
			return false
		}
		w.conditions = append(w.conditions, t.condition(w.s, e.Key)...)
		w.expr, w.path = e.Collection, prefixed([]key{k}, w.path)
	case *hclsyntax.RelativeTraversalExpr:
		steps, ok := keys(e.Traversal)
		if !ok {
			return false
		}
		w.expr, w.path = e.Source, prefixed(steps, w.path)
	case *hclsyntax.SplatExpr:
		return w.splat(e)
	case *hclsyntax.ForExpr:
		return t.round(w, e)
	case *hclsyntax.FunctionCallExpr:
		return t.call(w, e)
	default:
		return false
	}
	return true
}

func prefixed(steps, path []key) []key { return append(slices.Clip(steps), path...) }

// truth is a boolean that is known.
func truth(v cty.Value) (b, ok bool) {
	v, _ = v.UnmarkDeep()
	v, err := convert.Convert(v, cty.Bool)
	if err != nil || !v.IsKnown() || v.IsNull() {
		return false, false
	}
	return v.True(), true
}

// text is a value as the text of a key.
func keyText(v cty.Value) (string, bool) {
	v, _ = v.UnmarkDeep()
	v, err := convert.Convert(v, cty.String)
	if err != nil || !v.IsKnown() || v.IsNull() {
		return "", false
	}
	return v.AsString(), true
}

// items are the elements of a value that is known to have some.
func items(v cty.Value) (elements []element, ok bool) {
	v, _ = v.Unmark()
	if v == cty.NilVal || !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return nil, false
	}
	for it := v.ElementIterator(); it.Next(); {
		k, item := it.Element()
		elements = append(elements, element{k, item})
	}
	return elements, true
}

// find is the index of the element with a text, -1 when there is none.
func find(v cty.Value, text string) int {
	all, _ := items(v)
	for i, el := range all {
		if s, ok := keyText(el.value); ok && s == text {
			return i
		}
	}
	return -1
}

func (w *within) object(e *hclsyntax.ObjectConsExpr) bool {
	if len(w.path) == 0 || w.path[0].index != isName {
		return false
	}
	for _, v := range slices.Backward(e.Items) {
		name, ok := w.s.key(v.KeyExpr)
		if !ok {
			return false
		}
		if name == w.path[0].name {
			w.expr, w.path = v.ValueExpr, w.path[1:]
			return true
		}
	}
	w.missing = true
	return false
}

// splat goes to the element of what a splat is over.
func (w *within) splat(e *hclsyntax.SplatExpr) bool {
	way, ok := each(e.Each)
	if !ok || len(w.path) == 0 || w.path[0].index < 0 {
		return false
	}
	v, _ := w.s.eval(e.Source).Unmark()
	if !v.IsKnown() || v.IsNull() || v.Type() == cty.DynamicPseudoType {
		return false
	}
	switch ty := v.Type(); {
	case ty.IsSetType():
		return false
	case ty.IsListType() || ty.IsTupleType():
		way = prefixed(w.path[:1], way)
	}
	w.expr, w.path = e.Source, prefixed(way, w.path[1:])
	return true
}

// each is the way that a splat takes from every element.
func each(expr hclsyntax.Expression) ([]key, bool) {
	switch e := expr.(type) {
	case *hclsyntax.AnonSymbolExpr:
		return nil, true
	case *hclsyntax.RelativeTraversalExpr:
		way, ok := each(e.Source)
		steps, plain := keys(e.Traversal)
		return prefixed(way, steps), ok && plain
	case *hclsyntax.IndexExpr:
		way, ok := each(e.Collection)
		lit, constant := e.Key.(*hclsyntax.LiteralValueExpr)
		if !ok || !constant {
			return nil, false
		}
		k, ok := indexKey(lit.Val)
		return prefixed(way, []key{k}), ok
	}
	return nil, false
}

// round goes to the round of a for expression that made the part.
func (t *tracer) round(w *within, e *hclsyntax.ForExpr) bool {
	if len(w.path) == 0 {
		return false
	}
	in, ok := t.roundOf(w.s, e, w.path)
	if !ok {
		return false
	}
	if e.CondExpr != nil {
		w.conditions = append(w.conditions, t.condition(in, e.CondExpr)...)
	}
	w.s, w.expr, w.path = in, e.ValExpr, w.path[1:]
	if e.Group && len(w.path) > 0 {
		w.path = w.path[1:]
	}
	return true
}

// roundOf is the scope of the round that made an element.
func (t *tracer) roundOf(s *scope, e *hclsyntax.ForExpr, path []key) (*scope, bool) {
	coll := s.eval(e.CollExpr)
	all, ok := items(coll)
	if !ok {
		return nil, false
	}
	bare, _ := coll.Unmark()
	n, grouped := 0, 0
	var found *scope
	for i, el := range all {
		if t.ld.budget.spend(1) != nil {
			return nil, false
		}
		k := keyOf(bare.Type(), el.key, el.value, i)
		in := s.with(e.ValVar, el.value)
		in.bound = in.bound.add(binding{name: e.ValVar, s: s, expr: e.CollExpr, key: k, part: valuePart})
		if e.KeyVar != "" {
			in = in.with(e.KeyVar, el.key)
			in.bound = in.bound.add(binding{name: e.KeyVar, s: s, expr: e.CollExpr, key: k, part: keyPart})
		}
		if e.CondExpr != nil {
			if b, ok := truth(in.eval(e.CondExpr)); !ok {
				return nil, false
			} else if !b {
				continue
			}
		}
		if e.KeyExpr == nil {
			if n == path[0].index {
				return in, true
			}
			n++
			if path[0].index == isName { // the tuple became a set
				if text, ok := keyText(in.eval(e.ValExpr)); ok && text == path[0].name && found == nil {
					found = in
				}
			}
			continue
		}
		if text, ok := keyText(in.eval(e.KeyExpr)); !ok {
			return nil, false
		} else if text == path[0].name && path[0].index == isName {
			found = in
			if e.Group && len(path) > 1 && path[1].index == grouped {
				return in, true
			}
			grouped++
		}
	}
	return found, found != nil
}
