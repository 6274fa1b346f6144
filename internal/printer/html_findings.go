package printer

import (
	"fmt"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// byRule writes the rules that found something, each with why it matters, what
// to do, and where.
func (h *htmlReport) byRule() {
	if len(h.report.Findings) == 0 {
		return
	}
	found := map[*analyzers.Rule][]*analyzers.Finding{}
	for _, f := range h.report.Findings {
		found[f.Rule] = append(found[f.Rule], f)
	}
	h.open("section", "id", "rules")
	h.element("h2", "Findings by rule")
	for _, t := range tallies(h.report) {
		h.open("details", "class", "rule", "id", "rule-"+t.rule.ID)
		h.open("summary")
		h.badge(t.rule.Severity)
		h.element("b", fmt.Sprint(t.count), "class", "count")
		h.open("span")
		h.text("%s ", t.rule.Title)
		h.element("code", t.rule.ID)
		h.close(2)
		h.prose(t.rule.Why)
		h.prose("What to do: " + t.rule.Remedy)
		h.element("a", "More about the rule", "href", t.rule.Page(), "rel", "noreferrer noopener")
		h.links(found[t.rule])
		h.close(1)
	}
	h.close(1)
}

func (h *htmlReport) badge(s analyzers.Severity) {
	h.element("span", s.String(), "class", "badge "+s.String())
}

// byFile writes every finding below its file, with a filter over them.
func (h *htmlReport) byFile() {
	shown := h.detailed()
	if len(shown) == 0 {
		if len(h.report.Problems) == 0 {
			h.element("p", "Nothing was found.", "class", "lead")
		}
		return
	}
	h.open("section", "id", "files")
	h.element("h2", "Findings by file")
	if left := len(h.report.Findings) - len(shown); left > 0 {
		h.element("p", fmt.Sprintf("%d findings are not shown here, only the %d worst.", left, len(shown)))
	}
	h.filter()
	for i := 0; i < len(shown); {
		file := h.fileOf(shown[i])
		h.open("section", "class", "file")
		h.path("h3", file)
		for i < len(shown) && h.fileOf(shown[i]) == file {
			h.finding(shown[i])
			i++
		}
		h.close(1)
	}
	h.close(1)
}

func (h *htmlReport) fileOf(f *analyzers.Finding) string {
	if at := f.Place(); at != nil && at.Span.File != nil {
		return h.opt.file(at.Span.File)
	}
	return "In no file"
}

// filter writes the controls of the page's script, which shows them.
func (h *htmlReport) filter() {
	h.open("form", "id", "filter", "hidden", "hidden")
	h.open("label")
	h.text("Filter ")
	h.tag("input", "type", "search", "name", "words", "placeholder", "rule, file, resource, message")
	h.close(1)
	for s := analyzers.Critical; ; s-- {
		h.open("label")
		h.tag("input", "type", "checkbox", "name", "severity", "value", s.String(), "checked", "checked")
		h.text(" %s", s)
		h.close(1)
		if s == analyzers.Info {
			break
		}
	}
	h.element("output", "")
	h.close(1)
}

func (h *htmlReport) finding(f *analyzers.Finding) {
	at := f.Place()
	h.open("article", "id", fmt.Sprintf("f%d", h.number[f]), "data-severity", f.Rule.Severity.String())
	h.open("h4")
	h.badge(f.Rule.Severity)
	h.text(" %s", f.Text())
	h.close(1)
	h.open("p", "class", "small")
	if place := h.opt.where(at); place != "" {
		h.path("code", place)
		h.text(" ")
	}
	h.element("a", f.Rule.ID, "href", "#rule-"+f.Rule.ID)
	h.close(1)
	h.source(at)
	h.chain(f)
	if others := f.Others(); len(others) > 0 {
		h.open("details")
		h.element("summary", "Also in "+count(len(others), "more resource"))
		h.open("ul", "class", "links")
		for _, r := range others {
			h.element("li", r.Label)
		}
		h.close(2)
	}
	h.close(1)
}

// chain writes the further places of a finding, each with its source.
func (h *htmlReport) chain(f *analyzers.Finding) {
	places := f.Places()
	if len(places) == 0 {
		return
	}
	h.open("details")
	h.element("summary", count(len(places), "further place"))
	h.open("ol", "class", "chain")
	for _, n := range places {
		h.open("li")
		h.text("%s ", n.Text)
		h.path("code", h.opt.where(n.At))
		h.source(n.At)
		h.close(1)
	}
	h.close(2)
}
