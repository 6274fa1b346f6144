// Package kustomize analyses what kustomizations build.
//
// A kustomization that no other one includes is a root. It is built by
// kustomize's own library, in this process, and the objects that come out are
// joined again with the text they were made from.
//
// Before that every kustomization is read here, with every name in it looked
// up in the tree, for three reasons. A name that cannot be read gets a problem
// with its own line, and the rest is built without it: kustomize itself stops
// at the first. What kustomize would fetch (a URL, a repository) is taken out:
// the library would open connections and start git by itself. And places need
// to know which patch of which kustomization had a part in what.
//
// The build then sees a file system in memory that holds nothing but the files
// that were looked up, and kustomizations written anew in which every name
// starts with "./" or "../", which kustomize never takes for remote. Every
// document of a file is a file of its own there, so that an error is about one
// of them, and every object has a marker that says which one it came from
// (mark.go). A base that is included by several ways is built once for each;
// the order in which its objects come out tells the ways apart (visits.go).
//
// Places of fields are found by walking a built object, the document that it
// comes from and all patches in step (trace.go), and by asking everything else
// that writes whether it wrote a field (writers.go): where each transformer
// writes is known (specs.go), and that it is right is tested by changing what
// is claimed and building again with kustomize (TestOracle). The last writer
// counts, also when he wrote what was there before: it is his line that an edit
// has to go to. What a patch took out is missing at the patch (removed.go).
//
// Charts are rendered by package helm, and what they give is part of the build
// (charts.go).
package kustomize

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

type kustomizations struct{}

// New is the source of kustomizations.
func New() parsers.Source { return kustomizations{} }

func (kustomizations) Name() string { return "kustomize" }

// mark is the state of a layer in the search for cycles.
type mark uint8

const (
	unseen mark = iota
	entered
	left
)

// Roots reads all kustomizations and finds those that stand for themselves.
func (s kustomizations) Roots(p *parsers.Project, b *graph.Builder) []parsers.Root {
	r := &reader{tree: p.Tree, b: b, layers: map[string]*layer{}, parsed: &parsed{}}
	var found []*layer
	listed := map[*layer]bool{nil: true}
	for f := range p.Glob("**/"+fileNames[0], "**/"+fileNames[1], "**/"+fileNames[2]) {
		if l := r.layer(path.Dir(f)); !listed[l] {
			listed[l] = true
			found = append(found, l)
		}
	}
	slices.SortFunc(found, func(a, b *layer) int { return strings.Compare(a.dir, b.dir) })

	included := map[*layer]bool{}
	for _, l := range r.layers {
		if l != nil {
			for _, e := range l.includes() {
				included[e.dir] = true
			}
		}
	}
	var tops []*layer
	for _, l := range found {
		if !included[l] && !l.broken && !l.component() {
			tops = append(tops, l)
			r.cut(l)
		}
	}
	for _, l := range found { // what only a cycle holds together
		if l.mark == unseen && !l.broken && !l.component() {
			tops = append(tops, l)
			r.cut(l)
		}
	}

	var chartDirs []string
	for _, f := range p.Files {
		if path.Base(f) == "Chart.yaml" {
			chartDirs = append(chartDirs, path.Dir(f))
		}
	}
	var roots []parsers.Root
	for _, l := range tops {
		root := &root{top: l, tree: p.Tree, parsed: r.parsed, chartDirs: chartDirs, beside: len(tops) > 1, reads: map[string]bool{}}
		root.collect(l, map[*layer]bool{})
		roots = append(roots, root)
		for name := range root.claims {
			p.Claim(name, s.Name())
		}
	}
	for _, l := range found {
		p.Claim(l.file.Path, s.Name())
		if l.owner == nil && !l.broken {
			// A component nobody uses: its resources are still manifests, its
			// patches never were.
			for _, name := range l.inputs {
				p.Claim(name, s.Name())
			}
			b.Skip(l.file.Path, "no kustomization uses this component")
		}
	}
	return roots
}

// bases are the entries that include another kustomization.
func (l *layer) bases() []*entry {
	var all []*entry
	for _, e := range append(slices.Clone(l.resources), l.components...) {
		if e.dir != nil && !e.dead {
			all = append(all, e)
		}
	}
	return all
}

// includes are the bases and the kustomizations that build configurations.
func (l *layer) includes() []*entry {
	all := l.bases()
	for _, e := range slices.Concat(l.generators, l.transformer) {
		if e.dir != nil && !e.dead {
			all = append(all, e)
		}
	}
	return all
}

// cut takes out the entries that lead back to where the search came from.
func (r *reader) cut(l *layer) {
	l.mark = entered
	for _, e := range l.includes() {
		switch e.dir.mark {
		case unseen:
			r.cut(e.dir)
		case entered:
			e.dead = true
			r.b.Fail(e.at, "%q includes this kustomization: a cycle", e.text)
		case left:
		}
	}
	l.mark = left
}

// root is a kustomization with all it includes.
type root struct {
	top    *layer
	tree   *source.Tree
	parsed *parsed
	layers []*layer // all of them, those included first
	charts []string // directories that they render charts from
	beside bool     // there are other roots

	chartDirs []string // of all charts in the tree
	reads     map[string]bool
	claims    map[string]bool
}

func (r *root) collect(l *layer, seen map[*layer]bool) {
	if seen[l] {
		return
	}
	seen[l] = true
	if l.owner == nil {
		l.owner = r
	}
	for _, e := range l.includes() {
		r.collect(e.dir, seen)
	}
	r.layers = append(r.layers, l)
	for _, c := range l.charts {
		r.charts = append(r.charts, c.dirs...)
	}
	for _, name := range l.reads {
		r.reads[name] = true
	}
	if r.claims == nil {
		r.claims = map[string]bool{}
	}
	r.claims[l.file.Path] = true
	for _, name := range l.inputs {
		r.claims[name] = true
	}
	for _, e := range l.resources {
		if e.path != "" {
			r.claims[e.path] = true
		}
	}
}

func (r *root) ID() string { return "kustomize:" + r.top.dir }

func (r *root) Dir() string { return r.top.dir }

// Reads says yes to every Chart.yaml when charts are rendered: one may depend
// on it.
func (r *root) Reads(name string) bool {
	return r.reads[name] || r.claims[name] || slices.ContainsFunc(r.charts, func(dir string) bool {
		return inside(dir, name) || path.Base(name) == "Chart.yaml"
	})
}

// Load builds the kustomization. When that does not work the manifests it is
// made of are analysed as they stand.
func (r *root) Load(ctx context.Context, b *graph.Builder) error {
	bd, objects, err := r.build(ctx, b)
	switch {
	case err == nil:
		bd.trace(objects)
	case errors.Is(err, errUnbuildable):
		r.plain(b)
	default:
		return err
	}
	return nil
}
