package edit_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A change is one op on the value at a path of the first resource of a text.
// What it makes of the text is given, or why it is refused.
type change struct {
	name, text, path string
	op               func(graph.Value) edit.Op
	want             string
	refused          string
}

func set(data *graph.Node) func(graph.Value) edit.Op {
	return func(v graph.Value) edit.Op { return edit.Set(v, data) }
}

func add(key string, data *graph.Node) func(graph.Value) edit.Op {
	return func(v graph.Value) edit.Op { return edit.Add(v, key, data) }
}

func appended(data *graph.Node) func(graph.Value) edit.Op {
	return func(v graph.Value) edit.Op { return edit.Append(v, data) }
}

func replaced(start, end int, text string) func(graph.Value) edit.Op {
	return func(v graph.Value) edit.Op { return edit.Replace(v, start, end, text) }
}

func renamed(key string) func(graph.Value) edit.Op {
	return func(v graph.Value) edit.Op { return edit.Rename(v, key) }
}

// changes runs a table over texts in files of one name.
func changes(t *testing.T, file string, table []change) {
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			found, ok := read(t, file, []byte(c.text))
			if !ok || len(found) == 0 {
				t.Fatalf("does not parse: %q", c.text)
			}
			v := found[0].Config
			if c.path != "" {
				v = v.At(c.path)
			}
			edits, err := c.op(v).Edits()
			if err != nil {
				if err.Error() != c.refused {
					t.Errorf("refused: %v; want refused %q, or %q", err, c.refused, c.want)
				}
				return
			}
			var batch edit.Batch
			if err := batch.Add(edits); err != nil {
				t.Fatal(err)
			}
			out := string(batch.Apply(source.NewFile(file, []byte(c.text))))
			if c.refused != "" || out != c.want {
				t.Errorf("made\n%q\nwant\n%q\nor refused: %q", out, c.want, c.refused)
			}
		})
	}
}
