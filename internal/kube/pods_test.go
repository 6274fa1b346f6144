package kube

import (
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

func TestPodTemplates(t *testing.T) {
	named := func(name string) *graph.Node { return m("metadata", m("name", str(name))) }
	for _, c := range []struct {
		name, typ, template string
		config              *graph.Node
		want                []string
	}{
		{"template", "apps/Deployment", "", m("spec", m("template", named("a"))), []string{"a"}},
		{"itself", "core/Pod", "", named("a"), []string{"a"}},
		{"none", "argoproj.io/Rollout", "", m("spec", m("workloadRef", m("name", str("web")))), nil},
		{"list", "batch.volcano.sh/Job", "", m("spec", m("tasks", list(m("template", named("a")), m("x", str("y")), m("template", named("b"))))), []string{"a", "b"}},
		{"map", "kubeflow.org/TFJob", "", m("spec", m("tfReplicaSpecs", m("PS", m("template", named("a")), "Worker", m("template", named("b"))))), []string{"a", "b"}},
		{"keys that end so", "leaderworkerset.x-k8s.io/LeaderWorkerSet", "",
			m("spec", m("leaderWorkerTemplate", m("size", str("2"), "leaderTemplate", named("a"), "workerTemplate", named("b")))), []string{"a", "b"}},
		{"named by the user", "example.com/Boat", "spec.crew.*", m("spec", m("crew", list(named("a"), named("b")))), []string{"a", "b"}},
		{"no type of pods", "example.com/Boat", "", m("spec", m("template", named("a"))), nil},
		{"not for what is known", "batch/Job", "spec.other", m("spec", m("template", named("a"), "other", named("b"))), []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := graph.NewResource("id", c.typ, "n", c.config, nil)
			r.Template = c.template
			var got []string
			for pod := range PodTemplates(r) {
				got = append(got, pod.At("metadata.name").Str())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			first, ok := PodTemplate(r)
			if ok != (len(c.want) > 0) || ok && first.At("metadata.name").Str() != c.want[0] {
				t.Errorf("the first is %q, %v", first.At("metadata.name").Str(), ok)
			}
		})
	}
}

func TestPodTypes(t *testing.T) {
	if len(PodTypes) != len(podTypes) {
		t.Fatalf("%d types and %d paths", len(PodTypes), len(podTypes))
	}
	for i, typ := range podTypes {
		if PodTypes[i] != typ.typ {
			t.Errorf("%s stands where %s does", PodTypes[i], typ.typ)
		}
	}
}

func TestParseTemplate(t *testing.T) {
	if typ, path, err := ParseTemplate("example.com/Boat=spec.crew.*.pod"); typ != "example.com/Boat" || path != "spec.crew.*.pod" || err != nil {
		t.Errorf("%q, %q, %v", typ, path, err)
	}
	for _, text := range []string{"", "Boat=spec", "a/B", "a/B=", "/B=c", "a/=c", "a/b/C=d"} {
		if _, _, err := ParseTemplate(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
