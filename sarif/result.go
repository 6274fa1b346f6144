package sarif

import (
	"fmt"
	"strings"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// What a result may hold. GitHub keeps 100 locations of a result; a message
// with more links than a few is not read.
const (
	maxRelated = 100
	maxLinks   = 10
)

// result is a finding; nil when it is in no file.
func (w *writer) result(f *analyzers.Finding, key string, unsure bool) *sarif.Result {
	at := f.Place()
	place := w.physical(at)
	if place == nil {
		return nil
	}
	location := sarif.NewLocation().WithPhysicalLocation(place)
	if f.Resource != nil {
		location.LogicalLocations = resource(f.Resource.ID)
	}
	related, links := w.related(f, place)
	text := plain(f.Text()) + links
	r := sarif.NewRuleResult(f.Rule.ID)
	r.Locations = []*sarif.Location{location}
	r.RelatedLocations = related
	if i, ok := w.index[f.Rule]; ok {
		r.WithRuleIndex(i)
	}
	r.WithLevel(f.Rule.Severity.Level())
	if unsure {
		r.WithKind("review").WithLevel("none")
		text = "Could not tell: " + text
	}
	r.Message = *sarif.NewTextMessage(text)
	first, _ := at.Lines()
	r.PartialFingerprints = map[string]any{
		"primaryLocationLineHash": w.prints.line(at.Span.File, first),
		"seaworthy/v1":            key,
	}
	if !unsure {
		r.Fixes = w.fixes(f)
	}
	if flow := w.flow(f); flow != nil {
		r.CodeFlows = []*sarif.CodeFlow{flow}
	}
	return r
}

func resource(id string) []*sarif.LogicalLocation {
	return []*sarif.LogicalLocation{sarif.NewLogicalLocation().WithFullyQualifiedName(id).WithKind("resource")}
}

// related are the further places of a finding and the links to them that go
// into its message: GitHub shows a related location only where one does.
func (w *writer) related(f *analyzers.Finding, place *sarif.PhysicalLocation) (locations []*sarif.Location, links string) {
	add := func(at *sarif.PhysicalLocation, text string) *sarif.Location {
		l := sarif.NewLocation().WithPhysicalLocation(at).WithMessage(sarif.NewTextMessage(plain(text)))
		l.WithId(len(locations) + 1)
		locations = append(locations, l)
		return l
	}
	var to []string
	for _, n := range f.Places() {
		at := w.physical(n.At)
		if at == nil || len(locations) == maxRelated {
			continue
		}
		l := add(at, n.Text)
		if n.Resource != nil && n.Resource != f.Resource {
			l.LogicalLocations = resource(n.Resource.ID)
		}
		to = append(to, link(n.Text, len(locations)))
	}
	links = list(" Related: ", to, len(to))
	to = nil
	others := f.Others()
	for _, r := range others {
		if len(locations) == maxRelated {
			break
		}
		add(place, "also "+r.Label).LogicalLocations = resource(r.ID)
		to = append(to, link(r.Label, len(locations)))
	}
	return locations, links + list(" Also: ", to, len(others))
}

// list writes links after a heading, and how many of all there are.
func list(heading string, links []string, all int) string {
	if len(links) == 0 {
		return ""
	}
	shown := links[:min(len(links), maxLinks)]
	text := heading + strings.Join(shown, ", ")
	if more := all - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "." + text
}

// link is a link to the related location with that number.
func link(text string, id int) string {
	return fmt.Sprintf("[%s](%d)", strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(plain(text)), id)
}

// plain keeps text that quotes the user's files from being read as a link.
func plain(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// flow is the way from the cause to the finding, which GitHub shows as steps.
func (w *writer) flow(f *analyzers.Finding) *sarif.CodeFlow {
	var steps []*sarif.ThreadFlowLocation
	for _, n := range f.Flow() {
		if at := w.physical(n.At); at != nil {
			steps = append(steps, sarif.NewThreadFlowLocation().WithLocation(
				sarif.NewLocation().WithPhysicalLocation(at).WithMessage(sarif.NewTextMessage(plain(n.Text)))))
		}
	}
	if len(steps) < 2 {
		return nil
	}
	thread := sarif.NewThreadFlow()
	thread.Locations = steps
	flow := sarif.NewCodeFlow()
	flow.ThreadFlows = []*sarif.ThreadFlow{thread}
	return flow
}
