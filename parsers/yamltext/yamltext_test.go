package yamltext

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// dump lists every value of a document with its place: path, kind, text,
// line:column and the text of the span.
func dump(n *graph.Node) string {
	var b strings.Builder
	var walk func(path string, n *graph.Node)
	walk = func(path string, n *graph.Node) {
		o := n.Handle().Origin()
		at := o.Span.From()
		fmt.Fprintf(&b, "%s %v %q %d:%d %q", path, n.Kind(), n.Text(), at.Line, at.Column, o.Span.Text())
		if o.Step == source.Alias {
			fmt.Fprintf(&b, " -> %q", o.Cure().Span.Text())
		}
		if o.Exact != source.AtToken {
			fmt.Fprintf(&b, " (%v)", o.Exact)
		}
		b.WriteByte('\n')
		for _, f := range n.Fields() {
			walk(path+"."+f.Key, f.Node)
		}
		for i, item := range n.Items() {
			walk(fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
	walk("", n)
	return b.String()
}

// spanCases are texts and, for paths in them, where they are: line:column and
// the bytes of the span. A path that ends in "!" is the place of the key.
var spanCases = []struct {
	name, text string
	want       map[string]string
}{
	{"block", "a: 1\nb:\n  c: x y # z\n  d:\n  - e\n  -  f: g\n\n# end\n", map[string]string{
		"": "1:1 a: 1\nb:\n  c: x y # z\n  d:\n  - e\n  -  f: g", "a": "1:4 1", "a!": "1:1 a", "b": "3:3 c: x y # z\n  d:\n  - e\n  -  f: g",
		"b.c": "3:6 x y", "b.d": "5:3 - e\n  -  f: g", "b.d.0": "5:5 e", "b.d.1": "6:6 f: g", "b.d.1.f!": "6:6 f"}},
	{"flow", "a: {b: [1, 'x' , ] , \"c\" : {} } # z\nd: [a: b, {c, d: }, [\n  # c ]\n]]", map[string]string{
		"a": `1:4 {b: [1, 'x' , ] , "c" : {} }`, "a.b": "1:8 [1, 'x' , ]", "a.b.1": "1:12 'x'", "a.c": "1:28 {}", "a.c!": `1:22 "c"`,
		"d": "2:4 [a: b, {c, d: }, [\n  # c ]\n]]", "d.0": "2:5 a: b", "d.1": "2:11 {c, d: }", "d.1.c": "2:13 ", "d.1.d": "2:17 ", "d.2": "2:21 [\n  # c ]\n]"}},
	{"JSON", "{\n\t\"a\": {\"b\":[1,true,null,\"x\"]}\n}\n", map[string]string{
		"": "1:1 {\n\t\"a\": {\"b\":[1,true,null,\"x\"]}\n}", "a!": `2:2 "a"`, "a.b": `2:12 [1,true,null,"x"]`, "a.b.2": "2:20 null", "a.b.3": `2:25 "x"`}},
	{"quotes", "a: 'it''s'\nb: \"\\\"x\\\\\" # y\nc: \"q\n  r\n\n  s\" \nd: ''", map[string]string{
		"a": "1:4 'it''s'", "b": `2:4 "\"x\\"`, "c": "3:4 \"q\n  r\n\n  s\"", "d": "7:4 ''"}},
	{"plain on several lines", "a: x y\n   z\n\n   w # c\nb: c", map[string]string{"a": "1:4 x y\n   z\n\n   w", "b": "5:4 c"}},
	{"block scalars", "a: |\n  x\n   y\n\nb: >- # c\n\n    f\n    g\n  \n\n# c\nc: |+\n k\n\n\nd: |2-\n    i\ne: |\nf: >+\n\n\ng: 1", map[string]string{
		"a": "1:4 |\n  x\n   y", "b": "5:4 >- # c\n\n    f\n    g", "c": "12:4 |+\n k\n\n", "d": "16:4 |2-\n    i",
		"e": "18:4 |", "f": "19:4 >+\n\n"}},
	{"separators in a block scalar", "a: |\n  ---\n  b: c\n  ...\n", map[string]string{"a": "1:4 |\n  ---\n  b: c\n  ..."}},
	{"anchors and tags", "a: &x !!str 1\nb: !!map &y\n  k: v\nc: &z\n- 1\nd: !t {e: 1}\nf: &q\ng: !!str\nh: &m\n  &n k: v\ni: !!str # c\n  later", map[string]string{
		"a": "1:13 1", "b": "3:3 k: v", "c": "5:1 - 1", "d": "6:7 {e: 1}", "f": "7:4 &q", "g": "8:4 !!str", "h": "10:3 &n k: v", "h.k!": "10:6 k", "i": "12:3 later"}},
	{"nothing", "a:\nb: ~\nc:\n- \n-\nd: # c\n? e\n? f\n:\n", map[string]string{
		"a": "1:3 ", "b": "2:4 ~", "c.0": "4:2 ", "c.1": "5:2 ", "d": "6:3 ", "e": "7:4 ", "f": "9:2 ", "": "1:1 a:\nb: ~\nc:\n- \n-\nd: # c\n? e\n? f\n:"}},
	{"complex keys", "? a\n: - b\n? |\n  k\n: v\n", map[string]string{"a!": "1:3 a", "a": "2:3 - b", "k\n!": "3:3 |\n  k", "k\n": "5:3 v"}},
	{"CRLF", "a: 1\r\nb: |\r\n  x\r\n  y\r\nc: \"p\r\n  q\"\r\n", map[string]string{"a": "1:4 1", "b": "2:4 |\r\n  x\r\n  y", "c": "5:4 \"p\r\n  q\"", "c!": "5:1 c"}},
	{"CR", "a: 1\rb:\r  - c\r", map[string]string{"a": "1:4 1", "b": "3:3 - c", "b.0": "3:5 c"}},
	{"line breaks only YAML knows", "a: \"x\u2028y\" \nb: 'z\u0085 w'\nc: d", map[string]string{"a": "1:4 \"x\u2028y\"", "c": "3:4 d"}},
	{"byte order mark", "\ufeffa: b\nc: d\n", map[string]string{"a!": "1:1 a", "a": "1:4 b", "c": "2:4 d"}},
	{"not ASCII", "ключ: значение\n\"é\": [日本, 🚀, x]\n", map[string]string{"ключ": "1:7 значение", "é!": "2:1 \"é\"", "é.1": "2:11 🚀", "é.2": "2:14 x"}},
	{"tabs", "a:\tb\t# c\nd: {e:\t1,\n\tf: 2}", map[string]string{"a": "1:4 b", "d.e": "2:8 1", "d.f": "3:5 2"}},
	{"keys that are no strings", "1: a\ntrue: b\n0x10: c\n1.50: d\nyes: e", map[string]string{"1": "1:4 a", "16": "3:7 c", "1.5": "4:7 d", "true": "5:6 e"}},
	{"equal keys", "a: 1\nb: 2\na: 3", map[string]string{"a": "3:4 3", "a!": "3:1 a"}},
	{"directives", "%YAML 1.1\n%TAG !e! tag:example.com,2000:\n---\na: !e!x b\n", map[string]string{"a": "4:9 b"}},
	{"a scalar", "--- x\n...\n", map[string]string{"": "1:5 x"}},
}

func TestSpans(t *testing.T) {
	for _, c := range spanCases {
		t.Run(c.name, func(t *testing.T) {
			f := source.NewFile("f.yaml", []byte(c.text))
			docs := Parse(f, nil)
			if len(docs) != 1 || docs[0].Problem != nil {
				t.Fatalf("got %s", dumpAll(docs))
			}
			check(t, f, docs)
			for p, want := range c.want {
				path, key := strings.CutSuffix(p, "!")
				n, h := find(docs[0].Root, path)
				if n == nil {
					t.Errorf("%s: nothing there", p)
					continue
				}
				if !key {
					h = n.Handle()
				}
				s := h.Origin().Span
				if got := fmt.Sprintf("%d:%d %s", s.From().Line, s.From().Column, s.Text()); got != want {
					t.Errorf("%s: got %q, want %q", p, got, want)
				}
			}
		})
	}
}

// find follows a path of keys and indexes; key is the place of the last key.
func find(n *graph.Node, path string) (_ *graph.Node, key source.Handle) {
	if path == "" {
		return n, nil
	}
	steps := strings.Split(path, ".")
	if n.Field(path) != nil { // a key with a dot
		steps = []string{path}
	}
	for _, step := range steps {
		switch {
		case n.Field(step) != nil:
			n, key = n.Field(step).Node, n.Field(step).Place
		case n.Kind() == graph.List:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(n.Items()) {
				return nil, nil
			}
			n = n.Items()[i]
		default:
			return nil, nil
		}
	}
	return n, key
}

var valueCases = []string{
	`{"a": 1.0, "b": [true, false, null, -1e3, "x\u00e9\n"], "c": {}, "d": []}`,
	"[true, True, TRUE, yes, Yes, on, ON, y, Y, false, no, No, off, Off, n, N, tRUE, oN, yEs]",
	"[null, Null, NULL, ~, nULL, '', \"null\", 'true', \"1\"]",
	"[1, -1, +1, 0x1F, 0b101, -0b11, 0o17, 017, 08, 1_000, 18446744073709551615, 99999999999999999999]",
	"[1.5, .5, 1., 1e3, 12e03, -.5e-2, 1_0.5, 0x, 1e, 1.2.3, '-', +, ., .e3, 1:30, 2001-12-14, 2001-12-14T21:59:43Z, 0.1.0, 1 2, 1a]",
	"[!!str 1, !!str true, !!int 3, !!int \"4\", !!float 1, !!bool 'yes', !!null '', !!binary aGk=, !x 1, !!str , !!set 1]",
	"{a: &a 1, b: *a, c: &c [x, *a], d: *c}",
	"a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{x: 7}, *a], z: 1}\nd:\n  <<: {p: q}\n",
	"{1: a, 0x10: b, true: c, no: d, 1.50: e, 1_0: f, '<<': g}",
	"{a: 1, a: 2, b: {c: 1, c: 2}}",
	"a: |\n  x\n   y\n\n  z\nb: >\n  f\n  g\n\n   h\n  i\nc: |-\n  s\n\nd: |+\n  k\n\ne: >-\n\n  f\n",
	"a: \"x \\\n   y\\u00e9 \\x41\\t\\_\n\n z\"\nb: 'p\n  q'\nc: r\n  s\n\n  t\n",
	"- - a\n  - b\n-\n  - c\n- d: e\n  f: g\n",
}

// TestValuesAsKubernetesReadsThem compares with the library kubectl uses.
func TestValuesAsKubernetesReadsThem(t *testing.T) {
	texts := slices.Clone(valueCases)
	for _, c := range spanCases {
		texts = append(texts, c.text)
	}
	for _, text := range texts {
		var want any
		if err := yaml.Unmarshal([]byte(text), &want); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		docs := Parse(source.NewFile("f", []byte(text)), nil)
		if len(docs) != 1 || docs[0].Problem != nil {
			t.Errorf("%q: got %s", text, dumpAll(docs))
			continue
		}
		if diff := cmp.Diff(want, plain(t, docs[0].Root)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// plain is a node as the types of encoding/json.
func plain(t *testing.T, n *graph.Node) any {
	switch n.Kind() {
	case graph.Map:
		m := map[string]any{}
		for _, f := range n.Fields() {
			m[f.Key] = plain(t, f.Node)
		}
		return m
	case graph.List:
		l := []any{}
		for _, item := range n.Items() {
			l = append(l, plain(t, item))
		}
		return l
	case graph.Bool:
		return n.Text() == "true"
	case graph.Number:
		f, known := graph.ValueOf(n).Float(0)
		if !known {
			t.Errorf("number %q", n.Text())
		}
		return f
	case graph.Null:
		return nil
	}
	return n.Text()
}

func TestDocuments(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // the text of each root
	}{
		{"nothing", "", nil},
		{"comments", "# a\n\n# b", nil},
		{"empty ones", "---\n---\n# c\n---\n...\n---\na\n---\n", []string{"a"}},
		{"no marker in front", "a\n---\nb\n---\nc", []string{"a", "b", "c"}},
		{"ends", "a\n...\nb\n...\n# c\n--- d\n", []string{"a", "b", "d"}},
		{"directives", "%YAML 1.1\n---\na\n...\n# c\n%YAML 1.1\n---\nb", []string{"a", "b"}},
		{"content on the marker's line", "--- a\n--- [b,\nc]\n---\td\n", []string{"a", "[b,\nc]", "d"}},
		{"no markers", "a: ---\nb:---\n ---x: 1\n----: 2", nil},
		{"CRLF and CR", "a\r\n---\r\nb\r---\rc", []string{"a", "b", "c"}},
		{"a marker at the end", "a\n---", []string{"a"}},
		{"one that does not parse", "a\n---\n[\n---\nb", []string{"a", "", "b"}},
		{"byte order mark", "\ufeff---\na\n", []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := source.NewFile("f", []byte(c.text))
			docs := Parse(f, nil)
			check(t, f, docs)
			var got []string
			for _, d := range docs {
				if d.Problem != nil {
					got = append(got, "")
					continue
				}
				got = append(got, d.Root.Handle().Origin().Span.Text())
			}
			if c.name == "no markers" {
				if len(docs) != 1 {
					t.Errorf("got %d documents", len(docs))
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAliases(t *testing.T) {
	text := "base: &b\n  x: 1\n  l: [p, &q q]\nuse: *b\nmore:\n  <<: *b\n  x: 2\nagain: &c [*b]\nlast: *c\nkey: {*q : 1}\n"
	docs := Parse(source.NewFile("f", []byte(text)), nil)
	if len(docs) != 1 || docs[0].Problem != nil {
		t.Fatal(dumpAll(docs))
	}
	for _, c := range []struct {
		path  string
		chain []string // the spans from the alias to what is written
	}{
		{"base.x", []string{"1"}},
		{"use", []string{"*b", "x: 1\n  l: [p, &q q]"}},
		{"use.x", []string{"*b", "1"}},
		{"use.l.1", []string{"*b", "q"}},
		{"more.x", []string{"2"}},
		{"more.l.0", []string{"*b", "p"}},
		{"again.0.x", []string{"*b", "1"}},
		{"last.0.x", []string{"*c", "*b", "1"}},
		{"key.q", []string{"1"}},
	} {
		n, _ := find(docs[0].Root, c.path)
		var got []string
		o := n.Handle().Origin()
		for ; o.Step == source.Alias; o = o.From[0] {
			got = append(got, o.Span.Text())
		}
		got = append(got, o.Span.Text())
		if o.Step != source.Written || o.Exact != source.AtToken {
			t.Errorf("%s: ends in %v, %v", c.path, o.Step, o.Exact)
		}
		if diff := cmp.Diff(c.chain, got); diff != "" {
			t.Errorf("%s: %s", c.path, diff)
		}
	}
	n, _ := find(docs[0].Root, "use.l.1")
	if o := n.Handle().Part(0, 1).From[0]; o.Span.Text() != "q" {
		t.Errorf("the part of an aliased string is %q", o.Span.Text())
	}
}

func TestMergedFieldsGiveWay(t *testing.T) {
	text := "{<<: [{a: 1, b: 1}, {a: 2, b: 2, c: 2}], b: 3}\n---\n{b: 3, <<: {b: 1}}\n---\n{<<: {a: 1, a: 2}}"
	var got []string
	for _, d := range Parse(source.NewFile("f", []byte(text)), nil) {
		var s string
		for _, f := range d.Root.Fields() {
			s += f.Key + f.Node.Text() + " "
		}
		got = append(got, s)
	}
	if diff := cmp.Diff([]string{"a1 c2 b3 ", "b3 ", "a2 "}, got); diff != "" {
		t.Error(diff)
	}
}
