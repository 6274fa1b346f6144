package edit_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/edit"
)

// TestLongLine holds that an edit of JSON costs the same however long its line
// is: minified JSON is one line with as many edits as it has objects.
func TestLongLine(t *testing.T) {
	const long = 1 << 20
	found, ok := read(t, "a.json", []byte(`{"a": "`+strings.Repeat("x", long)+`", "b": {}}`))
	if !ok {
		t.Fatal("does not parse")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	edits, err := edit.Add(found[0].Config.At("b"), "c", edit.Bool(true)).Edits()
	runtime.ReadMemStats(&after)
	if err != nil || len(edits) != 1 || edits[0].New != `"c": true` {
		t.Fatalf("edits %v, %v", edits, err)
	}
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > long/4 {
		t.Errorf("an edit in a line of %d bytes took %d bytes of memory", long, bytes)
	}
}
