package terraform_test

import (
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// TestParts asks where a part of a text is written.
func TestParts(t *testing.T) {
	for name, tt := range map[string]struct {
		expr, part, want string
		exact            source.Exactness
	}{
		"literal":           {`"nginx:latest"`, "latest", "latest", source.AtToken},
		"not ASCII":         {`"é:ü"`, "ü", "ü", source.AtToken},
		"template":          {`"${var.repo}:latest"`, "latest", "latest", source.AtToken},
		"interpolation":     {`"${var.repo}:latest"`, "gin", "var.repo", source.AtToken},
		"across":            {`"${var.repo}:latest"`, "x:lat", "var.repo}:lat", source.AtToken},
		"escapes":           {`"a\tb"`, "b", `a\tb`, source.AtLine},
		"escaped dollar":    {`"a$${b}"`, "b", `a$${b}`, source.AtLine},
		"heredoc":           {"<<E\n  one\n  two\nE", "two", "two", source.AtToken},
		"indented":          {"<<-E\n    one\n      two\n    E", "two", "two", source.AtToken},
		"indented template": {"<<-E\n    one ${var.repo}\n      two\n    E", "two", "two", source.AtToken},
		"over lines":        {"<<-E\n    one\n    two\n    E", "one\ntwo", "one\n    two", source.AtToken},
		"trimmed":           {"<<E\none\n%{ if true ~}\n  two\n%{ endif ~}\nE", "two", "", source.AtToken},
		"reference":         {"var.repo", "gin", "var.repo", source.AtToken},
		"function":          {`upper("nginx")`, "GIN", `upper("nginx")`, source.AtToken},
		"conditional":       {`var.repo == "x" ? "a:b" : "c:d"`, "d", "d", source.AtToken},
		"parentheses":       {`("c:d")`, "d", "d", source.AtToken},
	} {
		t.Run(name, func(t *testing.T) {
			all := loadText(t, "variable \"repo\" {\n  default = \"nginx\"\n}\nresource \"x\" \"y\" {\n  a = "+tt.expr+"\n}\n")
			v := all[1].Resources[1].At("a")
			text, known := v.Text("")
			start := strings.Index(text, tt.part)
			if !known || start < 0 {
				t.Fatalf("%q is not in %q", tt.part, text)
			}
			got := v.Part(start, start+len(tt.part))
			if tt.want == "" { // somewhere in it, and no more is claimed than that
				if !strings.Contains(got.Span.Text(), tt.part) {
					t.Errorf("%q is not in %q", tt.part, got.Span.Text())
				}
				return
			}
			if got.Span.Text() != tt.want || got.Exact != tt.exact {
				t.Errorf("%q (%s), want %q (%s)", got.Span.Text(), got.Exact, tt.want, tt.exact)
			}
		})
	}
}
