package printer

import "github.com/seaworthy-iac/seaworthy/analyzers"

// assessmentJSON is what is said about a framework that was asked for. Score
// is null when nothing could be judged.
type assessmentJSON struct {
	Framework string         `json:"framework"`
	Title     string         `json:"title"`
	Version   string         `json:"version"`
	URL       string         `json:"url"`
	Score     *int           `json:"score"` // percent
	Formula   string         `json:"formula"`
	Counts    map[string]int `json:"counts"` // every verdict
	Controls  []controlJSON  `json:"controls"`
}

// controlJSON is the verdict on a control: failed, unsure, passed, not
// applicable or not checkable. Findings are how many its rules have in the
// report, Looked how many things they could have found fault with.
type controlJSON struct {
	ID       string   `json:"id"`
	Section  string   `json:"section"`
	Title    string   `json:"title"`
	Verdict  string   `json:"verdict"`
	Reason   string   `json:"reason"` // why it cannot be checked, or what rules leave open
	Rules    []string `json:"rules"`
	Findings int      `json:"findings"`
	Unsure   int      `json:"unsure"`
	Looked   int      `json:"looked"`

	Suppressed int `json:"suppressed"` // findings that somebody decided to live with
}

func assessmentsJSON(all []*analyzers.Assessment) []assessmentJSON {
	out := make([]assessmentJSON, 0, len(all))
	for _, a := range all {
		j := assessmentJSON{
			Framework: a.ID, Title: a.Title, Version: a.Version, URL: a.URL,
			Formula: analyzers.ScoreFormula, Counts: map[string]int{}, Controls: []controlJSON{},
		}
		if percent, ok := a.Score(); ok {
			j.Score = &percent
		}
		for v, name := range analyzers.Verdicts {
			j.Counts[name] = a.Counts[v]
		}
		next := 0
		for _, s := range a.Sections {
			for range s.Controls {
				c := a.Judgements[next]
				next++
				j.Controls = append(j.Controls, controlJSON{
					ID: c.ID, Section: s.Title, Title: c.Title, Verdict: c.Verdict.String(), Reason: c.Why,
					Rules: append([]string{}, c.Rules...), Findings: len(c.Findings), Unsure: len(c.Unsure), Looked: c.Looked, Suppressed: c.Suppressed,
				})
			}
		}
		out = append(out, j)
	}
	return out
}
