package printer

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/image"
)

// The looks of a page and the script that filters what it lists; the page
// works without.
var (
	//go:embed web/page.css
	pageStyle string
	//go:embed web/page.js
	pageScript string
)

// maxDetailed is how many findings a page shows; a browser takes no more.
const maxDetailed = 3000

// HTML writes a report as one page that needs nothing from elsewhere: a
// summary, the controls of frameworks that were asked for, the findings by rule
// and by file with their source and chain. A browser runs no script of it but
// the page's own, whatever it quotes.
func HTML(w io.Writer, r *analyzers.Report, opt Options) error {
	h := &htmlReport{opt: opt, report: r, number: map[*analyzers.Finding]int{}}
	for i, f := range h.detailed() {
		h.number[f] = i + 1
	}
	docs, err := documents(r)
	if err != nil {
		return err
	}
	h.frame("Seaworthy report", func() {
		h.summary()
		h.problems()
		h.images(docs)
		for _, a := range r.Assessments {
			h.assessment(a)
		}
		h.byRule()
		h.byFile()
	})
	_, err = io.WriteString(w, h.String())
	return err
}

// An htmlReport is a report that is being written as a page.
type htmlReport struct {
	page
	opt    Options
	report *analyzers.Report
	number map[*analyzers.Finding]int // of the findings that are shown
}

// detailed are the findings that are shown, in the report's order: all, or the
// worst when there are too many.
func (h *htmlReport) detailed() []*analyzers.Finding {
	all := h.report.Findings
	if len(all) <= maxDetailed {
		return all
	}
	worst := slices.Clone(all)
	slices.SortStableFunc(worst, func(a, b *analyzers.Finding) int { return int(b.Rule.Severity) - int(a.Rule.Severity) })
	kept := map[*analyzers.Finding]bool{}
	for _, f := range worst[:maxDetailed] {
		kept[f] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(f *analyzers.Finding) bool { return !kept[f] })
}

// frame writes what is around every page.
func (p *page) frame(title string, body func()) {
	hash := sha256.Sum256([]byte(pageScript))
	p.WriteString("<!DOCTYPE html>\n")
	p.open("html", "lang", "en")
	p.open("head")
	p.tag("meta", "charset", "utf-8")
	p.tag("meta", "http-equiv", "Content-Security-Policy", "content",
		"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'")
	p.tag("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
	p.tag("meta", "name", "color-scheme", "content", "light dark")
	p.element("title", title)
	p.WriteString("\n<style>\n" + pageStyle + "</style>\n")
	p.close(1)
	p.open("body")
	body()
	p.WriteString("\n<script>" + pageScript + "</script>\n")
	p.close(2)
	p.WriteString("\n")
}

// summary writes the head of the page: what was looked at and what came of it.
func (h *htmlReport) summary() {
	r := h.report
	h.open("header")
	h.element("h1", "Seaworthy")
	h.open("p", "class", "lead")
	h.text("%s with %s analysed", count(len(r.Roots), "root"), count(r.Resources, "resource"))
	if h.opt.Version != "" {
		h.text(" by version %s", h.opt.Version)
	}
	h.close(1)
	h.open("ul", "class", "cards")
	h.card(len(r.Findings), "findings", "total", "#files")
	counts := map[analyzers.Severity]int{}
	for _, f := range r.Findings {
		counts[f.Rule.Severity]++
	}
	for s := analyzers.Critical; ; s-- {
		h.card(counts[s], s.String(), s.String(), "")
		if s == analyzers.Info {
			break
		}
	}
	h.card(len(r.Unsure), "places unsure", "unsure", "")
	h.close(1)
	h.open("nav")
	for _, a := range r.Assessments {
		h.element("a", a.Title+" "+a.Version, "href", "#framework-"+a.ID)
	}
	if len(r.Findings) > 0 {
		h.element("a", "By rule", "href", "#rules")
		h.element("a", "By file", "href", "#files")
	}
	h.close(2)
}

// card writes a number and what it counts.
func (h *htmlReport) card(n int, noun, class, href string) {
	h.open("li", "class", class)
	h.element("b", fmt.Sprint(n))
	if href != "" && n > 0 {
		h.element("a", noun, "href", href)
	} else {
		h.element("span", noun)
	}
	h.close(1)
}

// problems writes what could not be analysed.
func (h *htmlReport) problems() {
	all := h.report.Problems
	if len(all) == 0 {
		return
	}
	failed := slices.ContainsFunc(all, func(p graph.Problem) bool { return p.Level == graph.Error })
	class, title := "notice", "What is not analysed"
	if failed {
		class, title = "notice incomplete", "The analysis is incomplete"
	}
	h.open("section", "class", class)
	h.element("h2", title)
	if failed {
		h.element("p", "What is below speaks of what could be read, parsed and rendered only.")
	}
	h.open("ul")
	for _, p := range all {
		h.open("li")
		if place := h.opt.where(p.At); place != "" {
			h.path("code", place)
			h.text(" ")
		}
		h.text("%s", p.Message)
		h.close(1)
	}
	h.close(2)
}

// images writes what the images that were read are made of.
func (h *htmlReport) images(docs []*image.Document) {
	if len(docs) == 0 {
		return
	}
	h.open("section", "class", "notice")
	h.element("h2", "Images")
	h.open("ul")
	for _, d := range docs {
		h.open("li")
		h.path("code", clean(d.Reference))
		h.text(" %s", made(d))
		h.close(1)
	}
	h.close(2)
}
