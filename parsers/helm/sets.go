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
	here := in
	if in.options.For != nil {
		here = in.with(in.options.For(dir))
	}
	plain := &root{in: here, dir: dir, own: here != in}
	plain.needs = sync.OnceValue(plain.dependencies)
	all := []*root{plain}
	for _, set := range here.sets(p, dir) {
		o := here.options
		o.Values = slices.Concat(set.Files, o.Values)
		all = append(all, &root{in: here.with(o), dir: dir, set: set.Name, own: true, needs: plain.needs})
	}
	return all
}

// with is the input with other options.
func (in *input) with(o Options) *input {
	other := *in
	other.options = o
	other.values = sync.OnceValue(func() values { return readValues(in.tree, o) })
	return &other
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
