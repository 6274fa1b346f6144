package driver

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func placed(id string, at *source.Origin) *graph.Resource {
	return graph.NewResource(id, "core/X", id, graph.NewMap(nil, at), at)
}

// TestWorlds holds that rules see what is written and what runs apart, an image
// where it is run, and one that nothing runs with both; and that what both have
// is one finding.
func TestWorlds(t *testing.T) {
	file := source.NewFile("a.yaml", []byte("kind: X\n"))
	line, block := &source.Origin{Span: file.Whole(), Exact: source.AtLine}, &source.Origin{Span: file.Whole(), Exact: source.InBlock}
	far := &source.Origin{Span: source.NewRemote("cluster:c/X/n/y", []byte("kind: X\n")).Whole(), Exact: source.AtLine}
	written, runs, stray, image := placed("X/a", block), placed("X/n/a", block), placed("X/n/y", far), placed("image", line)
	old, asked := placed("old", line), placed("asked", line)
	files, live, images := &graph.Builder{Root: "kubernetes:."}, &graph.Builder{Root: "cluster:c", World: "cluster:c"}, &graph.Builder{Root: "image:", World: graph.EveryWorld}
	files.Add(written)
	live.Add(runs)
	live.Add(stray)
	live.Link(graph.Live, written, runs, graph.Value{})
	images.Add(image)
	images.Link(graph.Runs, written, image, graph.Value{})
	images.Link(graph.Runs, runs, image, graph.Value{})
	images.Add(old)
	images.Link(graph.Runs, runs, old, graph.Value{})
	images.Add(asked)
	parts := []*graph.Builder{files, live, images}
	all := graph.Freeze(parts...)
	loaded := Loaded{Graph: all, worlds: worlds(all, parts)}

	var mu sync.Mutex
	var seen []string
	report, err := Run(loaded, []*analyzers.Rule{rule("k8s-x", func(p *analyzers.Pass) {
		var ids []string
		for r := range p.Graph.OfType("core/X") {
			ids = append(ids, r.ID)
			p.Report(r.Config, "is there")
			for e := range p.Graph.In(r, graph.Live) {
				ids = append(ids, "of "+e.From.ID)
			}
			for e := range p.Graph.In(r, graph.Runs) {
				ids = append(ids, "run by "+e.From.ID)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, strings.Join(ids, ", "))
	})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(seen)
	if got := strings.Join(seen, "; "); got != "X/a, image, run by X/a, asked; X/n/a, of X/a, X/n/y, image, run by X/n/a, old, run by X/n/a, asked" {
		t.Errorf("the rule saw %s", got)
	}
	var found []string
	for _, f := range report.Findings {
		found = append(found, f.Text())
	}
	if got := strings.Join(found, "; "); got != "X/a: is there; image: is there; X/n/y: is there" {
		t.Errorf("findings: %s", got)
	}
	if f := report.Findings[0]; len(f.Instances) != 2 || f.Live != "" {
		t.Errorf("%d instances, %q", len(f.Instances), f.Live)
	}
}
