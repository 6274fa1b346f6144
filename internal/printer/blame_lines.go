package printer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// linesOf are the lines of a value as YAML.
func linesOf(p Part) []blamedLine {
	var l lister
	if p.Path != "" {
		l.add(clean(p.Path)+":", "", p)
		return l.lines
	}
	for q, key := range p.parts() {
		l.add(plain(key[0])+":", "", q)
	}
	return l.lines
}

// A lister collects the lines of a value.
type lister struct{ lines []blamedLine }

func (l *lister) line(text string, by *source.Origin) {
	l.lines = append(l.lines, blamedLine{text, by})
}

// add adds a value behind what its first line begins with: a key with its
// colon or the dash of an item, which stand at the indent.
func (l *lister) add(lead, indent string, p Part) {
	if p.leaf() {
		l.leaf(lead, indent, p)
		return
	}
	list := p.Value.Kind() == graph.List
	inside := indent + "  "
	next := lead + " " // what is in an item starts on the line with its dash
	if !strings.HasSuffix(lead, "-") {
		l.line(lead, p.origin())
		if list { // items stand below their key, as kubectl and helm print them
			inside = indent
		}
		next = inside
	}
	for q, key := range p.parts() {
		if list {
			l.add(next+"-", inside, q)
		} else {
			l.add(next+plain(key[0])+":", inside, q)
		}
		next = inside
	}
}

func (l *lister) leaf(lead, indent string, p Part) {
	v, by := p.Value, p.origin()
	if v.Kind() == graph.String && strings.Contains(v.Str(), "\n") {
		l.block(lead, indent, v)
		return
	}
	if doc := (Part{Value: v.Decoded()}); doc.Value.Present() == graph.True && !doc.leaf() {
		inside := lister{}
		for q, key := range doc.parts() {
			if doc.Value.Kind() == graph.List {
				inside.add(indent+"  -", indent+"  ", q)
			} else {
				inside.add(indent+"  "+plain(key[0])+":", indent+"  ", q)
			}
		}
		if v.Kind() == graph.Unknown || slices.ContainsFunc(inside.lines, func(in blamedLine) bool { return !together(in.by, by) }) {
			l.line(lead+" (document)", by)
			l.lines = append(l.lines, inside.lines...)
			return
		}
	}
	l.line(lead+" "+scalar(v), by)
}

// together tells whether two places are on one line.
func together(a, b *source.Origin) bool {
	return a != nil && b != nil && a.Span.File == b.Span.File && (a.Span.File == nil || position(a).Line == position(b).Line)
}

// block adds text of several lines, of which each may have its own place.
func (l *lister) block(lead, indent string, v graph.Value) {
	text := v.Str()
	body, ends := strings.CutSuffix(text, "\n")
	mark := " |"
	switch {
	case !ends:
		mark = " |-"
	case strings.HasSuffix(body, "\n"):
		mark = " |+"
	}
	l.line(lead+mark, v.Place())
	start := 0
	for line := range strings.SplitSeq(body, "\n") {
		by := v.Part(start, start+len(line))
		if by != nil && by.Span.File != nil && by.Exact > source.InBlock {
			if first, last := by.Lines(); first < last { // the line is one of those
				c := *by
				c.Exact = source.InBlock
				by = &c
			}
		}
		l.line(strings.TrimRight(indent+"  "+clean(line), " "), by)
		start += len(line) + 1
	}
}

// scalar is a value without parts on one line.
func scalar(v graph.Value) string {
	switch v.Kind() {
	case graph.Unknown:
		return "(unknown)"
	case graph.Map:
		return "{}"
	case graph.List:
		return "[]"
	case graph.Bool, graph.Number:
		return clean(v.Str())
	case graph.String:
		return plain(v.Str())
	case graph.Absent, graph.Null:
	}
	return "null"
}

// plain is text as a YAML scalar on one line, quoted where it would read as
// something else.
func plain(text string) string {
	quoted := strconv.Quote(text)
	if utf8.ValidString(text) && !strings.ContainsAny(text, "\r\n") && text != "(unknown)" && text != "(document)" {
		if out, err := yaml.Marshal(text); err == nil {
			quoted = strings.TrimSuffix(string(out), "\n")
		}
	}
	return clean(quoted)
}

// chain writes a value without parts and all links of its chain, each below
// what it is a cause of.
func (o Options) chain(b *strings.Builder, p Part) {
	for _, l := range linesOf(p) {
		b.WriteString(l.text + "\n")
	}
	all := links(p.origin())
	for _, l := range all {
		indent := strings.Repeat("  ", min(l.depth, maxIndent)+1)
		at := "(no file)"
		switch {
		case l.Span.File == nil:
		case l.Exact == source.InFile:
			at = o.path(l.Span.File.Path)
		default:
			at = o.place(l.Origin)
		}
		fmt.Fprintf(b, "%s%s: %s %s %s\n", indent, o.paint(bold, at), l.Role, l.Step, o.paint(dim, "("+known(l.Origin)+")"))
		if l.Span.File == nil {
			continue
		}
		inner := o
		inner.Width = o.width() - len(indent)
		var quote strings.Builder
		inner.snippet(&quote, l.Origin, cyan)
		for line := range strings.Lines(quote.String()) {
			b.WriteString(indent + line)
		}
	}
	if len(all) == 0 {
		b.WriteString("  nobody wrote it\n")
	}
}

// maxIndent is how many causes deep the lines of a chain are still indented.
const maxIndent = 10

// known says in words how well a place is known.
func known(at *source.Origin) string {
	if at.Span.File == nil {
		return at.Exact.String()
	}
	first, last := at.Lines()
	switch at.Exact {
	case source.InFile:
		return "somewhere in the file"
	case source.InBlock:
		return fmt.Sprintf("somewhere in lines %d to %d", first, last)
	case source.AtLine, source.AtToken:
	}
	return at.Exact.String()
}

// shorten cuts the middle out of a name that takes more than so many columns.
// The end says more than the start.
func shorten(name string, room int) string {
	if columns(name) <= room {
		return name
	}
	room = max(room-1, 2)
	runes := []rune(name)
	first, used := 0, 0
	for used+columnsOf(runes[first]) <= room/3 {
		used += columnsOf(runes[first])
		first++
	}
	last := len(runes)
	for last > first && used+columnsOf(runes[last-1]) <= room {
		last--
		used += columnsOf(runes[last])
	}
	return string(runes[:first]) + "…" + string(runes[last:])
}

// cut ends text after so many columns.
func cut(text string, room int) string {
	used, end := 0, 0 // end is where the text ends if an ellipsis follows
	for i, r := range text {
		if used < room {
			end = i
		}
		if used += columnsOf(r); used > room {
			return text[:end] + "…"
		}
	}
	return text
}
