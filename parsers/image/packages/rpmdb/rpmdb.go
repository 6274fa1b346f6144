// Package rpmdb reads the database in which rpm keeps what is installed.
//
// There are three kinds of it, one for each age of rpm: a hash table of
// Berkeley DB (Packages), one of rpm's own (Packages.db), and a table of SQLite
// (rpmdb.sqlite). All three hold the same for each package: its header, as it
// is in the .rpm file. Libraries for them want a file on disk, and the one for
// SQLite is a tenth of this program; what is needed of each format is small.
//
// A database is a stranger's. It is read as a stream into memory, up to a
// bound, and no part of it is looked at twice, so that the time is bounded by
// its size. What is broken in it is an error; what was read before counts.
package rpmdb

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrTooLarge is the error of a database that is larger than was allowed.
var ErrTooLarge = errors.New("it is too large")

// A Database is one in memory, in blocks.
type Database struct {
	blocks [][]byte // all of blockSize but for the last
	size   int64
}

// blockSize is a multiple of every size that pages have.
const blockSize = 1 << 20

// Load reads a database of at most so many bytes, whatever is in it. An error
// other than [ErrTooLarge] is one of reading.
func Load(r io.Reader, most int64) (*Database, error) {
	d := &Database{}
	for {
		block, n := make([]byte, blockSize), 0
		var err error
		for n < len(block) && err == nil {
			var m int
			m, err = r.Read(block[n:])
			n += m
		}
		d.blocks, d.size = append(d.blocks, block[:n]), d.size+int64(n)
		switch {
		case d.size > most:
			return nil, ErrTooLarge
		case errors.Is(err, io.EOF):
			return d, nil
		case err != nil:
			return nil, err
		}
	}
}

// Each hands over the packages until do says no. When one of them cannot be
// read the others are, and the error tells of the first. Reading ends where the
// database itself is broken.
func (d *Database) Each(do func(*Package) bool) error {
	each := d.bdb
	switch head, _ := d.part(0, 16); {
	case string(head) == sqliteMagic:
		each = d.sqlite
	case strings.HasPrefix(string(head), ndbMagic):
		each = d.ndb
	}
	number := 0
	var broken error
	err := each(func(header []byte) bool {
		number++
		p, err := parse(header)
		if err != nil {
			if broken == nil {
				broken = fmt.Errorf("package %d: %w", number, err)
			}
			return true
		}
		return do(p)
	})
	return cmp.Or(err, broken)
}

// errCut is the error of a database that ends where it says there is more.
var errCut = errors.New("it ends too early")

// part is a part of the database, which is not to be written to.
func (d *Database) part(offset, length int64) ([]byte, error) {
	if offset < 0 || length < 0 || offset > d.size || length > d.size-offset {
		return nil, errCut
	}
	block, at := offset/blockSize, offset%blockSize
	if at+length <= blockSize {
		return d.blocks[block][at : at+length : at+length], nil
	}
	data := make([]byte, 0, length)
	for int64(len(data)) < length {
		b := d.blocks[block][at:]
		data = append(data, b[:min(int64(len(b)), length-int64(len(data)))]...)
		block, at = block+1, 0
	}
	return data, nil
}

// A visited is a set of pages that were looked at.
type visited map[uint32]bool

// errLoop is the error of pages that lead to one another.
var errLoop = errors.New("one part of it is in two places")

func (v visited) visit(page uint32) error {
	if v[page] {
		return errLoop
	}
	v[page] = true
	return nil
}
