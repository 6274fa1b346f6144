package yamltext

import (
	"bytes"

	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Comments are the comments of YAML text, which may be the text of a Helm
// template: there {{/* … */}} is one too. What a comment speaks about is told
// by indentation, as in YAML itself; between {{ if }} and {{ end }} by those.
// A comment above the first line of an object, apiVersion or kind, speaks about
// all of the object.
//
// Comments are for what people say about their files, not for what the files
// say: text that does not parse has comments as well.
func Comments(f *source.File) []source.Comment {
	c := commentReader{file: f, lines: commentLines(f)}
	var all []source.Comment
	for i := range c.lines {
		for _, m := range c.lines[i].comments {
			all = append(all, c.comment(i, m))
		}
	}
	return all
}

// A commentLine is a line as far as comments need it.
type commentLine struct {
	start    int // of the line in the file
	indent   int
	kind     lineKind
	dash     bool // begins an item of a list
	header   bool // begins an object: apiVersion or kind
	opens    int  // how many template blocks are opened more than closed
	closes   bool // closes a template block before it opens one
	comments []textRange
}

type lineKind uint8

const (
	contentLine lineKind = iota
	blankLine
	commentOnly
	templateOnly // {{ if }}, {{ end }}: its indentation means nothing
	separatorLine
)

type textRange struct{ start, end, textStart, textEnd int } // in the file

var (
	templateComment = late.Pattern(`\{\{-?\s*/\*((?s:.*?))\*/\s*-?\}\}`)
	templateAction  = late.Pattern(`\{\{-?\s*(if|with|range|define|block|end)\b`)
	objectHeader    = late.Pattern(`^(apiVersion|kind):`)
	blockScalar     = late.Pattern(`(^|[:\-]\s|\s)[|>][-+0-9]*\s*$`)
)

func commentLines(f *source.File) []commentLine {
	lines := make([]commentLine, f.Lines())
	scalar := -1 // the indentation of the key whose block scalar this is in
	for i := range lines {
		span := f.LineSpan(i + 1)
		text := f.Data[span.Start:span.End]
		l := &lines[i]
		l.start = span.Start
		trimmed := bytes.TrimLeft(text, " \t")
		l.indent = len(text) - len(trimmed)
		if len(trimmed) == 0 {
			l.kind = blankLine
			continue
		}
		for _, m := range templateComment().FindAllSubmatchIndex(text, -1) {
			l.comments = append(l.comments, textRange{span.Start + m[0], span.Start + m[1], span.Start + m[2], span.Start + m[3]})
		}
		bare := templateComment().ReplaceAll(text, nil)
		for _, m := range templateAction().FindAllSubmatch(bare, -1) {
			if string(m[1]) != "end" {
				l.opens++
				continue
			}
			l.closes = l.closes || l.opens == 0
			l.opens--
		}
		inScalar := scalar >= 0 && l.indent > scalar
		if !inScalar {
			scalar = -1
			if at := hash(text); at >= 0 {
				l.comments = append(l.comments, textRange{span.Start + at, span.End, span.Start + at + 1, span.End})
				bare = bytes.TrimRight(bare[:min(max(hash(bare), 0), len(bare))], " \t")
			}
		}
		bare = bytes.TrimSpace(bare)
		switch {
		case len(bare) == 0:
			l.kind = commentOnly
		case l.indent == 0 && (marker(text, "---") || marker(text, "...")):
			l.kind = separatorLine
		case bytes.HasPrefix(bare, []byte("{{")) && bytes.HasSuffix(bare, []byte("}}")) && bytes.Count(bare, []byte("{{")) == 1 && templateAction().Match(bare):
			l.kind = templateOnly
		}
		l.header = objectHeader().Match(bare)
		l.dash = bytes.HasPrefix(trimmed, []byte("- ")) || string(trimmed) == "-"
		if !inScalar && blockScalar().Match(bare) {
			scalar = l.indent
		}
	}
	return lines
}

// hash is where a line's # comment begins, -1 when it has none. A # counts at
// the start or behind a blank, and not in quotes or in a template action.
func hash(line []byte) int {
	before := byte(' ')
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '#' && (before == ' ' || before == '\t'):
			return i
		case bytes.HasPrefix(line[i:], []byte("{{")):
			if end := bytes.Index(line[i:], []byte("}}")); end >= 0 {
				i += end + 1
			}
		case (c == '"' || c == '\'') && bytes.IndexByte([]byte(" \t[{,:"), before) >= 0:
			i = quoteEnd(line, i)
		}
		if i < len(line) {
			before = line[i]
		}
	}
	return -1
}

