package kustomize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

const pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod\n"

// TestSymbolicLinks follows links inside the tree and none that lead out.
func TestSymbolicLinks(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.yaml")
	tree := filepath.Join(dir, "tree")
	write := func(name, text string) {
		name = filepath.Join(tree, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(tree, name)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.WriteFile(outside, []byte(pod), 0o644); err != nil {
		t.Fatal(err)
	}
	write("app/kustomization.yaml", "resources:\n- base\n- out.yaml\n- rel.yaml\n- loop.yaml\n- shared.yaml\n- own.yaml\n")
	write("shared/base/kustomization.yaml", "resources: [sub/pod.yaml]\n")
	write("shared/base/sub/pod.yaml", pod)
	write("shared/other.yaml", pod)
	write("app/files/own.yaml", strings.Replace(pod, "name: pod", "name: own", 1))
	link("../shared/base", "app/base")
	link(outside, "app/out.yaml")
	link("../../outside.yaml", "app/rel.yaml")
	link("loop.yaml", "app/loop.yaml")
	link("../shared/other.yaml", "app/shared.yaml")
	link("files/own.yaml", "app/own.yaml")

	st, err := source.OpenTree(tree)
	if err != nil {
		t.Fatal(err)
	}
	l, err := st.Walk([]string{"."}, func(string, bool) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	p := parsers.NewProject(st, l.Files)
	b := &graph.Builder{}
	roots := New().Roots(p, b)
	if len(roots) != 1 || roots[0].ID() != "kustomize:app" {
		t.Fatalf("roots: %v", roots)
	}
	if err := roots[0].Load(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range b.Resources {
		names = append(names, r.Name+" "+place(r.Place))
	}
	if got, want := strings.Join(names, ", "), "pod shared/base/sub/pod.yaml:4:9, own app/files/own.yaml:4:9"; got != want {
		t.Errorf("objects %s, want %s", got, want)
	}
	lines := map[int]bool{}
	for _, problem := range b.Problems {
		lines[problem.At.Span.From().Line] = true
	}
	for line := 3; line <= 6; line++ {
		if !lines[line] {
			t.Errorf("no problem at line %d: %v", line, b.Problems)
		}
	}
	if len(b.Problems) != 4 {
		t.Errorf("problems: %v", b.Problems)
	}
	for _, name := range []string{"shared/base/sub/pod.yaml", "app/files/own.yaml"} {
		if !p.Claimed(name) || !roots[0].Reads(name) {
			t.Errorf("%s is not claimed", name)
		}
	}
}

// TestBombs are projects that would take the library down.
func TestBombs(t *testing.T) {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 10))
	}
	wide := map[string]string{}
	for i := range 20 {
		text := "resources: [pod.yaml]\n"
		if i < 19 {
			text = fmt.Sprintf("resources:\n- ../l%d\n- ../r%d\n", i+1, i+1)
		}
		wide[fmt.Sprintf("l%d/kustomization.yaml", i)], wide[fmt.Sprintf("l%d/pod.yaml", i)] = text, pod
		wide[fmt.Sprintf("r%d/kustomization.yaml", i)], wide[fmt.Sprintf("r%d/pod.yaml", i)] = text, pod
	}
	copies := "- op: add\n  path: /metadata/annotations\n  value: {a: b}\n"
	for i := range 60 {
		copies += fmt.Sprintf("- {op: copy, from: /metadata, path: /metadata/m%d}\n", i)
	}
	doubles := ""
	for i := range 60 {
		doubles += fmt.Sprintf("- source: {kind: Pod, fieldPath: metadata}\n  targets: [{select: {kind: Pod}, fieldPaths: [metadata.m%d], options: {create: true}}]\n", i)
	}
	deep := strings.Repeat("{a: ", 20_000) + "x" + strings.Repeat("}", 20_000)
	for name, files := range map[string]map[string]string{
		"replacements of replacements": {"kustomization.yaml": "resources: [pod.yaml]\nreplacements:\n" + doubles, "pod.yaml": pod},
		"replacements of replacements in a plugin": {"kustomization.yaml": "resources: [pod.yaml]\ntransformers: [r.yaml]\n", "pod.yaml": pod,
			"r.yaml": "apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: r}\nreplacements:\n" + doubles},
		"copies of copies in a plugin": {"kustomization.yaml": "resources: [pod.yaml]\ntransformers: [t.yaml]\n", "pod.yaml": pod,
			"t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: r}\ntarget: {kind: Pod}\npatch: |\n  " + strings.ReplaceAll(copies, "\n", "\n  ") + "\n"},
		"a deep patch":              {"kustomization.yaml": "resources: [pod.yaml]\npatches: [{path: p.yaml}]\n", "pod.yaml": pod, "p.yaml": pod + "spec: " + deep + "\n"},
		"a deep resource":           {"kustomization.yaml": "resources: [pod.yaml]\n", "pod.yaml": pod + "spec: " + deep + "\n"},
		"a pointer out of the tree": {"kustomization.yaml": "resources: [pod.yaml]\nreplacements: [{path: ../../etc/passwd}]\n", "pod.yaml": pod},
		"aliases in a resource":     {"kustomization.yaml": "resources: [pod.yaml]\n", "pod.yaml": pod + laughs},
		"aliases in a patch":        {"kustomization.yaml": "resources: [pod.yaml]\npatches:\n- path: p.yaml\n", "pod.yaml": pod, "p.yaml": pod + laughs},
		"aliases in an inline patch": {"pod.yaml": pod, "kustomization.yaml": "resources: [pod.yaml]\npatches:\n- patch: |\n    " +
			strings.ReplaceAll(pod+laughs, "\n", "\n    ") + "\n"},
		"aliases in a plugin": {"pod.yaml": pod, "p.yaml": "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x}\n" + laughs,
			"kustomization.yaml": "resources: [pod.yaml]\ntransformers: [p.yaml]\n"},
		"aliases in the kustomization": {"kustomization.yaml": laughs + "resources: [pod.yaml]\n", "pod.yaml": pod},
		"an alias of itself":           {"kustomization.yaml": "resources: [pod.yaml]\n", "pod.yaml": pod + "x: &a [*a]\n"},
		"bases of bases":               wide,
		"copies of copies":             {"kustomization.yaml": "resources: [pod.yaml]\npatches:\n- target: {kind: Pod}\n  path: p.yaml\n", "pod.yaml": pod, "p.yaml": copies},
	} {
		t.Run(name, func(t *testing.T) {
			data := map[string][]byte{}
			for name, text := range files {
				data[name] = []byte(text)
			}
			_, roots, b := discover(data)
			for _, r := range roots {
				if err := r.Load(context.Background(), b); err != nil {
					t.Fatal(err)
				}
			}
			if len(b.Problems) == 0 || b.Problems[0].Level != graph.Error {
				t.Errorf("no error: %v", b.Problems)
			}
		})
	}
}

// TestCanceled gives the context's error back.
func TestCanceled(t *testing.T) {
	_, roots, b := discover(map[string][]byte{"kustomization.yaml": []byte("resources: [pod.yaml]\n"), "pod.yaml": []byte(pod)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := roots[0].Load(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestParallel loads roots with a base in common at once, one of them with a
// schema of its own.
func TestParallel(t *testing.T) {
	files := map[string][]byte{
		"base/kustomization.yaml":   []byte("resources: [pod.yaml]\n"),
		"base/pod.yaml":             []byte(pod),
		"schema/kustomization.yaml": []byte("resources: [../base]\nopenapi: {path: schema.json}\n"),
		"schema/schema.json":        []byte(`{"definitions": {}}`),
	}
	for i := range 8 {
		files[fmt.Sprintf("o%d/kustomization.yaml", i)] = fmt.Appendf(nil, "resources: [../base]\nnamePrefix: o%d-\n", i)
	}
	_, roots, _ := discover(files)
	var wait sync.WaitGroup
	for _, r := range roots {
		wait.Go(func() {
			b := &graph.Builder{}
			if err := r.Load(context.Background(), b); err != nil {
				t.Error(err)
			}
			if len(b.Problems) > 0 || len(b.Resources) != 1 {
				t.Errorf("%s: %v %v", r.ID(), b.Problems, b.Resources)
			}
		})
	}
	wait.Wait()
	if len(roots) != 9 {
		t.Errorf("%d roots", len(roots))
	}
}

// FuzzRoots looks for kustomizations that make the search for roots panic or
// let a name through that kustomize could take for remote.
func FuzzRoots(f *testing.F) {
	f.Add("resources: [../base, https://example.com/x]\npatches: [{path: a.yaml}, {patch: 'a: b'}]\n", pod)
	f.Add("bases: ['git@github.com:a/b']\nRESOURCES: ['user@host:x/y']\ngenerators: ['a: b']\n", "a: &a [*a]\n")
	f.Add("kind: Component\nconfigMapGenerator: [{files: ['a=b=c', '=x', 'x='], literals: ['=', a], env: http:x}]\n", "")
	f.Add("replacements: [{path: a.yaml, source: {}, targets: [null, {fieldPaths: ['', '.', '[', '[a=b]', '\\.']}]}]\nlabels: [{pairs: {a: b}}]\n", pod)
	f.Add("images: [{name: a, newTag: b}]\nreplicas: [{name: a, count: 1}]\nnamespace: x\nopenapi: {path: 'HTTP:/x'}\n", pod)
	f.Add("<<: &x {resources: [a.yaml]}\npatchesStrategicMerge: [\"a: b\\n\", a.yaml]\npatchesJson6902: [{path: a.yaml}]\n", "- {op: copy}\n")
	f.Fuzz(func(t *testing.T, text, other string) {
		fsys := fstest.MapFS{
			"app/kustomization.yaml":     {Data: []byte(text)},
			"app/a.yaml":                 {Data: []byte(other)},
			"base/Kustomization":         {Data: []byte(text)},
			"base/sub/kustomization.yml": {Data: []byte("resources: [../../app]\n")},
			"link":                       {Data: []byte("base"), Mode: fs.ModeSymlink | 0o777},
		}
		p := parsers.NewProject(source.NewTree(fsys), []string{"app/a.yaml", "app/kustomization.yaml", "base/Kustomization", "base/sub/kustomization.yml"})
		for _, r := range New().Roots(p, &graph.Builder{}) {
			bd := newBuild(r.(*root), &graph.Builder{})
			bd.render(context.Background())
			for name, data := range bd.files.files {
				if path.Base(name) == fileNames[0] {
					checkLocal(t, data)
				}
			}
			for _, l := range bd.layers {
				bd.steps(l)
			}
		}
	})
}

// checkLocal fails for a name in a rendered kustomization that does not start
// with "./" or "../".
func checkLocal(t *testing.T, data []byte) {
	var k types.Kustomization
	if err := json.Unmarshal(data, &k); err != nil {
		t.Fatal(err)
	}
	local := func(names ...string) {
		for _, n := range names {
			if n != "" && !strings.HasPrefix(n, "./") && !strings.HasPrefix(n, "../") {
				t.Errorf("%q is handed to kustomize", n)
			}
		}
	}
	local(k.Resources...)
	local(k.Bases...)
	local(k.Components...)
	local(k.Crds...)
	local(k.Configurations...)
	local(k.OpenAPI["path"])
	for _, p := range append(k.Patches, k.PatchesJson6902...) {
		local(p.Path)
	}
	for _, r := range k.Replacements {
		local(r.Path)
	}
	for _, s := range append(k.Generators, k.Transformers...) {
		if !inPlace(s) {
			local(s)
		}
	}
	sources := func(g types.KvPairSources) {
		local(append(g.EnvSources, g.EnvSource)...)
		for _, f := range g.FileSources {
			_, file, _ := strings.Cut(f, "=")
			local(file)
		}
	}
	for _, g := range k.ConfigMapGenerator {
		sources(g.KvPairSources)
	}
	for _, g := range k.SecretGenerator {
		sources(g.KvPairSources)
	}
	if len(k.PatchesStrategicMerge)+len(k.Validators)+len(k.HelmCharts)+len(k.HelmChartInflationGenerator) > 0 {
		t.Error("handed to kustomize as it was")
	}
}
