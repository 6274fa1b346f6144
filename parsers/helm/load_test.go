package helm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

const chartText = "apiVersion: v2\nname: c\nversion: 1.0.0\n"

// load loads all charts among files.
func load(t testing.TB, tree *source.Tree, o Options, files ...string) ([]parsers.Root, *graph.Builder) {
	t.Helper()
	b := &graph.Builder{}
	roots := New(o).Roots(parsers.NewProject(tree, files), b)
	for _, r := range roots {
		if err := r.Load(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	return roots, b
}

func texts(files map[string]string) *source.Tree {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return source.NewTree(fs)
}

func mustFail(t *testing.T, b *graph.Builder, want string) {
	t.Helper()
	for _, p := range b.Problems {
		if p.Level == graph.Error && strings.Contains(p.Message, want) {
			return
		}
	}
	t.Errorf("no problem says %q: %v", want, b.Problems)
}

func TestSymbolicLinks(t *testing.T) {
	dir := t.TempDir()
	outside := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, name); err != nil {
			t.Skip(err)
		}
	}
	write(filepath.Join(outside, "secret.yaml"), "apiVersion: v1\nkind: Secret\nmetadata: {name: outside}\n")
	write(filepath.Join(dir, "shared/x.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n")
	write(filepath.Join(dir, "c/Chart.yaml"), chartText)
	write(filepath.Join(dir, "c/templates/y.yaml"), "text: {{ .Files.Get \"out/secret.yaml\" | quote }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: why}\n")
	link("../../shared", filepath.Join(dir, "c/templates/shared"))
	link("..", filepath.Join(dir, "c/again"))
	link(".", filepath.Join(dir, "c/self"))
	link(outside, filepath.Join(dir, "c/out"))
	link(filepath.Join(outside, "secret.yaml"), filepath.Join(dir, "c/templates/secret.yaml"))

	tree, err := source.OpenTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, b := load(t, tree, Options{}, "c/Chart.yaml")
	var ids []string
	for _, r := range b.Resources {
		ids = append(ids, r.ID)
		if text := r.At("text"); text.Str() != "" {
			t.Errorf("read outside of the tree: %q", text.Str())
		}
	}
	if got := strings.Join(ids, " "); got != "ConfigMap/shared ConfigMap/why" {
		t.Errorf("resources %s", got)
	}
}

func TestValuesFromOutside(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(dir, "Chart.yaml"):     chartText,
		filepath.Join(dir, "in.yaml"):        "a: in\nb: in\n",
		filepath.Join(outside, "out.yaml"):   "b: out\nc: out\n",
		filepath.Join(outside, "bad.yaml"):   "[",
		filepath.Join(dir, "templates.yaml"): "never: read",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := source.OpenTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"none.yaml"}
	for _, name := range []string{filepath.Join(dir, "in.yaml"), filepath.Join(outside, "out.yaml"), filepath.Join(outside, "bad.yaml")} {
		admitted, err := tree.Admit(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, admitted)
	}
	v := readValues(tree, Options{Values: files, Set: []string{"c=set", "d.e[1]=x", "broken"}})
	if got := fmt.Sprint(v.merged); got != "map[a:in b:out c:set d:map[e:[<nil> x]]]" {
		t.Errorf("values %s", got)
	}
	if len(v.paths) != 3 || v.paths[0] != "in.yaml" {
		t.Errorf("paths %v", v.paths)
	}
	if len(v.problems) != 3 {
		t.Errorf("problems %v", v.problems)
	}
}

