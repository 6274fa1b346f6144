package driver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A verdict is what became of the tree after edits.
type verdict struct {
	fine bool
	why  string // what is wrong
	// culprits are the candidates that are to blame for certain, and why.
	culprits map[*candidate]string
	// areas are those in which something is wrong that nobody is to blame for.
	areas   map[string]bool
	unknown bool // something is wrong, and it is not known where
}

// touches tells whether something is wrong in one of the areas.
func (v *verdict) touches(areas map[string]bool) bool {
	for area := range v.areas {
		if areas[area] {
			return true
		}
	}
	return v.unknown
}

// wrong says that something is wrong in an area: c is to blame, or, where it
// is nil, any candidate of the area; "" is an area that is not known.
func (v *verdict) wrong(area string, c *candidate, format string, args ...any) {
	v.blame(c, format, args...)
	switch {
	case c != nil:
	case area == "":
		v.unknown = true
	default:
		v.areas[area] = true
	}
}

func (v *verdict) blame(c *candidate, format string, args ...any) {
	v.fine = false
	if v.why == "" {
		v.why = fmt.Sprintf(format, args...)
	}
	if c != nil && v.culprits[c] == "" {
		v.culprits[c] = fmt.Sprintf(format, args...)
	}
}

// check makes the edits of candidates in memory and looks at what comes out.
func (r *round) check(candidates []*candidate) (*verdict, error) {
	var batch edit.Batch
	for _, c := range candidates {
		if err := batch.Add(c.edits); err != nil { // they were chosen not to
			return nil, fmt.Errorf("internal error: %w", err)
		}
	}
	texts := map[string][]byte{}
	for _, path := range batch.Files() {
		texts[path] = batch.Apply(batch.Of(path)[0].Span.File)
	}
	r.loads++
	after, err := r.look(r.ctx, r.before.tree.With(texts), &r.before.loaded, batch.Files())
	if err != nil {
		return nil, err
	}
	v := &verdict{fine: true, culprits: map[*candidate]string{}, areas: map[string]bool{}}
	r.problems(v, candidates, after)
	r.gone(v, candidates, after)
	r.unchanged(v, candidates, after)
	if v.fine {
		r.after, r.of = after, candidates
	}
	return v, nil
}

// problems looks for files that can no longer be read or rendered.
func (r *round) problems(v *verdict, candidates []*candidate, after *state) {
	type problem struct{ file, message string }
	of := func(p graph.Problem) problem {
		path := ""
		if p.At != nil && p.At.Span.File != nil {
			path = p.At.Span.File.Path
		}
		return problem{path, p.Message}
	}
	known := map[problem]bool{}
	for _, p := range r.before.report.Problems {
		known[of(p)] = true
	}
	look := func(root string, p graph.Problem) {
		if p.Level != graph.Error || known[of(p)] {
			return
		}
		known[of(p)] = true
		var by []*candidate
		for _, c := range candidates {
			if slices.Contains(c.files(), of(p).file) {
				by = append(by, c)
			}
		}
		in := root
		if root != "" {
			in = area(root, of(p).file, after.apart[root])
		}
		v.wrong(in, single(by), "the edited file cannot be read: %s", p.Message)
	}
	for _, root := range after.loaded.Roots {
		for _, p := range after.loaded.builders[root.ID()].Problems {
			look(root.ID(), p)
		}
	}
	for _, p := range after.report.Problems {
		look("", p)
	}
}

// single is the only candidate of a list; nil when there are more or none.
func single(list []*candidate) *candidate {
	if len(list) == 1 {
		return list[0]
	}
	return nil
}

// gone looks for findings that are still there.
func (r *round) gone(v *verdict, candidates []*candidate, after *state) {
	still := map[string]bool{}
	for _, f := range after.report.Findings {
		for _, one := range everyOf(f) {
			still[identity(one)], still[atValue(one)] = true, true
		}
	}
	for _, c := range candidates {
		// Of a list that lost an item the next one is at the same path now.
		key := atValue
		if slices.ContainsFunc(c.ops, edit.Op.Removes) {
			key = identity
		}
		if slices.ContainsFunc(everyOf(c.finding), func(f *analyzers.Finding) bool { return still[key(f)] }) {
			v.blame(c, "the edit does not mend it")
		}
	}
}

