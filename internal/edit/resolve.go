package edit

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Edits are the bytes to replace. The error is a [Refusal].
func (o Op) Edits() ([]Edit, error) {
	edits, err := o.find()
	if err == nil && slices.ContainsFunc(edits, func(e Edit) bool { return !o.sound(e) }) {
		return nil, refuse("more than that would change")
	}
	return edits, err
}

// find finds the bytes to replace.
func (o Op) find() ([]Edit, error) {
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

// indentation is the indentation of the keys of a map whose first key stands
// behind that text in its line.
func indentation(before string) (string, bool) {
	if strings.Trim(before, " -") != "" {
		return "", false
	}
	return strings.ReplaceAll(before, "-", " "), true
}

var bodyHead = late.Pattern(`^[A-Za-z_][\w-]*(\s*"([^"\\\n]|\\.)*"([A-Za-z_][\w-]*)?|\s+[A-Za-z_][\w-]*)*\s*\{`)

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
	for _, inner := range to.Entries() {
		if body, err := place(inner.Handle(), source.AtLine); err == nil && body == span {
			return nil, refuse("the label of a block is its key")
		}
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
	case w.syntax == hclText && bodyHead().MatchString(text) && text[len(text)-1] == '}':
		return w.addArgument(span, key, data)
	case text[0] == '{' && text[len(text)-1] == '}':
		return w.addPair(span, key, data)
	case w.syntax == hclText && text[len(text)-1] == '}' && !strings.Contains(text[:strings.IndexByte(text+"{", '{')], ":"):
		return nil, refuse("the block is written in an unusual way") // else a manifest in a heredoc
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
