package edit_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

const (
	unusual = "it is written in an unusual way"
	more    = "more than that would change"
)

func TestSetYAML(t *testing.T) {
	yes, seven, odd := edit.Bool(true), edit.Number(7), edit.Text("a: b")
	changes(t, "a.yaml", []change{
		{name: "plain", text: "a: no\nb: 1\n", path: "a", op: set(yes), want: "a: true\nb: 1\n"},
		{name: "comment", text: "a:   no   # why\n", path: "a", op: set(yes), want: "a:   true   # why\n"},
		{name: "double quotes stay", text: `a: "x" # why`, path: "a", op: set(edit.Text("y")), want: `a: "y" # why`},
		{name: "single quotes stay", text: "a: 'x'\n", path: "a", op: set(edit.Text("it's")), want: "a: 'it''s'\n"},
		{name: "quotes fall for another type", text: "a: \"no\"\n", path: "a", op: set(yes), want: "a: true\n"},
		{name: "quotes where a text needs them", text: "a: x\n", path: "a", op: set(odd), want: "a: \"a: b\"\n"},
		{name: "quotes where a text would be a boolean", text: "a: x\n", path: "a", op: set(edit.Text("on")), want: "a: \"on\"\n"},
		{name: "quotes where a text would be a number", text: "a: x\n", path: "a", op: set(edit.Text("07")), want: "a: \"07\"\n"},
		{name: "a quantity is a text without", text: "a: x\n", path: "a", op: set(edit.Text("64Mi")), want: "a: 64Mi\n"},
		{name: "CRLF", text: "a: no\r\nb: 1\r\n", path: "a", op: set(yes), want: "a: true\r\nb: 1\r\n"},
		{name: "no line end", text: "b: 1\na: no", path: "a", op: set(yes), want: "b: 1\na: true"},
		{name: "in flow style", text: "m: {a: no, b: [1, 2]}\n", path: "m.a", op: set(yes), want: "m: {a: true, b: [1, 2]}\n"},
		{name: "an item in flow style", text: "m: {a: no, b: [1, 2]}\n", path: "m.b.1", op: set(seven), want: "m: {a: no, b: [1, 7]}\n"},
		{name: "an item", text: "l:\n- 1 # one\n- 2\n", path: "l.0", op: set(seven), want: "l:\n- 7 # one\n- 2\n"},
		{name: "written null", text: "a: null\n", path: "a", op: set(yes), want: "a: true\n"},
		{name: "tilde", text: "a: ~\n", path: "a", op: set(yes), want: "a: true\n"},
		{name: "nothing behind the colon", text: "a:\nb: 1\n", path: "a", op: set(yes), want: "a: true\nb: 1\n"},
		{name: "nothing but a comment", text: "a: # why\nb: 1\n", path: "a", op: set(yes), want: "a: true # why\nb: 1\n"},
		{name: "nothing behind a dash", text: "l:\n-\n- 1\n", path: "l.0", op: set(seven), want: "l:\n- 7\n- 1\n"},
		{name: "literal", text: "a: |\n  x\n", path: "a", op: set(yes), refused: "it is written in several lines"},
		{name: "folded", text: "a: >-\n  x\n  y\n", path: "a", op: set(yes), refused: "it is written in several lines"},
		{name: "an anchor stays", text: "a: &x no\nb: *x\n", path: "a", op: set(yes), want: "a: &x true\nb: *x\n"},
		{name: "an anchor of nothing", text: "a: &x\nb: *x\n", path: "a", op: set(yes), refused: "its type is written with it"},
		{name: "tag", text: "a: !!str no\n", path: "a", op: set(yes), refused: "its type is written with it"},
		{name: "a map", text: "a: {b: 1}\n", path: "a", op: set(yes), refused: "a map stands there"},
		{name: "a map in the place of a text", text: "a: x\n", path: "a", op: set(edit.Map("b", yes)), refused: "a string stands there"},
		{name: "a map in the place of nothing", text: "m:\n    k:\n        b: 1\n    a: # why\n", path: "m.a", op: set(edit.Map("b", yes)), want: "m:\n    k:\n        b: 1\n    a: # why\n        b: true\n"},
		{name: "a key of an alias", text: "&x k: 1\na: *x\n", path: "a", op: set(yes), refused: more},
		{name: "all there is", text: "x\n", op: set(yes), refused: "it is all there is"},
		{name: "quotes with something close behind", text: "l:\n- ''#\nb: 1\n", path: "l.0", op: set(seven), refused: more},
		{name: "quotes that would be a key", text: "l:\n- ''#:\n", path: "l.0", op: set(seven), refused: more},
		{name: "an anchor close to a text", text: "a: &x:0\n", path: "a", op: set(seven), refused: more},
		{name: "a tag on the next line", text: "a:\n !x\n", path: "a", op: set(seven), refused: "its type is written with it"},
		{name: "a tag on the line before", text: "a: !!str\n  no\n", path: "a", op: set(yes), refused: "its type is written with it"},
		{name: "behind a question mark", text: "? a\n: no\n", path: "a", op: set(yes), want: "? a\n: true\n"},
	})
}

