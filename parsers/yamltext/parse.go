package yamltext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// maxValues bounds the values of a document, by an estimate that is cheap and
// never too low: what separates values. It bounds memory, which the library
// takes a lot of.
const maxValues = 6 << 20

// chunk adds the documents of a chunk: one, unless the library sees a
// separator that split does not.
func (p *parser) chunk(ch chunk, docs []Document) []Document {
	span := source.Span{File: p.file, Start: ch.start, End: ch.end}
	data := p.file.Data[:ch.end]
	lines, ascii, bad := scan(data, ch.start)
	if bad != nil {
		return append(docs, Document{Span: span, Problem: p.problem(bad)})
	}
	if isJSON(data[ch.start:]) {
		if root := p.json(data, ch.start); root != nil {
			return append(docs, Document{Root: root, Span: span})
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data[ch.start:]))
	for {
		n := new(yaml.Node)
		err := guard(func() error { return decoder.Decode(n) })
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			bad := locate(err, data, ch.start, lines)
			return append(docs, Document{Span: span, Problem: p.problem(bad)})
		}
		if len(n.Content) == 0 {
			continue
		}
		c := &converter{parser: p, data: data, start: ch.start, lines: lines, ascii: ascii}
		root, start, end := c.node(n.Content[0])
		switch {
		case c.problem != nil:
			docs = append(docs, Document{Span: span, Problem: p.problem(c.problem)})
		case root.Kind() != graph.Null || start != end:
			docs = append(docs, Document{Root: root, Span: span})
		}
	}
}

// scan lists where the lines start, as the library counts them, and finds
// what it would not read.
func scan(data []byte, start int) (lines []int, ascii bool, bad *problem) {
	lines = make([]int, 1, min(bytes.Count(data[start:], []byte{'\n'}), maxValues)+1)
	lines[0], ascii = start, true
	fail := func(i, n int, format string, args ...any) *problem {
		return &problem{i, i + n, fmt.Sprintf(format, args...)}
	}
	values := 0
	for i := start; i < len(data); {
		if values > maxValues {
			return lines, ascii, fail(start, 0, "more than %d values in one document", maxValues)
		}
		switch b := data[i]; {
		case b == '\n' || b == '\r':
			i += breakAt(data, i)
			lines = append(lines, i)
			values++
		case b == ',' || b == ':' || b == '[' || b == '{' || b == '-':
			values++
			i++
		case b < 0x20 && b != '\t' || b == 0x7F:
			return lines, ascii, fail(i, 1, "control character %q", b)
		case b < utf8.RuneSelf:
			i++
		default:
			ascii = false
			r, n := utf8.DecodeRune(data[i:])
			switch {
			case r == utf8.RuneError && n == 1:
				if i == 0 && len(data) > 1 && (b == 0xFF && data[1] == 0xFE || b == 0xFE && data[1] == 0xFF) {
					return lines, ascii, fail(i, 2, "the text is UTF-16; save it as UTF-8")
				}
				return lines, ascii, fail(i, 1, "the text is not UTF-8")
			case r < 0xA0 && r != 0x85 || r == 0xFFFE || r == 0xFFFF:
				return lines, ascii, fail(i, n, "control character %q", r)
			}
			if breakAt(data, i) > 0 {
				lines = append(lines, i+n)
			}
			i += n
		}
	}
	return lines, ascii, nil
}
