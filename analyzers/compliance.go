package analyzers

import "slices"

// A Verdict is what a run says about a control.
type Verdict uint8

// The verdicts, what needs work first.
const (
	// Failed: one of the control's rules found something.
	Failed Verdict = iota
	// Undecided: none did, but one could not tell in some place.
	Undecided
	// Passed: its rules looked at something they could have found fault with,
	// and found none.
	Passed
	// NotApplicable: there was nothing that its rules are about.
	NotApplicable
	// NotCheckable: no rule can answer it, or none was run.
	NotCheckable
)

// Verdicts lists the names of the verdicts.
var Verdicts = [...]string{"failed", "unsure", "passed", "not applicable", "not checkable"}

// String is the verdict's name.
func (v Verdict) String() string { return Verdicts[v] }

// ScoreFormula says in words what a score is.
const ScoreFormula = "score = passed / (passed + failed + unsure) in percent, rounded down; what is not applicable or not checkable does not count"

// A Judgement is the verdict on one control and what it rests on.
type Judgement struct {
	*Control
	Verdict Verdict
	// Why is the reason for NotCheckable, or what the rules leave open.
	Why string
	// Findings are those of the control's rules, Unsure the places where one
	// could not tell, both sorted by place.
	Findings, Unsure []*Finding
	// Suppressed is how many findings of the control's rules somebody decided
	// to live with. They do not make it fail.
	Suppressed int
	// Looked is how many things its rules could have found fault with.
	Looked int
}

// An Assessment is what a run says about a framework.
type Assessment struct {
	*Framework
	// Judgements has one for each control, in the framework's order.
	Judgements []Judgement
	// Counts are the controls by verdict.
	Counts [len(Verdicts)]int
}

// Score is how much of what could be decided is passed, in percent; see
// [ScoreFormula]. There is none when nothing could be.
func (a *Assessment) Score() (percent int, ok bool) {
	judged := a.Counts[Passed] + a.Counts[Failed] + a.Counts[Undecided]
	if judged == 0 {
		return 0, false
	}
	return 100 * a.Counts[Passed] / judged, true
}

// Assess judges the controls of a framework by what a run found.
func (r *Report) Assess(f *Framework) *Assessment {
	a := &Assessment{Framework: f}
	ran := map[string]bool{}
	for _, rule := range r.Rules {
		ran[rule.ID] = true
	}
	found, unsure := byRule(slices.Concat(r.Findings, r.Known)), byRule(r.Unsure) // what is known is still wrong
	suppressed := map[string]int{}
	for _, s := range r.Suppressed {
		suppressed[s.Rule.ID]++
	}
	for c := range f.Controls() {
		j := Judgement{Control: c, Verdict: NotCheckable, Why: c.Reason()}
		answered := false
		for _, rule := range c.Rules {
			answered = answered || ran[rule]
			j.Looked += r.Looked[rule]
			j.Suppressed += suppressed[rule]
			j.Findings = append(j.Findings, found[rule]...)
			j.Unsure = append(j.Unsure, unsure[rule]...)
		}
		switch {
		case len(c.Rules) == 0:
		case !answered:
			j.Why = "its rules were not run"
		case len(j.Findings) > 0:
			j.Verdict = Failed
		case len(j.Unsure) > 0:
			j.Verdict = Undecided
		case j.Looked > 0:
			j.Verdict = Passed
		default:
			j.Verdict = NotApplicable
		}
		a.Counts[j.Verdict]++
		a.Judgements = append(a.Judgements, j)
	}
	return a
}

func byRule(findings []*Finding) map[string][]*Finding {
	by := map[string][]*Finding{}
	for _, f := range findings {
		by[f.Rule.ID] = append(by[f.Rule.ID], f)
	}
	return by
}
