package cluster

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

func TestManifest(t *testing.T) {
	got, err := manifest(map[string]any{
		"status": map[string]any{"ready": true}, "spec": map[string]any{"b": []any{map[string]any{"image": "a:1", "name": "x"}}, "a": int64(3), "c": 1.5},
		"kind": "Pod", "apiVersion": "v1", "metadata": map[string]any{"labels": map[string]any{"on": "yes", "n": "012"}, "name": "p", "namespace": "n"},
		"text": "one\ntwo\n",
	})
	want := `apiVersion: v1
kind: Pod
metadata:
  name: p
  namespace: "n"
  labels:
    "n": "012"
    "on": "yes"
spec:
  a: 3
  b:
    - name: x
      image: a:1
  c: 1.5
text: |
  one
  two
status:
  ready: true
`
	if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// FuzzManifest holds that what is written is read again as what it was.
func FuzzManifest(f *testing.F) {
	for _, s := range []string{"", "a", "yes", "0644", "1:20", "2026-01-01", " x", "x ", "a: b", "a #b", "-", "- a", "? x", "&a", "*a", "!t", "|", "%", "@", "`", "\x00", "\u0085", "\u2028", "a\tb", "a\nb", "\na", "a\n", "a\n\n", "a \nb", "\ta\nb", "{", "[", "~", ".5", ".inf", "0x1", "1_000", "é", "🚀", "a\rb", "a\r\nb", "'", `"`, `\`, "<<", "=", "---", "...", "---\na", "a\n---\nb", "#", "a:", ":a", "/a:b", "\ufeff", "\ufeffa\nb"} {
		f.Add(s, int64(len(s)), 0.5)
	}
	f.Fuzz(func(t *testing.T, s string, i int64, x float64) {
		s = strings.ToValidUTF8(s, "?")
		if math.IsNaN(x) || math.IsInf(x, 0) {
			x = 0
		}
		_, node, err := remote("cluster:x", map[string]any{"s": s, "i": i, "x": x, "list": []any{s, nil}, "key": map[string]any{s: s, "name": s}})
		if err != nil {
			t.Fatal(err)
		}
		v := graph.ValueOf(node)
		for _, got := range []graph.Value{v.At("s"), v.At("list.0"), v.At("key").Get(s), v.At("key.name")} {
			if got.Kind() != graph.String || got.Str() != s {
				t.Errorf("%q became the %s %q", s, got.Kind(), got.Str())
			}
		}
		if got, known := v.At("i").Int(0); !known || got != i && int64(float64(i)) == i {
			t.Errorf("%d became %d", i, got)
		}
		if got, known := v.At("x").Float(0); !known || got != x {
			t.Errorf("%g became %g", x, got)
		}
	})
}
