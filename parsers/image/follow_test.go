package image_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/parsers/image"
)

// store has some images; what else is asked for it does not have.
type store struct{ images []string }

func (s store) Open(_ context.Context, ref string) (*image.Document, error) {
	if !slices.Contains(s.images, ref) {
		return nil, &image.Failure{Reason: image.NotFound, Text: "docker.io: the registry does not have it"}
	}
	d := &image.Document{Reference: ref, Digest: "sha256:0", Source: image.Registry}
	if strings.Contains(ref, "partly") {
		d.Gap("layer 1: it ends too early")
	}
	return d, nil
}

func follow(t *testing.T, files fstest.MapFS, followers ...parsers.Follower) *graph.Graph {
	t.Helper()
	load := driver.Load{
		Tree: source.NewTree(files), Under: []string{"."}, Sources: formats.Sources(formats.Options{}), Link: formats.Link,
		Followers: followers,
	}
	loaded, err := load.Graph(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Graph
}

func TestFollow(t *testing.T) {
	files := fstest.MapFS{
		"deploy.yaml": {Data: []byte(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: a, image: "docker.io/library/nginx:1"}]
      containers:
      - {name: b, image: nginx:1}
      - {name: c, image: "gone:1"}
      - {name: d, image: "$REGISTRY/x"}
      - {name: e, image: "partly:1"}
      - {name: f, image: "No Reference"}
      - {name: g, image: ""}
      - {name: h}
      ephemeralContainers: [{name: i, image: "gone:1"}]
`)},
		"main.tf": {Data: []byte(`variable "image" {}
resource "aws_ecs_task_definition" "task" {
  family = "task"
  container_definitions = jsonencode([{ name = "a", image = "nginx:1" }, { name = "b", image = var.image }])
}
resource "google_cloud_run_v2_service" "run" {
  template {
    containers { image = "europe-docker.pkg.dev/p/r/i:2" }
    containers { image = "nginx:1" }
  }
}
resource "aws_batch_job_definition" "job" {
  type            = "multinode"
  node_properties = jsonencode({ mainNode = 0, nodeRangeProperties = [{ targetNodes = "0:", container = { image = "nginx:1" } }] })
}
resource "aws_batch_job_definition" "pod" {
  eks_properties {
    pod_properties {
      containers { image = "nginx:1" }
    }
  }
}
resource "aws_lambda_function" "f" {
  image_uri = var.image
}
resource "kubernetes_pod" "pod" {
  metadata { name = "pod" }
  spec {
    container {
      name  = "c"
      image = "nginx:1"
    }
  }
}
`)},
	}
	var reads atomic.Int64
	g := follow(t, files, image.Follower{
		Images:   store{[]string{"docker.io/library/nginx:1", "nginx:1", "partly:1", "europe-docker.pkg.dev/p/r/i:2"}},
		Progress: func(_, of int) { reads.Store(int64(of)) },
	})
	var got []string
	for r := range g.OfType(image.Type) {
		got = append(got, fmt.Sprintf("image %s in %s: %s", r.ID, r.Root, r.At("digest").Str()))
		for e := range g.In(r, graph.Runs) {
			at := e.Via.Place()
			got = append(got, fmt.Sprintf("  %s at %s:%d", e.From.ID, at.Span.File.Path, at.Span.From().Line))
		}
		if f := r.Place.Span.File; !f.Remote || f.Path != "image:"+r.ID || r.Place.Step != source.Image {
			t.Errorf("%s is placed in %s", r.ID, f.Path)
		}
	}
	for _, p := range g.Problems() {
		got = append(got, fmt.Sprintf("problem %d at %s:%d: %s", p.Level, p.At.Span.File.Path, p.At.Span.From().Line, p.Message))
	}
	for _, s := range g.Skipped() {
		got = append(got, fmt.Sprintf("skipped in %s: %s", s.Path, s.Why))
	}
	want := []string{
		"image nginx:1 in image:: sha256:0",
		"  aws_ecs_task_definition.task at main.tf:4",
		"  google_cloud_run_v2_service.run at main.tf:9",
		"  aws_batch_job_definition.job at main.tf:14",
		"  aws_batch_job_definition.pod at main.tf:19",
		"  kubernetes_pod.pod at main.tf:31",
		"  Deployment/web at deploy.yaml:7",
		"  Deployment/web at deploy.yaml:9",
		"image europe-docker.pkg.dev/p/r/i:2 in image:: sha256:0",
		"  google_cloud_run_v2_service.run at main.tf:8",
		"image partly:1 in image:: sha256:0",
		"  Deployment/web at deploy.yaml:12",
		`problem 0 at deploy.yaml:10: cannot read image "gone:1": docker.io: the registry does not have it (and 1 more)`,
		`problem 0 at deploy.yaml:13: cannot read image "No Reference": "No Reference" is no reference to an image: HOST/NAME:TAG or HOST/NAME@sha256:DIGEST, the name in lower case`,
		`problem 0 at deploy.yaml:12: image "partly:1": it was read in part: layer 1: it ends too early`,
		"skipped in deploy.yaml: the image of Deployment/web is not known before it is deployed, and is not read",
		"skipped in main.tf: the image of aws_ecs_task_definition.task is not known before it is deployed, and is not read",
		"skipped in main.tf: the image of aws_lambda_function.f is not known before it is deployed, and is not read",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if reads.Load() != 5 {
		t.Errorf("%d images were to be read, want 5", reads.Load())
	}
}

// away has no image, for one reason or another.
type away struct{ image.Reason }

func (a away) Open(_ context.Context, ref string) (*image.Document, error) {
	host, _, _ := strings.Cut(ref, "/")
	if host == "here.io" {
		return &image.Document{Reference: ref, Digest: "sha256:0", Source: image.Registry}, nil
	}
	return nil, &image.Failure{Reason: a.Reason, Text: host + ": no"}
}

// TestUnread: what a registry does to all of its images is told once, and is
// an error where there is no other registry.
func TestUnread(t *testing.T) {
	pod := func(images ...string) fstest.MapFS {
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
		for i, name := range images {
			text += fmt.Sprintf("  - {name: c%d, image: %q}\n", i, name)
		}
		return fstest.MapFS{"pod.yaml": {Data: []byte(text)}}
	}
	warning, fault := int(graph.Warning), int(graph.Error)
	for _, c := range []struct {
		name    string
		why     image.Reason
		images  []string
		want    []string
		skipped int
	}{
		{"all of one", image.Unavailable, []string{"a.io/x:1", "a.io/y:1", "a.io/x:1"},
			[]string{fmt.Sprintf(`%d at 6: cannot read 2 images: a.io: no; the first is "a.io/x:1"`, fault)}, 2},
		{"two registries", image.Denied, []string{"a.io/x:1", "b.io/y:1"},
			[]string{fmt.Sprintf(`%d at 6: cannot read image "a.io/x:1": a.io: no`, fault), fmt.Sprintf(`%d at 7: cannot read image "b.io/y:1": b.io: no`, fault)}, 0},
		{"one of two", image.TimedOut, []string{"here.io/x:1", "a.io/x:1", "a.io/y:1"},
			[]string{fmt.Sprintf(`%d at 7: cannot read 2 images: a.io: no; the first is "a.io/x:1"`, warning)}, 2},
		{"not there", image.NotFound, []string{"a.io/x:1", "a.io/y:1"},
			[]string{fmt.Sprintf(`%d at 6: cannot read image "a.io/x:1": a.io: no`, warning), fmt.Sprintf(`%d at 7: cannot read image "a.io/y:1": a.io: no`, warning)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := follow(t, pod(c.images...), image.Follower{Images: away{c.why}})
			var got []string
			for _, p := range g.Problems() {
				got = append(got, fmt.Sprintf("%d at %d: %s", p.Level, p.At.Span.From().Line, p.Message))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if n := len(g.Skipped()); n != c.skipped {
				t.Errorf("%d images are listed, want %d: %v", n, c.skipped, g.Skipped())
			}
		})
	}
}

func TestRecord(t *testing.T) {
	files := fstest.MapFS{"pod.yaml": {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: 'shop/api:1'}]}\n")}}
	sections := fstest.MapFS{"@images/api.yaml": {Data: []byte("reference: docker.io/shop/api:1\nconfig: {user: root, userId: 0, userKnown: true}\n")}}
	g := follow(t, files, image.Recorded(sections))
	for r := range g.OfType(image.Type) {
		if r.At("config.user").Str() == "root" {
			return
		}
	}
	if image.Recorded(fstest.MapFS{"@cluster/x.yaml": {}}) != nil {
		t.Error("there is a follower of nothing")
	}
	t.Errorf("the recorded image is not there: %v", g.Problems())
}

// TestRunning has pods of one workload that run what its tag leads to now, what
// it led to before, and something that only their node knows.
func TestRunning(t *testing.T) {
	files := fstest.MapFS{"web.yaml": {Data: []byte(`apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: shop/web:1
`)}}
	pod := func(name, imageID string) *fstest.MapFile {
		return &fstest.MapFile{Data: fmt.Appendf(nil, `apiVersion: v1
kind: Pod
metadata:
  name: %s
  namespace: shop
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: u1, controller: true}]
spec: {containers: [{name: app, image: "shop/web:1"}]}
status: {phase: Running, containerStatuses: [{name: app, imageID: %q, ready: true, restartCount: 0}]}
`, name, imageID)}
	}
	sections := fstest.MapFS{
		"@cluster/web.yaml": {Data: []byte(strings.Replace(string(files["web.yaml"].Data), "namespace: shop", "namespace: shop, uid: u1", 1))},
		"@cluster/0.yaml":   pod("web-0", "docker.io/shop/web@sha256:0"),
		"@cluster/1.yaml":   pod("web-1", "docker-pullable://shop/web@sha256:"+strings.Repeat("1", 64)),
		"@cluster/2.yaml":   pod("web-2", "sha256:"+strings.Repeat("2", 64)),
		"@cluster/3.yaml":   pod("web-3", ""),
	}
	former := "shop/web@sha256:" + strings.Repeat("1", 64)
	g := follow(t, files, cluster.Recorded(sections), image.Follower{Images: store{[]string{"shop/web:1", former}}})
	uses := map[string][]string{}
	for r := range g.OfType(image.Type) {
		for e := range g.In(r, graph.Runs) {
			at := e.Via.Place()
			uses[r.ID] = append(uses[r.ID], fmt.Sprintf("%s at %s:%d", e.From.Root, at.Span.File.Path, at.Span.From().Line))
		}
	}
	want := map[string][]string{
		"shop/web:1": {"kubernetes:. at web.yaml:11", "cluster:fixture at web.yaml:11"},
		former:       {"cluster:fixture at web.yaml:11"},
	}
	if diff := cmp.Diff(want, uses); diff != "" {
		t.Error(diff)
	}
	var skipped []string
	for _, s := range g.Skipped() {
		skipped = append(skipped, s.Why)
	}
	if len(skipped) != 1 || !strings.Contains(skipped[0], strings.Repeat("2", 64)) {
		t.Errorf("skipped: %q", skipped)
	}
}
