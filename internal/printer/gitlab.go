package printer

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// The types below are GitLab's code quality report.

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"` // the same while the finding is, whatever its line
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"` // from the top of the repository
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// gitlabSeverities are GitLab's names of ours.
var gitlabSeverities = [...]string{
	analyzers.Info: "info", analyzers.Low: "minor", analyzers.Medium: "major", analyzers.High: "critical", analyzers.Critical: "blocker",
}

// GitLab writes a report for GitLab's merge requests.
func GitLab(w io.Writer, r *analyzers.Report) error {
	issues := []gitlabIssue{}
	seen := map[string]int{}
	add := func(identity, check, severity, text string, at *source.Origin) {
		seen[identity]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", identity, seen[identity]))
		issues = append(issues, gitlabIssue{
			Description: clean(text), CheckName: check, Fingerprint: fmt.Sprintf("%x", sum[:16]), Severity: severity, Location: gitlabPlace(at),
		})
	}
	for _, p := range r.Problems {
		severity := "minor"
		if p.Level == graph.Error {
			severity = "blocker"
		}
		add("problem\x00"+p.Message, "problem", severity, placeless(p), p.At)
	}
	for _, f := range r.Findings {
		add(f.Identity(), f.Rule.ID, gitlabSeverities[f.Rule.Severity], f.Text(), f.Place())
	}
	return encode(w, issues)
}

// gitlabPlace is where an issue is; one that is in no file is at the top of
// the repository, for GitLab takes none without a place.
func gitlabPlace(at *source.Origin) gitlabLocation {
	if at == nil || at.Span.File == nil || at.Span.File.Remote {
		return gitlabLocation{".", gitlabLines{1, 1}}
	}
	first, last := at.Lines()
	return gitlabLocation{at.Span.File.Path, gitlabLines{first, last}}
}
