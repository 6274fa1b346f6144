package cluster

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// snapshot is a snapshot with the objects of a text.
func snapshot(t testing.TB, text string) *Snapshot {
	t.Helper()
	s := &Snapshot{Context: "c", Day: "2026-06-01"}
	if err := s.record(fstest.MapFS{"@cluster/o.yaml": {Data: []byte(text)}}, "@cluster/o.yaml"); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "live")
	s := snapshot(t, `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, uid: u, labels: {app: web}, finalizers: [x], annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}"}}
spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], type: NodePort, ports: [{port: 80, targetPort: 80, protocol: TCP, nodePort: 30001}]}
status: {loadBalancer: {}}
---
apiVersion: v1
kind: Service
metadata: {name: WEB, namespace: shop}
spec: {clusterIP: None}
---
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
data: {token: c2VjcmV0}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "system:../../etc:x"}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: .., ownerReferences: [{apiVersion: v1, kind: Node, name: n, controller: true}]}
spec: {nodeName: n, containers: [{name: a, image: "a:1", imagePullPolicy: IfNotPresent}]}
`)
	if left, err := s.Export(dir); err != nil || left != 0 {
		t.Fatalf("%d left out, %v", left, err)
	}
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, err := os.ReadFile(path)
			rel, _ := filepath.Rel(dir, path)
			got[filepath.ToSlash(rel)] = string(text)
			return err
		}
		return err
	})
	want := map[string]string{
		"shop/Service-web.yaml":                        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  labels:\n    app: web\nspec:\n  ports:\n    - port: 80\n  type: NodePort\n",
		"shop/Service-WEB-2.yaml":                      "apiVersion: v1\nkind: Service\nmetadata:\n  name: WEB\n  namespace: shop\nspec:\n  clusterIP: None\n",
		"shop/Secret-token.yaml":                       "apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n  namespace: shop\n",
		"_cluster/ClusterRole-system_.._.._etc_x.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: system:../../etc:x\n",
		"_/Pod-p.yaml":                                 "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  namespace: \"..\"\nspec:\n  containers:\n    - name: a\n      image: a:1\n",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := s.Export(dir); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("exporting twice: %v", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(dir)); !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "live" }) || len(entries) != 1 {
		t.Errorf("beside the directory there is %v", entries)
	}
}
