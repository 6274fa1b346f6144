package edit

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Edits are the bytes to replace. The error is a [Refusal].
func (o Op) Edits() ([]Edit, error) {
	if len(o.at.Steps()) == 0 && o.kind != add && o.kind != appendItem {
		return nil, refuse("it is all there is")
	}
	switch o.kind {
	case set:
		if missing := o.at.Missing(); len(missing) > 0 {
			return setMissing(o.at, missing, o.data)
		}
		return setValue(o.at, o.data)
	case add:
		if missing := o.at.Missing(); len(missing) > 0 {
			return setMissing(o.at, missing, Map(o.key, o.data))
		}
		for name := range o.at.Entries() {
			if name == o.key {
				return nil, refuse("%s is there already", o.key)
			}
		}
		return addKey(o.at, o.key, o.data)
	case appendItem:
		if missing := o.at.Missing(); len(missing) > 0 {
			return setMissing(o.at, missing, List(o.data))
		}
		return addItem(o.at, o.data)
	case remove:
		return removeValue(o.at)
	case replace:
		return replacePart(o)
	case rename:
		return renameKey(o.at, o.key)
	}
	return nil, refuse("nothing to do")
}

// setMissing writes the keys that are missing below the nearest value.
func setMissing(v graph.Value, missing []string, data *graph.Node) ([]Edit, error) {
	for _, key := range missing {
		if _, err := strconv.Atoi(key); err == nil || strings.HasPrefix(key, "(") {
			return nil, refuse("what should hold it is not there")
		}
	}
	edits, err := []Edit(nil), error(refuse("a branch of the template that is not taken writes it"))
	if !untaken(v) {
		edits, err = addKey(v.Nearest(), missing[0], under(missing[1:], data))
	}
	if err != nil {
		if found, ok := inValues(v, missing, data); ok {
			return found, nil
		}
	}
	return edits, err
}

// untaken tells whether a template has a branch that would have written the
// missing value. What is written beside it would be there twice once other
// values take the branch.
func untaken(v graph.Value) bool {
	place := v.Place()
	return place != nil && slices.ContainsFunc(place.From, func(o *source.Origin) bool {
		return o.Role == source.NotRendered && o.Step == source.Template
	})
}

// under is data below keys.
func under(keys []string, data *graph.Node) *graph.Node {
	for _, key := range slices.Backward(keys) {
		data = Map(key, data)
	}
	return data
}

var literal = regexp.MustCompile(`^(true|false|null|-?[0-9][0-9._eE+-]*|"([^"\\\n]|\\.)*")$`)

// setValue writes another scalar in the place of one.
func setValue(v graph.Value, data *graph.Node) ([]Edit, error) {
	switch v.Kind() {
	case graph.Unknown:
		return nil, refuse("its value is not known")
	case graph.Map, graph.List:
		return nil, refuse("a %s stands there", v.Kind())
	case graph.Absent, graph.Null, graph.Bool, graph.Number, graph.String:
	}
	if data.Kind() == graph.Map || data.Kind() == graph.List {
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
	if isKey(span) {
		return nil, refuse("a key stands there")
	}
	raw, s := span.Text(), syntaxOf(span.File)
	if _, inexact := place(v.Handle(), source.AtToken); inexact != nil && !reads(raw, v) {
		return nil, inexact
	}
	switch {
	case s == yamlText && tagged(span):
		return nil, refuse("its type is written with it")
	case raw == "" && !awaited(v, span), s == yamlText && raw != "" && !ends(span):
		return nil, refuse("it is written in an unusual way")
	case s == hclText && strings.HasPrefix(raw, "<<"), s == yamlText && raw != "" && (raw[0] == '|' || raw[0] == '>'):
		return nil, refuse("it is written in several lines")
	case s == hclText && !literal.MatchString(raw):
		s = yamlText // a manifest in a heredoc
	}
	text := scalar(s, data, raw)
	if raw == "" {
		text = " " + text
	}
	return replaced(span.File, span.Start, span.End, text), nil
}

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
// next line where nothing else does, or is a null of which nothing but an
// anchor is written.
func tagged(span source.Span) bool {
	if span.Start == span.End && unended(span, span.End) {
		return true
	}
	l := lineAt(span.File.Data, span.Start)
	words := strings.Fields(l.before)
	written := bytes.TrimLeft(span.File.Data[span.Start:], " \t")
	return len(words) > 0 && words[len(words)-1][0] == '!' || len(written) > 0 && (written[0] == '!' || written[0] == '&')
}

// ends tells whether a scalar of YAML has something behind it that would end a
// plain one too.
func ends(span source.Span) bool {
	data := span.File.Data
	return span.End >= len(data) || strings.IndexByte(" \t\r\n,]}", data[span.End]) >= 0
}

// reads tells whether text is the scalar: where only its line is known to be
// right, the text shows whether the place is.
func reads(raw string, v graph.Value) bool {
	if len(raw) >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[len(raw)-1] == raw[0] {
		raw = raw[1 : len(raw)-1]
	}
	return raw == v.Str() || v.Kind() == graph.Bool && otherType.MatchString(raw)
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
	if isKey(span) {
		return nil, refuse("a key stands there")
	}
	if w.syntax == hclText || tagged(span) || span.Start == span.End && !awaited(v, span) {
		return nil, refuse("null stands there")
	}
	key, err := place(v.KeyHandle(), source.AtToken)
	parent, _ := v.Parent()
	if err == nil && w.syntax == yamlText && span.Start == span.End && key.File == f && parent.Kind() == graph.Map {
		indent, ok := indentation(lineAt(f.Data, key.Start).before)
		if end, free := rest(f.Data, span.End, "#"); ok && free {
			return replaced(f, end, end, w.under(data, indent, indent+w.step)), nil
		}
	}
	text := w.flow(data)
	if span.Start == span.End {
		text = " " + text
	}
	return replaced(f, span.Start, span.End, text), nil
}

// indentation is the indentation of the keys of a map whose first key stands
// behind that text in its line.
func indentation(before string) (string, bool) {
	if strings.Trim(before, " -") != "" {
		return "", false
	}
	return strings.ReplaceAll(before, "-", " "), true
}

var bodyHead = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\s*"[^"\n]*"|\s+[A-Za-z_][A-Za-z0-9_-]*)*\s*\{`)

