package source

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"
	"unicode/utf8"
)

func TestPositions(t *testing.T) {
	const text = "\xef\xbb\xbfaé😀z\r\nb\rc\n\nd"
	f := NewFile("x", []byte(text))
	for _, c := range []struct {
		offset       int
		point, utf16 Position
	}{
		{0, Position{1, 1}, Position{1, 1}}, // the byte order mark takes no column
		{3, Position{1, 1}, Position{1, 1}},
		{4, Position{1, 2}, Position{1, 2}},
		{6, Position{1, 3}, Position{1, 3}},
		{10, Position{1, 4}, Position{1, 5}}, // behind the emoji: one point, two units
		{11, Position{1, 5}, Position{1, 6}},
		{13, Position{2, 1}, Position{2, 1}},
		{15, Position{3, 1}, Position{3, 1}}, // a lone CR ends a line
		{17, Position{4, 1}, Position{4, 1}},
		{19, Position{5, 2}, Position{5, 2}},
		{99, Position{5, 2}, Position{5, 2}},
		{-1, Position{1, 1}, Position{1, 1}},
	} {
		if got := f.Position(c.offset); got != c.point {
			t.Errorf("Position(%d) = %v, want %v", c.offset, got, c.point)
		}
		if got := f.UTF16(c.offset); got != c.utf16 {
			t.Errorf("UTF16(%d) = %v, want %v", c.offset, got, c.utf16)
		}
	}
	if f.Lines() != 5 {
		t.Errorf("Lines() = %d, want 5", f.Lines())
	}
	for n, want := range []string{"", "\xef\xbb\xbfaé😀z", "b", "c", "", "d"} {
		if n > 0 && f.LineSpan(n).Text() != want {
			t.Errorf("LineSpan(%d) = %q, want %q", n, f.LineSpan(n).Text(), want)
		}
	}
}

// Columns deep in long lines are the same as when counted from the start of
// the line, at every offset, and are found in a moment.
func TestPositionsInLongLines(t *testing.T) {
	text := "\xef\xbb\xbfshort\n" + strings.Repeat("é", 3000) + strings.Repeat("a😀\xff", 3000) + "\r\n" + strings.Repeat("\xf0\x9f", 5000) + "\nend"
	f := NewFile("x", []byte(text))
	line, start := 1, len("\xef\xbb\xbf")
	for offset := start; offset <= len(text); offset++ {
		before := text[start:offset]
		units := 0
		for _, r := range before {
			units += utf16.RuneLen(r)
		}
		point, unit := Position{line, utf8.RuneCountInString(before) + 1}, Position{line, units + 1}
		if f.Position(offset) != point || f.UTF16(offset) != unit {
			t.Fatalf("offset %d: %v, %v; want %v, %v", offset, f.Position(offset), f.UTF16(offset), point, unit)
		}
		if offset < len(text) && text[offset] == '\n' {
			line, start = line+1, offset+1
		}
	}
}

func BenchmarkPositionInLongLine(b *testing.B) {
	f := NewFile("x", bytes.Repeat([]byte("0123456789"), 1<<20))
	for i := range b.N {
		f.UTF16(i * 4099 % len(f.Data))
	}
}

func TestSpans(t *testing.T) {
	f := NewFile("x", []byte("key:  \r\n  a: 1\n"))
	whole := f.Whole()
	if got := whole.FirstLine().Text(); got != "key:" {
		t.Errorf("FirstLine = %q", got)
	}
	if !whole.Contains(whole.FirstLine()) || whole.FirstLine().Contains(whole) {
		t.Error("Contains is the wrong way round")
	}
	token := &Span{File: f, Start: 10, End: 14}
	if got := token.Part(3, 4).Span.Text(); got != "1" {
		t.Errorf("Part = %q", got)
	}
	if got := token.Part(3, 99).Span; got != *token {
		t.Errorf("a part outside of the span is %v, want the whole", got)
	}
}

