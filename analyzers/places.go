package analyzers

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Level is the severity in the words of SARIF, editors and problem matchers:
// error, warning or note.
func (s Severity) Level() string {
	switch s {
	case Critical, High:
		return "error"
	case Medium:
		return "warning"
	case Low, Info:
	}
	return "note"
}

// Place is where the finding is shown: At, or what of its chain or resource
// lies in a file when At does not; nil when nothing does.
func (f *Finding) Place() *source.Origin {
	candidates := []*source.Origin{f.At, f.Chain.Cure(), f.Chain}
	if f.Resource != nil {
		candidates = append(candidates, f.Resource.Place)
	}
	for _, o := range candidates {
		if inFile(o) {
			return o
		}
	}
	return nil
}

func inFile(o *source.Origin) bool { return o != nil && o.Span.File != nil }

// Identity is what a finding is without regard to lines: its rule, its
// resource and the path of the value. Findings that share one are counted.
func (f *Finding) Identity() string {
	parts := []string{f.Rule.ID, "", "", f.Path}
	if f.Resource != nil {
		parts[1], parts[2] = f.Resource.Root, f.Resource.ID
	}
	return strings.Join(parts, "\x00")
}

// maxLinks limits how many links of a chain are shown. Chains are short where
// they help; one that is longer is the work of a machine.
const maxLinks = 20

// Places are the further places of a finding and what they have to do with it:
// the other links of its chain, the cause to edit first before its siblings,
// then the calls that brought its resource in, then what the rule noted. Each
// place comes once and Place itself does not, nor does a call of which an
// argument is shown.
func (f *Finding) Places() []Note {
	shown := map[source.Span]bool{}
	if at := f.Place(); at != nil {
		shown[at.Span] = true
	}
	var notes []Note
	visited := map[*source.Origin]bool{}
	var walk func(o *source.Origin)
	walk = func(o *source.Origin) {
		if o == nil || visited[o] || len(visited) >= 10*maxLinks || len(notes) == maxLinks {
			return
		}
		visited[o] = true
		if inFile(o) && !shown[o.Span] {
			shown[o.Span] = true
			notes = append(notes, Note{At: o, Text: part(o)})
		}
		for _, from := range o.From {
			walk(from)
		}
	}
	walk(f.Chain)
	for _, call := range f.calls() {
		within := func(n Note) bool { return call.Span.Contains(n.At.Span) }
		if len(notes) < maxLinks && !call.Span.Contains(f.Place().Span) && !slices.ContainsFunc(notes, within) {
			notes = append(notes, Note{At: call, Text: part(call)})
		}
	}
	type said struct {
		at   source.Span
		text string
	}
	before := map[said]bool{}
	for _, n := range f.Related {
		if inFile(n.At) && !before[said{n.At.Span, n.Text}] {
			before[said{n.At.Span, n.Text}] = true
			notes = append(notes, n)
		}
	}
	return notes
}

// calls are the calls that brought the finding's resource in, the innermost
// first.
func (f *Finding) calls() []*source.Origin {
	if f.Resource == nil || f.Place() == nil {
		return nil
	}
	var calls []*source.Origin
	for o := f.Resource.Place; o != nil; {
		i := slices.IndexFunc(o.From, (*source.Origin).Calls)
		if i < 0 {
			break
		}
		o = o.From[i]
		calls = append(calls, o)
	}
	return calls
}

// An Instance is a resource with a finding and what to call it: its ID, and
// the root it is in where that is not the one of the finding's own resource.
type Instance struct {
	*graph.Resource
	Label string
}

// Others are the instances beside the finding's own resource.
func (f *Finding) Others() []Instance {
	var others []Instance
	for _, r := range f.Instances {
		if r == nil || r == f.Resource {
			continue
		}
		label := r.ID
		if f.Resource == nil || r.Root != f.Resource.Root {
			label += " in " + r.Root
		}
		others = append(others, Instance{r, label})
	}
	return others
}

// Flow is the way from the first cause to the finding, link by link; nil when
// there is only one place on it.
func (f *Finding) Flow() []Note {
	var flow []Note
	o := f.Chain
	for range maxLinks {
		if o == nil {
			break
		}
		if inFile(o) && (len(flow) == 0 || flow[len(flow)-1].At.Span != o.Span) {
			flow = append(flow, Note{At: o, Text: part(o)})
		}
		if len(o.From) == 0 {
			break
		}
		o = o.From[0]
	}
	if len(flow) < 2 {
		return nil
	}
	for i, j := 0, len(flow)-1; i < j; i, j = i+1, j-1 {
		flow[i], flow[j] = flow[j], flow[i]
	}
	return flow
}

// part is in words what part a link had in a value.
func part(o *source.Origin) string {
	if o.Calls() && o.Step == source.Release {
		return "installed here"
	} else if o.Calls() {
		return "called here"
	}
	verb := [...]string{
		source.SetBy:       "set by",
		source.Via:         "passed on by",
		source.DrivenBy:    "driven by",
		source.Condition:   "depends on",
		source.Overrides:   "overrides",
		source.NotRendered: "would have been set by",
	}[o.Role]
	noun := [...]string{
		source.Written:  "this line",
		source.Alias:    "this alias",
		source.Template: "this template",
		source.Include:  "this named template",
		source.Values:   "this chart value",
		source.Overlay:  "this kustomization",
		source.Module:   "this module argument",
		source.Variable: "this variable",
		source.Local:    "this local value",
		source.ForEach:  "this repetition",
		source.Function: "this expression",
		source.Release:  "the release",
		source.Default:  "this default",
		source.Live:     "the cluster",
		source.Image:    "the image",
	}[o.Step]
	if o.Step == source.Values && o.Exact == source.InFile { // it is written nowhere yet
		noun = "a value in this file"
	}
	return verb + " " + noun
}
