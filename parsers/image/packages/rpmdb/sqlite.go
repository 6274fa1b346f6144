package rpmdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// sqliteMagic begins a database of SQLite.
const sqliteMagic = "SQLite format 3\x00"

// maxDepth is how deep the tree of a table may be; SQLite takes no deeper one.
const maxDepth = 20

// A table walks the b-trees of tables in a database of SQLite, see
// https://www.sqlite.org/fileformat2.html. Indexes are not looked at.
type table struct {
	database
	page   int64 // the size of a page
	usable int64 // without what is reserved at its end
	seen   visited
}

var errSQLite = errors.New("it is a broken database of SQLite")

// sqlite hands over what the table Packages has: a number and a header in each
// row.
func (d database) sqlite(do func(header []byte) bool) error {
	head, err := d.Part(0, 100)
	if err != nil {
		return err
	}
	t := table{database: d, page: int64(binary.BigEndian.Uint16(head[16:])), seen: visited{}}
	if t.page == 1 {
		t.page = 65536
	}
	t.usable = t.page - int64(head[20])
	if t.page < 512 || t.page&(t.page-1) != 0 || t.usable < 480 {
		return errSQLite
	}
	if encoding := binary.BigEndian.Uint32(head[56:]); encoding != 1 {
		return errors.New("it is a database of SQLite that is not in UTF-8")
	}
	root := uint32(0)
	_, err = t.walk(1, 0, func(row []byte) (bool, error) {
		c, err := columns(row, 4) // type, name, table, first page
		if err == nil && c[0].text() == "table" && strings.EqualFold(c[1].text(), "Packages") {
			root = c[3].number()
		}
		return root == 0, err
	})
	switch {
	case err != nil:
		return err
	case root == 0:
		return errors.New("it is a database of SQLite with no table Packages")
	}
	_, err = t.walk(root, 0, func(row []byte) (bool, error) {
		c, err := columns(row, 2)
		return err == nil && do(c[1].data), err
	})
	return err
}

// walk hands over the rows that are below a page until row says no.
func (t *table) walk(number uint32, depth int, row func([]byte) (bool, error)) (more bool, err error) {
	if depth >= maxDepth {
		return false, errSQLite
	}
	page, err := t.open(number)
	if err != nil {
		return false, err
	}
	head := page
	if number == 1 {
		head = page[100:]
	}
	const leaf, interior = 0x0d, 0x05
	size := 8
	if head[0] == interior {
		size = 12
	} else if head[0] != leaf {
		return false, errSQLite
	}
	pointers, count := head[size:], int(binary.BigEndian.Uint16(head[3:]))
	if 2*count > len(pointers) {
		return false, errSQLite
	}
	for i := range count {
		at := int64(binary.BigEndian.Uint16(pointers[2*i:]))
		if at+4 > t.usable {
			return false, errSQLite
		}
		cell := page[at:t.usable]
		if head[0] == interior {
			more, err = t.walk(binary.BigEndian.Uint32(cell), depth+1, row)
		} else {
			more, err = t.leaf(cell, row)
		}
		if err != nil || !more {
			return false, err
		}
	}
	if head[0] == interior {
		return t.walk(binary.BigEndian.Uint32(head[8:]), depth+1, row)
	}
	return true, nil
}

// open is a page that was not looked at before; they are counted from 1.
func (t *table) open(number uint32) ([]byte, error) {
	err := t.seen.visit(number)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSQLite, err)
	}
	page, err := t.Part((int64(number)-1)*t.page, t.page)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSQLite, err)
	}
	return page, nil
}

// leaf hands over the row of a cell: its length, its number, and as much of it
// as the page holds, with the number of the page that has more.
func (t *table) leaf(cell []byte, row func([]byte) (bool, error)) (more bool, err error) {
	size, n := varint(cell)
	_, m := varint(cell[n:])
	cell = cell[n+m:]
	if n == 0 || m == 0 || size < 0 || size > t.Len() {
		return false, errSQLite
	}
	local := t.local(size)
	if local == size && local <= int64(len(cell)) {
		return row(cell[:size])
	}
	if local+4 > int64(len(cell)) {
		return false, errSQLite
	}
	data := append(make([]byte, 0, size), cell[:local]...)
	next := binary.BigEndian.Uint32(cell[local:])
	for int64(len(data)) < size {
		page, err := t.open(next)
		if err != nil {
			return false, err
		}
		next = binary.BigEndian.Uint32(page)
		data = append(data, page[4:min(t.usable, 4+size-int64(len(data)))]...)
	}
	return row(data)
}

// local is how much of a row of a size is in its cell.
func (t *table) local(size int64) int64 {
	most, least := t.usable-35, (t.usable-12)*32/255-23
	if size <= most {
		return size
	}
	if local := least + (size-least)%(t.usable-4); local <= most {
		return local
	}
	return least
}

// A column is one value of a row.
type column struct {
	kind int64
	data []byte
}

// columns are the first values of a row: its head has the length of the head
// and the kind of each value, and the values follow.
func columns(row []byte, count int) ([]column, error) {
	size, n := varint(row)
	if n == 0 || size < int64(n) || size > int64(len(row)) {
		return nil, errSQLite
	}
	kinds, values := row[n:size], row[size:]
	all := make([]column, count)
	for i := range all {
		kind, n := varint(kinds)
		length := lengthOf(kind)
		if n == 0 || length < 0 || length > int64(len(values)) {
			return nil, errSQLite
		}
		all[i] = column{kind, values[:length]}
		kinds, values = kinds[n:], values[length:]
	}
	return all, nil
}

// lengthOf is how many bytes a value of a kind has, negative for no kind.
func lengthOf(kind int64) int64 {
	switch {
	case kind >= 12:
		return (kind - 12) / 2
	case kind >= 0 && kind < 10:
		return [...]int64{0, 1, 2, 3, 4, 6, 8, 8, 0, 0}[kind]
	}
	return -1
}

// text is a value that is text, else empty.
func (c column) text() string {
	if c.kind < 13 || c.kind%2 == 0 {
		return ""
	}
	return string(c.data)
}

// number is a value that is a number of a page, else 0.
func (c column) number() uint32 {
	switch c.kind {
	case 1, 2, 3, 4:
		n := uint32(0)
		for _, b := range c.data {
			n = n<<8 | uint32(b)
		}
		return n
	case 9:
		return 1
	}
	return 0
}

// varint is a number in the way of SQLite, and how many bytes it takes, 0 where
// there is none.
func varint(data []byte) (value int64, n int) {
	for i, b := range data[:min(9, len(data))] {
		if i == 8 {
			return value<<8 | int64(b), 9
		}
		value = value<<7 | int64(b&0x7f)
		if b < 0x80 {
			return value, i + 1
		}
	}
	return 0, 0
}
