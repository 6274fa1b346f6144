package printer

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// hostile is a report that quotes what tries to be markup, a command, a table.
func hostile() *analyzers.Report {
	const evil = "x%0A::error::y,z: a|b `c` <d> ]]> [e](f) *g* @h\n::add-mask::i\x1b"
	f := source.NewFile("a:b,c%|`d`.yaml", []byte("a: 1\n"))
	rule := &analyzers.Rule{ID: "k8s-evil", Title: "Evil: 100%, really", Why: evil, Remedy: evil, Severity: analyzers.Medium}
	return &analyzers.Report{
		Rules:    []*analyzers.Rule{rule},
		Findings: []*analyzers.Finding{{Rule: rule, Message: evil, At: at(f, "1", source.AtToken)}, {Rule: rule, Message: evil, At: at(f, "1", source.AtToken)}},
		Problems: []graph.Problem{{Level: graph.Error, Message: evil, At: at(f, "a", source.AtLine)}},
	}
}

// Whatever is quoted, a finding is one command, and the runner reads back what
// was meant.
func TestGitHubCommands(t *testing.T) {
	form := regexp.MustCompile(`^::(error|warning|notice) ((?:[a-zA-Z]+=[^:,]*,?)+)::([^\r\n]*)$`)
	for _, r := range []*analyzers.Report{hostile(), everything()} {
		var b strings.Builder
		if err := GitHub(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) != len(r.Findings)+len(r.Problems) {
			t.Errorf("%d lines for %d findings and %d problems", len(lines), len(r.Findings), len(r.Problems))
		}
		for _, line := range lines {
			if !form.MatchString(line) {
				t.Errorf("no command: %q", line)
			}
		}
	}
	var b strings.Builder
	if err := GitHub(&b, hostile(), Options{}); err != nil {
		t.Fatal(err)
	}
	if want := "file=a%3Ab%2Cc%25|`d`.yaml,line=1,endLine=1,col=4,endColumn=5,title=Evil%3A 100%25%2C really [k8s-evil]::x%250A::error"; !strings.Contains(b.String(), want) {
		t.Errorf("%s is not in %s", want, b.String())
	}
}

// GitLab tells issues apart by their fingerprint, takes these severities only
// and none without a place.
func TestGitLabIssues(t *testing.T) {
	for _, r := range []*analyzers.Report{hostile(), everything(), {}} {
		var b strings.Builder
		if err := GitLab(&b, r); err != nil {
			t.Fatal(err)
		}
		var issues []gitlabIssue
		if err := json.Unmarshal([]byte(b.String()), &issues); err != nil {
			t.Fatal(err)
		}
		if issues == nil || len(issues) != len(r.Findings)+len(r.Problems) {
			t.Errorf("%d issues", len(issues))
		}
		seen := map[string]bool{}
		for _, i := range issues {
			if seen[i.Fingerprint] || len(i.Fingerprint) != 32 {
				t.Errorf("fingerprint %q", i.Fingerprint)
			}
			seen[i.Fingerprint] = true
			switch i.Severity {
			case "info", "minor", "major", "critical", "blocker":
			default:
				t.Errorf("severity %q", i.Severity)
			}
			if i.Description == "" || i.CheckName == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 || i.Location.Lines.End < i.Location.Lines.Begin {
				t.Errorf("%+v", i)
			}
		}
	}
}

// The numbers of a JUnit report are those of its cases, and any text is XML.
func TestJUnitCounts(t *testing.T) {
	for _, r := range []*analyzers.Report{hostile(), everything(), nothing()} {
		var b strings.Builder
		if err := JUnit(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		var read junitReport
		if err := xml.Unmarshal([]byte(b.String()), &read); err != nil {
			t.Fatal(err)
		}
		failures, tests, errors := 0, 0, 0
		for _, s := range read.Suites {
			tests += len(s.Cases)
			for _, c := range s.Cases {
				if c.Failure != nil {
					failures++
				}
				if c.Error != nil {
					errors++
				}
			}
		}
		if read.Tests != tests || read.Failures != failures || read.Errors != errors || failures != len(r.Findings) {
			t.Errorf("%d tests, %d failures, %d errors; counted %d, %d, %d", read.Tests, read.Failures, read.Errors, tests, failures, errors)
		}
	}
}

// Jenkins' xUnit plugin refuses elements and attributes beside these.
func TestJUnitSchema(t *testing.T) {
	allowed := map[string]string{
		"testsuites": " name tests failures errors ", "testsuite": " name tests failures errors skipped ", "testcase": " name classname ",
		"failure": " message type ", "error": " message type ", "skipped": " message type ",
	}
	var b strings.Builder
	if err := JUnit(&b, assessed(), Options{}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := d.Token()
		if err != nil {
			break
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		seen[e.Name.Local] = true
		for _, a := range e.Attr {
			if !strings.Contains(allowed[e.Name.Local], " "+a.Name.Local+" ") {
				t.Errorf("<%s %s>", e.Name.Local, a.Name.Local)
			}
		}
	}
	for name := range allowed {
		if !seen[name] {
			t.Errorf("no <%s> is written", name)
		}
	}
}

// What is quoted neither ends a cell nor is markup, and a summary stays within
// what GitHub takes.
func TestMarkdownQuotes(t *testing.T) {
	var b strings.Builder
	if err := Markdown(&b, hostile(), Options{}); err != nil {
		t.Fatal(err)
	}
	bars := regexp.MustCompile(`\\.|\|`)
	rows := 0
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "| medium") {
			continue
		}
		rows++
		n := 0
		for _, m := range bars.FindAllString(line, -1) {
			if m == "|" {
				n++
			}
		}
		if n != 5 || strings.Contains(line, "<d>") || strings.Contains(line, "[e](f)") {
			t.Errorf("%d bars in %s", n, line)
		}
	}
	if rows != 2 {
		t.Errorf("%d rows", rows)
	}
	many := hostile()
	for i := range 30_000 {
		f := *many.Findings[0]
		f.Message = fmt.Sprint(i, strings.Repeat(" long", 50))
		many.Findings = append(many.Findings, &f)
	}
	b.Reset()
	if err := Markdown(&b, many, Options{}); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1<<20 || !strings.Contains(b.String(), "more are not listed here") {
		t.Errorf("%d bytes", b.Len())
	}
}
