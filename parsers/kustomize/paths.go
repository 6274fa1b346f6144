package kustomize

import (
	"errors"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

var userAtHost = late.Pattern(`^[a-zA-Z][a-zA-Z0-9-]*@[^/:]*[/:]`)

// remote tells whether kustomize takes an entry for a URL or a git repository
// and would fetch it. It is only about the message: whatever is handed to
// kustomize starts with "./" or "../", which is neither.
func remote(entry string) bool {
	if u, err := url.Parse(entry); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return true
	}
	lower := strings.ToLower(entry)
	for _, p := range [...]string{"git::", "ssh://", "http://", "https://", "file://", "github.com/", "github.com:"} {
		if strings.HasPrefix(lower, p) {
			return true
		}
	}
	return userAtHost().MatchString(entry)
}

var (
	errOutside  = errors.New("lies outside the scanned tree: name a directory above both as the path, or run in a repository that holds them")
	errAbsolute = errors.New("is an absolute path, which kustomize does not allow")
	errLinks    = errors.New("leads through too many symbolic links")
	errDots     = errors.New(`has ".." inside a name; are two entries indented into one?`)
	errEmpty    = errors.New("is empty")
)

// locate finds what an entry of a kustomization in dir stands for: where it
// lies in the tree once symbolic links are followed. The name is the lexical
// one when it cannot be found.
func locate(fsys fs.FS, dir, entry string) (name string, isDir bool, err error) {
	switch {
	case entry == "":
		return "", false, errEmpty
	case path.IsAbs(entry):
		return "", false, errAbsolute
	}
	for part := range strings.SplitSeq(filepath.ToSlash(entry), "/") {
		if part != ".." && strings.Contains(part, "..") {
			return "", false, errDots
		}
	}
	name = path.Join(dir, filepath.ToSlash(entry))
	if !inside(".", name) {
		return "", false, errOutside
	}
	info, err := fs.Stat(fsys, name) // refuses what leads out of the tree
	if err != nil {
		return name, false, err
	}
	real, err := follow(fsys, name)
	if err != nil {
		return name, false, err
	}
	return real, info.IsDir(), nil
}

// follow is the path without symbolic links.
func follow(fsys fs.FS, name string) (string, error) {
	done, rest := ".", strings.Split(name, "/")
	for hops := 0; len(rest) > 0; {
		next := path.Join(done, rest[0])
		rest = rest[1:]
		info, err := fs.Lstat(fsys, next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if hops++; hops > 40 {
			return "", errLinks
		}
		target, err := fs.ReadLink(fsys, next)
		if err != nil {
			return "", err
		}
		next = path.Join(path.Dir(next), filepath.ToSlash(target))
		if path.IsAbs(target) || !inside(".", next) {
			return "", errOutside
		}
		done, rest = ".", append(strings.Split(next, "/"), rest...)
	}
	return done, nil
}

// inside tells whether a clean path is dir or lies below it.
func inside(dir, name string) bool {
	if dir == "." {
		return name != ".." && !strings.HasPrefix(name, "../") && !path.IsAbs(name)
	}
	return name == dir || strings.HasPrefix(name, dir+"/")
}

// relative is the path from a directory of the tree to name, as it is handed
// to kustomize.
func relative(dir, name string) string {
	up := ""
	for !inside(dir, name) {
		dir, up = path.Dir(dir), up+"../"
	}
	if dir != "." {
		name = strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
	}
	if up == "" {
		up = "./"
	}
	return up + name
}

// reason is an error without the path, which the reader is told anyway.
func reason(err error) string {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.As(err, &p):
		return "cannot be read: " + p.Err.Error()
	}
	return err.Error()
}
