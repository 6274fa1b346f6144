package terraform

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// handle is the place of something that is written in the module.
func (s *scope) handle(span source.Span) source.Handle { return s.m.handle(span) }

// static names the arguments whose references name things and have no value.
var static = map[string]bool{
	"depends_on": true, "provider": true, "providers": true, "ignore_changes": true, "replace_triggered_by": true,
	"configuration_aliases": true, "when": true, "on_failure": true,
}

// conditions are blocks about what must hold once things are known.
var conditions = map[string]bool{"precondition": true, "postcondition": true, "validation": true, "assert": true}

// body is a block's content as a map, as written: an attribute is a field, all
// blocks of one type are a field with a list.
func (s *scope) body(b *hcltext.Body, at source.Handle) *graph.Node {
	type item struct {
		start int
		attr  *hcltext.Attribute
		block *hcltext.Block
	}
	items := make([]item, 0, len(b.Attributes)+len(b.Blocks))
	for _, a := range b.Attributes {
		items = append(items, item{a.Key.Start, a, nil})
	}
	for _, k := range b.Blocks {
		items = append(items, item{k.Head.Start, nil, k})
	}
	if len(b.Attributes) > 0 && len(b.Blocks) > 0 {
		slices.SortStableFunc(items, func(x, y item) int { return cmp.Compare(x.start, y.start) })
	}
	fields := make([]graph.Field, 0, len(items))
	blocks := map[string]int{} // type -> field
	content := map[int][]*graph.Node{}
	for _, it := range items {
		if it.attr != nil {
			fields = append(fields, graph.Field{Key: it.attr.Name, Place: s.handle(it.attr.Key), Node: s.attribute(it.attr)})
			continue
		}
		typ, nodes := s.block(it.block)
		f, ok := blocks[typ]
		if !ok {
			f = len(fields)
			blocks[typ] = f
			fields = append(fields, graph.Field{Key: typ, Place: s.handle(it.block.Head)})
		}
		content[f] = append(content[f], nodes...)
	}
	for f, nodes := range content { // each its own field
		fields[f].Node = graph.NewList(nodes, fields[f].Place)
	}
	return graph.NewMap(fields, at)
}

func (s *scope) attribute(a *hcltext.Attribute) *graph.Node {
	if static[a.Name] {
		t := *s
		t.written, t.names, t.providers = true, true, strings.HasPrefix(a.Name, "provider")
		return t.node(a.Expr)
	}
	if len(s.vars) == 0 || s.written || s.needs(a.Expr) {
		return s.node(a.Expr)
	}
	node, made := s.m.shared[a]
	if !made {
		node = (&scope{m: s.m}).node(a.Expr)
		s.m.shared[a] = node
	}
	return node
}

// needs tells whether an expression hangs on more than the module. If not, it
// is the same in all instances.
func (s *scope) needs(expr hclsyntax.Expression) bool {
	return slices.ContainsFunc(s.m.ld.study(expr).names, func(r reference) bool {
		_, bound := s.vars[r.RootName()]
		return bound
	})
}

// block is the items that a nested block makes, and the field they are for.
func (s *scope) block(k *hcltext.Block) (typ string, items []*graph.Node) {
	if k.Type == "dynamic" && len(k.Labels) == 1 {
		return k.Labels[0], s.dynamic(k)
	}
	if conditions[k.Type] {
		t := *s
		t.written = true
		s = &t
	}
	node := s.body(k.Body, s.handle(k.Span)).WithHead(s.handle(k.Head))
	for _, v := range slices.Backward(k.Labels) { // backend "s3" {} is backend.s3, as in JSON
		node = graph.NewMap([]graph.Field{{Key: v, Place: s.handle(k.Head), Node: node}}, s.handle(k.Span)).WithHead(s.handle(k.Head))
	}
	return k.Type, []*graph.Node{node}
}

