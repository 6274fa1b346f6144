package kustomize

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A base may be included by several ways, and is then built once for each of
// them. An object of it was changed by the layers on its own way only.

// A visit is one way from the outermost kustomization to a layer.
type visit struct {
	layer *layer
	hops  []hop // the outermost first
}

// A hop is an entry by which a layer includes the next one.
type hop struct {
	from      *layer
	index     int
	component bool
}

// visits are those of every layer, in the order in which kustomize makes them.
func visitsOf(top *layer) map[*layer][]*visit {
	all := map[*layer][]*visit{}
	var walk func(l *layer, hops []hop)
	walk = func(l *layer, hops []hop) {
		all[l] = append(all[l], &visit{l, slices.Clone(hops)})
		for i, e := range l.resources {
			if e.dir != nil && !e.dead {
				walk(e.dir, append(hops, hop{l, i, false}))
			}
		}
		for i, e := range l.components {
			if e.dir != nil && !e.dead {
				walk(e.dir, append(hops, hop{l, i, true}))
			}
		}
	}
	walk(top, nil)
	return all
}

// entries are the places by which the layers on the way include each other,
// the innermost first.
func (v *visit) entries() []*source.Origin {
	if v == nil {
		return nil
	}
	var all []*source.Origin
	for _, h := range slices.Backward(v.hops) {
		list := h.from.resources
		if h.component {
			list = h.from.components
		}
		if at := list[h.index].at; at != nil {
			via := *at
			via.Step, via.Role = source.Overlay, source.Via
			all = append(all, &via)
		}
	}
	return all
}

// writersOn lists what is done to an object of the layer that a visit leads
// to, in the order in which kustomize does it, from the layer itself outwards.
func (bd *build) writersOn(v *visit) []writer {
	all := bd.writersIn(v.layer)
	for _, h := range slices.Backward(v.hops) {
		if h.component { // those in front of it, and generators, have not seen it
			all = append(all, bd.after(h.from, h.index+1)...)
		} else {
			all = append(all, bd.writersIn(h.from)...)
		}
	}
	return all
}

// writersIn is what a layer does to what is there by then: it generates, lets
// its components work and then works itself.
func (bd *build) writersIn(l *layer) []writer { return append(bd.merges(l), bd.after(l, 0)...) }

// after is what a layer does from one of its components on.
func (bd *build) after(l *layer, component int) []writer {
	var all []writer
	for _, e := range l.components[component:] {
		if e.dir != nil && !e.dead {
			all = append(all, bd.writersIn(e.dir)...)
		}
	}
	own, ok := bd.own[l]
	if !ok {
		own = bd.steps(l)
		bd.own[l] = own
	}
	return append(all, own...)
}

// on tells whether a layer may have a part in objects of the visit.
func (v *visit) on(l *layer) bool {
	var has func(in *layer) bool
	has = func(in *layer) bool {
		return in == l || slices.ContainsFunc(in.components, func(e *entry) bool { return e.dir != nil && !e.dead && has(e.dir) })
	}
	return has(v.layer) || slices.ContainsFunc(v.hops, func(h hop) bool { return has(h.from) })
}

// way is the visit that the n-th of count objects with the same mark was built
// in. Where some of them were taken out it is the one that explains the
// object's name and namespace; nil when that is not clear.
func (bd *build) way(visits []*visit, n, count int, o *object) *visit {
	switch len(visits) {
	case 1:
		return visits[0]
	case count:
		return visits[n]
	}
	var found *visit
	for _, v := range visits {
		if !bd.explains(v, o) {
			continue
		}
		if found != nil {
			return nil
		}
		found = v
	}
	return found
}

func (bd *build) explains(v *visit, o *object) bool {
	ns, affixes := o.ns, bd.affixes(v)
	for _, l := range bd.layers {
		if v.on(l) && l.spec.Namespace != "" {
			ns = l.spec.Namespace
		}
	}
	for at := 0; at+len(o.name) <= len(o.finalName); at++ {
		p := &renamed{start: at, end: at + len(o.name)}
		if o.finalName[at:p.end] == o.name && p.surround(affixes, nil, o.name, o.finalName[:at], o.finalName[p.end:]) {
			return o.gvk.IsClusterScoped() || ns == o.finalNs
		}
	}
	return false
}
