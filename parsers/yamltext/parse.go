package yamltext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	yamlv2 "go.yaml.in/yaml/v2"
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

// problem makes a problem of the graph's.
func (p *parser) problem(bad *problem) *graph.Problem {
	at := *p.handle(bad.start, bad.end).Origin()
	if bytes.ContainsAny(p.file.Data[bad.start:bad.end], "\r\n") {
		at.Exact = min(at.Exact, source.InBlock)
	}
	at.Exact = min(at.Exact, source.AtLine)
	return &graph.Problem{Level: graph.Error, Message: "invalid YAML: " + bad.message, At: &at}
}

// guard turns a panic of the library into an error: hostile text must not end
// the program.
func guard(decode func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return decode()
}

// scan lists where the lines start, as the library counts them, and finds
// what it would not read.
func scan(data []byte, start int) (lines []int, ascii bool, bad *problem) {
	lines, ascii = append(lines, start), true
	fail := func(i, n int, format string, args ...any) *problem {
		return &problem{i, i + n, fmt.Sprintf(format, args...)}
	}
	values := 0
	for i := start; i < len(data); {
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
	if values > maxValues {
		return lines, ascii, fail(start, 0, "more than %d values in one document", maxValues)
	}
	return lines, ascii, nil
}

var errorLine = regexp.MustCompile(`^yaml: line (\d+): `)

// locate finds the line of an error. The library names the line where what it
// was reading began, which is the place to look at for a quote that never
// ends, but not for a key too many: its older sister names that one. Both
// leave the line out when it is the first and count parser errors from 0; the
// line break in front settles the one, the wording the other.
func locate(err error, data []byte, start int, lines []int) *problem {
	text := append([]byte{'\n'}, data[start:]...)
	if e := guard(func() error { return yaml.Unmarshal(text, new(yaml.Node)) }); e != nil {
		err = e
	}
	what, line := message(err)
	if m := unknownAnchor.FindStringSubmatch(what); m != nil {
		if i := aliasOf(data, start, m[1]); i >= 0 {
			return &problem{i, i + 1 + len(m[1]), "no anchor is named " + m[1]}
		}
	}
	if line == 0 {
		return &problem{start, len(data), what}
	}
	if fromParser(what) {
		if e := guard(func() error { return yamlv2.Unmarshal(text, new(struct{})) }); e != nil {
			if same, l := message(e); same == what {
				line = l
			}
		}
		line++
	}
	line = min(max(line-1, 1), len(lines)) // without the line break in front
	at := lines[line-1]
	end := at
	for end < len(data) && breakAt(data, end) == 0 {
		end++
	}
	for at < end && isBlank(data[at]) {
		at++
	}
	return &problem{at, end, what}
}

var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

// aliasOf finds the first alias of that name.
func aliasOf(data []byte, start int, name string) int {
	alias := []byte("*" + name)
	for i := start; ; {
		n := bytes.Index(data[i:], alias)
		if n < 0 {
			return -1
		}
		i += n
		after := i + len(alias)
		if (i == start || bytes.IndexByte([]byte(" \t\r\n[{,"), data[i-1]) >= 0) && (after == len(data) || !anchorByte(data[after])) {
			return i
		}
		i = after
	}
}

// message takes the line out of an error's text.
func message(err error) (what string, line int) {
	text := err.Error()
	if m := errorLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		return text[len(m[0]):], line
	}
	return strings.TrimPrefix(text, "yaml: "), 0
}

// fromParser tells the errors of the library's parser from those of its
// scanner.
func fromParser(message string) bool {
	for _, m := range [...]string{
		"did not find expected <", "did not find expected node content", "did not find expected key",
		"did not find expected '-' indicator", "did not find expected ',' or", "found undefined tag handle",
		"found duplicate %", "found incompatible YAML document",
	} {
		if strings.HasPrefix(message, m) {
			return true
		}
	}
	return false
}
