// Package migrate turns the configurations of other analyzers into one of
// Seaworthy's.
//
// Nothing is dropped in silence: every value of the file that is read either
// has a part in the configuration or is listed with the reason why it has
// none. Where a setting has no exact equal, the one that is taken leaves out
// less and reports more, never the other way round.
package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Tools are the analyzers whose configurations are understood.
var Tools = []string{"checkov", "trivy", "kube-linter", "kics"}

// A Migration is the configuration made of another tool's, and what of that
// has no equal.
type Migration struct {
	tool  string
	from  *source.File
	rules []*analyzers.Rule

	selected    []choice
	ignored     []ignore
	excluded    []exclude
	failOn      string
	kubeVersion string
	apiVersions []string
	values      []string
	varFiles    []string

	left  []Left
	taken map[part]bool
}

// A choice are rules to run, and the check they stand for.
type choice struct {
	rules []string
	check string
}

// An ignore are rules to leave out, and the check they stand for.
type ignore struct {
	choice
	paths         []string
	reason, until string
}

// An exclude is a pattern of files to leave out, and what it was.
type exclude struct{ pattern, was string }

// Left is something that has no equal.
type Left struct {
	At        *source.Origin
	What, Why string
}

// From reads a file of a tool. The error says that it cannot be read at all.
func From(tool string, f *source.File, rules []*analyzers.Rule) (*Migration, error) {
	m := &Migration{tool: tool, from: f, rules: rules, taken: map[part]bool{}}
	var err error
	switch tool {
	case "checkov":
		err = m.configuration(checkovKeys())
	case "trivy":
		err = m.trivy()
	case "kube-linter":
		err = m.configuration(kubeLinterKeys())
	case "kics":
		err = m.configuration(kicsKeys())
	default:
		err = fmt.Errorf("unknown tool %q: use one of %s", tool, strings.Join(Tools, ", "))
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(m.left, func(a, b Left) int { return start(a.At) - start(b.At) })
	return m, nil
}

func start(o *source.Origin) int {
	if o == nil {
		return 0
	}
	return o.Span.Start
}

// Left is what has no equal, in the order of the file.
func (m *Migration) Left() []Left { return m.left }

func (m *Migration) leave(at *source.Origin, what, why string, args ...any) {
	m.left = append(m.left, Left{at, what, fmt.Sprintf(why, args...)})
}

// equals are the IDs of the rules that are the same as a check, which may be a
// glob over checks. A name of the tool's that stands for everything does so
// for the rules that have an equal in it.
func (m *Migration) equals(check string) []string {
	name := suppress.Check(m.tool, check)
	if name == "all" {
		name = m.tool + ":*"
	}
	var ids []string
	for _, r := range m.rules {
		if slices.ContainsFunc(r.Same, func(same string) bool {
			if strings.ContainsAny(name, "*?") {
				return doublestar.MatchUnvalidated(strings.ToLower(name), strings.ToLower(same))
			}
			return strings.EqualFold(name, same)
		}) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// take and drop choose the equals of a check, or say that there are none.
func (m *Migration) take(at *source.Origin, check string) {
	if ids := m.equals(check); len(ids) > 0 {
		m.selected = append(m.selected, choice{ids, check})
		return
	}
	m.leave(at, check, "no rule is its equal")
}

func (m *Migration) drop(at *source.Origin, i ignore) {
	if i.rules = m.equals(i.check); len(i.rules) > 0 {
		m.ignored = append(m.ignored, i)
		return
	}
	m.leave(at, i.check, "no rule is its equal, so there is nothing to ignore")
}
