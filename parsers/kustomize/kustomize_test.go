package kustomize

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata")

// project reads a txtar project; "want" is what is expected of it.
func project(t testing.TB, name string) (*txtar.Archive, map[string][]byte, string) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files, want := map[string][]byte{}, ""
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		files[f.Name] = f.Data
	}
	return archive, files, want
}

// TestProjects holds everything that can be seen of a project against what is
// written down: problems, claims, roots and the place of every scalar.
func TestProjects(t *testing.T) {
	noNetwork(t)
	names, _ := filepath.Glob("testdata/*.txtar")
	if len(names) == 0 {
		t.Fatal("no testdata")
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, files, want := project(t, name)
			got := describe(t, files)
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// describe writes down all that is found in a project.
func describe(t *testing.T, files map[string][]byte) string {
	t.Helper()
	p, roots, b := discover(files)
	var out strings.Builder
	problems(&out, b)
	var free []string
	for _, name := range p.Files {
		if !p.Claimed(name) {
			free = append(free, name)
		}
	}
	if len(free) > 0 {
		fmt.Fprintf(&out, "not claimed: %s\n", strings.Join(free, " "))
	}
	for _, r := range roots {
		rb := &graph.Builder{Root: r.ID()}
		if err := r.Load(context.Background(), rb); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "\n%s\n", r.ID())
		problems(&out, rb)
		for _, res := range rb.Resources {
			fmt.Fprintf(&out, "%s at %s\n", res.ID, place(res.Place))
			fields(&out, "", res.Config)
		}
	}
	return out.String()
}

func problems(out *strings.Builder, b *graph.Builder) {
	for _, p := range b.Problems {
		level := "warning"
		if p.Level == graph.Error {
			level = "error"
		}
		fmt.Fprintf(out, "%s: %s: %s\n", place(p.At), level, p.Message)
	}
	for _, s := range b.Skipped {
		fmt.Fprintf(out, "%s: skipped: %s\n", s.Path, s.Why)
	}
}

func fields(out *strings.Builder, path string, v graph.Value) {
	switch v.Kind() {
	case graph.Map, graph.List:
		for key, child := range v.Entries() {
			fields(out, strings.TrimPrefix(path+"."+key, "."), child)
		}
	default:
		if path == "apiVersion" || path == "kind" {
			return
		}
		fmt.Fprintf(out, "  %s = %.40q at %s", path, v.Str(), place(v.Origin()))
		for _, from := range v.Origin().From {
			fmt.Fprintf(out, ", %v %s", from.Role, place(from))
		}
		fmt.Fprintln(out)
	}
}

func place(o *source.Origin) string {
	name := o.Span.File.Path
	switch o.Exact {
	case source.InFile:
		return name
	case source.InBlock:
		return fmt.Sprintf("%s:%d-%d", name, o.Span.From().Line, o.Span.To().Line)
	case source.AtLine:
		return fmt.Sprintf("%s:%d", name, o.Span.From().Line)
	}
	return fmt.Sprintf("%s:%d:%d", name, o.Span.From().Line, o.Span.From().Column)
}

// noNetwork makes connections and git fail the test.
func noNetwork(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	called := filepath.Join(dir, "called")
	git := fmt.Sprintf("#!/bin/sh\necho \"git $*\" >> %s\nexit 1\n", called)
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte(git), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	was := http.DefaultTransport
	http.DefaultTransport = refuse{t}
	t.Cleanup(func() {
		http.DefaultTransport = was
		if calls, err := os.ReadFile(called); err == nil {
			t.Errorf("git was started:\n%s", calls)
		}
	})
}

type refuse struct{ t *testing.T }

func (r refuse) RoundTrip(req *http.Request) (*http.Response, error) {
	r.t.Errorf("a connection was opened: %s", req.URL)
	return nil, http.ErrNotSupported
}

// TestParts asks for parts of texts that were written in several places.
func TestParts(t *testing.T) {
	files := map[string][]byte{
		"base/kustomization.yaml": []byte("namePrefix: in-\nresources: [pod.yaml]\nconfigMapGenerator:\n- name: settings\n" +
			"  literals: ['URL=\"http://a\"']\n  files: [app.ini]\nimages:\n- {name: nginx, newName: example.com/nginx, newTag: \"1.28\", digest: sha256:ab}\n"),
		"base/app.ini":               []byte("[auth]\npassword = secret\n"),
		"base/pod.yaml":              []byte(pod + "spec:\n  containers:\n  - {name: c, image: nginx}\n  - {name: d, image: redis:7}\n"),
		"overlay/kustomization.yaml": []byte("namePrefix: out-\nnameSuffix: -v1\nresources: [../base]\nimages:\n- {name: redis, newTag: \"8\"}\n"),
	}
	b := load(t, files, "overlay")
	if len(b.Problems) > 0 {
		t.Fatal(b.Problems)
	}
	for _, c := range []struct {
		object                 int
		path, part, text, want string
	}{
		{0, "metadata.name", "out-in-pod-v1", "out-", "overlay/kustomization.yaml:1:13 out-"},
		{0, "metadata.name", "out-in-pod-v1", "in-", "base/kustomization.yaml:1:13 in-"},
		{0, "metadata.name", "out-in-pod-v1", "pod", "base/pod.yaml:4:9 pod"},
		{0, "metadata.name", "out-in-pod-v1", "-v1", "overlay/kustomization.yaml:2:13 -v1"},
		{0, "metadata.name", "out-in-pod-v1", "n-p", "base/pod.yaml:4 pod"},
		{0, "spec.containers.0.image", "example.com/nginx:1.28@sha256:ab", "nginx", "base/kustomization.yaml:8:38 nginx"},
		{0, "spec.containers.0.image", "example.com/nginx:1.28@sha256:ab", "1.28", "base/kustomization.yaml:8:54 1.28"},
		{0, "spec.containers.0.image", "example.com/nginx:1.28@sha256:ab", "sha256:ab", "base/kustomization.yaml:8:69 sha256:ab"},
		{0, "spec.containers.1.image", "redis:8", "redis", "base/pod.yaml:8:22 redis"},
		{0, "spec.containers.1.image", "redis:8", "8", "overlay/kustomization.yaml:5:26 8"},
		{1, "data.URL", "http://a", "http", "base/kustomization.yaml:5:20 http"},
		{1, "data.app.ini", "[auth]\npassword = secret\n", "secret", "base/app.ini:2:12 secret"},
	} {
		v := b.Resources[c.object].Config
		if section, key, ok := strings.Cut(c.path, "."); ok && section == "data" {
			v = v.Get(section, key)
		} else {
			v = v.At(c.path)
		}
		start := strings.Index(v.Str(), c.text)
		if v.Str() != c.part || start < 0 {
			t.Errorf("%s is %q, want %q", c.path, v.Str(), c.part)
			continue
		}
		o := v.Part(start, start+len(c.text))
		if got := place(o) + " " + o.Span.Text(); got != c.want {
			t.Errorf("%q of %s is at %s, want %s", c.text, c.path, got, c.want)
		}
	}
}
