package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/config"
)

// TestGeneratedConfig holds the schema that editors read and the reference of
// all keys against the types of the configuration.
func TestGeneratedConfig(t *testing.T) {
	schema, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/seaworthy.schema.json", schema)
	var keys bytes.Buffer
	if err := config.Reference(&keys); err != nil {
		t.Fatal(err)
	}
	goldenPart(t, "../../docs/configuration.md", "keys", keys.Bytes())
}

// goldenPart is golden for the part of a page between the comments that name
// it; the rest of the page is written by hand.
func goldenPart(t *testing.T, path, name string, got []byte) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := []byte("<!-- generated: "+name+" -->\n"), []byte("<!-- end: "+name+" -->")
	before, rest, ok := bytes.Cut(page, begin)
	_, after, ended := bytes.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("%s has no part %s", filepath.Base(path), name)
	}
	golden(t, path, bytes.Join([][]byte{before, begin, []byte("\n"), got, []byte("\n"), end, after}, nil))
}
