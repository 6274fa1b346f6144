package analyzers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func TestLevel(t *testing.T) {
	var got []string
	for _, name := range analyzers.Severities {
		s, err := analyzers.ParseSeverity(name)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.Level())
	}
	if diff := cmp.Diff([]string{"note", "note", "warning", "error", "error"}, got); diff != "" {
		t.Error(diff)
	}
}

// link is a link of a chain at one letter of a file.
func link(f *source.File, at int, step source.Step, role source.Role, from ...*source.Origin) *source.Origin {
	return &source.Origin{Span: source.Span{File: f, Start: at, End: at + 1}, Step: step, Role: role, Exact: source.AtToken, From: from}
}

func texts(notes []analyzers.Note) []string {
	var all []string
	for _, n := range notes {
		all = append(all, n.At.Span.Text()+": "+n.Text)
	}
	return all
}

func TestPlaces(t *testing.T) {
	f := source.NewFile("a.yaml", []byte("abcdef"))
	value := link(f, 0, source.Values, source.DrivenBy, &source.Origin{Step: source.Default})
	include := link(f, 1, source.Include, source.Via, value)
	again := link(f, 1, source.Template, source.Via)
	condition := link(f, 2, source.Values, source.Condition)
	rendered := link(f, 3, source.Template, source.SetBy, include, again, condition, value)
	finding := &analyzers.Finding{At: rendered, Chain: rendered, Related: []analyzers.Note{
		{At: link(f, 4, source.Written, source.SetBy), Text: "noted"}, {Text: "nowhere"},
		{At: link(f, 4, source.Written, source.SetBy), Text: "noted"},
	}}

	want := []string{"b: passed on by this named template", "a: driven by this chart value", "c: depends on this chart value", "e: noted"}
	if diff := cmp.Diff(want, texts(finding.Places())); diff != "" {
		t.Error("places:", diff)
	}
	want = []string{"a: driven by this chart value", "b: passed on by this named template", "d: set by this template"}
	if diff := cmp.Diff(want, texts(finding.Flow())); diff != "" {
		t.Error("flow:", diff)
	}

	finding.At = value // a cause is the place to edit
	want = []string{"d: set by this template", "b: passed on by this named template", "c: depends on this chart value", "e: noted"}
	if diff := cmp.Diff(want, texts(finding.Places())); diff != "" {
		t.Error("places of a cause:", diff)
	}

	alone := &analyzers.Finding{At: again, Chain: again}
	if alone.Flow() != nil || alone.Places() != nil {
		t.Errorf("a single place has the flow %v and places %v", alone.Flow(), alone.Places())
	}
}

// A chain may be as long as a machine likes, or share causes over and over.
func TestPlacesOfLongChains(t *testing.T) {
	f := source.NewFile("a.yaml", make([]byte, 3000))
	long := link(f, 0, source.Written, source.SetBy)
	for i := range 2000 {
		long = link(f, i+1, source.Function, source.SetBy, long, long)
	}
	finding := &analyzers.Finding{At: long, Chain: long}
	if n := len(finding.Places()); n != 20 {
		t.Errorf("%d places", n)
	}
	if n := len(finding.Flow()); n != 20 {
		t.Errorf("%d links of the flow", n)
	}
}

func TestOthers(t *testing.T) {
	in := func(root, id string) *graph.Resource {
		r := graph.NewResource(id, "core/Pod", "a", nil, nil)
		r.Root = root
		return r
	}
	own := in("helm:a", "Pod/a")
	f := &analyzers.Finding{Resource: own, Instances: []*graph.Resource{own, in("helm:a", "Pod/b"), nil, in("helm:b", "Pod/a")}}
	var got []string
	for _, o := range f.Others() {
		got = append(got, o.Label)
	}
	if diff := cmp.Diff([]string{"Pod/b", "Pod/a in helm:b"}, got); diff != "" {
		t.Error(diff)
	}
	if others := (&analyzers.Finding{Instances: []*graph.Resource{nil}}).Others(); others != nil {
		t.Errorf("a finding about no resource is also about %v", others)
	}
}

func TestPlace(t *testing.T) {
	f := source.NewFile("a.yaml", []byte("abc"))
	in, out := link(f, 0, source.Written, source.SetBy), &source.Origin{Step: source.Default}
	aliased := &source.Origin{Step: source.Alias, From: []*source.Origin{in}}
	res := graph.NewResource("Pod/a", "core/Pod", "a", nil, link(f, 2, source.Written, source.SetBy))
	for name, test := range map[string]struct {
		finding analyzers.Finding
		want    string
	}{
		"own":          {analyzers.Finding{At: link(f, 1, source.Written, source.SetBy), Chain: in, Resource: res}, "b"},
		"of the chain": {analyzers.Finding{At: out, Chain: in, Resource: res}, "a"},
		"of an alias":  {analyzers.Finding{Chain: aliased, Resource: res}, "a"},
		"of resource":  {analyzers.Finding{At: out, Chain: out, Resource: res}, "c"},
		"none":         {analyzers.Finding{At: out}, ""},
	} {
		got := ""
		if p := test.finding.Place(); p != nil {
			got = p.Span.Text()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
