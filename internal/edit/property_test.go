package edit_test

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// read reads a file as resources: each document of YAML and JSON is one, and
// each block of Terraform. It is false when the text does not parse.
func read(t *testing.T, name string, text []byte) ([]*graph.Resource, bool) {
	if path.Ext(name) == ".tf" {
		fsys := fstest.MapFS{name: &fstest.MapFile{Data: text}}
		var found graph.Builder
		for _, root := range terraform.New(terraform.Options{}).Roots(parsers.NewProject(source.NewTree(fsys), []string{name}), &found) {
			if err := root.Load(context.Background(), &found); err != nil {
				t.Fatal(err)
			}
		}
		return found.Resources, !slices.ContainsFunc(found.Problems, func(p graph.Problem) bool { return p.Level == graph.Error })
	}
	var all []*graph.Resource
	for _, doc := range yamltext.Parse(source.NewFile(name, text), nil) {
		if doc.Problem != nil {
			return nil, false
		}
		all = append(all, graph.NewResource("doc", "doc", "doc", doc.Root, nil))
	}
	return all, true
}

// values are a resource's values, each before what is in it.
func values(v graph.Value) []graph.Value {
	all := []graph.Value{v}
	switch v.Kind() {
	case graph.Map:
		for _, inner := range v.Entries() {
			all = append(all, values(inner)...)
		}
	case graph.List:
		for inner := range v.Each() {
			all = append(all, values(inner)...)
		}
	}
	return all
}

// data is what ops write.
var data = []*graph.Node{
	edit.Bool(false), edit.Number(7), edit.Text("plain"), edit.Text("it's \"odd\": # ${x} %{y}"), edit.Text("true"),
	edit.Map("a", edit.Text("1")), edit.List(edit.Text("ALL")), edit.Map("a", edit.Map("b", edit.List(edit.Number(1), edit.Map("c", edit.Bool(true))))),
}

// pick is one of the ops that may be made on a value.
func pick(v graph.Value, n uint16) edit.Op {
	d := data[int(n/16)%len(data)]
	switch n % 8 {
	case 0:
		return edit.Remove(v)
	case 1:
		return edit.Add(v, "added", d)
	case 2:
		return edit.Append(v, d)
	case 3:
		if s := v.Str(); v.Kind() == graph.String && s != "" {
			start := int(n/64) % len(s)
			return edit.Replace(v, start, len(s), "new")
		}
		return edit.Set(v, d)
	case 4:
		return edit.Rename(v, "renamed")
	case 5:
		return edit.Set(v.At("added.deep"), d)
	default:
		return edit.Set(v, d)
	}
}

// linked tells whether one thing written may be in several places of the tree.
func linked(text []byte) bool {
	return bytes.ContainsAny(text, "&*") || bytes.Contains(text, []byte("<<"))
}

// repeats tells whether a map of the tree has a key twice.
func repeats(n *graph.Node) bool {
	seen := map[string]bool{}
	for _, f := range n.Fields() {
		if seen[f.Key] || repeats(f.Node) {
			return true
		}
		seen[f.Key] = true
	}
	return slices.ContainsFunc(n.Items(), repeats)
}

// holds makes one op on one value of a text, and tells whether it could be
// made. What comes out must parse and be what the op says; all else must be
// what it was, to the byte; and making the op again must change nothing.
func holds(t *testing.T, name string, text []byte, which, what uint16) bool {
	before, ok := read(t, name, text)
	if !ok || len(before) == 0 {
		return false
	}
	res := int(which) % len(before)
	all := values(before[res].Config)
	op := pick(all[int(which/8)%len(all)], what)
	edits, err := op.Edits()
	if err != nil {
		if _, ok := errors.AsType[*edit.Refusal](err); !ok {
			t.Fatalf("%v is no refusal", err)
		}
		return false
	}
	var batch edit.Batch
	if err := batch.Add(edits); err != nil {
		t.Fatalf("the edits of one op: %v", err)
	}
	out := batch.Apply(source.NewFile(name, text))
	outside(t, text, out, batch.Of(name))
	after, ok := read(t, name, out)
	if !ok || len(after) != len(before) {
		t.Fatalf("%d of %d are left, and it parses: %v\n%q\nis now\n%q", len(after), len(before), ok, text, out)
	}
	if linked(text) || repeats(before[res].Tree()) {
		return true // what is edited may stand elsewhere too
	}
	want, ok := op.Expect(before[res].Tree())
	if !ok {
		t.Fatalf("nothing can be expected of an op that was made in\n%q", text)
	}
	for i := range before {
		tree := before[i].Tree()
		if i == res {
			tree = want
		}
		if !edit.Same(tree, after[i].Tree()) {
			t.Fatalf("resource %d is not what it should be:\n%q\nis now\n%q", i, text, out)
		}
	}
	again(t, name, out, op, after[res])
	return true
}

// outside holds what was not to be edited against what it was.
func outside(t *testing.T, old, out []byte, edits []edit.Edit) {
	from := 0
	for _, e := range edits {
		kept, before := bytes.CutPrefix(out, old[from:e.Span.Start])
		rest, written := bytes.CutPrefix(kept, []byte(e.New))
		if out = rest; !before || !written {
			t.Fatalf("more than %v is changed", e)
		}
		from = e.Span.End
	}
	if !bytes.Equal(out, old[from:]) {
		t.Fatal("what follows the last edit is changed")
	}
}

// again makes an op on what it made.
func again(t *testing.T, name string, text []byte, op edit.Op, res *graph.Resource) {
	same, ok := op.On(values(res.Config))
	if !ok {
		return
	}
	edits, err := same.Edits()
	if err != nil {
		return
	}
	var batch edit.Batch
	if err := batch.Add(edits); err != nil {
		t.Fatal(err)
	}
	if out := batch.Apply(source.NewFile(name, text)); !bytes.Equal(out, text) {
		t.Fatalf("once more makes\n%q\nof\n%q", out, text)
	}
}

// TestRandomEdits makes ops in texts that are made at random, in all styles.
func TestRandomEdits(t *testing.T) {
	for _, name := range []string{"main.tf", "a.yaml", "a.json"} {
		t.Run(name, func(t *testing.T) {
			made := 0
			for seed := range uint64(1500) {
				g := newGenerator(seed)
				text := g.file(name)
				if _, ok := read(t, name, text); !ok {
					t.Fatalf("seed %d: the generator is wrong:\n%s", seed, text)
				}
				if holds(t, name, text, uint16(g.IntN(1<<16)), uint16(g.IntN(1<<16))) {
					made++
				}
			}
			if made < 200 {
				t.Errorf("only %d ops could be made", made)
			}
		})
	}
}

func FuzzEditsYAML(f *testing.F) { fuzz(f, "a.yaml") }

func FuzzEditsHCL(f *testing.F) { fuzz(f, "main.tf") }

func fuzz(f *testing.F, name string) {
	for seed := range uint64(40) {
		f.Add(newGenerator(seed).file(name), uint16(seed*37), uint16(seed*7))
	}
	f.Fuzz(func(t *testing.T, text []byte, which, what uint16) {
		if len(text) > 1<<12 || path.Ext(name) == ".tf" && refers(string(text)) {
			return
		}
		holds(t, name, text, which, what)
	})
}

// refers tells whether a text of Terraform may use a value elsewhere.
func refers(text string) bool {
	return slices.ContainsFunc([]string{"var", "local", "for", "count", "each", "data", "dynamic", "module", "moved", "import", "removed", "resource.", "${", "%{"},
		func(s string) bool { return strings.Contains(text, s) })
}
