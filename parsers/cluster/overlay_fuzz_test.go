package cluster

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// FuzzOverlay lays anything over anything: nothing panics, every place can be
// told, and an object over itself, and over what a server makes of it, differs
// in nothing.
func FuzzOverlay(f *testing.F) {
	text, err := os.ReadFile("testdata/common/written.yaml")
	if err != nil {
		f.Fatal(err)
	}
	docs := strings.Split(string(text), "\n---\n")
	for i, doc := range docs {
		f.Add(doc+"\n", docs[(i+1)%len(docs)]+"\n")
	}
	for _, e := range Edits {
		f.Add(docs[0], e.Apply)
	}
	f.Add(`{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: {a: 1}, volumes: [[], null, 1]}}`, `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: {}}, {name: []}], volumes: x}}`)
	f.Add(`{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: {}, targetPort: {}}]}}`, `{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: {}, targetPort: {}}, 7]}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		written, live := parsed(a), objectsOf(b)
		_, laid := overlaid(t, written, live)
		for _, r := range laid.Resources {
			places(r.Tree())
		}
		same := objectsOf(a)
		if len(written.Resources) != 1 || len(same) != 1 || hasRepeats(written.Resources[0].Tree()) {
			return
		}
		d, _ := overlaid(t, written, same)
		if said := d.Said(); len(said) > 0 || d.Others > 0 {
			t.Errorf("an object differs from itself: %v and %d others'", said, d.Others)
		}
		overlaid(t, written, []map[string]any{Filled(same[0])})
	})
}

// objectsOf are the objects of a text; none where it cannot be read.
func objectsOf(text string) []map[string]any {
	s := &Snapshot{}
	if s.record(fstest.MapFS{"@cluster/o.yaml": {Data: []byte(text)}}, "@cluster/o.yaml") != nil {
		return nil
	}
	return s.Objects
}

// overlaid is drift of what may be nonsense.
func overlaid(t *testing.T, written *graph.Builder, objects []map[string]any) (*Drift, *graph.Builder) {
	s := &Snapshot{Context: "c", Objects: objects}
	s.serve()
	d, b := &Drift{}, &graph.Builder{}
	l := &Live{Drift: d, Snapshot: func(context.Context) (*Snapshot, error) { return s, nil }}
	if err := l.Follow(context.Background(), nil, []*graph.Builder{written}, b); err != nil {
		t.Fatal(err)
	}
	for _, one := range d.Differences {
		one.Place()
		one.Live()
		one.WrittenText()
		one.Manager()
	}
	return d, b
}

// places asks for all places of a tree.
func places(n *graph.Node) {
	if n.Kind() == graph.Absent {
		return
	}
	if n.Handle() != nil {
		n.Handle().Origin()
		n.Handle().Part(0, 1)
	}
	for _, f := range n.Fields() {
		places(f.Node)
		if f.Place != nil {
			f.Place.Origin()
		}
	}
	for _, item := range n.Items() {
		places(item)
	}
}

// hasRepeats tells of a map with a key twice, which JSON does not have.
func hasRepeats(n *graph.Node) bool {
	found := false
	for range graph.ValueOf(n).Repeated() {
		return true
	}
	if n.Kind() == graph.Absent {
		return false
	}
	for _, f := range n.Fields() {
		found = found || hasRepeats(f.Node)
	}
	for _, item := range n.Items() {
		found = found || hasRepeats(item)
	}
	return found
}
