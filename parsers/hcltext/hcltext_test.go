package hcltext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// outline is a body with the text of every span.
func outline(b *hcltext.Body, f *source.File, indent string) string {
	var w strings.Builder
	for _, a := range b.Attributes {
		fmt.Fprintf(&w, "%s%s: %q %q\n", indent, a.Name, a.Key.Text(), hcltext.Span(f, a.Expr.Range()).Text())
	}
	for _, k := range b.Blocks {
		fmt.Fprintf(&w, "%s%s %q: %q\n%s", indent, k.Type, k.Labels, k.Head.Text(), outline(k.Body, f, indent+"  "))
	}
	return w.String()
}

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct{ file, text, want string }{
		"native": {"a.tf", `
resource "aws_s3_bucket" "ü" { # labels in any script
  b = "é${x}"
  a = 1
  inner {
    c = [1]
  }
}
top = true
`, `top: "top" "true"
resource ["aws_s3_bucket" "ü"]: "resource \"aws_s3_bucket\" \"ü\""
  b: "b" "\"é${x}\""
  a: "a" "1"
  inner []: "inner"
    c: "c" "[1]"
`},
		"byte order mark": {"a.tf", "\ufeffa = 1\r\nb = 2\r\n", `a: "a" "1"
b: "b" "2"
`},
		"JSON": {"a.tf.json", `{"//": 1, "resource": {"t": {"n": [{"a": "é${x}", "dynamic": {"d": {"content": {"b": [1, {"c": "\"${y}"}]}}}}, {"a": null}]}},
 "locals": {"dynamic": {"x": 1}}, "variable": [{"v": {}}]}`, `resource ["t" "n"]: "\"n\""
  a: "\"a\"" "\"é${x}\""
  dynamic ["d"]: "\"d\""
    content []: "\"content\""
      b: "\"b\"" "[1, {\"c\": \"\\\"${y}\"}]"
resource ["t" "n"]: "\"n\""
  a: "\"a\"" "null"
locals []: "\"locals\""
  dynamic: "\"dynamic\"" "{\"x\": 1}"
variable ["v"]: "\"v\""
`},
		"variables in JSON": {"a.tfvars.json", `{"resource": {"a": {"b": 1}}, "c": "d"}`, `resource: "\"resource\"" "{\"a\": {\"b\": 1}}"
c: "\"c\"" "\"d\""
`},
		"not closed": {"a.tf", "a = 1\nb {\n  c = 2\n", `a: "a" "1"
b []: "b"
  c: "c" "2"
`},
	} {
		t.Run(name, func(t *testing.T) {
			f := source.NewFile(tt.file, []byte(tt.text))
			p := hcltext.Parse(f)
			if diff := cmp.Diff(tt.want, outline(p.Body, f, "")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if broken := name == "not closed"; broken != (len(p.Problems) > 0) {
				t.Errorf("problems: %v", p.Problems)
			}
			check(t, f, p)
		})
	}
}

// TestJSONExpressions holds JSON values against the native expressions they
// stand for.
func TestJSONExpressions(t *testing.T) {
	for json, native := range map[string]string{
		`1.5`:             `1.5`,
		`true`:            `true`,
		`null`:            `null`,
		`"a"`:             `"a"`,
		`"a$${b}"`:        `"a$${b}"`,
		`"${1 + 1}"`:      `2`,
		`"n${1 + 1}"`:     `"n2"`,
		`["a", {"b": 1}]`: `["a", { b = 1 }]`,
		`{"${\"k\"}": 1}`: `{ k = 1 }`,
		`{"true": 1}`:     `{ "true" = 1 }`,
	} {
		f := source.NewFile("a.tfvars.json", []byte(`{"a": `+json+`}`))
		p := hcltext.Parse(f)
		want, diags := hclsyntax.ParseExpression([]byte(native), "", hcl.InitialPos)
		if diags.HasErrors() || len(p.Problems) > 0 {
			t.Fatal(diags, p.Problems)
		}
		wantValue, _ := want.Value(nil)
		got, diags := p.Body.Attribute("a").Expr.Value(&hcl.EvalContext{})
		if diags.HasErrors() || !got.RawEquals(wantValue) {
			t.Errorf("%s is %#v, want %#v (%v)", json, got, wantValue, diags)
		}
	}
}

