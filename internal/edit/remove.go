package edit

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A part is an entry of a map or an item of a list: the bytes of the key and
// the value, and of what holds it.
type part struct {
	file       *source.File
	start, end int
	only       bool // nothing else is there
	isItem     bool
}

// removeValue takes away a key with its value, or an item of a list.
func removeValue(v graph.Value) ([]Edit, error) {
	if v.Kind() == graph.Absent {
		return nil, refuse("it is not there")
	}
	value, err := place(v.Handle(), source.AtToken)
	if err != nil {
		return nil, err
	}
	if syntaxOf(value.File) == yamlText && value.Start == value.End && tagged(value) {
		return nil, refuse("its type is written with it")
	}
	parent, ok := v.Parent()
	if !ok {
		return nil, refuse("what holds it is not known")
	}
	p := part{file: value.File, start: value.Start, end: value.End, isItem: parent.Kind() == graph.List}
	n, _ := parent.Len()
	p.only = n == 1
	if !p.isItem {
		key, err := place(v.KeyHandle(), source.AtToken)
		if err != nil {
			return nil, err
		}
		if key.File != value.File || key.End > value.Start {
			return nil, refuse("it is written in an unusual way")
		}
		p.start = key.Start
	}
	if syntaxOf(p.file) == yamlText && p.referred() {
		return nil, refuse("an alias elsewhere stands for it")
	}
	if held, err := place(parent.Handle(), source.AtToken); err == nil && held.Contains(value) && isFlow(held) {
		return p.fromFlow(held)
	}
	if p.isItem && syntaxOf(p.file) != yamlText {
		return nil, refuse("it is a block of its own")
	}
	return p.line()
}

var anchor = late.Pattern(`&([A-Za-z0-9_-]+)`)

// referred tells whether the part, or the rest of the line before it, has an
// anchor that an alias behind it may stand for.
func (p part) referred() bool {
	data := p.file.Data
	for _, name := range anchor().FindAllSubmatch(data[lineAt(data, p.start).start:p.end], -1) {
		if bytes.Contains(data[p.end:], append([]byte("*"), name[1]...)) {
			return true
		}
	}
	return false
}

func isFlow(s source.Span) bool {
	text := s.Text()
	return len(text) > 1 && (text[0] == '{' && text[len(text)-1] == '}' || text[0] == '[' && text[len(text)-1] == ']')
}

// fromFlow takes the part out of brackets, with the comma that belongs to it.
func (p part) fromFlow(held source.Span) ([]Edit, error) {
	data := p.file.Data
	if syntaxOf(p.file) != jsonText && strings.Contains(held.Text(), "#") {
		return nil, refuse("there is a comment beside it")
	}
	before, after := back(data, p.start), forward(data, p.end)
	switch {
	case before > held.Start+1 && data[before-1] == ',':
		return replaced(p.file, before-1, p.end, ""), nil
	case after < held.End && data[after] == ',':
		return replaced(p.file, p.start, forward(data, after+1), ""), nil
	case before == held.Start+1 && after == held.End-1:
		return replaced(p.file, held.Start+1, held.End-1, ""), nil
	}
	return p.line() // an object of HCL has a line for each
}

var (
	dashed   = late.Pattern(`^ *(- +)+$`)
	dash     = late.Pattern(`^ *- +$`)
	onlyWord = late.Pattern(`:[ \t]*$`)
)

// line takes away the lines of the part. What would be left without a key or
// an item is written as empty.
func (p part) line() ([]Edit, error) {
	data, f := p.file.Data, p.file
	hcl := syntaxOf(f) == hclText
	comments := []string{"#"}
	if hcl {
		comments = append(comments, "//")
	}
	l := lineAt(data, p.start)
	end, free := rest(data, p.end, comments...)
	if !free || strings.Contains(string(data[p.end:end]), "{{") {
		return nil, refuse("something else follows on its line")
	}
	blank := strings.TrimSpace(l.before) == ""
	if p.isItem {
		if blank = dash().MatchString(l.before); !blank {
			return nil, refuse("it is written in an unusual way")
		}
	}
	switch {
	case p.only && !hcl:
		return p.emptied(l, blank)
	case blank:
		return p.dropped(l, end)
	case dashed().MatchString(l.before): // the first key of an item: the next one takes its place
		next := forward(data, end)
		indent, _ := indentation(l.before)
		if n := lineAt(data, next); next < len(data) && n.before == indent && data[next] != '#' && data[next] != '-' && onlyBreak(data[end:n.start]) {
			return replaced(f, p.start, next, ""), nil
		}
	}
	return nil, refuse("it is written in an unusual way")
}

