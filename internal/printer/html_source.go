package printer

import (
	"fmt"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

const (
	// around is how many lines are shown before and after a place.
	around = 2
	// longest is how many lines of a place are shown, widest how many
	// characters of a line.
	longest = 12
	widest  = 240
)

// source writes the lines of a place, with what of them is meant marked.
func (h *htmlReport) source(at *source.Origin) {
	if at == nil || at.Span.File == nil || at.Exact == source.InFile || len(at.Span.File.Data) == 0 {
		return
	}
	file := at.Span.File
	first, last := at.Lines()
	end := file.Lines()
	from, to := max(first-around, 1), min(min(last, first+longest)+around, end)
	h.open("pre", "class", "source")
	for n := from; n <= to; n++ {
		h.line(at, n, n >= first && n <= last)
	}
	if last > first+longest {
		h.element("span", fmt.Sprintf("… to line %d", last), "class", "small")
		h.WriteString("\n")
	}
	h.close(1)
}

// line writes one line; in tells whether the place is on it.
func (h *htmlReport) line(at *source.Origin, n int, in bool) {
	span := at.Span.File.LineSpan(n)
	class := "line"
	if in {
		class = "line in"
	}
	h.open("span", "class", class)
	h.element("i", fmt.Sprint(n))
	reach := near(span, max(at.Span.Start, span.Start), 4*widest)
	cells := cells(reach)
	from, to := len(cells), len(cells)
	if in && at.Exact == source.AtToken {
		from, to = marked(cells, at)
	}
	cells, from, to = window(cells, from, to, widest)
	for i, c := range cells {
		if i == from && from < to {
			h.open("mark")
		}
		h.text("%s", c.text)
		if i == to-1 && from < to {
			h.close(1)
		}
	}
	h.close(1)
}
