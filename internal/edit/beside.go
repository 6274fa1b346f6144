package edit

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

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

var control = late.Pattern(`\{\{-?\s*(if|else|end|range|with|define|block|template|/\*)`)

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
	case strings.Count(text, "{{") != strings.Count(text, "}}"), control().MatchString(text), strings.Contains(text, "#"):
		return key, false
	}
	key.End = key.Start + len(strings.TrimRight(text, " \t"))
	return key, true
}

var emptyValue = late.Pattern(`^:[ \t]*\{\}`)

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
				if m := emptyValue().FindIndex(f.Data[from.Span.End:]); m != nil {
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