// quoteEnd is the index of the quote that closes the one at start, or the end
// of the line.
func quoteEnd(line []byte, start int) int {
	quote := line[start]
	for i := start + 1; i < len(line); i++ {
		switch {
		case quote == '"' && line[i] == '\\':
			i++
		case line[i] == quote:
			if quote == '\'' && i+1 < len(line) && line[i+1] == quote {
				i++
				continue
			}
			return i
		}
	}
	return len(line)
}

type commentReader struct {
	file  *source.File
	lines []commentLine
}

func (c commentReader) comment(at int, m textRange) source.Comment {
	text := bytes.TrimSpace(c.file.Data[m.textStart:m.textEnd])
	comment := source.Comment{
		Span:   source.Span{File: c.file, Start: m.start, End: m.end},
		Text:   string(text),
		Scope:  source.Span{File: c.file, Start: m.start, End: m.start},
		Within: c.around(at),
	}
	about := at
	if c.lines[at].kind == commentOnly {
		for about < len(c.lines) && c.lines[about].kind == commentOnly {
			about++
		}
		if about == len(c.lines) || c.lines[about].kind == blankLine {
			return comment
		}
	}
	last := c.end(about)
	if about > at && c.lines[about].header && c.opensDocument(about) {
		last = c.documentEnd(about)
	}
	comment.Scope = c.file.WholeLines(about+1, last+1)
	return comment
}

// end is the last line of what begins on a line.
func (c commentReader) end(first int) int {
	l := c.lines[first]
	switch {
	case l.kind == separatorLine:
		return c.documentEnd(first)
	case l.opens > 0:
		return c.templateEnd(first)
	}
	last, items := first, -1 // items: whether what is nested is a list at the key's own column
	for i := first + 1; i < len(c.lines); i++ {
		n := c.lines[i]
		if n.kind == separatorLine {
			break
		}
		if n.kind != contentLine {
			continue
		}
		nested := n.indent > l.indent || n.indent == l.indent && n.dash && !l.dash
		if items < 0 {
			items = 0
			if n.indent == l.indent && n.dash && !l.dash {
				items = 1
			}
		}
		if !nested || n.indent == l.indent && items == 0 {
			break
		}
		last = i
	}
	return last
}

// opensDocument tells whether a line is the first with content in its
// document.
func (c commentReader) opensDocument(line int) bool {
	for i := line - 1; i >= 0; i-- {
		switch c.lines[i].kind {
		case contentLine:
			return false
		case separatorLine:
			return true
		}
	}
	return c.lines[line].indent == 0
}

func (c commentReader) documentEnd(first int) int {
	last := first
	for i := first + 1; i < len(c.lines) && c.lines[i].kind != separatorLine; i++ {
		if c.lines[i].kind != blankLine {
			last = i
		}
	}
	return last
}

// templateEnd is the line with the {{ end }} of what is opened on a line.
func (c commentReader) templateEnd(first int) int {
	depth := 0
	for i := first; i < len(c.lines); i++ {
		if depth += c.lines[i].opens; depth <= 0 {
			return i
		}
	}
	return len(c.lines) - 1
}

// around is the document that a line stands in.
func (c commentReader) around(at int) source.Span {
	first := at
	for first > 0 && c.lines[first-1].kind != separatorLine {
		first--
	}
	return c.file.WholeLines(first+1, c.documentEnd(first)+1)
}
