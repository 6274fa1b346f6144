package engine

import (
	"slices"
	"strings"
	"unsafe"
)

// between are the pieces that have bytes in [start,end), and those without
// bytes inside or at its ends.
func (o *output) between(start, end int) []piece {
	lo, hi := 0, len(o.pieces)
	for lo < hi {
		if m := (lo + hi) / 2; o.pieces[m].end < start {
			lo = m + 1
		} else {
			hi = m
		}
	}
	var found []piece
	for _, p := range o.pieces[lo:] {
		if p.start > end {
			break
		}
		if p.start < end && p.end > start || p.start == p.end {
			found = append(found, p)
		}
	}
	return found
}

// place is what wrote a range of an output, in the innermost template that
// wrote all of it.
func (t *tracer) place(o *output, start, end int) (Place, bool, Exactness, []Place) {
	o, start, end, via := t.descend(o, start, end, nil)
	return t.flat(o, start, end, via)
}

// has are the pieces that wrote a range. Where nothing was written it is what
// stands right there.
func (o *output) has(start, end int) []piece {
	all := o.between(start, end)
	var has []piece
	for _, p := range all {
		if p.start < p.end {
			has = append(has, p)
		}
	}
	if start < end {
		return has
	}
	for _, p := range all {
		if p.start == p.end {
			return []piece{p}
		}
	}
	for _, p := range o.between(start-1, start+1) {
		if p.start <= start && p.end >= start {
			return []piece{p}
		}
	}
	return nil
}

// calls are the template actions that a piece was written through.
func (r *renderer) callsOf(p *piece, via []Place) []Place {
	var calls []Place
	for c := p.ctl; c != nil; c = c.outer {
		if c.call {
			calls = append(calls, r.action(c.script, int(c.pos)))
		}
	}
	return append(calls, via...)
}

// descend follows a range to the innermost output that all of it was copied
// from; via are the calls that lead there.
func (t *tracer) descend(o *output, start, end int, via []Place) (*output, int, int, []Place) {
	for range maxDepth {
		has := o.has(start, end)
		if len(has) != 1 || has[0].literal {
			break
		}
		p := has[0]
		in, s, e, ok := t.inner(p.what, p.text, p.off+max(start-p.start, 0), p.off+max(min(end, p.end)-p.start, 0))
		if !ok || s < 0 || e > len(in.str) {
			break
		}
		wrote := in.has(s, e)
		if len(wrote) == 0 || slices.ContainsFunc(wrote, func(p piece) bool { return p.script.file < 0 || p.pos < 0 }) {
			break
		}
		via = append([]Place{t.r.place(&p)}, t.r.callsOf(&p, via)...)
		o, start, end = in, s, e
	}
	return o, start, end, via
}

// flat is what wrote a range of an output, in the output's own template.
func (t *tracer) flat(o *output, start, end int, via []Place) (Place, bool, Exactness, []Place) {
	has := o.has(start, end)
	for _, p := range has {
		if p.script.file < 0 || p.pos < 0 {
			has = nil
			break
		}
	}
	if len(has) == 0 {
		return Place{Template: -1}, false, Nowhere, via
	}
	p := has[0]
	at := t.r.place(&p)
	via = t.r.callsOf(&p, via)
	if p.literal {
		at.Start += max(start-p.start, 0)
	}
	switch {
	case len(has) == 1 && p.literal:
		at.End = at.Start + end - max(start, p.start)
		return at, true, Token, via
	case len(has) == 1 && strings.TrimSpace(o.str[p.start:p.end]) == strings.TrimSpace(o.str[start:end]):
		return at, false, Token, via
	case len(has) == 1 || !p.literal && p.start < start:
		return at, false, Block, via
	}
	// Several pieces: they follow each other in the template, or they do not.
	for i, q := range has {
		if q.script != p.script || i > 0 && q.pos < has[i-1].pos {
			return at, false, Line, via
		}
	}
	last := has[len(has)-1]
	until := t.r.place(&last)
	if last.literal {
		until.End = until.Start + end - last.start
	}
	at.End = max(until.End, at.End)
	if t.r.adjoin(has, start, end) {
		return at, false, Token, via
	}
	return at, false, Line, via
}

// adjoin tells whether the pieces wrote the range and nothing else, and stand
// side by side on a line of one template: they are a token of it.
func (r *renderer) adjoin(pieces []piece, start, end int) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if !first.literal && first.start < start || !last.literal && last.end > end {
		return false
	}
	calls := r.callsOf(&first, nil)
	for i := 1; i < len(pieces); i++ {
		before, at := r.place(&pieces[i-1]), r.place(&pieces[i])
		if at.Start < before.End || !slices.Equal(r.callsOf(&pieces[i], nil), calls) {
			return false
		}
		if gap := first.script.text[before.End:at.Start]; strings.Trim(gap, " ") != "" {
			return false
		}
	}
	from := r.place(&first).Start
	if first.literal {
		from += max(start-first.start, 0)
	}
	return !strings.Contains(first.script.text[from:r.place(&last).Start], "\n")
}

// inner follows a range of a text into the output that it was copied from.
func (t *tracer) inner(c cause, text string, start, end int) (*output, int, int, bool) {
	for t.spend() {
		switch x := c.(type) {
		case *under:
			c = x.of
		case *field:
			if c = t.canon(x); c == x {
				return nil, 0, 0, false
			}
		case *call:
			if x.out != nil {
				return x.out, start, end, true
			}
			segs, ok := t.split(x, text)
			if !ok {
				return nil, 0, 0, false
			}
			found := false
			for _, s := range segs {
				if start >= s.at && end <= s.at+s.n && s.copy && (start < end || !found) {
					c, text, start, end = s.cause, s.text, start-s.at+s.off, end-s.at+s.off
					found = true
					break
				}
			}
			if !found {
				return nil, 0, 0, false
			}
		case *excerpt:
			c, text, start, end = x.of, x.text, start+x.start, end+x.start
		default:
			return nil, 0, 0, false
		}
	}
	return nil, 0, 0, false
}

// address is where the bytes of a string are.
func address(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s))) }

// part tells where s lies in whole, by address. Strings of one byte can be
// anybody's.
func part(s, whole string) (off int, ok bool) {
	if len(s) < 2 || len(whole) < len(s) {
		return 0, false
	}
	a, b := address(s), address(whole)
	if a < b || a+uintptr(len(s)) > b+uintptr(len(whole)) {
		return 0, false
	}
	return int(a - b), true
}
