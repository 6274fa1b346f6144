package attr

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

func str(s string) *graph.Node            { return graph.NewString(s, nil) }
func items(of ...*graph.Node) *graph.Node { return graph.NewList(of, nil) }

func TestWants(t *testing.T) {
	absent := (*graph.Node)(nil)
	null, unknown := graph.NewNull(nil), graph.NewUnknown(nil)
	yes, no := graph.NewBool(true, nil), graph.NewBool(false, nil)
	five := graph.NewScalar(graph.Number, "5", nil)
	for _, c := range []struct {
		name string
		want Want
		node *graph.Node
		ok   graph.Tri
	}{
		{"True of true", True, yes, graph.True},
		{"True of \"true\"", True, str("true"), graph.True},
		{"True of false", True, no, graph.False},
		{"True of nothing", True, absent, graph.False},
		{"True of null", True, null, graph.False},
		{"True of unknown", True, unknown, graph.Unsure},
		{"NotFalse of nothing", NotFalse, absent, graph.True},
		{"NotFalse of false", NotFalse, no, graph.False},
		{"False of nothing", False, absent, graph.False},
		{"False of false", False, no, graph.True},
		{"NotTrue of nothing", NotTrue, absent, graph.True},
		{"NotTrue of true", NotTrue, yes, graph.False},
		{"Set of text", Set, str("x"), graph.True},
		{"Set of empty text", Set, str(""), graph.False},
		{"Set of nothing", Set, absent, graph.False},
		{"Set of unknown", Set, unknown, graph.Unsure},
		{"Set of an empty list", Set, items(), graph.False},
		{"Set of a list", Set, items(str("a")), graph.True},
		{"Unset of nothing", Unset, absent, graph.True},
		{"Unset of text", Unset, str("x"), graph.False},
		{"OneOf", OneOf("a", "b"), str("b"), graph.True},
		{"OneOf of another", OneOf("a", "b"), str("c"), graph.False},
		{"OneOf of nothing", OneOf("a"), absent, graph.False},
		{"OneOfOrUnset of nothing", OneOfOrUnset("a"), absent, graph.True},
		{"OneOfOrUnset of unknown", OneOfOrUnset("a"), unknown, graph.Unsure},
		{"NoneOf of nothing", NoneOf("a"), absent, graph.True},
		{"NoneOf of it", NoneOf("a"), str("a"), graph.False},
		{"Has", Has("a"), items(str("b"), str("a")), graph.True},
		{"Has with an unknown item", Has("a"), items(str("b"), unknown), graph.Unsure},
		{"AtLeast", AtLeast(5, 0), five, graph.True},
		{"AtLeast of less", AtLeast(6, 0), five, graph.False},
		{"AtLeast of nothing", AtLeast(6, 7), absent, graph.True},
		{"AtLeast of unknown", AtLeast(6, 7), unknown, graph.Unsure},
		{"AtMost of more", AtMost(4, 0), five, graph.False},
	} {
		var fields []graph.Field
		if c.node != nil {
			fields = []graph.Field{{Key: "k", Node: c.node}}
		}
		v := graph.ValueOf(graph.NewMap(fields, nil)).At("k")
		if got := c.want.holds(v); got != c.ok {
			t.Errorf("%s: %v, want %v", c.name, got, c.ok)
		}
	}
}

func TestRows(t *testing.T) {
	rules := Rules("aws_x", Must{
		ID: "aws-x", Title: "T", Why: "W", Remedy: "R", Path: "block.on", Be: True, Types: []string{"aws_y"},
		If: func(r *graph.Resource) graph.Tri { return r.At("skip").Bool(false).Not() },
	})
	block := func(fields ...graph.Field) *graph.Node { return graph.NewMap(fields, nil) }
	b := &graph.Builder{}
	add := func(typ string, fields ...graph.Field) {
		b.Add(graph.NewResource(typ+".r", typ, "r", block(fields...), nil))
	}
	on := func(n *graph.Node) *graph.Node { return block(graph.Field{Key: "on", Node: n}) }
	add("aws_x", graph.Field{Key: "block", Node: items(on(graph.NewBool(true, nil)), on(graph.NewBool(false, nil)), block())})
	add("aws_y")
	add("aws_y", graph.Field{Key: "skip", Node: graph.NewBool(true, nil)})
	add("aws_y", graph.Field{Key: "skip", Node: graph.NewUnknown(nil)})
	add("aws_z")
	p := analyzers.NewPass(rules[0], graph.Freeze(b), nil)
	rules[0].Check(p)
	var got []string
	for _, f := range p.Findings() {
		got = append(got, f.Resource.Type+": "+f.Message)
	}
	want := []string{
		`aws_x: on is "false" and must be true`, "aws_x: block.on is not set and must be true", "aws_y: block.on is not set and must be true",
	}
	if len(got) != len(want) {
		t.Fatalf("findings %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("finding %d is %q, want %q", i, got[i], want[i])
		}
	}
	if len(p.Unsure()) != 1 {
		t.Errorf("%d unsure, want the one whose condition is not known", len(p.Unsure()))
	}
}
