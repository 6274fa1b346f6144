package packages

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// What is kept in all of one image; no real one comes near.
const (
	maxPackages = 100_000
	maxRemoved  = 1_000_000
	maxGaps     = 50
)

// found is what one file says.
type found struct {
	layer    int
	linked   string // the file that this is another name of
	packages []Package
	os       *OS
	gap      string
	unnamed  []string // Java archives that do not say what they are
}

// A Collector collects from the layers of one image, lowest first.
type Collector struct {
	files   map[string]found
	removed map[string]int // what was taken away, and the layer that did; with "/" for only what is below
	owned   owned
	kinds   []kind
	count   int
	gaps    []string
}

// New is a collector that has seen nothing yet.
func New() *Collector {
	return &Collector{files: map[string]found{}, removed: map[string]int{}, owned: owned{}, kinds: kinds()}
}

// Wants tells whether a regular file is to be handed to [Collector.Add]. Every
// one of a layer is to be asked about: what an earlier layer has at the path
// is replaced by it, wanted or not. Paths are clean and relative to the root.
func (c *Collector) Wants(name string, mode fs.FileMode, size int64) bool {
	c.forget(name)
	return size > 0 && c.kindOf(name, mode) != nil
}

// forget forgets what lower layers have at a path.
func (c *Collector) forget(name string) {
	c.count -= len(c.files[name].packages)
	delete(c.files, name)
}

// Add reads a file that is wanted, or as much of it as it needs. An error is
// one of reading; what is wrong with the file is a gap.
func (c *Collector) Add(name string, mode fs.FileMode, layer int, r io.Reader) error {
	k := c.kindOf(name, mode)
	if k == nil {
		return nil
	}
	if c.count >= maxPackages {
		c.gap(fmt.Sprintf("more than %d packages: the others were left out", maxPackages))
		return nil
	}
	f := found{layer: layer}
	if err := k.read(c, name, r, &f); err != nil {
		if _, ours := errors.AsType[tooLarge](err); !ours {
			return fmt.Errorf("read %s: %w", name, err)
		}
		f = found{layer: layer, gap: err.Error()}
	}
	for i := range f.packages {
		f.packages[i].Path, f.packages[i].Layer = cmp.Or(f.packages[i].Path, name), layer
	}
	c.count += len(f.packages)
	if len(f.packages)+len(f.unnamed) > 0 || f.os != nil || f.gap != "" {
		c.files[name] = f
	}
	return nil
}

// Remove notes that a layer takes a path away, with all that is below it: by a
// whiteout, or with something in its place that is neither file nor directory.
func (c *Collector) Remove(name string, layer int) { c.remove(name, layer) }

// Link notes that a layer has at a path another name of one of its files. What
// that says is told by the first of the names that are left.
func (c *Collector) Link(name, target string, mode fs.FileMode, layer int) {
	c.remove(name, layer)
	c.forget(name)
	f, known := c.files[target]
	switch {
	case known && c.count+len(f.packages) > maxPackages:
		c.gap(fmt.Sprintf("more than %d packages: the others were left out", maxPackages))
	case known:
		f.linked, f.layer, f.packages = target, layer, slices.Clone(f.packages)
		for i := range f.packages {
			f.packages[i].Path, f.packages[i].Layer = name+strings.TrimPrefix(f.packages[i].Path, target), layer
		}
		c.count += len(f.packages)
		c.files[name] = f
	case c.kindOf(name, mode) != nil && c.kindOf(name, mode) != c.kindOf(target, mode):
		c.gap(fmt.Sprintf("%q is another name of %q, which was not read", name, target))
	}
}

// RemoveUnder notes that a layer hides what lower layers have below a
// directory, by an opaque whiteout.
func (c *Collector) RemoveUnder(dir string, layer int) {
	if dir == "." {
		dir = ""
	}
	c.remove(dir+"/", layer)
}

