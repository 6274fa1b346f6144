package sarif

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// maxDescription is how many characters GitHub takes of a description.
const maxDescription = 1024

// rule describes a rule to viewers; in are the controls that it answers.
func rule(r *analyzers.Rule, in []analyzers.Membership) *sarif.ReportingDescriptor {
	d := sarif.NewRule(r.ID).
		WithName(pascal(r.ID)).
		WithShortDescription(message(cut(r.Title))).
		WithFullDescription(message(cut(r.Why))).
		WithHelpURI(r.Page()).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(r.Severity.Level()))
	d.Help = help(r)
	d.Properties = sarif.Properties{
		"precision":        r.Precision.String(),
		"problem.severity": problemSeverity(r.Severity),
		"tags":             tags(r, in),
	}
	if s := securitySeverity(r.Severity); s != "" {
		d.Properties["security-severity"] = s
	}
	if len(r.Same) > 0 {
		d.Properties["same"] = r.Same
	}
	return d
}

// securitySeverity is the number GitHub makes its severity of: over 9 is
// critical, from 7 high, from 4 medium. What is only information is no
// security alert and has none.
func securitySeverity(s analyzers.Severity) string {
	switch s {
	case analyzers.Critical:
		return "9.5"
	case analyzers.High:
		return "8.0"
	case analyzers.Medium:
		return "5.5"
	case analyzers.Low:
		return "3.0"
	case analyzers.Info:
	}
	return ""
}

func problemSeverity(s analyzers.Severity) string {
	if level := s.Level(); level != "note" {
		return level
	}
	return "recommendation"
}

// maxTags is how many tags of a rule GitHub takes.
const maxTags = 10

// tags are the family of a rule and the frameworks that have it.
func tags(r *analyzers.Rule, in []analyzers.Membership) []string {
	all := []string{r.Family()}
	if r.Severity > analyzers.Info {
		all = []string{"security", r.Family()}
	}
	for _, m := range in {
		if !slices.Contains(all, m.Framework.ID) && len(all) < maxTags {
			all = append(all, m.Framework.ID)
		}
	}
	return all
}

// help is the page that viewers show beside a finding.
func help(r *analyzers.Rule) *sarif.MultiformatMessageString {
	text := r.Why + "\n\nWhat to do: " + r.Remedy
	markdown := r.Why + "\n\n## What to do\n\n" + r.Remedy
	if len(r.Same) > 0 {
		items := make([]string, len(r.Same))
		for i, s := range r.Same {
			tool, check, _ := strings.Cut(s, ":")
			items[i] = fmt.Sprintf("- %s: `%s`\n", tool, check)
		}
		text += "\n\nThe same check in other tools: " + strings.Join(r.Same, ", ")
		markdown += "\n\n## The same check in other tools\n\n" + strings.Join(items, "")
	}
	return message(text).WithMarkdown(markdown)
}

func message(text string) *sarif.MultiformatMessageString {
	return sarif.NewMultiformatMessageString(text)
}

// cut shortens a description to what is taken of it.
func cut(text string) string {
	if utf8.RuneCountInString(text) <= maxDescription {
		return text
	}
	return string([]rune(text)[:maxDescription-1]) + "…"
}

// pascal is an ID as a name: K8sPrivilegedContainer.
func pascal(id string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(id, "-") {
		if word != "" {
			name.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return name.String()
}
