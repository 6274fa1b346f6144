package terraform

import (
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Where a value comes from is worked out when somebody asks, from the
// expressions: the way that its part takes through constructors, conditions,
// functions, variables, locals and modules is walked once more, backwards.
// Evaluation itself carries nothing for it, so it costs nothing where there is
// no finding, and it cannot lose a part in a function that knows nothing of it.

// What one trace may use.
const (
	maxLinks  = 64      // places
	maxHops   = 40      // one behind the other
	traceWork = 1 << 20 // evaluated on the way; see maxWork
)

// A key is one step into a value. An element of a set is known by its text.
type key struct {
	name  string
	index int // of a list; isName for a name, isAny where it cannot be told
}

const (
	isName = -1
	isAny  = -2
)

func nameKey(name string) key { return key{name, isName} }

// keyOf is the step to an element of a collection of that type.
func keyOf(ty cty.Type, k, v cty.Value, i int) key {
	k, _ = k.Unmark()
	switch {
	case ty.IsObjectType() || ty.IsMapType():
		return nameKey(k.AsString())
	case ty.IsSetType():
		if v, _ := v.Unmark(); v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
			return nameKey(v.AsString())
		}
		return key{index: isAny}
	}
	return key{index: i}
}

// A site is an expression and the scope it is evaluated in.
type site struct {
	s    *scope
	expr hclsyntax.Expression
}

// A spot is the handle of a value that some expression makes, or of a part of
// it. Its text is not the file's, so no part of that can be told apart.
type spot struct {
	*site
	up  *spot // what it is a part of; nil for the whole
	key key
}

func (s *scope) spot(expr hclsyntax.Expression) *spot { return &spot{site: &site{s, expr}} }

func (p *spot) in(k key) *spot { return &spot{site: p.site, up: p, key: k} }

