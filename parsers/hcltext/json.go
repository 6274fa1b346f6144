package hcltext

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// topLevel says how many labels the blocks at the top of a Terraform file have.
var topLevel = map[string]int{
	"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "check": 1,
	"locals": 0, "terraform": 0, "moved": 0, "import": 0, "removed": 0,
}

// nested are blocks that every body may hold.
var nested = map[string]int{"dynamic": 1}

// inDynamic are the blocks of a dynamic block.
var inDynamic = map[string]int{"content": 0}

func (p *File) parseJSON() {
	if at, deep := deepJSON(p.Source.Data); deep {
		p.refuse(at)
		return
	}
	expr, diags := json.ParseExpression(p.Source.Data, p.Source.Path)
	p.diagnose(diags)
	if diags.HasErrors() {
		return
	}
	blocks := topLevel
	if strings.HasSuffix(p.Source.Path, ".tfvars.json") {
		blocks = nil
	}
	objects := p.objects(expr)
	if objects == nil {
		p.diagnose(hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "A configuration file in JSON must hold an object", Subject: expr.Range().Ptr(),
		}})
	}
	for _, o := range objects {
		p.jsonInto(p.Body, o, blocks)
	}
}

// deepJSON tells whether brackets outside of strings nest too deep.
func deepJSON(data []byte) (offset int, deep bool) {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return i, true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return 0, false
}

type jsonObject struct {
	pairs []hcl.KeyValuePair
	rng   hcl.Range
}

// objects is an object, or the objects of an array; nil when it is neither.
func (p *File) objects(expr hcl.Expression) []jsonObject {
	if pairs, ok := object(expr); ok {
		return []jsonObject{{pairs, expr.Range()}}
	}
	if items, ok := array(expr); ok {
		all := []jsonObject{}
		for _, item := range items {
			all = append(all, p.objects(item)...)
		}
		return all
	}
	return nil
}

func object(expr hcl.Expression) ([]hcl.KeyValuePair, bool) {
	if m, ok := expr.(interface{ ExprMap() []hcl.KeyValuePair }); ok {
		pairs := m.ExprMap()
		return pairs, pairs != nil
	}
	return nil, false
}

func array(expr hcl.Expression) ([]hcl.Expression, bool) {
	if l, ok := expr.(interface{ ExprList() []hcl.Expression }); ok {
		items := l.ExprList()
		return items, items != nil
	}
	return nil, false
}

// jsonInto adds the members of an object to a body. blocks says which are
// blocks and with how many labels.
func (p *File) jsonInto(b *Body, o jsonObject, blocks map[string]int) {
	for _, pair := range o.pairs {
		name, _ := literal(pair.Key)
		if name == "//" { // a comment
			continue
		}
		if labels, ok := blocks[name]; ok {
			p.jsonBlocks(b, name, nil, labels, pair)
			continue
		}
		key := Span(p.Source, pair.Key.Range())
		value := p.convert(pair.Value)
		span := key
		span.End = max(span.End, Span(p.Source, value.Range()).End)
		b.Attributes = append(b.Attributes, &Attribute{Name: name, Key: key, Span: span, Expr: value})
	}
}

func (p *File) jsonBlocks(b *Body, typ string, labels []string, missing int, pair hcl.KeyValuePair) {
	for _, o := range p.objects(pair.Value) {
		if missing > 0 {
			for _, inner := range o.pairs {
				if label, _ := literal(inner.Key); label != "//" {
					p.jsonBlocks(b, typ, append(slices.Clip(labels), label), missing-1, inner)
				}
			}
			continue
		}
		head := Span(p.Source, pair.Key.Range())
		span := Span(p.Source, o.rng)
		block := &Block{Type: typ, Labels: labels, Head: head, Span: source.Span{File: p.Source, Start: head.Start, End: span.End}}
		block.Body = &Body{Span: span}
		inside := nested
		switch typ {
		case "dynamic":
			inside = inDynamic
		case "locals", "variable", "output":
			inside = nil
		}
		p.jsonInto(block.Body, o, inside)
		b.Blocks = append(b.Blocks, block)
	}
}

// literal is the text of a JSON string as it stands.
func literal(expr hcl.Expression) (string, bool) {
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// convert is the native expression that a JSON value stands for.
func (p *File) convert(expr hcl.Expression) hclsyntax.Expression {
	rng := expr.Range()
	if pairs, ok := object(expr); ok {
		o := &hclsyntax.ObjectConsExpr{SrcRange: rng, OpenRange: expr.StartRange()}
		for _, pair := range pairs {
			o.Items = append(o.Items, hclsyntax.ObjectConsItem{
				KeyExpr:   &hclsyntax.ObjectConsKeyExpr{Wrapped: p.convert(pair.Key), ForceNonLiteral: true},
				ValueExpr: p.convert(pair.Value),
			})
		}
		return o
	}
	if items, ok := array(expr); ok {
		t := &hclsyntax.TupleConsExpr{SrcRange: rng, OpenRange: expr.StartRange()}
		for _, item := range items {
			t.Exprs = append(t.Exprs, p.convert(item))
		}
		return t
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		v = cty.DynamicVal
	}
	constant := &hclsyntax.LiteralValueExpr{Val: v, SrcRange: rng}
	text, ok := literal(expr)
	if !ok || !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
		return constant
	}
	start := rng.Start
	start.Byte++
	start.Column++
	t, err := Template(text, p.Source.Path, start)
	if err != nil {
		p.diagnose(hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Invalid template", Detail: err.Error(), Subject: &rng,
		}})
		constant.Val = cty.DynamicVal
		return constant
	}
	return &Quoted{Expression: t, rng: rng}
}

// Quoted is a template in a JSON string. Escapes in the string make the places
// within the template useless, so it has but one: the string's.
type Quoted struct {
	hclsyntax.Expression
	rng hcl.Range
}

// Range is the string's place.
func (q *Quoted) Range() hcl.Range { return q.rng }

// StartRange is the string's place.
func (q *Quoted) StartRange() hcl.Range { return q.rng }
