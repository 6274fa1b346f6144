package kube

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

func TestType(t *testing.T) {
	for _, c := range [][3]string{
		{"v1", "Pod", "core/Pod"},
		{"apps/v1", "Deployment", "apps/Deployment"},
		{"extensions/v1beta1", "Deployment", "apps/Deployment"},
		{"extensions/v1beta1", "Ingress", "networking.k8s.io/Ingress"},
		{"extensions/v1beta1", "Thing", "extensions/Thing"},
		{"example.com/v1", "Service", "example.com/Service"},
	} {
		if got := Type(c[0], c[1]); got != c[2] {
			t.Errorf("Type(%s, %s) is %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func str(s string) *graph.Node { return graph.NewString(s, nil) }

// m is a map of keys and nodes in turn.
func m(pairs ...any) *graph.Node {
	var fields []graph.Field
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, graph.Field{Key: pairs[i].(string), Node: pairs[i+1].(*graph.Node)})
	}
	return graph.NewMap(fields, nil)
}

func list(items ...*graph.Node) *graph.Node { return graph.NewList(items, nil) }

func TestMatchSelector(t *testing.T) {
	unknown := graph.NewUnknown(nil)
	labels := m("app", str("web"), "tier", str("front"))
	expr := func(key, op string, values ...*graph.Node) *graph.Node {
		return m("matchExpressions", list(m("key", str(key), "operator", str(op), "values", list(values...))))
	}
	for _, c := range []struct {
		name             string
		selector, labels *graph.Node
		want             graph.Tri
	}{
		{"empty", m(), labels, graph.True},
		{"absent", nil, labels, graph.True},
		{"unknown", unknown, labels, graph.Unsure},
		{"labels", m("matchLabels", m("app", str("web"))), labels, graph.True},
		{"other value", m("matchLabels", m("app", str("api"))), labels, graph.False},
		{"no such label", m("matchLabels", m("zone", str("a"))), labels, graph.False},
		{"no labels", m("matchLabels", m("app", str("web"))), nil, graph.False},
		{"unknown labels", m("matchLabels", m("app", str("web"))), unknown, graph.Unsure},
		{"unknown label", m("matchLabels", m("app", str("web"))), m("app", unknown), graph.Unsure},
		{"unknown label, another differs", m("matchLabels", m("app", str("web"), "tier", str("back"))), m("app", unknown, "tier", str("front")), graph.False},
		{"unknown value", m("matchLabels", m("app", unknown)), labels, graph.Unsure},
		{"unknown matchLabels", m("matchLabels", unknown), labels, graph.Unsure},
		{"unknown expressions", m("matchExpressions", unknown), labels, graph.Unsure},
		{"unknown expressions, labels differ", m("matchLabels", m("app", str("api")), "matchExpressions", unknown), labels, graph.False},

		{"In", expr("app", "In", str("api"), str("web")), labels, graph.True},
		{"In, not", expr("app", "In", str("api")), labels, graph.False},
		{"In, absent", expr("zone", "In", str("a")), labels, graph.False},
		{"In, unknown label", expr("app", "In", str("web")), m("app", unknown), graph.Unsure},
		{"In, unknown among the values", expr("app", "In", str("api"), unknown), labels, graph.Unsure},
		{"In, there beside an unknown", expr("app", "In", unknown, str("web")), labels, graph.True},
		{"NotIn", expr("app", "NotIn", str("api")), labels, graph.True},
		{"NotIn, in", expr("app", "NotIn", str("web")), labels, graph.False},
		{"NotIn, absent", expr("zone", "NotIn", str("a")), labels, graph.True},
		{"NotIn, no labels", expr("zone", "NotIn", str("a")), nil, graph.True},
		{"NotIn, unknown labels", expr("app", "NotIn", str("a")), unknown, graph.Unsure},
		{"Exists", expr("app", "Exists"), labels, graph.True},
		{"Exists, absent", expr("zone", "Exists"), labels, graph.False},
		{"Exists, unknown labels", expr("app", "Exists"), unknown, graph.Unsure},
		{"DoesNotExist", expr("zone", "DoesNotExist"), labels, graph.True},
		{"DoesNotExist, there", expr("app", "DoesNotExist"), labels, graph.False},
		{"no operator", expr("app", "Like"), labels, graph.False},
		{"unknown operator", m("matchExpressions", list(m("key", str("app"), "operator", unknown))), labels, graph.Unsure},
		{"unknown key", m("matchExpressions", list(m("key", unknown, "operator", str("Exists")))), labels, graph.Unsure},
		{"both", m("matchLabels", m("app", str("web")), "matchExpressions", list(m("key", str("tier"), "operator", str("Exists")))), labels, graph.True},
	} {
		if got := MatchSelector(graph.ValueOf(c.selector), graph.ValueOf(c.labels)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMatchLabels(t *testing.T) {
	number := graph.NewScalar(graph.Number, "1", nil)
	for _, c := range []struct {
		name             string
		selector, labels *graph.Node
		want             graph.Tri
	}{
		{"empty matches", m(), m("a", str("b")), graph.True},
		{"all of them", m("a", str("b"), "c", str("d")), m("c", str("d"), "a", str("b"), "e", str("f")), graph.True},
		{"one is missing", m("a", str("b"), "c", str("d")), m("a", str("b")), graph.False},
		{"a number for a string", m("v", str("1")), m("v", number), graph.True},
		{"null is no label", m("a", str("")), m("a", graph.NewNull(nil)), graph.False},
	} {
		if got := MatchLabels(graph.ValueOf(c.selector), graph.ValueOf(c.labels)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSameNamespace(t *testing.T) {
	in := func(ns *graph.Node) *graph.Resource {
		meta := m()
		if ns != nil {
			meta = m("namespace", ns)
		}
		return graph.NewResource("Kind/x", "core/Kind", "x", m("metadata", meta), nil)
	}
	for _, c := range []struct {
		name string
		a, b *graph.Node
		want graph.Tri
	}{
		{"none", nil, nil, graph.True},
		{"equal", str("a"), str("a"), graph.True},
		{"different", str("a"), str("b"), graph.False},
		{"one has none", str("a"), nil, graph.Unsure},
		{"empty", str(""), str("a"), graph.Unsure},
		{"unknown", graph.NewUnknown(nil), str("a"), graph.Unsure},
		{"unknown and none", graph.NewUnknown(nil), nil, graph.Unsure},
	} {
		if got := SameNamespace(in(c.a), in(c.b)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		if got := SameNamespace(in(c.b), in(c.a)); got != c.want {
			t.Errorf("%s, turned round: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPodTemplate(t *testing.T) {
	pod := m("metadata", m("labels", m("app", str("x"))), "spec", m())
	for typ, config := range map[string]*graph.Node{
		"core/Pod":            pod,
		"apps/Deployment":     m("spec", m("template", pod)),
		"batch/CronJob":       m("spec", m("jobTemplate", m("spec", m("template", pod)))),
		"core/PodTemplate":    m("template", pod),
		"argoproj.io/Rollout": m("spec", m("template", pod)),
	} {
		r := graph.NewResource("x", typ, "x", config, nil)
		if _, ok := PodTemplate(r); !ok || PodLabels(r).At("app").Str() != "x" {
			t.Errorf("%s: labels not found", typ)
		}
	}
	if _, ok := PodTemplate(graph.NewResource("x", "argoproj.io/Rollout", "x", m("spec", m("workloadRef", m())), nil)); ok {
		t.Error("a Rollout that refers to a Deployment has no template")
	}
	if _, ok := PodTemplate(graph.NewResource("x", "core/Service", "x", m(), nil)); ok {
		t.Error("a Service makes no pods")
	}
}

func TestMinor(t *testing.T) {
	for version, want := range map[string]int{"1.35": 35, "v1.22.3": 22, "1.31+": 31, "1": -1, "2.1": -1, "": -1, "1.x": -1} {
		got, err := Minor(version)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("Minor(%q) is %d, want %d", version, got, want)
		}
	}
}
