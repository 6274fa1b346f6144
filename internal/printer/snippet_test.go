package printer

import (
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func TestSnippet(t *testing.T) {
	long := strings.Repeat("0123456789", 2000)
	for name, test := range map[string]struct {
		text, token string
		exact       source.Exactness
		width       int
		want        string
	}{
		"token":             {"a: 1\nb: true\n", "true", source.AtToken, 80, "2 | b: true\n  |    ^^^^"},
		"tabs":              {"\ta:\tx\n", "x", source.AtToken, 80, "1 |     a:  x\n  |         ^"},
		"wide":              {"漢: 東京x\n", "京x", source.AtToken, 80, "1 | 漢: 東京x\n  |       ^^^"},
		"emoji":             {"🚀🚀x", "x", source.AtToken, 80, "1 | 🚀🚀x\n  |     ^"},
		"combining":         {"e\u0301e\u0301x", "x", source.AtToken, 80, "1 | e\u0301e\u0301x\n  |   ^"},
		"byte order mark":   {"\ufeffa: b", "b", source.AtToken, 80, "1 | a: b\n  |    ^"},
		"escape":            {"a\x1b[0mb", "b", source.AtToken, 80, "1 | a\\x1b[0mb\n  |         ^"},
		"not UTF-8":         {"\xff: b", "b", source.AtToken, 80, "1 | \\xff: b\n  |       ^"},
		"no break space":    {"a:\u00a0b", "b", source.AtToken, 80, "1 | a: b\n  |    ^"},
		"agent command":     {"##vso[x] b", "b", source.AtToken, 80, "1 | # #vso[x] b\n  |           ^"},
		"CRLF":              {"a: b\r\nc: d\r\n", "b\r\nc", source.AtToken, 80, "1 | a: b\n  |    ^"},
		"several lines":     {"a: |\n  b\n  c\n", "|\n  b\n  c", source.AtToken, 80, "1 | a: |\n  |    ^"},
		"line":              {"  a: b  \n", "b", source.AtLine, 80, "1 |   a: b\n  |   ^^^^"},
		"block":             {"a:\n  b: c\n", "b: c\n", source.InBlock, 80, "2 |   b: c"},
		"file":              {"a: b\n", "b", source.InFile, 80, ""},
		"empty file":        {"", "", source.AtToken, 80, ""},
		"empty token":       {"a:\n", "\n", source.AtToken, 80, "1 | a:\n  |   ^"},
		"two digits":        {strings.Repeat("\n", 9) + "a: b", "b", source.AtToken, 80, "10 | a: b\n   |    ^"},
		"right of the edge": {strings.Repeat("x", 100) + "need", "need", source.AtToken, 40, "1 | …" + strings.Repeat("x", 27) + "need\n  | " + strings.Repeat(" ", 28) + "^^^^"},
		"left of the edge":  {"need" + strings.Repeat("x", 100), "need", source.AtToken, 40, "1 | need" + strings.Repeat("x", 27) + "…\n  | ^^^^"},
		"token too long":    {"a: " + strings.Repeat("x", 100) + " # c", strings.Repeat("x", 100), source.AtToken, 40, "1 | a: " + strings.Repeat("x", 28) + "…\n  |    " + strings.Repeat("^", 28)},
		"deep in the line":  {long + "é漢 need" + long, "need", source.AtToken, 40, "1 | …3456789é漢 need0123456789012345…\n  |             ^^^^"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			o := at(source.NewFile("f", []byte(test.text)), test.token, test.exact)
			Options{Width: test.width}.snippet(&b, o, "")
			var lines []string
			for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\n"), "\n") {
				lines = append(lines, strings.TrimPrefix(line, "  "))
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
