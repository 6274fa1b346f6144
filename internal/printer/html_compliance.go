package printer

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// classOf is how a verdict is named in the page's style.
func classOf(v analyzers.Verdict) string { return strings.ReplaceAll(v.String(), " ", "-") }

// assessment writes a framework: its score, how many controls have which
// verdict, and a table of them.
func (h *htmlReport) assessment(a *analyzers.Assessment) {
	h.open("section", "id", "framework-"+a.ID, "class", "framework")
	h.open("h2")
	h.text("%s %s", a.Title, a.Version)
	h.close(1)
	h.open("p")
	h.text("%s ", a.About)
	h.element("a", "Publisher", "href", a.URL, "rel", "noreferrer noopener")
	h.close(1)
	h.open("div", "class", "score")
	if percent, ok := a.Score(); ok {
		h.element("b", fmt.Sprintf("%d %%", percent))
	} else {
		h.element("b", "no score")
	}
	h.open("div", "class", "bar", "role", "img", "aria-label", verdictCounts(a))
	for v, n := range a.Counts {
		if n > 0 {
			h.element("i", "", "class", classOf(analyzers.Verdict(v)), "style", fmt.Sprintf("flex-grow:%d", n))
		}
	}
	h.close(1)
	h.open("ul", "class", "legend")
	for v, n := range a.Counts {
		h.open("li")
		h.element("i", "", "class", classOf(analyzers.Verdict(v)))
		h.text("%d %s", n, analyzers.Verdict(v))
		h.close(1)
	}
	h.close(2)
	h.element("p", analyzers.ScoreFormula+".", "class", "small")
	h.open("table", "class", "controls")
	h.open("thead")
	h.open("tr")
	for _, title := range [...]string{"Verdict", "Control", "What it asks for", "What was found"} {
		h.element("th", title, "scope", "col")
	}
	h.close(2)
	next := 0
	for _, s := range a.Sections {
		h.open("tbody")
		h.open("tr")
		h.element("th", s.Title, "colspan", "4", "scope", "rowgroup")
		h.close(1)
		for range s.Controls {
			h.control(a.Judgements[next])
			next++
		}
		h.close(1)
	}
	h.close(2)
}

func (h *htmlReport) control(j analyzers.Judgement) {
	h.open("tr")
	h.open("td")
	h.element("span", j.Verdict.String(), "class", "verdict "+classOf(j.Verdict))
	h.close(1)
	h.element("td", j.ID, "class", "id")
	h.element("td", j.Title)
	h.open("td")
	if j.Verdict != analyzers.Failed {
		h.text("%s", evidence(j))
	} else {
		h.open("details")
		h.element("summary", evidence(j))
		h.links(j.Findings)
		h.close(1)
	}
	h.close(2)
}

// links lists findings with where to find them on the page.
func (h *htmlReport) links(findings []*analyzers.Finding) {
	h.open("ul", "class", "links")
	for _, f := range findings {
		h.open("li")
		place := h.opt.where(f.Place())
		if place == "" {
			place = "no place"
		}
		if n := h.number[f]; n > 0 {
			h.element("a", place, "href", fmt.Sprintf("#f%d", n))
		} else {
			h.path("code", place)
		}
		h.text(" %s", f.Text())
		h.close(1)
	}
	h.close(1)
}
