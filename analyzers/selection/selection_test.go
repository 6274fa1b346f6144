package selection_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

func add(t *testing.T, b *graph.Builder, text string) *graph.Builder {
	t.Helper()
	for _, doc := range yamltext.Parse(source.NewFile("a.yaml", []byte(text)), nil) {
		if doc.Problem != nil || !kubernetes.Add(b, doc.Root) {
			t.Fatalf("no object in %q", text)
		}
	}
	return b
}

func TestPicksNone(t *testing.T) {
	const web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: web, example.com/part: front}}}}\n"
	for _, c := range []struct {
		name, selector string
		pods           []string // of the own root, of another
		none           graph.Tri
	}{
		{"a match", "{app: web}", []string{web}, graph.False},
		{"a match in another root", "{app: web}", []string{"", web}, graph.False},
		{"a misspelt value", "{app: wed}", []string{web}, graph.True},
		{"a missing key", "{app: web, tier: front}", []string{web}, graph.True},
		{"no pods", "{app: web}", []string{""}, graph.True},
		{"a domain that pods here use", "{example.com/part: back}", []string{web}, graph.True},
		{"a domain of a controller's", "{strimzi.io/cluster: a}", []string{web}, graph.Unsure},
		{"a label of a controller's", "{job-name: a}", []string{web}, graph.Unsure},
		{"a recommended label", "{app.kubernetes.io/name: a}", []string{web}, graph.True},
	} {
		own := add(t, &graph.Builder{Root: "own"}, "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\nspec: {selector: "+c.selector+"}\n")
		parts := []*graph.Builder{own}
		if c.pods[0] != "" {
			add(t, own, c.pods[0])
		}
		if len(c.pods) > 1 {
			parts = append(parts, add(t, &graph.Builder{Root: "other"}, c.pods[1]))
		}
		g := graph.Freeze(parts...)
		s := selection.Labels(own.Resources[0].At("spec.selector"))
		if none := selection.Pods.Of(g).PicksNone(s); none != c.none {
			t.Errorf("%s: %v, want %v", c.name, none, c.none)
		}
		for p, picked := range selection.Pods.Of(g).Picked(s) {
			if want := graph.Of(true); p.Resource().Root == "own" && picked != want || p.Resource().Root == "other" && picked != graph.Unsure {
				t.Errorf("%s: picked from %s: %v", c.name, p.Resource().Root, picked)
			}
		}
	}
}

// The index finds what a look at every pod does.
func TestIndexIsComplete(t *testing.T) {
	b := add(t, &graph.Builder{}, `apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a, x: "1"}}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: b}}
---
apiVersion: v1
kind: Pod
metadata: {name: none}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec:
  sel1: {}
  sel2: {matchLabels: {app: a}}
  sel3: {matchExpressions: [{key: app, operator: Exists}]}
  sel4: {matchLabels: {x: "1", app: a}}
  sel5: {matchLabels: {app: a}, matchExpressions: [{key: x, operator: DoesNotExist}]}
  sel6: {matchExpressions: [{key: app, operator: NotIn, values: [a]}]}
`)
	unknown := graph.NewResource("Pod/u", "core/Pod", "u", graph.NewMap([]graph.Field{{Key: "metadata", Node: graph.NewMap([]graph.Field{{Key: "labels", Node: graph.NewUnknown(nil)}}, nil)}}, nil), nil)
	b.Add(unknown)
	g := graph.Freeze(b)
	want := map[string]int{"sel1": 4, "sel2": 2, "sel3": 3, "sel4": 2, "sel5": 1, "sel6": 3}
	for name, n := range want {
		got := 0
		for range selection.Pods.Of(g).Picked(selection.Full(b.Resources[3].At("spec").Get(name))) {
			got++
		}
		if got != n {
			t.Errorf("%s picks %d, want %d", name, got, n)
		}
	}
}
