package cluster

import (
	"slices"
	"strings"
	"testing"
)

const meshed = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: d}
spec:
  template:
    spec:
      containers:
        - {name: app, image: "web:2", securityContext: {privileged: false}}
      volumes:
        - {name: tmp, emptyDir: {}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: d, controller: true}]}
spec:
  containers: [{name: app, image: "web:1"}, {name: old, image: "old:1"}]
---
apiVersion: v1
kind: Pod
metadata: {name: web-2, namespace: shop, creationTimestamp: "2026-01-02T00:00:00Z", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: d, controller: true}]}
spec:
  hostPID: true
  nodeName: n1
  securityContext: {fsGroup: 7}
  initContainers: [{name: setup, image: "setup:1"}]
  containers:
    - {name: app, image: "web:2", securityContext: {privileged: true, runAsUser: 0}, volumeMounts: [{name: kube-api-access-x, mountPath: /var/run}]}
    - {name: proxy, image: "proxy:1"}
  volumes:
    - {name: tmp, emptyDir: {}}
    - {name: certs, secret: {secretName: certs}}
    - {name: kube-api-access-x, projected: {}}
`

func TestInject(t *testing.T) {
	web := named(t, follow(t, meshed), "Deployment/shop/web")
	spec := web.At("spec.template.spec")
	for path, want := range map[string]string{
		"containers.1.name": "proxy", "initContainers.0.name": "setup", "volumes.1.name": "certs", "hostPID": "true", "securityContext.fsGroup": "7",
		"containers.0.securityContext.privileged": "false", // the template's own counts
		"containers.0.securityContext.runAsUser":  "0",
		"containers.2":                            "", "volumes.2": "", "nodeName": "", "containers.0.volumeMounts": "",
	} {
		if got := spec.At(path).Str(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if n, _ := web.At("pods").Len(); n != 2 {
		t.Errorf("%d pods", n)
	}
}

// TestInjectedIsNoDrift holds that what a webhook adds is known as that.
func TestInjectedIsNoDrift(t *testing.T) {
	written := parsed(strings.Split(meshed, "\n---\n")[0])
	d, b := drift(t, written, recorded(t, meshed))
	if said := d.Said(); len(said) > 0 || d.Others == 0 {
		t.Errorf("drift %v, %d others'", said, d.Others)
	}
	proxy := named(t, b, "Deployment/shop/web").At("spec.template.spec.containers.1.image")
	at, ok := proxy.Handle().(*difference)
	if !ok {
		t.Fatalf("the place of %q is %T", proxy.Str(), proxy.Handle())
	}
	if _, _, injected := at.Manager(); !injected {
		t.Error("nobody knows that it was injected")
	}
}

// TestNotInjected holds that pods of a former template add nothing.
func TestNotInjected(t *testing.T) {
	text := strings.ReplaceAll(meshed, "web:2", "web:3")
	text = strings.Replace(text, "web:3", "web:4", 1) // the template's
	web := named(t, follow(t, text), "Deployment/shop/web")
	if n, _ := web.At("spec.template.spec.containers").Len(); n != 1 {
		t.Errorf("%d containers", n)
	}
}

// recorded are the objects of a text.
func recorded(t testing.TB, text string) []map[string]any {
	t.Helper()
	s := snapshot(t, text)
	return slices.Clone(s.Objects)
}
