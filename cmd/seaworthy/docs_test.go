package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

// guides are the pages written by hand.
func guides(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) < 10 {
		t.Fatalf("pages %v: %v", names, err)
	}
	pages := map[string]string{}
	for _, name := range append(names, "../../README.md") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(data)
	}
	return pages
}

var fence = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

// blocks are the fenced blocks of a page of a kind, such as "sh".
func blocks(page, kind string) []string {
	var all []string
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		if m[1] == kind {
			all = append(all, m[2])
		}
	}
	return all
}

// TestCommandsOfDocs runs every block of shell that has a command of ours in
// it, page by page, in a repository of its own. Ours may find something.
func TestCommandsOfDocs(t *testing.T) {
	sample, err := txtar.ParseFile("testdata/docs.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, page := range guides(t) {
		var script strings.Builder
		for _, block := range blocks(page, "sh") {
			if !strings.Contains("\n"+block, "\nseaworthy ") {
				continue // make demo, go install
			}
			for command := range strings.Lines(block) {
				command = strings.TrimSpace(command)
				if command == "" || strings.HasPrefix(command, "#") {
					continue
				}
				script.WriteString(command + "\n")
			}
		}
		if script.Len() == 0 {
			continue
		}
		archive := &txtar.Archive{
			Comment: sample.Comment,
			Files:   append(slices.Clone(sample.Files), txtar.File{Name: ".git/commands", Data: []byte(script.String())}),
		}
		base := strings.TrimSuffix(filepath.Base(name), ".md")
		if err := os.WriteFile(filepath.Join(dir, base+".txtar"), txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{Dir: dir, Cmds: map[string]func(*testscript.TestScript, bool, []string){"commands": commands, "pack-image": packImage}})
}

// commands FILE runs the command lines of a page. Ours may end with 1, for
// findings.
func commands(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: commands FILE")
	}
	for command := range strings.Lines(ts.ReadFile(args[0])) {
		command = strings.TrimSpace(command)
		err := ts.Exec("bash", "-c", command)
		if err != nil && (!strings.HasPrefix(command, "seaworthy ") || err.Error() != "exit status 1") {
			ts.Fatalf("%s: %v", command, err)
		}
	}
}

// docsBlock PAGE KIND FILE writes the first block of a kind to a file.
func docsBlock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: docs-block PAGE KIND FILE")
	}
	page, err := os.ReadFile(filepath.Join("../../docs", args[0]))
	ts.Check(err)
	all := blocks(string(page), args[1])
	if len(all) == 0 {
		ts.Fatalf("%s has no block of %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(all[0]), 0o600))
}

// TestConfigurationsOfDocs reads every configuration that a page shows.
func TestConfigurationsOfDocs(t *testing.T) {
	seen := 0
	for name, text := range guides(t) {
		for _, block := range blocks(text, "yaml config") {
			seen++
			c, err := config.Parse(source.NewFile(filepath.Base(name), []byte(block)))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			names := slices.Clone(c.Select)
			for _, i := range c.Ignore {
				names = append(names, i.Rules...)
			}
			if _, err := driver.Select(rules.All(), compliance.Load, names, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for id, params := range c.Params {
				i := slices.IndexFunc(rules.All(), func(r *analyzers.Rule) bool { return r.ID == id })
				if i < 0 {
					t.Errorf("%s: no rule %s", name, id)
				} else if _, err := parameters(rules.All()[i], params); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	if seen < 2 {
		t.Errorf("only %d configurations in the pages", seen)
	}
}

// TestWorkflowsOfDocs holds the YAML of the pages against the parser, and
// steps that use the action against its inputs.
func TestWorkflowsOfDocs(t *testing.T) {
	a, err := readAction()
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for name, text := range guides(t) {
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(m[1], "yaml") {
				continue
			}
			var doc struct {
				Jobs map[string]struct {
					Steps []struct {
						Uses string
						With map[string]any
					}
				}
			}
			if err := yaml.Unmarshal([]byte(m[2]), &doc); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, m[2])
			}
			for _, job := range doc.Jobs {
				for _, step := range job.Steps {
					if !strings.HasPrefix(step.Uses, "seaworthy-iac/seaworthy@") {
						continue
					}
					used++
					for input := range step.With {
						if _, ok := a.Inputs[input]; !ok {
							t.Errorf("%s: the action has no input %s", name, input)
						}
					}
				}
			}
		}
	}
	if used == 0 {
		t.Error("no page uses the action")
	}
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)

// TestLinksOfDocs follows the links of the pages to files.
func TestLinksOfDocs(t *testing.T) {
	for name, text := range guides(t) {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := fs.Stat(os.DirFS("../.."), filepath.ToSlash(filepath.Join(strings.TrimPrefix(filepath.Dir(name), "../../"), m[1]))); err != nil && filepath.Dir(name) != "../.." {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			}
		}
	}
}
