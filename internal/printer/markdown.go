package printer

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/image"
)

// maxRows is how many findings a summary lists: GitHub takes a mebibyte.
const maxRows = 200

// Markdown writes a report as the summary of a job or the text of a comment.
func Markdown(w io.Writer, r *analyzers.Report, opt Options) error {
	var b strings.Builder
	b.WriteString("## Seaworthy\n\n")
	analysed := fmt.Sprintf("%s with %s", count(len(r.Roots), "root"), count(r.Resources, "resource"))
	if len(r.Findings) == 0 {
		fmt.Fprintf(&b, "**No findings** in %s.\n", analysed)
	} else {
		fmt.Fprintf(&b, "**%s** in %s: %s.\n", count(len(r.Findings), "finding"), analysed, Options{}.bySeverity(r))
	}
	if n := len(r.Unsure); n > 0 {
		fmt.Fprintf(&b, "%s where a rule could not tell.\n", count(n, "place"))
	}
	opt.markdownProblems(&b, r.Problems)
	for _, a := range r.Assessments {
		markdownAssessment(&b, a)
	}
	docs, err := documents(r)
	if err != nil {
		return err
	}
	markdownImages(&b, docs)
	opt.markdownFindings(&b, r.Findings)
	_, err = io.WriteString(w, b.String())
	return err
}

func (o Options) markdownProblems(b *strings.Builder, problems []graph.Problem) {
	if len(problems) == 0 {
		return
	}
	title := "Not analysed"
	if slices.ContainsFunc(problems, func(p graph.Problem) bool { return p.Level == graph.Error }) {
		title = "The analysis is incomplete"
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	for _, p := range problems {
		if place := o.where(p.At); place != "" {
			fmt.Fprintf(b, "- %s: %s\n", codeSpan(place), plainMarkdown(p.Message))
			continue
		}
		fmt.Fprintf(b, "- %s\n", plainMarkdown(p.Message))
	}
}

// markdownAssessment writes a framework's score and what needs work.
func markdownAssessment(b *strings.Builder, a *analyzers.Assessment) {
	fmt.Fprintf(b, "\n### %s\n\n%s. %s.\n\n*%s.*\n", plainMarkdown(a.Title+" "+a.Version), scoreText(a), verdictCounts(a), analyzers.ScoreFormula)
	headed := false
	for _, j := range a.Judgements {
		if j.Verdict > analyzers.Undecided {
			continue
		}
		if !headed {
			b.WriteString("\n| verdict | control | asks for | found |\n|---|---|---|---|\n")
			headed = true
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", j.Verdict, plainMarkdown(j.ID), plainMarkdown(j.Title), plainMarkdown(evidence(j)))
	}
}

// markdownImages writes what the images that were read are made of.
func markdownImages(b *strings.Builder, docs []*image.Document) {
	if len(docs) == 0 {
		return
	}
	b.WriteString("\n### Images\n\n")
	for _, d := range docs {
		fmt.Fprintf(b, "- %s: %s\n", codeSpan(clean(d.Reference)), plainMarkdown(made(d)))
	}
}

func (o Options) markdownFindings(b *strings.Builder, findings []*analyzers.Finding) {
	if len(findings) == 0 {
		return
	}
	b.WriteString("\n### Findings\n\n| severity | where | what | rule |\n|---|---|---|---|\n")
	all := worstFirst(findings)
	for _, f := range all[:min(len(all), maxRows)] {
		where := o.where(f.Place())
		if where != "" {
			where = codeSpan(where)
		}
		fmt.Fprintf(b, "| %s | %s | %s | [%s](%s) |\n", f.Rule.Severity, where, plainMarkdown(f.Text()), plainMarkdown(f.Rule.ID), f.Rule.Page())
	}
	if left := len(all) - maxRows; left > 0 {
		fmt.Fprintf(b, "\n%d more are not listed here.\n", left)
	}
}

// worstFirst sorts findings by severity, those of one in their order.
func worstFirst(findings []*analyzers.Finding) []*analyzers.Finding {
	all := slices.Clone(findings)
	slices.SortStableFunc(all, func(a, b *analyzers.Finding) int { return int(b.Rule.Severity) - int(a.Rule.Severity) })
	return all
}

// plainMarkdown is text that Markdown shows as it is.
func plainMarkdown(text string) string { return literal.Replace(clean(text)) }

var literal = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "~", `\~`, "$", `\$`, "@", "&#64;", "#", `\#`, "!", `\!`,
)

// codeSpan is text as code in a table. A pipe ends the cell even in code.
func codeSpan(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + strings.ReplaceAll(text, "|", `\|`) + " " + fence
	}
	return fence + strings.ReplaceAll(text, "|", `\|`) + fence
}
