package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"sync"
)

// An archive is a tar file on disk whose files are found by name. It is listed
// once: a plain one by skipping over what is in it, a compressed one by reading
// all of it, small documents being kept on the way. Files of a compressed one
// are then read in as few passes as their order allows.
type archive struct {
	path    string
	limits  Limits
	entries map[string]entry
	zipped  bool

	mu     sync.Mutex
	parked *pass // a pass nobody reads at the moment
}

// An entry is a file in an archive.
type entry struct {
	number       int   // in the archive
	offset, size int64 // in a plain archive
	link         string
	kept         []byte // in a compressed archive
}

// Bounds of the list of an archive.
const (
	maxArchived = 100_000  // files
	maxKept     = 64 << 20 // bytes of small documents, in all
	maxDocument = 1 << 20  // bytes of one of them
)

// openArchive lists an archive. A layout has as many files as there are blobs.
func openArchive(ctx context.Context, path string, limits Limits) (*archive, error) {
	a := &archive{path: path, limits: limits, entries: map[string]entry{}}
	p, err := a.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer p.close()
	a.zipped = p.unpacked != nil
	err = a.list(p)
	if errors.Is(err, tar.ErrHeader) {
		err = fail(Malformed, "it is no tar file")
	}
	if err != nil {
		return nil, about("it is no archive that can be read", err)
	}
	return a, nil
}

// list finds out what is where.
func (a *archive) list(p *pass) error {
	kept := 0
	for {
		h, err := p.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case p.number > maxArchived:
			return fail(TooLarge, "it has more than %d files", maxArchived)
		case len(h.Name) > a.limits.Name:
			return fail(TooLarge, "a file has a name of %d bytes", len(h.Name))
		}
		e := entry{number: p.number, size: h.Size}
		switch h.Typeflag {
		case tar.TypeReg:
			if !a.zipped {
				e.offset, err = p.file.Seek(0, io.SeekCurrent)
			} else if h.Size <= maxDocument && kept < maxKept {
				e.kept, err = p.document()
				kept += len(e.kept)
			}
			if err != nil {
				return err
			}
		case tar.TypeLink:
			e.link = h.Linkname
		case tar.TypeSymlink:
			e.link = h.Linkname
			if !path.IsAbs(e.link) {
				e.link = path.Join(path.Dir(h.Name), e.link)
			}
		default:
			continue
		}
		a.entries[clean(h.Name)] = e
	}
}

// clean is a path in an archive as it would be below a directory.
func clean(name string) string { return path.Clean("/" + name)[1:] }

// stranger says what an archive is that has no image.
func (a *archive) stranger() error {
	for name := range a.entries {
		if dir, base := path.Split(name); base == "Chart.yaml" && strings.Count(dir, "/") == 1 {
			return fail(NotAnImage, "it is a Helm chart and no image")
		}
	}
	if a.cut() {
		return fail(Malformed, "it ends too early")
	}
	return fail(NotAnImage, "it has neither a manifest.json nor an index.json")
}

// cut tells whether a plain archive lacks the zeros that end one, which nobody
// misses when it is cut between two files. A compressed one is not listed when
// it is cut.
func (a *archive) cut() bool {
	const block = 512
	f, err := os.Open(a.path)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil || a.zipped || info.Size() == 0 {
		return false
	}
	var last [block]byte
	_, err = f.ReadAt(last[:], info.Size()/block*block-block)
	return err != nil || info.Size()%block != 0 || last != [block]byte{}
}

func (a *archive) has(name string) bool { _, ok := a.entries[name]; return ok }

// resolve follows links in the archive, which docker save makes of layers that
// come twice.
func (a *archive) resolve(name string) (entry, error) {
	for range 5 {
		e, ok := a.entries[clean(name)]
		switch {
		case !ok:
			return e, fail(NotFound, "%s is not in the archive", short(name))
		case e.link == "":
			return e, nil
		}
		name = e.link
	}
	return entry{}, fail(Malformed, "%s is a link to a link to a link", short(name))
}

func (a *archive) open(ctx context.Context, name string) (io.ReadCloser, error) {
	e, err := a.resolve(name)
	switch {
	case err != nil:
		return nil, err
	case e.kept != nil:
		return io.NopCloser(bytes.NewReader(e.kept)), nil
	case a.zipped:
		return a.forward(ctx, e.number)
	}
	f, err := os.Open(a.path)
	if err != nil {
		return nil, missing(a.path, err)
	}
	return section{io.NewSectionReader(f, e.offset, e.size), f}, nil
}

// A section is a part of a file, which is closed with it.
type section struct {
	*io.SectionReader
	io.Closer
}