// dynamic expands a dynamic block. One over something unknown is one block in
// which the iterator is unknown.
func (s *scope) dynamic(k *hcltext.Block) []*graph.Node {
	content, each := k.Body.Block("content"), k.Body.Attribute("for_each")
	if content == nil || each == nil {
		s.m.ld.fail(at(k.Head), "dynamic block %q lacks for_each or content", k.Labels[0])
		return nil
	}
	iterator := k.Labels[0]
	if a := k.Body.Attribute("iterator"); a != nil {
		if name := hcl.ExprAsKeyword(a.Expr); name != "" {
			iterator = name
		} else if text, ok := constant(a.Expr); ok {
			iterator = text
		}
	}
	v := s.eval(each.Expr)
	one := func(el key, name, value cty.Value) *graph.Node {
		in := s.with(iterator, cty.ObjectVal(map[string]cty.Value{"key": name, "value": value}))
		in.iterate(iterator, s, each.Expr, el)
		return in.body(content.Body, s.handle(content.Span)).WithHead(s.handle(k.Head))
	}
	bare, marks := v.Unmark()
	unknown := func() []*graph.Node {
		marks := deepMarks(v)
		return []*graph.Node{one(key{index: isAny}, cty.DynamicVal.WithMarks(marks), cty.DynamicVal.WithMarks(marks))}
	}
	switch {
	case !bare.IsKnown():
		return unknown()
	case bare.IsNull():
		s.m.ld.fail(s.m.ld.origin(each.Expr.Range()), "for_each of dynamic block %q is null", k.Labels[0])
		return unknown()
	case !bare.CanIterateElements():
		s.m.ld.fail(s.m.ld.origin(each.Expr.Range()), "for_each of dynamic block %q is a %s", k.Labels[0], bare.Type().FriendlyName())
		return unknown()
	case bare.LengthInt() > maxInstances:
		s.m.ld.fail(s.m.ld.origin(each.Expr.Range()), "dynamic block %q has more than %d elements", k.Labels[0], maxInstances)
		return unknown()
	}
	var items []*graph.Node
	for it := bare.ElementIterator(); it.Next(); {
		name, value := it.Element()
		if err := s.m.ld.budget.spend(size(value)); err != nil {
			if !s.m.ld.spent(err) {
				s.m.ld.fail(s.m.ld.origin(each.Expr.Range()), "dynamic block %q: %v", k.Labels[0], err)
			}
			return unknown()
		}
		items = append(items, one(keyOf(bare.Type(), name, value, len(items)), name.WithMarks(marks), value.WithMarks(marks)))
	}
	return items
}

// node is an expression as a node. Constructors are gone into, so that every
// leaf has its own place; of all else the whole expression is the place.
func (s *scope) node(expr hclsyntax.Expression) *graph.Node {
	switch e := expr.(type) {
	case *hclsyntax.ObjectConsExpr:
		return s.object(e)
	case *hclsyntax.TupleConsExpr:
		items := make([]*graph.Node, len(e.Exprs))
		for i, item := range e.Exprs {
			items[i] = s.node(item)
		}
		return graph.NewList(items, s.handle(s.m.ld.span(e.SrcRange)))
	case *hclsyntax.ParenthesesExpr:
		return s.node(e.Expression)
	}
	if s.written {
		return s.asWritten(expr)
	}
	switch e := expr.(type) {
	case *hclsyntax.ConditionalExpr:
		cond, _ := s.eval(e.Condition).Unmark()
		if b, err := convert.Convert(cond, cty.Bool); err == nil && b.IsKnown() && !b.IsNull() {
			in := *s
			in.under = append(slices.Clip(s.under), e.Condition)
			if b.True() {
				return in.node(e.TrueResult)
			}
			return in.node(e.FalseResult)
		}
	case *hclsyntax.TemplateExpr:
		return s.template(e)
	case *hclsyntax.FunctionCallExpr:
		return s.call(e)
	case *hclsyntax.ScopeTraversalExpr:
		return s.reference(e)
	case *hclsyntax.LiteralValueExpr:
		return s.literal(e)
	}
	return nodeOf(s.eval(expr), s.spot(expr))
}

