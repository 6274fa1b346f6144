package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
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

const claimed = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop, uid: s}
spec:
  template:
    spec:
      containers: [{name: db, image: "db:2", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
status: {updateRevision: db-2}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {controller-revision-hash: db-2}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: s, controller: true}]}
spec:
  hostname: db-0
  nodeName: n1
  priority: 0
  tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]
  containers:
    - {name: db, image: "db:2", volumeMounts: [{name: data, mountPath: /data}, {name: db-token-x7k2p, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]}
  ephemeralContainers: [{name: debugger, image: "busybox:1", targetContainerName: db}]
  volumes:
    - {name: data, persistentVolumeClaim: {claimName: data-db-0}}
    - {name: kube-api-access-x, projected: {}}
    - {name: db-token-x7k2p, secret: {secretName: db-token-x7k2p}}
`

// TestUsualIsNotInjected holds that nobody is said to have injected what every
// pod of a StatefulSet gets.
func TestUsualIsNotInjected(t *testing.T) {
	d, b := drift(t, parsed(strings.Split(claimed, "\n---\n")[0]), recorded(t, claimed))
	if said := d.Said(); len(said) > 0 || d.Others > 0 {
		t.Errorf("drift %v, %d others'", said, d.Others)
	}
	if spec := named(t, b, "StatefulSet/shop/db").At("spec.template.spec"); spec.At("volumes").Present() != graph.False {
		t.Errorf("volumes are %v", spec.At("volumes").Node().JSON())
	}
	vault := strings.Replace(claimed, "  volumes:\n    -", "  volumes:\n    - {name: vault, emptyDir: {}}\n    -", 1)
	if got := named(t, follow(t, vault), "StatefulSet/shop/db").At("spec.template.spec.volumes.0.name").Str(); got != "vault" {
		t.Errorf("what is injected beside them is %q", got)
	}
}

// TestFormerTemplate holds that pods of a former template add nothing, though
// their containers are the same.
func TestFormerTemplate(t *testing.T) {
	_, pods, _ := strings.Cut(meshed, "\n---\n")
	byReplicaSet := strings.ReplaceAll(pods, "kind: Deployment, name: web, uid: d", "kind: ReplicaSet, name: web-1, uid: r")
	template := "spec: {template: {spec: {containers: [{name: app, image: \"web:2\"}], volumes: [{name: certs, secret: {secretName: certs}}]}}}\n"
	set := "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web-1, namespace: shop, uid: r, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: d, controller: true}]}\n" + template
	deployment := strings.Split(meshed, "\n---\n")[0] + "\n"
	for name, c := range map[string]struct {
		live, id string
		want     int // containers
	}{
		"a former ReplicaSet": {deployment + "---\n" + set + "---\n" + byReplicaSet, "Deployment/shop/web", 1},
		"the ReplicaSet":      {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, uid: d}\n" + template + "---\n" + set + "---\n" + byReplicaSet, "Deployment/shop/web", 2},
		"a former revision":   {revised("StatefulSet", "{updateRevision: web-2}", "controller-revision-hash: web-1"), "StatefulSet/shop/web", 1},
		"the revision":        {revised("StatefulSet", "{updateRevision: web-2}", "controller-revision-hash: web-2"), "StatefulSet/shop/web", 2},
		"a former DaemonSet":  {revised("DaemonSet", "{}", `pod-template-generation: "1"`), "DaemonSet/shop/web", 1},
		"the DaemonSet":       {revised("DaemonSet", "{}", `pod-template-generation: "2"`), "DaemonSet/shop/web", 2},
	} {
		if n, _ := named(t, follow(t, c.live), c.id).At("spec.template.spec.containers").Len(); n != c.want {
			t.Errorf("%s: %d containers, want %d", name, n, c.want)
		}
	}
}

// revised is an object with a pod that has a container more, of some revision.
func revised(kind, status, label string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: %[1]s
metadata: {name: web, namespace: shop, uid: d, annotations: {deprecated.daemonset.template.generation: "2"}}
spec: {template: {spec: {containers: [{name: app, image: "web:2"}]}}}
status: %[2]s
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {%[3]s}, ownerReferences: [{apiVersion: apps/v1, kind: %[1]s, name: web, uid: d, controller: true}]}
spec: {containers: [{name: app, image: "web:2"}, {name: proxy, image: "proxy:1"}]}
`, kind, status, label)
}

// TestNotInjected holds that pods of a template with another image add nothing.
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
