package yamltext

import (
	"fmt"
	"strings"

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

var seeds = []string{
	"a: 1\nb:\n- x\n- \"y\\\"z\"\n- k: v # c\n  l: |\n    one\n    two\n\n  m: >-\n     f1\n     f2\n\n# end\n",
	"a: &x {p: 1, q: [1, 2 ] }\nb: *x\nc: &y\n  d: 1\ne:\n  <<: *y\n  f: 'it''s'\n",
	"{\"a\":{\"b\":[1,true,null,\"x\"]},\r\n\"ü\": \"é\" , \"z\":1}",
	"- a\n- \n- !!str 1\n- &q\n- ? x\n  : y\n- long\n  plain\n\n  text\n- [a: b, c]",
	"a: |+2\n   x\n\n\nb: >\n  f\n  g\n\n   h\n  i\n---\n%YAML 1.1\n---\nx\n...\n# c\n",
	"\xef\xbb\xbfa: \"x \\\n  y\\u00e9 \\x41\n\n z\"\rb: 'q\n  r'\n",
	"a: &a [*a]\n---\na: {[1]: 2}\n---\nb: *nope\n---\n<<: [{a: 1}, {a: 2, b: 3}]\nb: 4\n",
}
