package migrate

import (
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// kubeLinterKeys are the keys of .kube-linter.yaml; see "Configuring
// KubeLinter" in its documentation.
func kubeLinterKeys() keys {
	checks := keys{
		"doNotAutoAddDefaults": func(m *Migration, key string, n *graph.Node) {
			if n.Kind() == graph.Bool {
				m.done(key, n) // it decides what select starts with: see selects
			}
		},
		"addAllBuiltIn": func(m *Migration, key string, n *graph.Node) {
			if n.Kind() != graph.Bool {
				return
			}
			m.done(key, n)
			if n.Text() == "true" {
				m.selected = append(m.selected, choice{m.equals("*"), "all checks of KubeLinter"})
			}
		},
		"include": each(func(m *Migration, _, text string, at *source.Origin) { m.take(at, text) }),
		"exclude": each(func(m *Migration, _, text string, at *source.Origin) {
			m.drop(at, ignore{choice: choice{check: text}})
		}),
		"ignorePaths": each(func(m *Migration, key, text string, at *source.Origin) {
			if pattern, ok := fromGlob(text); ok {
				m.excluded = append(m.excluded, exclude{pattern, ""})
				return
			}
			m.leave(at, key+": "+text, "a path outside of the project")
		}),
	}
	return keys{
		"checks":       whole(checks),
		"customChecks": because("checks of your own are not carried over: see params of the rule that is nearest"),
	}
}

// whole is under for the checks of KubeLinter: when the defaults are not
// wanted, only what is included runs, else it runs as well.
func whole(known keys) handler {
	return func(m *Migration, key string, n *graph.Node) {
		under(known)(m, key, n)
		alone := n.Field("doNotAutoAddDefaults")
		if alone != nil && alone.Node.Text() == "true" && alone.Node.Kind() == graph.Bool || len(m.selected) == 0 {
			return
		}
		m.selected = slices.Insert(m.selected, 0, choice{[]string{analyzers.Recommended.String()}, "the defaults"})
	}
}

// fromGlob is a pattern as in .gitignore for a glob over paths; ok is false
// for one that leads out of the project.
func fromGlob(glob string) (pattern string, ok bool) {
	rooted, absolute := strings.CutPrefix(glob, "/")
	if strings.HasPrefix(glob, "~") || strings.HasPrefix(glob, "!") || absolute && !strings.HasPrefix(rooted, "**/") {
		return "", false
	}
	clean := path.Clean(rooted)
	if clean == "." || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", false
	}
	if strings.HasPrefix(clean, "**/") {
		return clean, true
	}
	return "/" + clean, true
}
