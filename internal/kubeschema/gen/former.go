package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

const formerHead = `# Fields of k8s.io/api that former releases had and that today's types lack.
# Written by: go run ./gen DIR... with directories of former releases.
`

// writeFormer writes the list of fields that the types of former releases had
// and today's do not.
func (m *maker) writeFormer(dirs []string) error {
	m.former = nil
	now, err := m.table()
	if err != nil {
		return err
	}
	have, types := fieldsOf(now)
	var gone []string
	for _, dir := range dirs {
		old := &maker{modules: maps.Clone(m.modules)}
		old.modules["k8s.io/api"] = dir
		text, err := old.table()
		if err != nil {
			return fmt.Errorf("release in %s: %w", dir, err)
		}
		then, _ := fieldsOf(text)
		for field := range then {
			if !have[field] && types[field[:strings.LastIndex(field, ".")]] {
				gone = append(gone, field)
			}
		}
	}
	slices.Sort(gone)
	var b bytes.Buffer
	b.WriteString(formerHead)
	for _, field := range slices.Compact(gone) {
		b.WriteString(field + "\n")
	}
	if err := os.WriteFile("former.txt", b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the list of former fields: %w", err)
	}
	return nil
}

// fieldsOf are the fields and the structs of a table.
func fieldsOf(table []byte) (fields, types map[string]bool) {
	fields, types = map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(table)) {
		words := strings.Fields(line)
		if words[0] != "type" {
			continue
		}
		types[words[1]] = true
		for _, w := range words[2:] {
			name, _, _ := strings.Cut(w, ":")
			fields[words[1]+"."+strings.TrimSuffix(name, "!")] = true
		}
	}
	return fields, types
}