func (c *Collector) remove(key string, layer int) {
	if _, known := c.removed[key]; !known && len(c.removed) >= maxRemoved {
		c.gap(fmt.Sprintf("more than %d files are taken away by later layers: the others were taken for installed", maxRemoved))
		return
	}
	c.removed[key] = max(layer, c.removed[key])
}

// gone tells whether a layer above took a file away.
func (c *Collector) gone(name string, layer int) bool {
	if at, ok := c.removed["/"]; ok && at > layer {
		return true
	}
	for dir := name; dir != "."; dir = path.Dir(dir) {
		if at, ok := c.removed[dir]; ok && at > layer {
			return true
		}
		if at, ok := c.removed[dir+"/"]; ok && at > layer && dir != name {
			return true
		}
	}
	return false
}

func (c *Collector) gap(text string) { c.gaps = addGap(c.gaps, text) }

// addGap adds what is not there yet, as long as there are not too many.
func addGap(gaps []string, text string) []string {
	if text != "" && len(gaps) < maxGaps && !slices.Contains(gaps, text) {
		gaps = append(gaps, text)
	}
	return gaps
}

// Result is what is installed when all layers have been seen.
func (c *Collector) Result() Result {
	names := c.left()
	r := Result{Gaps: slices.Clone(c.gaps)}
	for _, name := range names { // etc/os-release comes before usr/lib/os-release
		if f := c.files[name]; f.os != nil && r.OS == (OS{}) {
			r.OS = *f.os
		}
	}
	other := c.supersededRpm(names)
	ecosystem, why := r.OS.ecosystem()
	for _, name := range names {
		f := c.files[name]
		if why, out := other[name]; out {
			r.Gaps = addGap(r.Gaps, why)
			continue
		}
		r.Gaps = addGap(r.Gaps, f.gap)
		for _, p := range f.packages {
			switch p.Type {
			case Debian, Alpine, RPM:
				if ecosystem == "" {
					r.Gaps = addGap(r.Gaps, why)
				} else if p.isOf(ecosystem) {
					p.Ecosystem = ecosystem
				}
			default:
				p.Distributed = c.owned.has(name)
			}
			r.Packages = append(r.Packages, p)
		}
	}
	r.Gaps = addGap(r.Gaps, c.unnamedJava(names))
	slices.SortFunc(r.Packages, func(a, b Package) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Arch, b.Arch), cmp.Compare(a.Path, b.Path))
	})
	slices.Sort(r.Gaps)
	return r
}

// left are the files that no later layer took away, sorted; of names of one
// file the first.
func (c *Collector) left() []string {
	var names []string
	for name, f := range c.files {
		if f.linked != "" {
			if first, ok := c.files[f.linked]; ok && !c.gone(f.linked, first.layer) {
				continue
			}
		}
		if !c.gone(name, f.layer) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// A kind is one kind of file that says what is installed.
type kind struct {
	is   func(name string, mode fs.FileMode) bool
	read func(c *Collector, name string, r io.Reader, f *found) error
}

// kinds are all kinds; the first that fits a file is taken.
func kinds() []kind {
	named := func(is func(name string) bool) func(string, fs.FileMode) bool {
		return func(name string, _ fs.FileMode) bool { return is(name) }
	}
	return []kind{
		{named(isRelease), readRelease},
		{named(isDpkg), readDpkg},
		{named(isDpkgList), readDpkgList},
		{named(isApk), readApk},
		{named(isRpm), readRpm},
		{named(isRpmLog), readRpmLog},
		{named(isRpmManifest), readRpmManifest},
		{named(isNPM), readNPM},
		{named(isPython), readPython},
		{named(isJava), readJava},
		{named(isGem), readGem},
		{named(isComposer), readComposer},
		{named(isDotNet), readDotNet},
		{isExecutable, readExecutable},
	}
}

func (c *Collector) kindOf(name string, mode fs.FileMode) *kind {
	for i := range c.kinds {
		if c.kinds[i].is(name, mode) {
			return &c.kinds[i]
		}
	}
	return nil
}
