package cluster

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// Written is testdata/common/written.yaml.
func Written(t testing.TB) *graph.Builder {
	t.Helper()
	text, err := os.ReadFile("testdata/common/written.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parsed(string(text))
}

// parsed are the objects of a text as a root that was loaded.
func parsed(text string) *graph.Builder {
	b := &graph.Builder{Root: "kubernetes:."}
	for _, doc := range yamltext.Parse(source.NewFile("written.yaml", []byte(text)), nil) {
		if doc.Problem == nil {
			kubernetes.Add(b, doc.Root)
		}
	}
	return b
}

// Said are the differences and the objects that are on one side, in words.
func (d *Drift) Said() (all []string) {
	for _, one := range d.Differences {
		all = append(all, fmt.Sprintf("%d %s %s", one.Place().Span.From().Line, one.Object(), one.Path()))
	}
	for _, r := range d.Absent {
		all = append(all, "absent "+r.ID)
	}
	for _, s := range d.Stray {
		all = append(all, "stray "+s.Object)
	}
	return all
}

// recording is testdata/common/live.yaml, as a real API server told it.
func recording(t testing.TB) []map[string]any {
	t.Helper()
	text, err := os.ReadFile("testdata/common/live.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := &Snapshot{}
	if err := s.record(fstest.MapFS{"@cluster/live.yaml": {Data: text}}, "@cluster/live.yaml"); err != nil {
		t.Fatal(err)
	}
	return s.Objects
}

// drift is how objects differ from what is written.
func drift(t testing.TB, written *graph.Builder, objects []map[string]any) (*Drift, *graph.Builder) {
	t.Helper()
	return driftOf(t, written, &Snapshot{Objects: objects})
}

// driftOf compares with a cluster that serves all that was read of it.
func driftOf(t testing.TB, written *graph.Builder, s *Snapshot) (*Drift, *graph.Builder) {
	t.Helper()
	s.Context, s.Day, s.Version = "c", "2026-06-01", "v1.36.0"
	s.serve()
	d, b := &Drift{}, &graph.Builder{}
	l := &Live{Drift: d, Snapshot: func(context.Context) (*Snapshot, error) { return s, nil }}
	if err := l.Follow(context.Background(), nil, []*graph.Builder{written}, b); err != nil {
		t.Fatal(err)
	}
	return d, b
}

// TestDefaultsAreNoDrift holds that nothing a real API server fills in is taken
// for a difference, not even for one that others keep.
func TestDefaultsAreNoDrift(t *testing.T) {
	d, b := drift(t, Written(t), recording(t))
	if said := d.Said(); len(said) > 0 || d.Others > 0 || len(d.Unknown) > 0 {
		t.Errorf("drift %v, %d others', %d unknown", said, d.Others, len(d.Unknown))
	}
	if d.Compared != len(Written(t).Resources) {
		t.Errorf("%d objects compared, %d are written", d.Compared, len(Written(t).Resources))
	}
	for _, r := range b.Resources[1:] {
		for _, key := range []string{"metadata", "spec", "data", "rules", "subjects", "webhooks"} {
			remotes(t, r.ID+" "+key, r.At(key).Node())
		}
	}
}

// remotes complains about all that has a place in the cluster.
func remotes(t *testing.T, path string, n *graph.Node) {
	if n.Kind() == graph.Absent {
		return
	}
	if o := n.Handle().Origin(); o.Span.File.Remote || o.Step == source.Live {
		t.Errorf("%s is only live", path)
	}
	for _, f := range n.Fields() {
		remotes(t, path+"."+f.Key, f.Node)
	}
	for _, item := range n.Items() {
		remotes(t, path+"[]", item)
	}
}

// TestEdits does every edit to what is recorded.
func TestEdits(t *testing.T) {
	others := 0
	for _, e := range Edits {
		var edit map[string]any
		if err := yaml.Unmarshal([]byte(e.Apply), &edit); err != nil {
			t.Fatal(err)
		}
		edit, _ = integers(edit).(map[string]any)
		objects := recording(t)
		for i, o := range objects {
			if typeOf(o) == typeOf(edit) && text(mapAt(o, "metadata"), "name") == text(mapAt(edit, "metadata"), "name") {
				fields := fieldsOf(edit)
				changed, _ := merged(o, edit).(map[string]any)
				meta := changed["metadata"].(map[string]any)
				managed := append(listAt(o, "metadata", "managedFields"), map[string]any{
					"manager": e.Manager, "operation": "Apply", "time": "2030-01-01T00:00:00Z", "fieldsV1": fields,
				})
				meta["managedFields"] = managed
				objects[i] = changed
			}
		}
		d, _ := drift(t, Written(t), objects)
		if diff := cmp.Diff(e.Drift, d.Said()); diff != "" {
			t.Errorf("%s: drift (-want +got):\n%s", e.Name, diff)
		}
		others += d.Others
		for _, one := range d.Differences {
			if by, _ := one.Manager(); by != e.Manager {
				t.Errorf("%s: %s was set by %q", e.Name, one.Path(), by)
			}
		}
	}
	if others < 2 {
		t.Errorf("%d fields are said to be others'", others)
	}
}

// integers are numbers as a server's answers have them.
func integers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			v[key] = integers(child)
		}
	case []any:
		for i, item := range v {
			v[i] = integers(item)
		}
	case float64:
		return int64(v)
	}
	return v
}

