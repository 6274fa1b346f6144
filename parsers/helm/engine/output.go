package engine

import (
	"fmt"
	"sort"
	"strings"
	"text/template/parse"
)

// noValue is what text/template prints for a key that is not there. Helm takes
// it out afterwards.
const noValue = "<no value>"

// A piece says what wrote the bytes [start,end) of an output: the text of a
// script from pos on when literal, else the action at pos, which printed what.
type piece struct {
	start, end int
	script     *script
	pos        int
	literal    bool
	off        int // of start in the text that the action printed
	text       string
	what       cause
	ctl        *control
}

// A ghost is a branch that was not taken. What was taken instead wrote
// [at,until).
type ghost struct {
	at     int
	until  int
	script *script
	pos    parse.Pos
	body   *parse.ListNode
	defs   *definitions
	cond   cause
	ctl    *control
}

// An output is text that was executed and where it comes from.
type output struct {
	r      *renderer
	text   []byte
	str    string
	pieces []piece
	ghosts []ghost
	taint  taint
}

// String ends the output and is its text.
func (o *output) String() string {
	if o.text != nil {
		o.str = string(o.text)
		o.text = nil
	}
	return o.str
}

func (o *output) literal(s *state, n *parse.TextNode) error {
	if len(n.Text) == 0 {
		return nil
	}
	if err := s.wrote(len(n.Text)); err != nil {
		return err
	}
	p := piece{start: len(o.text), script: s.script, pos: int(n.Pos), literal: true, ctl: s.ctl}
	if p.pos > len(s.script.text) || !strings.HasPrefix(s.script.text[p.pos:], string(n.Text)) {
		p.pos = -1 // nothing is claimed
	}
	o.text = append(o.text, n.Text...)
	p.end = len(o.text)
	o.pieces = append(o.pieces, p)
	return nil
}

func (o *output) print(s *state, n *parse.ActionNode, v val) error {
	text, err := s.textOf(n, v.Value)
	if err != nil {
		return err
	}
	if err := s.wrote(len(text)); err != nil {
		return err
	}
	p := piece{start: len(o.text), script: s.script, pos: int(n.Pos), text: text, what: v.cause, ctl: s.ctl}
	o.text = append(o.text, text...)
	p.end = len(o.text)
	o.pieces = append(o.pieces, p)
	o.taint |= taintOf(v.cause)
	for c := s.ctl; c != nil && c.out == o; c = c.outer {
		o.taint |= taintOf(c.cond) & (unknown | open)
	}
	return nil
}

// finish takes out what Helm takes out and moves the pieces accordingly.
func (o *output) finish() {
	text := o.String()
	if !strings.Contains(text, noValue) {
		return
	}
	var cuts []int // where they begin
	for at := 0; ; {
		i := strings.Index(text[at:], noValue)
		if i < 0 {
			break
		}
		cuts = append(cuts, at+i)
		at += i + len(noValue)
	}
	var b strings.Builder
	from := 0
	for _, c := range cuts {
		b.WriteString(text[from:c])
		from = c + len(noValue)
	}
	b.WriteString(text[from:])

	// moved is where an offset is afterwards.
	moved := func(at int) int {
		before := sort.Search(len(cuts), func(i int) bool { return cuts[i]+len(noValue) > at })
		if before < len(cuts) {
			at = min(at, cuts[before])
		}
		return at - before*len(noValue)
	}
	var pieces []piece
	first := 0
	for _, p := range o.pieces {
		for first < len(cuts) && cuts[first]+len(noValue) <= p.start {
			first++
		}
		at := p.start
		for c := first; at < p.end && c < len(cuts) && cuts[c] < p.end; c++ {
			if at < cuts[c] || p.start >= cuts[c] && p.end <= cuts[c]+len(noValue) {
				pieces = append(pieces, p.sub(at, max(at, cuts[c])))
			}
			at = min(cuts[c]+len(noValue), p.end)
		}
		if at < p.end || p.start == p.end {
			pieces = append(pieces, p.sub(at, p.end))
		}
	}
	for i := range pieces {
		p := &pieces[i]
		n := p.end - p.start
		p.start = moved(p.start)
		p.end = p.start + n
	}
	for i := range o.ghosts {
		g := &o.ghosts[i]
		g.at, g.until = moved(g.at), moved(g.until)
	}
	o.pieces = pieces
	o.str = b.String()
}

// sub is the part of a piece.
func (p piece) sub(start, end int) piece {
	if p.literal && p.pos >= 0 {
		p.pos += start - p.start
	} else {
		p.off += start - p.start
	}
	p.start, p.end = start, end
	return p
}

// A Piece says where the bytes [Start,End) of rendered text come from.
type Piece struct {
	Start, End int
	// At is the text that was copied when Literal, else the action that printed.
	At      Place
	Literal bool
}

// Pieces are the pieces of the text, in its order, which they cover.
func (f *File) Pieces() []Piece {
	var all []Piece
	for _, p := range f.out.pieces {
		if p.start < p.end {
			all = append(all, Piece{p.start, p.end, f.out.r.place(&p), p.literal})
		}
	}
	return all
}

// place is the text or the action that wrote a piece.
func (r *renderer) place(p *piece) Place {
	if p.script.file < 0 || p.pos < 0 {
		return Place{Template: -1}
	}
	if p.literal {
		return Place{p.script.file, p.pos, p.pos + p.end - p.start}
	}
	return r.action(p.script, p.pos)
}

// action is the place of an action that has its first token at pos, braces
// included.
func (r *renderer) action(s *script, pos int) Place {
	if s.file < 0 {
		return Place{Template: -1}
	}
	pos = min(pos, len(s.text))
	return Place{s.file, actionStart(s.text, pos), actionEnd(s.text, pos)}
}

// String helps when looking for mistakes.
func (p piece) String() string { return fmt.Sprintf("[%d,%d)", p.start, p.end) }
