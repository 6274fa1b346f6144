package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// What is read. The largest record there is has some MiB, the largest all.zip
// some hundred thousand records.
const (
	maxRecord  = 32 << 20
	maxList    = 512 << 20 // of one file with a list of records
	maxRecords = 5_000_000
	maxTotal   = 32 << 30 // of one archive, unpacked
)

// An Import is what was made of records.
type Import struct {
	Infos     []Info // what the files written say of themselves
	Records   int
	Withdrawn int // records left out because they do not hold any more
	Nowhere   int // records left out because they are about no version of a package
}

// Options are how to import.
type Options struct {
	// Source says where the records came from; empty is the paths.
	Source string
	// Day is the day of the data, such as 2026-11-28; empty is that of the
	// newest record.
	Day string
	// ETag and Modified are what a server said of them; see [Info].
	ETag, Modified string
	// Add keeps what is known already of the ecosystems that the records are
	// about; else it is replaced.
	Add bool
}

// ImportFiles makes or replaces the files of the database for the ecosystems
// that the records in some files are about. Each path is a JSON file with a
// record, with a list of them or with one on each line, a zip of such files, or
// a directory of all these. Nothing is written when one of them is not right.
func ImportFiles(ctx context.Context, dir string, paths []string, opt Options) (*Import, error) {
	if opt.Source == "" {
		var names []string
		for _, p := range paths {
			names = append(names, filepath.Base(p))
		}
		opt.Source = strings.Join(names, ", ")
	}
	im := newImporter(ctx, "")
	for _, p := range paths {
		if err := im.path(p); err != nil {
			im.fail(err)
			break
		}
	}
	return im.finish(dir, opt)
}

// An importer reads records with as many hands as there are cores.
type importer struct {
	ctx      context.Context
	group    *errgroup.Group
	mu       sync.Mutex
	only     string                      // the one ecosystem that is wanted; "" for all
	packages map[string]map[key][]stored // by ecosystem
	newest   map[string]string           // day, by ecosystem
	open     []io.Closer                 // archives that are being read
	result   Import
}

func newImporter(ctx context.Context, only string) *importer {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	return &importer{ctx: ctx, group: group, only: only, packages: map[string]map[key][]stored{}, newest: map[string]string{}}
}

func (im *importer) fail(err error) { im.group.Go(func() error { return err }) }

// path reads a file or a directory.
func (im *importer) path(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return im.file(name)
	}
	found := false
	err = filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(p); err != nil || !d.Type().IsRegular() || ext != ".json" && ext != ".zip" {
			return err
		}
		found = true
		return im.file(p)
	})
	if err == nil && !found {
		err = fmt.Errorf("%s: no .json or .zip file in it", name)
	}
	return err
}

func (im *importer) file(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	begin := make([]byte, 4)
	if n, _ := f.ReadAt(begin, 0); n < 4 || string(begin) != "PK\x03\x04" {
		return errors.Join(im.list(name, f), f.Close())
	}
	im.open = append(im.open, f)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return im.zip(name, f, info.Size())
}

// zip reads all records of an archive.
func (im *importer) zip(name string, r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(archive.File) > maxRecords {
		return fmt.Errorf("%s: %d files in it, more than %d", name, len(archive.File), maxRecords)
	}
	total := uint64(0)
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, ".json") {
			continue
		}
		if total += min(f.UncompressedSize64, maxRecord); total > maxTotal {
			return fmt.Errorf("%s: more than %d GiB unpacked", name, maxTotal>>30)
		}
		if err := im.ctx.Err(); err != nil {
			return err
		}
		im.group.Go(func() error {
			err := im.zipped(f)
			if err != nil {
				err = fmt.Errorf("%s: %q: %w", name, f.Name, err)
			}
			return err
		})
	}
	return nil
}

func (im *importer) zipped(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(r, maxRecord+1))
	if err == nil && len(data) > maxRecord {
		err = fmt.Errorf("larger than %d MiB", maxRecord>>20)
	}
	if err != nil {
		return err
	}
	return im.record(data)
}

// list reads a file of one record or several, one after the other or as lists.
func (im *importer) list(name string, r io.Reader) error {
	decoder := json.NewDecoder(io.LimitReader(r, maxList))
	for n := 0; ; n++ {
		var value json.RawMessage
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF) && n == 0:
			return fmt.Errorf("%s: no record in it", name)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: not JSON (from byte %d on): %w", name, decoder.InputOffset(), err)
		}
		records := []json.RawMessage{value}
		if bytes.HasPrefix(value, []byte("[")) {
			if err := json.Unmarshal(value, &records); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		for i, data := range records {
			if err := im.ctx.Err(); err != nil {
				return err
			}
			im.group.Go(func() error {
				err := im.record(data)
				if err != nil && len(records) > 1 {
					err = fmt.Errorf("record %d: %w", i+1, err)
				}
				if err != nil {
					err = fmt.Errorf("%s: %w", name, err)
				}
				return err
			})
		}
	}
}

// record takes in one record.
func (im *importer) record(data []byte) error {
	all, err := parse(data)
	if err != nil && !errors.Is(err, errWithdrawn) {
		return err
	}
	texts := map[key][]byte{}
	for k, r := range all {
		if im.only != "" && base(k.ecosystem) != im.only {
			continue
		}
		if texts[k], err = json.Marshal(r); err != nil {
			return err
		}
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	switch {
	case errors.Is(err, errWithdrawn):
		im.result.Withdrawn++
		return nil
	case len(all) == 0:
		im.result.Nowhere++
		return nil
	}
	im.result.Records++
	for k, text := range texts {
		im.newest[base(k.ecosystem)] = max(im.newest[base(k.ecosystem)], all[k].Modified)
		im.put(k, stored{all[k].ID, text})
	}
	return nil
}
