package rpmdb

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages/blocks"
)

// databases are the same packages in all kinds of databases, by the name of
// the file; testdata/make made them.
func databases(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.gz")
	if err != nil || len(names) != 4 {
		t.Fatal(names, err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".gz")] = data
	}
	return all
}

// read is a line for each package, as rpm wrote them to testdata/packages.txt.
func read(data []byte) ([]string, error) {
	d, err := blocks.Load(bytes.NewReader(data), 1<<30)
	if err != nil {
		return nil, err
	}
	var lines []string
	err = Each(d, func(p *Package) bool {
		or := func(text string) string { return cmp.Or(text, "-") }
		line := strings.Join([]string{p.Name, or(p.Epoch), p.Version, p.Release, or(p.Arch), or(p.Source), or(p.Module), or(p.Vendor), ""}, " ")
		for dir, base := range p.EachFile {
			line += dir + base + ","
		}
		lines = append(lines, line)
		return true
	})
	slices.Sort(lines)
	return lines, err
}

// TestDatabases holds what is read against what rpm says.
func TestDatabases(t *testing.T) {
	text, err := os.ReadFile("testdata/packages.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for name, data := range databases(t) {
		got, err := read(data)
		if diff := gocmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// TestStop stops after the first package.
func TestStop(t *testing.T) {
	for name, data := range databases(t) {
		d, err := blocks.Load(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := Each(d, func(*Package) bool { n++; return false }); err != nil || n != 1 {
			t.Errorf("%s: %d packages, %v", name, n, err)
		}
	}
}

// TestBroken reads databases that were cut or of which a part was changed.
func TestBroken(t *testing.T) {
	all := databases(t)
	sqlite, ndb, little := all["rpmdb.sqlite"], all["Packages.db"], all["Packages-1234"]
	with := func(data []byte, at int, bytes ...byte) []byte {
		data = slices.Clone(data)
		copy(data[at:], bytes)
		return data
	}
	at := func(data []byte, text string) int {
		i := bytes.Index(data, []byte(text))
		if i < 0 {
			t.Fatalf("no %q", text)
		}
		return i
	}
	root := int(binary.BigEndian.Uint16(sqlite[16:]))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":             {nil, "it is no database of rpm"},
		"text":              {bytes.Repeat([]byte("text"), 100), "it is no database of rpm"},
		"sqlite head":       {sqlite[:50], "it ends too early"},
		"sqlite cut":        {sqlite[:len(sqlite)/2], "it is a broken database of SQLite: it ends too early"},
		"sqlite page":       {with(sqlite, 16, 0, 3), "it is a broken database of SQLite"},
		"sqlite encoding":   {with(sqlite, 59, 2), "it is a database of SQLite that is not in UTF-8"},
		"sqlite root":       {with(sqlite, 100, 7), "it is a broken database of SQLite"},
		"sqlite cells":      {with(sqlite, 103, 0xff, 0xff), "it is a broken database of SQLite"},
		"sqlite other":      {bytes.ReplaceAll(sqlite, []byte("Packages"), []byte("Packagez")), "it is a database of SQLite with no table Packages"},
		"sqlite loop":       {with(sqlite, 100, loop(sqlite[100:root])...), "it is a broken database of SQLite: one part of it is in two places"},
		"ndb version":       {with(ndb, 4, 1), "it is a database of a later rpm"},
		"ndb slots":         {with(ndb, 12, 0xff, 0xff, 0xff, 0xff), "it is a broken database of rpm"},
		"ndb cut":           {ndb[:len(ndb)/2], "it ends too early"},
		"ndb same":          {with(ndb, 4096+13, 0xff, 0xff), "it ends too early"},
		"ndb block":         {with(ndb, at(ndb, "BlbS"), 'X'), "it is a broken database of rpm"},
		"bdb encrypted":     {with(little, 24, 1), "it is a database that rpm does not write: encrypted, or with checksums"},
		"bdb page":          {with(little, 20, 1), "it is a broken hash table of Berkeley DB"},
		"bdb pages":         {with(little, 32, 0xff, 0xff, 0xff, 0xff), "it ends too early"},
		"bdb cut":           {little[:len(little)/2], "it ends too early"},
		"another byte mark": {with(little, 25, 9), "it is no database of rpm"},
	} {
		got, err := read(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %d packages, %v, want %s", name, len(got), err, c.want)
		}
	}
	whole, err := read(ndb)
	got, broken := read(with(ndb, at(ndb, "BlbS")+16, 0xff)) // the head of the first package
	if err != nil || broken == nil || broken.Error() != "package 1: its header is broken" || len(got) != len(whole)-1 {
		t.Errorf("one broken package: %d packages of %d, %v", len(got), len(whole), broken)
	}
}

// loop is a page of a tree that leads to itself.
func loop(page []byte) []byte {
	page = slices.Clone(page)
	page[0] = 5
	binary.BigEndian.PutUint16(page[3:], 0)
	binary.BigEndian.PutUint32(page[8:], 1)
	return page
}

// header is the header of a package with some entries.
func header(entries ...[4]uint32) []byte {
	data := "name\x00version\x00"
	h := binary.BigEndian.AppendUint32(nil, uint32(len(entries)))
	h = binary.BigEndian.AppendUint32(h, uint32(len(data)))
	for _, e := range entries {
		for _, n := range e {
			h = binary.BigEndian.AppendUint32(h, n)
		}
	}
	return append(h, data...)
}

func TestHeader(t *testing.T) {
	name, version := [4]uint32{tagName, typeString, 0, 1}, [4]uint32{tagVersion, typeString, 5, 1}
	for what, c := range map[string]struct {
		header []byte
		want   string
	}{
		"good":                {header(name, version), "{name version}"},
		"its own types":       {header(name, version, [4]uint32{tagRelease, 9, 0, 1}, [4]uint32{tagEpoch, typeString, 0, 1}), "{name version}"},
		"outside":             {header(name, version, [4]uint32{tagRelease, typeString, 13, 1}, [4]uint32{tagEpoch, typeInt32, 1 << 31, 1}), "{name version}"},
		"no version":          {header(name), "its header is broken"},
		"short":               {[]byte("1234567"), "its header is broken"},
		"cut":                 {header(name, version)[:50], "its header is broken"},
		"more entries":        {append([]byte{0xff, 0xff, 0xff, 0xff}, header(name, version)[4:]...), "its header is broken"},
		"directory not there": {header(name, version, [4]uint32{tagBaseNames, typeStringArray, 0, 9}, [4]uint32{tagDirIndexes, typeInt32, 0, 9}), "{name version}"},
	} {
		p, err := parse(c.header)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(struct{ Name, Version string }{p.Name, p.Version})
			for range p.EachFile {
				got += " with a file"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

func FuzzDatabase(f *testing.F) {
	for _, name := range []string{"small.sqlite", "small.db", "small.bdb"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		if lines, err := read(data); len(lines) != 2 || err != nil {
			f.Fatalf("%s: %d packages, %v", name, len(lines), err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := blocks.Load(bytes.NewReader(data), 1<<24)
		if err != nil {
			return
		}
		total := 0
		Each(d, func(p *Package) bool { //nolint:errcheck // it may be broken
			if p.Name == "" || p.Version == "" || len(p.Name) > maxText {
				t.Errorf("%+v", p)
			}
			total += len(p.Name)
			for dir, base := range p.EachFile {
				_, _ = dir, base
			}
			return true
		})
		if total > len(data) {
			t.Errorf("%d bytes of names in %d", total, len(data))
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add(header([4]uint32{tagName, typeString, 0, 1}, [4]uint32{tagVersion, typeString, 5, 1}))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parse(data)
		if err != nil {
			return
		}
		for dir, base := range p.EachFile {
			if len(dir)+len(base) > len(data) {
				t.Error("a name that is not in the header")
			}
		}
	})
}
