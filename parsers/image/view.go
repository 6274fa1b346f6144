package image

import (
	"archive/tar"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// A view is what is known of the files of an image after some of its layers:
// those of interest, and what is installed. A layer hides what the layers
// below it have: with a file of the same name, with a whiteout, with an opaque
// directory. It never hides its own, in whatever order they come.
type view struct {
	limits   Limits
	files    map[string]seen
	links    map[string]leads // those in place of directories of commands
	passwd   passwd
	packages *packages.Collector
	gaps     []string

	// Of the layer that passes by:
	number int
	own    map[string]seen
	below  map[string]int // how many files of the layers below are in a directory
}

// A seen file is one of interest.
type seen struct {
	File
	interest
	target string // of a symbolic link, as a path in the image
}

// leads says which path in the image a link leads to, and whose link it is.
type leads struct {
	to    string
	layer int
}

func newView(limits Limits) *view {
	return &view{limits: limits, files: map[string]seen{}, links: map[string]leads{}, packages: packages.New()}
}

// clone is a copy that further layers can be added to.
func (v *view) clone() *view {
	c := *v
	c.files, c.links, c.gaps = maps.Clone(v.files), maps.Clone(v.links), slices.Clone(v.gaps)
	c.packages = v.packages.Clone()
	return &c
}

func (v *view) begin(number int) {
	v.number, v.own, v.below = number, map[string]seen{}, map[string]int{}
	for name := range v.files {
		v.count(name, 1)
	}
}

// count notes that a file of the layers below has come or gone.
func (v *view) count(name string, n int) {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		v.below[dir] += n
		if dir == "." {
			return
		}
	}
}

func (v *view) end() {
	maps.Copy(v.files, v.own)
	v.own, v.below = nil, nil
}

// whiteouts mark what a layer takes away.
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

// add adds an entry of the layer.
func (v *view) add(name string, h *tar.Header, r io.Reader) error {
	name = v.real(name)
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	if base == opaque {
		v.hideUnder(dir)
		v.packages.RemoveUnder(dir, v.number)
		return nil
	}
	if hidden, ok := strings.CutPrefix(base, whiteout); ok {
		if strings.HasPrefix(hidden, whiteout) || hidden == "" {
			return nil // AUFS kept house there
		}
		v.hide(path.Join(dir, hidden))
		v.packages.Remove(path.Join(dir, hidden), v.number)
		return nil
	}
	delete(v.own, name)
	delete(v.links, name)
	if h.Typeflag == tar.TypeDir {
		v.hideFile(name)
		return nil
	}
	v.hide(name)
	var i interest
	switch h.Typeflag {
	case tar.TypeReg:
		i = interesting(name, h, false)
		if err := v.read(name, h, &i, r); err != nil {
			return err
		}
	case tar.TypeLink:
		i = interesting(name, h, false)
		i.key = false
		v.packages.Link(name, v.real(clean(h.Linkname)), h.FileInfo().Mode(), v.number)
	case tar.TypeSymlink:
		i = interesting(name, h, true)
		if slices.Contains(linked[:], name) {
			v.links[name] = leads{target(name, h.Linkname), v.number}
		}
		fallthrough
	default:
		v.packages.Remove(name, v.number)
	}
	if i == (interest{}) {
		return nil
	}
	if len(v.files)+len(v.own) >= v.limits.Files {
		return fail(TooLarge, "more than %d files are of interest", v.limits.Files)
	}
	s := seen{interest: i, File: File{
		Path: name, Mode: fmt.Sprintf("%04o", h.Mode&0o7777), UID: h.Uid, GID: h.Gid, Layer: v.number,
	}}
	if h.Typeflag == tar.TypeSymlink {
		s.target = target(name, h.Linkname)
	}
	v.own[name] = s
	return nil
}

// linked are the directories that distributions make links of: bin leads to
// usr/bin.
var linked = [...]string{"bin", "sbin", "lib", "lib64", "usr/sbin", "usr/lib64"}

// real is where an entry comes to lie that is below such a link.
func (v *view) real(name string) string {
	for range 2 { // sbin leads to usr/sbin, and that to usr/bin
		for _, dir := range linked {
			rest, below := strings.CutPrefix(name, dir+"/")
			if l, ok := v.links[dir]; ok && below {
				name = path.Join(l.to, rest)
			}
		}
	}
	return name
}

// read reads a regular file as far as somebody wants it.
func (v *view) read(name string, h *tar.Header, i *interest, r io.Reader) error {
	key := i.key
	i.key = false
	if name == "etc/passwd" {
		text, err := io.ReadAll(io.LimitReader(r, maxPasswd))
		if err == nil {
			v.passwd = passwd{users(text), v.number}
		}
		return err
	}
	if mode := h.FileInfo().Mode(); v.packages.Wants(name, mode, h.Size) {
		return v.packages.Add(name, mode, v.number, r)
	}
	if key {
		head, err := io.ReadAll(io.LimitReader(r, maxKey))
		i.key = isPrivateKey(head)
		return err
	}
	return nil
}

// hideFile takes away what a layer below has at a path.
func (v *view) hideFile(name string) {
	if _, ok := v.files[name]; ok {
		delete(v.files, name)
		v.count(name, -1)
	}
	if name == "etc/passwd" {
		v.passwd.hide(v.number)
	}
	if l, ok := v.links[name]; ok && l.layer < v.number {
		delete(v.links, name)
	}
}

// hide takes away what layers below have at a path and below it.
func (v *view) hide(name string) {
	v.hideFile(name)
	v.hideUnder(name)
}

func (v *view) hideUnder(dir string) {
	if dir == "etc" || dir == "." {
		v.passwd.hide(v.number)
	}
	within := func(name string) bool { return dir == "." || strings.HasPrefix(name, dir+"/") }
	for name := range v.links {
		if within(name) {
			v.hideFile(name)
		}
	}
	if v.below[dir] == 0 {
		return
	}
	for name := range v.files {
		if within(name) {
			v.hideFile(name)
		}
	}
}
