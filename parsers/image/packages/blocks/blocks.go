// Package blocks holds files in memory. What has its table of contents at the
// end, or leads from page to page, cannot be read as a stream; and nothing of an
// image is put on disk.
package blocks

import (
	"errors"
	"io"
)

// ErrTooLarge is the error of a file that is larger than was allowed.
var ErrTooLarge = errors.New("it is too large")

// ErrCut is the error of a file that ends where there should be more.
var ErrCut = errors.New("it ends too early")

// A File is one in memory, in blocks: it grows without being copied.
type File struct {
	blocks [][]byte // all of Size but for the last
	size   int64
}

// Size is how large a block is, in bytes. It is a multiple of every size that
// pages of databases have.
const Size = 1 << 20

// Load reads a file of at most so many bytes. An error other than [ErrTooLarge]
// is one of reading.
func Load(r io.Reader, most int64) (*File, error) {
	f := &File{}
	for {
		block, n := make([]byte, Size), 0
		var err error
		for n < len(block) && err == nil {
			var m int
			m, err = r.Read(block[n:])
			n += m
		}
		f.blocks, f.size = append(f.blocks, block[:n]), f.size+int64(n)
		switch {
		case f.size > most:
			return nil, ErrTooLarge
		case errors.Is(err, io.EOF):
			return f, nil
		case err != nil:
			return nil, err
		}
	}
}

// Len is how many bytes the file has.
func (f *File) Len() int64 { return f.size }

// Part is a part of the file, which is not to be written to.
func (f *File) Part(offset, length int64) ([]byte, error) {
	if offset < 0 || length < 0 || offset > f.size || length > f.size-offset {
		return nil, ErrCut
	}
	if block, at := offset/Size, offset%Size; at+length <= Size {
		return f.blocks[block][at : at+length : at+length], nil
	}
	data := make([]byte, length)
	_, err := f.ReadAt(data, offset)
	return data, err
}

// ReadAt is that of [io.ReaderAt].
func (f *File) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, ErrCut
	}
	n := 0
	for n < len(p) && offset < f.size {
		m := copy(p[n:], f.blocks[offset/Size][offset%Size:])
		n, offset = n+m, offset+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