// path is the way from the expression's value to the part.
func (p *spot) path() []key {
	var path []key
	for ; p.up != nil; p = p.up {
		path = append(path, p.key)
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

// Origin is the expression, and what its value comes from.
func (p *spot) Origin() *source.Origin {
	o := &source.Origin{Span: p.s.m.ld.span(p.expr.Range()), Step: p.s.step(p.expr), Exact: source.AtToken, From: p.from()}
	t := p.s.m.ld.trace()
	o.From = append(o.From, t.under(p.s)...)
	t.end()
	return p.s.m.home(o)
}

// from is what the expression's value comes from.
func (p *spot) from() []*source.Origin {
	t := p.s.m.ld.trace()
	defer t.end()
	return t.causes(p.s, p.expr, p.path())
}

// under are the conditions that led to a scope, the innermost first.
func (t *tracer) under(s *scope) []*source.Origin {
	var all []*source.Origin
	for _, v := range slices.Backward(s.under) {
		all = append(all, t.condition(s, v)...)
	}
	return all
}

// Part is the expression.
func (p *spot) Part(int, int) *source.Origin { return p.Origin() }

// step is the way by which the value of an expression comes.
func (s *scope) step(expr hclsyntax.Expression) source.Step {
	switch e := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return source.Written
	case *hclsyntax.ScopeTraversalExpr:
		root := e.Traversal.RootName()
		b := s.bound.find(root, attrName(e.Traversal, 1))
		switch {
		case b != nil && b.given:
			return source.Variable
		case b != nil, root == "each", root == "count":
			return source.ForEach
		case root == "var":
			return source.Variable
		case root == "local":
			return source.Local
		case root == "module":
			return source.Module
		}
	case *hclsyntax.TemplateExpr:
		if e.IsStringLiteral() {
			return source.Written
		}
	case *hclsyntax.TemplateWrapExpr:
		return s.step(e.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return s.step(e.Expression)
	case *hclsyntax.ObjectConsExpr, *hclsyntax.TupleConsExpr:
		return source.Written
	}
	return source.Function
}

// A tracer works out one chain. While it is at work the loader evaluates on a
// budget of its own and reports nothing.
type tracer struct {
	ld    *loader
	links int
	hops  int
	role  source.Role // of what data flows from: DrivenBy, or Condition within one
	left  int
	quiet bool
}

func (ld *loader) trace() *tracer {
	ld.tracing.Lock()
	t := &tracer{ld: ld, links: maxLinks, role: source.DrivenBy, left: ld.budget.left, quiet: ld.quiet}
	ld.budget.left, ld.quiet = traceWork, true
	return t
}

func (t *tracer) end() {
	t.ld.budget.left, t.ld.quiet = t.left, t.quiet
	t.ld.tracing.Unlock()
}

// causes are the origins of a part of what an expression makes.
func (t *tracer) causes(s *scope, expr hclsyntax.Expression, path []key) []*source.Origin {
	w := t.into(s, expr, path)
	if w.at == expr {
		return append(t.direct(w), w.conditions...)
	}
	inner := t.origin(w, w.s.step(w.expr))
	if inner == nil {
		return w.conditions
	}
	if len(inner.From) == 0 && t.role == source.DrivenBy {
		inner.Role = source.SetBy
	}
	return append([]*source.Origin{inner}, w.conditions...)
}

// link is the origin of a part of what an expression makes that is not the
// value's own: a definition, an argument. It is the innermost expression that
// makes it.
func (t *tracer) link(s *scope, expr hclsyntax.Expression, path []key, step source.Step) *source.Origin {
	w := t.into(s, expr, path)
	o := t.origin(w, step)
	if o != nil {
		o.From = append(o.From, w.conditions...)
	}
	return o
}

func (t *tracer) origin(w within, step source.Step) *source.Origin {
	if t.links--; t.links < 0 {
		return nil
	}
	o := &source.Origin{Span: t.ld.span(w.at.Range()), Step: step, Role: t.role, Exact: source.AtToken, From: t.direct(w)}
	if len(o.From) > 0 && o.Role == source.DrivenBy {
		o.Role = source.Via
	}
	return o
}

// condition is the origin of something that decided which value it is. One
// that cannot change is none.
func (t *tracer) condition(s *scope, expr hclsyntax.Expression) []*source.Origin {
	if len(expr.Variables()) == 0 {
		return nil
	}
	if t.links--; t.links < 0 {
		return nil
	}
	role := t.role
	t.role = source.Condition
	o := &source.Origin{
		Span: t.ld.span(expr.Range()), Step: s.step(expr), Role: source.Condition, Exact: source.AtToken, From: t.causes(s, expr, nil),
	}
	t.role = role
	return []*source.Origin{o}
}

// direct are the origins of an expression that cannot be gone into further:
// what its references stand for.
func (t *tracer) direct(w within) []*source.Origin {
	if t.hops >= maxHops {
		return nil
	}
	t.hops++
	defer func() { t.hops-- }()
	if e, ok := w.expr.(*hclsyntax.ScopeTraversalExpr); ok {
		return t.resolve(w.s, e.Traversal, w.path)
	}
	var all []*source.Origin
	seen := map[string]bool{}
	for _, r := range t.ld.study(w.expr).names {
		if text := t.ld.span(r.SourceRange()).Text(); !seen[text] {
			seen[text] = true
			all = append(all, t.resolve(w.s, r.Traversal, nil)...)
		}
	}
	return all
}

// keys are the steps of a traversal; false where one of them is no plain one.
func keys(t hcl.Traversal) ([]key, bool) {
	var all []key
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			all = append(all, nameKey(step.Name))
		case hcl.TraverseIndex:
			k, ok := indexKey(step.Key)
			if !ok {
				return all, false
			}
			all = append(all, k)
		default:
			return all, false
		}
	}
	return all, true
}

func indexKey(v cty.Value) (key, bool) {
	v, _ = v.UnmarkDeep()
	if !v.IsKnown() || v.IsNull() {
		return key{}, false
	}
	switch v.Type() {
	case cty.String:
		return nameKey(v.AsString()), true
	case cty.Number:
		i, _ := v.AsBigFloat().Int64()
		return key{index: int(i)}, i >= 0
	}
	return key{}, false
}

