package kustomize

import (
	"bytes"
	"path"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// Inflated are the directories of the charts that kustomizations of a project
// render as a part of themselves. Like a base, such a chart is analysed with
// what is done to it, and not once more alone. Kustomizations that lie in a
// chart are part of it and do not count.
func Inflated(p *parsers.Project) []string {
	inChart := map[string]bool{}
	for _, f := range p.Files {
		if path.Base(f) == "Chart.yaml" && path.Dir(f) != "." {
			inChart[path.Dir(f)] = true
		}
	}
	within := func(dir string) bool {
		for ; dir != "."; dir = path.Dir(dir) {
			if inChart[dir] {
				return true
			}
		}
		return false
	}
	r := &reader{tree: p.Tree, b: &graph.Builder{}, layers: map[string]*layer{}, parsed: &parsed{}}
	var dirs []string
	for _, name := range p.Files {
		if !slices.Contains(fileNames[:], path.Base(name)) || within(path.Dir(name)) {
			continue
		}
		f, err := p.Tree.Read(name)
		if err != nil || !bytes.Contains(f.Data, []byte("helmChart")) && !bytes.Contains(f.Data, []byte("generators:")) {
			continue
		}
		if l := r.layer(path.Dir(name)); l != nil {
			for _, c := range l.charts {
				if c.dir != "" && !c.broken {
					dirs = append(dirs, c.dir)
				}
			}
		}
	}
	return dirs
}
