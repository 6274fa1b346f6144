package rpmdb

import (
	"encoding/binary"
	"errors"
)

// The kinds of pages and of items in a hash table of Berkeley DB that matter.
const (
	pageUnsorted = 2
	pageOverflow = 7
	pageHashMeta = 8
	pageHash     = 13

	itemHere    = 1
	itemOffPage = 3
)

// pageHead is how long the head of a page is: eight bytes for the log, the
// numbers of the page, of the one before and of the next, how many items it
// has, where the lowest of them is or how many bytes it has, a level, a kind.
const pageHead = 26

var errBDB = errors.New("it is a broken hash table of Berkeley DB")

// A hashTable is one of Berkeley DB, in the byte order of the machine that made
// it.
type hashTable struct {
	database
	order binary.ByteOrder
	page  int64 // the size of a page
	seen  visited
}

// bdb hands over the headers of a hash table of Berkeley DB: every second item
// of its pages, the others being the numbers of packages. See
// src/dbinc/db_page.h of Berkeley DB.
func (d database) bdb(do func(header []byte) bool) error {
	head, err := d.Part(0, 72)
	if err != nil {
		return errors.New("it is no database of rpm")
	}
	const magic = 0x061561
	h := hashTable{database: d, order: binary.LittleEndian, seen: visited{}}
	if binary.BigEndian.Uint32(head[12:]) == magic {
		h.order = binary.BigEndian
	}
	if h.order.Uint32(head[12:]) != magic || head[25] != pageHashMeta {
		return errors.New("it is no database of rpm")
	}
	if encrypted, checksums := head[24] != 0, head[26]&1 != 0; encrypted || checksums {
		return errors.New("it is a database that rpm does not write: encrypted, or with checksums")
	}
	h.page = int64(h.order.Uint32(head[20:]))
	if h.page < 512 || h.page > 65536 || h.page&(h.page-1) != 0 {
		return errBDB
	}
	last := int64(h.order.Uint32(head[32:]))
	for number := int64(1); number <= last; number++ {
		page, err := d.Part(number*h.page, h.page)
		if err != nil {
			return err
		}
		if kind := page[25]; kind != pageHash && kind != pageUnsorted {
			continue
		}
		if more, err := h.items(page, do); err != nil || !more {
			return err
		}
	}
	return nil
}

// items hands over every second item of a page. They lie at its end, the first
// the last, and where each begins is said after the head.
func (h *hashTable) items(page []byte, do func([]byte) bool) (more bool, err error) {
	count := int(h.order.Uint16(page[20:]))
	if count%2 != 0 || pageHead+2*count > len(page) {
		return false, errBDB
	}
	begin := func(i int) int { return int(h.order.Uint16(page[pageHead+2*i:])) }
	for i := 1; i < count; i += 2 {
		from, to := begin(i), begin(i-1)
		if from < pageHead || from >= to || to > len(page) {
			return false, errBDB
		}
		value := page[from+1 : to]
		switch page[from] {
		case itemHere:
		case itemOffPage:
			if value, err = h.offPage(page[from:to]); err != nil {
				return false, err
			}
		default: // rpm does not write duplicates
			return false, errBDB
		}
		if len(value) > 4 && !do(value) { // else how many packages there were
			return false, nil
		}
	}
	return true, nil
}

// offPage is an item that is on pages of its own.
func (h *hashTable) offPage(item []byte) ([]byte, error) {
	if len(item) < 12 {
		return nil, errBDB
	}
	next, size := h.order.Uint32(item[4:]), int64(h.order.Uint32(item[8:]))
	if size > h.Len() {
		return nil, errBDB
	}
	data := make([]byte, 0, size)
	for int64(len(data)) < size {
		if err := h.seen.visit(next); err != nil {
			return nil, err
		}
		page, err := h.Part(int64(next)*h.page, h.page)
		if err != nil {
			return nil, err
		}
		length := int(h.order.Uint16(page[22:]))
		if page[25] != pageOverflow || length == 0 || pageHead+length > len(page) {
			return nil, errBDB
		}
		data = append(data, page[pageHead:pageHead+length]...)
		next = h.order.Uint32(page[16:])
	}
	return data[:size], nil
}
