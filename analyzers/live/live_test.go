package live

import (
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func object(root, id, typ string) *graph.Resource {
	at := &source.Origin{}
	r := graph.NewResource(id, typ, id, graph.NewMap(nil, at), at)
	r.Root = root
	return r
}

func TestObjects(t *testing.T) {
	written, running := object("kubernetes:.", "Service/a", "core/Service"), object("cluster:x y", "Service/ns/a", "core/Service")
	stray := object("cluster:x y", "Pod/ns/b", "core/Pod")
	cluster := object("cluster:x y", "x y", Cluster)
	files := &graph.Builder{Resources: []*graph.Resource{written}}
	runs := &graph.Builder{Resources: []*graph.Resource{cluster, running, stray}}
	runs.Link(graph.Live, written, running, graph.Value{})
	g := graph.Freeze(files, runs)

	want := []Object{{running, written}, {stray, nil}}
	if got := Objects.Of(g); !slices.Equal(got, want) {
		t.Errorf("Objects = %v, want %v", got, want)
	}
	if Of(g, running).Resource() != cluster {
		t.Error("the object's cluster is not known")
	}
	if Of(g, written).Resource() != nil {
		t.Error("what is written is said to run in a cluster")
	}
	for _, c := range []struct {
		types []string
		want  int
	}{{nil, 2}, {[]string{"core/*"}, 2}, {[]string{"core/Pod"}, 1}, {[]string{"core/Po"}, 0}} {
		p := analyzers.NewPass(&analyzers.Rule{}, g, nil)
		seen := 0
		On(func(*analyzers.Pass, Object) { seen++ }, c.types...)(p)
		if seen != c.want || p.Looked() != c.want {
			t.Errorf("On(%v) saw %d and looked at %d, want %d", c.types, seen, p.Looked(), c.want)
		}
	}
}
