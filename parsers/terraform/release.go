package terraform

import (
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// A helm_release installs a chart. One whose chart lies in the tree is rendered
// with the values of the block, in Terraform's order: the documents of values,
// then what is set by itself. A value that is not known stays unknown in what
// the templates make of it, and where it is not even known which values are
// given, so is all that hangs on any.

// release renders the chart of a helm_release and adds its objects.
func (o objects) release(block *graph.Resource, config *graph.Node) {
	v := graph.ValueOf(config)
	dir, ok := o.chart(block, v)
	if !ok {
		return
	}
	if p := v.At("postrender"); p.Kind() != graph.Absent {
		o.warn(p.Place(), "a program changes what the chart renders to; its objects are not analysed")
		return
	}
	r := releaseValues{}
	r.documents(config.Field("values"))
	for _, key := range [...]string{"set", "set_list", "set_sensitive"} {
		r.sets(key, config.Field(key))
	}
	found := &graph.Builder{}
	docs, err := helm.Inflate(o.ctx, o.tree, found, helm.Inflation{
		Options: helm.Options{Namespace: textOr(v.At("namespace"), "default", ""), ReleaseName: textOr(v.At("name"), block.Name, helm.Unknown)},
		Dir:     dir, Charts: o.charts, Values: r.all, Open: r.open,
		CRDs: v.At("skip_crds").Bool(false) == graph.False, NoHooks: v.At("disable_webhooks").Bool(false) == graph.True,
	})
	if err != nil {
		return // the context's, which the loader asks for by itself
	}
	for _, p := range found.Problems {
		if r.open || r.unknown { // it may not be one with the values that are missing here
			p.Level = graph.Warning
		}
		o.problem(p)
	}
	o.b.Skipped = append(o.b.Skipped, found.Skipped...)
	made := &graph.Builder{}
	for _, doc := range docs {
		if o.move != nil {
			doc = doc.WithPlaces(o.move)
		}
		kubernetes.Add(made, doc)
	}
	installed := o.installed(block, config)
	for _, res := range made.Resources {
		place := *res.Place
		place.From = append(slices.Clip(place.From), installed...)
		res.Place = &place
		o.b.Add(res)
		o.b.Link(graph.Renders, block, res, block.Config)
	}
}

// installed is what brought the objects of a release in: its block, and the
// calls of the module that it is in.
func (o objects) installed(block *graph.Resource, config *graph.Node) []*source.Origin {
	var calls []*source.Origin
	for _, from := range block.Place.From {
		if from.Calls() {
			calls = append(calls, from)
		}
	}
	if o.move != nil { // the block is not the user's
		return calls
	}
	at := calledAt(config.Handle().Origin().Span, source.Release, nil)
	at.From = calls
	return []*source.Origin{at}
}

// chart is the directory of a release's chart, when it lies in the tree.
func (o objects) chart(block *graph.Resource, v graph.Value) (dir string, ok bool) {
	at := v.At("chart")
	name, known := at.Text("")
	repository, plain := v.At("repository").Text("")
	switch {
	case at.Present() == graph.False:
		o.warn(block.Place, "the release names no chart")
		return "", false
	case !known || !plain:
		o.warn(at.Place(), "which chart is installed is not known here; its objects are not analysed")
		return "", false
	case strings.Contains(repository, ":"), strings.Contains(name, "://"):
		o.warn(at.Place(), "the chart %q is not in the tree and is not fetched; its objects are not analysed", name)
		return "", false
	}
	if repository != "" && !strings.Contains(name, "/") {
		name = path.Join(repository, name)
	}
	dir = path.Join(o.dir, name)
	if path.IsAbs(name) || escapes(dir) || !o.tree.Exists(path.Join(dir, "Chart.yaml")) {
		o.warn(at.Place(), "the chart %q is not in the tree and is not fetched; its objects are not analysed", name)
		return "", false
	}
	return dir, true
}

func (o objects) warn(at *source.Origin, format string, args ...any) {
	b := &graph.Builder{}
	b.Warn(at, format, args...)
	o.problem(b.Problems[0])
}

// textOr is a string: absent when there is none, unknown when it is not known.
func textOr(v graph.Value, absent, unknown string) string {
	s, known := v.Text(absent)
	if !known {
		return unknown
	}
	return s
}

// releaseValues are the values that a release gives to its chart.
type releaseValues struct {
	all     []helm.Values
	unknown bool // some of them are not known
	open    bool // there may be more
}

// documents adds what values holds: texts in YAML.
func (r *releaseValues) documents(f *graph.Field) {
	switch {
	case f == nil || f.Node.Kind() == graph.Null:
		return
	case f.Node.Kind() != graph.List:
		r.open = true
		return
	}
	for _, item := range f.Node.Items() {
		doc := item.Decode()
		switch {
		case doc == nil && item.Kind() == graph.String:
			doc = yamltext.ParseText(item.Text(), item.Handle())
		case doc == nil:
			if p, ok := item.Handle().(*textPlace); ok && p.gaps != nil {
				doc = fill(yamltext.ParseText(p.gaps.text, p), p.gaps)
			}
		}
		switch doc.Kind() {
		case graph.Map:
			data, _ := r.plain(doc).(map[string]any)
			r.all = append(r.all, helm.Values{Node: doc, Data: data})
		case graph.Absent, graph.Null:
			r.open = r.open || item.Kind() != graph.String && item.Kind() != graph.Null || strings.TrimSpace(item.Text()) != "" && doc.Kind() == graph.Absent
		default:
			r.open = true
		}
	}
}

// plain is a node as Helm has values.
func (r *releaseValues) plain(n *graph.Node) any {
	switch n.Kind() {
	case graph.Map:
		m := map[string]any{}
		for _, f := range n.Fields() {
			m[f.Key] = r.plain(f.Node)
		}
		return m
	case graph.List:
		items := make([]any, len(n.Items()))
		for i, item := range n.Items() {
			items[i] = r.plain(item)
		}
		return items
	case graph.Bool:
		return n.Text() == "true"
	case graph.Number:
		if f, ok := graph.ValueOf(n).Float(0); ok {
			return f
		}
	case graph.String:
		return n.Text()
	case graph.Null, graph.Absent:
		return nil
	case graph.Unknown:
	}
	r.unknown = true
	return helm.Unknown
}

// sets adds values that are set by themselves: blocks, or a list of objects.
func (r *releaseValues) sets(key string, f *graph.Field) {
	if f == nil || f.Node.Kind() == graph.Null {
		return
	}
	sets := blocks(f.Node)
	if sets == nil {
		r.open = true
	}
	for _, n := range sets {
		set := graph.ValueOf(n)
		name, known := set.At("name").Text("")
		typ, plain := set.At("type").Text("")
		if !known || !plain {
			r.open = true
			continue
		}
		value := n.Field("value")
		if name == "" || value == nil || value.Node.Kind() == graph.Null {
			continue
		}
		one := &helm.Set{Text: name + "=" + r.scalar(value.Node), Type: typ, At: value.Node.Handle()}
		if key == "set_list" && value.Node.Kind() == graph.List {
			items := make([]string, len(value.Node.Items()))
			for i, item := range value.Node.Items() {
				items[i] = r.scalar(item)
			}
			one.Text = name + "={" + strings.Join(items, ",") + "}"
		}
		r.all = append(r.all, helm.Values{Set: one})
	}
}

func (r *releaseValues) scalar(n *graph.Node) string {
	switch n.Kind() {
	case graph.String, graph.Bool, graph.Number:
		return n.Text()
	default:
		r.unknown = true
		return helm.Unknown
	}
}
