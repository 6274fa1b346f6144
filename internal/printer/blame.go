package printer

import (
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Blame output is a resource as it was rendered, each line with the place that
// wrote it, as git blame does for files. It goes to the terminal as it is:
// a pager would have to be started, $PAGER may be anything, and this program
// starts no process.

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

func find(from Part, path string) (Part, bool) {
	if path == "" || from.Value.Kind() == graph.Unknown {
		return from, true
	}
	for p, forms := range from.parts() {
		for _, form := range forms {
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

// parts yields what is in a list or map, each with the ways to write the last
// step to it.
func (p Part) parts() func(yield func(Part, []string) bool) {
	return func(yield func(Part, []string) bool) {
		list := p.Value.Kind() == graph.List
		for key, v := range p.Value.Entries() {
			forms := []string{key}
			path := p.Path + "." + key
			switch {
			case list:
				path = p.Path + "[" + key + "]"
				forms = []string{"[" + key + "]", key}
			case p.Path == "":
				path = key
			}
			if !yield(Part{v, path}, forms) {
				return
			}
		}
	}
}

// leaf tells whether there is nothing in the value that could be looked at
// for itself.
func (p Part) leaf() bool {
	n, _ := p.Value.Len()
	return n == 0
}

// origin is who wrote the value: of a scalar its own place, of everything else
// that of its header or key.
func (p Part) origin() *source.Origin {
	switch p.Value.Kind() {
	case graph.Bool, graph.Number, graph.String, graph.Unknown:
		return p.Value.Origin()
	}
	return p.Value.Place()
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
	for i, p := range parts {
		var b strings.Builder
		if i > 0 {
			b.WriteString("\n")
		}
		r := p.Value.Resource()
		fmt.Fprintf(&b, "%s %s\n", opt.paint(bold, clean(r.ID)), opt.paint(dim, "in "+clean(r.Root)))
		if p.Path != "" && p.leaf() {
			opt.chain(&b, p)
		} else {
			opt.listing(&b, p)
		}
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

// listing writes the lines of a value with their places.
func (o Options) listing(b *strings.Builder, p Part) {
	lines := linesOf(p)
	rows := make([]row, len(lines))
	first, second, widest := 0, 0, 0
	for i, l := range lines {
		cause, more := drivenBy(l.by)
		rows[i] = row{by: o.written(l.by), cause: o.written(cause)}
		if cause == nil {
			rows[i].cause = ref{}
		} else if more > 0 {
			rows[i].cause.line += fmt.Sprintf(" +%d", more)
		}
		first, second = max(first, rows[i].by.columns()), max(second, rows[i].cause.columns())
		widest = max(widest, columns(l.text))
	}
	// The text has the room it needs, up to half of it.
	room := max(o.width()-widest, o.width()/2) - len(" | ")
	if second > 0 {
		room -= len(arrow)
		if first+second > room {
			first = min(first, max(room/2, room-second))
			second = min(second, room-first)
		}
	}
	first = min(first, room)
	before := ""
	for i, l := range lines {
		r := rows[i]
		by := pad(r.by.within(first), first)
		if here := r.by.file; here == before {
			by = o.paint(dim, by)
		} else {
			before = here
		}
		b.WriteString(by)
		used := first
		if second > 0 {
			cause := strings.Repeat(" ", len(arrow)+second)
			if r.cause != (ref{}) {
				cause = o.paint(cyan, pad(arrow+r.cause.within(second), len(arrow)+second))
			}
			b.WriteString(cause)
			used += len(arrow) + second
		}
		b.WriteString(" " + o.paint(dim, "|") + " ")
		b.WriteString(cut(l.text, o.width()-used-len(" | ")) + "\n")
	}
}

const arrow = " <- "

// A row is what stands in front of a line.
type row struct{ by, cause ref }

// A ref is a place as it is shown in a column: the file's name may be
// shortened, the line may not.
type ref struct{ file, line string }

func (r ref) columns() int { return columns(r.file) + len(r.line) }

func (r ref) within(room int) string { return shorten(r.file, room-len(r.line)) + r.line }

// written is the place of an origin with a mark for how well it is known; what
// stands in no file is named by the way it came.
func (o Options) written(at *source.Origin) ref {
	switch {
	case at == nil:
		return ref{file: "-"}
	case at.Span.File == nil:
		return ref{file: "(" + at.Step.String() + ")"}
	case at.Exact == source.InFile:
		return ref{o.path(at.Span.File.Path), "?"}
	}
	line := fmt.Sprintf(":%d", at.Span.From().Line)
	if at.Exact == source.InBlock {
		line += "~"
	}
	return ref{o.path(at.Span.File.Path), line}
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
			if from == nil || from.Role > source.DrivenBy {
				continue
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
