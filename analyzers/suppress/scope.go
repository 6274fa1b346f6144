package suppress

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Scope tells what a directive is about.
type Scope interface {
	holds(f *analyzers.Finding) bool
}

// Lines are whole lines of a file.
type Lines source.Span

func (l Lines) holds(f *analyzers.Finding) bool {
	return anyLink(f, func(o *source.Origin) bool {
		return o.Span.File == l.File && o.Exact > source.InFile && l.Start <= o.Span.Start && o.Span.Start <= l.End && l.End > l.Start
	})
}

// WholeFile is everything that has a place in a file.
type WholeFile struct{ File *source.File }

func (w WholeFile) holds(f *analyzers.Finding) bool {
	return anyLink(f, func(o *source.Origin) bool { return o.Span.File == w.File })
}

// Object is a resource, or one container of it.
type Object struct {
	Resource  *graph.Resource
	Container string // "" for all of it
	Value     string // what has to stand there, such as a capability; "" for anything
}

func (o Object) holds(f *analyzers.Finding) bool {
	return f.Resource == o.Resource && (o.Container == "" || containerOf(f) == o.Container) &&
		(o.Value == "" || strings.EqualFold(f.Value.Str(), o.Value))
}

// containerOf is the name of the container that a finding is in, "" when it is
// in none.
func containerOf(f *analyzers.Finding) string {
	i := strings.Index(f.Path, "ontainers[") // containers, initContainers, ephemeralContainers
	if i < 0 {
		return ""
	}
	item, _, _ := strings.Cut(f.Path[i:], "]")
	path := strings.ReplaceAll(f.Path[:i]+item, "[", ".")
	return f.Resource.At(strings.ReplaceAll(path, "]", "") + ".name").Str()
}

// Matching is what the globs of a configuration match; an empty list matches
// everything.
type Matching struct {
	Paths     []string // of files, relative to the tree
	Resources []string // IDs of resources
	// Within tells whether a resource is one that the configuration is for.
	Within func(*graph.Resource) bool
}

func (m Matching) holds(f *analyzers.Finding) bool {
	if m.Within != nil && !m.Within(f.Resource) {
		return false
	}
	if len(m.Resources) > 0 && (f.Resource == nil || !matchAny(m.Resources, f.Resource.ID)) {
		return false
	}
	return len(m.Paths) == 0 || anyLink(f, func(o *source.Origin) bool {
		return o.Span.File != nil && matchAny(m.Paths, o.Span.File.Path)
	})
}

func matchAny(globs []string, name string) bool {
	for _, g := range globs {
		if doublestar.MatchUnvalidated(g, name) || strings.HasSuffix(g, "/") && strings.HasPrefix(name, g) {
			return true
		}
	}
	return false
}

// maxLinks bounds how many links of a chain are looked at.
const maxLinks = 1000

// anyLink tells whether one of the links that lead to a finding is such.
func anyLink(f *analyzers.Finding, is func(*source.Origin) bool) bool {
	visited := map[*source.Origin]bool{}
	var walk func(o *source.Origin) bool
	walk = func(o *source.Origin) bool {
		if o == nil || visited[o] || len(visited) > maxLinks {
			return false
		}
		visited[o] = true
		if is(o) {
			return true
		}
		return slices.ContainsFunc(o.From, walk)
	}
	if walk(f.At) || walk(f.Chain) {
		return true
	}
	return f.Resource != nil && walk(f.Resource.Place)
}
