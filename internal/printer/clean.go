package printer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// clean is text without anything that is not to be seen: control characters,
// invisible and bidirectional ones and bytes that are no text are written as
// escapes. What starts a logging command on a build agent is broken up.
func clean(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		b.WriteString(visible(r, text))
		text = text[n:]
	}
	return b.String()
}

// commands tells whether text starts with what build agents take for a command
// anywhere in a line: ##vso[task.complete], ##[stop-commands].
func commands(text string) bool {
	rest, ok := strings.CutPrefix(text, "##")
	return ok && strings.HasPrefix(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"), "[")
}

// visible is the character r that text starts with as it may be printed.
func visible(r rune, text string) string {
	switch {
	case r == utf8.RuneError && !strings.HasPrefix(text, string(r)):
		return fmt.Sprintf(`\x%02x`, text[0])
	case r == '#' && commands(text):
		return "# "
	case unicode.IsPrint(r):
		return string(r)
	case r == '\n':
		return `\n`
	case r == '\t':
		return " "
	case unicode.Is(unicode.Zs, r):
		return " "
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// columns is how many columns of a terminal printable text takes.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if r < 0x300 { // before the first that combines or is wide
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// pad fills text with blanks to a number of columns.
func pad(text string, to int) string {
	return text + strings.Repeat(" ", max(to-columns(text), 0))
}

// wrap breaks text into lines of at most so many columns, at blanks. A word
// that is longer has a line of its own. Line breaks in the text stay.
func wrap(text string, to int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		line, used := "", 0
		for word := range strings.FieldsSeq(paragraph) {
			n := columns(word)
			if line != "" && used+1+n > to {
				lines = append(lines, line)
				line, used = "", 0
			}
			if line != "" {
				line += " "
				used++
			}
			line += word
			used += n
		}
		lines = append(lines, line)
	}
	return lines
}
