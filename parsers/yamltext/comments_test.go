package yamltext

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// lines are the first and last line of what each comment speaks about.
func spokenAbout(f *source.File, all []source.Comment) string {
	var b strings.Builder
	for _, c := range all {
		if c.Scope.Start == c.Scope.End {
			fmt.Fprintf(&b, "%s: nothing\n", c.Text)
			continue
		}
		fmt.Fprintf(&b, "%s: %d-%d\n", c.Text, f.Position(c.Scope.Start).Line, f.Position(c.Scope.End).Line)
	}
	return b.String()
}

func TestComments(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"behind a scalar":         {"a: 1 # x\nb: 2\n", "x: 1-1\n"},
		"behind a key":            {"a: # x\n  b: 1\n\n  c: 2\nd: 3\n", "x: 1-4\n"},
		"above a scalar":          {"a: 1\n# x\nb: 2\nc: 3\n", "x: 3-3\n"},
		"above a key":             {"# x\na:\n  b: 1\nc: 3\n", "x: 2-3\n"},
		"a blank line between":    {"# x\n\na: 1\n", "x: nothing\n"},
		"at the end":              {"a: 1\n# x", "x: nothing\n"},
		"several above":           {"# x\n# y\na: 1\n", "x: 3-3\ny: 3-3\n"},
		"behind an item":          {"l:\n- a: 1 # x\n  b: 2\n- a: 2\n", "x: 2-3\n"},
		"list at the key":         {"l: # x\n- a\n- b\nm: 1\n", "x: 1-3\n"},
		"key after list":          {"k:\n  l: # x\n  - a\n  m: 1\n", "x: 2-3\n"},
		"above an object":         {"# x\napiVersion: v1\nkind: A\n---\nkind: B\n", "x: 2-3\n"},
		"behind apiVersion":       {"apiVersion: v1 # x\nkind: A\n", "x: 1-1\n"},
		"behind a separator":      {"a: 1\n--- # x\nkind: A\nb: 2\n---\nc: 1\n", "x: 2-4\n"},
		"above the first value":   {"# x\nreplicas: 1\nimage: a\n", "x: 2-2\n"},
		"in quotes":               {"a: \"# no\"\nb: 'it''s # no' # x\n", "x: 2-2\n"},
		"no blank in front":       {"a: b#c\n", ""},
		"apostrophe in a word":    {"a: don't # x\n", "x: 1-1\n"},
		"in a block scalar":       {"a: |\n  # no\n  b\nc: 1 # x\n", "x: 4-4\n"},
		"behind a block scalar":   {"a: | # x\n  b\nc: 1\n", "x: 1-2\n"},
		"template comment":        {"a: 1 {{/* x */}}\n", "x: 1-1\n"},
		"template comment, alone": {"{{- /* x */ -}}\na:\n  b: 1\n", "x: 2-3\n"},
		"template block":          {"a:\n  {{- if .b }} {{/* x */}}\n  c: 1\n  {{- else }}\n  c: 2\n  {{- end }}\n  d: 1\n", "x: 2-6\n"},
		"control lines nest":      {"a: # x\n{{- if .b }}\n  c: 1\n{{- end }}\n  d: 1\ne: 1\n", "x: 1-5\n"},
		"hash in an action":       {"a: {{ print \"# no\" }} # x\n", "x: 1-1\n"},
		"CRLF":                    {"a: # x\r\n  b: 1\r\nc: 1\r\n", "x: 1-2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := source.NewFile("a.yaml", []byte(c.text))
			if diff := cmp.Diff(c.want, spokenAbout(f, Comments(f))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzComments(f *testing.F) {
	f.Add("a: # x\n  b: |\n    # y\n{{/* z */}}\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		file := source.NewFile("a.yaml", []byte(text))
		for _, c := range Comments(file) {
			for _, s := range []source.Span{c.Span, c.Scope, c.Within} {
				if s.Start < 0 || s.Start > s.End || s.End > len(text) {
					t.Fatalf("span [%d,%d) of %d bytes", s.Start, s.End, len(text))
				}
			}
		}
	})
}
