package sarif

import (
	"fmt"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// A framework that was asked for is a taxonomy of the run, its controls are the
// taxa, and a rule is related to those that it answers. What was said about
// each control is in the run's properties: a result is a place in a file, and a
// control that passed has none.
//
// The library knows taxonomies in part only. The types below stand around its
// own; a field of theirs goes before the library's of the same name.

type logFile struct {
	*sarif.Report
	Runs []run `json:"runs"`
}

type run struct {
	Tool tool `json:"tool"`
	*sarif.Run
	Taxonomies []taxonomy `json:"taxonomies,omitempty"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type driver struct {
	*sarif.ToolComponent
	Rules               []descriptor `json:"rules"`
	SupportedTaxonomies []reference  `json:"supportedTaxonomies,omitempty"`
}

type descriptor struct {
	*sarif.ReportingDescriptor
	Relationships []relationship `json:"relationships,omitempty"`
}

// A relationship leads from a rule to a control.
type relationship struct {
	Target target   `json:"target"`
	Kinds  []string `json:"kinds"`
}

type target struct {
	ID            string    `json:"id"`
	Index         int       `json:"index"`
	ToolComponent reference `json:"toolComponent"`
}

// A reference names a taxonomy of the run.
type reference struct {
	Name  string `json:"name"`
	Index int    `json:"index"`
}

type taxonomy struct {
	Name             string  `json:"name"`
	FullName         string  `json:"fullName"`
	Version          string  `json:"version"`
	InformationURI   string  `json:"informationUri"`
	ShortDescription text    `json:"shortDescription"`
	IsComprehensive  bool    `json:"isComprehensive"`
	Taxa             []taxon `json:"taxa"`
}

type taxon struct {
	ID               string `json:"id"`
	ShortDescription text   `json:"shortDescription"`
}

type text struct {
	Text string `json:"text"`
}

// taxonomies are the frameworks that were asked for.
func taxonomies(all []*analyzers.Assessment) (list []taxonomy, names []reference) {
	for i, a := range all {
		t := taxonomy{
			Name: a.ID, FullName: a.Title + " " + a.Version, Version: a.Version, InformationURI: a.URL,
			ShortDescription: text{a.About}, IsComprehensive: true,
		}
		for c := range a.Controls() {
			t.Taxa = append(t.Taxa, taxon{c.ID, text{c.Title}})
		}
		list = append(list, t)
		names = append(names, reference{t.Name, i})
	}
	return list, names
}

// relationships are the controls that each rule answers, by its ID.
func relationships(all []*analyzers.Assessment) map[string][]relationship {
	by := map[string][]relationship{}
	for i, a := range all {
		n := 0
		for c := range a.Controls() {
			to := target{c.ID, n, reference{a.ID, i}}
			for _, rule := range c.Rules {
				by[rule] = append(by[rule], relationship{to, []string{"relevant"}})
			}
			n++
		}
	}
	return by
}

// verdicts are what was said about a framework, for the run's properties.
func verdicts(a *analyzers.Assessment) map[string]any {
	var controls []map[string]any
	for _, j := range a.Judgements {
		c := map[string]any{"id": j.ID, "verdict": j.Verdict.String()}
		if n := len(j.Findings); n > 0 {
			c["findings"] = n
		}
		if n := len(j.Unsure); n > 0 {
			c["unsure"] = n
		}
		if j.Why != "" {
			c["reason"] = j.Why
		}
		controls = append(controls, c)
	}
	properties := map[string]any{"framework": a.ID, "formula": analyzers.ScoreFormula, "controls": controls}
	if percent, ok := a.Score(); ok {
		properties["score"] = fmt.Sprintf("%d %%", percent)
	}
	return properties
}
