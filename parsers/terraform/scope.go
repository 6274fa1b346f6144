package terraform

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// A ref is a cty mark: the address of a resource, data source or missing
// module that a value was made from.
type ref struct{ addr string }

// deepMarks are all marks in the values.
func deepMarks(values ...cty.Value) cty.ValueMarks {
	all := cty.ValueMarks{}
	for _, v := range values {
		if v != cty.NilVal && v.ContainsMarked() {
			_, marks := v.UnmarkDeep()
			maps.Copy(all, marks)
		}
	}
	return all
}

// refs are the addresses among marks, sorted.
func refs(marks cty.ValueMarks) []string {
	var all []string
	for m := range marks {
		if r, ok := m.(ref); ok {
			all = append(all, r.addr)
		}
	}
	slices.Sort(all)
	return all
}

// A scope is where an expression is evaluated: a module, and what each, count
// and the iterators of dynamic blocks stand for.
type scope struct {
	m    *module
	vars map[string]cty.Value
	// bound says where the names come from; see trace.go.
	bound *binding
	// under are the conditions that led to what is made of the scope.
	under []hclsyntax.Expression
	// written keeps references as they stand instead of following them, for
	// depends_on, lifecycle and the like, which name things and have no value.
	written bool
	// names says that what stands there names resources or, with providers,
	// provider configurations.
	names, providers bool
}

// with is the scope with one more name.
func (s *scope) with(name string, v cty.Value) *scope {
	vars := maps.Clone(s.vars)
	if vars == nil {
		vars = map[string]cty.Value{}
	}
	vars[name] = v
	return &scope{m: s.m, vars: vars, bound: s.bound, written: s.written}
}

// eval is the value of an expression. What is wrong is a Problem, and the
// value unknown.
func (s *scope) eval(expr hclsyntax.Expression) cty.Value {
	if lit, ok := expr.(*hclsyntax.LiteralValueExpr); ok {
		return lit.Val
	}
	ld := s.m.ld
	st := ld.study(expr)
	ctx, inputs, cost := s.context(st)
	if ld.budget.left -= cost / 16; ld.budget.left < 0 || cost > 8*maxText {
		if !ld.spent(errBudget) {
			ld.fail(ld.origin(expr.Range()), "%v", errBudget)
		}
		return cty.DynamicVal
	}
	v, diags := expr.Value(ctx)
	if v == cty.NilVal {
		v = cty.DynamicVal
	}
	if diags.HasErrors() {
		s.complain(expr, diags, deepMarks(inputs...))
		v = cty.DynamicVal
	}
	if len(inputs) > 0 && !v.IsWhollyKnown() && len(refs(deepMarks(v))) == 0 {
		v = remember(v, deepMarks(inputs...))
	}
	return v
}

// remember puts marks back on what is unknown: not every function keeps them there.
func remember(v cty.Value, marks cty.ValueMarks) cty.Value {
	if len(marks) == 0 {
		return v
	}
	if !v.IsKnown() {
		return v.WithMarks(marks)
	}
	w, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return v.WithMarks(marks), nil
		}
		return v, nil
	})
	if err != nil {
		return v
	}
	return w
}

// complain turns what went wrong into Problems. What a resource computes has
// no known shape here, so an error about a value made from one may not be one.
func (s *scope) complain(expr hclsyntax.Expression, diags hcl.Diagnostics, inputs cty.ValueMarks) {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		rng := expr.Range()
		if d.Subject != nil && rng.ContainsPos(d.Subject.Start) && d.Subject.Filename == rng.Filename {
			rng = *d.Subject
		}
		here := s.m.ld.origin(rng)
		var call interface{ FunctionCallError() error }
		var missing *notHere
		if extra, ok := d.Extra.(interface{ FunctionCallError() error }); ok {
			call = extra
		}
		if call != nil && s.m.ld.spent(call.FunctionCallError()) {
			continue
		}
		if call != nil && errors.As(call.FunctionCallError(), &missing) {
			s.m.ld.warn(here, "%v", missing)
			continue
		}
		if len(refs(inputs)) == 0 && !s.open() {
			s.m.ld.fail(here, "%s", hcltext.Message(d))
		} else {
			s.m.ld.warn(here, "cannot be worked out without the provider: %s", hcltext.Message(d))
		}
	}
}

// open tells whether a name of the scope stands for something unknown, with a
// shape that is not known.
func (s *scope) open() bool {
	for _, v := range s.vars {
		if !v.IsWhollyKnown() {
			return true
		}
	}
	return false
}

// A study is what an expression needs, read off it once.
type study struct {
	names []reference
	calls []*hclsyntax.FunctionCallExpr // of functions that are not in the table
}

