package printer

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

const (
	// shownInstances is how many instances of a finding are named.
	shownInstances = 5
	// shownPlaces is how many further places are, unless Verbose.
	shownPlaces = 5
	// tableFrom is from how many findings on the rules are counted.
	tableFrom = 11
)

// The words that stand for a severity where there is none.
const (
	notAnalysed = "not analysed"
	unsure      = "unsure"
)

// Text writes a report for people.
func Text(w io.Writer, r *analyzers.Report, opt Options) error {
	var b strings.Builder
	if !opt.Quiet {
		opt.overview(&b, r)
	}
	opt.findings(&b, r.Findings, func(f *analyzers.Finding) (string, style) {
		return f.Rule.Severity.String(), ofSeverity(f.Rule.Severity)
	})
	if opt.ShowUnsure {
		opt.findings(&b, r.Unsure, func(*analyzers.Finding) (string, style) { return unsure, cyan })
	}
	for _, p := range r.Problems {
		opt.problem(&b, p)
	}
	for _, a := range r.Assessments {
		opt.assessment(&b, a)
	}
	if err := opt.images(&b, r); err != nil {
		return err
	}
	if !opt.Quiet {
		opt.summary(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// findings writes findings; those at one place have one snippet and stand
// together.
func (o Options) findings(b *strings.Builder, all []*analyzers.Finding, label func(*analyzers.Finding) (string, style)) {
	var before *source.Origin
	for i, f := range all {
		at := f.Place()
		same := i > 0 && at != nil && before != nil && at.Span == before.Span && at.Exact == before.Exact
		if i > 0 && !same {
			b.WriteString("\n")
		}
		word, s := label(f)
		o.head(b, at)
		fmt.Fprintf(b, "%s: %s %s\n", o.paint(s, word), clean(f.Text()), o.paint(dim, "["+f.Rule.ID+"]"))
		if at != nil && !same {
			o.snippet(b, at, s)
			o.extent(b, at)
		}
		o.places(b, f, o.flow(b, f))
		o.instances(b, f)
		before = at
	}
	if len(all) > 0 {
		b.WriteString("\n")
	}
}

// places writes the further places of a finding, but for those that its chain
// has shown.
func (o Options) places(b *strings.Builder, f *analyzers.Finding, shown map[source.Span]bool) {
	places := f.Places()
	if !o.Verbose {
		places = slices.DeleteFunc(places, func(n analyzers.Note) bool { return n.Resource == nil && shown[n.At.Span] })
	}
	most := len(places)
	if !o.Verbose {
		most = min(most, shownPlaces)
	}
	for _, n := range places[:most] {
		fmt.Fprintf(b, "  %s %s: %s\n", o.paint(dim, "="), o.where(n.At), clean(n.Text))
	}
	if more := len(places) - most; more > 0 {
		fmt.Fprintf(b, "  %s and %d more places\n", o.paint(dim, "="), more)
	}
}

// head writes the place in front of a message.
func (o Options) head(b *strings.Builder, at *source.Origin) {
	if place := o.where(at); place != "" {
		fmt.Fprintf(b, "%s: ", o.paint(bold, place))
	}
}

// extent says in words how far a place is known that is not known to the line.
func (o Options) extent(b *strings.Builder, at *source.Origin) {
	first, last := at.Lines()
	if at.Exact == source.InBlock && last > first {
		fmt.Fprintf(b, "  %s somewhere in lines %d to %d\n", o.paint(dim, "="), first, last)
	}
}

func (o Options) instances(b *strings.Builder, f *analyzers.Finding) {
	var ids []string
	for _, r := range f.Others() {
		ids = append(ids, clean(r.Label))
	}
	if len(ids) == 0 {
		return
	}
	most := len(ids)
	if !o.Verbose {
		most = min(most, shownInstances)
	}
	shown := ids[:most]
	if more := len(ids) - most; more > 0 {
		shown[most-1] += fmt.Sprintf(" and %d more", more)
	}
	o.joined(b, "also: ", shown, ",", " ")
}

func (o Options) problem(b *strings.Builder, p graph.Problem) {
	level, s := notAnalysed, boldRed
	if p.Level == graph.Warning {
		level, s = "warning", yellow
	}
	o.head(b, p.At)
	lines := strings.Split(strings.TrimSpace(p.Message), "\n")
	fmt.Fprintf(b, "%s: %s\n", o.paint(s, level), clean(lines[0]))
	for _, line := range lines[1:] {
		fmt.Fprintf(b, "  %s %s\n", o.paint(dim, "="), clean(line))
	}
	if p.At != nil && p.At.Span.File != nil {
		o.snippet(b, p.At, s)
	}
	b.WriteString("\n")
}

// summary is what a reader wants to know last, because that stays on screen.
func (o Options) summary(b *strings.Builder, r *analyzers.Report) {
	analysed := fmt.Sprintf("%s with %s", count(len(r.Roots), "root"), count(r.Resources, "resource"))
	if len(r.Findings) == 0 {
		fmt.Fprintf(b, "%s in %s\n", o.paint(green, "No findings"), analysed)
	} else {
		fmt.Fprintf(b, "%s in %s: %s\n", o.paint(bold, count(len(r.Findings), "finding")), analysed, o.bySeverity(r))
		o.liveOnly(b, r)
		o.byRule(b, r)
	}
	failed := 0
	for _, p := range r.Problems {
		if p.Level == graph.Error {
			failed++
		}
	}
	if failed > 0 {
		fmt.Fprintf(b, "%s: %s above\n", o.paint(boldRed, "The analysis is incomplete"), count(failed, "problem"))
	}
	if warnings := len(r.Problems) - failed; warnings > 0 {
		fmt.Fprintf(b, "%s about what is not analysed\n", o.paint(yellow, count(warnings, "warning")))
	}
	if n := len(r.Unsure); n > 0 && !o.ShowUnsure {
		fmt.Fprintf(b, "%s where a rule could not tell (--show-unsure lists them)\n", count(n, "place"))
	}
	if r.Since != "" {
		fmt.Fprintf(b, "%s there at %s already%s\n", were(r.Before, "finding"), clean(r.Since), eachCounted(r.Before))
	}
	if r.InBaseline > 0 {
		fmt.Fprintf(b, "%s in the baseline%s\n", were(r.InBaseline, "finding"), eachCounted(r.InBaseline))
	}
	if r.Fixed > 0 {
		fmt.Fprintf(b, "%s of the baseline %s fixed or gone (`seaworthy baseline --prune` takes them out)\n", count(r.Fixed, "finding"), pick(r.Fixed, "is", "are"))
	}
	if n := len(r.Suppressed); n > 0 && !o.Verbose {
		fmt.Fprintf(b, "%s ignored on purpose (-v lists them)\n", were(n, "finding"))
	}
	if o.Verbose {
		for _, root := range r.Roots {
			fmt.Fprintf(b, "analysed %s\n", clean(root))
		}
		told := map[string]bool{} // one for each root
		for _, s := range r.Suppressed {
			line := fmt.Sprintf("ignored %s: %s [%s]%s\n", o.where(s.Place()), clean(s.Text()), s.Rule.ID, o.decision(s))
			if !told[line] {
				b.WriteString(line)
			}
			told[line] = true
		}
	}
	o.leftOut(b, r.Skipped)
}

// leftOut counts what was left out on purpose, or lists it when Verbose.
func (o Options) leftOut(b *strings.Builder, skipped []source.Skip) {
	if n := len(skipped); n > 0 && !o.Verbose {
		fmt.Fprintf(b, "%s left out (-v lists them)\n", were(n, "thing"))
		return
	}
	for _, s := range skipped {
		fmt.Fprintf(b, "left out %s: %s\n", o.path(s.Path), clean(s.Why))
	}
}

// liveOnly counts the findings that nothing in the tree has: beside a cluster
// that is looked at for the first time they may be most.
func (o Options) liveOnly(b *strings.Builder, r *analyzers.Report) {
	n := 0
	for _, f := range r.Findings {
		if f.Live != "" {
			n++
		}
	}
	if n > 0 {
		fmt.Fprintf(b, "%s only in what runs, not in what is written\n", were(n, "finding"))
	}
}

// eachCounted says of a number of findings that it is not one of places: a place
// may be at fault in many resources, each of which is known by itself.
func eachCounted(n int) string {
	if n < 2 {
		return ""
	}
	return ", each resource counted"
}

func (o Options) bySeverity(r *analyzers.Report) string {
	counts := map[analyzers.Severity]int{}
	for _, f := range r.Findings {
		counts[f.Rule.Severity]++
	}
	var parts []string
	for s := analyzers.Critical; ; s-- {
		if n := counts[s]; n > 0 {
			parts = append(parts, o.paint(ofSeverity(s), fmt.Sprintf("%d %s", n, s)))
		}
		if s == analyzers.Info {
			return strings.Join(parts, ", ")
		}
	}
}

// A tally is how often a rule was broken.
type tally struct {
	rule  *analyzers.Rule
	count int
}

// tallies count the findings of each rule, the worst and most frequent first.
func tallies(r *analyzers.Report) []tally {
	at := map[*analyzers.Rule]int{}
	var all []tally
	for _, f := range r.Findings {
		i, seen := at[f.Rule]
		if !seen {
			i = len(all)
			at[f.Rule] = i
			all = append(all, tally{rule: f.Rule})
		}
		all[i].count++
	}
	slices.SortFunc(all, func(a, b tally) int {
		return cmp.Or(cmp.Compare(b.rule.Severity, a.rule.Severity), cmp.Compare(b.count, a.count), cmp.Compare(a.rule.ID, b.rule.ID))
	})
	return all
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun = plural(noun)
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func were(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " was"
	}
	return count(n, noun) + " were"
}

func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(stem, "a") {
		return stem + "ies"
	}
	return noun + "s"
}

// decision says where it was decided to live with a finding, and why.
func (o Options) decision(s *analyzers.Suppressed) string {
	var said []string
	if at := o.where(s.By); at != "" {
		said = append(said, "by "+at)
	}
	if s.Until != "" {
		said = append(said, "until "+clean(s.Until))
	}
	if s.Reason != "" {
		said = append(said, "because "+clean(s.Reason))
	}
	return " " + strings.Join(said, ", ")
}
