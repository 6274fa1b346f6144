package cluster

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// TestOtherVersions holds that objects in a version that is not served any more
// are compared in what both versions have, and in nothing else.
func TestOtherVersions(t *testing.T) {
	for name, c := range map[string]struct{ written, live, want string }{
		"the same under other names": {
			`{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: web, namespace: a}, spec: {rules: [{host: x, http: {paths: [{path: /, backend: {serviceName: web, servicePort: 80}}]}}]}}`,
			`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: a}, spec: {rules: [{host: x, http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}}`,
			"",
		},
		"what both have": {
			`{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: web, namespace: a, labels: {app: web}}, spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}}`,
			`{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web, namespace: a, labels: {app: api}}, spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}}`,
			"metadata.labels.app spec.minAvailable",
		},
		"what only one has": {
			`{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: a}, spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 70}}`,
			`{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: a}, spec: {maxReplicas: 5, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 90}}}]}}`,
			"spec.maxReplicas",
		},
		"of which nothing is known": {
			`{apiVersion: example.com/v1alpha1, kind: Boat, metadata: {name: b, namespace: a, annotations: {x: "1"}}, spec: {crew: 3}}`,
			`{apiVersion: example.com/v1, kind: Boat, metadata: {name: b, namespace: a, annotations: {x: "2"}}, spec: {crew: 4}}`,
			"metadata.annotations.x",
		},
	} {
		d, _ := drift(t, parsed(c.written), recorded(t, c.live))
		var paths []string
		for _, one := range d.Differences {
			paths = append(paths, one.Path())
		}
		if got := strings.Join(paths, " "); got != c.want || d.Others > 0 {
			t.Errorf("%s: drift %q and %d others', want %q", name, got, d.Others, c.want)
		}
	}
}

// TestFurther holds that drift asks for what is written in the way that it is
// written, and nothing else does.
func TestFurther(t *testing.T) {
	written := parsed(`
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: a}
spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 70}
---
{apiVersion: example.com/v1, kind: Boat, metadata: {name: heron, namespace: a}, spec: {crew: 3}}
---
{apiVersion: example.com/v1, kind: Boat, metadata: {name: teal, namespace: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a}}
`)
	kinds := []Kind{
		{Group: "", Version: "v1", Kind: "ConfigMap", Resource: "configmaps", Namespaced: true, Verbs: []string{"list"}, Preferred: true},
		{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler", Resource: "horizontalpodautoscalers", Namespaced: true, Verbs: []string{"list"}, Preferred: true},
		{Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler", Resource: "horizontalpodautoscalers", Namespaced: true, Verbs: []string{"list"}},
		{Group: "example.com", Version: "v1", Kind: "Boat", Resource: "boats", Namespaced: true, Verbs: []string{"list"}, Preferred: true},
		{Group: "example.com", Version: "v1", Kind: "Dock", Resource: "docks", Namespaced: true, Verbs: []string{"list"}, Preferred: true},
	}
	gap := Gap{Reason: Forbidden, Type: "core/Secret", Of: "secrets", Verb: "list"}
	first := &Snapshot{Context: "c", Kinds: kinds, Gaps: []Gap{gap}, Objects: recorded(t, `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: a}
spec: {maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 90}}}]}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a}}
`)}
	var asked []string
	follow := func(d *Drift) {
		t.Helper()
		asked = nil
		l := &Live{Drift: d, Snapshot: func(context.Context) (*Snapshot, error) { return first, nil }, More: func(_ context.Context, wants Wants) (*Snapshot, error) {
			for _, k := range kinds {
				if wants(k) != Nothing {
					asked = append(asked, k.APIVersion()+" "+k.Kind)
				}
			}
			return &Snapshot{Context: "c", Kinds: kinds, Gaps: []Gap{gap}, Objects: recorded(t, `
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: a}
spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 90}
---
{apiVersion: example.com/v1, kind: Boat, metadata: {name: heron, namespace: a}, spec: {crew: 4}}
`)}, nil
		}}
		b := &graph.Builder{}
		if err := l.Follow(t.Context(), nil, []*graph.Builder{written}, b); err != nil {
			t.Fatal(err)
		}
		if len(b.Problems) != 1 {
			t.Errorf("problems: %v", b.Problems)
		}
	}
	d := &Drift{}
	follow(d)
	want := []string{"5 HorizontalPodAutoscaler/a/web spec.targetCPUUtilizationPercentage", "7 Boat/a/heron spec.crew", "absent Boat/a/teal"}
	said := d.Said()
	slices.Sort(said)
	if diff := cmp.Diff(want, said); diff != "" || len(d.Unknown) > 0 || d.Others > 0 {
		t.Errorf("%d unknown, %d others', drift (-want +got):\n%s", len(d.Unknown), d.Others, diff)
	}
	if diff := cmp.Diff([]string{"autoscaling/v1 HorizontalPodAutoscaler", "example.com/v1 Boat"}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	if len(first.Objects) != 2 || len(first.Gaps) != 1 {
		t.Error("what was read first is not what it was")
	}
	if follow(nil); asked != nil {
		t.Errorf("without drift it asks for %v", asked)
	}
}

// TestNotLookedAt holds that what is outside the namespaces that were read is
// not said to be missing.
func TestNotLookedAt(t *testing.T) {
	written := parsed(`
{apiVersion: v1, kind: Namespace, metadata: {name: other}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: other}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}}
`)
	d := &Drift{}
	l := &Live{Drift: d, Snapshot: func(context.Context) (*Snapshot, error) {
		return &Snapshot{Context: "c", Namespaces: []string{"shop"}, Kinds: []Kind{
			{Version: "v1", Kind: "Namespace", Resource: "namespaces", Preferred: true},
			{Version: "v1", Kind: "Node", Resource: "nodes", Preferred: true},
			{Version: "v1", Kind: "ConfigMap", Resource: "configmaps", Namespaced: true, Preferred: true},
		}}, nil
	}}
	if err := l.Follow(t.Context(), nil, []*graph.Builder{written}, &graph.Builder{}); err != nil {
		t.Fatal(err)
	}
	if d.Elsewhere != 2 || len(d.Unknown) > 0 {
		t.Errorf("%d are elsewhere, %d unknown", d.Elsewhere, len(d.Unknown))
	}
	if diff := cmp.Diff([]string{"absent Namespace/shop", "absent ConfigMap/shop/c", "absent Node/n1"}, d.Said()); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}
