// Command gen writes the table of kubeschema from the sources of k8s.io/api.
//
// The sources say what no compiled type does: which fields must be there,
// which strings are the values of an enumeration, by which keys the items of a
// list are told apart. What they do not say is written by hand in two lists
// beside the table: the fields that are marked as required and that the API
// server does without, and the fields that former releases had.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kubeschema:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	m, err := current(".")
	if err != nil {
		return err
	}
	if len(args) > 0 { // directories of former releases of k8s.io/api
		return m.writeFormer(args)
	}
	text, err := m.table()
	if err != nil {
		return err
	}
	if err := os.WriteFile("table.txt", text, 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// current is the maker for the modules that this repository is built with;
// dir has the lists.
func current(dir string) (*maker, error) {
	found := modules{}
	for _, module := range []string{"k8s.io/api", "k8s.io/apimachinery", "k8s.io/apiextensions-apiserver"} {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			return nil, fmt.Errorf("find the module %s: %w", module, err)
		}
		if found[module] = strings.TrimSpace(string(out)); found[module] == "" {
			return nil, fmt.Errorf("the module %s is not downloaded", module)
		}
	}
	m := &maker{modules: found, optional: map[string]bool{}, former: map[string][]string{}}
	optional, err := list(dir + "/optional.txt")
	if err != nil {
		return nil, err
	}
	for _, field := range optional {
		m.optional[field] = true
	}
	former, err := list(dir + "/former.txt")
	if err != nil {
		return nil, err
	}
	for _, field := range former {
		dot := strings.LastIndex(field, ".")
		m.former[field[:dot]] = append(m.former[field[:dot]], field[dot+1:])
	}
	return m, nil
}

// list is the lines of a file without comments.
func list(name string) (lines []string, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read a list: %w", err)
	}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		line, _, _ := strings.Cut(s.Text(), "#")
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, nil
}
