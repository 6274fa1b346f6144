package yamltext

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A problem is the first thing that makes a document useless.
type problem struct {
	start, end int
	message    string
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

var errorLine = late.Pattern(`^yaml: line (\d+): `)

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
	if m := unknownAnchor().FindStringSubmatch(what); m != nil {
		if i := aliasOf(data, start, m[1]); i >= 0 {
			return &problem{i, i + 1 + len(m[1]), "no anchor is named " + m[1]}
		}
	}
	if line == 0 {
		return &problem{start, len(data), what}
	}
	began := line
	if !unfinished(what) {
		if e := guard(func() error { return yamlv2.Unmarshal(text, new(struct{})) }); e != nil {
			if same, l := message(e); same == what {
				line = l
			}
		}
	}
	if fromParser(what) {
		began, line = began+1, line+1
	}
	from, to := lineOf(data, lines, line-1) // without the line break in front
	if from == to {                         // the end: what is it that ends too early?
		if began == line {
			began = len(lines) + 1
		}
		for from == to && began > 1 {
			from, to = lineOf(data, lines, began-1)
			began--
		}
	}
	if data[from] == '\t' {
		what = "a tab cannot indent YAML"
	}
	return &problem{from, to, plainWords(what)}
}

// lineOf is the text of line n, counted from 1, without its indentation in
// spaces.
func lineOf(data []byte, lines []int, n int) (from, to int) {
	from = lines[min(max(n, 1), len(lines))-1]
	for to = from; to < len(data) && breakAt(data, to) == 0; {
		to++
	}
	for from < to && data[from] == ' ' {
		from++
	}
	return from, to
}

// unfinished tells of which errors the place is where the thing began.
func unfinished(message string) bool {
	switch message {
	case "found unexpected end of stream", "found unexpected document indicator", "could not find expected ':'":
		return true
	}
	return false
}

// plainWords says common errors so that they help without a YAML grammar.
func plainWords(message string) string {
	switch message {
	case "found unexpected end of stream", "found unexpected document indicator":
		return "the text in quotes does not end"
	case "could not find expected ':'":
		return "a key without a colon"
	case "mapping values are not allowed in this context":
		return "a key is not allowed here; is the line above indented alike, or text with a colon not quoted?"
	case "found character that cannot start any token":
		return "text that starts like this needs quotes"
	case "did not find expected key":
		return "expected a key at this indentation"
	case "did not find expected '-' indicator":
		return "expected an item with \"-\" at this indentation"
	}
	return message
}

var unknownAnchor = late.Pattern(`^unknown anchor '(.*)' referenced$`)

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
	if m := errorLine().FindStringSubmatch(text); m != nil {
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
