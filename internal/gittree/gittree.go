// Package gittree shows the files of a commit as a file system.
//
// The commit is read by the git that made the repository: it knows shallow and
// partial clones, linked work trees, alternates and every object format. Only
// plumbing commands are used that read objects. They run no filters, no hooks
// and no text conversion, so what a repository says cannot make them execute
// something, and nothing is checked out.
package gittree

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Tree are the files of a commit below a directory. It is safe for
// concurrent use, and has to be closed.
type Tree struct {
	entries map[string]*entry
	objects *objects
}

type entry struct {
	name     string // the last part
	mode     fs.FileMode
	object   string
	children []fs.DirEntry
}

// maxLinks bounds how many symbolic links lead to a file.
const maxLinks = 40

// Open reads the list of files of a commit, as they are below dir, which lies
// in a repository. "A...B" stands for the commit from which the two parted.
func Open(ctx context.Context, dir, commit string) (*Tree, error) {
	if strings.HasPrefix(commit, "-") {
		return nil, fmt.Errorf("%q is no commit", commit)
	}
	if a, b, ok := strings.Cut(commit, "..."); ok {
		if b == "" {
			b = "HEAD"
		}
		base, err := git(ctx, dir, "merge-base", a, b)
		if err != nil {
			return nil, fmt.Errorf("find where %s and %s parted: %w", a, b, err)
		}
		commit = strings.TrimSpace(string(base))
	}
	id, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", commit+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("%q is no commit of this clone (a shallow clone may have to fetch it: git fetch --depth=1 origin %s)", commit, commit)
	}
	list, err := git(ctx, dir, "ls-tree", "-r", "-z", strings.TrimSpace(string(id)))
	if err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", commit, err)
	}
	t := &Tree{entries: map[string]*entry{".": {name: ".", mode: fs.ModeDir}}}
	for line := range bytes.SplitSeq(list, []byte{0}) {
		t.add(string(line))
	}
	for _, e := range t.entries {
		slices.SortFunc(e.children, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	t.objects, err = openObjects(ctx, dir)
	return t, err
}

// Has tells whether there is a repository around dir that has a commit.
func Has(ctx context.Context, dir, commit string) bool {
	_, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", commit+"^{commit}")
	return err == nil
}

// git is the output of a git command.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	out, err := command(ctx, dir, args...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && len(failed.Stderr) > 0 {
		return nil, errors.New(strings.TrimSpace(string(failed.Stderr)))
	}
	return out, err
}

// command is a git command that looks at the repository around dir, whatever
// hook it is run from, and fetches nothing.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "--no-optional-locks"}, args...)...)
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX":
		default:
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	return cmd
}

// add takes a line of ls-tree: "MODE TYPE OBJECT\tPATH", from the directory
// git was run in. Submodules are left out, as they are where they are not
// checked out.
func (t *Tree) add(line string) {
	about, name, ok := strings.Cut(line, "\t")
	fields := strings.Fields(about)
	if !ok || len(fields) != 3 || fields[1] != "blob" || !fs.ValidPath(name) {
		return
	}
	var mode fs.FileMode
	if fields[0] == "120000" {
		mode = fs.ModeSymlink
	}
	t.insert(name, &entry{name: path.Base(name), mode: mode, object: fields[2]})
}

func (t *Tree) insert(name string, e *entry) {
	t.entries[name] = e
	dir := path.Dir(name)
	parent := t.entries[dir]
	if parent == nil {
		parent = &entry{name: path.Base(dir), mode: fs.ModeDir}
		t.insert(dir, parent)
	}
	parent.children = append(parent.children, dirEntry{t, e})
}

// Close ends the git that reads objects.
func (t *Tree) Close() error { return t.objects.close() }

// Open implements [fs.FS]. Symbolic links are followed inside the tree.
func (t *Tree) Open(name string) (fs.File, error) {
	e, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	if e.mode.IsDir() {
		return &openDir{openFile{e: e}, e.children}, nil
	}
	data, err := t.objects.read(e.object)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{e: e, size: int64(len(data)), Reader: bytes.NewReader(data)}, nil
}

