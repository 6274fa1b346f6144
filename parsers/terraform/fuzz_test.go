package terraform_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// FuzzLoad loads any text as a module that also calls itself in a directory
// below. Nothing may panic, every place lies in a file, and a second load says
// the same.
func FuzzLoad(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if filepath.Ext(file.Name) == ".tf" {
				f.Add(string(file.Data), false)
			} else if filepath.Ext(file.Name) == ".json" {
				f.Add(string(file.Data), true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string, json bool) {
		if len(text) > 1<<14 {
			return
		}
		name := "main.tf"
		if json {
			name = "main.tf.json"
		}
		fsys := fstest.MapFS{
			name:        &fstest.MapFile{Data: []byte(text)},
			"m/" + name: &fstest.MapFile{Data: []byte(text)},
			"cm.yaml":   &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: ConfigMap\n")},
		}
		files := []string{"cm.yaml", "m/" + name, name}
		all := load(t, source.NewTree(fsys), files, terraform.Options{})
		for _, b := range all {
			for _, p := range b.Problems {
				inFile(t, p.At)
			}
			for _, r := range b.Resources {
				inFile(t, r.Place)
				valuesInFile(t, r.Config)
			}
		}
		if again := dump(load(t, source.NewTree(fsys), files, terraform.Options{})); again != dump(all) {
			t.Errorf("two loads differ:\n%s\n%s", dump(all), again)
		}
	})
}

func inFile(t *testing.T, o *source.Origin) {
	t.Helper()
	if o == nil || o.Span.File == nil || o.Span.Start < 0 || o.Span.Start > o.Span.End || o.Span.End > len(o.Span.File.Data) {
		t.Fatalf("not in a file: %+v", o)
	}
}

func valuesInFile(t *testing.T, v graph.Value) {
	t.Helper()
	for w := range v.Each() {
		inFile(t, w.Place())
		inFile(t, w.Origin())
		if text, ok := w.Text(""); ok {
			inFile(t, w.Part(0, len(text)))
			inFile(t, w.Part(len(text)/2, len(text)))
		}
		valuesInFile(t, w)
		if w.Kind() == graph.String || w.Kind() == graph.Unknown {
			valuesInFile(t, w.Decoded())
		}
	}
}
