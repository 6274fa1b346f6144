package printer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A cell is one character of a source line as it is shown.
type cell struct {
	text   string
	width  int
	offset int // in the file
}

const tabStop = 4

// cells are the characters of a line, tabs as blanks.
func cells(line source.Span) []cell {
	text := line.Text()
	var out []cell
	column := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		c := cell{offset: line.Start + i}
		switch {
		case r == '\t':
			c.text = strings.Repeat(" ", tabStop-column%tabStop)
		case r == '\ufeff' && c.offset == 0:
		default:
			c.text = visible(r, text[i:])
		}
		c.width = columns(c.text)
		column += c.width
		out = append(out, c)
		i += n
	}
	return out
}

// snippet is the first line of a place with a mark under what of it is meant.
func (o Options) snippet(b *strings.Builder, at *source.Origin, mark style) {
	if at.Exact == source.InFile || len(at.Span.File.Data) == 0 {
		return
	}
	p := at.Span.From()
	number := fmt.Sprint(p.Line)
	gutter := strings.Repeat(" ", len(number))
	line := cells(near(at.Span.File.LineSpan(p.Line), at.Span.Start, 4*o.width()))
	from, to := marked(line, at)
	room := o.width() - len(number) - 6
	line, from, to = window(line, from, to, room)

	var text, under strings.Builder
	for i, c := range line {
		text.WriteString(c.text)
		m := " "
		if i >= from && i < to {
			m = "^"
		}
		under.WriteString(strings.Repeat(m, c.width))
	}
	if from >= len(line) && at.Exact == source.AtToken { // an empty token at the end of the line
		under.WriteString("^")
	}
	bar := o.paint(dim, "|")
	fmt.Fprintf(b, "  %s %s %s\n", o.paint(dim, number), bar, strings.TrimRight(text.String(), " "))
	if marks := strings.TrimRight(under.String(), " "); marks != "" {
		indent := len(marks) - len(strings.TrimLeft(marks, " "))
		fmt.Fprintf(b, "  %s %s %s%s\n", gutter, bar, marks[:indent], o.paint(mark, marks[indent:]))
	}
}

// near is the part of a line within so many bytes of an offset, in whole
// characters: a line of minified JSON is far longer than what is shown of it.
func near(line source.Span, offset, reach int) source.Span {
	data := line.File.Data
	start, end := max(line.Start, offset-reach), min(line.End, offset+reach)
	for start > line.Start && !utf8.RuneStart(data[start]) {
		start--
	}
	for end < line.End && !utf8.RuneStart(data[end]) {
		end++
	}
	line.Start, line.End = start, max(start, end)
	return line
}

// marked are the cells to underline: none where only the block is known, the
// written part of the line where only the line is.
func marked(line []cell, at *source.Origin) (from, to int) {
	if at.Exact == source.InBlock {
		return 0, 0
	}
	start, end := at.Span.Start, max(at.Span.End, at.Span.Start+1)
	if at.Exact == source.AtLine {
		start, end = 0, len(at.Span.File.Data)
	}
	from, to = len(line), len(line)
	for i, c := range line {
		if c.offset >= start && from == len(line) {
			from = i
		}
		if c.offset >= end {
			to = i
			break
		}
	}
	for from < to && strings.TrimSpace(line[from].text) == "" {
		from++
	}
	for to > from && strings.TrimSpace(line[to-1].text) == "" {
		to--
	}
	return from, to
}

// window cuts a line to so many columns around what is marked.
func window(line []cell, from, to, room int) ([]cell, int, int) {
	total := 0
	for _, c := range line {
		total += c.width
	}
	if total <= room {
		return line, from, to
	}
	ellipsis := cell{text: "…", width: 1, offset: -1}
	// Start far enough left to show what leads to the mark, then fill up.
	first, used := from, 0
	lead := room / 3
	for first > 0 && used+line[first-1].width <= lead {
		first--
		used += line[first].width
	}
	last := first
	used = 0
	for last < len(line) && used+line[last].width <= room-2 {
		used += line[last].width
		last++
	}
	for first > 0 && used+line[first-1].width <= room-2 {
		first--
		used += line[first].width
	}
	shown := append([]cell{}, line[first:last]...)
	from, to = from-first, min(to, last)-first
	if first > 0 {
		shown = append([]cell{ellipsis}, shown...)
		from, to = from+1, to+1
	}
	if last < len(line) {
		shown = append(shown, ellipsis)
	}
	return shown, from, to
}