// TestDepth nests what can nest, and each time deeper than any stack bears.
func TestDepth(t *testing.T) {
	const n = 50_000
	for name, tt := range map[string]struct{ file, text string }{
		"lists":      {"a.tf", "a = " + strings.Repeat("[", n) + strings.Repeat("]", n)},
		"open lists": {"a.tf", "a = " + strings.Repeat("[", n)},
		"objects":    {"a.tf", "a = " + strings.Repeat("{a=", n)},
		"calls":      {"a.tf", "a = " + strings.Repeat("f(", n)},
		"templates":  {"a.tf", "a = " + strings.Repeat(`"${`, n)},
		"directives": {"a.tf", "a = \"" + strings.Repeat(`%{ if true }`, n) + "\""},
		"heredocs":   {"a.tf", "a = " + strings.Repeat("<<A\n${", n)},
		"blocks":     {"a.tf", strings.Repeat("a {\n", n)},
		"negation":   {"a.tf", "a = " + strings.Repeat("!", n) + "x"},
		"minus":      {"a.tf", "a = " + strings.Repeat("-", n) + "x"},
		"sum":        {"a.tf", "a = 1" + strings.Repeat("+1", n)},
		"lines":      {"a.tf", "a = (1" + strings.Repeat("+\n1", n) + ")"},
		"ternary":    {"a.tf", "a = " + strings.Repeat("a?b:", n) + "c"},
		"index":      {"a.tf", "a = a" + strings.Repeat("[b]", n)},
		"splat":      {"a.tf", "a = a" + strings.Repeat("[*]", n)},
		"for":        {"a.tf", "a = " + strings.Repeat("[for a in b : ", n)},
		"moderate":   {"a.tf", "a = " + strings.Repeat("[", 2*hcltext.MaxDepth) + strings.Repeat("]", 2*hcltext.MaxDepth)},
		"JSON":       {"a.tf.json", strings.Repeat(`{"a":[`, n)},
		"in JSON":    {"a.tf.json", `{"a": "` + strings.Repeat(`${[`, n) + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			f := source.NewFile(tt.file, []byte(tt.text))
			p := hcltext.Parse(f)
			if len(p.Problems) == 0 {
				t.Error("no Problem")
			}
			check(t, f, p)
		})
	}
	wide := "a = [" + strings.Repeat("{ b = [1, -2, c.d[0]] },\n", 10_000) + "]"
	if p := hcltext.Parse(source.NewFile("a.tf", []byte(wide))); len(p.Problems) > 0 {
		t.Errorf("a wide file is refused: %s", p.Problems[0].Message)
	}
}

// check holds that spans lie in the file and blocks around what is in them.
func check(t *testing.T, f *source.File, p *hcltext.File) {
	t.Helper()
	for _, problem := range p.Problems {
		if o := problem.At; o == nil || !f.Whole().Contains(o.Span) {
			t.Errorf("the Problem %q has no place in the file", problem.Message)
		}
	}
	checkBody(t, f, f.Whole(), p.Body)
}

func checkBody(t *testing.T, f *source.File, around source.Span, b *hcltext.Body) {
	t.Helper()
	for i, a := range b.Attributes {
		if !around.Contains(a.Key) || !around.Contains(a.Span) || !around.Contains(hcltext.Span(f, a.Expr.Range())) {
			t.Errorf("attribute %s lies outside of its block", a.Name)
		}
		if i > 0 && a.Key.Start < b.Attributes[i-1].Key.Start {
			t.Errorf("attribute %s is out of order", a.Name)
		}
	}
	for _, k := range b.Blocks {
		if !around.Contains(k.Span) || !k.Span.Contains(k.Head) {
			t.Errorf("block %s lies outside of its block", k.Type)
		}
		checkBody(t, f, k.Span, k.Body)
	}
}

// FuzzParse parses any text in both syntaxes.
func FuzzParse(f *testing.F) {
	f.Add("resource \"a\" \"b\" {\n  c = <<-E\n    ${d}\n  E\n}\n", false)
	f.Add("a = [for x in y : x.z[*] if !w] \n b { c = \"\\u00e9\" }", false)
	f.Add(`{"resource": {"a": {"b": {"c": "${d}", "dynamic": {"e": {"content": {}}}}}}}`, true)
	f.Fuzz(func(t *testing.T, text string, json bool) {
		name := "a.tf"
		if json {
			name = "a.tf.json"
		}
		file := source.NewFile(name, []byte(text))
		check(t, file, hcltext.Parse(file))
	})
}
