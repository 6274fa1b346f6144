package terraform_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// loadText loads one main.tf.
func loadText(tb testing.TB, text string) []*graph.Builder {
	tb.Helper()
	fsys := fstest.MapFS{"main.tf": &fstest.MapFile{Data: []byte(text)}}
	return load(tb, source.NewTree(fsys), []string{"main.tf"}, terraform.Options{})
}

// TestHostile holds configurations that would take all memory, all stack or
// for ever. Each has to end in a Problem with a place, and soon: the test's own
// time limit is the only clock.
func TestHostile(t *testing.T) {
	doubling := func(first, next string) string {
		var w strings.Builder
		fmt.Fprintf(&w, "locals {\n  l0 = %s\n", first)
		for i := range 60 {
			fmt.Fprintf(&w, "  l%d = %s\n", i+1, strings.ReplaceAll(next, "@", fmt.Sprintf("local.l%d", i)))
		}
		w.WriteString("}\nresource \"x\" \"y\" { a = local.l60 }\n")
		return w.String()
	}
	chain := func() string {
		var w strings.Builder
		w.WriteString("resource \"x\" \"y\" { a = local.l0 }\nlocals {\n")
		for i := range 20_000 {
			fmt.Fprintf(&w, "  l%d = local.l%d\n", i, i+1)
		}
		w.WriteString("  l20000 = 1\n}\n")
		return w.String()
	}
	aliases := ""
	for i := range 12 {
		name, before := string(rune('b'+i)), string(rune('a'+i))
		aliases += `\n` + name + ": &" + name + " [" + strings.Repeat("*"+before+",", 9) + "*" + before + "]"
	}
	attr := func(expr string) string { return "resource \"x\" \"y\" {\n  a = " + expr + "\n}\n" }
	for name, text := range map[string]string{
		"range":            attr("range(1000000000)"),
		"nested for":       attr("[for a in range(4000) : [for b in range(4000) : [for c in range(4000) : a]]]"),
		"for without end":  attr("[for a in range(4000) : [for b in range(4000) : b if [for c in range(4000) : c][0] == 1]]"),
		"product":          attr("setproduct(range(4000), range(4000), range(4000))"),
		"count":            "resource \"x\" \"y\" {\n  count = 1000000000\n}\n",
		"for_each":         "resource \"x\" \"y\" {\n  for_each = toset([for a in range(4000) : \"${a}\"])\n}\n",
		"module count":     "module \"m\" {\n  source = \"./m\"\n  count = 1000000000\n}\n",
		"dynamic":          "resource \"x\" \"y\" {\n  dynamic \"d\" {\n    for_each = range(4000)\n    content {\n      a = d.value\n    }\n  }\n}\n",
		"strings":          doubling(`"xxxxxxxxxxxxxxxx"`, `"${@}${@}"`),
		"lists":            doubling(`[1]`, `[@, @]`),
		"concat":           doubling(`[1]`, `concat(@, @)`),
		"join":             doubling(`"xxxxxxxx"`, `join(@, [@, @])`),
		"replace":          doubling(`"xxxxxxxx"`, `replace(@, "x", @)`),
		"regexp replace":   doubling(`"xxxxxxxx"`, `replace(@, "/x/", @)`),
		"indent":           attr(`indent(1000000000, "\n\n")`),
		"numbers":          doubling("10", "@ * @"),
		"power":            attr("pow(10, 1000000000)"),
		"exponent":         attr(`"${1e999999999}"`),
		"exponent in text": attr(`"${tonumber("1e999999999")}"`),
		"width":            attr(`format("%1000000000d", 1)`),
		"json":             attr(strings.Repeat("jsonencode(", 60) + `"\""` + strings.Repeat(")", 60)),
		"brackets":         attr(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)),
		"many brackets":    attr(strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000)),
		"templates":        attr(strings.Repeat(`"${`, 10_000) + "1" + strings.Repeat(`}"`, 10_000)),
		"operators":        attr("1" + strings.Repeat(" + 1", 1_000_000)),
		"negations":        attr(strings.Repeat("!", 1_000_000) + "true"),
		"conditions":       attr(strings.Repeat("true ? 1 : ", 100_000) + "1"),
		"indexes":          attr("x" + strings.Repeat("[y]", 100_000)),
		"blocks":           strings.Repeat("a {\n", 100_000) + strings.Repeat("}\n", 100_000),
		"chain":            chain(),
		"aliases":          attr(`yamldecode("a: &a [` + strings.Repeat("x,", 9) + `x]` + aliases + `")`),
		"expensive calls":  attr(`[for a in range(1000) : [for b in range(1000) : regex("(a+)${a}${b}$", "aaa${a}${b}")]]`),
		"repetition":       attr(`regex("((a{1000}){1000}){1000}", "a")`),
		"own template":     attr(`templatefile("main.tf", { x = "$${templatefile(\"main.tf\", {})}" })`) + "# ${templatefile(\"main.tf\", {})}\n",
	} {
		t.Run(name, func(t *testing.T) {
			problems := 0
			for _, b := range loadText(t, text) {
				for _, p := range b.Problems {
					if p.At == nil || p.At.Span.File == nil {
						t.Errorf("a Problem without a place: %s", p.Message)
					}
					problems++
				}
			}
			if problems == 0 {
				t.Error("no Problem")
			}
		})
	}
}
