package migrate

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// kicsKeys are the keys of kics.config; see "Configuration Guide" in KICS'
// documentation.
func kicsKeys() keys {
	k := keys{
		"exclude-queries": each(func(m *Migration, _, text string, at *source.Origin) {
			m.drop(at, ignore{choice: choice{check: text}})
		}),
		"include-queries": each(func(m *Migration, _, text string, at *source.Origin) { m.take(at, text) }),
		"exclude-paths": each(func(m *Migration, key, text string, at *source.Origin) {
			if pattern, ok := fromGlob(text); ok {
				m.excluded = append(m.excluded, exclude{pattern, ""})
				return
			}
			m.leave(at, key+": "+text, "a path outside of the project")
		}),
		"exclude-severities": kicsSeverities,
		"fail-on":            kicsFailOn,
		"type":               each(checkovFramework),
		"exclude-type":       each(checkovSkippedFramework),
		"exclude-categories": because("rules have families instead of categories: seaworthy rules lists them, ignore takes them"),
		"exclude-results":    because("results are known again by their resource: seaworthy baseline remembers those of now"),
		"exclude-gitignore":  because("files that .gitignore names are read"),
		"ignore-on-exit":     because("a flag: seaworthy scan --exit-zero"),
		"disable-secrets":    anyway("true"),
	}
	k.all(because("paths are arguments: seaworthy scan PATH"), "path")
	k.all(because("flags: --format and --output, which may be repeated"), "output-path", "output-name", "report-formats")
	k.all(because("checks of your own are not carried over"), "queries-path", "libraries-path", "input-data", "secrets-regexes-path")
	k.all(because("about the run of KICS itself"), "no-progress", "no-color", "silent", "verbose", "minimal-ui", "ci", "log-file", "log-format",
		"log-level", "log-path", "preview-lines", "profiling", "timeout", "parallel", "max-file-size", "payload-path", "payload-lines",
		"disable-full-descriptions", "bom", "old-severities", "experimental-queries", "exclude-similarity-id", "cloud-provider")
	return k
}

// kicsSeverities takes severities that are left out as those that do not
// fail, where all above them are still wanted.
func kicsSeverities(m *Migration, key string, n *graph.Node) {
	lowest := 0
	var said []string
	each(func(m *Migration, _, text string, at *source.Origin) {
		said = append(said, strings.ToLower(text))
		if !isSeverity(text) && !strings.EqualFold(text, "trace") {
			m.leave(at, key+": "+text, "no severity")
		}
	})(m, key, n)
	if len(said) == 0 {
		return
	}
	for lowest < len(analyzers.Severities) && slices.Contains(said, analyzers.Severities[lowest]) {
		lowest++
	}
	if lowest > 0 && lowest < len(analyzers.Severities) {
		m.fails(analyzers.Severities[lowest])
	}
	m.leave(n.Handle().Origin(), key+": "+shown(n), "findings are not left out by severity: they are reported, and fail-on says what fails")
}

// kicsFailOn takes the lowest severity; those above it fail as well.
func kicsFailOn(m *Migration, key string, n *graph.Node) {
	each(func(m *Migration, _, text string, at *source.Origin) {
		if !isSeverity(text) {
			m.leave(at, key+": "+text, "no severity")
			return
		}
		m.fails(strings.ToLower(text))
	})(m, key, n)
}
