package printer

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// The types below are what readers of JUnit's format agree on: Jenkins' xUnit
// plugin takes no attributes beside these, so the place of a finding is in its
// text. A rule is a suite and a finding a case that fails in it; a rule that
// found nothing has one case, which is skipped when there was nothing that the
// rule is about.

type junitReport struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Skipped *junitResult `xml:"skipped,omitempty"`
	Error   *junitResult `xml:"error,omitempty"`
	Failure *junitResult `xml:"failure,omitempty"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes a report as the result of tests.
func JUnit(w io.Writer, r *analyzers.Report, opt Options) error {
	out := junitReport{Name: "seaworthy"}
	if suite := opt.junitProblems(r.Problems); len(suite.Cases) > 0 {
		out.add(suite)
	}
	found := map[*analyzers.Rule][]*analyzers.Finding{}
	for _, f := range r.Findings {
		found[f.Rule] = append(found[f.Rule], f)
	}
	for _, rule := range r.Rules {
		out.add(opt.junitRule(rule, found[rule], r.Looked[rule.ID]))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (j *junitReport) add(s junitSuite) {
	s.Tests = len(s.Cases)
	for _, c := range s.Cases {
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	j.Tests, j.Failures, j.Errors = j.Tests+s.Tests, j.Failures+s.Failures, j.Errors+s.Errors
	j.Suites = append(j.Suites, s)
}

// junitProblems are what could not be analysed: errors, and as skipped what is a
// warning.
func (o Options) junitProblems(problems []graph.Problem) junitSuite {
	s := junitSuite{Name: "analysis"}
	for _, p := range problems {
		c := junitCase{Name: clean(p.Message), Class: "analysis"}
		if text := o.where(p.At); p.Level == graph.Error {
			c.Error = &junitResult{Message: clean(p.Message), Type: "problem", Text: text}
		} else {
			c.Skipped = &junitResult{Message: clean(p.Message), Text: text}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

func (o Options) junitRule(r *analyzers.Rule, found []*analyzers.Finding, looked int) junitSuite {
	s := junitSuite{Name: r.ID}
	for _, f := range found {
		text := clean(f.Text())
		c := junitCase{Name: text, Class: r.ID, Failure: &junitResult{Message: text, Type: r.Severity.String()}}
		lines := []string{text}
		if place := o.where(f.Place()); place != "" {
			lines = slices.Insert(lines, 0, place)
		}
		for _, n := range f.Places() {
			lines = append(lines, fmt.Sprintf("%s: %s", o.where(n.At), clean(n.Text)))
		}
		lines = append(lines, "", r.Why, "", "What to do: "+r.Remedy)
		c.Failure.Text = strings.Join(lines, "\n")
		s.Cases = append(s.Cases, c)
	}
	if len(found) == 0 {
		c := junitCase{Name: r.Title, Class: r.ID}
		if looked == 0 {
			c.Skipped = &junitResult{Message: "nothing here that the rule is about"}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}
