package kubernetes

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// load runs the source over files and returns what it found.
func load(t *testing.T, files map[string]string) *graph.Builder {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree := source.NewTree(fsys)
	list, err := tree.Walk([]string{"."}, func(string, bool) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	b := &graph.Builder{Root: "kubernetes:."}
	for _, root := range New().Roots(parsers.NewProject(tree, list.Files), b) {
		if err := root.Load(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// ids lists resources as "type id line".
func ids(b *graph.Builder) string {
	var s []string
	for _, r := range b.Resources {
		s = append(s, r.Type+" "+r.ID+" "+r.Place.Span.Text())
	}
	return strings.Join(s, "\n")
}

func TestLoad(t *testing.T) {
	b := load(t, map[string]string{"a/x.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n---\nkind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: ns}}\n"})
	const want = "core/Pod Pod/p p\ncore/Secret Secret/ns/s s"
	if got := ids(b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
