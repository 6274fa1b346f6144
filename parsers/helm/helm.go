// Package helm renders Helm charts and reads what they render to.
//
// A chart is a root, unless it lies in another chart's charts directory or is
// rendered as a part of something else. Every further set of values makes one
// more root of it (sets.go). It is
// loaded from the files of the tree only (load.go), its values are put
// together as Helm does (values.go), its templates are rendered by package
// engine, and what they give is read as manifests whose values know the
// template that wrote them (manifest.go). Nothing is downloaded or executed: a
// dependency that is not there is looked for in the tree and, where the user
// says so, in Helm's cache (resolve.go, cache.go) and
// reported, and the rest of the chart is still rendered.
//
// What only an installation decides is not known: the namespace when none is
// given, and what is random. A value that equals one of these becomes unknown.
// lookup finds nothing, as in helm template.
package helm

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// Options say how charts are rendered. They are those of helm template.
type Options struct {
	// Values are files with values, the last one wins, by paths that the tree
	// reads; see [source.Tree.Admit].
	Values []string
	// Set are values such as "image.tag=1.2", stronger than files.
	Set         []string
	Namespace   string   // unknown when empty
	ReleaseName string   // "release-name" when empty
	KubeVersion string   // of the cluster; DefaultKubeVersion when empty
	APIVersions []string // of the cluster, besides those that every cluster has

	// Sets are further ways to install charts, each a root of its own, by the
	// directory of the chart; those of [EveryChart] are for all.
	Sets map[string][]ValueSet
	// CI makes a value set of every ci/*-values.yaml of a chart, where the
	// tests of charts have theirs.
	CI bool
	// For has the options of the chart in a directory where they are others
	// than these; nil where they never are.
	For func(dir string) Options
	// Cache has the archives of charts by name and version, as Helm keeps them;
	// nil for none.
	Cache fs.FS
	// Rendered are the directories of charts that are rendered as a part of
	// something else, such as a kustomization, with the values that it gives:
	// they are no roots.
	Rendered func(*parsers.Project) []string
}

const (
	// DefaultKubeVersion is the Kubernetes release that charts are rendered for.
	DefaultKubeVersion = "v" + kube.DefaultRelease + ".0"

	// DefaultReleaseName is what a chart is installed as when nobody says.
	DefaultReleaseName = "release-name"

	// unknownNamespace stands for the namespace that nobody gave.
	unknownNamespace = "release-namespace-not-given"
)

// New is the source of charts.
func New(o Options) parsers.Source { return charts{o} }

type charts struct{ options Options }

func (charts) Name() string { return "helm" }

// Roots makes a root of every chart that is not part of another one. A chart
// owns all files below it; the chart at the top of the tree, where everything
// is below it, only those that Helm gives a meaning.
func (c charts) Roots(p *parsers.Project, b *graph.Builder) []parsers.Root {
	var dirs []string
	for _, f := range p.Files {
		if path.Base(f) == chartFile {
			dirs = append(dirs, path.Dir(f))
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	slices.Sort(dirs)
	isChart := map[string]bool{}
	for _, d := range dirs {
		isChart[d] = true
	}
	in := &input{tree: p.Tree, dirs: dirs}
	in = in.with(c.options)
	rendered := map[string]bool{}
	if c.options.Rendered != nil {
		for _, d := range c.options.Rendered(p) {
			rendered[d] = true
		}
	}
	in.index = sync.OnceValue(func() []sibling { return in.siblings() })

	var roots []parsers.Root
	given := slices.Clone(in.values().paths)
	owner := map[string]bool{}
	for _, d := range dirs {
		if vendored(d, isChart) {
			continue
		}
		owner[d] = true
		if rendered[d] {
			continue
		}
		for _, r := range in.roots(p, d) {
			roots = append(roots, r)
			given = append(given, r.in.values().paths...)
		}
	}
	for _, f := range p.Files {
		for d := path.Dir(f); ; d = path.Dir(d) {
			if owner[d] {
				if d != "." || meaningful(f) {
					p.Claim(f, "helm")
				}
				break
			}
			if d == "." {
				break
			}
		}
	}
	for _, f := range given {
		p.Claim(f, "helm")
	}
	for _, problem := range in.values().problems {
		b.Fail(problem.at, "%s", problem.message)
	}
	return roots
}

// vendored tells whether a directory lies in the charts directory of a chart.
func vendored(dir string, isChart map[string]bool) bool {
	for i := range len(dir) {
		rest := dir[i:]
		if (i == 0 || dir[i-1] == '/') && strings.HasPrefix(rest, "charts/") {
			if isChart[path.Clean(dir[:i])] {
				return true
			}
		}
	}
	return false
}

// meaningful tells whether Helm gives a meaning to a file of a chart because
// of its name.
func meaningful(name string) bool {
	top, _, below := strings.Cut(name, "/")
	if below {
		return top == "templates" || top == "charts" || top == "crds"
	}
	return name == chartFile || strings.HasPrefix(name, "Chart.") || strings.HasPrefix(name, "values") ||
		strings.HasPrefix(name, "requirements.") || name == ignoreFile
}

// input is what all charts of a run share.
type input struct {
	tree    *source.Tree
	options Options
	dirs    []string // of all charts, sorted
	values  func() values
	index   func() []sibling
}

type root struct {
	in    *input
	dir   string
	set   string // the name of its value set, "" for the chart's own values
	own   bool   // its values are not those that all charts share
	needs func() needs
}

func (r *root) ID() string {
	if r.set != "" {
		return fmt.Sprintf("helm:%s (%s)", r.dir, r.set)
	}
	return "helm:" + r.dir
}

func (r *root) Dir() string { return r.dir }

// Reads says yes to the files of the chart, of the charts in the tree that it
// depends on, and to the files with values.
func (r *root) Reads(name string) bool {
	if within(name, r.dir) || slices.Contains(r.in.values().paths, name) {
		return true
	}
	needs := r.needs()
	// A chart that is added or renamed may be the one that is missing.
	if needs.any && path.Base(name) == chartFile {
		return true
	}
	return slices.ContainsFunc(needs.dirs, func(dir string) bool { return within(name, dir) })
}

func within(name, dir string) bool {
	return dir == "." || strings.HasPrefix(name, dir+"/")
}

// Load renders the chart.
func (r *root) Load(ctx context.Context, b *graph.Builder) error {
	if r.own { // what is wrong with the files that all share was said before
		for _, p := range r.in.values().problems {
			b.Fail(p.at, "%s", p.message)
		}
	}
	l := newLoader(ctx, r.in, b)
	c := l.directory(r.dir)
	if c == nil {
		return ctx.Err()
	}
	return l.render(c)
}
