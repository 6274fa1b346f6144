package printer

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// MatcherTargets are those that [Matcher] writes for.
var MatcherTargets = []string{"vscode", "github"}

// A pattern says which group of a regular expression is what. The names are
// those of Visual Studio Code, which GitHub took over.
type pattern struct {
	Regexp  string `json:"regexp"`
	File    int    `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message int    `json:"message"`
	Code    int    `json:"code"`
}

type matcher struct {
	Owner        string `json:"owner"`
	Source       string `json:"source,omitempty"`
	Severity     string `json:"severity"`
	FileLocation any    `json:"fileLocation,omitempty"`
	Pattern      any    `json:"pattern"`
}

// Matcher writes what makes an editor or a build agent see findings in the
// output of the formats line and text, coloured or not: a tasks.json for
// Visual Studio Code, a problem matcher for GitHub Actions.
func Matcher(w io.Writer, target string) error {
	var out any
	switch target {
	case "vscode":
		out = vscodeTasks()
	case "github":
		out = map[string][]matcher{"problemMatcher": matchers("notice", func(p pattern) any { return []pattern{p} })}
	default:
		return fmt.Errorf("unknown target %q: use one of %s", target, strings.Join(MatcherTargets, ", "))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

type task struct {
	Label   string    `json:"label"`
	Type    string    `json:"type"`
	Command string    `json:"command"`
	Args    []string  `json:"args"`
	Matcher []matcher `json:"problemMatcher"`
}

func vscodeTasks() any {
	all := matchers("info", func(p pattern) any { return p })
	for i := range all {
		all[i].Source, all[i].FileLocation = "seaworthy", []string{"autoDetect", "${workspaceFolder}"}
	}
	return struct {
		Version string `json:"version"`
		Tasks   []task `json:"tasks"`
	}{"2.0.0", []task{{"seaworthy", "process", "seaworthy", []string{"scan", "--format", "line"}, all}}}
}

// matchers are one for each level: neither reader knows "note" or "critical",
// so the level is the matcher's and not a group of its expression.
func matchers(note string, as func(pattern) any) []matcher {
	var all []matcher
	for _, level := range []string{"error", "warning", "note"} {
		m := matcher{Owner: "seaworthy-" + level, Severity: level, Pattern: as(pattern{lineExpression(level), 1, 2, 3, 4, 5})}
		if level == "note" {
			m.Severity = note
		}
		all = append(all, m)
	}
	return all
}

// lineExpression matches what [Line] and [Text] write for a finding or problem
// of a level. It means the same to JavaScript, .NET and Go.
func lineExpression(level string) string {
	words := []string{level}
	for s := analyzers.Critical; ; s-- {
		if s.Level() == level {
			words = append(words, s.String())
		}
		if s == analyzers.Info {
			break
		}
	}
	switch level {
	case "error":
		words = append(words, notAnalysed)
	case "note":
		words = append(words, unsure)
	}
	slices.Sort(words)
	const colour = `(?:\x1b\[[0-9;]*m)*`
	return `^` + colour + `([^\s\x1b].*?):(\d+):(\d+)` + colour + `: ` + colour + `(?:` + strings.Join(words, "|") + `)` + colour +
		`: (.*?)(?: ` + colour + `\[([a-z][\w-]*)\]` + colour + `)?$`
}
