package edit

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// ErrOverlap says that edits touch the same bytes.
var ErrOverlap = errors.New("the edits overlap")

// A Batch is edits that can be made together.
type Batch struct {
	edits map[string][]Edit // by file, sorted by place
}

// Add adds edits, all or none of them. An edit that is there already, byte for
// byte, counts once; one that touches the bytes of another is [ErrOverlap].
func (b *Batch) Add(edits []Edit) error {
	var fresh []Edit
	for _, e := range edits {
		known := append(slices.Clone(b.edits[e.Span.File.Path]), fresh...)
		if slices.ContainsFunc(known, func(k Edit) bool { return same(k, e) }) {
			continue
		}
		if slices.ContainsFunc(known, func(k Edit) bool { return touch(k, e) }) {
			return ErrOverlap
		}
		fresh = append(fresh, e)
	}
	if b.edits == nil {
		b.edits = map[string][]Edit{}
	}
	for _, e := range fresh {
		of := append(slices.Clip(b.edits[e.Span.File.Path]), e)
		slices.SortFunc(of, func(a, b Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
		b.edits[e.Span.File.Path] = of
	}
	return nil
}

// Holds tells whether all of the edits are there already.
func (b *Batch) Holds(edits []Edit) bool {
	return !slices.ContainsFunc(edits, func(e Edit) bool {
		return !slices.ContainsFunc(b.edits[e.Span.File.Path], func(k Edit) bool { return same(k, e) })
	})
}

func same(a, b Edit) bool {
	return a.Span.File.Path == b.Span.File.Path && a.Span.Start == b.Span.Start && a.Span.End == b.Span.End && a.New == b.New
}

// touch tells whether two edits share a byte, or one of them is an insertion at
// the edge of the other: which comes first would be a guess.
func touch(a, b Edit) bool {
	if a.Span.File.Path != b.Span.File.Path {
		return false
	}
	if a.Span.Start == a.Span.End && b.Span.Start == b.Span.End && twins(a, b) {
		return true
	}
	if a.Span.Start == a.Span.End || b.Span.Start == b.Span.End {
		return a.Span.Start <= b.Span.End && b.Span.Start <= a.Span.End
	}
	return a.Span.Start < b.Span.End && b.Span.Start < a.Span.End
}

// twins tells whether two insertions write the same first line into one map or
// block: no line between them is less indented.
func twins(a, b Edit) bool {
	if a.Span.Start > b.Span.Start {
		a, b = b, a
	}
	first, _, _ := strings.Cut(strings.TrimLeft(a.New, "\r\n"), "\n")
	second, _, _ := strings.Cut(strings.TrimLeft(b.New, "\r\n"), "\n")
	first, second = strings.TrimRight(first, "\r"), strings.TrimRight(second, "\r")
	indent := len(first) - len(strings.TrimLeft(first, " "))
	if first != second || indent == 0 {
		return first == second && a.New != ""
	}
	for line := range bytes.Lines(a.Span.File.Data[a.Span.Start:b.Span.Start]) {
		content := bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(content)) > 0 && content[0] != '#' && len(line)-len(content) < indent && &line[0] != &a.Span.File.Data[a.Span.Start] {
			return false
		}
	}
	return true
}

// Files are the paths of the files that change, sorted.
func (b *Batch) Files() []string {
	var paths []string
	for path := range b.edits {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// Of are the edits of a file, sorted by place.
func (b *Batch) Of(path string) []Edit { return b.edits[path] }

// Apply is the text of a file after its edits.
func (b *Batch) Apply(f *source.File) []byte {
	var out []byte
	from := 0
	for _, e := range b.edits[f.Path] {
		out = append(out, f.Data[from:e.Span.Start]...)
		out = append(out, e.New...)
		from = e.Span.End
	}
	return append(out, f.Data[from:]...)
}
