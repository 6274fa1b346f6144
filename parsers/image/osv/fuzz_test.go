package osv

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// FuzzRecord reads records, keeps them and asks about a version of theirs.
func FuzzRecord(f *testing.F) {
	names, err := filepath.Glob("testdata/records/*.json")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "1.2.3")
	}
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		all, err := parse(data)
		if err != nil {
			return
		}
		for k, r := range all {
			kept, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var again record
			if err := json.Unmarshal(kept, &again); err != nil {
				t.Fatal(err)
			}
			v, err := parseVersion(k.ecosystem, text)
			if err != nil {
				continue
			}
			in, fixed, err := again.affects(v)
			if !in || err != nil || fixed == "" {
				continue
			}
			if c, err := v.compare(fixed); err != nil || c >= 0 {
				t.Errorf("%s is said to be fixed in %s: %d %v", text, fixed, c, err)
			}
			merge(k.ecosystem, []hit{{r, fixed, r.allNames()}, {&again, fixed, again.allNames()}})
		}
	})
}

// FuzzIndex opens files that claim to be a database.
func FuzzIndex(f *testing.F) {
	for _, name := range []string{"Go", "Debian"} {
		good, err := os.ReadFile(filepath.Join(imported(f, "testdata/records").Dir, name+extension))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(good)
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		ix := &index{file: inMemory{bytes.NewReader(data)}, size: int64(len(data))}
		if ix.readTable() != nil {
			return
		}
		_, _ = ix.ask(question{key: key{"Go", "stdlib"}, version: "1.20.0"})
		_ = ix.each(func(key, []json.RawMessage) error { return nil })
	})
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// FuzzList reads files of records.
func FuzzList(f *testing.F) {
	f.Add([]byte(moduleRecord("GO-1", "", `"versions": ["1.0.0"]`)))
	f.Add([]byte(`[{"id": "GO-1"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		im := newImporter(t.Context(), "")
		if err := im.list("x.json", bytes.NewReader(data)); err != nil {
			im.fail(err)
		}
		_, _ = im.finish(t.TempDir(), Options{})
	})
}
