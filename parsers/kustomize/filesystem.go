package kustomize

import (
	"io/fs"
	"path"
	"path/filepath"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// memory is the file system that a build sees: the files handed to it and
// nothing else, below "/". Reading and asking is all that a build does.
type memory struct {
	filesys.FileSystem // what is not overridden is an empty directory in memory

	files map[string][]byte
	dirs  map[string]bool
	size  int // of all files
}

func newMemory() *memory {
	return &memory{filesys.MakeFsInMemory(), map[string][]byte{}, map[string]bool{"/": true}, 0}
}

// put adds a file at a path of the tree. The data is not copied.
func (m *memory) put(name string, data []byte) {
	name = path.Join("/", name)
	m.files[name] = data
	m.size += len(data)
	for dir := path.Dir(name); !m.dirs[dir]; dir = path.Dir(dir) {
		m.dirs[dir] = true
	}
}

func clean(name string) string { return path.Join("/", filepath.ToSlash(name)) }

// ReadFile returns a copy, as callers may change it.
func (m *memory) ReadFile(name string) ([]byte, error) {
	if data, ok := m.files[clean(name)]; ok {
		return append([]byte(nil), data...), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (m *memory) IsDir(name string) bool { return m.dirs[clean(name)] }

func (m *memory) Exists(name string) bool {
	_, ok := m.files[clean(name)]
	return ok || m.dirs[clean(name)]
}

func (m *memory) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	name = clean(name)
	if m.dirs[name] {
		return filesys.ConfirmedDir(filepath.FromSlash(name)), "", nil
	}
	if _, ok := m.files[name]; ok {
		return filesys.ConfirmedDir(filepath.FromSlash(path.Dir(name))), path.Base(name), nil
	}
	return "", "", &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