// literal is a constant. A string without escapes is exact to the byte; in
// JSON it has its quotes around it.
func (s *scope) literal(e *hclsyntax.LiteralValueExpr) *graph.Node {
	if v := e.Val; v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		span := s.m.ld.span(e.SrcRange)
		place := &textPlace{m: s.m, whole: span}
		if len(s.under) > 0 {
			place.spot = s.spot(e)
		}
		if inner := (source.Span{File: span.File, Start: span.Start + 1, End: span.End - 1}); inner.Start <= inner.End {
			place.literal(0, v.AsString(), inner)
		}
		return stringNode(v.AsString(), place)
	}
	return nodeOf(e.Val, s.spot(e))
}

func (s *scope) object(e *hclsyntax.ObjectConsExpr) *graph.Node {
	at := s.handle(s.m.ld.span(e.SrcRange))
	fields := make([]graph.Field, 0, len(e.Items))
	for _, item := range e.Items {
		key, ok := s.key(item.KeyExpr)
		if !ok { // whatever key is looked for, it may be this one
			return graph.NewUnknown(at).WithRefs(refs(deepMarks(s.eval(e)))...)
		}
		fields = append(fields, graph.Field{
			Key: key, Place: s.handle(s.m.ld.span(item.KeyExpr.Range())), Node: s.node(item.ValueExpr),
		})
	}
	return graph.NewMap(fields, at)
}

func (s *scope) key(expr hclsyntax.Expression) (string, bool) {
	if k, ok := expr.(*hclsyntax.ObjectConsKeyExpr); ok && !k.ForceNonLiteral {
		if name := hcl.ExprAsKeyword(k.Wrapped); name != "" {
			return name, true
		}
	}
	if s.written { // the name of a provider configuration
		name := dotted(expr)
		return name, name != ""
	}
	v, _ := s.eval(expr).Unmark()
	text, err := convert.Convert(v, cty.String)
	if err != nil || !text.IsKnown() || text.IsNull() {
		return "", false
	}
	return text.AsString(), true
}

// asWritten is an expression that is not to be followed: a reference or a type
// is a string, everything that would have to be worked out is unknown.
func (s *scope) asWritten(expr hclsyntax.Expression) *graph.Node {
	span := s.m.ld.span(expr.Range())
	if v, diags := expr.Value(nil); !diags.HasErrors() && v != cty.NilVal {
		node := nodeOf(v, s.handle(span))
		if s.names && node.Kind() == graph.String { // a reference in quotes, as in JSON
			if t, diags := hclsyntax.ParseTraversalAbs([]byte(node.Text()), "", hcl.InitialPos); !diags.HasErrors() {
				return node.WithRefs(s.named(t)...)
			}
		}
		return node
	}
	text := strings.Join(strings.Fields(span.Text()), " ")
	if t, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() {
		return graph.NewString(text, s.handle(span)).WithRefs(s.named(t)...)
	}
	if e, ok := expr.(*hclsyntax.IndexExpr); ok && s.providers { // one of several of a provider
		if name := dotted(e.Collection); name != "" {
			id, in := s.m.provider(name), *s
			in.written = false
			if k, ok := keyText(in.eval(e.Key)); ok {
				id += "[" + strconv.Quote(k) + "]"
			}
			return graph.NewString(text, s.handle(span)).WithRefs(id)
		}
	}
	return graph.NewUnknown(s.handle(span))
}

// named are the addresses of what a reference names.
func (s *scope) named(t hcl.Traversal) []string {
	var addr strings.Builder
	addr.WriteString(t.RootName())
	for i := 1; i < len(t); i++ {
		name := attrName(t, i)
		if name == "" {
			break
		}
		addr.WriteString("." + name)
		if s.m.config.resources[addr.String()] != nil {
			var refs []string
			for _, inst := range s.m.expand(addr.String()).instances {
				refs = append(refs, inst.addr)
			}
			return refs
		}
		if t.RootName() == "module" {
			return []string{s.m.prefix + addr.String()}
		}
	}
	if s.providers {
		return []string{s.m.provider(addr.String())}
	}
	return nil
}
