package edit

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// addArgument writes an argument or a block at the end of a block of HCL.
func (w writing) addArgument(span source.Span, key string, data *graph.Node) ([]Edit, error) {
	f := span.File
	open := span.Start + len(bodyHead().FindString(span.Text()))
	l := lineAt(f.Data, span.Start)
	indent := l.before[:len(l.before)-len(strings.TrimLeft(l.before, " \t"))]
	inner := indent + w.step
	text := inner + w.body(key, data, inner, true) + w.newline
	closing := lineAt(f.Data, span.End-1)
	if closing.start > open && strings.TrimSpace(closing.before) == "" {
		if aligned, ok := w.aligned(f.Data, closing.start, key, inner, data); ok {
			text = aligned
		} else if argument(f.Data, closing.start, inner) {
			text = w.newline + text // another group, as terraform fmt aligns the lines of each
		}
		return replaced(f, closing.start, closing.start, text), nil
	}
	content := strings.TrimSpace(string(f.Data[open : span.End-1]))
	if strings.ContainsAny(content, "\r\n") {
		return nil, refuse("the block is written in an unusual way")
	}
	if content != "" {
		text = inner + content + w.newline + text
	}
	return replaced(f, open, span.End-1, w.newline+text+indent), nil
}

// aligned is an argument with its equals sign below the one on the line above,
// when the key is short enough, as terraform fmt has it.
func (w writing) aligned(data []byte, pos int, key, indent string, value *graph.Node) (string, bool) {
	if !argument(data, pos, indent) || value.Kind() == graph.Map {
		return "", false
	}
	name, _, _ := strings.Cut(above(data, pos), " = ")
	written := indent + w.key(key)
	if len(written) > len(name) {
		return "", false
	}
	return written + strings.Repeat(" ", len(name)-len(written)) + " = " + w.flow(value) + w.newline, true
}

// argument tells whether the line above is an argument at that indentation.
func argument(data []byte, pos int, indent string) bool {
	line := above(data, pos)
	_, _, ok := strings.Cut(line, " = ")
	return ok && strings.HasPrefix(line, indent) && strings.TrimLeft(line, " ") == line[len(indent):] && line[len(indent)] != '#'
}

// above is the line before the one that starts at pos.
func above(data []byte, pos int) string {
	if pos < 2 {
		return ""
	}
	l := lineAt(data, pos-1)
	if data[pos-1] == '\n' && data[pos-2] == '\r' {
		l = lineAt(data, pos-2)
	}
	return string(data[l.start:l.end])
}
