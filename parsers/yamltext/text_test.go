package yamltext

import (
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// partCases are a text with one string at "a", a part of that string's text
// and the bytes it is written in.
var partCases = []struct{ name, text, part, want string }{
	{"plain", "a: repo:tag", "tag", "tag"},
	{"plain after more than ASCII", "a: é:tag", "tag", "tag"},
	{"single quotes", "a: 'repo:tag'", "tag", "tag"},
	{"double quotes", `a: "repo:tag"`, "repo", "repo"},
	{"all of it", `a: "repo:tag"`, "repo:tag", "repo:tag"},
	{"doubled quote", "a: 'it''s so'", "so", "so"},
	{"the doubled quote", "a: 'it''s so'", "'", "''"},
	{"escapes", `a: "x\ty\u00e9z"`, "z", "z"},
	{"an escape", `a: "x\ty\u00e9z"`, "é", `\u00e9`},
	{"literal", "a: |\n  one\n   two\n", "two", "two"},
	{"literal over lines", "a: |\n  one\n  two\n", "ne\ntw", "ne\n  tw"},
	{"literal, last break", "a: |\n  one\n", "\n", ""},
	{"literal with an indicator", "a: |1\n   one\n", "  one", "  one"},
	{"literal after empty lines", "a: |\n\n\n  one\n", "one", "one"},
	{"literal with CRLF", "a: |\r\n  one\r\n  two\r\n", "two", "two"},
	{"folded", "a: >\n  one\n  two\n\n  three\n", "two", "two"},
	{"folded break", "a: >\n  one\n  two\n", "one two", "one\n  two"},
	{"folded, more indented", "a: >\n  one\n\n    two\n  three\n", "three", "three"},
	{"plain over lines", "a: one\n   two\n\n   three", "three", "three"},
	{"double quotes over lines", "a: \"one\n  two \\\n  three\"", "three", "three"},
	{"JSON", `{"a": "repo:tag"}`, "tag", "tag"},
	{"JSON escapes", `{"a": "x\/y\ud83d\ude80z \ud83dw"}`, "z", "z"},
	{"JSON surrogates", `{"a": "x\/y\ud83d\ude80z"}`, "🚀", `\ud83d\ude80`},
	{"JSON slash", `{"a": "x\/y"}`, "/", `\/`},
	{"JSON lone surrogate", `{"a": "x\ud83dw"}`, "w", "w"},
	{"single quotes over lines", "a: 'one\n  two'", "two", "two"},
}

func TestParts(t *testing.T) {
	for _, c := range partCases {
		t.Run(c.name, func(t *testing.T) {
			docs := Parse(source.NewFile("f", []byte(c.text)), nil)
			n := docs[0].Root.Field("a").Node
			i := strings.Index(n.Text(), c.part)
			if i < 0 {
				t.Fatalf("%q is not in %q", c.part, n.Text())
			}
			o := n.Handle().Part(i, i+len(c.part))
			if o.Span.Text() != c.want || o.Exact != source.AtToken {
				t.Errorf("got %q, %v; want %q", o.Span.Text(), o.Exact, c.want)
			}
			for _, bad := range [][2]int{{-1, 1}, {2, 1}, {0, len(n.Text()) + 1}} {
				if got := n.Handle().Part(bad[0], bad[1]).Span.Text(); got != n.Handle().Origin().Span.Text() {
					t.Errorf("Part(%d, %d) is %q", bad[0], bad[1], got)
				}
			}
		})
	}
}

// TestDecoded reads documents in strings and finds their values in the file.
func TestDecoded(t *testing.T) {
	for _, c := range []struct{ name, text, path, want string }{
		{"literal JSON", "a: |\n  {\n    \"k\": [\"v\"]\n  }\n", "k.0", `3:11 "v"`},
		{"quoted JSON", `a: '{"k": {"x": true}}'`, "k.x", `1:17 true`},
		{"escaped JSON", `a: "{\"k\": \"v\"}"`, "k", `1:13 \"v\"`},
		{"manifest", "a: |\n  # c\n  kind: Pod\n  metadata:\n    name: x\n", "metadata.name", "5:11 x"},
		{"manifest with a marker", "a: |\n  ---\n  kind: Pod\n  x: y\n", "kind", "3:9 Pod"},
		{"string in a string", "a: |\n  kind: X\n  b: '{\"c\": \"d\"}'\n", "b", `3:6 '{"c": "d"}'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs := Parse(source.NewFile("f", []byte(c.text)), nil)
			v := graph.ValueOf(docs[0].Root).At("a").Decoded().At(c.path)
			if v.Kind() == graph.Absent {
				t.Fatal("nothing there")
			}
			o := v.Origin()
			at := o.Span.From()
			if got := pos(at) + " " + o.Span.Text(); got != c.want || o.Exact != source.AtToken {
				t.Errorf("got %q, %v; want %q", got, o.Exact, c.want)
			}
		})
	}
	for _, text := range []string{
		"a: text", "a: '{{ .x }}'", "a: '{\"k\": '", "a: |\n  echo: x y\n  if [ a ]; then\n", "a: |\n  just\n  text\n",
		"a: '[1] and'", "a: |\n  x: 1\n  ---\n  y: 2\n", "a: 1", "a: 'k: v'", "a: |\n  # only\n  # comments\n",
	} {
		if v := graph.ValueOf(Parse(source.NewFile("f", []byte(text)), nil)[0].Root).At("a").Decoded(); v.Kind() != graph.Absent {
			t.Errorf("%q: got a %v", text, v.Kind())
		}
	}
	n := Parse(source.NewFile("f", []byte("a: &x '{\"k\": 1}'\nb: *x")), nil)[0].Root
	if o := graph.ValueOf(n).At("b").Decoded().At("k").Origin(); o.Step != source.Alias || o.From[0].Span.Text() != "1" {
		t.Errorf("in an aliased string: got %v %q", o.Step, o.Span.Text())
	}
}

func TestParsePlaces(t *testing.T) {
	rendered := source.NewFile("rendered", []byte("a: \"b c\"\nd: |\n  e\n"))
	original := source.NewFile("original", []byte(strings.Repeat(".", 100)))
	docs := Parse(rendered, func(start, end int) source.Handle {
		return &source.Span{File: original, Start: start + 50, End: end + 50}
	})
	for _, c := range []struct {
		key        string
		start, end int
		from, to   int
	}{{"a", 0, 3, 4, 7}, {"a", 2, 3, 6, 7}, {"d", 0, 1, 16, 17}} {
		s := docs[0].Root.Field(c.key).Node.Handle().Part(c.start, c.end).Span
		if s.File != original || s.Start != c.from+50 || s.End != c.to+50 {
			t.Errorf("%s [%d,%d): got [%d,%d) of %s", c.key, c.start, c.end, s.Start, s.End, s.File.Path)
		}
	}
}
