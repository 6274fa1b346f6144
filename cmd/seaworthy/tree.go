package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A place is where the paths of the command line are: the tree that may be
// read and the paths relative to it.
type place struct {
	tree  *source.Tree
	under []string
	cwd   string
}

// locate opens the tree that the paths belong to: the enclosing git work tree,
// else the paths' nearest common directory. Reports name files relative to it,
// and nothing outside it is read. The repository is found by looking for .git,
// not by asking git, so variables such as GIT_DIR that leak out of hooks do
// not matter. A hook's files may be gone, and outside of a repository it looks
// for what they are part of in all of the working directory.
func locate(paths []string, hook bool) (*place, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var real []string
	for _, p := range paths {
		r, err := resolve(p)
		if errors.Is(err, fs.ErrNotExist) && hook {
			r, err = filepath.Abs(p)
		}
		if err != nil {
			return nil, err
		}
		real = append(real, r)
	}
	if c, err := filepath.EvalSymlinks(cwd); err == nil {
		cwd = c
	}
	top := common(real)
	if repository := enclosing(top); repository != "" {
		top = repository
	} else if hook && within(top, cwd) {
		top = cwd
	}
	tree, err := source.OpenTree(top)
	if err != nil {
		return nil, err
	}
	l := &place{tree: tree, cwd: cwd}
	for _, r := range real {
		rel, ok := tree.Rel(r)
		if !ok {
			return nil, fmt.Errorf("%s is outside of %s", r, top)
		}
		l.under = append(l.under, rel)
	}
	return l, nil
}

// locateAll is locate for commands that look at everything below some paths:
// without any, below the working directory.
func locateAll(paths []string) (*place, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return locate(paths, false)
}

// resolve is the absolute path without symbolic links.
func resolve(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: no such file or directory%.0w", path, fs.ErrNotExist)
	}
	return real, err
}

// common is the deepest directory that holds all paths.
func common(paths []string) string {
	top := paths[0]
	if info, err := os.Stat(top); err != nil || !info.IsDir() {
		top = filepath.Dir(top)
	}
	for _, p := range paths[1:] {
		for !within(p, top) {
			top = filepath.Dir(top)
		}
	}
	return top
}

// within tells whether a path is dir or lies below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// enclosing is the nearest directory upward that is a git work tree, "" when
// there is none. In a linked work tree .git is a file.
func enclosing(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// display is a tree-relative path as the person at the prompt would write it.
func (p *place) display(path string) string {
	full := filepath.Join(p.tree.Dir(), filepath.FromSlash(path))
	if rel, err := filepath.Rel(p.cwd, full); err == nil {
		return filepath.ToSlash(rel)
	}
	return full
}
