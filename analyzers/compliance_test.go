package analyzers

import "testing"

func TestAssess(t *testing.T) {
	bad, vague, fine, idle, other := &Rule{ID: "k8s-bad"}, &Rule{ID: "k8s-vague"}, &Rule{ID: "k8s-fine"}, &Rule{ID: "k8s-idle"}, &Rule{ID: "k8s-other"}
	report := Report{
		Rules:    []*Rule{bad, vague, fine, idle},
		Findings: []*Finding{{Rule: bad}, {Rule: bad}},
		Unsure:   []*Finding{{Rule: vague}, {Rule: bad}},
		Looked:   map[string]int{bad.ID: 2, vague.ID: 3, fine.ID: 1},
	}
	for _, test := range []struct {
		control Control
		want    Verdict
		why     string
	}{
		{Control{Rules: []string{bad.ID, fine.ID}}, Failed, ""},
		{Control{Rules: []string{vague.ID, fine.ID}}, Undecided, ""},
		{Control{Rules: []string{fine.ID, idle.ID}}, Passed, ""},
		{Control{Rules: []string{fine.ID}, Live: "more shows live"}, Passed, "more shows live"},
		{Control{Rules: []string{idle.ID}}, NotApplicable, ""},
		{Control{Rules: []string{other.ID}}, NotCheckable, "its rules were not run"},
		{Control{Manual: "people decide"}, NotCheckable, "people decide"},
		{Control{Live: "shows live"}, NotCheckable, "shows live"},
	} {
		f := &Framework{Sections: []Section{{Controls: []*Control{&test.control}}}}
		a := report.Assess(f)
		if j := a.Judgements[0]; j.Verdict != test.want || j.Why != test.why || a.Counts[test.want] != 1 {
			t.Errorf("%+v: %s because %q, want %s because %q", test.control, j.Verdict, j.Why, test.want, test.why)
		}
	}
	report.Suppressed = []*Suppressed{{Finding: &Finding{Rule: fine}}, {Finding: &Finding{Rule: bad}}}
	if j := report.Assess(&Framework{Sections: []Section{{Controls: []*Control{{Rules: []string{fine.ID}}}}}}).Judgements[0]; j.Verdict != Passed || j.Suppressed != 1 {
		t.Errorf("%s with %d suppressed", j.Verdict, j.Suppressed)
	}
	if j := report.Assess(&Framework{Sections: []Section{{Controls: []*Control{{Rules: []string{bad.ID, vague.ID}}}}}}).Judgements[0]; len(j.Findings) != 2 || len(j.Unsure) != 2 || j.Looked != 5 {
		t.Errorf("%d findings, %d unsure, %d looked at", len(j.Findings), len(j.Unsure), j.Looked)
	}
}

func TestScore(t *testing.T) {
	for _, test := range []struct {
		failed, unsure, passed, percent int
		ok                              bool
	}{
		{0, 0, 0, 0, false},
		{0, 0, 3, 100, true},
		{1, 0, 199, 99, true}, // never 100 with a failure
		{1, 1, 1, 33, true},
		{2, 0, 0, 0, true},
	} {
		a := Assessment{}
		a.Counts[Failed], a.Counts[Undecided], a.Counts[Passed], a.Counts[NotApplicable], a.Counts[NotCheckable] = test.failed, test.unsure, test.passed, 9, 9
		if percent, ok := a.Score(); percent != test.percent || ok != test.ok {
			t.Errorf("%+v: %d, %v", test, percent, ok)
		}
	}
}