func TestReads(t *testing.T) {
	tree := texts(map[string]string{
		"a/Chart.yaml":              chartText + "dependencies: [{name: lib, version: '*'}]\n",
		"lib/Chart.yaml":            strings.Replace(chartText, "name: c", "name: lib", 1),
		"alone/Chart.yaml":          strings.Replace(chartText, "name: c", "name: alone", 1),
		"alone/charts/x/Chart.yaml": strings.Replace(chartText, "name: c", "name: x", 1),
		"v.yaml":                    "a: 1",
	})
	roots, _ := load(t, tree, Options{Values: []string{"v.yaml"}}, "a/Chart.yaml", "alone/Chart.yaml", "alone/charts/x/Chart.yaml", "lib/Chart.yaml", "v.yaml")
	if len(roots) != 3 {
		t.Fatalf("%d roots", len(roots))
	}
	for _, c := range []struct {
		root int
		path string
		want bool
	}{
		{0, "a/templates/x.yaml", true}, {0, "lib/templates/x.yaml", true}, {0, "v.yaml", true},
		{0, "alone/values.yaml", false}, {0, "new/Chart.yaml", true}, {0, "ab/x.yaml", false},
		{1, "alone/charts/x/values.yaml", true}, {1, "lib/values.yaml", false}, {1, "new/Chart.yaml", false},
	} {
		if got := roots[c.root].Reads(c.path); got != c.want {
			t.Errorf("%s reads %s: %v", roots[c.root].ID(), c.path, got)
		}
	}
}

func TestClaims(t *testing.T) {
	files := []string{
		"Chart.yaml", "charts/sub/templates/x.yaml", "crds/x.yaml", "deploy/x.yaml", "main.tf",
		"nested/Chart.yaml", "nested/any/file.yaml", "templates/x.yaml", "values-prod.yaml",
	}
	tree := texts(map[string]string{"Chart.yaml": chartText, "nested/Chart.yaml": chartText})
	p := parsers.NewProject(tree, files)
	New(Options{}).Roots(p, &graph.Builder{})
	var left []string
	for _, f := range files {
		if !p.Claimed(f) {
			left = append(left, f)
		}
	}
	if got := strings.Join(left, " "); got != "deploy/x.yaml main.tf" {
		t.Errorf("not claimed: %s", got)
	}
}

func TestNamespace(t *testing.T) {
	tree := texts(map[string]string{
		"c/Chart.yaml":       chartText,
		"c/templates/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: '{{ .Release.Namespace }}'}\ndata: {host: 'svc.{{ .Release.Namespace }}.svc'}\n",
	})
	_, b := load(t, tree, Options{}, "c/Chart.yaml")
	r := b.Resources[0]
	if r.At("metadata.namespace").Known() || !r.At("data.host").Known() || r.ID != "ConfigMap/x" {
		t.Errorf("%s: namespace %v, host %v", r.ID, r.At("metadata.namespace").Kind(), r.At("data.host").Kind())
	}
	_, b = load(t, tree, Options{Namespace: "prod"}, "c/Chart.yaml")
	if got := b.Resources[0].At("metadata.namespace").Str(); got != "prod" {
		t.Errorf("namespace %q", got)
	}
}

func TestKubeVersion(t *testing.T) {
	for _, c := range []struct{ wants, given, got string }{
		{"", "", DefaultKubeVersion},
		{">=1.20-0", "", DefaultKubeVersion},
		{"<1.30.0", "", "v1.29.0"},
		{"~1.25.9", "", "v1.25.99"},
		{"<1.30.0", "v1.31.2", "v1.31.2"},
	} {
		tree := texts(map[string]string{
			"c/Chart.yaml":       chartText + "kubeVersion: '" + c.wants + "'\n",
			"c/templates/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Capabilities.KubeVersion.Version }}'}\n",
		})
		_, b := load(t, tree, Options{KubeVersion: c.given}, "c/Chart.yaml")
		if len(b.Resources) != 1 || b.Resources[0].Name != c.got {
			t.Errorf("wants %q, given %q: %v", c.wants, c.given, b.Resources)
		}
	}
	_, b := load(t, texts(map[string]string{"c/Chart.yaml": chartText}), Options{KubeVersion: "latest"}, "c/Chart.yaml")
	mustFail(t, b, `"latest" is no version of Kubernetes`)
}