// addKey writes a key that a map does not have.
func addKey(to graph.Value, key string, data *graph.Node) ([]Edit, error) {
	m, err := spelled(Map(key, data), to)
	if err != nil {
		return nil, err
	}
	key, data = m.Fields()[0].Key, m.Fields()[0].Node
	switch to.Kind() {
	case graph.Null:
		return fill(to, m)
	case graph.Map:
	default:
		return nil, refuse("there is no map that could hold it")
	}
	span, err := place(to.Handle(), source.AtLine)
	if err == nil && to.Handle().Origin().Cure().Step == source.Template {
		// Where the text is not all the template's own its span is not the map.
		_, err = place(to.Handle(), source.AtToken)
		if err == nil && continued(span) {
			err = refuse("a template may go on with the map")
		}
	}
	if err != nil {
		return addBeside(to, key, data, err)
	}
	return addTo(span, key, data)
}

// continued tells whether an action follows on the next lines of a template:
// with other values it may write more of what is in the span.
func continued(span source.Span) bool {
	data := span.File.Data
	return bytes.HasPrefix(data[forward(data, lineAt(data, span.End).end):], []byte("{{"))
}

// addTo writes a key into the map at a span.
func addTo(span source.Span, key string, data *graph.Node) ([]Edit, error) {
	f := span.File
	w := writingOf(f, syntaxOf(f))
	text := span.Text()
	switch {
	case text == "":
		return nil, refuse("where it is written is not known")
	case w.syntax == hclText && bodyHead.MatchString(text) && text[len(text)-1] == '}':
		return w.addArgument(span, key, data)
	case text[0] == '{' && text[len(text)-1] == '}':
		return w.addPair(span, key, data)
	case w.syntax == jsonText && text[len(text)-1] == '}': // a block of Terraform with its labels
		open, ok := opening(f.Data, span)
		if !ok {
			return nil, refuse("where it is written is not known")
		}
		span.Start = open
		return w.addPair(span, key, data)
	case w.syntax == jsonText:
		return nil, refuse("where it is written is not known")
	}
	w.syntax = yamlText
	return w.addEntry(span, key, data)
}

// addEntry writes an entry at the end of a map in block style.
func (w writing) addEntry(span source.Span, key string, data *graph.Node) ([]Edit, error) {
	f := span.File
	indent, ok := indentation(lineAt(f.Data, span.Start).before)
	end, free := rest(f.Data, span.End, "#")
	if !ok || !free || strings.Contains(string(f.Data[span.End:end]), "{{") || unended(span, end) {
		return nil, refuse("the map is written in an unusual way")
	}
	if holds(f.Data, end, len(indent), w.key(key)) {
		return nil, refuse("%s is written there, and something takes it away", key)
	}
	return replaced(f, end, end, w.newline+indent+w.block(key, data, indent)), nil
}

