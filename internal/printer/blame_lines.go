package printer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// linesOf are the lines of a value as YAML.
func linesOf(p Part, work *int) []blamedLine {
	l := lister{work: work}
	if p.Path != "" {
		l.add(clean(p.Path)+":", "", p.Value)
	} else {
		l.inside("", "", p.Value)
	}
	return l.lines
}

// A lister collects the lines of a value.
type lister struct {
	lines  []blamedLine
	nested int  // how many documents in strings it is in
	work   *int // how many bytes of text may still be looked at to tell lines apart
}

// maxWork is how many bytes of text are looked at to tell lines apart: finding
// one may take as long as reading all of the text.
const maxWork = 1 << 30

func (l *lister) line(text string, by *source.Origin) {
	l.lines = append(l.lines, blamedLine{text, by})
}

// add adds a value behind what its first line begins with: a key with its
// colon or the dash of an item, which stand at the indent.
func (l *lister) add(lead, indent string, v graph.Value) {
	inside := indent + "  "
	switch {
	case leaf(v):
		l.leaf(lead, indent, v)
	case strings.HasSuffix(lead, "-"): // what is in an item starts on the line with its dash
		l.inside(lead+" ", inside, v)
	case v.Kind() == graph.List: // items stand below their key, as kubectl and helm print them
		l.line(lead, writtenBy(v))
		l.inside(indent, indent, v)
	default:
		l.line(lead, writtenBy(v))
		l.inside(inside, inside, v)
	}
}

// inside adds what is in a value. The first line begins with lead.
func (l *lister) inside(lead, indent string, v graph.Value) {
	list := v.Kind() == graph.List
	for key, w := range v.Entries() {
		if list {
			l.add(lead+"-", indent, w)
		} else {
			l.add(lead+plain(key)+":", indent, w)
		}
		lead = indent
	}
}

func (l *lister) leaf(lead, indent string, v graph.Value) {
	by := writtenBy(v)
	if v.Kind() == graph.String && strings.Contains(v.Str(), "\n") {
		l.block(lead, indent, v)
		return
	}
	if doc, ok := document(v, l.nested); ok {
		inside := lister{nested: l.nested + 1, work: l.work}
		inside.inside(indent+"  ", indent+"  ", doc)
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
	l.line(lead+mark, writtenBy(v))
	start, whole := 0, v.Origin()
	for line := range strings.SplitSeq(body, "\n") {
		by := whole
		if *l.work -= len(text); *l.work > 0 {
			by = v.Part(start, start+len(line))
		}
		if by != nil && whole != nil && by.Span == whole.Span {
			by = atMost(source.InBlock, by) // the line is told apart from the others no better
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
	case graph.Absent:
		return "(absent)"
	case graph.Null:
	}
	return "null"
}

// plain is text as a YAML scalar on one line, quoted where it would read as
// something else.
func plain(text string) string {
	if simple().MatchString(text) && !words[strings.ToLower(text)] {
		return text
	}
	quoted := strconv.Quote(text)
	if utf8.ValidString(text) && !strings.ContainsAny(text, "\r\n") && text != "(unknown)" && text != "(document)" && text != "(absent)" {
		if out, err := yaml.Marshal(text); err == nil {
			quoted = strings.TrimSuffix(string(out), "\n")
		}
	}
	return clean(quoted)
}

// simple is text that needs no quotes unless it is a word of YAML's own, and
// by far the most of all text.
var simple = late.Pattern(`^[A-Za-z/][A-Za-z0-9_./-]*$`)

var words = map[string]bool{
	"null": true, "true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true,
}

// chain writes all links of a value's chain, each below what it is a cause of.
func (o Options) chain(b *strings.Builder, v graph.Value) {
	all := links(writtenBy(v))
	for _, l := range all {
		indent := strings.Repeat("  ", min(l.depth, maxIndent)+1)
		at := "(no file)"
		switch {
		case l.Span.File == nil:
		case l.Exact == source.InFile:
			at = o.file(l.Span.File)
		default:
			at = o.place(l.Origin)
		}
		fmt.Fprintf(b, "%s%s: %s %s", indent, o.paint(bold, at), l.Role, l.Step)
		if l.Span.File == nil {
			b.WriteString("\n")
			continue
		}
		fmt.Fprintf(b, " %s\n", o.paint(dim, "("+known(l.Origin)+")"))
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
	first, last := at.Lines()
	switch at.Exact {
	case source.InFile:
		return "somewhere in the file"
	case source.InBlock:
		if first == last {
			return fmt.Sprintf("somewhere from line %d on", first)
		}
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
