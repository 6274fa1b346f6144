package helm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
)

// maxAction is how much of an action is shown, in bytes.
const maxAction = 120

// doubtful says which objects are not here for a condition that is not known:
// one that asks the cluster, or a value that somebody else gives.
func (s *set) doubtful(f engine.File) {
	for _, d := range f.Doubtful() {
		t := s.templates[d.At.Template]
		action := strings.Join(strings.Fields(t.Text[d.At.Start:d.At.End]), " ")
		if len(action) > maxAction {
			action = strings.ToValidUTF8(action[:maxAction], "") + "…"
		}
		objects := strings.Join(d.Kinds, ", ")
		if slices.Contains(d.Kinds, "") {
			objects = "objects"
		}
		at := s.line(d.At).Span
		where := fmt.Sprintf("line %d", at.From().Line)
		if s.sites[d.At.Template].file == nil {
			where += ", " + t.Name
		}
		s.b.Skip(at.File.Path, fmt.Sprintf("%s: the branch of %s that writes %s is not taken; its condition is not known", where, action, objects))
	}
}

// unknowable tells of a document that may be anything, and says that it is not
// here. Where an action failed that has been said.
func (m *manifest) unknowable(raw, doc *graph.Node) bool {
	v := graph.ValueOf(doc)
	if v.At("apiVersion").Known() && v.At("kind").Known() {
		return false
	}
	if !m.file.Failed {
		span := raw.Handle().Origin().Span
		m.b.Skip(span.File.Path, fmt.Sprintf("line %d: what object begins here is not known", span.From().Line))
	}
	return true
}