var itemKeys = []string{"name", "containerPort", "mountPath"}

func keyIn(item any) (string, string) {
	m, _ := item.(map[string]any)
	for _, key := range itemKeys {
		if s, ok := m[key].(string); ok {
			return key, s
		}
	}
	return "", ""
}

// merged is what a server makes of an edit.
func merged(o, edit any) any {
	switch edit := edit.(type) {
	case map[string]any:
		m, _ := o.(map[string]any)
		out := maps.Clone(m)
		if out == nil {
			out = map[string]any{}
		}
		for key, v := range edit {
			out[key] = merged(out[key], v)
		}
		return out
	case []any:
		list, _ := o.([]any)
		if _, name := keyIn(edit[0]); name == "" {
			return edit
		}
		out := slices.Clone(list)
		for _, item := range edit {
			_, name := keyIn(item)
			i := slices.IndexFunc(out, func(other any) bool { _, n := keyIn(other); return n == name })
			if i < 0 {
				out = append(out, item)
			} else {
				out[i] = merged(out[i], item)
			}
		}
		return out
	}
	return edit
}

// fieldsOf are the fields of an edit as a server remembers them.
func fieldsOf(v any) map[string]any {
	out := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			out["f:"+key] = fieldsOf(child)
		}
	case []any:
		for _, item := range v {
			if key, name := keyIn(item); name != "" {
				out[fmt.Sprintf("k:{%q:%q}", key, name)] = fieldsOf(item)
			}
		}
	}
	return out
}

// TestTable holds that every line of the table is about a field that there is.
func TestTable(t *testing.T) {
	d := newDefaults(nil)
	lines := 0
	for line := range strings.Lines(defaultsText) {
		if !strings.HasPrefix(line, "#") {
			lines++
		}
	}
	if n := len(d.constant) + len(d.chosen); n != lines {
		t.Errorf("%d of %d lines can be read", n, lines)
	}
	schema, err := os.ReadFile("../../internal/kubeschema/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, fields := range []iter.Seq[string]{maps.Keys(d.constant), maps.Keys(d.chosen)} {
		for field := range fields {
			group, rest, _ := strings.Cut(field, ".")
			typ, name, _ := strings.Cut(rest, ".")
			found := false
			for line := range strings.Lines(string(schema)) {
				found = found || strings.HasPrefix(line, "type "+group+"/") && strings.Contains(line, "."+typ+" ") && (strings.Contains(line, " "+name+":") || strings.Contains(line, " "+name+"!:"))
			}
			if !found {
				t.Errorf("there is no field %s", field)
			}
		}
	}
}
