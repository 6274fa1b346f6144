package osv

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeIndex writes what is known of the packages of one ecosystem, the records
// of each in the order in which they are to be.
func writeIndex(dir string, info Info, packages map[key][][]byte) error {
	return save(dir, info.Ecosystem, func(out io.Writer) error {
		w := &indexWriter{out: out}
		return w.write(info, packages)
	})
}

// written is the pattern of files that are not yet written as a whole.
const written = ".osv-*"

// save writes the file of an ecosystem as a whole or not at all.
func save(dir, ecosystem string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(dir, written)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone when all went well
	if err := errors.Join(write(f), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, fileName(ecosystem)))
}

// fileName is the name of an ecosystem's file: those of ecosystems are of
// letters, digits, spaces and dots.
func fileName(ecosystem string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r < ' ' {
			return '_'
		}
		return r
	}, ecosystem) + extension
}

type entry struct {
	hash   uint64
	offset uint64
	length uint32
}

type indexWriter struct {
	out     io.Writer
	pending bytes.Buffer
	offset  int64
}

func (w *indexWriter) put(data []byte) error {
	w.offset += int64(len(data))
	w.pending.Write(data)
	if w.pending.Len() < 1<<20 {
		return nil
	}
	return w.flush()
}

func (w *indexWriter) flush() error {
	_, err := w.pending.WriteTo(w.out)
	return err
}

func (w *indexWriter) write(info Info, packages map[key][][]byte) error {
	keys := make([]key, 0, len(packages))
	for k := range packages {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.ecosystem, b.ecosystem), cmp.Compare(a.name, b.name))
	})
	squeezer, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		return err
	}
	entries := make([]entry, 0, len(keys))
	for _, k := range keys {
		block := fmt.Appendf(nil, "%s\n[", k)
		block = append(append(block, bytes.Join(packages[k], []byte(","))...), ']')
		e := entry{hash: hash(k.String()), offset: uint64(w.offset)}
		if len(block) > maxBlock {
			return fmt.Errorf("%d bytes of records of %s %s", len(block), k.ecosystem, k.name)
		}
		if len(block) > worthwhile {
			var b bytes.Buffer
			squeezer.Reset(&b)
			if _, err := squeezer.Write(block); err != nil {
				return err
			}
			if err := squeezer.Close(); err != nil {
				return err
			}
			block, e.length = b.Bytes(), squeezed
		}
		e.length |= uint32(len(block)) // at most maxBlock
		entries = append(entries, e)
		if err := w.put(block); err != nil {
			return err
		}
	}
	return w.finish(info, entries)
}

// finish writes what follows the blocks.
func (w *indexWriter) finish(info Info, entries []entry) error {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.offset, b.offset)) })
	count := uint32(len(entries)) // memory has not as many
	t := table{Info: info, Entries: w.offset, Count: count, Bits: uint8(bits.Len32(count / perBucket))}
	for _, e := range entries {
		b := binary.BigEndian.AppendUint64(nil, e.hash)
		b = binary.BigEndian.AppendUint64(b, e.offset)
		if err := w.put(binary.BigEndian.AppendUint32(b, e.length)); err != nil {
			return err
		}
	}
	t.Buckets = w.offset
	for i, bucket := 0, uint64(0); bucket <= 1<<t.Bits; bucket++ {
		for i < len(entries) && bucketOf(entries[i].hash, t.Bits) < bucket {
			i++
		}
		if err := w.put(binary.BigEndian.AppendUint32(nil, uint32(i))); err != nil { // at most count
			return err
		}
	}
	end, err := t.end()
	if err != nil {
		return err
	}
	return errors.Join(w.put(end), w.flush())
}
