package terraform_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// tree is the files of an archive as a tree.
func tree(a *txtar.Archive) (*source.Tree, []string) {
	fsys := fstest.MapFS{}
	var names []string
	for _, f := range a.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		names = append(names, f.Name)
	}
	return source.NewTree(fsys), names
}

// load loads every root of a tree.
func load(tb testing.TB, tree *source.Tree, names []string, o terraform.Options) []*graph.Builder {
	tb.Helper()
	b := &graph.Builder{}
	all := []*graph.Builder{b}
	for _, r := range terraform.New(o).Roots(parsers.NewProject(tree, names), b) {
		b := &graph.Builder{Root: r.ID()}
		if err := r.Load(tb.Context(), b); err != nil {
			tb.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// dump is all that a root has, with the place of everything.
func dump(all []*graph.Builder) string {
	var w strings.Builder
	for _, b := range all {
		if b.Root != "" {
			fmt.Fprintf(&w, "== %s\n", b.Root)
		}
		for _, r := range b.Resources {
			fmt.Fprintf(&w, "%s (%s) %s\n", r.ID, r.Type, place(r.Place))
			dumpValue(&w, r.Config, "  ")
		}
		for _, e := range b.Edges {
			fmt.Fprintf(&w, "%s %s %s via %s\n", e.From.ID, e.Rel, e.To.ID, e.Via.Path())
		}
		for _, p := range b.Problems {
			level := "warning"
			if p.Level == graph.Error {
				level = "error"
			}
			fmt.Fprintf(&w, "%s: %s: %s\n", place(p.At), level, p.Message)
		}
	}
	return w.String()
}

func dumpValue(w *strings.Builder, v graph.Value, indent string) {
	for key, item := range v.Entries() {
		fmt.Fprintf(w, "%s%s", indent, key)
		if item.Key() != key && item.Key() != "" {
			fmt.Fprintf(w, " (%s)", item.Key())
		}
		text, _ := item.Text("")
		switch item.Kind() {
		case graph.String:
			fmt.Fprintf(w, " = %q", text)
		case graph.Bool, graph.Number:
			fmt.Fprintf(w, " = %s", text)
		case graph.List, graph.Map, graph.Null, graph.Unknown, graph.Absent:
			fmt.Fprintf(w, ": %s", item.Kind())
		}
		fmt.Fprintf(w, " @%s", place(item.Place()))
		if n, _ := item.Len(); n == 0 && len(item.Refs()) > 0 {
			fmt.Fprintf(w, " <- %s", strings.Join(item.Refs(), ", "))
		}
		w.WriteString("\n")
		dumpValue(w, item, indent+"  ")
		if d := item.Decoded(); d.Kind() != item.Kind() && d.Kind() != graph.Absent {
			fmt.Fprintf(w, "%s  (decoded)\n", indent)
			dumpValue(w, d, indent+"    ")
		}
	}
}

// place is file:line:column and the text there, up to its first line break.
func place(o *source.Origin) string {
	if o == nil {
		return "nowhere"
	}
	p := o.Span.From()
	text := o.Span.FirstLine().Text()
	if len(text) > 40 {
		text = text[:37] + "..."
	}
	return fmt.Sprintf("%s:%d:%d(%s)", o.Span.File.Path, p.Line, p.Column, text)
}

var update = flag.Bool("update", false, "write what the tests of testdata want anew")

// TestLoad loads every project of testdata. A project is its files; "options"
// has what the command line would give, "want" is the dump of the graph.
func TestLoad(t *testing.T) { testProjects(t, "testdata/*.txtar", dump) }

func testProjects(t *testing.T, pattern string, dump func([]*graph.Builder) string) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var o terraform.Options
			var want string
			project := &txtar.Archive{Comment: a.Comment}
			for _, f := range a.Files {
				switch f.Name {
				case "want":
					want = string(f.Data)
				case "options":
					for line := range strings.Lines(string(f.Data)) {
						key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
						switch key {
						case "var":
							o.Given = append(o.Given, terraform.Given{Var: value})
						case "var-file":
							o.Given = append(o.Given, terraform.Given{File: value})
						case "env":
							o.Env = append(o.Env, value)
						default:
							t.Fatalf("unknown option %q", key)
						}
					}
				default:
					project.Files = append(project.Files, f)
				}
			}
			tree, files := tree(project)
			got := dump(load(t, tree, files, o))
			if *update {
				kept := a.Files[:0]
				for _, f := range a.Files {
					if f.Name != "want" {
						kept = append(kept, f)
					}
				}
				kept = append(kept, txtar.File{Name: "want", Data: []byte(got)})
				a.Files = kept
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
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
