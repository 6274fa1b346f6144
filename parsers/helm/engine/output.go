package engine

import (
	"strings"
)

// noValue is what text/template prints for a key that is not there. Helm takes
// it out afterwards.
const noValue = "<no value>"

// plainOutput collects text whose parts nobody asks for.
type plainOutput struct {
	r    *renderer
	text []byte
}

func (o *plainOutput) Write(p []byte) (int, error) {
	if err := o.r.wrote(len(p)); err != nil {
		return 0, err
	}
	o.text = append(o.text, p...)
	return len(p), nil
}

// tracedOutput collects the text of a rendered file and where it comes from.
type tracedOutput struct {
	r      *renderer
	text   []byte
	pieces []Piece
}

func (o *tracedOutput) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := o.r.wrote(len(p)); err != nil {
		return 0, err
	}
	piece := Piece{Start: len(o.text), End: len(o.text) + len(p)}
	if l, ok := o.r.literals[&p[0]]; ok {
		piece.Literal = true
		piece.At = Place{l.template, l.offset, l.offset + len(p)}
	} else {
		piece.At = o.r.action(o.r.printing)
	}
	o.text = append(o.text, p...)
	o.pieces = append(o.pieces, piece)
	return len(p), nil
}

// action is the place of an action, braces included.
func (r *renderer) action(number int) Place {
	p := &r.actions[number]
	if p.Template >= 0 && p.End < 0 {
		text := r.templates[p.Template].Text
		p.End = actionEnd(text, p.Start)
		p.Start = actionStart(text, p.Start)
	}
	return *p
}

// finish takes out what Helm takes out and moves the pieces accordingly.
func (o *tracedOutput) finish() (string, []Piece) {
	text := string(o.text)
	if !strings.Contains(text, noValue) {
		return text, o.pieces
	}
	var b strings.Builder
	var pieces []Piece
	next := 0 // the first piece not yet copied whole
	for from := 0; from < len(text); {
		to, skip := len(text), len(text)
		if i := strings.Index(text[from:], noValue); i >= 0 {
			to = from + i
			skip = to + len(noValue)
		}
		shift := b.Len() - from
		for next < len(o.pieces) && o.pieces[next].Start < to {
			p := o.pieces[next]
			start, end := max(p.Start, from), min(p.End, to)
			if start < end {
				if p.Literal {
					p.At.Start, p.At.End = p.At.Start+start-p.Start, p.At.Start+end-p.Start
				}
				q := p
				q.Start, q.End = start+shift, end+shift
				pieces = append(pieces, q)
			}
			if p.End > to {
				break
			}
			next++
		}
		for next < len(o.pieces) && o.pieces[next].End <= skip {
			next++
		}
		b.WriteString(text[from:to])
		from = skip
	}
	return b.String(), pieces
}
