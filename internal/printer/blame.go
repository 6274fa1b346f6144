package printer

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Clean is text of a stranger's as it may be printed.
func Clean(text string) string { return clean(text) }

// A Part is a value of a resource and its path from the resource's root.
type Part struct {
	Value graph.Value
	Path  string
}

// PartOf is what a path such as "spec.containers[0].image" leads to, all of
// the resource for "". Indexes may stand between dots too, and keys may have
// dots in them. Below an unknown it is the unknown; it is absent where nothing
// is.
func PartOf(r *graph.Resource, path string) Part {
	if part, ok := find(Part{Value: r.Config}, strings.TrimPrefix(path, ".")); ok {
		return part
	}
	return Part{r.At(strings.NewReplacer("[", ".", "]", "").Replace(path)), path}
}

// Explained tells whether something is absent and its place says why: a branch
// that was not taken would have written it, or a patch took it out.
func (p Part) Explained() bool {
	return p.Value.Kind() == graph.Absent && slices.ContainsFunc(links(p.Value.Place()), func(l link) bool {
		return l.Role == source.NotRendered || l.Role == source.Overrides
	})
}

func find(from Part, path string) (Part, bool) {
	if path == "" || from.Value.Kind() == graph.Unknown {
		return from, true
	}
	for p, key := range from.parts() {
		for _, form := range [...]string{key, "[" + key + "]"} {
			rest, ok := strings.CutPrefix(path, form)
			if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
				continue
			}
			if found, ok := find(p, strings.TrimPrefix(rest, ".")); ok {
				return found, true
			}
		}
		// A block that may be written once is a list of one item.
		if n, _ := from.Value.Len(); n == 1 && from.Value.Kind() == graph.List {
			return find(p, path)
		}
	}
	return Part{}, false
}

// parts yields what is in a list or map, with its key or index.
func (p Part) parts() iter.Seq2[Part, string] {
	return func(yield func(Part, string) bool) {
		list := p.Value.Kind() == graph.List
		for key, v := range p.Value.Entries() {
			path := p.Path + "." + key
			switch {
			case list:
				path = p.Path + "[" + key + "]"
			case p.Path == "":
				path = key
			}
			if !yield(Part{v, path}, key) {
				return
			}
		}
	}
}

// leaf tells whether there is nothing in a value that could be looked at for
// itself.
func leaf(v graph.Value) bool {
	n, _ := v.Len()
	return n == 0
}

// writtenBy is who wrote a value: of a scalar its own place, of everything
// else that of its header or key. What has neither is somewhere in the block
// around it.
func writtenBy(v graph.Value) *source.Origin {
	by := v.Place()
	switch v.Kind() {
	case graph.Bool, graph.Number, graph.String, graph.Unknown:
		by = v.Origin()
	case graph.Absent, graph.Null, graph.List, graph.Map:
	}
	if v.Placed() || v.Kind() == graph.Absent {
		return by
	}
	return atMost(source.InBlock, by)
}

// atMost is an origin that claims no more than the exactness.
func atMost(exact source.Exactness, o *source.Origin) *source.Origin {
	if o == nil || o.Exact <= exact {
		return o
	}
	c := *o
	c.Exact = exact
	return &c
}

// maxNested is how many documents in strings of documents are looked into.
const maxNested = 3

// document is what a string holds that is a document with something in it;
// nested is how many documents the string is in.
func document(v graph.Value, nested int) (graph.Value, bool) {
	if k := v.Kind(); k != graph.String && k != graph.Unknown || nested == maxNested {
		return v, false
	}
	doc := v.Decoded()
	return doc, !leaf(doc)
}

// Paths are the paths of all that is in a resource.
func Paths(r *graph.Resource) []string {
	var all []string
	var walk func(p Part)
	walk = func(p Part) {
		for q := range p.parts() {
			all = append(all, q.Path)
			walk(q)
		}
	}
	walk(Part{Value: r.Config})
	return all
}

