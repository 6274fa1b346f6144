package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// MaxFileSize is the largest file that is read, in bytes. Configuration that
// people write is far smaller; a larger file is a Problem, not a wait.
const MaxFileSize = 32 << 20

// A Tree is the directory that may be read: nothing outside it ever is, not
// even through a symbolic link. Every file is read at most once. A Tree is
// safe for concurrent use.
type Tree struct {
	fsys fs.FS
	dir  string

	mu    sync.Mutex
	files map[string]func() (*File, error)
}

// NewTree is a tree over a file system, for tests and for trees not on disk.
func NewTree(fsys fs.FS) *Tree {
	return &Tree{fsys: fsys, files: map[string]func() (*File, error){}}
}

// OpenTree is the tree below a directory. Symbolic links that lead out of it
// cannot be followed, whatever the operating system resolves them to.
func OpenTree(dir string) (*Tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	t := NewTree(root.FS())
	t.dir = dir
	return t, nil
}

// With is the tree as it would be with other text in some of its files. What
// was read before is not read again.
func (t *Tree) With(texts map[string][]byte) *Tree {
	changed := NewTree(t.fsys)
	changed.dir = t.dir
	t.mu.Lock()
	maps.Copy(changed.files, t.files)
	t.mu.Unlock()
	for name, data := range texts {
		f := NewFile(name, data)
		changed.files[name] = func() (*File, error) { return f, nil }
	}
	return changed
}

// Dir is the directory on disk, or "" for a tree that is not on disk.
func (t *Tree) Dir() string { return t.dir }

// FS is the tree as a file system.
func (t *Tree) FS() fs.FS { return t.fsys }

// Known are the files that were read so far, sorted by path.
func (t *Tree) Known() []*File {
	t.mu.Lock()
	reads := slices.Collect(maps.Values(t.files))
	t.mu.Unlock()
	var files []*File
	for _, read := range reads {
		if f, err := read(); err == nil {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// ErrTooLarge says that a file is larger than [MaxFileSize].
var ErrTooLarge = fmt.Errorf("larger than %d MiB", MaxFileSize>>20)

// Read returns the file at a slash-separated path relative to the tree. The
// errors are those of fs.FS and [ErrTooLarge].
func (t *Tree) Read(name string) (*File, error) {
	name = path.Clean(name)
	t.mu.Lock()
	read, ok := t.files[name]
	if !ok {
		read = sync.OnceValues(func() (*File, error) { return t.read(name) })
		t.files[name] = read
	}
	t.mu.Unlock()
	return read()
}

func (t *Tree) read(name string) (*File, error) {
	f, err := t.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxFileSize {
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	}
	return NewFile(name, data), nil
}

// Admit makes a file readable that the user named on the command line,
// relative to the working directory, wherever it lies, and returns the path to
// read it by: relative to the tree for a file in it, else absolute. Nothing
// that a scanned file says may come here.
func (t *Tree) Admit(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	if rel, inside := t.Rel(abs); inside && t.dir != "" {
		_, err := t.Read(rel)
		return rel, err
	}
	outside, err := os.OpenRoot(filepath.Dir(abs))
	if err != nil {
		return "", err
	}
	defer outside.Close() //nolint:errcheck // it was only read
	f, err := NewTree(outside.FS()).Read(filepath.Base(abs))
	if err != nil {
		return "", err
	}
	named := NewFile(filepath.ToSlash(abs), f.Data)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.files[named.Path] = func() (*File, error) { return named, nil }
	return named.Path, nil
}

// Exists tells whether there is a file or directory at name.
func (t *Tree) Exists(name string) bool {
	_, err := fs.Stat(t.fsys, path.Clean(name))
	return err == nil
}

// A Listing is what a walk over a tree found.
type Listing struct {
	Files   []string // the regular files, sorted
	Skipped []Skip   // what was left out on purpose, sorted by path
	Failed  []Skip   // what should have been looked at and could not be, sorted by path
}

// A Skip is something that was not analysed, and why.
type Skip struct{ Path, Why string }

// Walk lists the files below the given directories or files. Directories for
// which exclude gives a reason are not entered; who names one wants it. Links are not followed: what
// they lead to inside the tree is listed where it is.
func (t *Tree) Walk(under []string, exclude func(name string, dir bool) (why string)) (Listing, error) {
	var l Listing
	for _, top := range under {
		err := fs.WalkDir(t.fsys, path.Clean(top), func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				if name == path.Clean(top) {
					return err
				}
				l.Failed = append(l.Failed, Skip{name, "cannot read the directory: " + reason(err)})
				return nil
			}
			if d.Name() == ".git" && name != path.Clean(top) { // the repository, no part of what is in it
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if name != path.Clean(top) {
				if why := exclude(name, d.IsDir()); why != "" {
					l.Skipped = append(l.Skipped, Skip{name, why})
					if d.IsDir() {
						return fs.SkipDir
					}
					return nil
				}
			}
			switch {
			case d.Type().IsRegular():
				l.Files = append(l.Files, name)
			case d.Type()&fs.ModeSymlink != 0:
				switch _, err := fs.Stat(t.fsys, name); {
				case err == nil:
					l.Skipped = append(l.Skipped, Skip{name, "symbolic link; its target is analysed where it is"})
				case errors.Is(err, fs.ErrNotExist):
					l.Skipped = append(l.Skipped, Skip{name, "symbolic link to nothing"})
				default:
					l.Failed = append(l.Failed, Skip{name, "symbolic link leads out of the scanned tree and is not followed"})
				}
			}
			return nil
		})
		if err != nil {
			return l, fmt.Errorf("list %s: %w", top, err)
		}
	}
	slices.Sort(l.Files)
	l.Files = slices.Compact(l.Files)
	for _, left := range [][]Skip{l.Skipped, l.Failed} {
		slices.SortFunc(left, func(a, b Skip) int { return strings.Compare(a.Path, b.Path) })
	}
	return l, nil
}

// reason is an error without the path, which the reader is told anyway.
func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// Rel is the path of a file on disk relative to the tree, with slashes, and
// false when it lies outside.
func (t *Tree) Rel(name string) (string, bool) {
	rel, err := filepath.Rel(t.dir, name)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
