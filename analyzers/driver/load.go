// Package driver runs the program's main job: it finds roots, loads them into
// a graph, runs rules on it and turns what they say into a report. Sources,
// rules and the linking of what was loaded come in as arguments, so the driver
// knows neither formats nor the catalogue.
//
// Everything that can run at the same time does, and nothing depends on who
// was first: every root has a builder and every rule has a slot of its own.
package driver

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// DefaultExclude are directories that hold no configuration of the user's own.
var DefaultExclude = [...]string{".terraform/", ".terragrunt-cache/", "node_modules/"}

// Load says what to load and how.
type Load struct {
	Tree *source.Tree
	// Under are the directories and files of the tree to look for roots in.
	Under []string
	// Exclude are patterns as in .gitignore, after the default ones.
	Exclude []string
	// ExcludeIn are further patterns for what lies in a directory; may be nil.
	ExcludeIn func(dir string) []string
	Sources   []parsers.Source
	// Template says of a resource whose type is not known to make pods where it
	// keeps their template, "spec.template", or "" where it has none; may be nil.
	// It is called from several goroutines.
	Template func(parsers.Root, *graph.Resource) string
	// Link ties together what one root loaded.
	Link func(*graph.Builder)
	// Followers are asked in order once all roots are loaded.
	Followers []parsers.Follower
	// Wants limits the roots that are loaded; nil means all.
	Wants func(parsers.Root) bool
	// Before is what was loaded from the tree when it was the same but for the
	// files in Changed: roots that read none of them are taken from there.
	Before  *Loaded
	Changed []string
	// Progress is told how many roots are loaded of how many, in no order and
	// from several goroutines; may be nil.
	Progress func(done, of int)
	// Timings, when not nil, is told where the time goes.
	Timings *Timings
}

// Loaded is the graph and what it was loaded from.
type Loaded struct {
	Graph *graph.Graph
	Roots []parsers.Root // in the order of the graph
	// Followed are the roots of the followers.
	Followed []string
	Files    int // how many files were looked at

	worlds   []*graph.Graph
	builders map[string]*graph.Builder // by root
	timings  *Timings
}

// Graph finds the roots and loads them. The error is the program's own fault,
// a wrong pattern, or the context's; what is wrong with the input is a Problem
// in the graph.
func (l Load) Graph(ctx context.Context) (Loaded, error) {
	exclude, err := l.exclude()
	if err != nil {
		return Loaded{}, err
	}
	done := l.Timings.phase(walking)
	listing, err := l.Tree.Walk(l.Under, exclude.why)
	done()
	if err == nil {
		err = exclude.err
	}
	if err != nil {
		return Loaded{}, err
	}
	done = l.Timings.phase(finding)
	found := &graph.Builder{Skipped: listing.Skipped}
	for _, f := range listing.Failed {
		found.Fail(parsers.Missing(f.Path), "%s", f.Why)
	}
	project := parsers.NewProject(l.Tree, listing.Files)
	var roots []parsers.Root
	for _, s := range l.Sources {
		for _, r := range s.Roots(project, found) {
			if l.Wants == nil || l.Wants(r) {
				roots = append(roots, r)
			}
		}
	}
	done()
	defer l.Timings.phase(loading)()
	builders := make([]*graph.Builder, len(roots))
	var anew []int // the roots that have to be loaded
	for i, root := range roots {
		if builders[i] = l.unchanged(root); builders[i] == nil {
			builders[i] = &graph.Builder{Root: root.ID()}
			anew = append(anew, i)
		}
	}
	var ready atomic.Int64
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range anew {
		group.Go(func() error {
			if l.Progress != nil {
				defer func() { l.Progress(int(ready.Add(1)), len(anew)) }()
			}
			return l.load(ctx, roots[i], builders[i])
		})
	}
	if err := group.Wait(); err != nil {
		return Loaded{}, err
	}
	loaded := Loaded{Roots: roots, Files: len(listing.Files), builders: make(map[string]*graph.Builder, len(roots)), timings: l.Timings}
	parts := append([]*graph.Builder{found}, builders...)
	for _, f := range l.Followers {
		b := &graph.Builder{World: graph.EveryWorld}
		if err := l.follow(ctx, f, parts, b); err != nil {
			return Loaded{}, err
		}
		parts, loaded.Followed = append(parts, b), append(loaded.Followed, b.Root)
	}
	loaded.Graph = graph.Freeze(parts...)
	loaded.worlds = worlds(loaded.Graph, parts)
	for i, root := range roots {
		loaded.builders[root.ID()] = builders[i]
	}
	return loaded, nil
}

// unchanged is what a root said before; nil when that may have changed.
func (l Load) unchanged(root parsers.Root) *graph.Builder {
	if l.Before == nil || slices.ContainsFunc(l.Changed, root.Reads) {
		return nil
	}
	return l.Before.builders[root.ID()]
}

// load loads one root. A panic in a parser costs that root only, and is said.
func (l Load) load(ctx context.Context, root parsers.Root, b *graph.Builder) (err error) {
	defer l.Timings.one(ofRoots, root.ID())()
	defer func() {
		if r := recover(); r != nil {
			_, dir, _ := strings.Cut(root.ID(), ":")
			b.Fail(parsers.Missing(dir), "internal error while loading %s, please report it: %v\n%s", root.ID(), r, firstFrames())
		}
	}()
	if err := root.Load(ctx, b); err != nil {
		return fmt.Errorf("load %s: %w", root.ID(), err)
	}
	l.finish(root, b)
	return nil
}

// follow lets a follower look at what was loaded. A panic costs what it adds.
func (l Load) follow(ctx context.Context, f parsers.Follower, parts []*graph.Builder, b *graph.Builder) (err error) {
	defer l.Timings.one(ofRoots, f.Name())()
	defer func() {
		if r := recover(); r != nil {
			b.Fail(parsers.Missing("."), "internal error while reading the %s, please report it: %v\n%s", f.Name(), r, firstFrames())
		}
	}()
	if err := f.Follow(ctx, l.Tree, parts, b); err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	l.finish(nil, b)
	return nil
}

// finish does what is the same for whatever loaded something; root is nil for
// a follower.
func (l Load) finish(root parsers.Root, b *graph.Builder) {
	if l.Template != nil {
		for _, r := range b.Resources {
			r.Template = l.Template(root, r)
		}
	}
	if l.Link != nil {
		l.Link(b)
	}
}

// firstFrames is where a panic happened, short enough for a message.
func firstFrames() string {
	var frames []string
	for line := range strings.SplitSeq(string(debug.Stack()), "\n") {
		if i := strings.Index(line, "/seaworthy"); i >= 0 && strings.HasPrefix(line, "\t") {
			frames = append(frames, strings.TrimSpace(line[i+1:]))
		}
	}
	return strings.Join(frames[:min(len(frames), 5)], "\n")
}
