package image

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A directory has images by reference and by digest.
type directory struct {
	path     string
	images   map[string]stored
	problems []unreadable
}

// unreadable is what in a directory is no image that can be read.
type unreadable struct{ path, why string }

// Bounds of a directory of images.
const (
	maxDepth  = 8
	maxListed = 10_000 // files and directories
)

// openDirectory lists the layouts and archives below a directory. The name of
// an image is the reference it is stored with. Where a layout has the tag
// alone, the rest of the name is the path of the layout: shop/api of the tag
// 1.2 is shop/api:1.2.
func openDirectory(ctx context.Context, path string, limits Limits) (*directory, error) {
	ctx, cancel := context.WithTimeout(ctx, limits.Timeout)
	defer cancel()
	d := &directory{path: path, images: map[string]stored{}}
	listed := 0
	err := filepath.WalkDir(path, func(at string, e fs.DirEntry, err error) error {
		if err != nil {
			if at == path {
				return err
			}
			d.problem(at, err)
			return nil
		}
		if listed++; listed > maxListed {
			return fail(TooLarge, "%s has more than %d files", path, maxListed)
		}
		rel, _ := filepath.Rel(path, at)
		rel = filepath.ToSlash(rel)
		var images []stored
		switch {
		case e.IsDir() && strings.Count(rel, "/") >= maxDepth:
			return fs.SkipDir
		case e.IsDir() && isLayout(at):
			images, err = openLayout(ctx, at, limits)
		case e.Type().IsRegular() && isArchive(at):
			images, err = openAnyArchive(ctx, at, limits)
		default:
			return nil
		}
		if err != nil {
			d.problem(at, err)
		}
		for _, s := range images {
			d.add(s, rel)
		}
		if e.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
	return d, err
}

func (d *directory) problem(at string, err error) {
	d.problems = append(d.problems, unreadable{filepath.ToSlash(at), failure(err).Text})
}

// unread says what of no image in particular could not be read.
func (r *Reader) unread(b *graph.Builder) {
	for _, w := range r.options.Warnings {
		b.Warn(nowhere("images"), "%s", w)
	}
	if r.dir == nil {
		return
	}
	for _, p := range r.dir.problems {
		b.Warn(nowhere("image:"+p.path), "cannot read images from %s: %s", p.path, p.why)
	}
}

// add adds an image by its names. The first one of a name counts: directories
// are listed in the order of their names.
func (d *directory) add(s stored, at string) {
	keys := slices.Clone(s.digests)
	for _, n := range s.names {
		if !strings.ContainsAny(n, ":/@") {
			if at == "." {
				continue
			}
			n = at + ":" + n
		}
		if key, err := Key(n); err == nil {
			keys = append(keys, key)
		}
	}
	for _, k := range keys {
		if _, taken := d.images[k]; !taken {
			d.images[k] = s
		}
	}
	for _, part := range s.parts {
		d.add(part, at)
	}
}

// find is the image of a reference. A digest says all there is to say.
func (d *directory) find(ref name.Reference) (stored, error) {
	key := ref.Name()
	if digest, ok := ref.(name.Digest); ok {
		key = digest.DigestStr()
	}
	s, ok := d.images[key]
	if !ok {
		return s, fail(NotFound, "it is not in %s", d.path)
	}
	return s, nil
}

// isLayout tells whether a directory is an OCI layout.
func isLayout(path string) bool {
	info, err := os.Stat(filepath.Join(path, "index.json"))
	return err == nil && info.Mode().IsRegular()
}

// archives are how the names of archives end; of those with bzip2 and xz it is
// said that they are not read.
var archives = [...]string{".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz"}

// isArchive tells by its name whether a file may be an archive of images.
func isArchive(path string) bool {
	return slices.ContainsFunc(archives[:], func(end string) bool { return strings.HasSuffix(path, end) })
}

// openLayout lists the images of a layout on disk.
func openLayout(ctx context.Context, path string, limits Limits) ([]stored, error) {
	return layout{dir(path), Layout}.images(ctx, limits)
}

// openAnyArchive lists the images of an archive of either kind. Newer versions
// of docker save write one that is both.
func openAnyArchive(ctx context.Context, path string, limits Limits) ([]stored, error) {
	a, err := openArchive(ctx, path, limits)
	switch {
	case err != nil:
		return nil, err
	case a.has("manifest.json"):
		return dockerImages(ctx, a)
	case a.has("index.json"):
		return layout{a, OCIArchive}.images(ctx, limits)
	}
	return nil, a.stranger()
}
