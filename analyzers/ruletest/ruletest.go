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
// Sections below "@cluster/" are objects that run in a cluster, as it would
// tell them, and those below "@images/" are what is known of images: see the
// followers that [Formats] makes of them. What a rule finds there and in no
// file is wanted in "want", by the name it has there:
//
//	cluster:fixture/Deployment/web/api:12 "regular expression"
//
// "unsure:" instead of "want:" names a place where the rule must not be able
// to tell. What is missing fails, and so does what nobody wants.
package ruletest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	// Recorded makes followers of the sections of a fixture that are no files of
	// its project, "@cluster/…" and "@images/…"; nil for none.
	Recorded func(sections fs.FS) []parsers.Follower
	// Asked tells whether a cluster is asked for objects of a kind.
	Asked func(apiVersion, kind string) bool
}

// Run runs every fixture below dir as a subtest named after its rule. A rule
// without a fixture fails, and so does a fixture without a rule.
func Run(t *testing.T, rules []*analyzers.Rule, formats Formats, dir string) {
	fixtures := fixtures(t, dir)
	for _, rule := range rules {
		t.Run(rule.ID, func(t *testing.T) {
			path, ok := fixtures[rule.ID]
			if !ok {
				t.Fatalf("no fixture %s.txtar below %s", rule.ID, dir)
			}
			if family := filepath.Base(filepath.Dir(path)); family != rule.Family() {
				t.Errorf("the fixture is in %s, the rule's family is %s", family, rule.Family())
			}
			bench{t: t, rule: rule, all: rules, formats: formats}.check(path)
		})
		delete(fixtures, rule.ID)
	}
	for name, path := range fixtures {
		t.Errorf("%s: no rule is named %s", path, name)
	}
}

// fixtures are the paths of all fixtures below dir by their rules.
func fixtures(t *testing.T, dir string) map[string]string {
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(path), ".txtar"); ok {
			found[name] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A bench is where one rule is tried.
type bench struct {
	t       *testing.T
	rule    *analyzers.Rule
	all     []*analyzers.Rule
	formats Formats
	params  map[string]any
	// recorded is what runs beside the project; nil for nothing.
	recorded recording
}

// A fixture is a small project and what the rule must find there.
type fixture struct {
	archive  *txtar.Archive
	files    fstest.MapFS
	recorded recording
	wants    []*want
	params   map[string]any
}

func (b bench) read(path string) fixture {
	data, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	archive := txtar.Parse(data)
	f := fixture{archive, fstest.MapFS{}, recording{}, nil, map[string]any{}}
	for _, file := range archive.Files {
		switch {
		case strings.HasPrefix(file.Name, fixed):
		case strings.HasPrefix(file.Name, "@"):
			f.recorded[file.Name] = &fstest.MapFile{Data: file.Data}
		case file.Name == "params":
			params, err := b.rule.WithParams(file.Data)
			if err != nil {
				b.t.Fatalf("params: %v", err)
			}
			f.params[b.rule.ID] = params
		case file.Name == "want":
			f.wants = append(f.wants, listed(b.t, string(file.Data))...)
		default:
			f.files[file.Name] = &fstest.MapFile{Data: file.Data}
			f.wants = append(f.wants, inline(b.t, file.Name, string(file.Data))...)
		}
	}
	return f
}

func (b bench) check(path string) {
	t, rule := b.t, b.rule
	f := b.read(path)
	if strings.TrimSpace(string(f.archive.Comment)) == "" {
		t.Error("the fixture has no prose in front of its files")
	}
	if len(f.wants) == 0 {
		t.Error("the fixture wants nothing: it needs a bad case")
	}
	b.params, b.recorded = f.params, f.recorded
	report, _ := b.run(f.files)
	if rule.Family() != suppress.Family && report.Looked[rule.ID] < 1 {
		t.Error("the rule looked at nothing: a Check that is neither Each nor On calls p.Look for each thing it is about")
	}
	for _, p := range report.Problems {
		if p.Level == graph.Error {
			t.Errorf("%s: problem: %s", where(p.At), p.Message)
		}
	}
	for _, d := range f.recorded.objects() {
		if o := graph.ValueOf(d.root); !b.formats.Asked(o.At("apiVersion").Str(), o.At("kind").Str()) {
			t.Errorf("%s: no cluster is asked for a %s of %s: it is not among what parsers/cluster reads", d.span.File.Path, o.At("kind").Str(), o.At("apiVersion").Str())
		}
	}
	wants := f.wants
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
	fixer := driver.Fixer{Load: b.load(f.files), Unsafe: true, Look: func(_ *source.Tree, loaded driver.Loaded) (*analyzers.Report, error) {
		return driver.Run(loaded, []*analyzers.Rule{rule}, f.params)
	}}
	fixes(t, rule, fixer, f.archive, path)
}

func (b bench) load(files fstest.MapFS) driver.Load {
	load := driver.Load{Tree: source.NewTree(files), Under: []string{"."}, Sources: b.formats.Sources, Link: b.formats.Link}
	if len(b.recorded) > 0 && b.formats.Recorded != nil {
		load.Followers = b.formats.Recorded(fstest.MapFS(b.recorded))
	}
	return load
}

// run is what the rule finds in a project, and the project's graph. A rule about suppressions is about
// what all the others find.
func (b bench) run(files fstest.MapFS) (*analyzers.Report, *graph.Graph) {
	b.t.Helper()
	load := b.load(files)
	loaded, err := load.Graph(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	run := []*analyzers.Rule{b.rule}
	var suppressions *suppress.Set
	if b.rule.Family() == suppress.Family {
		run = b.all
		suppressions = suppress.New(loaded.Graph, suppress.Options{
			Files: load.Tree.Known(), Comments: b.formats.Comments, Foreign: true, Today: "2026-06-01",
			Rules: b.all, Names: driver.Names, Suggest: func(name string) string { return driver.Suggestion(b.all, nil, name) },
		})
	}
	report, err := driver.RunPolicies(loaded, []driver.Policy{{Rules: run, Params: b.params}}, suppressions, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return report, loaded.Graph
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
