package driver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// maxRounds bounds how often the tree is edited and looked at again. Fixes
// that want the same place wait for the next round.
const maxRounds = 50

// A Fixer mends findings in memory. It believes no edit: after each round the
// tree is loaded again, the findings must be gone, and every resource must be
// what it was but for what the ops name. What does not hold is taken back.
type Fixer struct {
	// Load says what to load; its tree is not written to.
	Load Load
	// Look finds what is wrong in a tree that was loaded.
	Look func(*source.Tree, Loaded) (*analyzers.Report, error)
	// Unsafe allows fixes that may break what works today.
	Unsafe bool
	// May tells why a file must not be edited; nil allows all.
	May func(path string) error
}

// Fixed is what came of fixing, and what the tree is loaded as after it.
type Fixed struct {
	analyzers.Repairs
	Loaded Loaded
}

// Run mends what it can. The error is the program's own fault, or the context's.
func (x Fixer) Run(ctx context.Context) (Fixed, error) {
	state, err := x.look(ctx, x.Load.Tree, nil, nil)
	if err != nil {
		return Fixed{}, err
	}
	done := Fixed{Repairs: analyzers.Repairs{Texts: map[string][]byte{}}}
	r := &round{Fixer: x, ctx: ctx, failed: map[string]string{}}
	for range maxRounds {
		r.before, r.after = state, nil
		if r.loads >= maxLoads {
			break
		}
		batch := r.candidates()
		if len(batch) == 0 {
			break
		}
		accepted, err := r.try(batch)
		if err != nil {
			return Fixed{}, err
		}
		if len(accepted) == 0 {
			continue // all of them failed and will not be tried again
		}
		state = r.after
		for _, c := range accepted {
			done.Done = append(done.Done, analyzers.Repair{Finding: c.finding, Fix: c.fix})
			for _, path := range c.files() {
				f, err := state.tree.Read(path)
				if err != nil {
					return Fixed{}, fmt.Errorf("read %s: %w", path, err)
				}
				done.Texts[path] = f.Data
			}
		}
	}
	done.Report, done.Loaded = state.report, state.loaded
	r.before = state
	r.sortOut(&done)
	return done, nil
}

// A state is the tree at one time and what is found in it.
type state struct {
	tree   *source.Tree
	loaded Loaded
	report *analyzers.Report
	apart  map[string]bool // the roots whose files mean the same without each other
}

// look loads a tree in which some files changed since before.
func (x Fixer) look(ctx context.Context, tree *source.Tree, before *Loaded, changed []string) (*state, error) {
	load := x.Load
	load.Tree, load.Before, load.Changed = tree, before, changed
	loaded, err := load.Graph(ctx)
	if err != nil {
		return nil, err
	}
	report, err := x.Look(tree, loaded)
	if err != nil {
		return nil, err
	}
	apart := map[string]bool{}
	for _, root := range loaded.Roots {
		apart[root.ID()] = isApart(root)
	}
	return &state{tree, loaded, report, apart}, nil
}

// A candidate is a fix of a finding with the edits it comes to.
type candidate struct {
	finding *analyzers.Finding
	fix     *analyzers.Fix
	ops     []edit.Op
	edits   []edit.Edit
}

func (c *candidate) files() []string {
	var files []string
	for _, e := range c.edits {
		if !slices.Contains(files, e.Span.File.Path) {
			files = append(files, e.Span.File.Path)
		}
	}
	return files
}

// claims are the keys that the candidate writes anew. Another one that writes
// such a key may do it elsewhere - in a patch instead of the base, beside
// another entry - and then it would be there twice.
func (c *candidate) claims() []claim {
	var keys []claim
	for _, op := range c.ops {
		if steps := op.Writes(); steps != nil {
			keys = append(keys, claim{op.Value().Resource(), strings.Join(steps, "\x00")})
		}
	}
	return keys
}

// A round is one time that the tree is edited.
type round struct {
	Fixer
	ctx    context.Context
	before *state
	after  *state            // the last one that was fine
	of     []*candidate      // what after is made of
	loads  int               // how often the tree was loaded
	failed map[string]string // by finding: why its fix cannot be made
}

// candidates are the fixes of this round, none of which touches what another
// one edits. The first finding in the order of the report wins.
func (r *round) candidates() []*candidate {
	var batch []*candidate
	var edits edit.Batch
	claimed := map[claim]bool{}
	for _, f := range r.before.report.Findings {
		fix, held := r.choose(f)
		if fix == nil || held || r.failed[identity(f)] != "" {
			continue
		}
		c, err := r.plan(f, fix)
		if err != nil {
			r.failed[identity(f)] = err.Error()
			continue
		}
		claims := c.claims()
		if !edits.Holds(c.edits) && slices.ContainsFunc(claims, func(key claim) bool { return claimed[key] }) {
			continue
		}
		if edits.Add(c.edits) == nil {
			batch = append(batch, c)
			for _, key := range claims {
				claimed[key] = true
			}
		}
	}
	return batch
}

// choose is the fix to make of a finding: the first that may be made, else the
// first, which is then held back.
func (r *round) choose(f *analyzers.Finding) (fix *analyzers.Fix, held bool) {
	for i := range f.Fixes {
		if f.Fixes[i].Safe || r.Unsafe {
			return &f.Fixes[i], false
		}
	}
	if len(f.Fixes) == 0 {
		return nil, false
	}
	return &f.Fixes[0], true
}

// plan finds the edits of a fix.
func (r *round) plan(f *analyzers.Finding, fix *analyzers.Fix) (*candidate, error) {
	edits, ops, err := f.Edits(fix)
	if err != nil {
		return nil, err
	}
	for _, e := range edits {
		if r.May != nil {
			if err := r.May(e.Span.File.Path); err != nil {
				return nil, err
			}
		}
	}
	return &candidate{finding: f, fix: fix, ops: ops, edits: edits}, nil
}

// sortOut tells the findings that are left apart: held back, or for a person.
func (r *round) sortOut(done *Fixed) {
	for _, f := range r.before.report.Findings {
		fix, held := r.choose(f)
		switch {
		case fix == nil:
			done.Left = append(done.Left, analyzers.Unfixed{Finding: f, Why: ""})
		case held:
			if _, err := r.plan(f, fix); err != nil {
				done.Left = append(done.Left, analyzers.Unfixed{Finding: f, Why: err.Error()})
			} else {
				done.Held = append(done.Held, analyzers.Repair{Finding: f, Fix: fix})
			}
		default:
			why := r.failed[identity(f)]
			if why == "" {
				why = noFurther
			}
			done.Left = append(done.Left, analyzers.Unfixed{Finding: f, Why: why})
		}
	}
}

// identity tells findings apart across edits of the files they are in.
func identity(f *analyzers.Finding) string {
	return strings.Join([]string{f.Rule.ID, resourceKey(f.Resource), f.Path, f.Message}, "\x00")
}

// resourceKey tells resources apart across edits. Plain manifests of several
// environments may have the same names, but then in several files.
func resourceKey(r *graph.Resource) string {
	if r == nil {
		return ""
	}
	return strings.Join([]string{r.Root, r.Type, r.ID, fileOf(r)}, "\x00")
}

// fileOf is the file that a resource stands in.
func fileOf(r *graph.Resource) string {
	if r.Place == nil || r.Place.Span.File == nil {
		return ""
	}
	return r.Place.Span.File.Path
}

// claim is a key that an op writes anew.
type claim struct {
	in  *graph.Resource
	way string
}
