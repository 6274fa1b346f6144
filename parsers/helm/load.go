package helm

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	helmloader "helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// A loader loads the charts of one root. It takes charts apart itself and
// gives Helm's loader the files of one chart at a time: so a subchart that is
// broken costs itself only, and every template keeps its place.
type loader struct {
	ctx context.Context
	in  *input
	b   *graph.Builder

	sites    map[*chart.File]site
	entries  map[*chart.Dependency]entry
	metadata map[*chart.Chart]*source.Origin // where the chart's name stands

	count, size, charts int
	stack               []string // directories of the charts being loaded
}

// An entry is a dependency as the chart's author declared it.
type entry struct {
	name, version string
	at            *source.Origin
	hint          string // why nothing in the tree would do
}

func newLoader(ctx context.Context, in *input, b *graph.Builder) *loader {
	return &loader{
		ctx: ctx, in: in, b: b,
		sites:    map[*chart.File]site{},
		entries:  map[*chart.Dependency]entry{},
		metadata: map[*chart.Chart]*source.Origin{},
	}
}

// directory loads the chart in a directory of the tree; nil when there is
// none that could be rendered.
func (l *loader) directory(dir string) *chart.Chart {
	l.stack = append(l.stack, dir)
	defer func() { l.stack = l.stack[:len(l.stack)-1] }()
	return l.assemble(dir, l.files(dir), nil, 0)
}

// assemble makes a chart and its subcharts of files. packed is the place that
// stands for an archive's files.
func (l *loader) assemble(dir string, files []file, packed *source.Origin, depth int) *chart.Chart {
	if l.charts++; l.charts > maxCharts || depth > maxDepth {
		l.b.Fail(cmp.Or(packed, parsers.Missing(path.Join(dir, chartFile))),
			"the chart has more than %d subcharts, or more than %d inside each other", maxCharts, maxDepth)
		return nil
	}
	own, subs := divide(files)
	c := l.chart(dir, own, packed)
	if c == nil {
		return nil
	}
	entries := l.declared(c, own, packed)
	for _, s := range subs {
		if l.ctx.Err() != nil {
			return nil
		}
		if sub := l.subchart(path.Join(dir, "charts"), s, c, entries, packed, depth+1); sub != nil {
			c.AddDependency(sub)
		}
	}
	l.resolve(dir, c, packed)
	// Helm's loader has no order of its own here.
	deps := slices.Clone(c.Dependencies())
	slices.SortStableFunc(deps, func(a, b *chart.Chart) int {
		return cmp.Or(strings.Compare(a.Name(), b.Name()), strings.Compare(b.Metadata.Version, a.Metadata.Version))
	})
	c.SetDependencies(deps...)
	return c
}

// A group is what lies under one name in a charts directory.
type group struct {
	name  string
	files []file
}

// divide parts the files of a chart from those of its subcharts.
func divide(files []file) (own []file, subs []group) {
	at := map[string]int{}
	for _, f := range files {
		rest, ok := strings.CutPrefix(f.name, "charts/")
		if !ok || path.Ext(f.name) == ".prov" {
			own = append(own, f)
			continue
		}
		name, below, nested := strings.Cut(rest, "/")
		if strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			continue
		}
		if path.Ext(name) != ".tgz" && !nested {
			continue // a README beside the subcharts
		}
		i, ok := at[name]
		if !ok {
			i = len(subs)
			at[name] = i
			subs = append(subs, group{name: name})
		}
		if nested {
			f.name = below
		}
		subs[i].files = append(subs[i].files, f)
	}
	slices.SortFunc(subs, func(a, b group) int { return strings.Compare(a.name, b.name) })
	return own, subs
}

func (l *loader) subchart(dir string, g group, parent *chart.Chart, entries []entry, packed *source.Origin, depth int) *chart.Chart {
	if path.Ext(g.name) != ".tgz" {
		return l.assemble(path.Join(dir, g.name), g.files, packed, depth)
	}
	archive := g.files[0]
	at := packed
	if at == nil {
		at = l.metadata[parent]
		for _, e := range entries {
			if strings.HasPrefix(g.name, e.name+"-") || g.name == e.name+".tgz" {
				block := *e.at
				block.Exact = source.InBlock
				at = &block
			}
		}
	}
	return l.archive(path.Join(dir, g.name), archive, at, depth)
}