// everyOf are a finding and those merged into it.
func everyOf(f *analyzers.Finding) []*analyzers.Finding {
	return append([]*analyzers.Finding{f}, f.Merged...)
}

// atValue is what must not be found again: the rule at the same value,
// whatever it says there.
func atValue(f *analyzers.Finding) string {
	return strings.Join([]string{f.Rule.ID, resourceKey(f.Resource), f.Path}, "\x00")
}

// unchanged holds every resource against what it was, with the ops of the
// candidates made on it.
func (r *round) unchanged(v *verdict, candidates []*candidate, after *state) {
	broken := maps.Clone(v.areas) // there all resources may be gone
	by := map[*graph.Resource][]*candidate{}
	ops := map[*graph.Resource][]edit.Op{}
	for _, c := range candidates {
		for _, op := range c.ops {
			res := op.Value().Resource()
			ops[res] = append(ops[res], op)
			if !slices.Contains(by[res], c) {
				by[res] = append(by[res], c)
			}
		}
	}
	rendered := r.rendered(ops)
	now := map[string][]*graph.Resource{}
	for _, res := range after.loaded.written() {
		now[resourceKey(res)] = append(now[resourceKey(res)], res)
	}
	for _, was := range r.before.loaded.written() {
		key, area := resourceKey(was), r.before.areaOfResource(was)
		if broken[area] {
			continue
		}
		if len(now[key]) == 0 {
			v.wrong(area, single(by[was]), "%s would be gone", was.ID)
			continue
		}
		is := now[key][0]
		now[key] = now[key][1:]
		if is == was || rendered[was] && len(ops[was]) == 0 {
			continue
		}
		want, ok := expected(was, ops[was])
		switch {
		case !ok:
			v.wrong(area, single(by[was]), "what %s would be is not clear", was.ID)
		case !edit.Same(want, is.Tree()):
			for _, c := range responsible(candidates, was, want, is.Tree()) {
				v.blame(c, "it would change more than that in %s", was.ID)
			}
			v.wrong(area, single(by[was]), "it would change more than that in %s", was.ID)
		}
	}
	for _, left := range now {
		if len(left) > 0 && !broken[after.areaOfResource(left[0])] {
			v.wrong(after.areaOfResource(left[0]), nil, "%s would come up", left[0].ID)
		}
	}
}

// written are the resources that are in files, without those that followers
// added: a reference that is pinned is of another image.
func (l Loaded) written() []*graph.Resource {
	return slices.DeleteFunc(slices.Clone(l.Graph.Resources()), func(r *graph.Resource) bool { return slices.Contains(l.Followed, r.Root) })
}

// responsible are the candidates that explain why a resource is not what it
// should be: it differs just where their ops change one of that name.
func responsible(candidates []*candidate, was *graph.Resource, want, is *graph.Node) []*candidate {
	var all []*candidate
	for _, c := range candidates {
		if slices.ContainsFunc(c.ops, func(op edit.Op) bool {
			res := op.Value().Resource()
			return res != nil && res.Type == was.Type && res.Name == was.Name && op.Differs(want, is)
		}) {
			all = append(all, c)
		}
	}
	return all
}

// rendered are the resources that stand for the same thing as one that is
// changed: a Terraform block and its object.
func (r *round) rendered(ops map[*graph.Resource][]edit.Op) map[*graph.Resource]bool {
	twins := map[*graph.Resource]bool{}
	for res := range ops {
		for e := range r.before.loaded.Graph.In(res, graph.Renders) {
			twins[e.From] = true
		}
		for e := range r.before.loaded.Graph.Out(res, graph.Renders) {
			twins[e.To] = true
		}
	}
	return twins
}

// expected is the tree of a resource with ops made on it. Ops that are the
// same are made once. What is taken away goes last and from behind, as it
// moves the items behind it.
func expected(res *graph.Resource, ops []edit.Op) (*graph.Node, bool) {
	tree := res.Tree()
	for _, op := range edit.Ordered(ops) {
		next, ok := op.Expect(tree)
		if !ok {
			return nil, false
		}
		tree = next
	}
	return tree, true
}
