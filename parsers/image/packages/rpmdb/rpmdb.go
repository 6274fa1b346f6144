// Package rpmdb reads the database in which rpm keeps what is installed.
//
// There are three kinds of it, one for each age of rpm: a hash table of
// Berkeley DB (Packages), one of rpm's own (Packages.db), and a table of SQLite
// (rpmdb.sqlite). All three hold the same for each package: its header, as it
// is in the .rpm file. Libraries for them want a file on disk, and the one for
// SQLite is a tenth of this program; what is needed of each format is small.
//
// A database is a stranger's. It is in memory, and no part of it is looked at
// twice, so that the time is bounded by its size. What is broken in it is an
// error; what was read before counts.
package rpmdb

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages/blocks"
)

// A database is one in memory.
type database struct{ *blocks.File }

// Each hands over the packages of a database until do says no. When one of them
// cannot be read the others are, and the error tells of the first. Reading ends
// where the database itself is broken.
func Each(f *blocks.File, do func(*Package) bool) error {
	d := database{f}
	each := d.bdb
	switch head, _ := d.Part(0, 16); {
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
