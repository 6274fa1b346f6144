// Package source knows files and places in them. It is the lowest floor: it
// imports nothing but the standard library.
//
// A place is a [Span], a range of bytes. Lines and columns are for people and
// are derived from spans here and nowhere else, because every format counts
// them differently: YAML libraries in code points, HCL in grapheme clusters,
// SARIF in UTF-16 units. An [Origin] says how much a span can be trusted and
// which other places had a part in a value.
package source

import (
	"bytes"
	"sort"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// A File is the text of one file that was read.
type File struct {
	// Path is relative to the root of the [Tree], with forward slashes.
	Path string
	Data []byte
	// Remote says that this is no file of the tree but the text of something
	// that is in none, such as an object of a cluster: there is nothing to edit
	// and nothing to open.
	Remote bool

	lines func() []int
	marks func() []mark
}

// NewFile returns a file with the given text. The text must not change after.
func NewFile(path string, data []byte) *File {
	return &File{
		Path: path, Data: data,
		lines: sync.OnceValue(func() []int { return lineStarts(data) }),
		marks: sync.OnceValue(func() []mark { return marks(data) }),
	}
}

// NewRemote returns the text of something that is in no file, by a name that
// says what it is: cluster:prod/Deployment/web/api. The text must not change
// after.
func NewRemote(name string, data []byte) *File {
	f := NewFile(name, data)
	f.Remote = true
	return f
}

// lineStarts lists the offset of the first byte of every line. LF, CRLF and a
// lone CR end a line, as in YAML and as in every editor.
func lineStarts(data []byte) []int {
	starts := make([]int, 1, 1+bytes.Count(data, []byte{'\n'}))
	for i, c := range data {
		if c == '\n' || c == '\r' && (i+1 == len(data) || data[i+1] != '\n') {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// A Position is a place as people count it: from 1, columns in code points.
type Position struct{ Line, Column int }

// Position converts a byte offset. Offsets outside the file count as its ends.
// A byte order mark takes no column.
func (f *File) Position(offset int) Position {
	line, start, offset := f.line(offset)
	return Position{Line: line, Column: f.between(start, offset).runes + 1}
}

// UTF16 is Position with the column in UTF-16 units, as SARIF and editors'
// protocols count.
func (f *File) UTF16(offset int) Position {
	line, start, offset := f.line(offset)
	return Position{Line: line, Column: f.between(start, offset).units + 1}
}

// line returns the number of the line of an offset, where its first column is,
// and the offset within the file.
func (f *File) line(at int) (line, start, offset int) {
	offset = min(max(at, 0), len(f.Data))
	starts := f.lines()
	line = sort.SearchInts(starts, offset+1)
	start = starts[line-1]
	if start == 0 && bytes.HasPrefix(f.Data, bom) {
		start = min(len(bom), offset)
	}
	return line, start, offset
}

// A mark counts the characters in front of an offset. Files have marks so that
// a column deep in a long line, as of minified JSON, is not counted from the
// start of the line each time.
type mark struct{ offset, runes, units int }

const markEvery = 4096 // bytes

func marks(data []byte) []mark {
	all := []mark{{}}
	for m := (mark{}); m.offset < len(data); {
		m = m.upTo(data, min(m.offset+markEvery, len(data)))
		all = append(all, m)
	}
	return all
}

// upTo counts on until an offset is reached.
func (m mark) upTo(data []byte, offset int) mark {
	for m.offset < offset {
		r, n := utf8.DecodeRune(data[m.offset:])
		m.offset += n
		m.runes++
		m.units += max(utf16.RuneLen(r), 1)
	}
	return m
}

// between counts the characters of the bytes [start,end).
func (f *File) between(start, end int) mark {
	if end-start <= markEvery {
		return mark{offset: start}.upTo(f.Data[:end], end)
	}
	marks := f.marks()
	to := func(offset int) mark {
		i := sort.Search(len(marks), func(i int) bool { return marks[i].offset > offset })
		return marks[i-1].upTo(f.Data[:offset], offset)
	}
	from, all := to(start), to(end)
	return mark{all.offset - from.offset, all.runes - from.runes, all.units - from.units}
}

var bom = []byte("\xef\xbb\xbf")

// Lines is the number of lines; an empty file has one.
func (f *File) Lines() int { return len(f.lines()) }

// LineSpan is line n, counted from 1, without its line break.
func (f *File) LineSpan(n int) Span {
	starts := f.lines()
	n = min(max(n, 1), len(starts))
	end := len(f.Data)
	if n < len(starts) {
		end = starts[n]
	}
	text := bytes.TrimRight(f.Data[starts[n-1]:end], "\r\n")
	return Span{File: f, Start: starts[n-1], End: starts[n-1] + len(text)}
}

// Whole is the span of the whole file.
func (f *File) Whole() Span { return Span{File: f, End: len(f.Data)} }

// A Span is the bytes [Start,End) of a file.
type Span struct {
	File       *File
	Start, End int
}

// Text is the text of the span.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return string(s.File.Data[s.Start:s.End])
}

// From is the position of the first byte.
func (s Span) From() Position { return s.File.Position(s.Start) }

// To is the position just after the last byte.
func (s Span) To() Position { return s.File.Position(s.End) }

// FirstLine is the part of the span on its first line, without trailing blanks.
func (s Span) FirstLine() Span {
	if s.File == nil {
		return s
	}
	text := s.File.Data[s.Start:s.End]
	if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i]
	}
	s.End = s.Start + len(bytes.TrimRight(text, " \t"))
	return s
}

// Contains tells whether o lies inside s.
func (s Span) Contains(o Span) bool {
	return s.File == o.File && s.Start <= o.Start && o.End <= s.End
}