// archive makes a chart of a packed one, whose files stand at a place.
func (l *loader) archive(dir string, archive file, at *source.Origin, depth int) *chart.Chart {
	files, err := unpack(archive.data)
	if err != nil {
		l.b.Fail(archive.site.whole(), "cannot unpack the chart: %v", err)
		return nil
	}
	var all []file
	for _, f := range files {
		if !l.take(len(f.Data)) {
			l.b.Fail(archive.site.whole(), "the chart has more than %d MiB when unpacked", maxTotalSize>>20)
			return nil
		}
		all = append(all, file{f.Name, f.Data, site{packed: at}})
	}
	return l.assemble(dir, all, at, depth)
}

// unpack reads an archive; Helm's loader bounds what comes out of it.
func unpack(data []byte) ([]*helmloader.BufferedFile, error) {
	return helmloader.LoadArchiveFiles(bytes.NewReader(data))
}

// chart makes a chart of its own files, without subcharts.
func (l *loader) chart(dir string, files []file, packed *source.Origin) *chart.Chart {
	at := cmp.Or(packed, parsers.Missing(path.Join(dir, chartFile)))
	byName := map[string]file{}
	var buffered []*helmloader.BufferedFile
	for _, f := range files {
		if f.name == chartFile {
			at = f.site.whole()
		}
		if !l.readable(f) {
			if f.name == chartFile {
				return nil
			}
			continue
		}
		byName[f.name] = f
		buffered = append(buffered, &helmloader.BufferedFile{Name: f.name, Data: f.data})
	}
	c, err := helmloader.LoadFiles(buffered)
	if err != nil {
		l.b.Fail(at, "cannot load the chart: %v", err)
	}
	if c == nil || c.Metadata == nil || err != nil && !isValidation(err) {
		return nil
	}
	if c.Metadata.Name == "" {
		c.Metadata.Name = path.Base(dir)
	}
	c.Metadata.Dependencies = slices.DeleteFunc(c.Metadata.Dependencies, func(d *chart.Dependency) bool { return d == nil })
	c.Metadata.Maintainers = slices.DeleteFunc(c.Metadata.Maintainers, func(m *chart.Maintainer) bool { return m == nil })
	l.metadata[c] = at
	for _, list := range [][]*chart.File{c.Templates, c.Files, c.Raw} {
		for _, f := range list {
			l.sites[f] = byName[f.Name].site
		}
	}
	return c
}

// readable leaves out a file that would make Helm refuse the whole chart.
func (l *loader) readable(f file) bool {
	switch f.name {
	case chartFile, valuesFile, requirementsFile, "requirements.lock", "Chart.lock":
	default:
		return true
	}
	err := yaml.Unmarshal(f.data, new(map[string]any))
	if err == nil {
		return true
	}
	if f.site.file != nil {
		for _, doc := range yamltext.Parse(f.site.file, nil) {
			if doc.Problem != nil {
				l.b.Problems = append(l.b.Problems, *doc.Problem)
				return false
			}
		}
	}
	l.b.Fail(f.site.whole(), "cannot read %s: %v", f.name, err)
	return false
}

// isValidation tells of errors about what Chart.yaml says: Helm would refuse
// the chart, but it can be rendered.
func isValidation(err error) bool {
	var v chart.ValidationError
	return errors.As(err, &v)
}

// declared notes where the dependencies of a chart are declared.
func (l *loader) declared(c *chart.Chart, files []file, packed *source.Origin) []entry {
	var entries []entry
	for _, d := range c.Metadata.Dependencies {
		entries = append(entries, entry{name: d.Name, version: d.Version, at: l.metadata[c]})
	}
	if packed == nil {
		for _, f := range files {
			if f.name == chartFile || f.name == requirementsFile {
				for i, at := range names(f) {
					if i < len(entries) && at.Text == entries[i].name {
						entries[i].at = at.At
					}
				}
			}
			if f.name == chartFile {
				if at := nameOf(f); at != nil {
					l.metadata[c] = at
				}
			}
		}
	}
	for i, d := range c.Metadata.Dependencies {
		l.entries[d] = entries[i]
	}
	return entries
}

type placed struct {
	Text string
	At   *source.Origin
}

// names are the names of the dependencies in a file, in their order.
func names(f file) []placed {
	var list []placed
	for _, doc := range yamltext.Parse(f.site.file, nil) {
		for dep := range graph.ValueOf(doc.Root).At("dependencies").Each() {
			if dep.Kind() == graph.Null {
				continue
			}
			name := dep.At("name")
			list = append(list, placed{name.Str(), name.Place()})
		}
	}
	return list
}

// nameOf is the place of the chart's name.
func nameOf(f file) *source.Origin {
	for _, doc := range yamltext.Parse(f.site.file, nil) {
		if name := graph.ValueOf(doc.Root).At("name"); name.Present() == graph.True {
			return name.Place()
		}
	}
	return nil
}
