package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// An argument is one of a call, or one of those that "..." makes of a list.
type argument struct {
	expr  hclsyntax.Expression
	way   []key
	value cty.Value
}

func (w *within) arguments(e *hclsyntax.FunctionCallExpr) ([]argument, bool) {
	var all []argument
	for i, a := range e.Args {
		v, _ := w.s.eval(a).Unmark()
		if i < len(e.Args)-1 || !e.ExpandFinal {
			all = append(all, argument{a, nil, v})
			continue
		}
		more, ok := items(v)
		if !ok {
			return nil, false
		}
		for i, el := range more {
			item, _ := el.value.Unmark()
			all = append(all, argument{a, []key{keyOf(v.Type(), el.key, el.value, i)}, item})
		}
	}
	return all, true
}

// to goes into an argument.
func (w *within) to(a argument, path ...key) bool {
	w.expr, w.path = a.expr, append(slices.Clip(a.way), path...)
	return true
}

// call goes into the argument of a function that the part was taken from, where
// the function only hands on.
func (t *tracer) call(w *within, e *hclsyntax.FunctionCallExpr) bool {
	if e.Name == "try" {
		for _, a := range e.Args {
			if w.s.works(a) {
				w.expr = a
				return true
			}
		}
		return false
	}
	args, ok := w.arguments(e)
	if !ok || len(args) == 0 {
		return false
	}
	switch e.Name {
	case "tostring", "tonumber", "tobool", "tolist", "tomap", "sensitive", "nonsensitive", "ephemeralasnull":
		return w.to(args[0], w.path...)
	case "coalesce", "coalescelist":
		for i, a := range args {
			if !a.value.IsKnown() {
				return false
			}
			if n, list := items(a.value); a.value.IsNull() || e.Name == "coalescelist" && list && len(n) == 0 || a.value.Type() == cty.String && a.value.AsString() == "" {
				if i < len(e.Args) {
					w.conditions = append(w.conditions, t.condition(w.s, e.Args[i])...)
				}
				continue
			}
			return w.to(a, w.path...)
		}
		return false
	case "lookup":
		k, ok := indexKey(args[1].value)
		if !ok || !args[0].value.IsKnown() {
			return false
		}
		w.conditions = append(w.conditions, t.condition(w.s, args[1].expr)...)
		if has(args[0].value, k) {
			return w.to(args[0], prefixed([]key{k}, w.path)...)
		}
		if len(args) == 3 {
			if c := t.condition(w.s, args[0].expr); c != nil { // which keys it has, not what is in them
				c[0].From = nil
				w.conditions = append(w.conditions, c...)
			}
			return w.to(args[2], w.path...)
		}
		return false
	case "element":
		all, ok := items(args[0].value)
		k, is := indexKey(args[1].value)
		if !ok || !is || len(all) == 0 || k.index < 0 {
			return false
		}
		w.conditions = append(w.conditions, t.condition(w.s, args[1].expr)...)
		return w.to(args[0], prefixed([]key{{index: k.index % len(all)}}, w.path)...)
	case "one":
		return w.to(args[0], prefixed([]key{{index: 0}}, w.path)...)
	}
	if len(w.path) == 0 {
		return false
	}
	return t.element(w, e.Name, args)
}

// element goes to the element that a function on collections took over.
func (t *tracer) element(w *within, name string, args []argument) bool {
	first, rest := w.path[0], w.path[1:]
	switch name {
	case "merge":
		for _, arg := range slices.Backward(args) {
			if !arg.value.IsKnown() {
				return false
			}
			if has(arg.value, first) {
				return w.to(arg, w.path...)
			}
		}
	case "concat":
		i := first.index
		for _, a := range args {
			all, ok := items(a.value)
			if !ok || i < 0 {
				return false
			}
			if i < len(all) {
				return w.to(a, prefixed([]key{{index: i}}, rest)...)
			}
			i -= len(all)
		}
	case "reverse", "slice", "chunklist":
		all, ok := items(args[0].value)
		i := first.index
		if !ok || i < 0 {
			return false
		}
		switch {
		case name == "reverse":
			i = len(all) - 1 - i
		case name == "slice" && len(args) == 3:
			from, ok := indexKey(args[1].value)
			if !ok {
				return false
			}
			i += from.index
		case len(args) == 2 && len(rest) > 0:
			n, ok := indexKey(args[1].value)
			if !ok || rest[0].index < 0 {
				return false
			}
			i, rest = i*n.index+rest[0].index, rest[1:]
		default:
			return false
		}
		return i >= 0 && i < len(all) && w.to(args[0], prefixed([]key{{index: i}}, rest)...)
	case "values":
		all, ok := items(args[0].value)
		if !ok || first.index < 0 || first.index >= len(all) {
			return false
		}
		return w.to(args[0], prefixed([]key{keyOf(args[0].value.Type(), all[first.index].key, cty.NilVal, 0)}, rest)...)
	case "zipmap":
		if i := find(args[0].value, first.name); i >= 0 && first.index == isName {
			return w.to(args[1], prefixed([]key{{index: i}}, rest)...)
		}
	case "flatten":
		way, ok := flat(args[0].value, first.index)
		return ok && w.to(args[0], prefixed(way, rest)...)
	case "toset", "distinct", "compact", "sort", "setunion", "setintersection", "setsubtract":
		return w.same(args, first, rest, name)
	}
	return false
}

// same goes to the element of an argument that has the text of the element
// that is looked for.
func (w *within) same(args []argument, first key, rest []key, name string) bool {
	if name == "setsubtract" || name == "setintersection" {
		args = args[:1]
	}
	text := first.name
	if first.index >= 0 {
		all, ok := items(w.s.eval(w.expr))
		if !ok || first.index >= len(all) {
			return false
		}
		if text, ok = keyText(all[first.index].value); !ok {
			return false
		}
	} else if first.index == isAny {
		return false
	}
	for _, a := range args {
		if i := find(a.value, text); i >= 0 {
			k := key{index: i}
			if a.value.Type().IsSetType() {
				k = nameKey(text)
			}
			return w.to(a, prefixed([]key{k}, rest)...)
		}
	}
	return false
}

// has tells whether a collection has an element with a key.
func has(v cty.Value, k key) bool {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || k.index != isName {
		return false
	}
	switch ty := v.Type(); {
	case ty.IsObjectType():
		return ty.HasAttribute(k.name)
	case ty.IsMapType():
		return v.HasIndex(cty.StringVal(k.name)).True()
	}
	return false
}

// flat is the way to the element that flattening puts at an index.
func flat(v cty.Value, index int) ([]key, bool) {
	n := 0
	var walk func(v cty.Value, depth int) ([]key, bool)
	walk = func(v cty.Value, depth int) ([]key, bool) {
		bare, _ := v.Unmark()
		ty := bare.Type()
		if depth > 0 && !ty.IsListType() && !ty.IsTupleType() && !ty.IsSetType() || bare.IsNull() || !bare.IsKnown() {
			n++
			return nil, n-1 == index
		}
		all, _ := items(bare)
		for i, el := range all {
			if way, ok := walk(el.value, depth+1); ok {
				return append([]key{keyOf(ty, el.key, el.value, i)}, way...), true
			}
		}
		return nil, false
	}
	return walk(v, 0)
}

// works tells whether an expression has a value, as try sees it.
func (s *scope) works(expr hclsyntax.Expression) bool {
	ctx, _, _ := s.context(s.m.ld.study(expr))
	_, diags := expr.Value(ctx)
	return !diags.HasErrors()
}
