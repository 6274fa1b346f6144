package helm

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// Layers know where the values of a chart are written. A value can be written
// in many places: set by itself, in the files that the user gives, in the
// values of the chart and in those of its subcharts. Which one counts follows
// from Helm's rules, and is held against the value itself: a place that has
// another value than the chart sees is not its place.
type layers struct {
	given   []layer // by the user, the strongest first
	charts  []layer // of the charts, the root's first
	about   []metadata
	imports []imported
	final   func() map[string]any
}

// A layer is one text with values.
type layer struct {
	mount  []string // the names of the subcharts that lead to what it is for
	root   func() *graph.Node
	packed *source.Origin // of a text that is in an archive
	set    *source.Origin // of a value that is set by itself
	value  map[string]any // the same
	given  source.Handle  // of a value that is set by itself in a file
}

// An imported table is one that a chart takes over from a subchart.
type imported struct{ to, from []string }

// setFile is the name of the text of the values that are set by themselves.
const setFile = "--set"

func (l *loader) layers(c *chart.Chart) *layers {
	given := l.in.values()
	all := &layers{final: sync.OnceValue(func() map[string]any {
		v, err := chartutil.Coalesce(c, given.merged)
		if err != nil {
			return nil
		}
		return v
	})}
	all.given = given.layers
	var visit func(c *chart.Chart, mount []string)
	visit = func(c *chart.Chart, mount []string) {
		for _, f := range c.Raw {
			at := l.sites[f]
			text := layer{mount: mount, root: sync.OnceValue(func() *graph.Node { return at.document(f.Data) }), packed: at.packed}
			switch f.Name {
			case valuesFile:
				all.charts = append(all.charts, text)
			case chartFile:
				all.about = append(all.about, metadata{text, c.Name()})
			}
		}
		for _, d := range c.Metadata.Dependencies {
			for _, i := range d.ImportValues {
				child, parent, ok := chartutil.Import(i)
				if !ok {
					continue
				}
				to := slices.Clone(mount)
				if parent != "." {
					to = append(to, strings.Split(parent, ".")...)
				}
				all.imports = append(all.imports, imported{to, append(append(slices.Clone(mount), d.Name), strings.Split(child, ".")...)})
			}
		}
		for _, sub := range c.Dependencies() {
			visit(sub, append(slices.Clip(mount), sub.Name()))
		}
	}
	visit(c, nil)
	return all
}

// document is the first document of a values file.
func (s site) document(data []byte) *graph.Node {
	f, place := s.file, (func(int, int) source.Handle)(nil)
	if f == nil {
		f, place = source.NewFile("", data), func(int, int) source.Handle { return s.packed }
	}
	return firstDocument(f, place)
}

func firstDocument(f *source.File, place func(int, int) source.Handle) *graph.Node {
	if docs := yamltext.Parse(f, place); len(docs) > 0 && docs[0].Problem == nil {
		return docs[0].Root
	}
	return nil
}

// setLayers are those of the values that are set by themselves, the last first.
func setLayers(set []string) []layer {
	f := source.NewFile(setFile, []byte(strings.Join(set, "\n")))
	var all []layer
	for i, s := range slices.Backward(set) {
		start := 0
		for _, before := range set[:i] {
			start += len(before) + 1
		}
		v, err := strvals.Parse(s)
		if err != nil {
			continue
		}
		at := &source.Origin{Span: source.Span{File: f, Start: start, End: start + len(s)}, Step: source.Values, Role: source.DrivenBy, Exact: source.AtLine}
		all = append(all, layer{set: at, value: v})
	}
	return all
}

// A leaf is where a value is written.
type leaf struct {
	node  *graph.Node
	field *graph.Field
	layer *layer
}

// find is where the value at a path is written; ok is false when it is not
// certain.
func (l *layers) find(keys []string) (leaf, bool) {
	want, there := lookup(l.final(), keys)
	if !there {
		return leaf{}, false
	}
	for _, p := range l.candidates(keys, 0) {
		for _, list := range [][]layer{l.given, l.charts} {
			for i := range list {
				if found, ok := list[i].find(p); ok && found.is(want) {
					return found, true
				}
			}
		}
	}
	return leaf{}, false
}

