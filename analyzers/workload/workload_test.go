package workload

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

func TestParseImage(t *testing.T) {
	for text, want := range map[string]Image{
		"busybox":                            {Path: "busybox"},
		"busybox:1.36":                       {Path: "busybox", Tag: "1.36", TagStart: 8, TagEnd: 12},
		"library/busybox":                    {Path: "library/busybox"},
		"localhost/web:1":                    {Registry: "localhost", Path: "web", Tag: "1", TagStart: 14, TagEnd: 15},
		"registry:5000/web":                  {Registry: "registry:5000", Path: "web"},
		"registry.example.com/a/b@sha256:00": {Registry: "registry.example.com", Path: "a/b", Digest: "sha256:00"},
		"web:1@sha256:00":                    {Path: "web", Tag: "1", TagStart: 4, TagEnd: 5, Digest: "sha256:00"},
		"":                                   {},
		"a:":                                 {Path: "a", TagStart: 2, TagEnd: 2},
	} {
		if got := ParseImage(text); got != want {
			t.Errorf("ParseImage(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestFloats(t *testing.T) {
	for text, want := range map[string]bool{
		"web": true, "web:latest": true, "web:1": false, "web@sha256:00": false, "web:latest@sha256:00": false, "web:latest-alpine": false,
	} {
		if got := ParseImage(text).Floats(); got != want {
			t.Errorf("%q floats: %v", text, got)
		}
	}
}

func TestCapability(t *testing.T) {
	for name, want := range map[string]string{"SYS_ADMIN": "SYS_ADMIN", "CAP_SYS_ADMIN": "SYS_ADMIN", "cap_net_raw": "NET_RAW", "all": "ALL", "": ""} {
		if got := Capability(name); got != want {
			t.Errorf("Capability(%q) = %q", name, got)
		}
	}
}

func FuzzParseImage(f *testing.F) {
	f.Add("registry:5000/a/b:c@sha256:0")
	f.Fuzz(func(t *testing.T, text string) {
		if i := ParseImage(text); text[i.TagStart:i.TagEnd] != i.Tag {
			t.Errorf("the tag of %q is %q and lies at %q", text, i.Tag, text[i.TagStart:i.TagEnd])
		}
	})
}

// obj makes a map of scalars, nil for an unknown, and maps.
func obj(fields map[string]any) *graph.Node {
	var list []graph.Field
	for key, v := range fields {
		var n *graph.Node
		switch v := v.(type) {
		case nil:
			n = graph.NewUnknown(nil)
		case bool:
			n = graph.NewBool(v, nil)
		case string:
			n = graph.NewScalar(graph.Number, v, nil)
		case map[string]any:
			n = obj(v)
		case []any:
			var items []*graph.Node
			for _, item := range v {
				items = append(items, obj(item.(map[string]any)))
			}
			n = graph.NewList(items, nil)
		}
		list = append(list, graph.Field{Key: key, Node: n})
	}
	return graph.NewMap(list, nil)
}

func TestNonRoot(t *testing.T) {
	type m = map[string]any
	for _, c := range []struct {
		name           string
		pod, container m
		nonRoot, root  graph.Tri
	}{
		{"nothing", m{}, m{}, graph.False, graph.False},
		{"pod says so", m{"runAsNonRoot": true}, m{}, graph.True, graph.False},
		{"container takes it back", m{"runAsNonRoot": true}, m{"runAsNonRoot": false}, graph.False, graph.False},
		{"container says so", m{"runAsNonRoot": false}, m{"runAsNonRoot": true}, graph.True, graph.False},
		{"user in the pod", m{"runAsUser": "1000"}, m{}, graph.True, graph.False},
		{"root in the container", m{"runAsUser": "1000"}, m{"runAsUser": "0"}, graph.False, graph.True},
		{"root that is not let start", m{"runAsNonRoot": true}, m{"runAsUser": "0"}, graph.True, graph.True},
		{"unknown user", m{}, m{"runAsUser": nil}, graph.Unsure, graph.Unsure},
		{"unknown user that is not root", m{"runAsNonRoot": true}, m{"runAsUser": nil}, graph.True, graph.Unsure},
		{"unknown context of the pod", nil, m{}, graph.Unsure, graph.Unsure},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := m{"containers": []any{m{"securityContext": c.container}}}
			if spec["securityContext"] = any(c.pod); c.pod == nil {
				spec["securityContext"] = nil
			}
			r := graph.NewResource("Pod/p", "core/Pod", "p", obj(m{"spec": spec}), nil)
			b := &graph.Builder{Root: "r"}
			b.Add(r)
			all := Containers.Of(graph.Freeze(b))
			if len(all) != 1 {
				t.Fatalf("%d containers", len(all))
			}
			if got := all[0].NonRoot(); got != c.nonRoot {
				t.Errorf("NonRoot is %v, want %v", got, c.nonRoot)
			}
			if got := all[0].IsRoot(); got != c.root {
				t.Errorf("IsRoot is %v, want %v", got, c.root)
			}
		})
	}
}
