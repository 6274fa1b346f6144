package engine

import (
	"maps"
	"reflect"
)

// A cause is what a value was made from. Causes are noted while templates are
// executed, which costs little, and made sense of when somebody asks (see
// trace.go). A nil cause is a value that nothing is known of.
type cause interface{ taints() taint }

// A taint says that a value is not what it would be in an installation.
type taint uint8

const (
	unknown taint = 1 << iota // random, read from the cluster, the clock
	failed                    // an action that failed should have brought it
	open                      // given by whoever installs the chart, and not known here
)

// Open is the text of a value that is given from elsewhere and not known. What
// depends on it is unknown in the output, and so is what a branch brought or
// left out that it decided.
const Open = "\uE002given-elsewhere\uE003"

// isOpen tells whether a value is one that is not known.
func isOpen(v reflect.Value) bool {
	v = indirect(v)
	return v.Kind() == reflect.String && v.Len() == len(Open) && v.String() == Open
}

// openness is the taint that a value has by itself.
func openness(v reflect.Value) taint {
	if v.IsValid() && isOpen(v) {
		return unknown | open
	}
	return 0
}

func taintOf(c cause) taint {
	if c == nil {
		return 0
	}
	return c.taints()
}

// origin is what the templates of a chart see as dot.
type origin struct {
	template int
	open     bool // all values may be others
}

// field is a key, a field or an item of something.
type field struct {
	of    cause
	key   string
	index int // of an item; -1 for a key
	v     reflect.Value
	taint taint
}

// constant is a constant in an action.
type constant struct {
	script  *script
	pos     int
	written string
}

// call is the result of a function.
type call struct {
	name     string
	receiver *val // of a method
	args     []val
	result   reflect.Value
	out      *output // what include and tpl wrote
	taint    taint
}

// under is a value that also depends on a condition.
type under struct{ of, cond cause }

// derived is the index of an item or the key of a map: it depends on how many
// or which there are.
type derived struct {
	of    cause
	index bool
	key   string
}

// failure stands for what an action that failed should have brought, as far as
// its source tells.
type failure struct{ gap }

func (*origin) taints() taint    { return 0 }
func (c *field) taints() taint   { return c.taint }
func (*constant) taints() taint  { return 0 }
func (c *call) taints() taint    { return c.taint }
func (c *under) taints() taint   { return taintOf(c.of) | taintOf(c.cond)&(unknown|open) }
func (c *derived) taints() taint { return taintOf(c.of) }
func (*failure) taints() taint   { return unknown | failed }

func (c *call) taintOfArgs() (t taint) {
	for _, a := range c.args {
		t |= taintOf(a.cause)
	}
	if c.receiver != nil {
		t |= taintOf(c.receiver.cause)
	}
	return t
}

func keyCause(of cause, key string) cause { return &derived{of: of, key: key} }

// child is the cause of what stands under a key.
func child(of cause, key string, v reflect.Value) cause {
	switch c := of.(type) {
	case *origin:
		if c.open && key == "Values" {
			return &field{of: of, key: key, index: -1, v: v, taint: unknown | open}
		}
	case *call:
		if c.name == "dict" {
			for i := len(c.args) - 2; i >= 0; i -= 2 {
				if k := indirect(c.args[i].Value); k.Kind() == reflect.String && k.String() == key {
					return c.args[i+1].cause
				}
			}
		}
	case *under:
		return &under{child(c.of, key, v), c.cond}
	}
	return &field{of: of, key: key, index: -1, v: v, taint: taintOf(of) | openness(v)}
}

// item is the cause of an item of a list.
func item(of cause, i int, v reflect.Value) cause {
	switch c := of.(type) {
	case *call:
		if (c.name == "list" || c.name == "tuple") && i < len(c.args) {
			return c.args[i].cause
		}
		if c.name == "until" || c.name == "untilStep" {
			return &derived{of: of, index: true} // a number, which does not depend on how many there are
		}
	case *under:
		return &under{item(c.of, i, v), c.cond}
	}
	return &field{of: of, index: i, v: v, taint: taintOf(of) | openness(v)}
}

