package live

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// fake is the place of a live value that is not what is written.
type fake struct {
	source.Handle
	written      string
	there, known bool
	by, time     string
	injected     bool
}

func (f *fake) Written() (text string, there, known bool)         { return f.written, f.there, f.known }
func (f *fake) Manager() (name, time string, injected bool)       { return f.by, f.time, f.injected }
func field(key string, n *graph.Node) graph.Field                 { return graph.Field{Key: key, Node: n} }
func mapping(at source.Handle, fields ...graph.Field) *graph.Node { return graph.NewMap(fields, at) }

func TestExplain(t *testing.T) {
	file, text := source.NewFile("a.yaml", []byte("0123456789")), source.NewRemote("cluster:c/x", []byte("0123456789"))
	at := func(f *source.File, i int) source.Handle { return &source.Span{File: f, Start: i, End: i + 1} }
	app, gone := at(file, 1), at(file, 2)
	written := graph.NewResource("Service/x", "core/Service", "x", mapping(at(file, 0), field("spec", mapping(at(file, 0),
		field("list", graph.NewList([]*graph.Node{mapping(gone), mapping(app, field("gone", graph.NewString("y", at(file, 3))), field("empty", mapping(at(file, 3))))}, at(file, 0))),
		field("same", graph.NewString("s", at(file, 4))),
	))), nil)
	value := func(f *fake) *graph.Node { f.Handle = at(file, 5); return graph.NewBool(true, f) }
	config := mapping(at(file, 0), field("spec", mapping(at(file, 0),
		field("list", graph.NewList([]*graph.Node{mapping(app)}, at(file, 0))),
		field("same", graph.NewString("s", at(file, 4))),
		field("changed", value(&fake{written: "false", there: true, known: true, by: "kubectl-edit", time: "2026-05-01T10:00:00Z"})),
		field("open", value(&fake{there: true})),
		field("added", value(&fake{by: "someone", known: true})),
		field("nobody", value(&fake{known: true})),
		field("injected", mapping(&fake{Handle: at(file, 5), injected: true})),
	)), field("status", mapping(at(text, 0), field("ready", graph.NewBool(false, at(text, 1))))))
	runs := graph.NewResource("Service/n/x", "core/Service", "x", config, nil)
	stray := graph.NewResource("Service/n/y", "core/Service", "y", mapping(at(text, 0)), nil)
	cluster := graph.NewResource("c", Cluster, "c", mapping(at(text, 0)), nil)
	files, b := &graph.Builder{}, &graph.Builder{Root: "cluster:c"}
	files.Add(written)
	b.Add(runs)
	b.Add(stray)
	b.Add(cluster)
	b.Link(graph.Live, written, runs, graph.Value{})
	g := graph.Freeze(files, b)
	for _, c := range []struct {
		r     *graph.Resource
		path  string
		files bool
		want  string
	}{
		{runs, "spec.changed", true, `the manifest says "false" here, the cluster has "true", set by "kubectl-edit" on 2026-05-01`},
		{runs, "spec.open", true, `the manifest leaves it open, the cluster has "true"`},
		{runs, "spec.added", true, `not in the manifest, set by "someone"`},
		{runs, "spec.nobody", true, "not in the manifest"},
		{runs, "spec.injected", true, "not in the manifest: injected into its pods"},
		{runs, "spec.injected.more", true, "not in the manifest: injected into its pods"},
		{runs, "spec.list.0.gone", true, `the manifest says "y" here, the cluster has nothing`},
		{runs, "spec.list.0.empty", true, "it is in the manifest and not in the cluster"},
		{runs, "spec.list.0.never", true, "only in the cluster"},
		{runs, "spec.same", true, "only in the cluster"},
		{runs, "status.ready", true, ""},
		{stray, "spec.x", true, "nothing that was scanned makes it"},
		{stray, "spec.x", false, ""},
		{cluster, "version", true, ""},
	} {
		v := c.r.At(c.path)
		f := &analyzers.Finding{Rule: &analyzers.Rule{ID: "k8s-x"}, Resource: c.r, Value: v, Absent: v.Kind() == graph.Absent}
		if got := Explain(g, f, c.files); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.r.ID, c.path, got, c.want)
		}
	}
}
