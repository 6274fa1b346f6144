// Package terraform reads Terraform and OpenTofu configurations.
//
// A root is a directory that no other directory calls as a module. Loading it
// evaluates what can be known without a state, without providers and without
// the network: variables with defaults and given values, locals, modules on
// disk, count and for_each, dynamic blocks, and the pure functions.
//
// Evaluation is lazy and memoized. Every variable, local, output, attribute
// and expansion is a cell that is worked out when first asked for; what it
// needs is read off its expression. A cell that is asked for while it is being
// worked out is a cycle, and a Problem. There is no fixed point to search for.
//
// What a block stands for in Kubernetes is in the graph as well, as the same
// resources that YAML makes: see kubernetes.go and release.go.
//
// What cannot be known is an unknown value and never a guess: arguments from
// outside, what providers compute, time and chance. Values carry cty marks
// that name the resources they were made from, so that a reference is known
// even where the value is not.
//
// The input may be hostile. Files are read through the tree alone, nesting is
// limited by hcltext, and every loop, product and text is charged to a budget
// per root; see budget.go.
package terraform

import (
	"context"
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// Options are what a user gives terraform beside the files.
type Options struct {
	// Given are variable files and single values, of which the last wins, as on
	// Terraform's command line; --var-file and --var.
	Given []Given
	// Env is the environment, "TF_VAR_name=value" among it.
	Env []string
	// Planned are the values that the variables have for certain, because a plan
	// was made with them.
	Planned map[string]*graph.Node
	// Sets are further ways to apply the module in a directory, each a root of
	// its own.
	Sets []VarSet
	// For has the options of the root module in a directory where they are
	// others than these; nil where they never are.
	For func(dir string) Options
}

// A Given is a variable file or one value.
type Given struct {
	File string // by a path that the tree reads; see [source.Tree.Admit]
	Var  string // "name=value", when it is no file
}

// GivenFiles are variable files, the weakest first.
func GivenFiles(names []string) []Given {
	given := make([]Given, len(names))
	for i, name := range names {
		given[i].File = name
	}
	return given
}

// A VarSet is one way to apply a module: variable files, the weakest first,
// weaker than [Options.Given].
type VarSet struct {
	Name  string
	Files []string // by paths that the tree reads
}

// New is the source of Terraform root modules.
func New(o Options) parsers.Source { return &tfSource{o} }

type tfSource struct{ options Options }

func (*tfSource) Name() string { return "terraform" }

// Roots finds the directories that nobody calls.
func (s *tfSource) Roots(p *parsers.Project, b *graph.Builder) []parsers.Root {
	set := newDirs(p.Tree)
	all := map[string]bool{}
	for f := range p.Glob("**/*.tf", "**/*.tf.json", "**/*.tofu", "**/*.tofu.json") {
		if !vendored(f) {
			all[path.Dir(f)] = true
		}
		p.Claim(f, s.Name())
	}
	for _, f := range p.Files {
		if path.Base(f) == "Chart.yaml" {
			set.charts = append(set.charts, path.Dir(f))
		}
	}
	for f := range p.Glob("**/*.tfvars", "**/*.tfvars.json") {
		p.Claim(f, s.Name())
	}
	dirs := slices.Sorted(maps.Keys(all))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, dir := range dirs {
		g.Go(func() error { set.config(dir); return nil })
	}
	_ = g.Wait() // what cannot be read is a Problem of its root
	called := map[string]bool{}
	calls := map[string][]string{}
	for _, dir := range dirs {
		calls[dir] = set.config(dir).localCalls()
		for _, to := range calls[dir] {
			called[to] = called[to] || to != dir
		}
	}
	for _, dir := range dirs {
		for _, f := range set.config(dir).filledManifests(dir, !called[dir]) {
			p.Claim(f, s.Name())
		}
	}
	reached := map[string]bool{}
	var roots []parsers.Root
	add := func(dir string) {
		for _, r := range s.roots(dir, set) {
			r.walk(dir, calls)
			for d := range r.reach {
				reached[d] = true
			}
			roots = append(roots, r)
		}
	}
	for _, dir := range dirs {
		if !called[dir] {
			add(dir)
		}
	}
	for _, dir := range dirs { // modules that call each other in a circle have no root
		if !reached[dir] {
			add(dir)
		}
	}
	slices.SortFunc(roots, func(a, b parsers.Root) int { return strings.Compare(a.ID(), b.ID()) })
	return roots
}

// roots are the roots that a root module makes: one, or one for each set of
// variables that it is applied with.
func (s *tfSource) roots(dir string, all *dirs) []*root {
	o := s.options
	if o.For != nil {
		o = o.For(dir)
	}
	sets := o.Sets
	if len(sets) == 0 {
		sets = []VarSet{{}}
	}
	var roots []*root
	for _, set := range sets {
		own := o
		own.Given = slices.Concat(GivenFiles(set.Files), o.Given)
		roots = append(roots, &root{dir: dir, set: set.Name, dirs: all, options: own, reach: map[string]bool{}})
	}
	return roots
}

// A Block is what a configuration says of one address.
type Block struct {
	Config *graph.Node
	Place  *source.Origin
}

// Blocks are the blocks of the root module in a directory and of its modules,
// by address; none where there are no Terraform files in it. What is wrong with
// them is told where the root itself is loaded.
func Blocks(ctx context.Context, tree *source.Tree, dir string, o Options) (map[string]Block, error) {
	r := &root{dir: dir, dirs: newDirs(tree), options: o, reach: map[string]bool{}}
	if len(r.dirs.config(dir).files) == 0 {
		return nil, nil
	}
	ld := newLoader(ctx, r, &graph.Builder{Root: r.ID()})
	ld.blocks = map[string]Block{}
	ld.load()
	return ld.blocks, ctx.Err()
}

type root struct {
	dir     string
	dirs    *dirs
	set     string // the name of its set of variables, "" for none
	options Options
	reach   map[string]bool // directories of the root and its modules
	strays  bool            // a file function may read from anywhere
}

func (r *root) ID() string {
	if r.set != "" {
		return fmt.Sprintf("terraform:%s (%s)", r.dir, r.set)
	}
	return "terraform:" + r.dir
}

func (r *root) Dir() string { return r.dir }

// walk collects the directories that dir can reach.
func (r *root) walk(dir string, calls map[string][]string) {
	if r.reach[dir] {
		return
	}
	r.reach[dir] = true
	c := r.dirs.config(dir)
	r.strays = r.strays || c.strays()
	next, known := calls[dir]
	if !known {
		next = c.localCalls()
	}
	for _, to := range next {
		r.walk(to, calls)
	}
}

// Reads says yes to whatever lies below the directories of the modules, and to
// everything when a file function has a path that leads elsewhere.
func (r *root) Reads(name string) bool {
	if r.strays || slices.Contains(r.options.Given, Given{File: name}) {
		return true
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if r.reach[dir] {
			return true
		}
		if dir == "." || dir == "/" {
			return false
		}
	}
}

// Load evaluates the root module.
func (r *root) Load(ctx context.Context, b *graph.Builder) error {
	ld := newLoader(ctx, r, b)
	ld.load()
	return ctx.Err()
}