func TestHeaderClaimsNoMoreThanIsKnown(t *testing.T) {
	f := NewFile("x", []byte("a\nb\n"))
	block := &Origin{Span: f.Whole(), Exact: InBlock}
	if block.Header().Span != f.Whole() {
		t.Error("the header of an uncertain block was narrowed to a line")
	}
	if h := (&Origin{Span: f.Whole(), Exact: AtToken}).Header(); h.Span.Text() != "a" {
		t.Errorf("Header = %q", h.Span.Text())
	}
	written := &Origin{Exact: AtToken}
	if got := (&Origin{Step: Alias, From: []*Origin{written}}).Cure(); got != written {
		t.Error("the cure of an alias is not what it stands for")
	}
}

func TestTreeReadsNothingOutside(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret.yaml"), "password: x")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a/in.yaml"), "a: 1")
	link(t, filepath.Join(outside, "secret.yaml"), filepath.Join(dir, "file.yaml"))
	link(t, outside, filepath.Join(dir, "dir"))
	link(t, "a/in.yaml", filepath.Join(dir, "inside.yaml"))
	link(t, "a/none.yaml", filepath.Join(dir, "none.yaml"))
	tree, err := OpenTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file.yaml", "dir/secret.yaml", "../" + filepath.Base(outside) + "/secret.yaml", filepath.Join(outside, "secret.yaml")} {
		if f, err := tree.Read(name); err == nil {
			t.Errorf("%s was read: %q", name, f.Data)
		}
	}
	if _, err := tree.Read("inside.yaml"); err != nil {
		t.Errorf("a link inside the tree is not read: %v", err)
	}
	admitted, err := tree.Admit(filepath.Join(outside, "secret.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := tree.Read(admitted); err != nil || string(f.Data) != "password: x" {
		t.Errorf("a file that the user named is not read: %v", err)
	}
	if rel, err := tree.Admit(filepath.Join(dir, "a/in.yaml")); err != nil || rel != "a/in.yaml" {
		t.Errorf("a file in the tree is admitted as %q: %v", rel, err)
	}
	if _, err := tree.Admit(filepath.Join(outside, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Admit of nothing: %v", err)
	}
	l, err := tree.Walk([]string{"."}, func(string, bool) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	const out = "symbolic link leads out of the scanned tree and is not followed"
	if want := []Skip{{"dir", out}, {"file.yaml", out}}; !slices.Equal(l.Failed, want) {
		t.Errorf("Failed = %v, want %v", l.Failed, want)
	}
	if want := []Skip{{"inside.yaml", "symbolic link; its target is analysed where it is"}, {"none.yaml", "symbolic link to nothing"}}; !slices.Equal(l.Skipped, want) {
		t.Errorf("Skipped = %v, want %v", l.Skipped, want)
	}
	if want := []string{"a/in.yaml"}; !slices.Equal(l.Files, want) {
		t.Errorf("Files = %v, want %v", l.Files, want)
	}
}

// locked has a directory that may not be listed.
type locked struct{ fstest.MapFS }

func (l locked) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "a/locked" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadDir(name)
}

func TestWalkLocked(t *testing.T) {
	tree := NewTree(locked{fstest.MapFS{"a/b.yaml": {}, "a/locked/c.yaml": {}, "a/z.yaml": {}}})
	l, err := tree.Walk([]string{"."}, func(string, bool) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a/b.yaml", "a/z.yaml"}; !slices.Equal(l.Files, want) {
		t.Errorf("Files = %v, want %v", l.Files, want)
	}
	if want := []Skip{{"a/locked", "cannot read the directory: permission denied"}}; !slices.Equal(l.Failed, want) {
		t.Errorf("Failed = %v, want %v", l.Failed, want)
	}
}

func TestTreeReads(t *testing.T) {
	tree := NewTree(fstest.MapFS{"a.yaml": {Data: []byte("a")}, "big": {Data: make([]byte, MaxFileSize+1)}, "d/b": {}})
	a, err := tree.Read("./a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := tree.Read("a.yaml"); again != a {
		t.Error("the file was read twice")
	}
	if _, err := tree.Read("big"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Read(big) = %v", err)
	}
	if _, err := tree.Read("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read(none) = %v", err)
	}
	if _, err := tree.Read("d"); err == nil {
		t.Error("a directory was read")
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}
