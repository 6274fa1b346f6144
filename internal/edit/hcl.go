package edit

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// addArgument writes an argument or a block at the end of a block of HCL.
func (w writing) addArgument(span source.Span, key string, data *graph.Node) ([]Edit, error) {
	f := span.File
	open := span.Start + len(bodyHead.FindString(span.Text()))
	l := lineAt(f.Data, span.Start)
	indent := l.before[:len(l.before)-len(strings.TrimLeft(l.before, " \t"))]
	inner := indent + w.step
	text := inner + w.body(key, data, inner, true) + w.newline
	closing := lineAt(f.Data, span.End-1)
	if closing.start > open && strings.TrimSpace(closing.before) == "" {
		text = w.aligned(f.Data, closing.start, key, inner, data, text)
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
func (w writing) aligned(data []byte, pos int, key, indent string, value *graph.Node, text string) string {
	if pos == 0 || value.Kind() == graph.Map {
		return text
	}
	above := lineAt(data, pos-1)
	line := string(data[above.start:above.end])
	name, _, ok := strings.Cut(line, " = ")
	if !ok || !strings.HasPrefix(line, indent) || strings.TrimLeft(line, " ") != line[len(indent):] {
		return text
	}
	column := len(name)
	if written := indent + w.key(key); len(written) < column {
		return written + strings.Repeat(" ", column-len(written)) + " = " + w.flow(value) + w.newline
	}
	return text
}
