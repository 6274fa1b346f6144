package printer

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

const (
	// manyFrom is from how many findings on the table of the rules comes first:
	// more than anybody reads through before knowing what there is.
	manyFrom = 50
	// shownRules is how many rules the summary repeats when it does.
	shownRules = 10
)

// overview is the table of the rules in front of many findings.
func (o Options) overview(b *strings.Builder, r *analyzers.Report) {
	if len(r.Findings) < manyFrom {
		return
	}
	all := tallies(r)
	fmt.Fprintf(b, "%s of %s:\n", o.paint(bold, count(len(r.Findings), "finding")), count(len(all), "rule"))
	o.table(b, all)
	b.WriteString("\n")
}

// byRule is the table of the rules behind findings: all of it, or the worst
// when it stands in front of them as well.
func (o Options) byRule(b *strings.Builder, r *analyzers.Report) {
	if len(r.Findings) < tableFrom {
		return
	}
	all := tallies(r)
	shown := all
	if len(r.Findings) >= manyFrom {
		shown = all[:min(len(all), shownRules)]
	}
	o.table(b, shown)
	if more := len(all) - len(shown); more > 0 {
		fmt.Fprintf(b, "  and %s: the table at the top has all\n", count(more, "more rule"))
	}
}

func (o Options) table(b *strings.Builder, all []tally) {
	widest := 0
	for _, t := range all {
		widest = max(widest, columns(t.rule.ID))
	}
	for _, t := range all {
		fmt.Fprintf(b, "  %s %5d  %s\n", pad(t.rule.ID, widest), t.count, o.paint(ofSeverity(t.rule.Severity), t.rule.Severity.String()))
	}
}
