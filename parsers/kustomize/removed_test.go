package kustomize

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// TestRemoved asks for what patches took out: it is missing because of them.
func TestRemoved(t *testing.T) {
	files := map[string][]byte{
		"base/kustomization.yaml": []byte("resources: [pod.yaml]\n"),
		"base/pod.yaml": []byte(pod + "spec:\n  securityContext: {runAsNonRoot: true}\n  hostname: a\n  containers:\n" +
			"  - name: c\n    securityContext:\n      privileged: false\n    resources: {}\n  - name: d\n"),
		"overlay/kustomization.yaml": []byte("resources: [../base]\npatches:\n- target: {kind: Pod}\n  patch: |-\n" +
			"    - op: remove\n      path: /spec/containers/0/securityContext\n" +
			"- patch: |-\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: pod}\n    spec:\n      securityContext: null\n"),
	}
	b := load(t, files, "overlay")
	if len(b.Problems) > 0 || len(b.Resources) != 1 {
		t.Fatal(b.Problems, b.Resources)
	}
	for path, want := range map[string]string{
		"spec.containers.0.securityContext.privileged": "overlay/kustomization.yaml:6, overrides base/pod.yaml:10",
		"spec.containers.0.securityContext":            "overlay/kustomization.yaml:6, overrides base/pod.yaml:10",
		"spec.securityContext.runAsNonRoot":            "overlay/kustomization.yaml:12, overrides base/pod.yaml:6",
		"spec.containers.0.lifecycle":                  "base/pod.yaml:9:11",
		"spec.containers.1.securityContext":            "base/pod.yaml:13:11",
		"spec.subdomain":                               "base/pod.yaml:5:1",
	} {
		o := b.Resources[0].Config.At(path).Place()
		got := place(o)
		for _, from := range o.From {
			got += ", " + from.Role.String() + " " + place(from)
		}
		if got != want {
			t.Errorf("%s is missing at %s, want %s", path, got, want)
		}
		if o.Role != source.SetBy {
			t.Errorf("%s: role %v", path, o.Role)
		}
	}
}
