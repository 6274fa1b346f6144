package driver

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Run applies rules to a graph. params has parameters that replace a rule's
// own, by rule ID. The error tells of rules that failed, which is a fault of
// the program; the report has what the others found.
func Run(loaded Loaded, rules []*analyzers.Rule, params map[string]any) (*analyzers.Report, error) {
	g := loaded.Graph
	passes := make([]*analyzers.Pass, len(rules))
	faults := make([]error, len(rules))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, rule := range rules {
		passes[i] = analyzers.NewPass(rule, g, params[rule.ID])
		group.Go(func() error {
			defer func() {
				if r := recover(); r != nil {
					faults[i] = fmt.Errorf("internal error in rule %s, please report it: %v\n%s", rule.ID, r, firstFrames())
				}
			}()
			rule.Check(passes[i])
			return nil
		})
	}
	_ = group.Wait() // the functions return no errors
	var found, unsure []*analyzers.Finding
	looked := map[string]int{}
	for _, p := range passes {
		looked[p.Rule.ID] = p.Looked()
		found = append(found, p.Findings()...)
		unsure = append(unsure, p.Unsure()...)
	}
	roots := make([]string, len(loaded.Roots))
	for i, r := range loaded.Roots {
		roots[i] = r.ID()
	}
	return &analyzers.Report{
		Rules:     rules,
		Findings:  merge(found),
		Unsure:    merge(unsure),
		Problems:  problems(g),
		Skipped:   g.Skipped(),
		Roots:     roots,
		Resources: len(g.Resources()),
		Looked:    looked,
	}, errors.Join(faults...)
}

// written identifies what is wrong at a written place. Instances of one place
// (a for_each, a range, several overlays) are one finding. Where the place is
// only known to be somewhere in a span, findings in that span are told apart
// by what they say; where something is missing, by what is.
type written struct {
	rule       *analyzers.Rule
	file       string
	start, end int
	detail     string
}

func place(f *analyzers.Finding) written {
	w := written{rule: f.Rule}
	if f.At == nil {
		w.detail = f.Text()
		return w
	}
	if f.At.Span.File != nil {
		w.file, w.start, w.end = f.At.Span.File.Path, f.At.Span.Start, f.At.Span.End
	}
	switch {
	case f.At.Exact < source.AtLine:
		w.detail = f.Text()
	case f.Absent:
		w.detail = f.Path[strings.LastIndex(f.Path, ".")+1:]
	}
	return w
}

// merge makes one finding of all at one written place and sorts by place.
func merge(all []*analyzers.Finding) []*analyzers.Finding {
	first := map[written]*analyzers.Finding{}
	var merged []*analyzers.Finding
	for _, f := range all {
		key := place(f)
		one, seen := first[key]
		if !seen {
			first[key] = f
			merged = append(merged, f)
			continue
		}
		one.Merged = append(one.Merged, f)
		for _, r := range f.Instances {
			if !slices.Contains(one.Instances, r) {
				one.Instances = append(one.Instances, r)
			}
		}
	}
	slices.SortStableFunc(merged, func(a, b *analyzers.Finding) int {
		return cmp.Or(byPlace(a.At, b.At), cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(a.Message, b.Message))
	})
	return merged
}

func byPlace(a, b *source.Origin) int {
	pa, pb := placeOf(a), placeOf(b)
	return cmp.Or(cmp.Compare(pa.path, pb.path), cmp.Compare(pa.start, pb.start), cmp.Compare(pa.end, pb.end))
}

type filePlace struct {
	path       string
	start, end int
}

func placeOf(o *source.Origin) filePlace {
	if o == nil || o.Span.File == nil {
		return filePlace{}
	}
	return filePlace{o.Span.File.Path, o.Span.Start, o.Span.End}
}

// problems are the graph's problems, each once, sorted by place.
func problems(g *graph.Graph) []graph.Problem {
	all := slices.Clone(g.Problems())
	slices.SortStableFunc(all, func(a, b graph.Problem) int {
		return cmp.Or(byPlace(a.At, b.At), cmp.Compare(b.Level, a.Level), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(all, func(a, b graph.Problem) bool {
		return byPlace(a.At, b.At) == 0 && a.Message == b.Message
	})
}
