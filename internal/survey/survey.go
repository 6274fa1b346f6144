// Package survey looks at a tree and says what its configuration might be:
// which charts and root modules have environments, what is not the project's
// own, which Kubernetes it is for.
//
// It reads names and a few small files and evaluates nothing. What it is sure
// of and what it only supposes are kept apart, because a setting that is wrong
// hides findings or makes false ones.
package survey

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
)

// A Survey is what was found below a directory. Paths are relative to it.
type Survey struct {
	// Outer is the configuration that counts now, "" when there is none, and
	// Inner are those further down, which go on counting there.
	Outer string
	Inner []string
	// Roots is how many roots there are of each kind.
	Roots    map[string]int
	Charts   []Environments
	Modules  []Environments
	Excludes []Exclude
	Versions []Version
}

// Environments are the sets of values or variables of a chart or root module.
type Environments struct {
	Dir  string
	Sets []Set
}

// A Set is one way to install a chart or to apply a module.
type Set struct {
	Name  string
	Files []string
	// Doubt says why it may not be one, "" when it surely is.
	Doubt string
}

// An Exclude is a pattern for what is not the project's own configuration.
type Exclude struct {
	Pattern, Why string
	Sure         bool
}

// A Version is a Kubernetes release and what speaks for it.
type Version struct {
	Release, From string
	// Lowest says that it is the oldest release that will do.
	Lowest bool
}

// Look surveys a directory of a tree.
func Look(tree *source.Tree, dir string) (*Survey, error) {
	listing, err := tree.Walk([]string{dir}, func(name string, isDir bool) string {
		if isDir && slices.Contains(driver.DefaultExclude[:], path.Base(name)+"/") {
			return "left out always"
		}
		return ""
	})
	if err != nil {
		return nil, fmt.Errorf("look through %s: %w", dir, err)
	}
	l := look{tree: tree, dir: dir}
	s := &Survey{Roots: map[string]int{}}
	s.Excludes = l.excludes(listing.Files)
	files := slices.DeleteFunc(listing.Files, func(f string) bool { return s.excluded(l.rel(f)) })
	s.Outer = l.outer()
	for _, f := range files {
		if path.Base(f) == config.Name && path.Dir(f) != dir {
			s.Inner = append(s.Inner, l.rel(f))
		}
	}
	project := parsers.NewProject(tree, files)
	for _, src := range formats.Sources(formats.Options{}) {
		for _, r := range src.Roots(project, &graph.Builder{}) {
			s.Roots[src.Name()]++
			switch src.Name() {
			case "helm":
				s.Charts = l.environments(s.Charts, r.Dir(), l.valueSets(files, r.Dir()))
			case "terraform":
				s.Modules = l.environments(s.Modules, r.Dir(), l.variableSets(files, r.Dir()))
			}
		}
	}
	s.Versions = l.versions(files)
	return s, nil
}

// look is where the survey goes on.
type look struct {
	tree *source.Tree
	dir  string
}

// rel is a path of the tree as seen from the directory.
func (l look) rel(name string) string {
	if l.dir == "." {
		return name
	}
	if name == l.dir {
		return "."
	}
	return strings.TrimPrefix(name, l.dir+"/")
}

// outer is the nearest configuration above the directory, as seen from it.
func (l look) outer() string {
	up := ""
	for dir := l.dir; dir != "."; {
		dir, up = path.Dir(dir), up+"../"
		if l.tree.Exists(path.Join(dir, config.Name)) {
			return up + config.Name
		}
	}
	return ""
}

func (l look) environments(all []Environments, dir string, sets []Set) []Environments {
	if len(sets) == 0 {
		return all
	}
	return append(all, Environments{Dir: l.rel(dir), Sets: sets})
}

// Sure tells whether one of the sets is surely one.
func (e Environments) Sure() bool {
	return slices.ContainsFunc(e.Sets, func(s Set) bool { return s.Doubt == "" })
}
