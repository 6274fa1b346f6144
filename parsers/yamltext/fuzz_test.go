package yamltext

import (
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// check holds what must be true of every document of every text.
func check(t *testing.T, f *source.File, docs []Document) {
	t.Helper()
	for _, d := range docs {
		if d.Span.Start < 0 || d.Span.Start > d.Span.End || d.Span.End > len(f.Data) {
			t.Fatalf("document [%d,%d) of %d bytes", d.Span.Start, d.Span.End, len(f.Data))
		}
		if d.Problem != nil {
			if d.Root != nil {
				t.Error("a problem and a root")
			}
			if !d.Span.Contains(d.Problem.At.Span) {
				t.Errorf("problem %q at %v outside its document %v", d.Problem.Message, d.Problem.At.Span, d.Span)
			}
			continue
		}
		checkNode(t, d.Root, d.Span)
	}
}

func checkNode(t *testing.T, n *graph.Node, parent source.Span) {
	t.Helper()
	o := n.Handle().Origin()
	if o.Step == source.Alias {
		if o.Cure().Step != source.Written {
			t.Errorf("alias %q leads nowhere", o.Span.Text())
		}
		return
	}
	if o.Exact != source.AtToken {
		t.Errorf("%v %q was not found", n.Kind(), n.Text())
		return
	}
	if s := o.Span; s.Start < parent.Start || s.Start > s.End || s.End > parent.End {
		t.Fatalf("%v %q at [%d,%d) outside its parent [%d,%d) %q", n.Kind(), n.Text(), s.Start, s.End, parent.Start, parent.End, parent.Text())
	}
	for _, f := range n.Fields() {
		if k := f.Place.Origin(); k.Step == source.Written {
			if !o.Span.Contains(k.Span) {
				t.Errorf("key %q outside its map", f.Key)
			}
			if written, ok := reread(k.Span.Text()); ok && written != f.Key && written != f.Written {
				t.Errorf("key %q written %q", f.Key, k.Span.Text())
			}
		}
		checkNode(t, f.Node, o.Span)
	}
	for _, item := range n.Items() {
		checkNode(t, item, o.Span)
	}
	if _, other := n.Handle().(opaque); !other && n.Kind() == graph.String || n.Kind() == graph.Number {
		if written, ok := reread(o.Span.Text()); ok && written != n.Text() &&
			!(o.Span.End == parent.End && written == n.Text()+"\n") && // the end of the file is no line break
			!strings.HasPrefix(o.Span.Text(), "!") {
			t.Errorf("%q is written %q, which reads %q", n.Text(), o.Span.Text(), written)
		}
		if d, ok := n.Handle().(*decoded); ok {
			checkParts(t, d)
		}
	}
}

// checkParts holds that parts of a string are where they are written.
func checkParts(t *testing.T, d *decoded) {
	t.Helper()
	units, ok := d.units()
	if !ok || len(units) != len(d.text) {
		t.Errorf("%q is not found in %q", d.text, d.raw)
		return
	}
	last := 0
	for i, u := range units {
		if u.start < 0 || u.start > u.end || u.end > len(d.raw) || u.start < last {
			t.Fatalf("byte %d of %q is at %v of %q", i, d.text, u, d.raw)
		}
		last = u.start
		if u.end-u.start == 1 && d.raw[u.start] != d.text[i] && breakAt(d.raw, u.start) == 0 {
			t.Errorf("byte %d of %q is %q", i, d.text, d.raw[u.start:u.end])
		}
	}
}

// reread parses the text of a scalar on its own. ok is false for text that
// means something else on its own.
func reread(text string) (value string, ok bool) {
	if json.Unmarshal([]byte(text), &value) == nil && strings.HasPrefix(text, `"`) {
		return value, true
	}
	block := strings.HasPrefix(text, "|") || strings.HasPrefix(text, ">")
	line, _, more := strings.Cut(text, "\n")
	switch {
	case block && strings.ContainsAny(line[:min(3, len(line))], "123456789"):
		return "", false
	case block && strings.HasSuffix(text, "\r"):
		text += "\r"
	case block:
		text += "\n"
	case text == "-" || strings.HasSuffix(text, ":"): // an item or a key, when nothing follows
		return "", false
	case more || strings.ContainsAny(text, "\r\u0085\u2028\u2029"):
		if text[0] != '"' && text[0] != '\'' {
			return "", false
		}
	default:
		text = "- " + text
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil || len(n.Content) != 1 {
		return "cannot be read", true
	}
	v := n.Content[0]
	if v.Kind == yaml.SequenceNode && len(v.Content) == 1 {
		v = v.Content[0]
	}
	return v.Value, true
}

func dumpAll(docs []Document) string {
	var b strings.Builder
	for _, d := range docs {
		if d.Problem != nil {
			b.WriteString(d.Problem.Message + "\n")
			continue
		}
		b.WriteString(dump(d.Root))
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, c := range spanCases {
		f.Add(c.text)
	}
	for _, c := range problemCases {
		f.Add(c.text)
	}
	for _, c := range partCases {
		f.Add(c.text)
	}
	for _, text := range valueCases {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := source.NewFile("f", []byte(text))
		docs := Parse(file, nil)
		check(t, file, docs)
		again := Parse(file, nil)
		if one, two := dumpAll(docs), dumpAll(again); one != two {
			t.Errorf("two runs differ:\n%s\n%s", one, two)
		}
		ParseText(text, &source.Span{File: file, End: len(file.Data)})
	})
}
