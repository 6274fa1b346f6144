package kustomize

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
)

// Kustomize starts helm for the charts of a kustomization. Here they are
// rendered in this process, from the files of the tree, and what comes out are
// resources of the build: the rest of the kustomization works on them.

// A chart is an entry of helmCharts, or of generators, with its files.
type chart struct {
	spec   types.HelmChart
	node   *graph.Node
	at     *source.Origin
	dirs   []string // where it may lie
	dir    string   // where it lies, "" when it is not in the tree
	file   string   // valuesFile
	more   []string // additionalValuesFiles
	broken bool     // one of these could not be found
}

// charts reads the entries of helmCharts. FixKustomization put those of the
// deprecated field behind them.
func (r *reader) charts(l *layer) {
	k := &l.spec
	globals := types.HelmGlobals{}
	if k.HelmGlobals != nil {
		globals = *k.HelmGlobals
	}
	written, _ := l.find("helmCharts")
	for i, spec := range k.HelmCharts {
		where := fmt.Sprintf("helmCharts.%d", i)
		if n := len(items(written)); i >= n {
			where = fmt.Sprintf("helmChartInflationGenerator.%d", i-n)
		}
		n, at := l.find(where)
		r.chart(l, n, at, spec, globals)
	}
}

// chartConfig reads the configuration of a generator that renders a chart.
func (r *reader) chartConfig(l *layer, e *entry, config *graph.Node) {
	var c struct {
		types.HelmGlobals
		types.HelmChart
	}
	if err := yaml.Unmarshal(appendJSON(nil, config, nil), &c); err != nil {
		r.b.Fail(e.at, "%s", oneLine(err))
		return
	}
	r.chart(l, config, e.at, c.HelmChart, c.HelmGlobals)
}

func (r *reader) chart(l *layer, n *graph.Node, at *source.Origin, spec types.HelmChart, globals types.HelmGlobals) {
	c := &chart{spec: spec, node: n, at: at}
	home := globals.ChartHome
	if home == "" {
		home = types.HelmDefaultHome
	}
	if spec.Version != "" && spec.Repo != "" {
		c.dirs = append(c.dirs, path.Join(l.dir, home, spec.Name+"-"+spec.Version, spec.Name))
	}
	c.dirs = append(c.dirs, path.Join(l.dir, home, spec.Name))
	for _, dir := range c.dirs {
		if c.dir == "" && spec.Name != "" && !path.IsAbs(home) && inside(".", dir) && r.tree.Exists(path.Join(dir, "Chart.yaml")) {
			c.dir = dir
		}
	}
	l.charts = append(l.charts, c)
	if c.dir == "" {
		r.b.Warn(at, "the chart %q is not in %s and is not fetched; what it adds is not analysed", spec.Name, c.dirs[len(c.dirs)-1])
		return
	}
	file := func(field, text string) string {
		e := &entry{text: text}
		e.node, e.at = lookupIn(n, at, field)
		name := r.fileOf(l, e, text)
		c.broken = c.broken || e.dead
		return name
	}
	if spec.ValuesFile != "" {
		c.file = file("valuesFile", spec.ValuesFile)
	}
	for i, text := range spec.AdditionalValuesFiles {
		c.more = append(c.more, file(fmt.Sprintf("additionalValuesFiles.%d", i), text))
	}
	if !slices.Contains([]string{"", "merge", "override", "replace"}, spec.ValuesMerge) {
		_, at := lookupIn(n, at, "valuesMerge")
		c.broken = true
		r.b.Fail(at, "valuesMerge is one of merge, override and replace, not %q", spec.ValuesMerge)
	}
}

// values are those that kustomize gives to helm, the weakest first.
func (c *chart) values() []helm.Values {
	var all []helm.Values
	inline := child(c.node, "valuesInline")
	if inline == nil {
		inline = child(c.node, "valuesLocal")
	}
	file := c.file
	if inline.Kind() == graph.Map && len(inline.Fields()) > 0 {
		written := helm.Values{Node: inline}
		if yaml.Unmarshal(appendJSON(nil, inline, nil), &written.Data) == nil {
			withoutNulls(written.Data)
			all = append(all, written)
		}
		if file == "" && c.spec.ValuesMerge == "merge" {
			file = path.Join(c.dir, "values.yaml")
		}
	}
	if file != "" && (len(all) == 0 || c.spec.ValuesMerge != "replace") {
		all = append(all, helm.Values{File: file})
		if c.spec.ValuesMerge != "merge" {
			slices.Reverse(all)
		}
	}
	for _, name := range c.more {
		all = append(all, helm.Values{File: name})
	}
	return all
}

