package osv

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A stored is a record as it is written, about one package.
type stored struct {
	id   string
	text []byte
}

// put takes in a record about a package; the same one may come again.
func (im *importer) put(k key, r stored) {
	keys := im.packages[base(k.ecosystem)]
	if keys == nil {
		keys = map[key][]stored{}
		im.packages[base(k.ecosystem)] = keys
	}
	keys[k] = append(keys[k], r)
}

// finish waits for all records and writes the files.
func (im *importer) finish(dir string, opt Options) (*Import, error) {
	err := im.group.Wait()
	for _, f := range im.open {
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return nil, err
	}
	if len(im.packages) == 0 {
		return nil, fmt.Errorf("no record of a package (%d withdrawn, %d about no version of one)", im.result.Withdrawn, im.result.Nowhere)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var names []string
	for name := range im.packages {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		info, err := im.write(dir, name, opt)
		if err != nil {
			return nil, fmt.Errorf("write the database of %s: %w", name, err)
		}
		im.result.Infos = append(im.result.Infos, info)
	}
	return &im.result, nil
}

// write writes the file of one ecosystem.
func (im *importer) write(dir, ecosystem string, opt Options) (Info, error) {
	info := Info{Ecosystem: ecosystem, Source: opt.Source, Day: opt.Day, ETag: opt.ETag, Modified: opt.Modified, Releases: map[string]int{}}
	if info.Day == "" {
		info.Day = im.newest[ecosystem]
	}
	if opt.Add {
		if err := im.keep(dir, &info); err != nil {
			return info, err
		}
	}
	all := map[key][][]byte{}
	ids := map[string]bool{}
	releases := map[string]map[string]bool{}
	for k, records := range im.packages[ecosystem] {
		if releases[k.ecosystem] == nil {
			releases[k.ecosystem] = map[string]bool{}
		}
		for _, r := range once(records) {
			ids[r.id], releases[k.ecosystem][r.id] = true, true
			all[k] = append(all[k], r.text)
		}
	}
	info.Records = len(ids)
	for release, of := range releases {
		info.Releases[release] = len(of)
	}
	return info, writeIndex(dir, info, all)
}

// once sorts records by ID, and leaves out those that are there again: whichever
// came first, the same one stays.
func once(records []stored) []stored {
	slices.SortFunc(records, func(a, b stored) int { return cmp.Or(cmp.Compare(a.id, b.id), bytes.Compare(b.text, a.text)) })
	return slices.CompactFunc(records, func(a, b stored) bool { return a.id == b.id })
}

// keep adds the records that the database has of an ecosystem to those that
// were read, which are newer.
func (im *importer) keep(dir string, info *Info) error {
	ix, err := openIndex(filepath.Join(dir, fileName(info.Ecosystem)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer ix.file.Close() //nolint:errcheck // only read
	// The older part says how much is missing.
	info.Day = min(info.Day, ix.info.Day)
	if !slices.Contains(strings.Split(ix.info.Source, ", "), info.Source) {
		info.Source = ix.info.Source + ", " + info.Source
	}
	newer := map[string]bool{}
	for _, records := range im.packages[info.Ecosystem] {
		for _, r := range records {
			newer[r.id] = true
		}
	}
	return ix.each(func(k key, records []json.RawMessage) error {
		for _, text := range records {
			var r struct{ ID string }
			if err := json.Unmarshal(text, &r); err != nil {
				return ErrFormat
			}
			if !newer[r.ID] {
				im.put(k, stored{r.ID, bytes.Clone(text)})
			}
		}
		return nil
	})
}
