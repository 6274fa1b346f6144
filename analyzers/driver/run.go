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
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Policy is what to ask of some of the resources.
type Policy struct {
	Rules []*analyzers.Rule
	// Params has parameters that replace a rule's own, by rule ID.
	Params map[string]any
	// For tells whether the policy is for a resource; nil means all.
	For func(*graph.Resource) bool
}

// Run applies rules to a graph. params has parameters that replace a rule's
// own, by rule ID. The error tells of rules that failed, which is a fault of
// the program; the report has what the others found.
func Run(loaded Loaded, rules []*analyzers.Rule, params map[string]any) (*analyzers.Report, error) {
	return RunPolicies(loaded, []Policy{{Rules: rules, Params: params}}, nil, nil)
}

// A Filter takes out findings before instances of one place are merged.
type Filter interface {
	Filter([]*analyzers.Finding) []*analyzers.Finding
}

// RunPolicies is Run with rules that differ from resource to resource, and
// with what people decided to live with and a further filter, which may be nil. Every policy looks
// at the whole graph and speaks about its own resources: a fault in one may
// show only beside another.
func RunPolicies(loaded Loaded, policies []Policy, suppressions *suppress.Set, filter Filter) (*analyzers.Report, error) {
	var found, unsure []*analyzers.Finding
	var rules []*analyzers.Rule
	looked := map[string]int{}
	var faults []error
	checked := loaded.timings.phase(checking)
	for _, p := range policies {
		f, u, err := p.run(loaded, looked)
		found, unsure, faults = append(found, f...), append(unsure, u...), append(faults, err)
		for _, r := range p.Rules {
			if !slices.ContainsFunc(rules, func(known *analyzers.Rule) bool { return known.ID == r.ID }) {
				rules = append(rules, r)
			}
		}
	}
	checked()
	defer loaded.timings.phase(filtering)()
	var suppressed []*analyzers.Suppressed
	if suppressions != nil {
		found, unsure = suppressions.Filter(found), suppressions.Skim(unsure)
		found = append(found, suppressions.Findings(rules)...)
		suppressed = suppressions.Suppressed()
		slices.SortStableFunc(suppressed, func(a, b *analyzers.Suppressed) int { return byPlace(a.At, b.At) })
	}
	var known []*analyzers.Finding
	if filter != nil {
		all := found
		found = filter.Filter(all)
		known = without(all, found)
	}
	var roots []string
	for _, r := range loaded.Roots {
		roots = append(roots, r.ID())
	}
	roots = append(roots, loaded.Followed...)
	var read []*graph.Resource
	for _, i := range images.All.Of(loaded.Graph) {
		read = append(read, i.Resource)
	}
	return &analyzers.Report{
		Images:     read,
		Rules:      rules,
		Findings:   loaded.merge(found),
		Unsure:     loaded.merge(unsure),
		Suppressed: suppressed,
		Known:      loaded.merge(known),
		Problems:   problems(loaded.Graph),
		Skipped:    loaded.Graph.Skipped(),
		Roots:      roots,
		Resources:  len(loaded.Graph.Resources()),
		Looked:     looked,
	}, errors.Join(faults...)
}

// without are the findings of all that are not among some.
func without(all, some []*analyzers.Finding) []*analyzers.Finding {
	in := make(map[*analyzers.Finding]bool, len(some))
	for _, f := range some {
		in[f] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(f *analyzers.Finding) bool { return in[f] })
}

