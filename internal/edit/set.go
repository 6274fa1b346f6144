package edit

import (
	"bytes"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

var literal = late.Pattern(`^(true|false|null|-?[0-9][0-9._eE+-]*|"([^"\\\n]|\\.)*")$`)

// setValue writes another scalar in the place of one.
func setValue(v graph.Value, data *graph.Node) ([]Edit, error) {
	switch v.Kind() {
	case graph.Unknown:
		return nil, refuse("its value is not known")
	case graph.Map, graph.List:
		return nil, refuse("a %s stands there", v.Kind())
	case graph.Absent, graph.Null, graph.Bool, graph.Number, graph.String:
	}
	if isCollection(data) {
		return fill(v, data)
	}
	if h := v.Handle(); h != nil && h.Origin().Step == source.Default { // a provider says so, and nobody else
		parent, ok := v.Parent()
		if steps := v.Steps(); ok && len(steps) > 0 {
			return addKey(parent, steps[len(steps)-1], data)
		}
	}
	span, err := place(v.Handle(), source.AtLine)
	if err != nil {
		return nil, err
	}
	raw, s := span.Text(), syntaxOf(span.File)
	if _, inexact := place(v.Handle(), source.AtToken); inexact != nil && !reads(raw, v) {
		return nil, inexact
	}
	switch {
	case s == yamlText && tagged(span):
		return nil, refuse("its type is written with it")
	case raw == "" && !awaited(v, span):
		return nil, refuse("it is written in an unusual way")
	case s == hclText && strings.HasPrefix(raw, "<<"), s == yamlText && raw != "" && (raw[0] == '|' || raw[0] == '>'):
		return nil, refuse("it is written in several lines")
	case s == hclText && !literal().MatchString(raw):
		s = yamlText // a manifest in a heredoc
	}
	text := scalar(s, data, raw)
	if raw == "" {
		text = " " + text
	}
	return replaced(span.File, span.Start, span.End, text), nil
}

func isCollection(n *graph.Node) bool { return n.Kind() == graph.Map || n.Kind() == graph.List }

// awaited tells whether a null that is not written stands behind the colon of
// its key, or behind a dash.
func awaited(v graph.Value, span source.Span) bool {
	if parent, ok := v.Parent(); ok && parent.Kind() == graph.Map {
		key, err := place(v.KeyHandle(), source.AtToken)
		return err == nil && key.File == span.File && key.End <= span.Start &&
			strings.Trim(string(span.File.Data[key.End:span.Start]), " \t") == ":"
	}
	return strings.HasSuffix(strings.TrimRight(lineAt(span.File.Data, span.Start).before, " \t"), "-")
}

// tagged tells whether a value of YAML has a tag, !!str, which may stand on the
// line before or, where nothing else does, on the next one, or is a null of
// which nothing but an anchor is written.
func tagged(span source.Span) bool {
	if span.Start == span.End && unended(span, span.End) {
		return true
	}
	l := lineAt(span.File.Data, span.Start)
	before := l.before
	if strings.TrimSpace(before) == "" {
		_, before = ending(span.File.Data, l.start)
	}
	words := strings.Fields(before)
	written := bytes.TrimLeft(span.File.Data[span.Start:], " \t")
	return len(words) > 0 && words[len(words)-1][0] == '!' || len(written) > 0 && (written[0] == '!' || written[0] == '&')
}

// reads tells whether text is the scalar: where only its line is known to be
// right, the text shows whether the place is.
func reads(raw string, v graph.Value) bool {
	if len(raw) >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[len(raw)-1] == raw[0] {
		raw = raw[1 : len(raw)-1]
	}
	return raw == v.Str() || v.Kind() == graph.Bool && otherType().MatchString(raw)
}

// fill writes a map or list in the place of a null.
func fill(v graph.Value, data *graph.Node) ([]Edit, error) {
	if v.Kind() != graph.Null {
		return nil, refuse("a %s stands there", v.Kind())
	}
	span, err := place(v.Handle(), source.AtToken)
	if err != nil {
		return nil, err
	}
	f := span.File
	w := writingOf(f, syntaxOf(f))
	if w.syntax == hclText || tagged(span) || span.Start == span.End && !awaited(v, span) {
		return nil, refuse("null stands there")
	}
	key, err := place(v.KeyHandle(), source.AtToken)
	parent, _ := v.Parent()
	if err == nil && w.syntax == yamlText && span.Start == span.End && key.File == f && parent.Kind() == graph.Map {
		l := lineAt(f.Data, key.Start)
		indent, ok := indentation(l.before)
		if end, free := rest(f.Data, span.End, "#"); ok && free && !inBrackets(f.Data, l.start) {
			return replaced(f, end, end, w.under(data, indent, indent+w.step)), nil
		}
	}
	text := w.flow(data)
	if span.Start == span.End {
		text = " " + text
	}
	return replaced(f, span.Start, span.End, text), nil
}
