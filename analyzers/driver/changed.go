package driver

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Change tells findings that touch changed files from the others.
type Change struct {
	files []string
	roots map[string]bool
}

// NewChange is the change of the given files, relative to the tree.
//
// A changed file that a root reads but in which none of its resources stands -
// values, variables, a helper, a kustomization - may have changed anything in
// that root, so all its findings touch the change.
func NewChange(files []string, loaded Loaded) Change {
	c := Change{files: files, roots: map[string]bool{}}
	stands := map[string]map[string]bool{} // root -> files with resources
	for _, r := range loaded.Graph.Resources() {
		if r.Place == nil || r.Place.Span.File == nil || declares[r.Type] {
			continue
		}
		if stands[r.Root] == nil {
			stands[r.Root] = map[string]bool{}
		}
		stands[r.Root][r.Place.Span.File.Path] = true
	}
	for _, root := range loaded.Roots {
		for _, f := range files {
			if root.Reads(f) && !stands[root.ID()][f] {
				c.roots[root.ID()] = true
			}
		}
	}
	return c
}

// declares are the types that only say what others are made of.
var declares = map[string]bool{"variable": true, "output": true, "module": true, "terraform": true}

// Touching keeps the findings that touch the change: by where to edit, by what
// had a part in the value, by a related place, or by the resource it is about.
func (c Change) Touching(findings []*analyzers.Finding) []*analyzers.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f *analyzers.Finding) bool { return !c.touches(f) })
}

func (c Change) touches(f *analyzers.Finding) bool {
	return c.has(f.At) || c.has(f.Chain) ||
		slices.ContainsFunc(f.Related, func(n analyzers.Note) bool { return c.has(n.At) }) ||
		slices.ContainsFunc(f.Instances, func(r *graph.Resource) bool {
			return r != nil && (c.roots[r.Root] || c.has(r.Place))
		})
}

// has tells whether the origin or one of its causes lies in a changed file.
func (c Change) has(o *source.Origin) bool {
	if o == nil {
		return false
	}
	return o.Span.File != nil && slices.Contains(c.files, o.Span.File.Path) || slices.ContainsFunc(o.From, c.has)
}
