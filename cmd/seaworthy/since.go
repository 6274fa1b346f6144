package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/baseline"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/gittree"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
)

// sinceFlags say which commit to compare with.
type sinceFlags struct{ commit string }

func (s *sinceFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&s.commit, "new-from", "", "report only what was not there at this `commit`; A...B is where the two parted (default $PRE_COMMIT_FROM_REF)")
}

// ref is the commit; "" for none. pre-commit names the commit it is run from,
// or zeros when a branch is new and there is nothing to compare with.
func (s *sinceFlags) ref() string {
	if s.commit == "" {
		if ref := os.Getenv("PRE_COMMIT_FROM_REF"); strings.Trim(ref, "0") != "" {
			return ref
		}
	}
	return s.commit
}

// before is what was wrong at a commit. What has the same rule, resource, path
// and value is the same, wherever its lines are.
type before struct {
	*baseline.Set
	commit string
	failed int // how much could not be analysed then
	live   int // how many findings are about what runs, which is at no commit
}

// Filter takes out what was there at the commit, and what is only in a cluster:
// that may be as old as the cluster, or of this minute.
func (b *before) Filter(found []*analyzers.Finding) []*analyzers.Finding {
	written := slices.DeleteFunc(slices.Clone(found), func(f *analyzers.Finding) bool {
		at := f.Place()
		return f.Resource != nil && ofCluster(f.Resource.Root) || at != nil && at.Span.File != nil && ofCluster(at.Span.File.Path)
	})
	b.live = len(found) - len(written)
	return b.Set.Filter(written)
}

// ofCluster tells by the name of a root or a file whether it is of a cluster.
func ofCluster(name string) bool { return strings.HasPrefix(name, "cluster:") }

// before analyses the tree as it was at a commit, by the rules of today: all
// of it, for what is now in a changed file may have been in any other.
func (o *options) before(cmd *cobra.Command, at *place) (*before, error) {
	commit := o.since.ref()
	if commit == "" {
		return nil, nil
	}
	files, err := gittree.Open(cmd.Context(), at.tree.Dir(), commit)
	if err != nil {
		return nil, fmt.Errorf("--new-from: %w", err)
	}
	defer files.Close() //nolint:errcheck // what it has to say was said when objects were read
	then := source.NewTree(files)
	if err := o.admit(then); err != nil {
		return nil, err
	}
	past := &place{tree: then, cwd: at.cwd}
	for _, u := range at.under {
		if then.Exists(u) {
			past.under = append(past.under, u)
		}
	}
	b := &before{Set: baseline.New(), commit: commit}
	load := o.loading(past)
	load.Followers = o.images.followers() // what runs in a cluster ran at no commit
	loaded, err := load.Graph(cmd.Context())
	o.rooted(loaded)
	if err != nil {
		return nil, fmt.Errorf("--new-from %s: %w", commit, err)
	}
	policies, err := o.policies(loaded.Graph)
	if err != nil {
		return nil, err
	}
	report, fault := driver.RunPolicies(loaded, policies, o.suppressions(loaded, past), collector{b.Set})
	for _, p := range report.Problems {
		if p.Level == graph.Error {
			b.failed++
		}
	}
	b.Again()
	return b, fault
}

// admit makes the files outside of the tree that flags name readable in
// another tree. Those inside are read as they were.
func (o *options) admit(tree *source.Tree) error {
	for _, name := range o.inputs() {
		if filepath.IsAbs(*name) || path.IsAbs(*name) {
			if _, err := tree.Admit(*name); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell puts into the report what was there before.
func (b *before) tell(r *analyzers.Report) {
	if b == nil {
		return
	}
	r.Since, r.Before = b.commit, b.Found()
	if i := slices.IndexFunc(r.Roots, ofCluster); i >= 0 && b.live > 0 {
		r.Skipped = append(r.Skipped, source.Skip{Path: r.Roots[i], Why: fmt.Sprintf("%d findings are about what runs, which cannot be held against %s", b.live, b.commit)})
	}
	if b.failed > 0 {
		at := parsers.Missing(".")
		r.Problems = append(r.Problems, graph.Problem{Level: graph.Warning, At: at,
			Message: fmt.Sprintf("%d problems kept part of the tree at %s from being analysed: what was wrong there counts as new", b.failed, b.commit)})
	}
}

// filters take out findings one after the other.
type filters []driver.Filter

func (f filters) Filter(found []*analyzers.Finding) []*analyzers.Finding {
	for _, filter := range f {
		found = filter.Filter(found)
	}
	return found
}

// loading is how to make the graph of a tree.
func (o *options) loading(at *place) driver.Load {
	return driver.Load{
		Tree: at.tree, Under: at.under, Exclude: o.exclude,
		Template:  o.template,
		ExcludeIn: func(dir string) []string { return o.config.finder.At(dir).Exclude },
		Sources:   formats.Sources(o.formats), Link: formats.Link, Timings: o.timings,
		Followers: o.followers(),
	}
}

// rooted takes down where the roots are, whose configurations count.
func (o *options) rooted(loaded driver.Loaded) {
	for _, r := range loaded.Roots {
		o.config.dirs[r.ID()] = r.Dir()
	}
}