// withoutNulls takes out what removes a value when kustomize merges, before
// Helm would see it.
func withoutNulls(m map[string]any) {
	for key, v := range m {
		switch v := v.(type) {
		case nil:
			delete(m, key)
		case map[string]any:
			withoutNulls(v)
		}
	}
}

// release is the name that the chart is installed as. Without one helm makes
// one up.
func (c *chart) release() string {
	if c.spec.NameTemplate != "" && !strings.Contains(c.spec.NameTemplate, "{{") {
		return c.spec.NameTemplate
	}
	return c.spec.ReleaseName
}

// inflate renders the charts of a layer, once in a build.
func (bd *build) inflate(ctx context.Context, l *layer) []*graph.Node {
	if docs, ok := bd.inflated[l]; ok {
		return docs
	}
	var all []*graph.Node
	for _, c := range l.charts {
		if c.dir == "" || c.broken {
			continue
		}
		ns := c.spec.Namespace
		if ns == "" {
			ns = bd.namespaceFor(bd.top, l, "", map[*layer]bool{})
		}
		found := &graph.Builder{}
		docs, err := helm.Inflate(ctx, bd.tree, found, helm.Inflation{
			Options: helm.Options{
				Namespace: ns, ReleaseName: c.release(), KubeVersion: c.spec.KubeVersion, APIVersions: c.spec.ApiVersions,
			},
			Dir: c.dir, Charts: bd.chartDirs, Values: c.values(),
			CRDs: c.spec.IncludeCRDs, NoHooks: c.spec.SkipHooks, NoTests: c.spec.SkipTests,
		})
		if err != nil {
			return nil // the context's, which the build asks for by itself
		}
		if l.owner == bd.root {
			bd.b.Problems = append(bd.b.Problems, found.Problems...)
			bd.b.Skipped = append(bd.b.Skipped, found.Skipped...)
		}
		for _, doc := range docs {
			all = append(all, objects(doc)...)
		}
	}
	bd.inflated[l] = all
	return all
}

// namespaceFor is the namespace that a chart of a layer is installed into: its
// kustomization's, or that of the nearest one around it.
func (bd *build) namespaceFor(from, l *layer, ns string, seen map[*layer]bool) string {
	if from.spec.Namespace != "" {
		ns = from.spec.Namespace
	}
	if from == l {
		return ns
	}
	seen[from] = true
	for _, e := range from.bases() {
		if !seen[e.dir] {
			if found := bd.namespaceFor(e.dir, l, ns, seen); found != "" {
				return found
			}
		}
	}
	return ""
}

// placeholder is what the build sees of a value that is not known.
const placeholder = "seaworthy-unknown"

// chartResources puts every object of the charts into a file of its own.
func (bd *build) chartResources(ctx context.Context, l *layer) []string {
	var names []string
	for _, doc := range bd.inflate(ctx, l) {
		id := len(bd.written)
		name := path.Join(l.dir, "chart#"+strconv.Itoa(id))
		t := token{text: relative(l.dir, name), at: l.charts[0].at, doc: doc}
		t.key = t.text
		if h := doc.Handle(); h != nil {
			t.at = h.Origin().Header()
		}
		if bd.without[t.key] {
			continue
		}
		bd.written = append(bd.written, written{layer: l, doc: doc, at: t.at, inflated: true})
		bd.tokens = append(bd.tokens, t)
		marked := annotated(doc,
			graph.Field{Key: marker, Node: graph.NewString(strconv.Itoa(id), nil)},
			graph.Field{Key: konfig.HelmGeneratedAnnotation, Node: graph.NewString("true", nil)})
		bd.files.put(name, appendJSON(nil, marked, unknownText))
		names = append(names, t.text)
	}
	return names
}

// unknownText is what stands for an unknown value: nobody gave the namespace.
func unknownText(*graph.Node) string { return placeholder }

// annotated is an object with more annotations. Of two equal keys the last
// counts.
func annotated(doc *graph.Node, more ...graph.Field) *graph.Node {
	with := func(n *graph.Node, more ...graph.Field) *graph.Node {
		if n.Kind() != graph.Map {
			return graph.NewMap(more, nil)
		}
		return graph.NewMap(append(slices.Clone(n.Fields()), more...), nil)
	}
	metadata := child(doc, "metadata")
	annotations := with(child(metadata, "annotations"), more...)
	return with(doc, graph.Field{Key: "metadata", Node: with(metadata, graph.Field{Key: "annotations", Node: annotations})})
}
