package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var serves = []string{
	"v1 pods +Pod", "v1 secrets +Secret", "v1 namespaces Namespace", "v1 nodes Node", "v1 events +Event",
	"apps/v1 deployments +Deployment", "autoscaling/v2 horizontalpodautoscalers +HorizontalPodAutoscaler",
	"autoscaling/v1 horizontalpodautoscalers +HorizontalPodAutoscaler", "example.com/v1 boats +Boat",
}

// ids are the objects of a snapshot by name.
func ids(s *Snapshot) []string {
	var all []string
	for _, o := range s.Objects {
		all = append(all, strings.Join(identity(o), " "))
	}
	return all
}

func TestRead(t *testing.T) {
	for _, old := range []bool{false, true} {
		f := newFake(t, serves...)
		f.old = old
		f.fill("pods", 12)
		f.fill("deployments.apps", 3)
		f.fill("boats.example.com", 3)
		f.objects["nodes"] = []object{{"metadata": object{"name": "n1"}}}
		s := f.must(Options{Page: 5}, nil)
		if len(s.Gaps) > 0 {
			t.Errorf("gaps:\n%s", gaps(s))
		}
		got := ids(s)
		if len(got) != 16 || got[0] != "apps/Deployment default o0001" || got[3] != "core/Node  n1" || got[15] != "core/Pod kube-system o0011" {
			t.Errorf("objects: %q", got)
		}
		if o := s.Objects[0]; o["apiVersion"] != "apps/v1" || o["spec"].(object)["replicas"] != int64(2) || o["spec"].(object)["ratio"] != 0.5 {
			t.Errorf("first object: %v", o)
		}
		if s.Context != "my context" || s.Version != "v1.36.3" || s.Day != "2026-11-28" {
			t.Errorf("%q %q %q", s.Context, s.Version, s.Day)
		}
		var versions []string
		for _, k := range s.Kinds {
			if k.Group == "autoscaling" {
				versions = append(versions, fmt.Sprint(k.Version, k.Preferred))
			}
		}
		if fmt.Sprint(versions) != "[v1false v2true]" || len(s.Kinds) != len(serves) {
			t.Errorf("kinds: %v", s.Kinds)
		}
		f.onlyReads()
	}
}

// onlyReads holds that nothing was sent but GET, and nothing asked that is not wanted.
func (f *fake) onlyReads() {
	f.t.Helper()
	for _, a := range f.asked {
		if !strings.HasPrefix(a, "GET ") {
			f.t.Errorf("asked %s", a)
		}
		if strings.Contains(a, "events") || strings.Contains(a, "boats") || strings.Contains(a, "watch") {
			f.t.Errorf("asked %s", a)
		}
	}
	if len(f.asked) == 0 {
		f.t.Error("nothing was asked")
	}
}

// TestProgress holds that objects are counted page by page, and those that are
// read again once.
func TestProgress(t *testing.T) {
	f := newFake(t, serves...)
	f.fill("pods", 12)
	f.fill("deployments.apps", 3)
	f.before = func(r *fakeRequest) bool { return r.in("pods") && r.nth == 2 && r.status(410, "too old") }
	f.must(Options{Page: 5, Parallel: 1}, nil)
	var objects []int
	for _, p := range f.told {
		if p.Of != 6 {
			t.Errorf("told %+v", p)
		}
		objects = append(objects, p.Objects)
	}
	if got, want := slices.Compact(objects), []int{5, 0, 5, 10, 12, 15}; !slices.Equal(got, want) {
		t.Errorf("objects %v, want %v", got, want)
	}
}
