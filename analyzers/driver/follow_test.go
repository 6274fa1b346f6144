package driver

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

type follower func(parts []*graph.Builder, b *graph.Builder) error

func (follower) Name() string { return "follower" }

func (f follower) Follow(_ context.Context, _ *source.Tree, parts []*graph.Builder, b *graph.Builder) error {
	return f(parts, b)
}

// adds is a follower that adds a resource and ties it to all there are.
func adds(root string) follower {
	return func(parts []*graph.Builder, b *graph.Builder) error {
		b.Root = root
		at := &source.Origin{Span: source.NewRemote(root+"/x", []byte("a: b\n")).Whole()}
		r := graph.NewResource("x", "core/X", "x", graph.NewMap(nil, at), at)
		for _, p := range parts {
			for _, other := range p.Resources {
				b.Link(graph.Live, other, r, graph.Value{})
			}
		}
		b.Add(r)
		return nil
	}
}

// TestFollowers asks two followers, of which the second sees the first.
func TestFollowers(t *testing.T) {
	linked := 0
	load := Load{
		Tree: source.NewTree(fstest.MapFS{}), Under: []string{"."},
		Followers: []parsers.Follower{adds("cluster:a"), adds("image:")},
		Link:      func(*graph.Builder) { linked++ },
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	resources := loaded.Graph.Resources()
	if len(resources) != 2 || resources[0].Root != "cluster:a" || resources[1].Root != "image:" || linked != 2 {
		t.Fatalf("resources %v, linked %d", resources, linked)
	}
	edges := 0
	for e := range loaded.Graph.Out(resources[0], graph.Live) {
		if e.To == resources[1] {
			edges++
		}
	}
	if edges != 1 {
		t.Errorf("%d edges from what the first added to what the second did", edges)
	}
	report, err := Run(loaded, []*analyzers.Rule{rule("k8s-x", analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		p.Report(r.Config, "is there")
	}, "core/X"))}, nil)
	if err != nil || len(report.Findings) != 2 || strings.Join(report.Roots, " ") != "cluster:a image:" {
		t.Errorf("findings %v of roots %q, %v", report.Findings, report.Roots, err)
	}
}

func TestFollowersFail(t *testing.T) {
	load := Load{Tree: source.NewTree(fstest.MapFS{}), Under: []string{"."}, Followers: []parsers.Follower{
		follower(func(_ []*graph.Builder, b *graph.Builder) error { b.Root = "cluster:a"; panic("boom") }),
	}}
	loaded, err := load.Graph(context.Background())
	if err != nil || len(loaded.Graph.Problems()) != 1 || !strings.Contains(loaded.Graph.Problems()[0].Message, "boom") {
		t.Errorf("a panic came to %v, %v", loaded.Graph, err)
	}
	load.Followers[0] = follower(func([]*graph.Builder, *graph.Builder) error { return errors.New("no such context") })
	if _, err := load.Graph(context.Background()); err == nil || err.Error() != "follower: no such context" {
		t.Errorf("err = %v", err)
	}
}
