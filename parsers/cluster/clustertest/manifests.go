package clustertest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// A Manifest is an object that is written in a file.
type Manifest struct {
	File   string // the path below the directory
	Object map[string]any
}

// Corpus is the directory with projects to create objects from: the one named
// in SEAWORTHY_CORPUS, else that of the fixtures.
func Corpus() string {
	if dir := os.Getenv("SEAWORTHY_CORPUS"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "fixtures", "projects")
}

// Manifests are the objects of all YAML files of a directory, in the order of
// files. Files that are no plain YAML, such as templates, are left out.
func Manifests(t testing.TB, dir string) []Manifest {
	t.Helper()
	var all []Manifest
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" && filepath.Ext(path) != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		for _, o := range documents(text) {
			all = append(all, Manifest{File: filepath.ToSlash(rel), Object: o})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// documents are the objects of a text, the items of Lists one by one; none if
// any of its documents cannot be read.
func documents(text []byte) []map[string]any {
	var all []map[string]any
	d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		var o map[string]any
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			return nil
		}
		kind, _ := o["kind"].(string)
		if items, ok := o["items"].([]any); ok && kind == "List" {
			for _, item := range items {
				if m, ok := item.(map[string]any); ok {
					all = append(all, m)
				}
			}
			continue
		}
		meta, _ := o["metadata"].(map[string]any)
		if name, _ := meta["name"].(string); kind != "" && o["apiVersion"] != nil && name != "" {
			all = append(all, o)
		}
	}
}
