package tfplan_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/tfplan"
)

var update = flag.Bool("update", false, "write what the tests of testdata want anew")

func load(tb testing.TB, files fstest.MapFS) []*graph.Builder {
	tb.Helper()
	names := slices.Sorted(maps.Keys(files))
	b := &graph.Builder{}
	all := []*graph.Builder{b}
	p := parsers.NewProject(source.NewTree(files), names)
	for _, r := range tfplan.New().Roots(p, b) {
		b := &graph.Builder{Root: r.ID()}
		if !p.Claimed(strings.TrimPrefix(r.ID(), "tfplan:")) || !r.Reads(strings.TrimPrefix(r.ID(), "tfplan:")) {
			tb.Errorf("%s is not claimed or not read", r.ID())
		}
		if err := r.Load(tb.Context(), b); err != nil {
			tb.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// TestLoad loads every plan of testdata. "want" is the dump of the graph.
func TestLoad(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, want := fstest.MapFS{}, ""
			kept := a.Files[:0]
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				kept = append(kept, f)
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			got := dump(load(t, files))
			if *update {
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
			fmt.Fprintf(&w, "%s: %s\n", place(p.At), p.Message)
		}
	}
	return w.String()
}

func dumpValue(w *strings.Builder, v graph.Value, indent string) {
	for key, item := range v.Entries() {
		text, ok := item.Text(item.Kind().String())
		if !ok {
			text = item.Kind().String()
		}
		fmt.Fprintf(w, "%s%s = %s @%s", indent, key, text, place(item.Place()))
		if n, _ := item.Len(); n == 0 && len(item.Refs()) > 0 {
			fmt.Fprintf(w, " <- %s", strings.Join(item.Refs(), ", "))
		}
		for o := item.Place(); o != nil && len(o.From) > 0; o = o.From[0] {
			fmt.Fprintf(w, " < %s", place(o.From[0]))
		}
		w.WriteString("\n")
		dumpValue(w, item, indent+"  ")
	}
}

func place(o *source.Origin) string {
	if o == nil || o.Span.File == nil {
		return "nowhere"
	}
	return fmt.Sprintf("%s:%d(%s)", o.Span.File.Path, o.Span.From().Line, o.Span.FirstLine().Text())
}

// FuzzLoad loads any text as a plan. Nothing may panic, and every place lies in
// a file.
func FuzzLoad(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if filepath.Ext(file.Name) == ".json" {
				f.Add(string(file.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		all := load(t, fstest.MapFS{
			"p.json":  &fstest.MapFile{Data: []byte(text)},
			"main.tf": &fstest.MapFile{Data: []byte("resource \"x_y\" \"z\" {\n  a = [1]\n}\n")},
		})
		_ = dump(all)
	})
}
