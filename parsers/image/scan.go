package image

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// scan lets one layer pass by and adds it to what is seen of the layers below
// it. used is how many bytes those have unpacked to. All of the layer is read,
// whatever comes behind the end of its files, so that its digests can be held
// against those of the image. A layer that cannot be unpacked is read to its
// end too: where it is not what its digest says, that is what is wrong with it.
func (l layer) scan(ctx context.Context, v *view, number int, used int64) (unpacked int64, err error) {
	if isEncrypted(l.MediaType) {
		return 0, fail(Unsupported, "it is encrypted")
	}
	blob, err := l.open(ctx)
	if err != nil {
		return 0, err
	}
	defer blob.Close() //nolint:errcheck // it was only read
	stored, err := verify(blob, l.Digest)
	if err != nil {
		return 0, err
	}
	// A blob that is larger than it should be is not read to its end.
	most := func(n int64) error {
		if l.Size > 0 && n > l.Size {
			return fail(Malformed, "it has more than the %d bytes that its manifest says", l.Size)
		}
		return nil
	}
	buffered := bufio.NewReaderSize(&meter{Reader: stored, ctx: ctx, over: most}, 128<<10)
	unpacked, err = l.unpacked(ctx, v, number, buffered, v.limits.expansion(func() int64 { return stored.n }, used))
	judged, known := errors.AsType[*Failure](err)
	if known && judged.Reason != Malformed {
		return 0, err
	}
	if _, broken := io.Copy(io.Discard, buffered); broken != nil {
		return 0, broken
	}
	if wrong := stored.check(l.Size); wrong != nil {
		return 0, wrong
	}
	if err != nil && !known {
		err = fail(Malformed, "it cannot be unpacked: %s", failure(err).Text)
	}
	return unpacked, err
}

// unpacked adds the files of a layer to what is seen, and tells how many bytes
// they unpacked to.
func (l layer) unpacked(ctx context.Context, v *view, number int, stored *bufio.Reader, over func(int64) error) (int64, error) {
	plain, done, err := unpack(stored)
	if err != nil {
		return 0, err
	}
	defer done()
	m := &meter{Reader: plain, ctx: ctx, over: over}
	contents, err := verify(m, l.diffID)
	if err != nil {
		return 0, err
	}
	if err := v.layer(tar.NewReader(contents), number); err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, contents); err != nil {
		return 0, err
	}
	if err := contents.check(0); err != nil {
		return 0, about("unpacked", err)
	}
	return m.n, nil
}

// unpack finds out by its first bytes how something is compressed: media types
// lie, and archives have none. What is not compressed is r itself.
func unpack(r *bufio.Reader) (plain io.Reader, done func(), err error) {
	magic, err := r.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		return z, func() { z.Close() }, nil //nolint:errcheck // it was only read
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}), len(magic) > 3 && bytes.Equal(magic[1:4], []byte{0x2a, 0x4d, 0x18}):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	case bytes.HasPrefix(magic, []byte("BZh")), bytes.HasPrefix(magic, []byte("\xfd7zXZ\x00")):
		return nil, nil, fail(Unsupported, "it is compressed with bzip2 or xz, which is not unpacked")
	}
	return r, func() {}, nil
}

// maxWindow is how far back a zstd stream may refer, in bytes: as far as at
// level 19, and the memory it takes.
const maxWindow = 64 << 20

// layer adds the files of a layer to the view. Names that lead out of the
// image are left out, and said.
func (v *view) layer(r *tar.Reader, number int) error {
	v.begin(number)
	defer v.end()
	var odd oddities
	for entries := 0; ; entries++ {
		h, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			v.gaps = append(v.gaps, odd.gaps(number)...)
			return nil
		case errors.Is(err, tar.ErrInsecurePath): // looked at below
		case err != nil:
			return err
		}
		if entries >= v.limits.Entries {
			return fail(TooLarge, "it has more than %d files", v.limits.Entries)
		}
		name, ok := inside(h.Name)
		switch {
		case len(h.Name) > v.limits.Name:
			odd.long++
		case !ok:
			odd.outside, odd.first = odd.outside+1, orFirst(odd.first, h.Name)
		case name == ".":
		default:
			if err := v.add(name, h, r); err != nil {
				return err
			}
		}
	}
}

// inside is the clean path of an entry below the root of the image, and false
// when it leads out of that.
func inside(name string) (string, bool) {
	name = path.Clean(strings.TrimLeft(name, "/"))
	return name, name != ".." && !strings.HasPrefix(name, "../")
}

// oddities are entries that were left out.
type oddities struct {
	long, outside int
	first         string
}

func orFirst(first, name string) string {
	if first == "" {
		return name
	}
	return first
}

func (o oddities) gaps(number int) (gaps []string) {
	if o.outside > 0 {
		gaps = append(gaps, fmt.Sprintf("layer %d: %d files were left out whose names lead out of the image, such as %q", number, o.outside, short(o.first)))
	}
	if o.long > 0 {
		gaps = append(gaps, fmt.Sprintf("layer %d: %d files were left out whose names are too long", number, o.long))
	}
	return gaps
}
