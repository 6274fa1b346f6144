package hcltext

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func TestComments(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"behind an attribute": {"a = 1 # x\nb = 2\n", "x: 1-1 in 1-3\n"},
		"above an attribute":  {"// x\na = 1\n", "x: 2-2 in 1-3\n"},
		"above a block":       {"# x\nr \"a\" {\n  b = 1\n}\nc = 1\n", "x: 2-4 in 1-6\n"},
		"behind a block":      {"r \"a\" { # x\n  b = 1\n}\n", "x: 1-3 in 1-4\n"},
		"in a block":          {"r \"a\" {\n  # x\n  b = 1\n  c = 1\n}\n", "x: 3-3 in 1-5\n"},
		"in a nested block":   {"r \"a\" {\n  b {\n    /* x */\n    c = [\n      1,\n    ]\n  }\n}\n", "x: 4-6 in 2-7\n"},
		"before the end":      {"r \"a\" {\n  b = 1\n  # x\n}\n", "x: 4-4 in 1-4\n"},
		"a heredoc":           {"# x\na = <<EOT\n# no\nEOT\nb = 1\n", "x: 2-4 in 1-6\n"},
		"several above":       {"# x\n# y\na = 1\n", "x: 3-3 in 1-4\ny: 3-3 in 1-4\n"},
		"a blank line":        {"# x\n\na = 1\n", "x: nothing in 1-4\n"},
		"after a block":       {"r {\n}\n# x\nr {\n}\n", "x: 4-5 in 1-6\n"},
		"not closed":          {"r { # x\n  b = 1\n", "x: 1-3 in 1-3\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := source.NewFile("a.tf", []byte(c.text))
			var b strings.Builder
			for _, c := range Comments(f) {
				about := fmt.Sprintf("%d-%d", f.Position(c.Scope.Start).Line, f.Position(c.Scope.End).Line)
				if c.Scope.Start == c.Scope.End {
					about = "nothing"
				}
				fmt.Fprintf(&b, "%s: %s in %d-%d\n", c.Text, about, f.Position(c.Within.Start).Line, f.Position(c.Within.End).Line)
			}
			if diff := cmp.Diff(c.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzComments(f *testing.F) {
	f.Add("# x\nr \"a\" {\n  b = <<EOT\n${c}\nEOT\n} /* y */")
	f.Fuzz(func(t *testing.T, text string) {
		file := source.NewFile("a.tf", []byte(text))
		for _, c := range Comments(file) {
			for _, s := range []source.Span{c.Span, c.Scope, c.Within} {
				if s.Start < 0 || s.Start > s.End || s.End > len(text) {
					t.Fatalf("span [%d,%d) of %d bytes", s.Start, s.End, len(text))
				}
			}
		}
	})
}