// resolve are the origins of a part of what a reference stands for.
func (t *tracer) resolve(s *scope, ref hcl.Traversal, path []key) []*source.Origin {
	root, name := ref.RootName(), attrName(ref, 1)
	if b := s.bound.find(root, name); b != nil {
		rest, ok := keys(ref[min(b.steps(), len(ref)):])
		if ok {
			rest = append(rest, path...)
		}
		return t.some(t.bound(b, rest))
	}
	rest, ok := keys(ref[min(2, len(ref)):])
	if ok {
		rest = append(rest, path...)
	}
	switch root {
	case "var":
		return t.variable(s.m, name, rest)
	case "local":
		if a := s.m.config.locals[name]; a != nil {
			return t.some(t.link(&scope{m: s.m}, a.Expr, rest, source.Local))
		}
	case "module":
		if s.m.config.calls[name] != nil {
			return t.output(s.m, name, rest)
		}
	case "path", "terraform", "tofu", "self", "each", "count", "data", "ephemeral":
	default:
		if k := s.m.config.resources[root+"."+name]; k != nil {
			e := s.m.expand(root + "." + name)
			inst, rest := pick(e, e.instances, rest)
			if inst == nil || len(rest) == 0 {
				return nil
			}
			if a := k.Body.Attribute(rest[0].name); a != nil {
				return t.some(t.link(inst.scope, a.Expr, rest[1:], source.Written))
			}
		}
	}
	return nil
}

func (t *tracer) some(o *source.Origin) []*source.Origin {
	if o == nil {
		return nil
	}
	return []*source.Origin{o}
}

// pick takes the step to one of the instances of a block.
func pick[T any](e *expansion, all []*T, path []key) (*T, []key) {
	switch {
	case len(all) == 0 || len(all) != len(e.instances):
		return nil, nil
	case e.kind == single || e.kind == symbolic:
		if e.kind == symbolic && len(path) > 0 {
			path = path[1:]
		}
		return all[0], path
	case len(path) == 0:
		return nil, nil
	}
	for i, inst := range e.instances {
		k, _ := indexKey(inst.key)
		if k == path[0] || e.kind == counted && path[0].name == strconv.Itoa(i) && path[0].index == isName {
			return all[i], path[1:]
		}
	}
	return nil, nil
}

// output are the origins of an output of a module.
func (t *tracer) output(m *module, name string, path []key) []*source.Origin {
	c := m.call(m.config.calls[name])
	child, rest := pick(&c.expansion, c.modules, path)
	if child == nil || len(rest) == 0 {
		return nil
	}
	k := child.config.outputs[rest[0].name]
	if k == nil {
		return nil
	}
	if a := k.Body.Attribute("value"); a != nil {
		return t.some(t.link(&scope{m: child}, a.Expr, rest[1:], source.Module))
	}
	return nil
}

// variable are the origins of a variable: what it was given, or its default.
func (t *tracer) variable(m *module, name string, path []key) []*source.Origin {
	k := m.config.variables[name]
	if k == nil {
		return nil
	}
	s := &scope{m: m}
	if g, ok := m.given[name]; ok && !(g.null() && m.notNullable(k)) {
		step := source.Variable
		switch {
		case g.scope != nil:
			s, step = g.scope, source.Module
		case g.expr == nil || g.rng.Filename == "": // the command line or the environment
			from := &source.Origin{Step: source.Variable, Role: t.role, Exact: source.InFile}
			return t.some(t.declared(k.Head, from))
		}
		return t.some(t.defaulted(m, k, s, g.expr, path, step))
	}
	if a := k.Body.Attribute("default"); a != nil {
		return t.some(t.defaulted(m, k, s, a.Expr, path, source.Variable))
	}
	return t.some(t.declared(k.Head, nil))
}

func (t *tracer) declared(head source.Span, from *source.Origin) *source.Origin {
	if t.links--; t.links < 0 {
		return nil
	}
	o := &source.Origin{Span: head, Step: source.Variable, Role: t.role, Exact: source.AtToken, From: t.some(from)}
	if from != nil && o.Role == source.DrivenBy {
		o.Role = source.Via
	}
	return o
}

func (g given) null() bool { return g.value().IsNull() }