// A reference is a traversal and the way on from what it leads to: splats and
// indexes hide it from the traversal.
type reference struct {
	hcl.Traversal
	then hcl.Traversal
}

func (ld *loader) study(expr hclsyntax.Expression) *study {
	if st := ld.studied[expr]; st != nil {
		return st
	}
	st := &study{}
	thens := map[*hcl.Traverser]hcl.Traversal{}
	hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		switch e := n.(type) {
		case *hclsyntax.SplatExpr:
			if rel, ok := e.Each.(*hclsyntax.RelativeTraversalExpr); ok {
				then(thens, e.Source, rel.Traversal)
			}
		case *hclsyntax.RelativeTraversalExpr:
			if index, ok := e.Source.(*hclsyntax.IndexExpr); ok {
				then(thens, index.Collection, e.Traversal)
			}
		case *hclsyntax.FunctionCallExpr:
			if _, plain := ld.functions[e.Name]; !plain {
				st.calls = append(st.calls, e)
			}
		}
		return nil
	})
	for _, t := range expr.Variables() {
		st.names = append(st.names, reference{t, thens[&t[0]]})
	}
	slices.SortStableFunc(st.names, func(a, b reference) int {
		return cmp.Compare(a.SourceRange().Start.Byte, b.SourceRange().Start.Byte)
	})
	ld.studied[expr] = st
	return st
}

func then(thens map[*hcl.Traverser]hcl.Traversal, source hclsyntax.Expression, t hcl.Traversal) {
	if s, ok := source.(*hclsyntax.ScopeTraversalExpr); ok && len(s.Traversal) > 0 {
		thens[&s.Traversal[0]] = t
	}
}

// attrName is the name at step i of a traversal, "" when it is no attribute.
func attrName(t hcl.Traversal, i int) string {
	if i < len(t) {
		switch step := t[i].(type) {
		case hcl.TraverseAttr:
			return step.Name
		case hcl.TraverseIndex: // var["name"]
			if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() && !step.Key.IsMarked() {
				return step.Key.AsString()
			}
		}
	}
	return ""
}

// wanted is the names that are used of what the first n steps lead to, behind
// an index if there is one: one attribute of it, and what is in that. There are
// none when it is used as a whole.
func (r reference) wanted(n int) []string {
	way := r.Traversal[min(n, len(r.Traversal)):]
	if len(way) > 0 {
		if _, ok := way[0].(hcl.TraverseIndex); ok {
			way = way[1:]
		}
	}
	if len(way) == 0 {
		way = r.then
	} else {
		way = append(slices.Clip(way), r.then...)
	}
	var names []string
	for i, step := range way {
		if a, ok := step.(hcl.TraverseAttr); ok {
			names = append(names, a.Name)
		} else if i == 0 {
			return nil
		}
	}
	return names
}