// Blame writes values as lines of YAML, in front of each the place that wrote
// it and the one that drove it; a single scalar with its chain.
func Blame(w io.Writer, parts []Part, opt Options) error {
	work := maxWork
	for i, p := range parts {
		var b strings.Builder
		if i > 0 {
			b.WriteString("\n")
		}
		r := p.Value.Resource()
		fmt.Fprintf(&b, "%s %s\n", opt.paint(bold, clean(r.ID)), opt.paint(dim, "in "+clean(r.Root)))
		opt.listing(&b, p, &work)
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// A blamedLine is one line of a rendered value; by is who wrote it.
type blamedLine struct {
	text string
	by   *source.Origin
}

// listing writes the lines of a value with their places, and the chain of one
// without parts: of one on a single line that says all.
func (o Options) listing(b *strings.Builder, p Part, work *int) {
	lines := linesOf(p, work)
	if p.Path != "" && leaf(p.Value) {
		defer o.chain(b, p.Value)
		if len(lines) == 1 {
			b.WriteString(lines[0].text + "\n")
			return
		}
	}
	rows := make([]row, len(lines))
	var by, cause column
	widest := 0
	for i, l := range lines {
		rows[i] = row{by: o.ref(l.by)}
		if from, more := drivenBy(l.by); from != nil {
			rows[i].cause = o.ref(from)
			if more > 0 {
				rows[i].cause.line += fmt.Sprintf(" +%d", more)
			}
		}
		by.add(rows[i].by)
		cause.add(rows[i].cause)
		widest = max(widest, columns(l.text))
	}
	// The text has the room that it needs, up to half of the width.
	room := max(o.width()-widest, o.width()/2) - len(bar)
	if cause.width > 0 {
		room -= len(arrow)
		if by.width+cause.width > room {
			by.narrow(max(room/2, room-cause.width))
			cause.narrow(room - by.width)
		}
	}
	by.narrow(room)
	text := o.width() - len(bar) - by.width
	if cause.width > 0 {
		text -= len(arrow) + cause.width
	}
	before := ""
	for i, l := range lines {
		first := by.show(rows[i].by)
		if here := rows[i].by.file; here == before { // that the file changes should be seen
			first = o.paint(dim, first)
		} else {
			before = here
		}
		b.WriteString(first)
		switch {
		case rows[i].cause != ref{}:
			b.WriteString(o.paint(cyan, arrow+cause.show(rows[i].cause)))
		case cause.width > 0:
			b.WriteString(strings.Repeat(" ", len(arrow)+cause.width))
		}
		if l.text == "" {
			b.WriteString(o.paint(dim, strings.TrimRight(bar, " ")) + "\n")
			continue
		}
		b.WriteString(o.paint(dim, bar) + cut(l.text, max(text, 1)) + "\n")
	}
}

const (
	arrow = " <- "
	bar   = " | "
)

// A row is what stands in front of a line.
type row struct{ by, cause ref }

// A ref is a place as it is shown in a column: the file's name may be
// shortened, the line may not.
type ref struct{ file, line string }

// A column has refs below each other.
type column struct {
	width int // of the column
	file  int // of the file's names
	line  int // of the lines behind them
}

func (c *column) add(r ref) {
	c.width = max(c.width, columns(r.file)+len(r.line))
	c.file = max(c.file, columns(r.file))
	c.line = max(c.line, len(r.line))
}

// narrow makes the column no wider than so much, at the cost of the names.
func (c *column) narrow(width int) {
	if c.width > width {
		c.file = max(width-c.line, minName)
		c.width = min(c.width, c.file+c.line)
	}
}

// minName is what of a file's name is left in the narrowest column.
const minName = 5

func (c column) show(r ref) string { return pad(shorten(r.file, c.file)+r.line, c.width) }

// ref is the place of an origin with a mark for how well it is known; what
// stands in no file is named by the way it came.
func (o Options) ref(at *source.Origin) ref {
	switch {
	case at == nil:
		return ref{file: "-"}
	case at.Span.File == nil:
		return ref{file: "(" + at.Step.String() + ")"}
	case at.Exact == source.InFile:
		return ref{o.file(at.Span.File), "?"}
	}
	line := fmt.Sprintf(":%d", at.Span.From().Line)
	if at.Exact == source.InBlock {
		line += "~"
	}
	return ref{o.file(at.Span.File), line}
}

// drivenBy is the place that a value goes back to, when it is not the one that
// wrote it, and how many more there are.
func drivenBy(by *source.Origin) (cause *source.Origin, more int) {
	if by == nil {
		return nil, 0
	}
	type place struct {
		file *source.File
		line int
	}
	where := func(o *source.Origin) place {
		if o.Span.File == nil {
			return place{}
		}
		return place{o.Span.File, position(o).Line}
	}
	var data, others []*source.Origin
	seen := map[place]bool{where(by): true}
	visited := map[*source.Origin]bool{by: true}
	var walk func(o *source.Origin)
	walk = func(o *source.Origin) {
		end := true
		for _, from := range o.From {
			if from == nil {
				continue
			}
			switch from.Role {
			case source.Condition, source.Overrides, source.NotRendered:
				continue // it is not where the value comes from
			case source.SetBy, source.Via, source.DrivenBy:
			}
			end = false
			if !visited[from] && len(visited) < maxChain {
				visited[from] = true
				walk(from)
			}
		}
		if !end || seen[where(o)] {
			return
		}
		seen[where(o)] = true
		if o.Role == source.DrivenBy {
			data = append(data, o)
		} else {
			others = append(others, o)
		}
	}
	walk(by)
	if len(data) == 0 {
		data = others
	}
	if len(data) == 0 {
		return nil, 0
	}
	return data[0], len(data) - 1
}
