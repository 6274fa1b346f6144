// Package hcltext reads the text of Terraform files, native (.tf, .tofu,
// .tfvars) and JSON (.tf.json, .tfvars.json), into one tree of attributes and
// blocks in the order written, with byte spans.
//
// Both syntaxes end in hclsyntax expressions: a JSON value becomes the
// expression that it stands for, its strings parsed as templates, as the JSON
// profile of HCL says. So there is one language to evaluate, and places are
// converted from hcl.Range in one place, [Span], by byte offsets alone.
//
// No schema is needed. What JSON cannot tell apart without one, nested blocks
// and attributes that hold objects, is read as attributes; only what every
// Terraform file shares (resource, module, dynamic, ...) is read as blocks.
//
// Parsers and evaluators recurse, so nesting is limited to [MaxDepth]. A file
// that nests deeper is refused with a Problem before anything can overflow.
package hcltext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A File is one parsed file. Of a file with errors it holds what could be read.
type File struct {
	Source   *source.File
	Body     *Body
	Problems []graph.Problem
}

// A Body is attributes and blocks, each in the order written.
type Body struct {
	Attributes []*Attribute
	Blocks     []*Block
	Span       source.Span
}

// An Attribute is a name and an expression.
type Attribute struct {
	Name string
	Key  source.Span // the name
	Span source.Span // the name and the expression
	Expr hclsyntax.Expression
}

// A Block is a nested body with a type and labels.
type Block struct {
	Type   string
	Labels []string
	Head   source.Span // the type and the labels
	Span   source.Span // all of it
	Body   *Body
}

// Attribute is the attribute of that name, nil when there is none.
func (b *Body) Attribute(name string) *Attribute {
	for _, a := range b.Attributes {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Block is the first block of that type, nil when there is none.
func (b *Body) Block(typ string) *Block {
	for _, k := range b.Blocks {
		if k.Type == typ {
			return k
		}
	}
	return nil
}

// Label is the label at i, "" when there is none.
func (b *Block) Label(i int) string {
	if i < len(b.Labels) {
		return b.Labels[i]
	}
	return ""
}

// Parse reads a file, as JSON when its name ends in .json.
func Parse(f *source.File) *File {
	p := &File{Source: f, Body: &Body{Span: f.Whole()}}
	if strings.HasSuffix(f.Path, ".json") {
		p.parseJSON()
		return p
	}
	if at, deep := tooDeep(f.Data); deep {
		p.refuse(at)
		return p
	}
	file, diags := hclsyntax.ParseConfig(f.Data, f.Path, hcl.InitialPos)
	p.diagnose(diags)
	if body, ok := file.Body.(*hclsyntax.Body); ok {
		if at, deep := deepNode(body); deep {
			p.refuse(Span(f, at).Start)
			return p
		}
		p.Body = native(f, body)
	}
	return p
}

// Template parses text as a template whose first byte is at pos.
func Template(text, filename string, pos hcl.Pos) (hclsyntax.Expression, error) {
	if _, deep := tooDeep([]byte(text)); deep {
		return nil, errTooDeep
	}
	expr, diags := hclsyntax.ParseTemplate([]byte(text), filename, pos)
	if diags.HasErrors() {
		return nil, diags
	}
	if _, deep := deepNode(expr); deep {
		return nil, errTooDeep
	}
	return expr, nil
}

// Expression parses text as one expression, such as a value on the command line.
func Expression(text, filename string) (hclsyntax.Expression, error) {
	if _, deep := tooDeep([]byte(text)); deep {
		return nil, errTooDeep
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), filename, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	if _, deep := deepNode(expr); deep {
		return nil, errTooDeep
	}
	return expr, nil
}

// Span converts a range. It is the only place that does, and uses the byte
// offsets alone: HCL's columns count grapheme clusters.
func Span(f *source.File, r hcl.Range) source.Span {
	start := min(max(r.Start.Byte, 0), len(f.Data))
	end := min(max(r.End.Byte, start), len(f.Data))
	return source.Span{File: f, Start: start, End: end}
}

// Message is a diagnostic as one line.
func Message(d *hcl.Diagnostic) string {
	text := strings.TrimSuffix(d.Summary, ".")
	if d.Detail != "" {
		text += ": " + d.Detail
	}
	return strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
}

// maxProblems is how many diagnostics of one file are passed on: the first
// ones say what is wrong, and garbage yields thousands.
const maxProblems = 20

func (p *File) diagnose(diags hcl.Diagnostics) {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if len(p.Problems) == maxProblems {
			return
		}
		at := &source.Origin{Span: p.Source.Whole(), Exact: source.InFile}
		if d.Subject != nil {
			at = &source.Origin{Span: Span(p.Source, *d.Subject), Exact: source.AtToken}
		}
		p.Problems = append(p.Problems, graph.Problem{Level: graph.Error, Message: Message(d), At: at})
	}
}

func (p *File) refuse(offset int) {
	at := source.Span{File: p.Source, Start: offset, End: min(offset+1, len(p.Source.Data))}
	p.Problems = append(p.Problems, graph.Problem{
		Level:   graph.Error,
		Message: fmt.Sprintf("the file nests deeper than %d levels and was not read", MaxDepth),
		At:      &source.Origin{Span: at, Exact: source.AtLine},
	})
}

func native(f *source.File, body *hclsyntax.Body) *Body {
	b := &Body{Span: Span(f, body.SrcRange)}
	for _, a := range body.Attributes {
		b.Attributes = append(b.Attributes, &Attribute{
			Name: a.Name, Key: Span(f, a.NameRange), Span: Span(f, a.SrcRange), Expr: a.Expr,
		})
	}
	slices.SortFunc(b.Attributes, func(x, y *Attribute) int { return cmp.Compare(x.Key.Start, y.Key.Start) })
	for _, k := range body.Blocks {
		b.Blocks = append(b.Blocks, &Block{
			Type: k.Type, Labels: k.Labels, Head: Span(f, k.DefRange()), Span: Span(f, k.Range()), Body: native(f, k.Body),
		})
	}
	return b
}
