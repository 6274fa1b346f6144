package helm

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/seaworthy-iac/seaworthy/parsers"
)

// A ValueSet is one way to install a chart: values files, the weakest first.
// They are stronger than the chart's own values and weaker than [Options.Values].
type ValueSet struct {
	Name  string   // for people: "prod", "ci/minimal-values.yaml"
	Files []string // by paths that the tree reads
}

// EveryChart stands for all charts in [Options.Sets].
const EveryChart = "*"

// roots are the roots that a chart makes: one with its own values and one for
// each further set. Where the same written place is at fault in several, it is
// one finding that names them.
func (in *input) roots(p *parsers.Project, dir string) []*root {
	plain := &root{in: in, dir: dir}
	plain.needs = sync.OnceValue(plain.dependencies)
	all := []*root{plain}
	for _, set := range in.sets(p, dir) {
		own := *in
		own.options.Values = slices.Concat(set.Files, in.options.Values)
		own.values = sync.OnceValue(func() values { return readValues(in.tree, own.options) })
		all = append(all, &root{in: &own, dir: dir, set: set.Name, needs: plain.needs})
	}
	return all
}

// sets are the value sets of the chart in a directory.
func (in *input) sets(p *parsers.Project, dir string) []ValueSet {
	all := slices.Concat(in.options.Sets[EveryChart], in.options.Sets[dir])
	if !in.options.CI {
		return all
	}
	for _, f := range p.Files {
		name, ok := strings.CutPrefix(f, path.Join(dir, "ci")+"/")
		if ok && !strings.Contains(name, "/") && strings.HasSuffix(name, "-values.yaml") {
			all = append(all, ValueSet{Name: "ci/" + name, Files: []string{f}})
		}
	}
	return all
}
