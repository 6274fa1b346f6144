package printer

import (
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// An Example shows a rule at work; either text may be empty. Lang is their
// language for Markdown.
type Example struct{ Bad, Good, Lang string }

// Explain writes a page about a rule; in are the controls that it answers.
func Explain(w io.Writer, r *analyzers.Rule, in []analyzers.Membership, example Example, opt Options) error {
	var b strings.Builder
	heading := func(text string) { fmt.Fprintf(&b, "\n%s\n", opt.paint(bold, text)) }
	fmt.Fprintf(&b, "%s %s\n", opt.paint(bold, r.ID), opt.paint(dim, "("+strings.Join(profiles(r, in), ", ")+")"))
	opt.prose(&b, r.Title+".")
	fmt.Fprintf(&b, "  severity %s, precision %s\n", opt.paint(ofSeverity(r.Severity), r.Severity.String()), r.Precision)
	heading("Why")
	opt.prose(&b, r.Why)
	heading("What to do")
	opt.prose(&b, r.Remedy)
	if how := byFix(r); how != "" {
		opt.prose(&b, how)
	}
	if params := r.Parameters(); len(params) > 0 {
		heading("Parameters")
		for _, p := range params {
			opt.prose(&b, fmt.Sprintf("`%s` (%s, default %s): %s", p.Name, p.Type, written(p), p.Doc))
		}
		opt.prose(&b, "They are set in .seaworthy.yaml:\n```\n"+setting(r)+"```")
	}
	for _, e := range []struct{ title, text string }{{"Wrong", example.Bad}, {"Right", example.Good}} {
		if text := strings.Trim(e.text, "\n"); text != "" {
			heading(e.title)
			for line := range strings.SplitSeq(text, "\n") {
				b.WriteString(strings.TrimRight("  "+line, " ") + "\n")
			}
		}
	}
	if len(r.Same) > 0 {
		heading("The same check in other tools")
		for _, s := range r.Same {
			tool, check, _ := strings.Cut(s, ":")
			fmt.Fprintf(&b, "  %s %s\n", pad(tool, len("kube-linter")), check)
		}
	}
	if len(in) > 0 {
		heading("In frameworks")
		for _, m := range in {
			fmt.Fprintf(&b, "  %s: %s\n", m.Name(), m.Control.Title)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// maxProse is how wide lines of prose get; longer ones are hard to read.
const maxProse = 100

// prose writes wrapped, indented Markdown; fenced code keeps its lines.
func (o Options) prose(b *strings.Builder, text string) {
	fenced := false
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			fenced = !fenced
		case fenced:
			fmt.Fprintf(b, "      %s\n", line)
		default:
			for _, l := range o.code(wrap(line, min(o.width(), maxProse)-2)) {
				b.WriteString(strings.TrimRight("  "+l, " ") + "\n")
			}
		}
	}
}

// code shows what is in backticks in bold, where there are colours. Code may
// go on in the next line.
func (o Options) code(lines []string) []string {
	if !o.Color || strings.Count(strings.Join(lines, ""), "`")%2 != 0 {
		return lines
	}
	inside := false
	for i, line := range lines {
		parts := strings.Split(line, "`")
		for j := range parts {
			if j > 0 {
				inside = !inside
			}
			if inside {
				parts[j] = o.paint(bold, parts[j])
			}
		}
		lines[i] = strings.Join(parts, "")
	}
	return lines
}
