package yamltext

import (
	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// aliased is the place of a value that an alias stands for.
type aliased struct{ alias, value source.Handle }

func (a aliased) origin(from *source.Origin) *source.Origin {
	o := *a.alias.Origin()
	o.Step, o.From = source.Alias, []*source.Origin{from}
	return &o
}

func (a aliased) Origin() *source.Origin { return a.origin(a.value.Origin()) }

func (a aliased) Part(start, end int) *source.Origin { return a.origin(a.value.Part(start, end)) }

// uncertain is the place of a scalar that was not found again in the text: it
// is somewhere in the document.
type uncertain struct{ document source.Handle }

func (u uncertain) Origin() *source.Origin { return within(u.document.Origin()) }

func (u uncertain) Part(int, int) *source.Origin { return u.Origin() }

// within is an origin that claims no more than that something is inside.
func within(o *source.Origin) *source.Origin {
	w := *o
	w.Exact = min(w.Exact, source.InBlock)
	return &w
}

// quoted is the place of a string of n bytes in quotes without escapes.
type quoted struct {
	inner source.Handle
	n     int
}

func (q quoted) Origin() *source.Origin { return q.inner.Origin() }

func (q quoted) Part(start, end int) *source.Origin {
	if start < 0 || start > end || end > q.n {
		return q.Origin()
	}
	return q.inner.Part(start+1, end+1)
}

// Inner is the place of the string with its quotes.
func (q quoted) Inner() source.Handle { return q.inner }

// Inner is the place of what is written.
func (o opaque) Inner() source.Handle { return o.inner }

// Inner is the place of what is written.
func (d *decoded) Inner() source.Handle { return d.inner }

// opaque is the place of a string that is written in another way, of which no
// part can be told.
type opaque struct{ inner source.Handle }

func (o opaque) Origin() *source.Origin { return o.inner.Origin() }

func (o opaque) Part(int, int) *source.Origin { return within(o.Origin()) }

// decoded is the place of a string whose text is not what is written byte for
// byte. What became of which bytes is worked out when somebody asks.
type decoded struct {
	inner source.Handle
	style yaml.Style
	raw   []byte
	text  string
}

func (d *decoded) Origin() *source.Origin { return d.inner.Origin() }

func (d *decoded) Part(start, end int) *source.Origin {
	if start < 0 || start > end || end > len(d.text) {
		return d.Origin()
	}
	units, ok := d.units()
	if !ok {
		return within(d.Origin())
	}
	switch {
	case start < end:
		return d.inner.Part(units[start].start, units[end-1].end)
	case start < len(units):
		return d.inner.Part(units[start].start, units[start].start)
	}
	return d.inner.Part(len(d.raw), len(d.raw))
}

// units are the written bytes of each byte of the text.
func (d *decoded) units() ([]unit, bool) {
	units := make([]unit, 0, len(d.text))
	var ok bool
	switch d.style &^ yaml.TaggedStyle {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		return unblock(d.raw, d.text)
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		_, ok = unfold(d.raw[1:], d.raw[0], d.text, &units)
		for i := range units {
			units[i].start++
			units[i].end++
		}
	default:
		_, ok = unfold(d.raw, 0, d.text, &units)
	}
	return units, ok
}
