package yamltext

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func pos(p source.Position) string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// problemCases are texts with one document that does not parse, the place and
// what is said of it.
var problemCases = []struct{ name, text, at, message string }{
	{"quote", "a: 1\nb: \"x\nc: 2\nd: 3\n", "2:1", "the text in quotes does not end"},
	{"quote, first line", "a: 'x\n\n\n", "1:1", "the text in quotes does not end"},
	{"quote before the next document", "a: 'x\n---\nb: 1\n", "1:1", "the text in quotes does not end"},
	{"nested too deep", "a: 1\n  b: 2\n", "2:3", "a key is not allowed here"},
	{"colon in text", "a: b: c", "1:1", "a key is not allowed here"},
	{"no colon", "a: b\nb\nc: d\n", "2:1", "a key without a colon"},
	{"indentation", "a:\n  - b\n c: d\n", "3:2", "expected a key"},
	{"item for key", "k: v\n- a\n", "2:1", "expected a key"},
	{"key for item", "- a\nb: c", "2:1", "expected an item"},
	{"tab", "a:\n\tb: 1\n", "2:1", "a tab cannot indent"},
	{"tab in plain text", "x: 1\n\ty: 2\n", "2:1", "a tab cannot indent"},
	{"open list", "a:\n- 1\nb: [1,\nc: 2\n", "3:1", "did not find expected ',' or ']'"},
	{"open map", "a: {b: c\nd: e\n", "2:1", "did not find expected ',' or '}'"},
	{"nothing behind a bracket", "x: 1\nb: {\n\n", "2:1", "did not find expected node content"},
	{"one bracket too many", "key: [a, b]]\n", "1:1", "expected a key"},
	{"second document", "a: 1\n---\nb: 1\nc: ]\n", "4:1", "did not find expected node content"},
	{"escape", "a: 1\nb: \"\\q\"\n", "2:1", "found unknown escape character"},
	{"reserved character", "a: 1\nx: @a", "2:1", "needs quotes"},
	{"anchor", "a: [b, *nope]\n", "1:8", "no anchor is named nope"},
	{"anchor of another document", "a: &x 1\n---\nb: *x\n", "3:4", "no anchor is named x"},
	{"anchor in itself", "a: &a [1, *a]", "1:11", "the anchor a contains itself"},
	{"complex key", "a: 1\nname: {{ .Values.name }}\n", "2:8", "a map or a list cannot be a key"},
	{"merge of text", "a: 1\n<<: b", "2:1", "only maps can be merged"},
	{"tag handle", "a: 1\nb: !e!x a", "2:1", "found undefined tag handle"},
	{"directive", "%FOO\n---\na: 1", "1:1", "found unknown directive name"},
	{"control character", "a: 1\nb: x\x00y", "2:5", "control character '\\x00'"},
	{"invalid UTF-8", "a: é\nb: \xe9t\xe9\n", "2:4", "not UTF-8"},
	{"UTF-16", "\xff\xfea\x00:\x00", "1:1", "UTF-16"},
	{"CRLF", "a: 1\r\nb: 2\r\n c: 3\r\n", "3:2", "a key is not allowed here"},
	{"non-ASCII lines before", "a: \u2028\nb: 1\n c: 3\n", "3:2", "a key is not allowed here"},
}

func TestProblems(t *testing.T) {
	for _, c := range problemCases {
		t.Run(c.name, func(t *testing.T) {
			f := source.NewFile("f", []byte(c.text))
			docs := Parse(f, nil)
			check(t, f, docs)
			found := 0
			for _, d := range docs {
				if d.Problem == nil {
					continue
				}
				found++
				p := d.Problem
				if got := pos(p.At.Span.From()); got != c.at || !strings.Contains(p.Message, c.message) {
					t.Errorf("got %s %s; want %s %s", got, p.Message, c.at, c.message)
				}
				if p.Level != graph.Error || p.At.Exact > source.AtLine {
					t.Errorf("level %v, %v", p.Level, p.At.Exact)
				}
			}
			if found != 1 {
				t.Errorf("%d problems in %s", found, dumpAll(docs))
			}
		})
	}
}

// TestHostile holds that text made to cost is refused or read, not suffered.
func TestHostile(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	merges := "a0: &a0 {k: v}\n"
	for i := 1; i < 10; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	for i := 1; i < 2000; i++ {
		merges += fmt.Sprintf("a%[1]d: &a%[1]d {<<: *a%[2]d, k%[1]d: v}\n", i, i-1)
	}
	for _, c := range []struct{ name, text, problem string }{
		{"aliases of aliases", bomb, "too many values"},
		{"merges of merges", merges, "too many values"},
		{"deep lists", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), ""},
		{"deep maps", strings.Repeat("{a: ", 9000) + strings.Repeat("}", 9000), ""},
		{"deep items", strings.Repeat("- ", 9000) + "x", ""},
		{"too deep", strings.Repeat("[", 20000), "exceeded max depth"},
		{"many values", "[" + strings.Repeat("a,", maxValues) + "]", "values in one document"},
		{"many documents", strings.Repeat("--- a\n", maxDocuments+1), "documents in one file"},
		{"empty documents", strings.Repeat("---\n", 2*maxDocuments), ""},
		{"one long line", "a: " + strings.Repeat("é", 4<<20), ""},
		{"one long line of values", "[" + strings.Repeat(`{"é":1},`, 100000) + "1]", ""},
		{"a quote that does not end", "a: \"" + strings.Repeat("x\n", 1<<20), "does not end"},
		{"an alias of long text", "a: &a \"" + strings.Repeat("#\\n", 1<<20) + "\"\nb: [" + strings.Repeat("*a, ", 10000) + "]", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var problem string
			for _, d := range Parse(source.NewFile("f", []byte(c.text)), nil) {
				if d.Problem != nil {
					problem = d.Problem.Message
				}
			}
			if problem == "" != (c.problem == "") || !strings.Contains(problem, c.problem) {
				t.Errorf("got problem %q, want %q", problem, c.problem)
			}
		})
	}
}

func TestPanicIsAnError(t *testing.T) {
	if err := guard(func() error { panic("odd") }); err == nil || err.Error() != "odd" {
		t.Errorf("got %v", err)
	}
}

// crd is about what a custom resource definition looks like.
func crd(size int) []byte {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: c%d\nspec:\n  properties:\n", i)
		for j := range 500 {
			fmt.Fprintf(&b, "    field%d:\n      description: |-\n        What the field is for.\n        More about it, with some words.\n      type: string\n      enum: [\"a\", b]\n", j)
		}
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	data := crd(4 << 20)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(source.NewFile("crd.yaml", data), nil)
	}
}
