package driver

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// worlds are the graphs that rules look at, one after the other: what is
// written, and each world that a follower makes. A manifest and the object that
// was made from it are two resources, and a rule that looks for what else there
// is must not find the one beside the other. What is in no world, such as an
// image, is in those that have what uses it, and in all when nothing does. Edges
// from one world to another, which say what was made from what, are in both.
func worlds(all *graph.Graph, parts []*graph.Builder) []*graph.Graph {
	names := []string{""}
	for _, b := range parts {
		if b.World != "" && b.World != graph.EveryWorld {
			names = append(names, b.World)
		}
	}
	if len(names) == 1 {
		return []*graph.Graph{all}
	}
	var graphs []*graph.Graph
	for _, name := range names {
		graphs = append(graphs, world(name, parts))
	}
	return graphs
}

func world(name string, parts []*graph.Builder) *graph.Graph {
	in := map[*graph.Resource]bool{}
	for _, b := range parts {
		for _, r := range b.Resources {
			in[r] = b.World == name
		}
	}
	shared(in, parts)
	var chosen []*graph.Builder
	for _, b := range parts {
		part := &graph.Builder{Root: b.Root}
		for _, r := range b.Resources {
			if in[r] {
				part.Resources = append(part.Resources, r)
			}
		}
		chosen = append(chosen, part)
	}
	for i, b := range parts {
		for _, e := range b.Edges {
			if in[e.From] && in[e.To] || e.Rel == graph.Live && (in[e.From] || in[e.To]) {
				chosen[i].Edges = append(chosen[i].Edges, e)
			}
		}
	}
	return graph.Freeze(chosen...)
}

// shared adds to what is in a world what is in none and is used there or
// nowhere. What is used in other worlds only is theirs: here it would look as if
// somebody had asked about it alone.
func shared(in map[*graph.Resource]bool, parts []*graph.Builder) {
	here, elsewhere := map[*graph.Resource]bool{}, map[*graph.Resource]bool{}
	for _, b := range parts {
		for _, e := range b.Edges {
			if in[e.From] {
				here[e.To] = true
			} else {
				elsewhere[e.To] = true
			}
		}
	}
	for _, b := range parts {
		if b.World != graph.EveryWorld {
			continue
		}
		for _, r := range b.Resources {
			in[r] = here[r] || !elsewhere[r]
		}
	}
}

// tellLive says of the findings that nothing written has why that is so.
func (l Loaded) tellLive(findings []*analyzers.Finding) {
	if len(l.worlds) < 2 {
		return
	}
	for _, f := range findings {
		if f.Resource != nil && !slices.ContainsFunc(f.Instances, func(r *graph.Resource) bool { return !live.Is(r) }) {
			f.Live = live.Explain(l.Graph, f, len(l.Roots) > 0)
		}
	}
}