// file is the values file of the chart that a path belongs to, as a whole; nil
// when it has none in the tree.
func (l *layers) file(keys []string) *source.Origin {
	var best *layer
	for i := range l.charts {
		c := &l.charts[i]
		n := len(c.mount)
		if c.packed == nil && n < len(keys) && slices.Equal(keys[:n], c.mount) && (best == nil || n > len(best.mount)) {
			best = c
		}
	}
	if best == nil || best.root() == nil || best.root().Handle() == nil {
		return nil
	}
	f := best.root().Handle().Origin().Span.File
	return &source.Origin{Span: f.Whole(), Step: source.Values, Exact: source.InFile}
}

// candidates are the paths that a value can be written at: for globals of a
// subchart also those of the charts around it, which win.
func (l *layers) candidates(keys []string, depth int) [][]string {
	var all [][]string
	for i, k := range keys {
		if k == "global" && i > 0 {
			for n := range i {
				all = append(all, append(slices.Clone(keys[:n]), keys[i:]...))
			}
			break
		}
	}
	all = append(all, keys)
	if depth > 3 {
		return all
	}
	for _, i := range l.imports {
		if len(keys) > len(i.to) && slices.Equal(keys[:len(i.to)], i.to) {
			all = append(all, l.candidates(append(slices.Clone(i.from), keys[len(i.to):]...), depth+1)...)
		}
	}
	return all
}

func lookup(v any, keys []string) (any, bool) {
	for _, k := range keys {
		switch t := v.(type) {
		case map[string]any:
			e, ok := t[k]
			if !ok {
				return nil, false
			}
			v = e
		case chartutil.Values:
			e, ok := t[k]
			if !ok {
				return nil, false
			}
			v = e
		case []any:
			i, err := strconv.Atoi(k)
			if err != nil || i < 0 || i >= len(t) {
				return nil, false
			}
			v = t[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func (l *layer) find(keys []string) (leaf, bool) {
	if len(keys) < len(l.mount) || !slices.Equal(keys[:len(l.mount)], l.mount) {
		return leaf{}, false
	}
	keys = keys[len(l.mount):]
	if l.given != nil {
		v, ok := lookup(l.value, keys)
		return leaf{node: nodeOf(v, l.given), layer: l}, ok
	}
	if l.set != nil {
		v, ok := lookup(l.value, keys)
		return leaf{node: nodeOf(v, l.set), layer: l}, ok
	}
	found := leaf{node: l.root(), layer: l}
	for _, k := range keys {
		switch found.node.Kind() {
		case graph.Map:
			f := found.node.Field(k)
			if f == nil {
				return leaf{}, false
			}
			found.node, found.field = f.Node, f
		case graph.List:
			items := found.node.Items()
			i, err := strconv.Atoi(k)
			if err != nil || i < 0 || i >= len(items) {
				return leaf{}, false
			}
			found.node, found.field = items[i], nil
		default:
			return leaf{}, false
		}
	}
	return found, true
}

// nodeOf is a value as a node, as far as comparing needs it.
func nodeOf(v any, at source.Handle) *graph.Node {
	switch v := v.(type) {
	case nil:
		return graph.NewNull(at)
	case map[string]any:
		return graph.NewMap(nil, at)
	case []any:
		return graph.NewList(nil, at)
	case bool:
		return graph.NewBool(v, at)
	case string:
		return graph.NewString(v, at)
	}
	return graph.NewScalar(graph.Number, fmt.Sprint(v), at)
}

// is tells whether what is written is a value.
func (l leaf) is(v any) bool {
	switch v := v.(type) {
	case map[string]any, chartutil.Values:
		return l.node.Kind() == graph.Map
	case []any:
		return l.node.Kind() == graph.List
	case nil:
		return l.node.Kind() == graph.Null
	case string:
		return l.node.Kind() == graph.String && l.node.Text() == v
	case bool:
		return l.node.Kind() == graph.Bool && l.node.Text() == strconv.FormatBool(v)
	default:
		return l.node.Kind() == graph.Number && sameNumber(l.node.Text(), fmt.Sprint(v))
	}
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, xok := graph.ValueOf(graph.NewScalar(graph.Number, a, nil)).Float(0)
	y, yok := graph.ValueOf(graph.NewScalar(graph.Number, b, nil)).Float(0)
	return xok && yok && x == y
}

// inTree tells whether a file is one of those that are analysed: not one that
// the user named from elsewhere, not what stands on the command line.
func inTree(f *source.File) bool {
	return f != nil && f.Path != setFile && !path.IsAbs(f.Path) && !strings.Contains(f.Path, ":/")
}
