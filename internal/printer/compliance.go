package printer

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// marksOf are how verdicts are shown in text.
var marksOf = [...]struct {
	word  string
	style style
}{
	analyzers.Failed:        {"FAILED", boldRed},
	analyzers.Undecided:     {"UNSURE", cyan},
	analyzers.Passed:        {"passed", green},
	analyzers.NotApplicable: {"not applicable", dim},
	analyzers.NotCheckable:  {"not checkable", dim},
}

// assessment writes what is said about a framework's controls: one line each
// for those that were judged, with the others when Verbose, and the score.
func (o Options) assessment(b *strings.Builder, a *analyzers.Assessment) {
	fmt.Fprintf(b, "%s\n", o.paint(bold, a.Title+" "+a.Version))
	next := 0
	for _, s := range a.Sections {
		headed, widest := false, 0
		for _, c := range s.Controls {
			widest = max(widest, columns(c.ID))
		}
		for range s.Controls {
			j := a.Judgements[next]
			next++
			if j.Verdict >= analyzers.NotApplicable && !o.Verbose {
				continue
			}
			if !headed {
				fmt.Fprintf(b, "\n  %s\n", o.paint(bold, s.Title))
				headed = true
			}
			o.judgement(b, j, widest)
		}
	}
	fmt.Fprintf(b, "\n  %s\n", verdictCounts(a))
	if hidden := a.Counts[analyzers.NotApplicable] + a.Counts[analyzers.NotCheckable]; hidden > 0 && !o.Verbose {
		fmt.Fprintf(b, "  %s that are not applicable or not checkable are not listed (-v lists them, with the reason)\n", count(hidden, "control"))
	}
	for _, line := range wrap(scoreText(a), min(o.width(), maxProse)-2) {
		fmt.Fprintf(b, "  %s\n", o.paint(bold, line))
	}
	for _, line := range wrap(analyzers.ScoreFormula, min(o.width(), maxProse)-2) {
		fmt.Fprintf(b, "  %s\n", o.paint(dim, line))
	}
	b.WriteString("\n")
}

// judgement writes the verdict on one control; widest is how many columns the
// IDs around it take.
func (o Options) judgement(b *strings.Builder, j analyzers.Judgement, widest int) {
	mark := marksOf[j.Verdict]
	width := len("FAILED")
	if o.Verbose {
		width = len("not applicable")
	}
	text := j.Title
	if e := evidence(j); e != "" {
		text += ": " + e
	}
	fmt.Fprintf(b, "    %s  %s  ", o.paint(mark.style, pad(mark.word, width)), pad(j.ID, widest))
	indent := strings.Repeat(" ", width+widest+8)
	for i, line := range wrap(text, max(min(o.width(), maxProse)-len(indent), 30)) {
		if i > 0 {
			b.WriteString(indent)
		}
		b.WriteString(line + "\n")
	}
}

// evidence is what a verdict rests on, in words.
func evidence(j analyzers.Judgement) string {
	text := grounds(j)
	if j.Suppressed == 0 {
		return text
	}
	if text != "" {
		text += "; "
	}
	return text + count(j.Suppressed, "finding") + " suppressed"
}

func grounds(j analyzers.Judgement) string {
	switch j.Verdict {
	case analyzers.Failed:
		return count(len(j.Findings), "finding") + " of " + strings.Join(rulesOf(j.Findings), ", ")
	case analyzers.Undecided:
		return count(len(j.Unsure), "place") + " where " + strings.Join(rulesOf(j.Unsure), ", ") + " could not tell"
	case analyzers.Passed:
		if j.Why != "" {
			return "as far as can be seen; " + j.Why
		}
	case analyzers.NotApplicable:
		return "nothing here that it is about"
	case analyzers.NotCheckable:
		return j.Why
	}
	return ""
}

// rulesOf are the IDs of the rules of some findings, each once.
func rulesOf(findings []*analyzers.Finding) []string {
	var ids []string
	seen := map[string]bool{}
	for _, f := range findings {
		if !seen[f.Rule.ID] {
			seen[f.Rule.ID] = true
			ids = append(ids, f.Rule.ID)
		}
	}
	return ids
}

func verdictCounts(a *analyzers.Assessment) string {
	var parts []string
	for v, name := range analyzers.Verdicts {
		parts = append(parts, fmt.Sprintf("%d %s", a.Counts[v], name))
	}
	return count(len(a.Judgements), "control") + ": " + strings.Join(parts, ", ")
}

// scoreText is the score with what it is made of.
func scoreText(a *analyzers.Assessment) string {
	percent, ok := a.Score()
	if !ok {
		return "no score: nothing here that a control is about"
	}
	judged := a.Counts[analyzers.Passed] + a.Counts[analyzers.Failed] + a.Counts[analyzers.Undecided]
	return fmt.Sprintf("score %d %%: %d of the %s that could be judged passed", percent, a.Counts[analyzers.Passed], count(judged, "control"))
}
