package edit_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// inItem is an edit that adds a key to an item of the list in a text, as an
// object of its own.
func inItem(t *testing.T, text string, item int) (edits []edit.Edit, bytes uint64) {
	t.Helper()
	found, ok := read(t, "a.yaml", []byte(text))
	if !ok {
		t.Fatalf("does not parse: %q", text)
	}
	r := graph.NewResource("item", "item", "item", found[0].Tree().Field("items").Node.Items()[item], nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	edits, err := edit.Add(r.Config.At("spec"), "b", edit.Bool(true)).Edits()
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatalf("in item %d of %.99q: %v", item, text, err)
	}
	return edits, after.TotalAlloc - before.TotalAlloc
}

// TestItems holds that an edit of an object in a list costs the same however
// long the list is, and that names are known wherever in the list they are given.
func TestItems(t *testing.T) {
	const item = "- kind: Pod\n  spec:\n    a: 1\n"
	_, few := inItem(t, "items:\n"+strings.Repeat(item, 2), 0)
	edits, many := inItem(t, "items:\n"+strings.Repeat(item, 5000), 2500)
	if many > 10*few {
		t.Errorf("an edit in a list of 2 took %d bytes of memory, in one of 5000 %d", few, many)
	}
	if want := 7 + 2501*len(item) - 1; len(edits) != 1 || edits[0].Span.Start != want || edits[0].New != "\n    b: true" {
		t.Errorf("edits %v, want one at %d", edits, want)
	}
	inItem(t, "items:\n- spec: {}\n  as: &x 1\n- kind: Pod\n  of: *x\n  spec:\n    a: 1\n", 0)
	inItem(t, "items:\n- spec: {}\n  as: &x 1\n- kind: Pod\n  of: *x\n  spec:\n    a: 1\n", 1)
	inItem(t, "items: [{spec: {a: 1}}, {spec: {a: 1}}]\n", 1)
}
