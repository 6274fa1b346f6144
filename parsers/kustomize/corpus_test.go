package kustomize

import (
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// corpusVariable names the directory with projects of other people that the
// tests here also read. They are skipped without it.
const corpusVariable = "SEAWORTHY_CORPUS"

// A built is one kustomization that kustomize can build, with its files.
type built struct {
	name  string // of the project
	dir   string
	files map[string][]byte
}

// testdata are the kustomizations of testdata that kustomize itself builds.
func testdata(t testing.TB) []built {
	t.Helper()
	names, _ := filepath.Glob("testdata/*.txtar")
	var all []built
	for _, name := range names {
		_, files, _ := project(t, name)
		all = append(all, sound(files, strings.TrimSuffix(filepath.Base(name), ".txtar"))...)
	}
	return all
}

// corpus are the kustomizations below the directory that the environment
// names.
func corpus(t testing.TB) []built {
	t.Helper()
	dir := os.Getenv(corpusVariable)
	if dir == "" {
		t.Skipf("%s is not set", corpusVariable)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []built
	for _, e := range entries {
		all = append(all, sound(readAll(t, filepath.Join(dir, e.Name())), e.Name())...)
	}
	if len(all) == 0 {
		t.Fatalf("%s: no kustomizations", dir)
	}
	return all
}

func readAll(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		if info, err := d.Info(); err != nil || !d.Type().IsRegular() || info.Size() > source.MaxFileSize {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// sound are the roots of a project in which nothing is missing. Kustomize
// needs a helm binary for charts.
func sound(files map[string][]byte, name string) []built {
	_, roots, found := discover(files)
	var all []built
	for _, r := range roots {
		r := r.(*root)
		if len(r.charts) > 0 || slices.ContainsFunc(found.Problems, func(p graph.Problem) bool { return r.Reads(p.At.Span.File.Path) }) {
			continue
		}
		b := &graph.Builder{Root: r.ID()}
		if err := r.Load(context.Background(), b); err != nil || len(b.Problems) > 0 {
			continue
		}
		own := map[string][]byte{}
		for file, data := range files {
			if r.Reads(file) {
				own[file] = data
			}
		}
		all = append(all, built{name, r.top.dir, own})
	}
	return all
}

// TestSameAsKustomize compares what is in the graph with what the library
// builds of the files as they are.
func TestSameAsKustomize(t *testing.T) {
	noNetwork(t)
	all := testdata(t)
	if len(all) < 5 {
		t.Errorf("only %d builds are compared", len(all))
	}
	if os.Getenv(corpusVariable) != "" {
		all = append(all, corpus(t)...)
	}
	for _, k := range all {
		t.Run(k.name+"/"+k.dir, func(t *testing.T) {
			b := load(t, k.files, k.dir)
			want, err := kustomize(k.files, k.dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Resources) != len(want) {
				t.Fatalf("%d objects, kustomize builds %d", len(b.Resources), len(want))
			}
			for i, res := range b.Resources {
				if err := equal(res.Config, want[i]); err != nil {
					t.Errorf("%s%v", res.ID, err)
				}
			}
		})
	}
}

// TestPlaces changes the places that are claimed, all of testdata and many of
// the corpus, and requires that kustomize builds something else of it.
func TestPlaces(t *testing.T) {
	noNetwork(t)
	t.Run("testdata", func(t *testing.T) {
		for _, k := range testdata(t) {
			v := oracle(t, k, math.MaxInt, nil)
			for _, w := range append(v.wrong, v.wrongToken...) {
				t.Error(w)
			}
			if v.right == 0 {
				t.Errorf("%s %s: no place is right", k.name, k.dir)
			}
		}
	})
	t.Run("corpus", func(t *testing.T) {
		var v verdict
		for _, k := range corpus(t) {
			size := 0
			for _, data := range k.files {
				size += len(data)
			}
			v.add(oracle(t, k, 4+2<<20/size, nil))
		}
		wrong := len(v.wrong) + len(v.wrongToken)
		t.Logf("%d right, %d cannot be told, %d lines and %d tokens wrong", v.right, v.unknown, len(v.wrong), len(v.wrongToken))
		for _, w := range append(v.wrongToken, v.wrong...) {
			t.Log(w)
		}
		if len(v.wrongToken) > 0 || wrong*100 > v.right+wrong {
			t.Error("too many are wrong")
		}
	})
}

// TestCoverage counts how well the places of scalars are known.
func TestCoverage(t *testing.T) {
	all := testdata(t)
	if os.Getenv(corpusVariable) != "" {
		all = append(all, corpus(t)...)
	}
	fields, known := 0, 0
	for _, k := range all {
		var n [source.AtToken + 1]int
		own := 0
		for _, res := range load(t, k.files, k.dir).Resources {
			scalars(res.Config, nil, func(path []string, v graph.Value) {
				own++
				o := v.Origin()
				n[o.Exact]++
				if o.Exact < source.AtLine {
					t.Logf("%s %s: %s %s = %.60q is in %s", k.name, k.dir, res.ID, strings.Join(path, "."), v.Str(), place(o))
				}
			})
		}
		fields, known = fields+own, known+n[source.AtLine]+n[source.AtToken]
		t.Logf("%-18s %-60s %6d fields: token %6d, line %5d, block %3d, file %3d", k.name, k.dir, own,
			n[source.AtToken], n[source.AtLine], n[source.InBlock], n[source.InFile])
	}
	t.Logf("%d of %d are known to the line", known, fields)
	if known*100 < fields*99 {
		t.Error("too few")
	}
}

// BenchmarkLoad loads kustomizations with all places; BenchmarkKustomize is
// the library alone.
func BenchmarkLoad(b *testing.B) {
	benchmark(b, func(k built) {
		_, roots, _ := discover(k.files)
		for _, r := range roots {
			if r.ID() == "kustomize:"+k.dir {
				if err := r.Load(context.Background(), &graph.Builder{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkKustomize(b *testing.B) {
	benchmark(b, func(k built) {
		if _, err := kustomize(k.files, k.dir); err != nil {
			b.Fatal(err)
		}
	})
}

func benchmark(b *testing.B, load func(built)) {
	run := func(all []built) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, k := range all {
					load(k)
				}
			}
		}
	}
	b.Run("testdata", run(testdata(b)))
	if os.Getenv(corpusVariable) != "" {
		b.Run("corpus", run(corpus(b)))
	}
}