// TestEditText edits a document that is the text of another one.
func TestEditText(t *testing.T) {
	yes := edit.Bool(true)
	for _, c := range []struct {
		name string
		op   edit.Op
		want string
	}{
		{"set", edit.Set(inText(t).At("m.a"), yes), "p: |\n  m:\n    a: true\n    l: [1]\nb: 1\n"},
		{"add", edit.Add(inText(t).At("m"), "c", yes), "p: |\n  m:\n    a: x\n    l: [1]\n    c: true\nb: 1\n"},
		{"append", edit.Append(inText(t).At("m.l"), yes), "p: |\n  m:\n    a: x\n    l: [1, true]\nb: 1\n"},
		{"remove", edit.Remove(inText(t).At("m.l")), "p: |\n  m:\n    a: x\nb: 1\n"},
		{"rename", edit.Rename(inText(t).At("m.a"), "c"), "p: |\n  m:\n    c: x\n    l: [1]\nb: 1\n"},
		{"replace", edit.Replace(inText(t).At("m.a"), 0, 1, "y"), "p: |\n  m:\n    a: y\n    l: [1]\nb: 1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			edits, err := c.op.Edits()
			if err != nil {
				t.Fatal(err)
			}
			var batch edit.Batch
			if err := batch.Add(edits); err != nil {
				t.Fatal(err)
			}
			if out := string(batch.Apply(edits[0].Span.File)); out != c.want {
				t.Errorf("made\n%q\nwant\n%q", out, c.want)
			}
		})
	}
}

// inText is the document that a text in another one holds.
func inText(t *testing.T) graph.Value {
	found, _ := read(t, "a.yaml", []byte("p: |\n  m:\n    a: x\n    l: [1]\nb: 1\n"))
	outer := found[0].Config.At("p")
	return graph.NewResource("doc", "doc", "doc", yamltext.ParseText(outer.Str(), outer.Handle()), nil).Config
}

func TestSetMissingYAML(t *testing.T) {
	yes := edit.Bool(true)
	changes(t, "a.yaml", []change{
		{name: "beside", text: "m:\n  b: 1\nc: 1\n", path: "m.a", op: set(yes), want: "m:\n  b: 1\n  a: true\nc: 1\n"},
		{name: "keys on the way", text: "m:\n  b: 1\n", path: "m.x.z", op: set(yes), want: "m:\n  b: 1\n  x:\n    z: true\n"},
		{name: "wide steps", text: "m:\n    b: 1\n", path: "m.x.z", op: set(yes), want: "m:\n    b: 1\n    x:\n        z: true\n"},
		{name: "into an empty map", text: "m: {}\nc: 1\n", path: "m.a", op: set(yes), want: "m:\n  a: true\nc: 1\n"},
		{name: "below nothing", text: "m:\nc: 1\n", path: "m.a", op: set(yes), want: "m:\n  a: true\nc: 1\n"},
		{name: "an item that is not there", text: "l: [1]\n", path: "l.3.a", op: set(yes), refused: "what should hold it is not there"},
		{name: "below nothing in brackets", text: "m: {\n  b:\n}\n", path: "m.b.a", op: set(yes), want: "m: {\n  b: {a: true}\n}\n"},
		{name: "below a text", text: "m: x\n", path: "m.a", op: set(yes), refused: "there is no map that could hold it"},
	})
}

