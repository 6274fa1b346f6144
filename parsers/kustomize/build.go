package kustomize

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
)

const (
	// deadline is how long the builds of one root may take together.
	deadline = time.Minute
	// maxVisits bounds how often kustomizations are built within one root:
	// a base that is included by two ways is built twice, and one that is
	// included by two ways of two ways four times.
	maxVisits = 10_000
	// maxTries bounds the builds of one root. Each but the last leaves out
	// one more thing that kustomize could not do.
	maxTries = 20
)

// A build is one root on its way through kustomize.
type build struct {
	*root
	b       *graph.Builder
	without map[string]bool // what is left out, by the keys of tokens
	said    map[string]bool
	files   *memory
	written []written
	schemas []*graph.Node // what stand-ins stand for
	tokens  []token
	own     map[*layer][]writer
	places  *specs

	inflated map[*layer][]*graph.Node // what the charts of a layer rendered to
	built    map[*entry][]*graph.Node // configurations that other kustomizations build
	merging  map[*layer][]*generator  // configurations of generators that change what is there
	parts    map[*patch][]*graph.Node // documents of patches written in place
	objects  []*object                // what was built last,
	nodes    []*yaml.Node             // as the library has it,
	traced   []*graph.Node            // and with places
	ways     []*visit                 // and how each came in, nil where that is not known
	copying  int                      // copy operations so far
}

var errUnbuildable = errors.New("kustomize cannot build it")

func newBuild(r *root, b *graph.Builder) *build {
	return &build{root: r, b: b, without: map[string]bool{}, said: map[string]bool{}, own: map[*layer][]writer{}, inflated: map[*layer][]*graph.Node{}, parts: map[*patch][]*graph.Node{}}
}

// build runs kustomize. What it cannot do is reported and left out, and it is
// run again, until something comes out.
func (r *root) build(ctx context.Context, b *graph.Builder) (*build, resmap.ResMap, error) {
	bd := newBuild(r, b)
	whole := parsers.Whole(r.top.file)
	if visits(r.top, map[*layer]int{}) > maxVisits {
		b.Fail(whole, "the kustomizations that this one includes would be built more than %d times", maxVisits)
		return bd, nil, errUnbuildable
	}
	limited, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	for range maxTries {
		bd.render(limited)
		m, err := bd.run(limited, bd.top)
		if err == nil {
			return bd, m, nil
		}
		if ctx.Err() != nil {
			return bd, nil, ctx.Err()
		}
		if limited.Err() != nil {
			b.Fail(whole, "kustomize did not finish within %s; the manifests are analysed as they stand", deadline)
			return bd, nil, errUnbuildable
		}
		t := bd.blame(err)
		switch {
		case t == nil:
			b.Fail(whole, "kustomize cannot build this, so the manifests are analysed as they stand: %s", oneLine(err))
			return bd, nil, errUnbuildable
		case t.patch && r.partial():
			b.Warn(t.at, "the patch is left out, its target may be in what is missing here: %s", oneLine(err))
		default:
			b.Fail(t.at, "%s", oneLine(err))
		}
		bd.without[t.key] = true
		if t.doc != nil {
			kubernetes.Add(b, t.doc)
		}
	}
	b.Fail(whole, "kustomize cannot build this, so the manifests are analysed as they stand")
	return bd, nil, errUnbuildable
}

// visits is how often kustomizations are built for l.
func visits(l *layer, known map[*layer]int) int {
	if n, ok := known[l]; ok {
		return n
	}
	n := 1
	for _, e := range l.includes() {
		n = min(n+visits(e.dir, known), maxVisits+1)
	}
	known[l] = n
	return n
}

// partial tells whether anything that the kustomizations name is missing.
func (r *root) partial() bool {
	for _, l := range r.layers {
		for _, e := range append(slices.Clone(l.resources), l.components...) {
			if e.dead {
				return true
			}
		}
		if slices.ContainsFunc(l.charts, func(c *chart) bool { return c.dir == "" || c.broken }) {
			return true
		}
	}
	return false
}

// run builds what was rendered. The library cannot be interrupted: a build
// that takes too long is left behind.
func (bd *build) run(ctx context.Context, top *layer) (resmap.ResMap, error) {
	type result struct {
		m   resmap.ResMap
		err error
	}
	done := make(chan result, 1)
	own := slices.ContainsFunc(bd.layers, func(l *layer) bool { return len(l.spec.OpenAPI) > 0 })
	dir := path.Join("/", top.dir)
	files := bd.files
	build := func() (r result) {
		defer func() {
			if p := recover(); p != nil {
				r = result{err: fmt.Errorf("kustomize panics: %v", p)}
			}
		}()
		if own {
			defer ownSchema()()
		} else {
			defer bd.sharedSchema()()
		}
		m, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, dir)
		return result{m, err}
	}
	go func() { done <- build() }()
	select {
	case r := <-done:
		return r.m, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// plain adds the manifests as they stand.
func (r *root) plain(b *graph.Builder) {
	seen := map[string]bool{}
	for _, l := range r.layers {
		for _, e := range l.resources {
			if e.dead || e.path == "" || seen[e.path] {
				continue
			}
			seen[e.path] = true
			docs, _ := r.parsed.parse(r.tree, e.path)
			for _, d := range docs {
				if d.Problem == nil {
					kubernetes.Add(b, d.Root)
				}
			}
		}
	}
}
