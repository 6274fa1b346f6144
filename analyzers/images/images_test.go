package images

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func resource(id, typ string, fields ...graph.Field) *graph.Resource {
	at := &source.Origin{}
	return graph.NewResource(id, typ, id, graph.NewMap(fields, at), at)
}

// TestReport has an image that two workloads run and one that nothing runs.
func TestReport(t *testing.T) {
	field := graph.Field{Key: "image", Node: graph.NewString("a:1", &source.Origin{})}
	one, two := resource("Deployment/one", "apps/Deployment", field), resource("Deployment/two", "apps/Deployment", field)
	run, alone := resource("a:1", Type), resource("b:2", Type)
	b := &graph.Builder{Resources: []*graph.Resource{one, two, run, alone}}
	b.Link(graph.Runs, one, run, one.At("image"))
	b.Link(graph.Runs, two, run, two.At("image"))
	g := graph.Freeze(b)

	p := analyzers.NewPass(&analyzers.Rule{}, g, nil)
	for _, i := range All.Of(g) {
		i.Report(p, i.Config, "image %q is wrong", i.Name)
	}
	var got []string
	for _, f := range p.Findings() {
		got = append(got, f.Resource.ID+": "+f.Message)
	}
	want := []string{`Deployment/one: image "a:1" is wrong`, `Deployment/two: image "a:1" is wrong`, `b:2: image "b:2" is wrong`}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("finding %d is %q, want %q", i, got[i], want[i])
		}
	}
}
