package terraform

import (
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// A given is a value for a variable from outside of its module.
type given struct {
	value func() cty.Value
	rng   hcl.Range // empty when it is in no file
	// expr is what makes it and scope where; nil where it is in no file, or in
	// one that may refer to nothing.
	scope *scope
	expr  hclsyntax.Expression
}

// given are the values of the root module's variables from outside, the
// strongest last: the environment, the variable files beside the
// configuration, and what the command line has, in its order.
func (ld *loader) given(c *config) map[string]given {
	all := map[string]given{}
	text := func(where, assignment string) {
		name, value, ok := strings.Cut(assignment, "=")
		if k := c.variables[name]; ok && k != nil {
			all[name] = given{value: func() cty.Value { return ld.parsed(k, where+name, value) }}
		}
	}
	for _, e := range ld.root.options.Env {
		if assignment, ok := strings.CutPrefix(e, "TF_VAR_"); ok {
			text("TF_VAR_", assignment)
		}
	}
	for _, g := range slices.Concat(GivenFiles(c.vars), ld.root.options.Given) {
		if g.File == "" {
			if name, _, ok := strings.Cut(g.Var, "="); !ok {
				ld.b.Fail(parsers.Missing("--var "+g.Var), "--var %q is not name=value", g.Var)
			} else if c.variables[name] == nil {
				ld.b.Warn(parsers.Missing("--var "+g.Var), "variable %q is not declared in %s", name, ld.root.dir)
			}
			text("--var ", g.Var)
			continue
		}
		f := ld.root.dirs.file(path.Clean(g.File))
		for _, p := range f.Problems {
			ld.problem(p)
		}
		for _, a := range f.Body.Attributes {
			all[a.Name] = given{value: func() cty.Value { return ld.constant(a) }, rng: a.Expr.Range(), expr: a.Expr}
		}
	}
	for name, n := range ld.root.options.Planned {
		k := c.variables[name]
		if v, ok := ctyOf(n); ok && k != nil && !ld.same(k, all, v) {
			all[name] = given{value: func() cty.Value { return v }}
		}
	}
	return all
}

// same tells whether a variable has a value already, by what is given to it or
// by its default.
func (ld *loader) same(k *hcltext.Block, all map[string]given, v cty.Value) bool {
	var has cty.Value
	if g, ok := all[k.Label(0)]; ok {
		has = g.value()
	} else if a := k.Body.Attribute("default"); a != nil {
		has = ld.constant(a)
	} else {
		return false
	}
	typ, defaults := ld.constraint(k)
	fit := func(v cty.Value) cty.Value {
		if defaults != nil && !v.IsNull() {
			v = defaults.Apply(v)
		}
		if c, err := convert.Convert(v, typ); err == nil {
			return c
		}
		return v
	}
	return has.IsWhollyKnown() && fit(has).RawEquals(fit(v))
}

// workspace is the name of the workspace when the environment or a file says it:
// where neither does it may be any.
func (ld *loader) workspace() cty.Value {
	for _, e := range ld.root.options.Env {
		if name, ok := strings.CutPrefix(e, "TF_WORKSPACE="); ok && name != "" {
			return cty.StringVal(name)
		}
	}
	if f, err := ld.root.dirs.tree.Read(path.Join(ld.root.dir, ".terraform/environment")); err == nil {
		if name := strings.TrimSpace(string(f.Data)); name != "" {
			return cty.StringVal(name)
		}
	}
	return cty.UnknownVal(cty.String)
}

// constant is the value of an expression that may refer to nothing.
func (ld *loader) constant(a *hcltext.Attribute) cty.Value {
	v, diags := a.Expr.Value(&hcl.EvalContext{Variables: map[string]cty.Value{budgetName: cty.CapsuleVal(budgetType, ld.budget)}})
	if diags.HasErrors() {
		ld.fail(ld.origin(a.Expr.Range()), "%s", hcltext.Message(diags[0]))
		return cty.DynamicVal
	}
	return v
}

// parsed is a value given as text: as it is for a variable that takes a single
// value, else an expression.
func (ld *loader) parsed(k *hcltext.Block, where, text string) cty.Value {
	typ, _ := ld.constraint(k)
	if a := k.Body.Attribute("type"); a == nil || typ.IsPrimitiveType() {
		return cty.StringVal(text)
	}
	expr, err := hcltext.Expression(text, where)
	if err != nil {
		ld.fail(parsers.Missing(where), "%v", err)
		return cty.DynamicVal
	}
	meterExpr(expr, func(hcl.Range) {})
	v, diags := expr.Value(&hcl.EvalContext{Variables: map[string]cty.Value{budgetName: cty.CapsuleVal(budgetType, ld.budget)}})
	if diags.HasErrors() {
		ld.fail(parsers.Missing(where), "%s", hcltext.Message(diags[0]))
		return cty.DynamicVal
	}
	return v
}

// constraint is the declared type of a variable and its defaults.
func (ld *loader) constraint(k *hcltext.Block) (cty.Type, *typeexpr.Defaults) {
	a := k.Body.Attribute("type")
	if a == nil {
		return cty.DynamicPseudoType, nil
	}
	expr := a.Expr
	if text, ok := constant(expr); ok { // in JSON, and in quotes before 0.12
		switch text {
		case "list", "map":
			text += "(any)"
		}
		parsed, err := hcltext.Expression(text, "")
		if err != nil {
			ld.fail(ld.origin(a.Expr.Range()), "the type is not valid")
			return cty.DynamicPseudoType, nil
		}
		expr = parsed
	} else if s, ok := expr.(*hclsyntax.ScopeTraversalExpr); ok && len(s.Traversal) == 1 {
		switch s.Traversal.RootName() { // without an element type, as before 0.12
		case "list":
			return cty.List(cty.DynamicPseudoType), nil
		case "map":
			return cty.Map(cty.DynamicPseudoType), nil
		}
	}
	typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(expr)
	if diags.HasErrors() {
		ld.fail(ld.origin(a.Expr.Range()), "%s", hcltext.Message(diags[0]))
		return cty.DynamicPseudoType, nil
	}
	return typ, defaults
}

// variableValue is the given value or the default, converted to the type of
// the variable; unknown where there is neither.
func (m *module) variableValue(k *hcltext.Block) cty.Value {
	typ, defaults := m.ld.constraint(k)
	unknown := cty.UnknownVal(typ.WithoutOptionalAttributesDeep())
	declared := k.Body.Attribute("default")
	if g, ok := m.given[k.Label(0)]; ok {
		v := g.value()
		if !(v.IsNull() && declared != nil && m.notNullable(k)) {
			here := at(k.Head)
			if g.rng.Filename != "" {
				here = m.ld.origin(g.rng)
			}
			return m.converted(v, typ, defaults, k, here)
		}
	}
	if declared == nil {
		return unknown
	}
	v := (&scope{m: m}).eval(declared.Expr)
	if v.IsNull() { // the usual way to say "optional": no value, and that is known
		return cty.NullVal(typ.WithoutOptionalAttributesDeep())
	}
	return m.converted(v, typ, defaults, k, m.ld.origin(declared.Expr.Range()))
}

func (m *module) notNullable(k *hcltext.Block) bool {
	a := k.Body.Attribute("nullable")
	if a == nil {
		return false
	}
	v, diags := a.Expr.Value(nil)
	return !diags.HasErrors() && v.RawEquals(cty.False)
}

func (m *module) converted(v cty.Value, typ cty.Type, defaults *typeexpr.Defaults, k *hcltext.Block, here *source.Origin) cty.Value {
	if defaults != nil && v.IsKnown() && !v.IsNull() {
		bare, marks := v.UnmarkDeepWithPaths()
		v = defaults.Apply(bare).MarkWithPaths(marks) // defaults only add, so all paths are still there
	}
	c, err := convert.Convert(v, typ)
	if err != nil {
		m.ld.fail(here, "the value of variable %q does not fit its type: %v", k.Label(0), err)
		return cty.UnknownVal(typ.WithoutOptionalAttributesDeep())
	}
	return c
}
