package yamltext

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A unit is the written bytes that became one byte of the text, or a character.
type unit struct{ start, end int }

// A matcher compares what is decoded with the text it must give. So a unit is
// never wrong: where the reading here differs from the library's, it says no.
type matcher struct {
	text  string
	units *[]unit // nil when nobody asks
}

func (m *matcher) emit(s string, start, end int) bool {
	if !strings.HasPrefix(m.text, s) {
		return false
	}
	m.text = m.text[len(s):]
	if m.units != nil {
		for range len(s) {
			*m.units = append(*m.units, unit{start, end})
		}
	}
	return true
}

// unfold reads raw as a flow scalar, plain with quote 0 or else behind its
// opening quote, that decodes to text. end is where the text ends in raw.
func unfold(raw []byte, quote byte, text string, units *[]unit) (end int, ok bool) {
	m := matcher{text, units}
	for i := 0; m.text != ""; {
		if i >= len(raw) {
			return i, false
		}
		start := i
		switch b := raw[i]; {
		case isBlank(b) || breakAt(raw, i) > 0:
			i = m.space(raw, i, false)
		case quote == '\'' && b == '\'':
			if i += 2; !m.emit("'", start, i) {
				return i, false
			}
		case quote == '"' && b == '\\' && i+1 < len(raw) && breakAt(raw, i+1) > 0:
			i = m.space(raw, i+1, true)
		case quote == '"' && b == '\\':
			s, n := unescape(raw[i:])
			if i += n; n == 0 || !m.emit(s, start, i) {
				return i, false
			}
		default:
			if i++; !m.emit(string(raw[start:i]), start, i) {
				return i, false
			}
		}
		if i < 0 {
			return start, false
		}
		end = i
	}
	return end, true
}

// space reads blanks and line breaks: blanks alone stay, one line break
// becomes a space, of several the first goes. An escaped break becomes
// nothing. It returns -1 when that is not what the text has.
func (m *matcher) space(raw []byte, i int, escaped bool) int {
	start := i
	var breaks []string
	for i < len(raw) {
		if n := breakAt(raw, i); n > 0 {
			breaks = append(breaks, lineBreak(raw[i:i+n]))
			i += n
		} else if isBlank(raw[i]) {
			i++
		} else {
			break
		}
	}
	switch {
	case len(breaks) == 0:
		for j := start; j < i; j++ {
			if m.text != "" && !m.emit(string(raw[j:j+1]), j, j+1) {
				return -1
			}
		}
		return i
	case escaped:
		breaks = breaks[1:]
	case len(breaks) == 1 && breaks[0] == "\n":
		breaks[0] = " "
	case breaks[0] == "\n":
		breaks = breaks[1:]
	}
	if !m.emit(strings.Join(breaks, ""), start, i) {
		return -1
	}
	return i
}

// lineBreak is what a line break becomes.
func lineBreak(b []byte) string {
	if len(b) == 3 {
		return string(b)
	}
	return "\n"
}

// unescape decodes the escape sequence at the start of raw; n is 0 for none.
func unescape(raw []byte) (s string, n int) {
	if len(raw) < 2 {
		return "", 0
	}
	digits := 0
	switch raw[1] {
	case '0':
		return "\x00", 2
	case 'a':
		return "\a", 2
	case 'b':
		return "\b", 2
	case 't', '\t':
		return "\t", 2
	case 'n':
		return "\n", 2
	case 'v':
		return "\v", 2
	case 'f':
		return "\f", 2
	case 'r':
		return "\r", 2
	case 'e':
		return "\x1b", 2
	case 'N':
		return "\u0085", 2
	case '_':
		return "\u00a0", 2
	case 'L':
		return "\u2028", 2
	case 'P':
		return "\u2029", 2
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return string(raw[1:2]), 2
	}
	if len(raw) < 2+digits {
		return "", 0
	}
	r, err := strconv.ParseUint(string(raw[2:2+digits]), 16, 32)
	switch {
	case err != nil:
		return "", 0
	case utf8.ValidRune(rune(r)):
		return string(rune(r)), 2 + digits
	case digits == 4 && len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u': // JSON's surrogate pairs
		low, err := strconv.ParseUint(string(raw[8:12]), 16, 32)
		if both := utf16.DecodeRune(rune(r), rune(low)); err == nil && both != utf8.RuneError {
			return string(both), 12
		}
	}
	return string(utf8.RuneError), 2 + digits
}

// unblock reads raw as a block scalar that decodes to text, and tells the
// units of the text. Line breaks at the end that raw has no more are empty.
func unblock(raw []byte, text string) ([]unit, bool) {
	_, next, _, ok := header(raw, 0)
	if !ok {
		return nil, false
	}
	units := make([]unit, 0, len(text))
	indent := len(raw) // of empty lines only all spaces are indentation
	if _, line, rest, ok := emptyLines(raw, next, text); ok {
		indent = indentation(raw[line:], rest)
	}
	b := block{matcher: matcher{text, &units}, raw: raw, pos: next, indent: indent, folded: raw[0] == '>'}
	if !b.read() {
		return nil, false
	}
	for range len(b.text) {
		units = append(units, unit{len(raw), len(raw)})
	}
	return units, strings.Trim(b.text, "\n") == ""
}

// A block is a block scalar while it is read.
type block struct {
	matcher
	raw    []byte
	pos    int
	indent int
	folded bool
	empty  []unit // the breaks of empty lines since the last line
}

func (b *block) read() bool {
	var last unit // the break of the last line
	blank := false
	for b.emptyLines(); b.pos < len(b.raw) && b.text != ""; b.emptyLines() {
		starts := isBlank(b.raw[b.pos])
		switch fold := b.folded && !blank && !starts && b.broken(last) == "\n"; {
		case fold && len(b.empty) == 0:
			if !b.emit(" ", last.start, last.end) {
				return false
			}
		case !fold:
			if !b.emit(b.broken(last), last.start, last.end) {
				return false
			}
		}
		if !b.flush() {
			return false
		}
		blank = starts
		for b.pos < len(b.raw) && breakAt(b.raw, b.pos) == 0 {
			if !b.emit(string(b.raw[b.pos:b.pos+1]), b.pos, b.pos+1) {
				return false
			}
			b.pos++
		}
		last = unit{b.pos, b.pos}
		if b.pos < len(b.raw) {
			last.end += breakAt(b.raw, b.pos)
		}
		b.pos = last.end
	}
	if b.text != "" && !b.emit(b.broken(last), last.start, last.end) {
		return false
	}
	return b.text == "" || b.flush()
}

func (b *block) broken(u unit) string {
	if u.start == u.end {
		return ""
	}
	return lineBreak(b.raw[u.start:u.end])
}

// emptyLines skips indentation and the breaks of empty lines.
func (b *block) emptyLines() {
	for b.pos < len(b.raw) {
		line := b.pos
		for b.pos < len(b.raw) && b.pos < line+b.indent && b.raw[b.pos] == ' ' {
			b.pos++
		}
		if b.pos == len(b.raw) {
			return
		}
		n := breakAt(b.raw, b.pos)
		if n == 0 {
			return
		}
		b.empty = append(b.empty, unit{b.pos, b.pos + n})
		b.pos += n
	}
}

// flush emits the breaks of empty lines.
func (b *block) flush() bool {
	for _, u := range b.empty {
		if !b.emit(b.broken(u), u.start, u.end) {
			return false
		}
	}
	b.empty = b.empty[:0]
	return true
}
