package source

// A Comment is a comment and the lines it speaks about.
type Comment struct {
	Span Span   // with its marks
	Text string // without its marks and the blanks around it
	// Scope is whole lines: for a comment behind something its own line, for
	// one that stands alone the line after it, and in both cases all that is
	// nested below that line. It is empty when nothing comes after.
	Scope Span
	// Within is what the comment stands in, as whole lines: the innermost block
	// of a Terraform file, the document of YAML; the whole file when that is
	// none.
	Within Span
}

// WholeLines is the span of the lines from first to last, both counted from 1
// and both in it, without the last line's break.
func (f *File) WholeLines(first, last int) Span {
	return Span{File: f, Start: f.LineSpan(first).Start, End: f.LineSpan(last).End}
}
