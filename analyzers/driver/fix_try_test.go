package driver

import (
	"context"
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// A readsRoot is a root that reads files.
type readsRoot struct {
	id    string
	files []string
	apart bool
}

func (r readsRoot) ID() string                               { return r.id }
func (readsRoot) Dir() string                                { return "." }
func (r readsRoot) Reads(name string) bool                   { return slices.Contains(r.files, name) }
func (readsRoot) Load(context.Context, *graph.Builder) error { return nil }
func (r readsRoot) Apart() bool                              { return r.apart }

func touching(rule, file string) *candidate {
	return &candidate{
		finding: &analyzers.Finding{Rule: &analyzers.Rule{ID: rule}},
		edits:   []edit.Edit{{Span: source.Span{File: source.NewFile(file, nil)}}},
	}
}

// TestRegions holds fast which candidates have to do with each other: those
// whose files one root reads, unless its files are apart.
func TestRegions(t *testing.T) {
	r := &round{before: &state{loaded: Loaded{Roots: []parsers.Root{
		readsRoot{id: "one", files: []string{"base", "one"}},
		readsRoot{id: "two", files: []string{"base", "two"}},
		readsRoot{id: "plain", files: []string{"a", "b"}, apart: true},
	}}}}
	all := []*candidate{touching("r0", "one"), touching("r1", "two"), touching("r2", "a"), touching("r3", "b"), touching("r4", "base"), touching("r5", "a")}
	var sizes []int
	for _, g := range r.regions(all) {
		sizes = append(sizes, len(g.next()))
	}
	if !slices.Equal(sizes, []int{1, 3, 2}) {
		t.Errorf("the regions have %v candidates", sizes)
	}
}

// TestSettle finds the one candidate that breaks a region, by halves.
func TestSettle(t *testing.T) {
	var group []*candidate
	for _, rule := range []string{"r0", "r1", "r2", "r3", "r4"} {
		group = append(group, touching(rule, "f"))
	}
	bad := group[3]
	r := &round{failed: map[string]string{}}
	g := &region{areas: map[string]bool{"root": true}, pending: [][]*candidate{group}}
	var accepted []*candidate
	tries := 0
	for ; g.next() != nil; tries++ {
		v := &verdict{fine: true, culprits: map[*candidate]string{}, areas: map[string]bool{}}
		if slices.Contains(g.next(), bad) {
			v.wrong("root", nil, "it does not build")
		}
		trying := g.next()
		if r.settle(g, v) {
			accepted = append(accepted, trying...)
		}
	}
	if len(accepted) != 4 || slices.Contains(accepted, bad) || tries > 7 {
		t.Errorf("%d accepted in %d tries", len(accepted), tries)
	}
}