// A slot is a key of a map that a template has written to.
type slot struct {
	table uintptr
	key   string
}

type written struct {
	cause cause
	table reflect.Value // kept, so that its address is no other map's
}

// member is the cause of what a map has under a key: what a template put
// there, else the key of the map.
func (r *renderer) member(of cause, table reflect.Value, key string, v reflect.Value) cause {
	if len(r.written) > 0 {
		if w, ok := r.written[slot{table.Pointer(), key}]; ok {
			return w.cause
		}
	}
	return child(of, key, v)
}

func (s *state) write(table reflect.Value, key string, c cause) {
	for ctl := s.ctl; ctl != nil; ctl = ctl.outer {
		if ctl.cond != nil {
			c = &under{c, ctl.cond}
		}
	}
	s.written[slot{table.Pointer(), key}] = written{c, table}
}

// maxNoted bounds the tables whose state before a merge is noted.
const maxNoted = 20_000

// before notes what a call that changes its first argument will change.
func (s *state) before(c *call) map[uintptr]map[string]any {
	switch c.name {
	case "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite":
	default:
		return nil
	}
	noted := map[uintptr]map[string]any{}
	var note func(v any)
	note = func(v any) {
		t := table(v)
		if t == nil || len(noted) >= maxNoted {
			return
		}
		p := reflect.ValueOf(t).Pointer()
		if noted[p] != nil {
			return
		}
		old := make(map[string]any, len(t))
		maps.Copy(old, t)
		noted[p] = old
		for _, v := range t {
			note(v)
		}
	}
	note(c.args[0].Interface())
	return noted
}

// after notes what a call has changed.
func (s *state) after(c *call, before map[uintptr]map[string]any) {
	switch {
	case c.name == "set" && len(c.args) == 3:
		if m := indirect(c.args[0].Value); m.Kind() == reflect.Map && !m.IsNil() {
			s.write(m, c.args[1].String(), c.args[2].cause)
		}
	case before != nil:
		overwrite := c.name == "mergeOverwrite" || c.name == "mustMergeOverwrite"
		s.merged(c.args[0], c.args[1:], before, overwrite, c, 0)
	}
}

func (s *state) merged(dst val, srcs []val, before map[uintptr]map[string]any, overwrite bool, c *call, depth int) {
	t := table(dst.Interface())
	m := reflect.ValueOf(t)
	if t == nil || depth > maxDepth {
		return
	}
	old := before[m.Pointer()]
	if old == nil {
		return
	}
	for _, k := range sortedKeys(t) {
		now := t[k]
		had, existed := old[k]
		var from []val // of the sources that have the key
		for _, src := range srcs {
			st := table(src.Interface())
			if v, ok := st[k]; ok {
				from = append(from, val{reflect.ValueOf(v), s.member(src.cause, reflect.ValueOf(st), k, reflect.ValueOf(v))})
			}
		}
		if len(from) == 0 {
			continue
		}
		if existed && same(had, now) {
			if table(now) != nil {
				s.merged(val{reflect.ValueOf(now), nil}, tablesOf(from), before, overwrite, c, depth+1)
				continue
			}
			if !overwrite {
				continue
			}
		}
		var cause cause
		for _, f := range from {
			if f.IsValid() && same(f.Interface(), now) && (cause == nil || overwrite) {
				cause = f.cause
			}
		}
		switch {
		case cause != nil:
			s.write(m, k, cause)
		case !existed || !same(had, now):
			s.write(m, k, c)
		}
	}
}

func tablesOf(vals []val) (tables []val) {
	for _, v := range vals {
		if v.IsValid() && table(v.Interface()) != nil {
			tables = append(tables, v)
		}
	}
	return tables
}

// same tells whether two values are one: equal scalars, or the same table or
// list.
func same(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if !x.IsValid() || !y.IsValid() {
		return x.IsValid() == y.IsValid()
	}
	if x.Type() != y.Type() {
		return false
	}
	switch x.Kind() {
	case reflect.Map:
		return x.Pointer() == y.Pointer()
	case reflect.Slice:
		return x.Pointer() == y.Pointer() && x.Len() == y.Len()
	}
	return x.Comparable() && x.Equal(y)
}
