package terraform

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// templateFile is what templatefile makes as a node: what the file has as it
// stands is placed there, what is filled in comes from the call's variables.
// node is the call as any other function's.
func (s *scope) templateFile(e *hclsyntax.FunctionCallExpr, node *graph.Node) *graph.Node {
	if k := node.Kind(); k != graph.String && k != graph.Unknown {
		return node
	}
	ld := s.m.ld
	quiet := ld.quiet // evaluating the call has told what is wrong
	ld.quiet = true
	defer func() { ld.quiet = quiet }()

	name, _ := s.eval(e.Args[0]).UnmarkDeep()
	template := ld.templateAt(str(name))
	in := s.filling(e.Args[1])
	if template == nil || in == nil {
		return node
	}
	foreign := func(r reference) bool { _, given := in.vars[r.RootName()]; return !given }
	if slices.ContainsFunc(ld.study(template).names, foreign) {
		return node // an error
	}
	made := in.template(template)
	place, ok := made.Handle().(*textPlace)
	if !ok || made.Kind() != node.Kind() || made.Kind() == graph.String && made.Text() != node.Text() {
		return node
	}
	here := *place
	here.m, here.whole, here.spot = s.m, ld.span(e.Range()), s.spot(e)
	return here.node(made.Text()).WithRefs(graph.ValueOf(node).Refs()...)
}

// templateAt is a template file of the tree, parsed; nil where it is no
// template with more than one part.
func (ld *loader) templateAt(name string) *hclsyntax.TemplateExpr {
	clean, err := ld.inTree(name)
	if err != nil {
		return nil
	}
	text, err := ld.readText(name)
	if err != nil {
		return nil
	}
	expr, err := hcltext.Template(text, clean, hcl.InitialPos)
	if err != nil {
		return nil
	}
	meterExpr(expr, func(hcl.Range) {})
	template, _ := expr.(*hclsyntax.TemplateExpr)
	return template
}

// filling is the scope within a template that is filled with the attributes of
// an expression; nil where they are not known.
func (s *scope) filling(vars hclsyntax.Expression) *scope {
	v, marks := s.eval(vars).Unmark()
	if !v.IsKnown() || v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return nil
	}
	in := &scope{m: s.m, vars: map[string]cty.Value{}, under: s.under}
	all := v.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		in.vars[name] = all[name].WithMarks(marks)
		in.bound = in.bound.add(binding{name: name, s: s, expr: vars, key: nameKey(name), part: valuePart, given: true})
	}
	return in
}
