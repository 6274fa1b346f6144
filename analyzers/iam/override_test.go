package iam

import (
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// TestOverridden leaves out the statements that another one with their ID has
// taken the place of.
func TestOverridden(t *testing.T) {
	statement := func(sid, action string) *graph.Node {
		return object("sid", text(sid), "actions", list(action), "resources", list("*"))
	}
	ref := func(id string) *graph.Node {
		return graph.NewList([]*graph.Node{graph.NewUnknown(nil).WithRefs(id)}, nil)
	}
	var b graph.Builder
	document := func(name string, args ...any) *graph.Resource {
		r := graph.NewResource(DocumentType+"."+name, DocumentType, name, object(args...), nil)
		b.Add(r)
		return r
	}
	base := document("base", "statement", blocks(statement("A", "a:base"), statement("B", "b:base"), statement("", "c:base")))
	over := document("over", "statement", blocks(statement("A", "a:over")))
	top := document("top", "source_policy_documents", ref(base.ID), "override_policy_documents", ref(over.ID),
		"statement", blocks(statement("B", "b:top"), statement("A", "a:top")))
	alone := document("alone", "statement", blocks(statement("A", "a:alone")))
	policy := graph.NewResource("aws_iam_policy.p", "aws_iam_policy", "p", object("policy", graph.NewUnknown(nil).WithRefs(alone.ID)), nil)
	b.Add(policy)
	for _, l := range []struct {
		from, to *graph.Resource
		path     string
	}{
		{top, base, "source_policy_documents.0"}, {top, over, "override_policy_documents.0"}, {policy, alone, "policy"},
		{over, alone, "statement"}, // whatever refers to it too
	} {
		b.Link(graph.References, l.from, l.to, l.from.At(l.path))
	}
	var got []string
	for _, d := range Documents.Of(graph.Freeze(&b)) {
		for s := range d.Statements() {
			got = append(got, s.Get("actions").At("0").Str())
		}
	}
	want := []string{"c:base", "a:over", "b:top", "a:alone"}
	if !slices.Equal(got, want) {
		t.Errorf("statements are %q, want %q", got, want)
	}
}
