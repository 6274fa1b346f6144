package printer

import (
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// maxListed is how many rules of a control are named where all are linked.
const maxListed = 12

// Frameworks writes in Markdown which rules answer which controls.
func Frameworks(w io.Writer, frameworks []*analyzers.Framework) error {
	var b strings.Builder
	for _, f := range frameworks {
		fmt.Fprintf(&b, "\n## %s\n\n[%s %s](%s). %s\n", f.ID, f.Title, f.Version, f.URL, strings.TrimSpace(f.About))
		for _, s := range f.Sections {
			fmt.Fprintf(&b, "\n### %s\n\n| control | asks for | answered by |\n|---|---|---|\n", s.Title)
			for _, c := range s.Controls {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", c.ID, c.Title, answers(c))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// answers are the rules of a control as links, or why there are none.
func answers(c *analyzers.Control) string {
	var parts []string
	for _, r := range c.Rules[:min(len(c.Rules), maxListed)] {
		parts = append(parts, fmt.Sprintf("[`%s`](rules/%s.md)", r, r))
	}
	text := strings.Join(parts, ", ")
	if more := len(c.Rules) - len(parts); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if reason := c.Reason(); reason != "" {
		if text != "" {
			text += "; "
		}
		kind := "live"
		if c.Manual != "" {
			kind = "manual"
		}
		text += fmt.Sprintf("*%s:* %s", kind, reason)
	}
	return text
}
