package cluster

import (
	"strings"
	"testing"
)

func TestNamespaces(t *testing.T) {
	f := newFake(t, serves...)
	f.fill("pods", 6)
	f.objects["nodes"] = []object{{"metadata": object{"name": "n1"}}}
	f.objects["namespaces"] = []object{{"metadata": object{"name": "default"}}, {"metadata": object{"name": "kube-system"}}}
	s := f.must(Options{Namespaces: []string{"typo", "default"}}, nil)
	got := strings.Join(ids(s), "\n")
	if want := "core/Namespace  default\ncore/Node  n1\ncore/Pod default o0002\ncore/Pod default o0004\ncore/Pod default o0006"; got != want {
		t.Errorf("objects:\n%s\nwant:\n%s", got, want)
	}
	if got, want := gaps(s), "namespaces \"typo\": not read: namespaces \"typo\" not found\n"; got != want {
		t.Errorf("gaps:\n%swant:\n%s", got, want)
	}
	for _, a := range f.asked {
		if strings.HasPrefix(a, "GET /api/v1/pods") || a == "GET /api/v1/namespaces" {
			t.Errorf("asked %s", a)
		}
	}
	if f.counts["/api/v1/nodes"] != 1 {
		t.Errorf("nodes were asked for %d times", f.counts["/api/v1/nodes"])
	}
}

// TestHome holds that who may list nothing everywhere sees at least the
// namespace of the context, and is told that this is not all.
func TestHome(t *testing.T) {
	f := newFake(t, serves...)
	f.objects["pods"] = []object{
		{"metadata": object{"name": "a", "namespace": "team"}}, {"metadata": object{"name": "b", "namespace": "others"}},
	}
	f.before = func(r *fakeRequest) bool {
		return (!strings.Contains(r.URL.Path+"/", "/namespaces/team/") || r.in("secrets")) && strings.Count(r.URL.Path, "/") > 2 && r.status(403, "no")
	}
	f.objects["namespaces"] = []object{{"metadata": object{"name": "team"}}, {"metadata": object{"name": "others"}}}
	s := f.must(Options{Context: "home"}, nil)
	if got := strings.Join(ids(s), "\n"); got != "core/Namespace  team\ncore/Pod team a" {
		t.Errorf("objects:\n%s", got)
	}
	want := `deployments.apps: read in part, the user may not list them: only namespace "team" was read: no
horizontalpodautoscalers.autoscaling: read in part, the user may not list them: only namespace "team" was read: no
namespaces: read in part, the user may not list them: only namespace "team" was read: no
nodes: not read, the user may not list them: no
pods: read in part, the user may not list them: only namespace "team" was read: no
secrets: not read, the user may not list them: no
`
	if got := gaps(s); got != want {
		t.Errorf("gaps:\n%swant:\n%s", got, want)
	}
}