func TestAddYAML(t *testing.T) {
	yes, deep := edit.Bool(true), edit.Map("b", edit.List(edit.Number(1), edit.Map("c", edit.Bool(false))))
	changes(t, "a.yaml", []change{
		{name: "at the end", text: "a: 1 # one\n# last\n", op: add("new", yes), want: "a: 1 # one\nnew: true\n# last\n"},
		{name: "no line end", text: "a: 1", op: add("new", yes), want: "a: 1\nnew: true"},
		{name: "CRLF", text: "m:\r\n  a: 1\r\nb: 2\r\n", path: "m", op: add("new", yes), want: "m:\r\n  a: 1\r\n  new: true\r\nb: 2\r\n"},
		{name: "a key with a dot", text: "m:\n  a: 1\n", path: "m", op: add("x.y/z", yes), want: "m:\n  a: 1\n  x.y/z: true\n"},
		{name: "a key that needs quotes", text: "a: 1\n", op: add("on", yes), want: "a: 1\n\"on\": true\n"},
		{name: "an item's map", text: "l:\n- a: 1\n- a: 2\n", path: "l.0", op: add("new", yes), want: "l:\n- a: 1\n  new: true\n- a: 2\n"},
		{name: "an item with a wide dash", text: "l:\n-   a: 1\n", path: "l.0", op: add("new", yes), want: "l:\n-   a: 1\n    new: true\n"},
		{name: "data in depth", text: "m:\n  a: 1\n", path: "m", op: add("new", deep), want: "m:\n  a: 1\n  new:\n    b:\n    - 1\n    - c: false\n"},
		{name: "lists as they are indented here", text: "l:\n  - 1\n", op: add("new", deep), want: "l:\n  - 1\nnew:\n  b:\n    - 1\n    - c: false\n"},
		{name: "flow style", text: "m: {a: 1} # why\n", path: "m", op: add("new", deep), want: "m: {a: 1, new: {b: [1, {c: false}]}} # why\n"},
		{name: "flow style in quotes", text: `m: {"a": 1}`, path: "m", op: add("new", edit.Text("x")), want: `m: {"a": 1, "new": "x"}`},
		{name: "flow style in lines", text: "m: {\n  a: 1,\n  b: 2\n}\n", path: "m", op: add("new", yes), want: "m: {\n  a: 1,\n  b: 2,\n  new: true\n}\n"},
		{name: "flow style with a comment", text: "m: {\n  a: 1 # one\n}\n", path: "m", op: add("new", yes), refused: "there is a comment in the map"},
		{name: "an empty map in a list", text: "l: [{}, 1]\n", path: "l.0", op: add("new", yes), want: "l: [{new: true}, 1]\n"},
		{name: "an empty map in a map in lines", text: "m: {\n  # one\n  a: {}\n}\n", path: "m.a", op: add("new", yes), want: "m: {\n  # one\n  a: {new: true}\n}\n"},
		{name: "an empty map with a comment", text: "m: {} # none\n", path: "m", op: add("new", yes), want: "m: {new: true} # none\n"},
		{name: "behind a literal", text: "m:\n  a: |\n    x\nb: 1\n", path: "m", op: add("new", yes), want: "m:\n  a: |\n    x\n  new: true\nb: 1\n"},
		{name: "behind a literal at the end of the file", text: "a: |\n  x", op: add("new", yes), refused: "the map is written in an unusual way"},
		{name: "behind a null at the end", text: "m:\n  a:\nb: 1\n", path: "m", op: add("new", yes), want: "m:\n  a:\n  new: true\nb: 1\n"},
		{name: "before a line of blanks with a tab", text: "a: 1\n \t", op: add("new", yes), want: "a: 1\nnew: true\n \t"},
		{name: "behind a tag on a line of its own", text: "m:\n  a:\n    !x\nb: 1\n", path: "m", op: add("new", yes), want: "m:\n  a:\n    !x\n  new: true\nb: 1\n"},
		{name: "is there", text: "a: 1\n", op: add("a", yes), refused: "a is there already"},
		{name: "the map of an anchor", text: "m: &x\n  a: 1\nb: *x\n", path: "m", op: add("new", yes), want: "m: &x\n  a: 1\n  new: true\nb: *x\n"},
		{name: "to a text", text: "a: x\n", path: "a", op: add("new", yes), refused: "there is no map that could hold it"},
		{name: "before the next document", text: "a: 1\n---\nb: 1\n", op: add("new", yes), want: "a: 1\nnew: true\n---\nb: 1\n"},
	})
}

