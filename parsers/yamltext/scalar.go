package yamltext

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// scalarSpan finds the bytes of a scalar: with its quotes, from its "|" to the
// end of its content, without its anchor and tag. exact is false when the text
// there is not the scalar.
func (c *converter) scalarSpan(n *yaml.Node) (start, end int, exact bool) {
	start = c.offset(n.Line, n.Column)
	style := n.Style &^ yaml.TaggedStyle
	if style == 0 && n.Value == "" {
		return start, c.emptyEnd(n, start), true
	}
	start = c.properties(start, len(c.data))
	switch style {
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		end, exact = quotedEnd(c.data, start)
	case yaml.LiteralStyle, yaml.FoldedStyle:
		end, exact = blockEnd(c.data, start, n.Value)
	default:
		end = start + len(n.Value)
		exact = end <= len(c.data) && string(c.data[start:end]) == n.Value
		if !exact {
			end, exact = unfold(c.data[start:], 0, n.Value, nil)
			end += start
		}
	}
	if !exact {
		end = start
	}
	return start, end, exact
}

// emptyEnd is the end of a scalar without text: of its properties, if any.
func (c *converter) emptyEnd(n *yaml.Node, pos int) int {
	end, anchor, tag := pos, n.Anchor != "", n.Style&yaml.TaggedStyle != 0
	for pos < len(c.data) {
		switch {
		case anchor && c.data[pos] == '&':
			anchor = false
		case tag && c.data[pos] == '!':
			tag = false
		default:
			return end
		}
		end = c.property(pos)
		pos = c.blanks(end)
	}
	return end
}

// quotedEnd is the end of the quoted scalar at start.
func quotedEnd(data []byte, start int) (int, bool) {
	if start >= len(data) {
		return start, false
	}
	switch data[start] {
	case '"':
		for i := start + 1; i < len(data); i++ {
			switch data[i] {
			case '\\':
				i++
			case '"':
				return i + 1, true
			}
		}
	case '\'':
		for i := start + 1; i < len(data); i++ {
			if data[i] == '\'' {
				if i+1 == len(data) || data[i+1] != '\'' {
					return i + 1, true
				}
				i++
			}
		}
	}
	return start, false
}

// resolve is what Kubernetes takes a scalar for, and its text.
func resolve(n *yaml.Node) (graph.Kind, string) {
	switch n.Tag {
	case "!!int", "!!float":
		if kind := plainKind(n.Value); kind == graph.Number || n.Style&yaml.TaggedStyle == 0 {
			return graph.Number, n.Value
		}
	case "!!bool":
		if kind := plainKind(n.Value); kind == graph.Bool {
			return kind, boolText(n.Value)
		}
	case "!!null":
		if kind := plainKind(n.Value); kind == graph.Null {
			return kind, ""
		}
	case "!!str":
		if n.Style == 0 && plainKind(n.Value) == graph.Bool {
			return graph.Bool, boolText(n.Value)
		}
	case "!!binary":
		if data, err := base64.StdEncoding.DecodeString(n.Value); err == nil {
			return graph.String, string(data)
		}
	}
	return graph.String, n.Value
}

// plainKind tells booleans, nulls and numbers by their text.
func plainKind(text string) graph.Kind {
	switch text {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE",
		"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE":
		return graph.Bool
	case "", "~", "null", "Null", "NULL":
		return graph.Null
	}
	if strings.IndexByte("+-.0123456789", text[0]) < 0 {
		return graph.String
	}
	return graph.Number
}

func boolText(text string) string {
	switch text[0] {
	case 'y', 'Y', 't', 'T':
		return "true"
	case 'o', 'O':
		if text[1] == 'n' || text[1] == 'N' {
			return "true"
		}
	}
	return "false"
}

// keyText is the text of a key after its way through JSON, where keys are
// strings.
func keyText(kind graph.Kind, text string) string {
	if kind != graph.Number {
		return text
	}
	plain := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return strconv.FormatInt(i, 10)
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil {
		return strconv.FormatFloat(f, 'g', -1, 32)
	}
	return text
}

// header reads the "|" or ">" of a block scalar: where its indicators end,
// where its first line starts and whether it keeps trailing line breaks.
func header(data []byte, start int) (end, next int, keep, ok bool) {
	if start >= len(data) || data[start] != '|' && data[start] != '>' {
		return start, start, false, false
	}
	for end = start + 1; end < len(data) && bytes.IndexByte([]byte("+-0123456789"), data[end]) >= 0; end++ {
		keep = keep || data[end] == '+'
	}
	next = end
	for next < len(data) && breakAt(data, next) == 0 {
		next++
	}
	if next < len(data) {
		next += breakAt(data, next)
	}
	return end, next, keep, true
}

// emptyLines reads the empty lines that text, of a block scalar, starts with.
// It returns where the last one ends, where the next line starts and the rest
// of the text.
func emptyLines(data []byte, pos int, text string) (last, next int, rest string, ok bool) {
	for text != "" {
		n := breakAt([]byte(text[:min(3, len(text))]), 0)
		if n == 0 {
			break
		}
		text = text[n:]
		for pos < len(data) && data[pos] == ' ' {
			pos++
		}
		if pos >= len(data) || breakAt(data, pos) == 0 {
			return pos, pos, text, false
		}
		last = pos
		pos += breakAt(data, pos)
	}
	return last, pos, text, true
}

// indentation counts the spaces that a line has more than the text it became.
func indentation(line []byte, text string) int {
	spaces := len(line) - len(bytes.TrimLeft(line, " "))
	return max(0, spaces-(len(text)-len(strings.TrimLeft(text, " "))))
}

// blockEnd is the end of the content of the block scalar at start, without
// the last line's break.
func blockEnd(data []byte, start int, text string) (int, bool) {
	end, pos, keep, ok := header(data, start)
	if !ok {
		return start, false
	}
	last, pos, text, ok := emptyLines(data, pos, text)
	switch {
	case !ok:
		return start, false
	case text == "" && keep:
		return max(end, last), true
	case text == "":
		return end, true
	}
	indent := indentation(data[pos:], text)
	for pos < len(data) {
		column := 0
		for column < indent && pos < len(data) && data[pos] == ' ' {
			pos++
			column++
		}
		if pos == len(data) {
			break
		}
		n := breakAt(data, pos)
		if n == 0 && column < indent {
			break
		}
		content := n == 0
		for pos < len(data) && n == 0 {
			if n = breakAt(data, pos); n == 0 {
				pos++
			}
		}
		if content || keep && n > 0 {
			end = pos
		}
		pos += n
	}
	return end, true
}