// context is what the names of an expression stand for, also as a list, and
// how large all of it is.
func (s *scope) context(st *study) (ctx *hcl.EvalContext, inputs []cty.Value, cost int) {
	ld := s.m.ld
	ctx = &hcl.EvalContext{
		Variables: map[string]cty.Value{budgetName: cty.CapsuleVal(budgetType, ld.budget)},
		Functions: ld.functions,
	}
	if len(st.calls) > 0 {
		ctx.Functions = maps.Clone(ctx.Functions)
		for _, call := range st.calls {
			f, ok := ld.named(call.Name)
			if !ok {
				ld.warn(ld.origin(call.NameRange), "there is no function %q here: its results are unknown", call.Name)
				f = unknownFunction
			}
			ctx.Functions[call.Name] = f
		}
	}
	groups := map[string]map[string]cty.Value{}
	objects := map[string]map[string]map[string]cty.Value{} // "data" and the like: one level more
	note := func(v cty.Value) cty.Value {
		inputs = append(inputs, v)
		return v
	}
	set := func(group, name string, v cty.Value) {
		if groups[group] == nil {
			groups[group] = map[string]cty.Value{}
		}
		if group == "var" || group == "local" {
			groups[group][name] = note(v)
			return
		}
		groups[group][name] = join(groups[group][name], note(v))
	}
	for _, t := range st.names {
		root := t.RootName()
		if v, ok := s.vars[root]; ok {
			ctx.Variables[root] = note(v)
			continue
		}
		name := attrName(t.Traversal, 1)
		rng := t.SourceRange()
		if name == "" && !alone[root] {
			ld.warn(ld.origin(rng), "%q is no value: text needs quotes, a reference a name behind a dot", ld.span(rng).Text())
			ctx.Variables[root] = cty.DynamicVal
			continue
		}
		switch root {
		case "var":
			if s.m.config.variables[name] == nil {
				ld.warn(ld.origin(rng), "variable %q is not declared in %s", name, s.m.where())
				set(root, name, cty.DynamicVal)
			} else {
				set(root, name, s.m.variable(name))
				cost += s.m.variables[name].size
			}
		case "local":
			if s.m.config.locals[name] == nil {
				ld.warn(ld.origin(rng), "local value %q is not declared in %s", name, s.m.where())
				set(root, name, cty.DynamicVal)
			} else {
				set(root, name, s.m.local(name))
				cost += s.m.locals[name].size
			}
		case "module":
			v := s.m.moduleOutput(name, t.wanted(2), rng)
			set(root, name, v)
			cost += size(v)
		case "path":
			ctx.Variables[root] = cty.ObjectVal(map[string]cty.Value{
				"module": cty.StringVal(s.m.path()), "root": cty.StringVal("."), "cwd": cty.UnknownVal(cty.String),
			})
		case "terraform", "tofu":
			ctx.Variables[root] = cty.ObjectVal(map[string]cty.Value{
				"workspace": ld.workspace(), "env": ld.workspace(), "applying": cty.UnknownVal(cty.Bool),
			})
		case "each", "count":
			ld.warn(ld.origin(rng), "%q has a value only in a block with %s", root, map[string]string{"each": "for_each", "count": "count"}[root])
			ctx.Variables[root] = cty.DynamicVal
		case "self":
			ctx.Variables[root] = cty.DynamicVal
		case "data", "ephemeral":
			inner := attrName(t.Traversal, 2)
			if inner == "" {
				ctx.Variables[root] = cty.DynamicVal
				continue
			}
			if objects[root] == nil {
				objects[root] = map[string]map[string]cty.Value{}
			}
			if objects[root][name] == nil {
				objects[root][name] = map[string]cty.Value{}
			}
			v := s.m.resource(root+"."+name+"."+inner, t.wanted(3), rng)
			cost += length(v)
			objects[root][name][inner] = join(objects[root][name][inner], note(v))
		case "resource": // resource.aws_x.y is aws_x.y
			ctx.Variables[root] = cty.DynamicVal
		default:
			v := s.m.resource(root+"."+name, t.wanted(2), rng)
			set(root, name, v)
			cost += length(v)
		}
	}
	for root, values := range groups {
		ctx.Variables[root] = cty.ObjectVal(values)
	}
	for root, types := range objects {
		if _, taken := ctx.Variables[root]; taken {
			continue
		}
		all := map[string]cty.Value{}
		for typ, values := range types {
			all[typ] = cty.ObjectVal(values)
		}
		ctx.Variables[root] = cty.ObjectVal(all)
	}
	return ctx, inputs, cost
}

// alone are the names that may stand alone.
var alone = map[string]bool{"path": true, "terraform": true, "tofu": true, "self": true, "each": true, "count": true}

// length is the number of instances in the value of a resource.
func length(v cty.Value) int {
	v, _ = v.Unmark()
	if v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
		return v.LengthInt()
	}
	return 1
}

// join merges what two references to one thing ask of it: objects with
// different attributes become one. Where one of them is unknown as a whole, so
// is the join.
func join(a, b cty.Value) cty.Value {
	if a == cty.NilVal {
		return b
	}
	a, ma := a.Unmark()
	b, mb := b.Unmark()
	marks := []cty.ValueMarks{ma, mb}
	switch {
	case !a.IsKnown() || a.IsNull() || !b.IsKnown() || b.IsNull():
		if a.IsKnown() {
			a = b
		}
		return a.WithMarks(marks...)
	case a.Type().IsTupleType() && b.Type().IsTupleType() && a.LengthInt() == b.LengthInt():
		items := make([]cty.Value, a.LengthInt())
		for i := range items {
			n := cty.NumberIntVal(int64(i))
			items[i] = join(a.Index(n), b.Index(n))
		}
		return cty.TupleVal(items).WithMarks(marks...)
	case a.Type().IsObjectType() && b.Type().IsObjectType():
		items := a.AsValueMap()
		if items == nil {
			items = map[string]cty.Value{}
		}
		for name, v := range b.AsValueMap() {
			if _, both := items[name]; !both {
				items[name] = v
			} else if av, _ := items[name].Unmark(); av.Type().IsObjectType() {
				items[name] = join(items[name], v)
			}
		}
		return cty.ObjectVal(items).WithMarks(marks...)
	}
	return a.WithMarks(marks...)
}

var unknownFunction = function.New(&function.Spec{
	VarParam: &function.Parameter{
		Name: "args", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true,
	},
	Type: function.StaticReturnType(cty.DynamicPseudoType),
	Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.DynamicVal, nil },
})