func TestAppendYAML(t *testing.T) {
	all := edit.Text("ALL")
	changes(t, "a.yaml", []change{
		{name: "block", text: "l:\n- A # one\nb: 1\n", path: "l", op: appended(all), want: "l:\n- A # one\n- ALL\nb: 1\n"},
		{name: "indented", text: "l:\n    - A\n", path: "l", op: appended(all), want: "l:\n    - A\n    - ALL\n"},
		{name: "a map", text: "l:\n- a: 1\n", path: "l", op: appended(edit.Map("a", edit.Number(2))), want: "l:\n- a: 1\n- a: 2\n"},
		{name: "flow", text: "l: [A]\n", path: "l", op: appended(all), want: "l: [A, ALL]\n"},
		{name: "flow in quotes", text: `l: ["A"]`, path: "l", op: appended(all), want: `l: ["A", "ALL"]`},
		{name: "flow with a comma at the end", text: "l: [A,]\n", path: "l", op: appended(all), want: "l: [A, ALL,]\n"},
		{name: "empty", text: "l: [ ]\n", path: "l", op: appended(all), want: "l: [ALL]\n"},
		{name: "null", text: "m:\n  l:\nb: 1\n", path: "m.l", op: appended(all), want: "m:\n  l:\n  - ALL\nb: 1\n"},
		{name: "missing", text: "m:\n  a: 1\n", path: "m.l", op: appended(all), want: "m:\n  a: 1\n  l:\n  - ALL\n"},
		{name: "CRLF, no line end", text: "l:\r\n- A", path: "l", op: appended(all), want: "l:\r\n- A\r\n- ALL"},
		{name: "to a map", text: "l: {a: 1}\n", path: "l", op: appended(all), refused: "there is no list that could hold it"},
		{name: "flow behind a tag", text: "l: [\n  !x ]\n", path: "l", op: appended(all), refused: more},
		{name: "flow with a comment", text: "l: [\n  A # one\n]\n", path: "l", op: appended(all), refused: "there is a comment in the list"},
	})
}

func TestRemoveYAML(t *testing.T) {
	changes(t, "a.yaml", []change{
		{name: "a key", text: "a: 1\nb: 2 # two\n# c\nc: 3\n", path: "b", op: edit.Remove, want: "a: 1\n# c\nc: 3\n"},
		{name: "a map", text: "a:\n  x: 1\n\nb: 2\n", path: "a", op: edit.Remove, want: "\nb: 2\n"},
		{name: "the last key of a file without a line end", text: "a: |\n  x\nb: 2", path: "b", op: edit.Remove, want: "a: |\n  x\n"},
		{name: "CRLF", text: "a: 1\r\nb: 2\r\nc: 3\r\n", path: "b", op: edit.Remove, want: "a: 1\r\nc: 3\r\n"},
		{name: "the only key", text: "m:\n  a: 1\nb: 2\n", path: "m.a", op: edit.Remove, want: "m: {}\nb: 2\n"},
		{name: "the only item", text: "l:\n- 1\nb: 2\n", path: "l.0", op: edit.Remove, want: "l: []\nb: 2\n"},
		{name: "an item", text: "l:\n- 1\n- 2\n- 3\n", path: "l.1", op: edit.Remove, want: "l:\n- 1\n- 3\n"},
		{name: "an item that is a map", text: "l:\n- a: 1\n  b: 2\n- a: 3\n", path: "l.0", op: edit.Remove, want: "l:\n- a: 3\n"},
		{name: "the first key of an item", text: "l:\n- a: 1\n  b: 2\n", path: "l.0.a", op: edit.Remove, want: "l:\n- b: 2\n"},
		{name: "flow, first", text: "m: {a: 1, b: 2}\n", path: "m.a", op: edit.Remove, want: "m: {b: 2}\n"},
		{name: "flow, last", text: "m: {a: 1, b: 2}\n", path: "m.b", op: edit.Remove, want: "m: {a: 1}\n"},
		{name: "flow, only", text: "m: { a: 1 }\n", path: "m.a", op: edit.Remove, want: "m: {}\n"},
		{name: "flow, item", text: "l: [1, 2, 3]\n", path: "l.1", op: edit.Remove, want: "l: [1, 3]\n"},
		{name: "a null", text: "a:\nb: 2\n", path: "a", op: edit.Remove, want: "b: 2\n"},
		{name: "a literal", text: "a: |\n  x\n\n  y\nb: 2\n", path: "a", op: edit.Remove, want: "b: 2\n"},
		{name: "an anchor that nothing refers to", text: "a: &x 1\nb: 2\n", path: "a", op: edit.Remove, want: "b: 2\n"},
		{name: "an anchor", text: "a: &x 1\nb: *x\n", path: "a", op: edit.Remove, refused: "an alias elsewhere stands for it"},
		{name: "an anchor within", text: "a:\n  c: &x 1\nb: *x\n", path: "a", op: edit.Remove, refused: "an alias elsewhere stands for it"},
		{name: "a tag on the next line", text: "a:\n  !!null\nb: 2\n", path: "a", op: edit.Remove, want: "b: 2\n"},
		{name: "a question mark", text: "? a\nb: 2\n", path: "a", op: edit.Remove, refused: unusual},
		{name: "a question mark on the line before", text: "?\n a\n", path: "a", op: edit.Remove, refused: more},
		{name: "absent", text: "a: 1\n", path: "b", op: edit.Remove, refused: "it is not there"},
	})
}

