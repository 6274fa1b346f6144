package cluster

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// follow is the graph of a recorded cluster beside what is written.
func follow(t *testing.T, recorded string, parts ...*graph.Builder) *graph.Builder {
	t.Helper()
	f := Recorded(fstest.MapFS{"@cluster/objects.yaml": {Data: []byte(recorded)}})
	b := &graph.Builder{}
	if err := f.Follow(context.Background(), nil, parts, b); err != nil {
		t.Fatal(err)
	}
	return b
}

// named is a resource of a builder.
func named(t *testing.T, b *graph.Builder, id string) *graph.Resource {
	t.Helper()
	i := slices.IndexFunc(b.Resources, func(r *graph.Resource) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("there is no %s", id)
	}
	return b.Resources[i]
}

func TestFold(t *testing.T) {
	b := follow(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: d1}
spec: {template: {spec: {containers: [{name: app, image: web:1}]}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-1, namespace: shop, uid: r1, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: d1, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1-b, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: r1, controller: true}]}
spec: {nodeName: n1, serviceAccountName: default, containers: [{name: app, image: web:1}]}
status:
  phase: Running
  containerStatuses:
    - {name: app, imageID: "web@sha256:1", ready: true, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff, message: back-off}}, lastState: {terminated: {reason: OOMKilled}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1-a, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, controller: true}]}
spec: {containers: [{name: app, image: web:1}]}
status: {conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: no nodes}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tidy, namespace: shop}
---
apiVersion: batch/v1
kind: Job
metadata: {name: tidy-1, namespace: shop, ownerReferences: [{apiVersion: batch/v1beta1, kind: CronJob, name: tidy, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: tidy-1-x, namespace: shop, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: tidy-1, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: static, namespace: kube-system, ownerReferences: [{apiVersion: v1, kind: Node, name: n1, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: orphan, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: gone, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: kept, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, controller: false}]}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: circle-a, namespace: x, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: circle-b, controller: true}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: circle-b, namespace: x, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: circle-a, controller: true}]}
`)
	var ids []string
	for _, r := range b.Resources {
		ids = append(ids, r.ID)
	}
	want := []string{
		"fixture", "Deployment/shop/web", "ReplicaSet/x/circle-a", "ReplicaSet/x/circle-b", "CronJob/shop/tidy",
		"Node/n1", "Pod/kube-system/static", "Pod/shop/kept", "Pod/shop/orphan",
	}
	if !slices.Equal(ids, want) {
		t.Errorf("resources are %v, want %v", ids, want)
	}
	pods := named(t, b, "Deployment/shop/web").At("pods")
	for path, want := range map[string]string{
		"0.name": "web-1-a", "1.name": "web-1-b", "1.node": "n1", "1.phase": "Running", "1.serviceAccount": "default",
		"1.containers.0.name": "app", "1.containers.0.init": "false", "1.containers.0.image": "web:1", "1.containers.0.imageID": "web@sha256:1",
		"1.containers.0.ready": "true", "1.containers.0.restarts": "4", "1.containers.0.lastReason": "OOMKilled",
		"1.containers.0.waiting": "CrashLoopBackOff", "1.containers.0.message": "back-off", "0.reason": "Unschedulable", "0.message": "no nodes",
	} {
		if got := pods.At(path).Str(); got != want {
			t.Errorf("pods.%s is %q, want %q", path, got, want)
		}
	}
	if n, _ := named(t, b, "CronJob/shop/tidy").At("pods").Len(); n != 1 {
		t.Errorf("the CronJob has %d pods", n)
	}
	if n, _ := named(t, b, "Pod/shop/orphan").At("pods").Len(); n != 1 {
		t.Errorf("a pod of its own is told %d times among pods", n)
	}
}

// Where ReplicaSets may not be listed the pods of a Deployment are still its.
func TestFoldWithoutReplicaSets(t *testing.T) {
	b := follow(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web-7d4b-a, namespace: shop, labels: {pod-template-hash: 7d4b}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7d4b, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-a, namespace: shop, labels: {pod-template-hash: 7d4b}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-7d4b-b, namespace: ops, labels: {pod-template-hash: 7d4b}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7d4b, controller: true}]}
`)
	var ids []string
	for _, r := range b.Resources {
		ids = append(ids, r.ID)
	}
	if want := []string{"fixture", "Deployment/shop/web", "Pod/ops/web-7d4b-b", "Pod/shop/web-a"}; !slices.Equal(ids, want) {
		t.Errorf("resources are %v, want %v", ids, want)
	}
}
