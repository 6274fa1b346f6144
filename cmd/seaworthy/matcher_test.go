package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A matched line is what a reader makes of it.
type matchedLine struct{ file, line, severity, code string }

// reads is what the matchers of a target see in an output, as their readers
// do: each line by the first matcher that fits.
func reads(t *testing.T, target, output string) []matchedLine {
	t.Helper()
	type pattern struct {
		Regexp                            string
		File, Line, Column, Message, Code int
	}
	type matcher struct {
		Severity string
		Pattern  json.RawMessage
	}
	var doc struct {
		ProblemMatcher []matcher
		Tasks          []struct{ ProblemMatcher []matcher }
	}
	var out bytes.Buffer
	if code := run([]string{"matcher", target}, &out, io.Discard); code != exitClean {
		t.Fatalf("exit code %d", code)
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	matchers := doc.ProblemMatcher
	for _, task := range doc.Tasks {
		matchers = append(matchers, task.ProblemMatcher...)
	}
	if len(matchers) != 3 {
		t.Fatalf("%d matchers for %s", len(matchers), target)
	}
	var all []matchedLine
	for line := range strings.Lines(output) {
		for _, m := range matchers {
			var patterns []pattern
			if err := json.Unmarshal(m.Pattern, &patterns); err != nil { // VS Code has one, GitHub a list
				patterns = make([]pattern, 1)
				if err := json.Unmarshal(m.Pattern, &patterns[0]); err != nil {
					t.Fatal(err)
				}
			}
			p := patterns[0]
			if g := regexp.MustCompile(p.Regexp).FindStringSubmatch(strings.TrimSuffix(line, "\n")); g != nil {
				all = append(all, matchedLine{g[p.File], g[p.Line], m.Severity, g[p.Code]})
				break
			}
		}
	}
	return all
}

// TestMatchers holds the matchers against what a scan prints.
func TestMatchers(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a b/c:1:2 d.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  hostPID: true # x.yaml:1:2: error: no [k8s-no]\n  containers: [{name: a, image: 'nginx:latest'}]\n",
		" blank.yaml":      "apiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: b}\nspec:\n  hostPID: true\n  containers: []\n",
		"broken.yaml":      "apiVersion: v1\nkind: Pod\n  x: [\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	want := []matchedLine{
		{"./ blank.yaml", "5", "error", "k8s-host-pid"},
		{"a b/c:1:2 d.yaml", "5", "error", "k8s-host-pid"},
		{"a b/c:1:2 d.yaml", "6", "NOTE", "k8s-liveness-probe-missing"},
		{"a b/c:1:2 d.yaml", "6", "warning", "k8s-image-latest"},
		{"broken.yaml", "3", "error", "problem"},
	}
	for target, note := range map[string]string{"vscode": "info", "github": "notice"} {
		for _, output := range [][]string{{"line"}, {"text", "--color", "never"}, {"text", "--color", "always"}} {
			var out bytes.Buffer
			args := []string{"scan", "--select", "k8s-host-pid,k8s-image-latest,k8s-liveness-probe-missing", "--format"}
			run(append(args, output...), &out, io.Discard)
			got := reads(t, target, out.String())
			for i := range got {
				if got[i].code == "" {
					got[i].code = "problem" // which only the format line says
				}
				if got[i].severity == note {
					got[i].severity = "NOTE"
				}
			}
			slices.SortStableFunc(got, func(a, b matchedLine) int { return strings.Compare(a.file, b.file) })
			if !slices.Equal(got, want) {
				t.Errorf("%s sees in %v\n%v\nwant\n%v\nin\n%q", target, output, got, want, out.String())
			}
		}
	}
}