// addBeside writes an entry behind another one of the map, of which more is
// known than of the map: in a template, or in the values that the map is
// printed from.
func addBeside(to graph.Value, key string, data *graph.Node, why error) ([]Edit, error) {
	var best source.Span
	fewest := -1
	for name, v := range to.Entries() {
		span, conditions, ok := entry(name, v)
		if ok && (fewest < 0 || conditions <= fewest) {
			best, fewest = span, conditions
		}
	}
	if fewest < 0 {
		if why == nil {
			why = refuse("a template makes the map")
		}
		return nil, why
	}
	w := writingOf(best.File, yamlText)
	return w.addEntry(best, key, data)
}

// entry is the span of an entry of a map in block style, its key and its
// value, and how many conditions it hangs on.
func entry(name string, v graph.Value) (span source.Span, conditions int, ok bool) {
	if v.Handle() == nil {
		return span, 0, false
	}
	origin := v.Handle().Origin()
	for _, from := range origin.From {
		if from.Role == source.Condition {
			conditions++
		}
	}
	value, err := written(origin, source.AtToken)
	if err == nil && (value.Start == value.End || syntaxOf(value.File) != yamlText) {
		return span, 0, false
	}
	key, keyErr := place(v.KeyHandle(), source.AtToken)
	if keyErr == nil && (err != nil || key.File != value.File) {
		span, ok = printedLine(key, origin, v)
		return span, conditions, ok
	}
	if err != nil {
		return span, 0, false
	}
	before := lineAt(value.File.Data, value.Start).before
	if keyErr == nil && key.Start < value.Start {
		before = lineAt(key.File.Data, key.Start).before
		value.Start = key.Start
		_, ok = indentation(before)
		collection := v.Kind() == graph.Map || v.Kind() == graph.List
		return value, conditions, ok && !(collection && continued(value))
	}
	// The key is printed with the value, which stands in a values file below the
	// same key.
	indent, ok := strings.CutSuffix(strings.TrimRight(before, " "), name+":")
	if _, plain := indentation(indent); !ok || !plain {
		return span, 0, false
	}
	value.Start -= len(before) - len(indent)
	return value, conditions, true
}

var control = regexp.MustCompile(`\{\{-?\s*(if|else|end|range|with|define|block|template|/\*)`)

// printedLine is the span of an entry of a template whose key is its own text
// and whose value an action prints on the same line.
func printedLine(key source.Span, value *source.Origin, v graph.Value) (source.Span, bool) {
	data := key.File.Data
	l := lineAt(data, key.Start)
	text := string(data[key.Start:l.end])
	_, plain := indentation(l.before)
	switch {
	case !plain, v.Kind() == graph.Map, v.Kind() == graph.List, strings.Contains(v.Str(), "\n"):
		return key, false
	case value.Step != source.Template || value.Exact < source.AtLine || value.Span.File != key.File,
		value.Span.Start < l.start || value.Span.Start > l.end:
		return key, false
	case strings.Count(text, "{{") != strings.Count(text, "}}"), control.MatchString(text), strings.Contains(text, "#"):
		return key, false
	}
	key.End = key.Start + len(strings.TrimRight(text, " \t"))
	return key, true
}

var emptyValue = regexp.MustCompile(`^:[ \t]*\{\}`)

// inValues writes what is missing into the chart value that would have made
// it and is empty: securityContext: {}.
func inValues(v graph.Value, missing []string, data *graph.Node) ([]Edit, bool) {
	keys := missing
	if n, _ := v.Nearest().Len(); n > 0 || v.Nearest().Kind() != graph.Map {
		keys = missing[1:] // the template writes the first one
	}
	if len(keys) == 0 {
		return nil, false
	}
	var found []Edit
	var walk func(o *source.Origin, depth int)
	walk = func(o *source.Origin, depth int) {
		for _, from := range o.From {
			if found != nil || from.Role != source.NotRendered || depth > 3 {
				continue
			}
			if from.Step == source.Values && from.Exact == source.AtToken && from.Span.File != nil {
				f := from.Span.File
				if m := emptyValue.FindIndex(f.Data[from.Span.End:]); m != nil {
					end := from.Span.End + m[1]
					at := source.Span{File: f, Start: end - 2, End: end}
					if edits, err := addTo(at, keys[0], under(keys[1:], data)); err == nil {
						found = edits
					}
				}
			}
			walk(from, depth+1)
		}
	}
	if o := v.Place(); o != nil {
		walk(o, 0)
	}
	return found, found != nil
}