// onlyBreak tells whether there is one line break and nothing else.
func onlyBreak(data []byte) bool { return strings.Trim(string(data), "\r\n") == "" && len(data) <= 2 }

// dropped takes away whole lines. The line break before them stays even at the
// end of a file that has none: it may belong to a text in several lines.
func (p part) dropped(l line, end int) ([]Edit, error) {
	return replaced(p.file, l.start, lineAt(p.file.Data, end).after, ""), nil
}

// emptied writes {} or [] for the only part of a collection.
func (p part) emptied(l line, blank bool) ([]Edit, error) {
	empty := "{}"
	if p.isItem {
		empty = "[]"
	}
	data := p.file.Data
	if !blank { // - key: value
		if !dashed().MatchString(l.before) {
			return nil, refuse("it is written in an unusual way")
		}
		return replaced(p.file, p.start, p.end, empty), nil
	}
	if l.start > 0 {
		above := lineAt(data, back(data, l.start))
		if text := string(data[above.start:above.end]); onlyWord().MatchString(text) && !strings.Contains(text, "#") && above.after == l.start {
			return replaced(p.file, above.start+len(strings.TrimRight(text, " \t")), p.end, " "+empty), nil
		}
	}
	return replaced(p.file, l.start+len(strings.TrimRight(l.before, "- ")), p.end, strings.Repeat(" ", len(l.before))+empty), nil
}

var safeText = late.Pattern(`^[A-Za-z0-9._/:@+-]*$`)

// replacePart writes other text in the place of a part of a string.
func replacePart(o Op) ([]Edit, error) {
	text := o.data.Text()
	if o.at.Kind() != graph.String || !safeText().MatchString(text) {
		return nil, refuse("it cannot be written as a part of what is there")
	}
	span, err := written(o.at.Part(o.start, o.end), source.AtToken)
	if err != nil {
		return nil, err
	}
	part := o.at.Str()[o.start:o.end]
	if raw := span.Text(); raw == `"`+part+`"` || raw == "'"+part+"'" { // another value is the part, with its quotes
		span.Start, span.End = span.Start+1, span.End-1
	}
	if span.Text() != part || strings.ContainsAny(span.Text(), "\r\n") || !utf8.ValidString(span.Text()) {
		return nil, refuse("it is written in another way")
	}
	return replaced(span.File, span.Start, span.End, text), nil
}

// renameKey writes another name in the place of a key.
func renameKey(v graph.Value, key string) ([]Edit, error) {
	span, err := place(v.KeyHandle(), source.AtToken)
	if err != nil {
		return nil, err
	}
	if parent, ok := v.Parent(); ok {
		written, known := parent.Spelled(key)
		if !known {
			return nil, refuse("how %s is written here is not known", key)
		}
		key = written
	}
	if value, err := place(v.Handle(), source.AtLine); syntaxOf(span.File) == hclText && v.Kind() == graph.List && (err != nil || !isFlow(value)) {
		return nil, refuse("it is a block of its own") // and maybe not the only one
	}
	raw := span.Text()
	head := syntaxOf(span.File) == hclText && !name().MatchString(raw) && !literal().MatchString(raw) // of a block, with its labels
	if !safeText().MatchString(key) || raw == "" || head {
		return nil, refuse("it cannot be written in its place")
	}
	if q := raw[:1]; q == `"` || q == "'" {
		key = q + key + q
	}
	return replaced(span.File, span.Start, span.End, key), nil
}