// run applies the rules of a policy, each in a slot of its own, and counts how
// often each looked at something.
func (p Policy) run(loaded Loaded, looked map[string]int) (found, unsure []*analyzers.Finding, err error) {
	graphs := loaded.worlds
	if graphs == nil {
		graphs = []*graph.Graph{loaded.Graph}
	}
	passes := make([]*analyzers.Pass, 0, len(p.Rules)*len(graphs))
	for _, rule := range p.Rules {
		for _, g := range graphs {
			passes = append(passes, analyzers.NewPass(rule, g, p.Params[rule.ID]))
		}
	}
	faults := make([]error, len(passes))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, pass := range passes {
		rule := pass.Rule
		group.Go(func() error {
			defer loaded.timings.one(ofRules, rule.ID)()
			defer func() {
				if r := recover(); r != nil {
					faults[i] = fmt.Errorf("internal error in rule %s, please report it: %v\n%s", rule.ID, r, firstFrames())
				}
			}()
			rule.Check(pass)
			return nil
		})
	}
	_ = group.Wait() // the functions return no errors
	elsewhere := func(f *analyzers.Finding) bool {
		return p.For != nil && !p.For(f.Resource)
	}
	for _, pass := range passes {
		looked[pass.Rule.ID] += pass.Looked()
		for _, f := range slices.DeleteFunc(pass.Findings(), elsewhere) {
			if live.Unread(pass.Graph, f) {
				unsure = append(unsure, f)
			} else {
				found = append(found, f)
			}
		}
		unsure = append(unsure, slices.DeleteFunc(pass.Unsure(), elsewhere)...)
	}
	return found, unsure, errors.Join(faults...)
}

// written identifies what is wrong at a written place. Instances of one place
// (a for_each, a range, several overlays) are one finding. Where the place is
// only known to be somewhere in a span, findings in that span are told apart
// by what they say; where something is missing, by what is.
type written struct {
	rule       string
	file       string
	start, end int
	detail     string
}

func (l Loaded) place(f *analyzers.Finding) written {
	w := written{rule: f.Rule.ID}
	if f.At == nil {
		w.detail = l.text(f)
		return w
	}
	if f.At.Span.File != nil {
		w.file, w.start, w.end = f.At.Span.File.Path, f.At.Span.Start, f.At.Span.End
	}
	switch {
	case f.At.Exact < source.AtLine:
		w.detail = l.text(f)
	case f.Absent:
		w.detail = f.Path[strings.LastIndex(f.Path, ".")+1:]
	}
	return w
}

// text is what is said of a finding, in an object that runs as in the one it
// was made from.
func (l Loaded) text(f *analyzers.Finding) string {
	if f.Resource != nil {
		if written := live.Written(l.Graph, f.Resource); written != nil {
			return written.ID + ": " + f.Message
		}
	}
	return f.Text()
}

// merge makes one finding of all at one written place and sorts by place.
func (l Loaded) merge(all []*analyzers.Finding) []*analyzers.Finding {
	first := map[written]*analyzers.Finding{}
	var merged []*analyzers.Finding
	for _, f := range all {
		key := l.place(f)
		one, seen := first[key]
		if !seen {
			first[key] = f
			if f.Absent { // where a cluster has more of the block than the manifest, its place is known less
				key.detail = l.text(f)
				first[key] = cmp.Or(first[key], f)
			}
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
	l.tellLive(merged)
	slices.SortStableFunc(merged, func(a, b *analyzers.Finding) int {
		if c := byPlace(a.At, b.At); c != 0 { // most are apart by their place
			return c
		}
		return cmp.Or(cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(a.Message, b.Message))
	})
	return merged
}

func byPlace(a, b *source.Origin) int {
	pa, pb := placeOf(a), placeOf(b)
	if pa.remote != pb.remote { // what is in no file comes last
		if pb.remote {
			return -1
		}
		return 1
	}
	if pa.path != pb.path {
		return cmp.Compare(pa.path, pb.path)
	}
	return cmp.Or(cmp.Compare(pa.start, pb.start), cmp.Compare(pa.end, pb.end))
}

type filePlace struct {
	remote     bool
	path       string
	start, end int
}

func placeOf(o *source.Origin) filePlace {
	if o == nil || o.Span.File == nil {
		return filePlace{}
	}
	return filePlace{o.Span.File.Remote, o.Span.File.Path, o.Span.Start, o.Span.End}
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
