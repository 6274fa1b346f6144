package gittree

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func repository(t *testing.T, files, links map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "one"}} {
		cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return dir
}

func open(t *testing.T, dir, commit string) *Tree {
	t.Helper()
	tree, err := Open(context.Background(), dir, commit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

func TestFileSystem(t *testing.T) {
	dir := repository(t, map[string]string{"a.yaml": "a: 1\n", "b/c.yaml": "c: 1\n", "b/d/empty": "", "odd \"name\"\tä.yaml": "x"}, nil)
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	tree := open(t, dir, "HEAD")
	if err := fstest.TestFS(tree, "a.yaml", "b/c.yaml", "b/d/empty", "odd \"name\"\tä.yaml"); err != nil {
		t.Error(err)
	}
	if text, err := fs.ReadFile(tree, "a.yaml"); err != nil || string(text) != "a: 1\n" {
		t.Errorf("a.yaml is %q, %v", text, err)
	}
	// From a directory below, paths are relative to that.
	below := open(t, filepath.Join(dir, "b"), "HEAD")
	if text, err := fs.ReadFile(below, "c.yaml"); err != nil || string(text) != "c: 1\n" {
		t.Errorf("c.yaml is %q, %v", text, err)
	}
}

func TestLinks(t *testing.T) {
	dir := repository(t, map[string]string{"b/c.yaml": "c: 1\n"}, map[string]string{
		"file": "b/c.yaml", "dir": "b", "b/up": "../file", "out": "../../etc/passwd", "absolute": "/etc/passwd", "circle": "circle", "nowhere": "no/such",
	})
	tree := open(t, dir, "HEAD")
	for _, name := range []string{"file", "dir/c.yaml", "b/up", "dir/up"} {
		if text, err := fs.ReadFile(tree, name); err != nil || string(text) != "c: 1\n" {
			t.Errorf("%s is %q, %v", name, text, err)
		}
	}
	for _, name := range []string{"out", "absolute", "circle", "nowhere", "file/x", "../x"} {
		if text, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%s is %q", name, text)
		}
	}
	var links []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if d.Type()&fs.ModeSymlink != 0 {
			links = append(links, name)
		}
		return err
	})
	if want := "absolute b/up circle dir file nowhere out"; err != nil || strings.Join(slices.Sorted(slices.Values(links)), " ") != want {
		t.Errorf("the links are %v, %v", links, err)
	}
}

func TestNoCommit(t *testing.T) {
	dir := repository(t, map[string]string{"a": ""}, nil)
	for _, commit := range []string{"nosuch", "--help", "", "HEAD:a", "nosuch...HEAD"} {
		if tree, err := Open(context.Background(), dir, commit); err == nil {
			t.Errorf("%q is a commit", commit)
			_ = tree.Close()
		}
	}
	if _, err := Open(context.Background(), t.TempDir(), "HEAD"); err == nil {
		t.Error("a directory without a repository has commits")
	}
}
