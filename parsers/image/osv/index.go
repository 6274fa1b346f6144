package osv

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"os"
	"slices"
	"strings"
)

// A file of the database is, one after the other:
//
//   - blocks, each with what is known of one package: its key, a line feed, and
//     its records as JSON; squeezed where that is worth it
//   - entries of 20 bytes, sorted: the hash of a key, where its block begins
//     and how long it is, the highest bit for squeezed
//   - buckets of 4 bytes: how many entries have a hash whose first bits are
//     lower than the number of the bucket
//   - the table, as JSON: what the file is about, and where the above begin
//   - where the table begins, and the magic
//
// A question is answered by three reads: of a bucket, of its entries (about
// eight), of a block. All numbers are big-endian.
const (
	magic      = "seaosv\x00\x02" // the last byte is the version of the format
	entrySize  = 20
	perBucket  = 8
	squeezed   = 1 << 31
	worthwhile = 512 // bytes
	maxBlock   = 64 << 20
	maxTable   = 1 << 20
)

type table struct {
	Info
	Entries, Buckets int64 // where they begin
	Count            uint32
	Bits             uint8
}

func hash(key string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, key) //nolint:errcheck // a hash takes everything
	// The first bits choose the bucket, and those of FNV are not mixed well.
	x := h.Sum64()
	x ^= x >> 32
	return x * 0x9e3779b97f4a7c15
}

// at is where the table begins.
func (t table) at() int64 { return t.Buckets + 4*(1<<t.Bits+1) }

// end is the end of a file, from the table on.
func (t table) end() ([]byte, error) {
	text, err := json.Marshal(t)
	return append(binary.BigEndian.AppendUint64(text, uint64(t.at())), magic...), err
}

// bucketOf is the number of a hash's bucket, by its first bits.
func bucketOf(hash uint64, n uint8) uint64 { return hash >> 1 >> (63 - n) }

// An index is an open file of the database.
type index struct {
	file interface {
		io.ReaderAt
		io.Closer
	}
	size int64
	info Info
	t    table
}

// ErrFormat is the error of a file that cannot be read as one of the database.
var ErrFormat = errors.New("not a database of this version of seaworthy: import or update it anew")

// openIndex opens a file of the database.
func openIndex(name string) (*index, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	stat, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	ix := &index{file: f, size: stat.Size()}
	if err := ix.readTable(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return ix, nil
}

// readTable reads the end of a file, and holds what it says against its size.
func (ix *index) readTable() error {
	end, err := ix.read(ix.size-16, 16)
	if err != nil || string(end[8:]) != magic {
		return ErrFormat
	}
	at := int64(binary.BigEndian.Uint64(end)) // read refuses negative ones
	if ix.size-16-at > maxTable {
		return ErrFormat
	}
	text, err := ix.read(at, ix.size-16-at)
	if err != nil || json.Unmarshal(text, &ix.t) != nil {
		return ErrFormat
	}
	ix.info = ix.t.Info
	t := ix.t
	if t.Bits > 32 || t.Entries < 0 || t.Buckets != t.Entries+int64(t.Count)*entrySize || at != t.at() {
		return ErrFormat
	}
	return nil
}

// read reads a part of the file.
func (ix *index) read(at, length int64) ([]byte, error) {
	if at < 0 || length < 0 || at > ix.size || length > ix.size-at {
		return nil, ErrFormat
	}
	data := make([]byte, length)
	_, err := ix.file.ReadAt(data, at)
	return data, err
}

// records are what is known of a package.
func (ix *index) records(k key) ([]*record, error) {
	wanted := k.String()
	h := hash(wanted)
	bounds, err := ix.read(ix.t.Buckets+4*int64(bucketOf(h, ix.t.Bits)), 8) // fewer than 1<<32
	if err != nil {
		return nil, err
	}
	from, to := int64(binary.BigEndian.Uint32(bounds)), int64(binary.BigEndian.Uint32(bounds[4:]))
	entries, err := ix.read(ix.t.Entries+from*entrySize, (to-from)*entrySize)
	if err != nil {
		return nil, err
	}
	for e := range slices.Chunk(entries, entrySize) {
		if binary.BigEndian.Uint64(e) != h {
			continue
		}
		name, records, err := ix.block(e)
		if err != nil || name != wanted {
			if err != nil {
				return nil, err
			}
			continue // another package of the same hash
		}
		return records, nil
	}
	return nil, nil
}

// block reads the block of an entry.
func (ix *index) block(e []byte) (name string, records []*record, err error) {
	name, list, err := ix.raw(e)
	if err == nil {
		err = json.Unmarshal(list, &records)
	}
	return name, records, err
}

// raw reads the block of an entry, leaving the list of records as it is.
func (ix *index) raw(e []byte) (name string, list []byte, err error) {
	length := binary.BigEndian.Uint32(e[16:])
	data, err := ix.read(int64(binary.BigEndian.Uint64(e[8:])), int64(length&^squeezed)) // read refuses negative ones
	if err == nil && length&squeezed != 0 {
		data, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), maxBlock))
	}
	ecosystem, rest, ok := bytes.Cut(data, []byte("\n"))
	pkg, list, ok2 := bytes.Cut(rest, []byte("\n"))
	if err != nil || !ok || !ok2 {
		return "", nil, ErrFormat
	}
	return key{string(ecosystem), string(pkg)}.String(), list, nil
}

// each hands over all blocks.
func (ix *index) each(do func(k key, records []json.RawMessage) error) error {
	for i := range int64(ix.t.Count) {
		e, err := ix.read(ix.t.Entries+i*entrySize, entrySize)
		if err != nil {
			return err
		}
		name, list, err := ix.raw(e)
		if err != nil {
			return err
		}
		var records []json.RawMessage
		if err := json.Unmarshal(list, &records); err != nil {
			return ErrFormat
		}
		ecosystem, pkg, _ := strings.Cut(name, "\n")
		if err := do(key{ecosystem, pkg}, records); err != nil {
			return err
		}
	}
	return nil
}