// find is the entry that a path leads to.
func (t *Tree) find(op, name string) (*entry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	at, rest := ".", name
	for links := 0; rest != "" && rest != "."; {
		part, more, _ := strings.Cut(rest, "/")
		at, rest = path.Join(at, part), more
		e := t.entries[at]
		if e == nil {
			return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
		if e.mode&fs.ModeSymlink == 0 {
			continue
		}
		to, err := t.objects.read(e.object)
		if links++; err != nil || links > maxLinks {
			return nil, &fs.PathError{Op: op, Path: name, Err: errors.Join(errors.New("symbolic link that leads nowhere"), err)}
		}
		rest = path.Join(path.Dir(at), string(to), rest)
		if path.IsAbs(string(to)) || !fs.ValidPath(rest) {
			return nil, &fs.PathError{Op: op, Path: name, Err: errors.New("symbolic link that leads out of the tree")}
		}
		at = "."
	}
	e := t.entries[at]
	if e == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return e, nil
}

// dirEntry is a file as its directory lists it.
type dirEntry struct {
	tree *Tree
	e    *entry
}

func (d dirEntry) Name() string      { return d.e.name }
func (d dirEntry) IsDir() bool       { return d.e.mode.IsDir() }
func (d dirEntry) Type() fs.FileMode { return d.e.mode.Type() }
func (d dirEntry) Info() (fs.FileInfo, error) {
	if d.e.mode.IsDir() {
		return info{d.e, 0}, nil
	}
	data, err := d.tree.objects.read(d.e.object)
	return info{d.e, int64(len(data))}, err
}

// info is what is known of a file.
type info struct {
	e    *entry
	size int64
}

func (i info) Name() string       { return i.e.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.e.mode | 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.e.mode.IsDir() }
func (i info) Sys() any           { return nil }

type openFile struct {
	e    *entry
	size int64
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return info{f.e, f.size}, nil }
func (f *openFile) Close() error               { return nil }
func (f *openFile) Read(p []byte) (int, error) {
	if f.Reader == nil {
		return 0, &fs.PathError{Op: "read", Path: f.e.name, Err: errors.New("is a directory")}
	}
	return f.Reader.Read(p)
}

type openDir struct {
	openFile
	left []fs.DirEntry
}

// ReadDir implements [fs.ReadDirFile].
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.left)
	} else if len(d.left) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.left))
	list := d.left[:n]
	d.left = d.left[n:]
	return slices.Clone(list), nil
}

// objects reads objects by one git that is asked for each.
type objects struct {
	mu  sync.Mutex
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func openObjects(ctx context.Context, dir string) (*objects, error) {
	cmd := command(ctx, dir, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start git: %w", err)
	}
	return &objects{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

// maxObject is the largest object that is kept, in bytes; what is larger is no
// configuration.
const maxObject = 33 << 20

// read is the content of an object.
func (o *objects) read(id string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := io.WriteString(o.in, id+"\n"); err != nil {
		return nil, fmt.Errorf("ask git for %s: %w", id, err)
	}
	head, err := o.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("read %s from git: %w", id, err)
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return nil, fmt.Errorf("git has no object %s", id) // "ID missing": a partial clone
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read %s from git: %w", id, err)
	}
	keep := min(size, maxObject)
	data := make([]byte, keep)
	if _, err := io.ReadFull(o.out, data); err != nil {
		return nil, fmt.Errorf("read %s from git: %w", id, err)
	}
	if _, err := io.CopyN(io.Discard, o.out, size-keep+1); err != nil { // and a line break
		return nil, fmt.Errorf("read %s from git: %w", id, err)
	}
	return data, nil
}

func (o *objects) close() error {
	return errors.Join(o.in.Close(), o.cmd.Wait())
}
