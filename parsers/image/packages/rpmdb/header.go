package rpmdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
)

// A Package is what the header of a package says.
type Package struct {
	Name, Version, Release string
	// Epoch is a number, empty where there is none.
	Epoch string
	Arch  string
	// Vendor is who made it.
	Vendor string
	// Source is the file name of the source package, empty for a package that
	// was not built from one: "bash-5.1.8-6.el9.src.rpm".
	Source string
	// Module is the stream of a module that it belongs to, empty for none:
	// "nodejs:18:8080020230412083350:63b34585".
	Module string

	dirs, bases stringArray
	indexes     []byte // of the directory of each file, four bytes each
}

// What is looked at of a header; rpm's include/rpm/rpmtag.h has all.
const (
	tagName       = 1000
	tagVersion    = 1001
	tagRelease    = 1002
	tagEpoch      = 1003
	tagVendor     = 1011
	tagArch       = 1022
	tagSource     = 1044
	tagDirIndexes = 1116
	tagBaseNames  = 1117
	tagDirNames   = 1118
	tagModule     = 5096
)

const (
	typeInt32       = 4
	typeString      = 6
	typeStringArray = 8
)

// What is taken of a header. No real one has longer names; the files are for
// the largest package of fonts there is.
const (
	maxText  = 512
	maxFiles = 1_000_000
)

var errHeader = errors.New("its header is broken")

// parse reads a header: how many entries and how many bytes of data there are,
// the entries (tag, type, offset into the data, count), the data; all numbers
// are of 32 bits and big-endian.
func parse(header []byte) (*Package, error) {
	if len(header) < 8 {
		return nil, errHeader
	}
	count, size := int64(binary.BigEndian.Uint32(header)), int64(binary.BigEndian.Uint32(header[4:]))
	if 8+16*count+size > int64(len(header)) {
		return nil, errHeader
	}
	entries, data := header[8:8+16*count], header[8+16*count:][:size]
	var p Package
	for ; len(entries) > 0; entries = entries[16:] {
		e := entry{
			kind: binary.BigEndian.Uint32(entries[4:]), count: binary.BigEndian.Uint32(entries[12:]),
		}
		if offset := int64(binary.BigEndian.Uint32(entries[8:])); offset < size {
			e.data = data[offset:]
		} // that of the region is outside
		p.set(binary.BigEndian.Uint32(entries), e)
	}
	if p.Name == "" || p.Version == "" {
		return nil, errHeader
	}
	return &p, nil
}

// set takes over an entry.
func (p *Package) set(tag uint32, e entry) {
	switch tag {
	case tagName:
		p.Name = e.text()
	case tagVersion:
		p.Version = e.text()
	case tagRelease:
		p.Release = e.text()
	case tagArch:
		p.Arch = e.text()
	case tagVendor:
		p.Vendor = e.text()
	case tagSource:
		p.Source = e.text()
	case tagModule:
		p.Module = e.text()
	case tagEpoch:
		if n := e.numbers(); len(n) >= 4 {
			p.Epoch = strconv.FormatUint(uint64(binary.BigEndian.Uint32(n)), 10)
		}
	case tagDirIndexes:
		p.indexes = e.numbers()
	case tagBaseNames:
		p.bases = e.texts()
	case tagDirNames:
		p.dirs = e.texts()
	}
}

// EachFile hands over the directory and the name of each file of the package
// until do says no. Directories begin and end with a slash.
func (p *Package) EachFile(do func(dir, base string) bool) {
	var dirs []string
	for dir := range p.dirs.each {
		dirs = append(dirs, dir)
	}
	indexes := p.indexes
	for base := range p.bases.each {
		if len(indexes) < 4 {
			return
		}
		dir := int64(binary.BigEndian.Uint32(indexes))
		if dir >= int64(len(dirs)) || !do(dirs[dir], base) {
			return
		}
		indexes = indexes[4:]
	}
}

// An entry is one of a header, with the data from where its own begins.
type entry struct {
	kind, count uint32
	data        []byte
}

// text is a string, up to its zero or to what is taken of it.
func (e entry) text() string {
	if e.kind != typeString {
		return ""
	}
	text, _, _ := bytes.Cut(e.data[:min(maxText, len(e.data))], []byte{0})
	return string(text)
}

func (e entry) texts() stringArray {
	if e.kind != typeStringArray {
		return stringArray{}
	}
	return stringArray{min(e.count, maxFiles), e.data}
}

// numbers are those of 32 bits, as they are stored.
func (e entry) numbers() []byte {
	if e.kind != typeInt32 {
		return nil
	}
	return e.data[:min(4*int64(e.count), int64(len(e.data)))]
}

// A stringArray is a number of strings, each up to its zero.
type stringArray struct {
	count uint32
	data  []byte
}

func (s stringArray) each(do func(string) bool) {
	data := s.data
	for range s.count {
		text, rest, ok := bytes.Cut(data, []byte{0})
		if !ok || !do(string(text)) {
			return
		}
		data = rest
	}
}
