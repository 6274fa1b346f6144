package helm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

var update = flag.Bool("update", false, "write what the charts in testdata give into them")

// A project is one archive of testdata: options in the comment, the files of a
// tree, and what all charts in it give in the file want. What lies below
// x.tgz/ is packed.
type project struct {
	*txtar.Archive
	options Options
	tree    *source.Tree
	files   []string
	absent  []string // paths whose places are told where nothing stands there
	want    string
}

func readProject(t *testing.T, name string) *project {
	t.Helper()
	return readProjectTB(t, name)
}

func readProjectTB(t testing.TB, name string) *project {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	p := &project{Archive: archive}
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "values":
			p.options.Values = append(p.options.Values, value)
		case "set":
			p.options.Set = append(p.options.Set, value)
		case "namespace":
			p.options.Namespace = value
		case "kube":
			p.options.KubeVersion = value
		case "absent":
			p.absent = append(p.absent, value)
		case "api":
			p.options.APIVersions = append(p.options.APIVersions, value)
		}
	}
	files := fstest.MapFS{}
	packed := map[string][]txtar.File{}
	for _, f := range archive.Files {
		if f.Name == "want" {
			p.want = string(f.Data)
			continue
		}
		if at, name, ok := strings.Cut(f.Name, ".tgz/"); ok {
			packed[at+".tgz"] = append(packed[at+".tgz"], txtar.File{Name: name, Data: f.Data})
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for name, content := range packed {
		files[name] = &fstest.MapFile{Data: pack(t, content)}
	}
	for name := range files {
		p.files = append(p.files, name)
	}
	slices.Sort(p.files)
	p.tree = source.NewTree(files)
	return p
}

func pack(t testing.TB, files []txtar.File) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.Name, Size: int64(len(f.Data)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCharts holds resources, places and problems of the charts in testdata
// against what is written there.
func TestCharts(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no charts", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			p := readProject(t, name)
			got := dump(t, p)
			if *update {
				p.Files = slices.DeleteFunc(p.Files, func(f txtar.File) bool { return f.Name == "want" })
				p.Files = append(p.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(p.Archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != p.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, p.want)
			}
		})
	}
}

func dump(t *testing.T, p *project) string {
	t.Helper()
	var w strings.Builder
	project := parsers.NewProject(p.tree, p.files)
	b := &graph.Builder{}
	roots := New(p.options).Roots(project, b)
	dumpProblems(&w, b)
	for _, r := range roots {
		b := &graph.Builder{Root: r.ID()}
		if err := r.Load(context.Background(), b); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&w, "%s\n", r.ID())
		for _, r := range b.Resources {
			fmt.Fprintf(&w, "  %s @ %s\n", r.ID, where(r.Place))
			dumpValue(&w, "", r.Config)
			for _, path := range p.absent {
				if v := r.Config.At(path); v.Kind() == graph.Absent {
					fmt.Fprintf(&w, "    no %s @ %s\n", path, where(v.Place()))
					dumpChain(&w, "      ", v.Place())
				}
			}
		}
		dumpProblems(&w, b)
	}
	for _, f := range p.files {
		if !project.Claimed(f) {
			fmt.Fprintf(&w, "not claimed: %s\n", f)
		}
	}
	return w.String()
}

func dumpValue(w *strings.Builder, path string, v graph.Value) {
	switch v.Kind() {
	case graph.Map, graph.List:
		for key, item := range v.Entries() {
			dumpValue(w, strings.TrimPrefix(path+"."+key, "."), item)
		}
		return
	}
	text, known := v.Text("null")
	if !known {
		text = "?"
	} else if v.Kind() == graph.String {
		text = fmt.Sprintf("%q", text)
	}
	o := v.Origin()
	fmt.Fprintf(w, "    %s = %s @ %s\n", path, text, where(o))
	dumpChain(w, "      ", o)
}

// dumpChain writes the causes of an origin, the one that an edit goes to with
// a star.
func dumpChain(w *strings.Builder, indent string, o *source.Origin) {
	for _, from := range o.From {
		star := ""
		if from == o.Cure() {
			star = "* "
		}
		fmt.Fprintf(w, "%s%s%s %s @ %s\n", indent, star, from.Role, from.Step, where(from))
		dumpChain(w, indent+"  ", from)
	}
}

func dumpProblems(w *strings.Builder, b *graph.Builder) {
	for _, p := range b.Problems {
		level := "warning"
		if p.Level == graph.Error {
			level = "error"
		}
		fmt.Fprintf(w, "  %s: %s @ %s\n", level, p.Message, where(p.At))
		for _, from := range p.At.From {
			fmt.Fprintf(w, "    %s @ %s\n", from.Role, where(from))
		}
	}
	for _, s := range b.Skipped {
		fmt.Fprintf(w, "  skipped: %s: %s\n", s.Path, s.Why)
	}
}

func where(o *source.Origin) string {
	if o == nil {
		return "nowhere"
	}
	text := o.Span.Text()
	if len(text) > 40 || strings.Contains(text, "\n") {
		text = "…"
	}
	at := o.Span.From()
	return fmt.Sprintf("%s:%d:%d %s %q", o.Span.File.Path, at.Line, at.Column, o.Exact, text)
}
