package hcltext

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Comments are the comments of a native file; JSON has none. What a comment
// speaks about is the line it stands behind, or the one after it, with all
// that is opened there: a block, a list, a heredoc. Text that does not parse
// has comments as well.
func Comments(f *source.File) []source.Comment {
	if strings.HasSuffix(f.Path, ".json") {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(f.Data, f.Path, hcl.InitialPos)
	lines := linesOf(f, tokens)
	var all []source.Comment
	for _, t := range tokens {
		if t.Type != hclsyntax.TokenComment {
			continue
		}
		text := strings.TrimRight(string(t.Bytes), "\r\n")
		span := source.Span{File: f, Start: t.Range.Start.Byte, End: t.Range.Start.Byte + len(text)}
		first, last := f.Position(span.Start).Line, f.Position(span.End).Line
		c := source.Comment{Span: span, Text: uncommented(text), Scope: source.Span{File: f, Start: span.Start, End: span.Start}}
		c.Within = f.WholeLines(lines.around(first))
		about := first
		if !lines[first].content {
			for about = last + 1; about < len(lines) && lines[about].comment && !lines[about].content; {
				about++
			}
		}
		if about < len(lines) && lines[about].content {
			c.Scope = f.WholeLines(about, lines.end(about))
		}
		all = append(all, c)
	}
	return all
}

// uncommented is a comment without its marks.
func uncommented(text string) string {
	switch {
	case strings.HasPrefix(text, "/*"):
		text = strings.TrimSuffix(text[2:], "*/")
	case strings.HasPrefix(text, "//"):
		text = text[2:]
	default:
		text = strings.TrimLeft(text, "#")
	}
	return strings.TrimSpace(text)
}

// A hclLine is a line as far as comments need it.
type hclLine struct {
	content, comment bool
	depth            int // of nesting at the end of the line
}

// hclLines are all lines of a file, from 1.
type hclLines []hclLine

func linesOf(f *source.File, tokens hclsyntax.Tokens) hclLines {
	lines := make(hclLines, f.Lines()+1)
	depth, filled := 0, 0
	for _, t := range tokens {
		line := f.Position(t.Range.Start.Byte).Line
		for ; filled < line; filled++ {
			lines[filled].depth = depth
		}
		switch t.Type {
		case hclsyntax.TokenComment:
			lines[line].comment = true
			continue
		case hclsyntax.TokenNewline, hclsyntax.TokenEOF:
			continue
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			depth--
		}
		lines[line].content = true
	}
	for ; filled < len(lines); filled++ {
		lines[filled].depth = depth
	}
	return lines
}

// end is the last line of what is opened on a line.
func (l hclLines) end(first int) int {
	for line := first; line < len(l); line++ {
		if l[line].depth <= l[first-1].depth {
			return line
		}
	}
	return len(l) - 1
}

// around is the innermost block, list or text that a line stands in.
func (l hclLines) around(line int) (first, last int) {
	for first = line - 1; first >= 1; first-- {
		if l[first].depth > l[first-1].depth && l.end(first) >= line && l[first-1].depth < l[line-1].depth {
			return first, l.end(first)
		}
	}
	return 1, len(l) - 1
}
