package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/printer"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

var update = flag.Bool("update", false, "write generated files and goldens anew")

// golden holds got against a generated file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run `make generate`", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is out of date; look at the difference and run `make generate`:\n%s", path, diff)
	}
}

// TestGenerated holds the rule pages and their index against the catalogue.
func TestGenerated(t *testing.T) {
	const docs = "../../docs"
	var index bytes.Buffer
	index.WriteString("# Rules\n\n")
	if err := printer.Rules(&index, printer.Catalogue{Rules: rules.All()}, "markdown"); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join(docs, "rules.md"), index.Bytes())
	frameworks, err := compliance.Load()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join(docs, "compliance.md"), guide(t, filepath.Join(docs, "compliance.md"), frameworks))
	in := analyzers.Memberships(frameworks)
	pages := map[string]bool{}
	for _, r := range rules.All() {
		example, prose, err := exampleOf(r)
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := printer.Page(&page, r, in[r.ID], prose, example); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join(docs, "rules", r.ID+".md"), page.Bytes())
		pages[r.ID+".md"] = true
	}
	entries, err := os.ReadDir(filepath.Join(docs, "rules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if pages[e.Name()] {
			continue
		}
		if *update {
			if err := os.Remove(filepath.Join(docs, "rules", e.Name())); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("docs/rules/%s is about no rule; run `make generate`", e.Name())
	}
}

// guide is the guide to compliance: what is written by hand down to its last
// comment, and below the frameworks.
func guide(t *testing.T, path string, frameworks []*analyzers.Framework) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.LastIndex(text, []byte("make generate -->\n"))
	if i < 0 {
		t.Fatalf("%s does not say where the generated part begins", path)
	}
	page := bytes.NewBuffer(bytes.Clone(text[:i+len("make generate -->\n")]))
	if err := printer.Frameworks(page, frameworks); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}
