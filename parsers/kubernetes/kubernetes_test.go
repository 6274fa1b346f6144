package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// load runs the source over files and returns what it found.
func load(t *testing.T, files map[string]string) *graph.Builder {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree := source.NewTree(fsys)
	list, err := tree.Walk([]string{"."}, func(string, bool) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	b := &graph.Builder{Root: "kubernetes:."}
	for _, root := range New().Roots(parsers.NewProject(tree, list.Files), b) {
		if err := root.Load(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// ids lists resources as "type id line text".
func ids(b *graph.Builder) string {
	var s []string
	for _, r := range b.Resources {
		s = append(s, fmt.Sprintf("%s %s %d %s", r.Type, r.ID, r.Place.Span.From().Line, r.Place.Span.Text()))
	}
	return strings.Join(s, "\n")
}

func TestLoad(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		ids              string // of the resources
		skipped          string
		problem          string // line: message
	}{
		{name: "two documents", text: `apiVersion: v1
kind: Pod
metadata:
  name: p
---
# only a comment
---
kind: Deployment
apiVersion: extensions/v1beta1
metadata: {name: d, namespace: prod}
`, ids: "core/Pod Pod/p 4 p\napps/Deployment Deployment/prod/d 10 d"},
		{name: "list", text: `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: s}}
- apiVersion: v1
  kind: List
  items: [{apiVersion: v1, kind: Pod, metadata: {name: inner}}]
- {note: no object}
`, ids: "core/Secret Secret/s 4 s\ncore/Pod Pod/inner 7 inner"},
		{name: "typed list", text: `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
- metadata: {name: r}
- {apiVersion: v1, kind: Pod, metadata: {name: p}}
`, ids: "rbac.authorization.k8s.io/Role Role/r 4 r\ncore/Pod Pod/p 5 p"},
		{name: "a kind that ends in List", text: "apiVersion: x.io/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {items: []}",
			ids: "x.io/AllowList AllowList/a 3 a"},
		{name: "names", text: `apiVersion: batch/v1
kind: Job
metadata: {generateName: run-}
---
apiVersion: audit.k8s.io/v1
kind: Policy
---
apiVersion: v1
kind: Pod
metadata: {name: twin}
---
apiVersion: v1
kind: Pod
metadata: {name: twin}
`, ids: "batch/Job Job/run-* 3 run-\naudit.k8s.io/Policy Policy/ 6 Policy\ncore/Pod Pod/twin 10 twin\ncore/Pod Pod/twin 14 twin"},
		{name: "JSON", file: "x.json", text: "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"}\n}\n", ids: `core/Pod Pod/p 3 "p"`},
		{name: "flux", text: "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}", ids: "kustomize.toolkit.fluxcd.io/Kustomization Kustomization/k 3 k"},
		{name: "kustomization", file: "kustomization.yaml", text: "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization", skipped: "no Kubernetes objects"},
		{name: "component", file: "kustomization.yaml", text: "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component", skipped: "no Kubernetes objects"},
		{name: "something else", text: "a: 1", skipped: "no Kubernetes objects"},
		{name: "K3s", text: "token: a\nkubelet-arg+:\n- max-pods=1\n", ids: "k3s.io/Config K3s/x.yaml 2 kubelet-arg+"},
		{name: "K3s below a key", text: "k3s:\n  kubelet-arg: [max-pods=1]\n", skipped: "no Kubernetes objects"},
		{name: "K3s in a ConfigMap", text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nsecrets-encryption: true\n", ids: "core/ConfigMap ConfigMap/c 3 c"},
		{name: "K3s as JSON", file: "x.json", text: `{"kubelet-arg": []}`, skipped: "no Kubernetes objects"},
		{name: "the words only", file: "x.json", text: `{"apiVersion": 1, "kinds": []}`, skipped: "no Kubernetes objects"},
		{name: "broken object", text: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n spec: {}\n", problem: "5: invalid YAML: expected a key at this indentation"},
		{name: "broken beside a good one", text: "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\napiVersion: v1\nkind: Pod\nx: [\n",
			ids: "core/Pod Pod/p 3 p", problem: "7: invalid YAML: did not find expected node content"},
		{name: "broken JSON object", file: "x.json", text: "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"x\": ]\n}", problem: "4: invalid JSON: did not find expected node content"},
		{name: "broken JSON object on one line", file: "x.json", text: `{"apiVersion":"v1", "kind":"Pod","x":]}`, problem: "1: invalid JSON: did not find expected node content"},
		{name: "UTF-16", text: "\xff\xfe" + wide("apiVersion: v1\nkind: Pod\n"), problem: "1: cannot read the file: it is UTF-16 or UTF-32; save it as UTF-8"},
		{name: "UTF-16 of something else", text: "\xff\xfe" + wide("a: 1\n"), skipped: "no Kubernetes objects"},
		{name: "not YAML", text: "# apiVersion and kind\na: b: c", skipped: "not YAML: a key is not allowed here; is the line above indented alike, or text with a colon not quoted?"},
		{name: "template", text: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", skipped: "contains template directives"},
		{name: "template with a block", text: "{{ if .x }}\napiVersion: v1\nkind: Pod\n{{ end }}\n", skipped: "contains template directives"},
		{name: "braces in quotes", text: "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec: {image: '{{inputs.image}}'}", ids: "argoproj.io/Workflow Workflow/w 3 w"},
		{name: "braces in quotes, broken", text: "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {image: '{{inputs.image}}'\n", problem: "3: invalid YAML: did not find expected ',' or '}'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.file == "" {
				c.file = "dir/x.yaml"
			}
			b := load(t, map[string]string{c.file: c.text})
			if got := ids(b); got != c.ids {
				t.Errorf("resources\n%s\nwant\n%s", got, c.ids)
			}
			var problem, skipped string
			for _, p := range b.Problems {
				problem += fmt.Sprintf("%d: %s", p.At.Span.From().Line, p.Message)
			}
			for _, s := range b.Skipped {
				skipped += s.Why
			}
			if problem != c.problem || skipped != c.skipped {
				t.Errorf("problem %q, skipped %q; want %q, %q", problem, skipped, c.problem, c.skipped)
			}
		})
	}
}

// wide is text in UTF-16.
func wide(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

func TestTooLarge(t *testing.T) {
	large := strings.Repeat("#", source.MaxFileSize+1)
	b := load(t, map[string]string{"a.yaml": large, "b.json": large})
	var got []string
	for _, p := range b.Problems {
		got = append(got, fmt.Sprintf("%d %s: %s", p.Level, p.At.Span.File.Path, p.Message))
	}
	want := []string{
		fmt.Sprintf("%d a.yaml: cannot read the file: larger than 32 MiB", graph.Error),
		fmt.Sprintf("%d b.json: the file is not read: it is larger than 32 MiB", graph.Warning), // it may be data
	}
	if !slices.Equal(got, want) || len(b.Skipped) > 0 {
		t.Errorf("problems %q, skipped %v, want problems %q", got, b.Skipped, want)
	}
}

func TestRoots(t *testing.T) {
	tree := source.NewTree(fstest.MapFS{})
	p := parsers.NewProject(tree, []string{"a/chart.yaml", "a/values.yml", "b.json", "b.txt"})
	p.Claim("a/chart.yaml", "helm")
	roots := New().Roots(p, &graph.Builder{})
	if len(roots) != 1 || roots[0].ID() != "kubernetes:." {
		t.Fatalf("got roots %v", roots)
	}
	for path, want := range map[string]bool{"a/chart.yaml": false, "a/values.yml": true, "b.json": true, "b.txt": false} {
		if got := roots[0].Reads(path); got != want {
			t.Errorf("Reads(%s) is %v", path, got)
		}
	}
	if !p.Claimed("b.json") || p.Claimed("b.txt") {
		t.Error("the files read are claimed, no others")
	}
	if len(New().Roots(parsers.NewProject(tree, []string{"x.tf"}), &graph.Builder{})) != 0 {
		t.Error("a root without files")
	}
}

func TestLoadKeepsTheOrderOfFiles(t *testing.T) {
	files := map[string]string{}
	var want []string
	for i := range 50 {
		files[fmt.Sprintf("f%02d.yaml", i)] = fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}", i)
		want = append(want, fmt.Sprintf("core/Pod Pod/p%d 3 p%d", i, i))
	}
	b := load(t, files)
	if got := ids(b); got != strings.Join(want, "\n") {
		t.Errorf("got %s", got)
	}
	for _, r := range b.Resources {
		if r.Root != "kubernetes:." {
			t.Fatalf("%s has root %q", r.ID, r.Root)
		}
	}
}

func TestLoadStopsWithItsContext(t *testing.T) {
	tree := source.NewTree(fstest.MapFS{"x.yaml": &fstest.MapFile{Data: []byte("a: 1")}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := New().Roots(parsers.NewProject(tree, []string{"x.yaml"}), nil)[0].Load(ctx, &graph.Builder{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAddUnknownNames(t *testing.T) {
	s := func(text string) *graph.Node { return graph.NewString(text, nil) }
	meta := graph.NewMap([]graph.Field{{Key: "name", Node: graph.NewUnknown(nil)}, {Key: "namespace", Node: graph.NewUnknown(nil)}}, nil)
	b := &graph.Builder{}
	if !Add(b, graph.NewMap([]graph.Field{{Key: "apiVersion", Node: s("v1")}, {Key: "kind", Node: s("Pod")}, {Key: "metadata", Node: meta}}, nil)) {
		t.Fatal("not added")
	}
	if id := b.Resources[0].ID; id != "Pod/*" {
		t.Errorf("got %s", id)
	}
	for name, doc := range map[string]*graph.Node{
		"nothing": nil, "a list": graph.NewList(nil, nil), "no kind": graph.NewMap([]graph.Field{{Key: "apiVersion", Node: s("v1")}}, nil),
		"unknown kind": graph.NewMap([]graph.Field{{Key: "apiVersion", Node: s("v1")}, {Key: "kind", Node: graph.NewUnknown(nil)}}, nil),
	} {
		if Add(b, doc) {
			t.Errorf("%s was added", name)
		}
	}
}
