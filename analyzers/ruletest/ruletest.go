// Package ruletest holds rules against their fixtures.
//
// A fixture is a txtar archive named after its rule. Its comment is the prose
// of the rule's page; its files are a small project of any mix of formats. A
// comment says on the very line what the rule must find there:
//
//	privileged: true # want: "container \"app\" runs privileged"
//	- name: app      # want+2: "..." "..."
//
// with one regular expression for each finding, and the offset of the line
// where no comment fits. For JSON and templates a file named "want" has lines
// such as
//
//	chart/templates/web.yaml:7 "regular expression"
//
// A file named "params" has the rule's parameters in JSON, where the fixture is
// about others than its defaults.
//
// A section named "@fix/" and a file is that file after all fixes, safe and
// unsafe, of a rule that has some; the tests of the package write these
// sections with -update. What is fixed must be gone when it is scanned again,
// and fixing once more must change nothing.
//
// "unsure:" instead of "want:" names a place where the rule must not be able
// to tell. What is missing fails, and so does what nobody wants.
package ruletest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// Formats is what the harness reads fixtures with.
type Formats struct {
	Sources []parsers.Source
	Link    func(*graph.Builder)
	// Comments reads the comments of a file.
	Comments func(*source.File) []source.Comment
}

// Run runs every fixture below dir as a subtest named after its rule. A rule
// without a fixture fails, and so does a fixture without a rule.
func Run(t *testing.T, rules []*analyzers.Rule, formats Formats, dir string) {
	fixtures := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(path), ".txtar"); ok {
			fixtures[name] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules {
		t.Run(rule.ID, func(t *testing.T) {
			path, ok := fixtures[rule.ID]
			if !ok {
				t.Fatalf("no fixture %s.txtar below %s", rule.ID, dir)
			}
			if family := filepath.Base(filepath.Dir(path)); family != rule.Family() {
				t.Errorf("the fixture is in %s, the rule's family is %s", family, rule.Family())
			}
			check(t, rule, rules, formats, path)
		})
		delete(fixtures, rule.ID)
	}
	for name, path := range fixtures {
		t.Errorf("%s: no rule is named %s", path, name)
	}
}

func check(t *testing.T, rule *analyzers.Rule, all []*analyzers.Rule, formats Formats, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	if strings.TrimSpace(string(archive.Comment)) == "" {
		t.Error("the fixture has no prose in front of its files")
	}
	files := fstest.MapFS{}
	var wants []*want
	params := map[string]any{}
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, fixed) {
			continue
		}
		if f.Name == "params" {
			params[rule.ID] = parameters(t, rule, f.Data)
			continue
		}
		if f.Name == "want" {
			wants = append(wants, listed(t, string(f.Data))...)
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data}
		wants = append(wants, inline(t, f.Name, string(f.Data))...)
	}
	if len(wants) == 0 {
		t.Error("the fixture wants nothing: it needs a bad case")
	}
	load := driver.Load{Tree: source.NewTree(files), Under: []string{"."}, Sources: formats.Sources, Link: formats.Link}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	run := []*analyzers.Rule{rule}
	var suppressions *suppress.Set
	if rule.Family() == suppress.Family { // about what all the others find
		run = all
		suppressions = suppress.New(loaded.Graph, suppress.Options{
			Files: load.Tree.Known(), Comments: formats.Comments, Foreign: true, Today: "2026-06-01",
			Rules: all, Names: driver.Names, Suggest: func(name string) string { return driver.Suggestion(all, nil, name) },
		})
	}
	report, err := driver.RunPolicies(loaded, []driver.Policy{{Rules: run, Params: params}}, suppressions, nil)
	if err != nil {
		t.Fatal(err)
	}
	if suppressions == nil && report.Looked[rule.ID] < 1 {
		t.Error("the rule looked at nothing: a Check that is neither Each nor On calls p.Look for each thing it is about")
	}
	for _, p := range report.Problems {
		if p.Level == graph.Error {
			t.Errorf("%s: problem: %s", where(p.At), p.Message)
		}
	}
	for _, f := range report.Findings {
		if f.Rule == rule && !take(wants, f, false) {
			t.Errorf("%s: unexpected finding: %s", where(f.At), f.Message)
		}
	}
	for _, f := range report.Unsure {
		take(wants, f, true)
	}
	for _, w := range wants {
		if !w.met {
			t.Errorf("%s:%d: no finding matches %q", w.file, w.line, w.text)
		}
	}
	fixer := driver.Fixer{Load: load, Unsafe: true, Look: func(_ *source.Tree, loaded driver.Loaded) (*analyzers.Report, error) {
		return driver.Run(loaded, []*analyzers.Rule{rule}, params)
	}}
	fixes(t, rule, fixer, archive, path)
}

// parameters are a rule's defaults with those that the fixture sets.
func parameters(t *testing.T, rule *analyzers.Rule, data []byte) any {
	if rule.Params == nil {
		t.Fatal("params: the rule has no parameters")
	}
	defaults := reflect.ValueOf(rule.Params).Elem()
	params := reflect.New(defaults.Type())
	params.Elem().Set(defaults)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(params.Interface()); err != nil {
		t.Fatalf("params: %v", err)
	}
	return params.Interface()
}

// A want is one finding that must be there.
type want struct {
	file   string
	line   int
	text   *regexp.Regexp
	unsure bool
	met    bool
}

var (
	comment  = regexp.MustCompile(`(want|unsure)(\+\d+)?:((?:\s*"(?:[^"\\]|\\.)*")+)`)
	listLine = regexp.MustCompile(`^(\S+):(\d+) (unsure )?("(?:[^"\\]|\\.)*")$`)
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// inline reads the comments of a file.
func inline(t *testing.T, file, text string) (wants []*want) {
	for i, line := range strings.Split(text, "\n") {
		for _, m := range comment.FindAllStringSubmatch(line, -1) {
			offset, _ := strconv.Atoi(m[2]) // "" is 0
			for _, q := range quoted.FindAllString(m[3], -1) {
				wants = append(wants, &want{file: file, line: i + 1 + offset, text: compile(t, q), unsure: m[1] == "unsure"})
			}
		}
	}
	return wants
}

// listed reads the file "want".
func listed(t *testing.T, text string) (wants []*want) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		m := listLine.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("want: malformed line %q", line)
		}
		n, _ := strconv.Atoi(m[2])
		wants = append(wants, &want{file: m[1], line: n, text: compile(t, m[4]), unsure: m[3] != ""})
	}
	return wants
}

func compile(t *testing.T, quotedText string) *regexp.Regexp {
	text, err := strconv.Unquote(quotedText)
	if err != nil {
		t.Fatalf("want %s: %v", quotedText, err)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		t.Fatalf("want %s: %v", quotedText, err)
	}
	return re
}

// take uses up the want that a finding meets.
func take(wants []*want, f *analyzers.Finding, unsure bool) bool {
	i := slices.IndexFunc(wants, func(w *want) bool {
		return !w.met && w.unsure == unsure && where(f.At) == fmt.Sprintf("%s:%d", w.file, w.line) && w.text.MatchString(f.Message)
	})
	if i >= 0 {
		wants[i].met = true
	}
	return i >= 0
}

func where(o *source.Origin) string {
	if o == nil || o.Span.File == nil {
		return "nowhere"
	}
	return fmt.Sprintf("%s:%d", o.Span.File.Path, o.Span.From().Line)
}
