package kustomize

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// An affix is what a layer puts in front of names or behind them.
type affix struct {
	text   string
	at     source.Handle
	before bool
}

// hash is what kustomize puts behind the names of generated objects.
var hash = late.Pattern(`-[a-z0-9]{10}$`)

// renamed is the place of a name that became text: where the name itself is
// written, and what was put around it. It is nil for another name.
func (c *chain) renamed(n *graph.Node, text string) source.Handle {
	if !isScalar(n) || n.Handle() == nil || n.Text() == "" || n.Text() == text {
		return nil
	}
	name := n.Text()
	if c.vars != nil && strings.Contains(name, "$(") {
		return c.filled(n)
	}
	for at := 0; at <= len(text); at++ {
		i := strings.Index(text[at:], name)
		if i < 0 {
			break
		}
		at += i
		for _, affixes := range [...][]affix{c.affixes, c.anywhere} {
			p := &renamed{name: n.Handle(), start: at, end: at + len(name)}
			if p.surround(affixes, c.made, name, text[:at], text[at+len(name):]) {
				return p
			}
		}
	}
	return nil
}

// renamed is a name with what was put around it. [start,end) is the name.
type renamed struct {
	name       source.Handle
	start, end int
	around     []piece
	causes     []source.Handle // of what has no bytes of its own: a hash
}

// piece is the bytes [start,end) of a text that are written in one place.
type piece struct {
	start, end int
	at         source.Handle
}

// surround finds out what the text in front of the name and behind it is made
// of: the layer nearest to the object has its affixes nearest to the name.
func (p *renamed) surround(affixes []affix, made map[string]source.Handle, name, before, after string) bool {
	to := p.end
	for _, a := range affixes {
		switch {
		case a.before && strings.HasSuffix(before, a.text):
			from := len(before) - len(a.text)
			p.around = append(p.around, piece{from, len(before), a.at})
			before = before[:from]
		case !a.before && strings.HasPrefix(after, a.text):
			p.around = append(p.around, piece{to, to + len(a.text), a.at})
			after, to = after[len(a.text):], to+len(a.text)
		}
	}
	if after != "" && hash().FindString(after) == after {
		after = ""
		if by := made[name]; by != nil {
			p.causes = append(p.causes, by)
		}
	}
	return before == "" && after == ""
}

// Origin is the name's place: its line, as the text there is another. What
// was put around it are the causes.
func (p *renamed) Origin() *source.Origin {
	o := *capped(p.name.Origin())
	o.Step, o.From = source.Overlay, slices.Clone(o.From)
	add := func(h source.Handle) {
		via := *h.Origin()
		via.Step, via.Role = source.Overlay, source.Via
		o.From = append(o.From, &via)
	}
	for _, a := range p.around {
		if a.at != nil {
			add(a.at)
		}
	}
	for _, h := range p.causes {
		add(h)
	}
	return &o
}

// Part tells the name from what was put around it.
func (p *renamed) Part(start, end int) *source.Origin {
	if p.start <= start && start <= end && end <= p.end {
		return p.name.Part(start-p.start, end-p.start)
	}
	for _, a := range p.around {
		if a.at != nil && a.start <= start && start <= end && end <= a.end {
			return a.at.Part(start-a.start, end-a.start)
		}
	}
	return p.Origin()
}

// filled is the place of text in which variables were filled in.
func (c *chain) filled(n *graph.Node) source.Handle {
	o := *capped(n.Handle().Origin())
	o.Step, o.From = source.Overlay, slices.Clone(o.From)
	for _, v := range c.vars {
		if strings.Contains(n.Text(), "$("+v.name+")") {
			via := *v.at
			via.Step, via.Role = source.Overlay, source.DrivenBy
			o.From = append(o.From, &via)
		}
	}
	return &o
}

// A variable is an entry of vars.
type variable struct {
	name string
	at   *source.Origin
}

// affixes are the name prefixes and suffixes of the layers that have a part in
// a visit, of all layers without one; those included first.
func (bd *build) affixes(v *visit) []affix {
	var all []affix
	add := func(n *graph.Node, before bool) {
		if text := textOf(n); text != "" {
			all = append(all, affix{text, n.Handle(), before})
		}
	}
	for _, l := range bd.layers {
		if v != nil && !v.on(l) {
			continue
		}
		for _, key := range [...]string{"namePrefix", "nameSuffix"} {
			n, _ := l.find(key)
			add(n, key == "namePrefix")
		}
		for _, e := range l.transformer {
			for _, config := range bd.configs(e) {
				add(child(config, "prefix"), true)
				add(child(config, "suffix"), false)
			}
		}
	}
	return all
}

// anywhere are the affixes of all layers. Where two have the same it is not
// known which one it was.
func (bd *build) anywhere() []affix {
	all := bd.affixes(nil)
	for i, a := range all {
		for j, b := range all {
			if i != j && a.text == b.text && a.before == b.before {
				all[i].at = nil
			}
		}
	}
	return all
}
