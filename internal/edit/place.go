package edit

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// written is the span to edit of something with that origin: where people
// wrote it, when nothing else had a part in it.
func written(o *source.Origin, need source.Exactness) (source.Span, error) {
	o = o.Cure()
	switch {
	case o == nil || o.Span.File == nil || o.Span.File.Remote || o.Span.File.Path == "." || !fs.ValidPath(o.Span.File.Path):
		return source.Span{}, refuse("it is written in no file of the tree")
	case o.Exact < need:
		return source.Span{}, refuse("where in the file it is written is not known exactly")
	}
	switch o.Step {
	case source.Written, source.Template, source.Values, source.Overlay:
	default:
		return source.Span{}, refuse("it comes from elsewhere (%s)", o.Step)
	}
	for _, from := range o.From {
		switch from.Role {
		case source.Condition, source.Overrides, source.NotRendered, source.Via:
		default:
			return source.Span{}, refuse("it is made of other values")
		}
	}
	if strings.Contains(o.Span.Text(), "{{") {
		return source.Span{}, refuse("a template makes it")
	}
	return o.Span, nil
}

// place is the span to edit of what a handle is of.
func place(h source.Handle, need source.Exactness) (source.Span, error) {
	if h == nil {
		return source.Span{}, refuse("it is written nowhere")
	}
	return written(h.Origin(), need)
}

// A syntax is what a part of a file is written in.
type syntax uint8

const (
	yamlText syntax = iota
	jsonText
	hclText
)

// syntaxOf tells the syntax of a file by its name.
func syntaxOf(f *source.File) syntax {
	switch path.Ext(f.Path) {
	case ".tf", ".tofu", ".tfvars", ".hcl":
		return hclText
	case ".json":
		return jsonText
	}
	return yamlText
}

// A line is the surroundings of a place in its line.
type line struct {
	start, end int    // of the line, without its break
	after      int    // where the next line starts
	before     string // from the start of the line to the place
}

func lineAt(data []byte, pos int) line {
	l := line{start: pos, end: pos}
	for l.start > 0 && data[l.start-1] != '\n' && data[l.start-1] != '\r' {
		l.start--
	}
	for l.end < len(data) && data[l.end] != '\n' && data[l.end] != '\r' {
		l.end++
	}
	l.after = l.end
	if l.after < len(data) {
		l.after++
		if data[l.end] == '\r' && l.after < len(data) && data[l.after] == '\n' {
			l.after++
		}
	}
	l.before = string(data[l.start:pos])
	return l
}

// holds tells whether the map in block style around a place has the key as it
// is written: an overlay may take away what is there.
func holds(data []byte, pos, indent int, key string) bool {
	has := func(content string) bool {
		after, ok := strings.CutPrefix(content, key+":")
		return ok && (after == "" || strings.IndexByte(" \t", after[0]) >= 0)
	}
	// look tells of a line whether it has the key, and whether it is the last
	// one of the map on this way.
	look := func(l line) (found, last bool) {
		text := string(data[l.start:l.end])
		content := strings.TrimLeft(text, " ")
		at := len(text) - len(content)
		switch {
		case strings.HasPrefix(text, "---"), strings.HasPrefix(text, "..."):
			return false, true
		case content == "", content[0] == '#', strings.HasPrefix(content, "{{"):
			return false, false
		case at == indent:
			return has(content), false
		case at > indent:
			return false, false
		}
		for strings.HasPrefix(content, "- ") && at < indent {
			rest := strings.TrimLeft(content[1:], " ")
			at += len(content) - len(rest)
			content = rest
		}
		return at == indent && has(content), true
	}
	for l := lineAt(data, pos); ; l = lineAt(data, l.start-1) {
		if found, last := look(l); found || last || l.start == 0 {
			if found {
				return true
			}
			break
		}
	}
	for l := lineAt(data, pos); l.after < len(data); {
		l = lineAt(data, l.after)
		if found, last := look(l); found || last {
			return found && !last // else it is the first key of the next item
		}
	}
	return false
}

// rest tells whether nothing but blanks and a comment follows on the line of a
// place, and where the line ends.
func rest(data []byte, pos int, comments ...string) (end int, free bool) {
	l := lineAt(data, pos)
	text := string(data[pos:l.end])
	trimmed := strings.TrimLeft(text, " \t")
	if trimmed == "" {
		return l.end, true
	}
	for _, c := range comments {
		if strings.HasPrefix(trimmed, c) && (len(trimmed) < len(text) || pos == l.start || c != "#") {
			return l.end, true
		}
	}
	return l.end, false
}

var blockText = late.Pattern(`(?m)[|>][-+0-9]*[ \t]*(#.*)?\r?$`)

// unended tells whether something at the end of the span may go on: what
// awaits belongs to a null, and a text in several lines that ends with a file
// whose last line has no break would get one.
func unended(span source.Span, end int) bool {
	return awaits(span.File.Data, end) || end == len(span.File.Data) && blockText().MatchString(span.Text())
}

// awaits tells whether the next thing is a tag or an anchor, which belongs to
// the null before it or to what follows.
func awaits(data []byte, pos int) bool {
	next := forward(data, pos)
	for next < len(data) && data[next] == '#' {
		next = forward(data, lineAt(data, next).end)
	}
	return next < len(data) && (data[next] == '!' || data[next] == '&')
}

// newline is the line break that a file uses, as its first line has it.
func newline(f *source.File) string {
	if bytes.HasPrefix(f.Data[f.LineSpan(1).End:], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// replaced is the edit that puts text in the place of the bytes [start,end).
func replaced(f *source.File, start, end int, text string) []Edit {
	return []Edit{{Span: source.Span{File: f, Start: start, End: end}, New: text}}
}