func TestHostileArchives(t *testing.T) {
	big := strings.Repeat("x", 4<<20)
	var bomb []txtar.File
	for i := range 40 {
		bomb = append(bomb, txtar.File{Name: fmt.Sprintf("p/files/%d", i), Data: []byte(big)})
	}
	nested := pack(t, []txtar.File{{Name: "p/Chart.yaml", Data: []byte(chartText)}})
	for range 60 {
		nested = pack(t, []txtar.File{{Name: "p/Chart.yaml", Data: []byte(chartText)}, {Name: "p/charts/p.tgz", Data: nested}})
	}
	for name, c := range map[string]struct {
		archive []byte
		want    string
	}{
		"a bomb":        {pack(t, bomb), "larger than"},
		"outside":       {pack(t, []txtar.File{{Name: "p/../../etc/passwd", Data: []byte("x")}}), "parent directory"},
		"absolute":      {pack(t, []txtar.File{{Name: "p//etc/passwd", Data: []byte("x")}}), "absolute"},
		"empty":         {pack(t, nil), "no files"},
		"cut off":       {nested[:len(nested)/2], "cannot unpack"},
		"in each other": {nested, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := texts(map[string]string{"c/Chart.yaml": chartText, "c/charts/p-1.tgz": string(c.archive)})
			_, b := load(t, tree, Options{}, "c/Chart.yaml")
			mustFail(t, b, c.want)
		})
	}
}

func TestManyCharts(t *testing.T) {
	// Every chart depends on both of the next level: two to the power of
	// twenty in all.
	files := map[string]string{}
	var charts []string
	for level := range 20 {
		for _, side := range "ab" {
			dir := fmt.Sprintf("%c%d", side, level)
			files[dir+"/Chart.yaml"] = fmt.Sprintf("apiVersion: v2\nname: %s\nversion: 1.0.0\ndependencies:\n- {name: a%d, version: '*'}\n- {name: b%d, version: '*'}\n", dir, level+1, level+1)
			charts = append(charts, dir+"/Chart.yaml")
		}
	}
	tree := texts(files)
	_, b := load(t, tree, Options{}, charts...)
	mustFail(t, b, "subcharts")
}

func TestGlobIsBounded(t *testing.T) {
	fs := files{strings.Repeat("a", 250): nil}
	for _, pattern := range []string{strings.Repeat("*a", 100) + "b", strings.Repeat("{a*,", 100) + "b" + strings.Repeat("}", 100), strings.Repeat("**a", 300) + "b"} {
		start := time.Now()
		fs.Glob(pattern)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%.20s takes %v", pattern, d)
		}
	}
}

func TestSubchartsInAnyOrderGiveTheSame(t *testing.T) {
	p := readProject(t, "testdata/subcharts.txtar")
	first := dump(t, p)
	for range 10 {
		if again := dump(t, p); again != first {
			t.Fatalf("%s\n%s", first, again)
		}
	}
}

func FuzzChart(f *testing.F) {
	f.Add([]byte(chartText+"dependencies:\n- name: sub\n  version: 1.x\n  alias: s\n  condition: s.on\n"), []byte("s: {on: true}\n"), []byte("a: {{ .Values.s }}\n"))
	f.Add([]byte(chartText), []byte("a: &a [1]\nb: *a\n"), []byte("{{ range .Values.a }}{{ . }}{{ end }}"))
	f.Add([]byte("dependencies: [~, {}]\nmaintainers: [~]\nname: ../x\n"), []byte("global: 1"), []byte("kind: {{ .Chart.Name }}"))
	f.Fuzz(func(t *testing.T, chart, values, template []byte) {
		tree := source.NewTree(fstest.MapFS{
			"c/Chart.yaml":                   {Data: chart},
			"c/values.yaml":                  {Data: values},
			"c/templates/x.yaml":             {Data: template},
			"c/charts/sub/Chart.yaml":        {Data: []byte(strings.Replace(chartText, "name: c", "name: sub", 1))},
			"c/charts/sub/values.yaml":       {Data: values},
			"c/charts/sub/templates/y.yaml":  {Data: template},
			"c/charts/sub/requirements.yaml": {Data: chart},
			"c/.helmignore":                  {Data: bytes.ToLower(template)},
		})
		_, b := load(t, tree, Options{}, "c/Chart.yaml")
		for _, p := range b.Problems {
			if p.At == nil || p.At.Span.File == nil {
				t.Fatalf("a problem without place: %s", p.Message)
			}
		}
		for _, r := range b.Resources {
			where(r.Place)
			walk(r.Config)
		}
	})
}

func walk(v graph.Value) {
	where(v.Origin())
	where(v.Part(0, 1))
	for w := range v.Each() {
		walk(w)
	}
}
