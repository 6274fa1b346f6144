package cluster_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
)

const installed = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: prod-web
  namespace: shop
  labels: {app.kubernetes.io/instance: prod, app.kubernetes.io/managed-by: Helm, app.kubernetes.io/name: web}
  annotations: {meta.helm.sh/release-name: prod, meta.helm.sh/release-namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app.kubernetes.io/instance: prod}}
  template:
    metadata: {labels: {app.kubernetes.io/instance: prod}}
    spec:
      serviceAccountName: prod-web
      serviceAccount: prod-web
      restartPolicy: Always
      containers:
        - name: app
          image: registry.example.com/web:1
          imagePullPolicy: IfNotPresent
          resources: {}
          terminationMessagePath: /dev/termination-log
          securityContext: {privileged: true}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: tf, namespace: shop}
spec:
  template:
    spec:
      automountServiceAccountToken: true
      containers:
        - name: app
          image: registry.example.com/tf:1
          securityContext: {privileged: true}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings-92b4c5d6ft, namespace: shop}
data: {level: info, AWS_SECRET: x}
`

// TestFormats holds what is rendered against what runs: a chart that is
// installed under another name than it is rendered for, a Terraform resource,
// a generated ConfigMap.
func TestFormats(t *testing.T) {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"chart/Chart.yaml":  "apiVersion: v2\nname: web\nversion: 1.0.0\n",
		"chart/values.yaml": "privileged: true\n",
		"chart/templates/web.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/name: web
    app.kubernetes.io/managed-by: {{ .Release.Service }}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: {{ .Release.Name }}
    spec:
      serviceAccountName: {{ .Release.Name }}-web
      containers:
        - name: app
          image: registry.example.com/web:1
          securityContext:
            privileged: {{ .Values.privileged }}
`,
		"tf/main.tf": `resource "kubernetes_deployment" "tf" {
  metadata {
    name      = "tf"
    namespace = "shop"
  }
  spec {
    template {
      spec {
        container {
          name  = "app"
          image = "registry.example.com/tf:1"
          security_context {
            privileged = true
          }
        }
      }
    }
  }
}
`,
		"kustomize/kustomization.yaml": "namespace: shop\nconfigMapGenerator:\n  - name: settings\n    literals: [level=info]\n",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	follower, _ := cluster.Recorded(fstest.MapFS{"@cluster/o.yaml": {Data: []byte(installed)}}).(*cluster.Live)
	follower.Drift = &cluster.Drift{}
	_, report := all(t, files, follower)
	places := map[string]int{}
	for _, f := range report.Findings {
		if f.Rule.ID == "k8s-privileged-container" {
			places[fmt.Sprintf("%s:%d", f.Place().Span.File.Path, f.Place().Span.From().Line)] = len(f.Instances)
			if f.Live != "" {
				t.Errorf("%s: only live: %s", f.Place().Span.File.Path, f.Live)
			}
		}
	}
	if len(places) != 2 || places["chart/values.yaml:1"] != 2 || places["tf/main.tf:13"] != 2 {
		t.Errorf("places with instances: %v", places)
	}
	var said []string
	for _, d := range follower.Drift.Differences {
		said = append(said, d.Object()+" "+d.Path())
	}
	want := []string{"ConfigMap/shop/settings-92b4c5d6ft metadata.name"}
	if follower.Drift.Compared != 3 || !slices.Equal(slices.DeleteFunc(said, func(s string) bool { return strings.HasSuffix(s, "AWS_SECRET") }), want) {
		t.Errorf("%d compared, drift %v", follower.Drift.Compared, said)
	}
}

// TestExportIsAsLive holds that scanning what was exported finds what scanning
// the cluster finds, but for what only a cluster can tell: two rules about what
// is written have others of their family for what runs.
func TestExportIsAsLive(t *testing.T) {
	text, err := os.ReadFile("testdata/common/live.yaml")
	if err != nil {
		t.Fatal(err)
	}
	follower, _ := cluster.Recorded(fstest.MapFS{"@cluster/live.yaml": {Data: text}}).(*cluster.Live)
	snapshot, err := follower.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := snapshot.Export(dir); err != nil {
		t.Fatal(err)
	}
	said := func(files fstest.MapFS, live *cluster.Live) (out []string) {
		_, report := all(t, files, nil)
		if live != nil {
			_, report = all(t, files, live)
		}
		for _, f := range report.Findings {
			if f.Rule.Family() != "live" {
				out = append(out, f.Text()+" ["+f.Rule.ID+"]")
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	exported := fstest.MapFS{}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		exported[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	fromLive, fromFiles := said(fstest.MapFS{}, follower), said(exported, nil)
	if len(fromLive) < 50 {
		t.Fatalf("%d findings", len(fromLive))
	}
	for _, f := range fromLive {
		if !slices.Contains(fromFiles, f) {
			t.Errorf("only live: %s", f)
		}
	}
	for _, f := range fromFiles {
		if !slices.Contains(fromLive, f) && !strings.HasSuffix(f, "[availability-autoscaler-fights-replicas]") && !strings.HasSuffix(f, "[api-namespace-pod-security]") {
			t.Errorf("only in what was exported: %s", f)
		}
	}
}

// TestAbsentInBoth: what is missing in a manifest and in what somebody added to
// the object is missing once, at the line of the manifest.
func TestAbsentInBoth(t *testing.T) {
	const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
`
	const patched = text + "        securityContext: {privileged: true}\n      - name: other\n        image: other:1\n"
	_, report := all(t, fstest.MapFS{"web.yaml": {Data: []byte(text)}}, cluster.Recorded(fstest.MapFS{"@cluster/o.yaml": {Data: []byte(patched)}}))
	var found []string
	for _, f := range report.Findings {
		if f.Rule.ID == "k8s-privilege-escalation" {
			found = append(found, fmt.Sprintf("%d: %s: %d, live: %t", f.Place().Span.From().Line, f.Message, len(f.Instances), f.Live != ""))
		}
	}
	want := []string{
		`9: container "other" does not set allowPrivilegeEscalation to false: 1, live: true`,
		`10: container "web" does not set allowPrivilegeEscalation to false: 2, live: false`,
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}
