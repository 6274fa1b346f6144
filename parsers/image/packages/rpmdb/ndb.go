package rpmdb

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ndbMagic begins a database of rpm's own kind.
const ndbMagic = "RpmP"

var errNDB = errors.New("it is a broken database of rpm")

// ndb hands over the headers of a database of rpm's own kind, see
// lib/backend/ndb/rpmpkg.c of rpm. It begins with pages of slots of 16 bytes,
// of which the first two are the head of the file; a slot has the number of a
// package, 0 for none, and where its block is, in units of 16 bytes. All
// numbers are little-endian.
func (d database) ndb(do func(header []byte) bool) error {
	const page, slot = 4096, 16
	head, err := d.Part(0, 2*slot)
	if err != nil {
		return err
	}
	if version := binary.LittleEndian.Uint32(head[4:]); version != 0 {
		return errors.New("it is a database of a later rpm")
	}
	end := page * int64(binary.LittleEndian.Uint32(head[12:]))
	left := d.Len() // a block is in one place only
	for at := int64(2 * slot); at < end; at += slot {
		s, err := d.Part(at, slot)
		if err != nil {
			return err
		}
		number := binary.LittleEndian.Uint32(s[4:])
		if string(s[:4]) != "Slot" {
			return errNDB
		}
		if number == 0 {
			continue
		}
		header, err := d.blob(number, slot*int64(binary.LittleEndian.Uint32(s[8:])))
		if err != nil {
			return err
		}
		if left -= int64(len(header)); left < 0 {
			return fmt.Errorf("%w: %w", errNDB, errLoop)
		}
		if !do(header) {
			return nil
		}
	}
	return nil
}

// blob is what a block has of a package: after a magic, the number of the
// package, a counter and the length.
func (d database) blob(number uint32, at int64) ([]byte, error) {
	head, err := d.Part(at, 16)
	if err != nil {
		return nil, err
	}
	if string(head[:4]) != "BlbS" || binary.LittleEndian.Uint32(head[4:]) != number {
		return nil, errNDB
	}
	return d.Part(at+16, int64(binary.LittleEndian.Uint32(head[12:])))
}