func TestReplaceYAML(t *testing.T) {
	changes(t, "a.yaml", []change{
		{name: "plain", text: "image: repo:1 # why\n", path: "image", op: replaced(5, 6, "2"), want: "image: repo:2 # why\n"},
		{name: "quotes", text: "image: \"repo:1\"\n", path: "image", op: replaced(5, 6, "2"), want: "image: \"repo:2\"\n"},
		{name: "behind an escape", text: `a: "\u0078y"`, path: "a", op: replaced(1, 2, "z"), want: `a: "\u0078z"`},
		{name: "an escape", text: `a: "\u0078y"`, path: "a", op: replaced(0, 1, "z"), refused: "it is written in another way"},
		{name: "literal", text: "a: |\n  one\n  two\n", path: "a", op: replaced(4, 7, "three"), want: "a: |\n  one\n  three\n"},
		{name: "quotes within quotes", text: "a: ''''''\n", path: "a", op: replaced(0, 2, "z"), refused: more},
		{name: "a break that folds", text: "a: >\n x\n y\n", path: "a", op: replaced(0, 1, ""), refused: more},
		{name: "odd text", text: "a: x\n", path: "a", op: replaced(0, 1, "a: b"), refused: "it cannot be written as a part of what is there"},
		{name: "a number", text: "a: 12\n", path: "a", op: replaced(0, 1, "3"), refused: "it cannot be written as a part of what is there"},
	})
}

func TestRenameYAML(t *testing.T) {
	changes(t, "a.yaml", []change{
		{name: "plain", text: "a: 1 # one\n", path: "a", op: renamed("b"), want: "b: 1 # one\n"},
		{name: "quotes", text: "'a': 1\n", path: "a", op: renamed("b"), want: "'b': 1\n"},
		{name: "flow", text: "m: {\"a\":1}\n", path: "m.a", op: renamed("b"), want: "m: {\"b\":1}\n"},
		{name: "a key in an item", text: "l:\n- a:\n    x: 1\n", path: "l.0.a", op: renamed("b"), want: "l:\n- b:\n    x: 1\n"},
		{name: "an anchor", text: "&x a: 1\nb: *x\n", path: "a", op: renamed("b"), want: "&x b: 1\nb: *x\n"},
		{name: "an alias", text: "a: &x k\n*x : 1\n", path: "k", op: renamed("b"), refused: more},
		{name: "a tag", text: "!!str a: 1\n", path: "a", op: renamed("b"), want: "!!str b: 1\n"},
		{name: "odd name", text: "a: 1\n", path: "a", op: renamed("b c"), refused: "it cannot be written in its place"},
	})
}
