package main

import (
	"bytes"
	"os"
	"testing"
)

// TestTable holds the table that is checked in against the sources that the
// repository is built with.
func TestTable(t *testing.T) {
	m, err := current("..")
	if err != nil {
		t.Skip(err)
	}
	want, err := m.table()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../table.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("table.txt is out of date: run go generate in internal/kubeschema")
	}
	fields, _ := fieldsOf(want)
	for field := range m.optional {
		if !fields[field] {
			t.Errorf("optional.txt has %s, which is no field", field)
		}
	}
}
