package config

import (
	"errors"
	"io/fs"
	"path"
	"sync"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Finder finds the configuration of each directory of a tree, and reads each
// file once.
type Finder struct {
	tree  *source.Tree
	fixed *Config

	mu     sync.Mutex
	dirs   map[string]*Config
	faults []error
}

// NewFinder looks for configurations in a tree. fixed, when not nil, is the
// configuration of every directory.
func NewFinder(tree *source.Tree, fixed *Config) *Finder {
	return &Finder{tree: tree, fixed: fixed, dirs: map[string]*Config{}}
}

// At is the configuration of a directory: that of the nearest file upward, or
// the defaults where there is none. A file that is wrong counts as empty and
// is in [Finder.Err].
func (f *Finder) At(dir string) *Config {
	if f.fixed != nil {
		return f.fixed
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at(path.Clean(dir))
}

func (f *Finder) at(dir string) *Config {
	if c, ok := f.dirs[dir]; ok {
		return c
	}
	c, err := Read(f.tree, path.Join(dir, Name))
	switch {
	case err == nil:
	case dir != "." && errors.Is(err, fs.ErrNotExist) && !f.tree.Exists(path.Join(dir, Name)):
		c = f.at(path.Dir(dir))
	default:
		if f.tree.Exists(path.Join(dir, Name)) {
			f.faults = append(f.faults, err)
		}
		c = &Config{Dir: "."}
	}
	f.dirs[dir] = c
	return c
}

// Err is all that is wrong with the files that were read.
func (f *Finder) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.faults...)
}
