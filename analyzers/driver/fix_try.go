package driver

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// maxLoads bounds how often a tree is loaded to fix it, whatever goes wrong.
const maxLoads = 120

const (
	tooOften  = "too many fixes had to be tried one by one; run it again"
	noFurther = "other fixes came in between; run it again"
)

// A region is candidates that reach the same roots. What goes wrong in one
// region has nothing to do with the candidates of another, so all regions are
// tried at the same time.
type region struct {
	areas    map[string]bool
	accepted int
	pending  [][]*candidate // groups to try, the next one last
}

// next is the group to try.
func (g *region) next() []*candidate {
	if len(g.pending) == 0 {
		return nil
	}
	return g.pending[len(g.pending)-1]
}

// pop takes the next group away and puts groups in its place.
func (g *region) pop(groups ...[]*candidate) {
	g.pending = g.pending[:len(g.pending)-1]
	for _, group := range groups {
		if len(group) > 0 {
			g.pending = append(g.pending, group)
		}
	}
}

// try makes the edits of candidates and returns those that can be accepted.
// Where a region turns out wrong, those that are to blame are left out; where
// it cannot be told which those are, half of them is tried at a time.
func (r *round) try(candidates []*candidate) ([]*candidate, error) {
	regions := r.regions(candidates)
	var accepted []*candidate
	for {
		var trying []*candidate
		for _, g := range regions {
			trying = append(trying, g.next()...)
		}
		if len(trying) == 0 {
			break
		}
		if r.loads >= maxLoads {
			for _, g := range regions {
				for _, c := range slices.Concat(g.pending...) {
					r.failed[identity(c.finding)] = tooOften
				}
			}
			break
		}
		v, err := r.check(append(slices.Clone(accepted), trying...))
		if err != nil {
			return nil, err
		}
		for _, g := range regions {
			if group := g.next(); len(group) > 0 && r.settle(g, v) {
				accepted = append(accepted, group...)
			}
		}
	}
	return r.confirm(accepted)
}

// settle draws the consequences of a verdict for the group of a region that
// was tried, and tells whether it is accepted.
func (r *round) settle(g *region, v *verdict) bool {
	group := g.next()
	var others []*candidate
	for _, c := range group {
		why := v.culprits[c]
		if why == "" && len(group) == 1 && v.touches(g.areas) {
			why = v.why
		}
		switch {
		case why == "":
			others = append(others, c)
		case g.accepted == 0: // else it may do in the next round
			r.failed[identity(c.finding)] = why
		}
	}
	switch {
	case len(others) < len(group):
		g.pop(others)
	case v.touches(g.areas):
		half := len(group) / 2
		g.pop(group[half:], group[:half])
	default:
		g.pop()
		g.accepted += len(group)
		return true
	}
	return false
}

// confirm looks at the tree with the candidates that are accepted, and no
// others.
func (r *round) confirm(accepted []*candidate) ([]*candidate, error) {
	if len(accepted) == 0 || r.fits(accepted) {
		return accepted, nil
	}
	v, err := r.check(accepted)
	if err != nil || v.fine {
		return accepted, err
	}
	for _, c := range accepted { // one region had to do with another after all
		if r.failed[identity(c.finding)] = v.culprits[c]; v.culprits[c] == "" && len(v.culprits) == 0 {
			r.failed[identity(c.finding)] = v.why
		}
	}
	return nil, nil
}

// fits tells whether the last state that was fine is that of the candidates.
func (r *round) fits(candidates []*candidate) bool {
	return r.after != nil && len(r.of) == len(candidates) &&
		!slices.ContainsFunc(candidates, func(c *candidate) bool { return !slices.Contains(r.of, c) })
}

// regions sorts candidates by what they reach.
func (r *round) regions(candidates []*candidate) []*region {
	var all []*region
	for _, c := range candidates {
		g := &region{areas: map[string]bool{}, pending: [][]*candidate{{c}}}
		for _, file := range c.files() {
			for _, root := range r.before.loaded.Roots {
				if root.Reads(file) {
					g.areas[areaOf(root, file)] = true
				}
			}
		}
		rest := make([]*region, 0, len(all)+1)
		for _, other := range all {
			if !other.meets(g.areas) {
				rest = append(rest, other)
				continue
			}
			for area := range other.areas {
				g.areas[area] = true
			}
			g.pending[0] = append(other.pending[0], g.pending[0]...)
		}
		rest = append(rest, g)
		all = rest
	}
	return all
}

func (g *region) meets(areas map[string]bool) bool {
	for area := range areas {
		if g.areas[area] {
			return true
		}
	}
	return false
}

// areaOf is what a change of a file may reach in a root: the root, or the
// file's own objects where the root's files mean the same without each other.
func areaOf(root parsers.Root, file string) string {
	return area(root.ID(), file, isApart(root))
}

func area(root, file string, apart bool) string {
	if apart {
		return root + "\x00" + file
	}
	return root
}

func isApart(root parsers.Root) bool {
	r, ok := root.(interface{ Apart() bool })
	return ok && r.Apart()
}

// areaOfResource is the area that a resource is in.
func (s *state) areaOfResource(res *graph.Resource) string {
	return area(res.Root, fileOf(res), s.apart[res.Root])
}
