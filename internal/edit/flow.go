package edit

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// opening is the bracket that the closing one at the end of a span belongs to.
func opening(data []byte, span source.Span) (int, bool) {
	var open []int
	quoted := false
	for i := span.Start; i < span.End; i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			open = append(open, i)
		case c == '}' || c == ']':
			if len(open) == 0 {
				return 0, false
			}
			if i == span.End-1 {
				return open[len(open)-1], true
			}
			open = open[:len(open)-1]
		}
	}
	return 0, false
}

// back is the end of the last thing before pos that is no white space.
func back(data []byte, pos int) int {
	for pos > 0 && strings.IndexByte(" \t\r\n", data[pos-1]) >= 0 {
		pos--
	}
	return pos
}

// forward is the start of the next thing from pos on that is no white space.
func forward(data []byte, pos int) int {
	for pos < len(data) && strings.IndexByte(" \t\r\n", data[pos]) >= 0 {
		pos++
	}
	return pos
}

var keyBefore = late.Pattern(`^([ -]*)(?:"[^"]*"|'[^']*'|[^\s"'#&*!|>{\[][^"'#{\[]*):[ \t]*$`)

// addPair writes a pair into a map in brackets.
func (w writing) addPair(span source.Span, key string, data *graph.Node) ([]Edit, error) {
	f := span.File
	last := back(f.Data, span.End-1)
	empty := last == span.Start+1
	if !empty && w.syntax != jsonText && strings.ContainsAny(span.Text(), "#") {
		return nil, refuse("there is a comment in the map")
	}
	if first := forward(f.Data, span.Start+1); f.Data[first] == '"' && (w.syntax == yamlText || strings.Contains(string(f.Data[first:span.End]), `":`)) {
		w.quoted = true
	}
	if empty && w.syntax == yamlText {
		if edits, ok := w.unfolded(span, key, data); ok {
			return edits, nil
		}
	}
	text := w.pair(key, data)
	if empty {
		if w.syntax == hclText {
			text = " " + text + " "
		}
		return replaced(f, span.Start+1, span.End-1, text), nil
	}
	return w.addLast(span, last, text)
}

// addLast writes text as the last part of a collection in brackets.
func (w writing) addLast(span source.Span, last int, text string) ([]Edit, error) {
	f := span.File
	if f.Data[last-1] == ':' {
		return nil, refuse("the last value is not written")
	}
	between := ", "
	if lines := string(f.Data[last : span.End-1]); strings.ContainsAny(lines, "\r\n") {
		l := lineAt(f.Data, last-1)
		content := string(f.Data[l.start:l.end])
		indent := content[:len(content)-len(strings.TrimLeft(content, " \t"))]
		between = "," + w.newline + indent
		if w.syntax == hclText && f.Data[span.Start] == '{' && !w.quoted {
			between = w.newline + indent
		}
	}
	if f.Data[last-1] == ',' {
		between = strings.TrimPrefix(between, ",")
		if w.syntax != jsonText && f.Data[span.Start] == '[' {
			text += ","
		}
	}
	return replaced(f, last, last, between+text), nil
}

// unfolded writes the first entry of an empty map in block style, where it is
// the value of a key and nothing follows on its line.
func (w writing) unfolded(span source.Span, key string, data *graph.Node) ([]Edit, bool) {
	f := span.File
	l := lineAt(f.Data, span.Start)
	m := keyBefore().FindStringSubmatch(l.before)
	if m == nil || span.End > l.end || inBrackets(f.Data, l.start) || strings.TrimSpace(string(f.Data[span.End:l.end])) != "" {
		return nil, false
	}
	indent, _ := indentation(m[1])
	w.quoted = false
	start := l.start + len(strings.TrimRight(l.before, " \t"))
	return replaced(f, start, span.End, w.under(Map(key, data), indent, indent+w.step)), true
}

// inBrackets tells whether the key that starts a line may be one in brackets:
// what stands before it ends with a comma or an opening bracket.
func inBrackets(data []byte, start int) bool {
	text, code := ending(data, start)
	opens := func(text string) bool { return text != "" && strings.IndexByte("{[,", text[len(text)-1]) >= 0 }
	return opens(text) || opens(code)
}

// ending is the last line before another one that has more than a comment in it,
// and the same without what may be a comment at its end.
func ending(data []byte, start int) (text, code string) {
	for start > 0 {
		l := lineAt(data, back(data, start))
		text = strings.TrimSpace(string(data[l.start:l.end]))
		if text != "" && text[0] != '#' {
			code, _, _ = strings.Cut(text, " #")
			return text, strings.TrimSpace(code)
		}
		start = l.start
	}
	return "", ""
}

// addItem writes an item at the end of a list.
func addItem(to graph.Value, item *graph.Node) ([]Edit, error) {
	if to.Kind() == graph.Null {
		return fill(to, List(item))
	}
	if to.Kind() != graph.List {
		return nil, refuse("there is no list that could hold it")
	}
	span, err := place(to.Handle(), source.AtToken)
	if err != nil {
		return nil, err
	}
	f, text := span.File, span.Text()
	w := writingOf(f, syntaxOf(f))
	if text != "" && text[0] == '[' && text[len(text)-1] == ']' {
		last := back(f.Data, span.End-1)
		if last == span.Start+1 {
			return replaced(f, span.Start+1, span.End-1, w.flow(item)), nil
		}
		if w.syntax != jsonText && strings.Contains(text, "#") {
			return nil, refuse("there is a comment in the list")
		}
		w.quoted = w.syntax == yamlText && f.Data[forward(f.Data, span.Start+1)] == '"'
		return w.addLast(span, last, w.flow(item))
	}
	indent, ok := indentation(lineAt(f.Data, span.Start).before)
	end, free := rest(f.Data, span.End, "#")
	if !ok || !free || !strings.HasPrefix(text, "-") || unended(span, end) || strings.Contains(string(f.Data[span.End:end]), "{{") {
		return nil, refuse("the list is written in an unusual way")
	}
	w.syntax = yamlText
	return replaced(f, end, end, w.newline+indent+"- "+w.item(item, indent)), nil
}
