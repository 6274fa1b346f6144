package kustomize

import (
	"context"
	"io/fs"
	"os"
	"path"
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

// A project of other people, with the directories of its kustomizations and
// those of them that are no builds of their own, with the reason.
type surveyed struct {
	name   string
	builds []built
	left   map[string]string
}

// testdata are the kustomizations of testdata that kustomize itself builds.
func testdata(t testing.TB) []built {
	t.Helper()
	names, _ := filepath.Glob("testdata/*.txtar")
	var all []built
	for _, name := range names {
		_, files, _ := project(t, name)
		all = append(all, survey(files, strings.TrimSuffix(filepath.Base(name), ".txtar")).builds...)
	}
	return all
}

// corpus are the kustomizations below the directory that the environment
// names.
func corpus(t testing.TB) []surveyed {
	t.Helper()
	dir := os.Getenv(corpusVariable)
	if dir == "" {
		t.Skipf("%s is not set", corpusVariable)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []surveyed
	for _, e := range entries {
		if s := survey(readAll(t, filepath.Join(dir, e.Name())), e.Name()); len(s.builds) > 0 {
			all = append(all, s)
		}
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

// survey sorts out the kustomizations of a project: those that others include
// are builds, too. Kustomize needs a helm binary for charts.
func survey(files map[string][]byte, name string) surveyed {
	p, _, _ := discover(files)
	s := surveyed{name: name, left: map[string]string{}}
	for _, dir := range directories(files) {
		reads := &reader{tree: p.Tree, b: &graph.Builder{}, layers: map[string]*layer{}, parsed: &parsed{}}
		l := reads.layer(dir)
		switch {
		case l == nil || l.broken:
			s.left[dir] = "no kustomization that can be read"
			continue
		case l.component():
			s.left[dir] = "a component"
			continue
		}
		reads.cut(l)
		r := &root{top: l, tree: p.Tree, parsed: reads.parsed, reads: map[string]bool{}}
		r.collect(l, map[*layer]bool{})
		if i := slices.IndexFunc(reads.b.Problems, func(p graph.Problem) bool { return r.Reads(p.At.Span.File.Path) }); i >= 0 {
			s.left[dir] = reads.b.Problems[i].Message
			continue
		}
		if len(r.charts) > 0 {
			s.left[dir] = "kustomize needs a helm binary"
			continue
		}
		b := &graph.Builder{Root: r.ID()}
		if err := r.Load(context.Background(), b); err != nil {
			s.left[dir] = err.Error()
			continue
		}
		if len(b.Problems) > 0 {
			s.left[dir] = b.Problems[0].Message
			continue
		}
		own := map[string][]byte{}
		for file, data := range files {
			if r.Reads(file) {
				own[file] = data
			}
		}
		s.builds = append(s.builds, built{name, dir, own})
	}
	return s
}

// directories are those with a kustomization, in order.
func directories(files map[string][]byte) []string {
	var all []string
	for name := range files {
		if slices.Contains(fileNames[:], path.Base(name)) {
			all = append(all, path.Dir(name))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
