package engine

import (
	"fmt"
	"reflect"
	"slices"
)

// value notes that a value was used as a whole.
func (t *tracer) value(c cause) {
	if c == nil || t.seen[c] || !t.spend() {
		return
	}
	t.seen[c] = true
	switch c := c.(type) {
	case *under:
		t.value(c.of)
		t.condition(c.cond)
	case *field:
		if d := t.canon(c); d != cause(c) {
			t.value(d)
		} else if path := t.path(c); path != nil {
			t.add(Use{Path: path, End: -1})
		} else {
			t.value(c.of)
		}
	case *derived:
		if path := t.path(c.of); path != nil && !c.index {
			t.add(Use{Path: append(path, c.key), Key: true, End: -1})
			return
		}
		t.condition(c.of)
	case *excerpt:
		t.value(c.of)
	case *call:
		if c.out != nil {
			for _, p := range c.out.pieces {
				t.value(p.what)
				if p.literal && p.script.file < 0 {
					t.value(p.script.from)
				}
				for ctl := p.ctl; ctl != nil && t.spend(); ctl = ctl.outer {
					if ctl.cond != nil {
						t.condition(ctl.cond)
					}
				}
			}
			for _, g := range c.out.ghosts {
				t.condition(g.cond)
			}
			return
		}
		if chosen, conds, ok := t.chosen(c); ok {
			for _, x := range conds {
				t.condition(x)
			}
			t.value(chosen)
			return
		}
		if c.name == "Get" && c.receiver != nil {
			if u, ok := t.fileOf(c); ok {
				u.End = -1
				t.add(u)
				return
			}
		}
		if c.name == "hasKey" && len(c.args) == 2 {
			t.value(t.step(c.args[0], c.args[1].Value).cause)
			return
		}
		for _, a := range c.args {
			t.value(a.cause)
		}
		if c.receiver != nil {
			t.value(c.receiver.cause)
		}
	}
}

func (t *tracer) condition(c cause) {
	if c != nil && !t.condSeen[c] && t.spend() {
		t.condSeen[c] = true
		t.conds = append(t.conds, c)
	}
}

func (t *tracer) add(u Use) { t.deps = append(t.deps, u) }

// uses are what was noted, each once.
func (t *tracer) uses() []Use {
	var all []Use
	at := map[string]int{}
	for _, u := range t.deps {
		key := fmt.Sprint(u.Path, u.Key, u.At, u.File, u.Scope)
		i, ok := at[key]
		if !ok {
			at[key] = len(all)
			all = append(all, u)
			continue
		}
		if o := &all[i]; o.Start != u.Start || o.End != u.End { // several parts: all of it
			o.Start, o.End, o.Whole = 0, -1, o.Whole && u.Whole
		}
	}
	return all
}

func (t *tracer) conditions() []Use {
	t.deps, t.seen = nil, map[cause]bool{}
	for i := 0; i < len(t.conds); i++ { // grows
		t.value(t.conds[i])
	}
	return t.uses()
}

// path is where a value is in what templates see; nil when it is in nothing
// that was there before.
func (t *tracer) path(c cause) []string {
	var keys []string
	for range maxDepth {
		switch x := c.(type) {
		case *origin:
			if len(keys) == 0 {
				return nil
			}
			slices.Reverse(keys)
			scope := slices.Clone(t.r.templates[x.template].Scope)
			for len(keys) > 2 && keys[0] == "Subcharts" {
				scope = append(scope, keys[1])
				keys = keys[2:]
			}
			switch keys[0] {
			case "Values", "Files", "Chart":
				return append(append([]string{keys[0]}, scope...), keys[1:]...)
			}
			return keys
		case *under:
			c = x.of
		case *field:
			d := t.canon(x)
			if d != cause(x) {
				c = d
				continue
			}
			if x.index >= 0 {
				keys = append(keys, fmt.Sprint(x.index))
			} else {
				keys = append(keys, x.key)
			}
			c = x.of
		case *call:
			d, _, ok := t.chosen(x)
			if !ok {
				return nil
			}
			c = d
		default:
			return nil
		}
	}
	return nil
}

// canon follows a field through the functions that its container went
// through; it is the field itself when there is nothing to follow.
func (t *tracer) canon(f *field) cause {
	if !t.spend() {
		return f
	}
	of := f.of
	if x, ok := of.(*field); ok {
		of = t.canon(x)
	}
	switch x := of.(type) {
	case *call:
		if c, conds, ok := t.chosen(x); ok {
			for _, c := range conds {
				t.condition(c)
			}
			return t.again(c, f)
		}
		if c, ok := t.within(x, f); ok {
			return c
		}
		if of == f.of {
			return f
		}
	case *excerpt:
		if c, ok := x.child(f); ok {
			return c
		}
	case *under:
		return t.again(x, f)
	}
	if of != f.of {
		return t.again(of, f)
	}
	return f
}

// again is the field of another container.
func (t *tracer) again(of cause, f *field) cause {
	if of == cause(f) {
		return f
	}
	var c cause
	if f.index >= 0 {
		c = item(of, f.index, f.v)
	} else {
		c = child(of, f.key, f.v)
	}
	if g, ok := c.(*field); ok && t.steps < maxTrace {
		if _, path := g.of.(*origin); !path {
			return t.canon(g)
		}
	}
	return c
}

// fileOf is the file that a call of .Files.Get read.
func (t *tracer) fileOf(c *call) (Use, bool) {
	path := t.path(c.receiver.cause)
	if len(path) == 0 || path[0] != "Files" || len(c.args) != 1 || c.args[0].Kind() != reflect.String {
		return Use{}, false
	}
	return Use{File: c.args[0].String(), Scope: path[1:]}, true
}
