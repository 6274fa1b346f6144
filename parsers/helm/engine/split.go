package engine

import (
	"fmt"
	"reflect"
	"strings"
)

// A segment is the bytes [at,at+n) of a function's result and what they were
// made of: a copy of those of text from off on, or something else.
type segment struct {
	at, n int
	cause cause
	copy  bool
	text  string
	off   int
	conds []cause
}

// A joiner puts segments together.
type joiner struct {
	segs []segment
	b    strings.Builder
}

// made adds text of the function's own.
func (j *joiner) made(s string) {
	if s != "" {
		j.segs = append(j.segs, segment{at: j.b.Len(), n: len(s)})
		j.b.WriteString(s)
	}
}

// copied adds a part of a text.
func (j *joiner) copied(c cause, text string, from, to int) {
	j.segs = append(j.segs, segment{at: j.b.Len(), n: to - from, cause: c, copy: true, text: text, off: from})
	j.b.WriteString(text[from:to])
}

// changed adds what became of a text.
func (j *joiner) changed(c cause, s string) {
	j.segs = append(j.segs, segment{at: j.b.Len(), n: len(s), cause: c})
	j.b.WriteString(s)
}

// split tells what the result of a call was put together of. What it says is
// checked: the segments make up the text.
func (t *tracer) split(c *call, text string) (segs []segment, ok bool) {
	if c.out != nil || len(c.args) == 0 {
		return nil, false
	}
	if c.receiver != nil {
		return nil, false
	}
	if chosen, conds, ok := t.chosen(c); ok {
		return []segment{{n: len(text), cause: chosen, copy: true, text: text, conds: conds}}, true
	}
	var j joiner
	arg := func(i int) string { return c.args[i].String() }
	last := c.args[len(c.args)-1]
	switch c.name {
	case "quote", "squote":
		t.quoted(&j, c)
	case "indent", "nindent":
		if c.name == "nindent" {
			j.made("\n")
		}
		t.indented(&j, last, int(c.args[0].Int()))
	case "printf":
		t.formatted(&j, c)
	case "print", "println":
		wasString := true
		for i, a := range c.args {
			isString := plain(a).Kind() == reflect.String
			if i > 0 && (c.name == "println" || !isString && !wasString) {
				j.made(" ")
			}
			wasString = isString
			t.whole(&j, a)
		}
		if c.name == "println" {
			j.made("\n")
		}
	case "cat":
		for i, a := range c.args {
			if i > 0 {
				j.made(" ")
			}
			t.whole(&j, a)
		}
	case "join":
		t.joined(&j, arg(0), last)
	case "replace":
		old, new, src := arg(0), arg(1), arg(2)
		if old == "" {
			return nil, false
		}
		for at := 0; ; {
			i := strings.Index(src[at:], old)
			if i < 0 {
				j.copied(last.cause, src, at, len(src))
				break
			}
			j.copied(last.cause, src, at, at+i)
			j.copied(c.args[1].cause, new, 0, len(new))
			at += i + len(old)
		}
	case "toYaml", "toYamlPretty", "toJson", "toPrettyJson", "toRawJson", "mustToJson", "mustToPrettyJson", "mustToRawJson":
		return t.marshalled(c, text)
	case "lower", "upper", "title", "untitle":
		if len(arg(0)) != len(text) {
			return nil, false
		}
		if arg(0) == text {
			j.copied(last.cause, text, 0, len(text))
		} else {
			j.changed(last.cause, text)
		}
	case "toString", "int", "int64", "float64", "ceil", "floor", "round", "atoi", "toDecimal":
		if print(c.args[0]) != text {
			return nil, false
		}
		j.copied(c.args[0].cause, text, 0, len(text))
	default:
		for _, a := range c.args {
			a = plain(a)
			if a.Kind() != reflect.String {
				continue
			}
			whole := a.String()
			off, ok := part(text, whole)
			if !ok && len(text) == 1 && strings.HasPrefix(c.name, "trim") && strings.Count(whole, text) == 1 {
				off, ok = strings.Index(whole, text), true
			}
			if ok {
				return []segment{{n: len(text), cause: a.cause, copy: true, text: whole, off: off}}, true
			}
		}
		if v := c.result; v.IsValid() && !strings.HasPrefix(c.name, "sha") {
			if found, ok := t.locate(c, v); ok {
				return []segment{{n: len(text), cause: found, copy: true, text: text}}, true
			}
		}
		return nil, false
	}
	return j.segs, j.b.String() == text
}

// print is a value as an action prints it.
func print(v val) string {
	v = plain(v)
	if !v.IsValid() {
		return ""
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	if weigh(v.Value) != nil { // it has come to contain itself since
		return ""
	}
	return fmt.Sprint(v.Interface())
}

func (t *tracer) whole(j *joiner, v val) {
	s := print(v)
	if !plain(v).IsValid() {
		s = fmt.Sprint(nil)
	}
	j.copied(v.cause, s, 0, len(s))
}

func (t *tracer) quoted(j *joiner, c *call) {
	first := true
	for _, a := range c.args {
		if !plain(a).IsValid() {
			continue
		}
		if !first {
			j.made(" ")
		}
		first = false
		s := print(a)
		if c.name == "squote" {
			j.made("'")
			j.copied(a.cause, s, 0, len(s))
			j.made("'")
			continue
		}
		q := fmt.Sprintf("%q", s)
		j.made(`"`)
		if q = q[1 : len(q)-1]; q == s {
			j.copied(a.cause, s, 0, len(s))
		} else {
			j.changed(a.cause, q)
		}
		j.made(`"`)
	}
}

func (t *tracer) indented(j *joiner, v val, n int) {
	s, pad := v.String(), strings.Repeat(" ", max(n, 0))
	for at := 0; ; {
		j.made(pad)
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			j.copied(v.cause, s, at, len(s))
			return
		}
		j.copied(v.cause, s, at, at+i+1)
		at += i + 1
	}
}

// formatted takes a format apart at its verbs.
func (t *tracer) formatted(j *joiner, c *call) {
	format := c.args[0].String()
	next := 1
	for at := 0; at < len(format); {
		i := strings.IndexByte(format[at:], '%')
		if i < 0 {
			j.copied(c.args[0].cause, format, at, len(format))
			return
		}
		if i > 0 {
			j.copied(c.args[0].cause, format, at, at+i)
		}
		at += i
		end := at + 1
		for end < len(format) && strings.IndexByte("0123456789.+-# ", format[end]) >= 0 {
			end++
		}
		if end == len(format) {
			return // the check will fail
		}
		end++
		verb := format[at:end]
		at = end
		if verb == "%%" {
			j.made("%")
			continue
		}
		if next >= len(c.args) {
			return
		}
		a := plain(c.args[next])
		next++
		var v any
		if a.IsValid() && weigh(a.Value) == nil {
			v = a.Interface()
		}
		s, p := fmt.Sprintf(verb, v), print(a)
		switch {
		case s == p && a.IsValid():
			j.copied(a.cause, s, 0, len(s))
		case s == `"`+p+`"`:
			j.made(`"`)
			j.copied(a.cause, p, 0, len(p))
			j.made(`"`)
		default:
			j.changed(a.cause, s)
		}
	}
}

func (t *tracer) joined(j *joiner, sep string, v val) {
	list := plain(v)
	if list.Kind() != reflect.Slice && list.Kind() != reflect.Array {
		t.whole(j, v)
		return
	}
	first := true
	for i := range list.Len() {
		e := list.Index(i)
		if !indirect(e).IsValid() {
			continue
		}
		if !first {
			j.made(sep)
		}
		first = false
		t.whole(j, val{e, item(v.cause, i, e)})
	}
}

// chosen follows the functions that answer one of their arguments, or
// something in one: the cause of the answer and what decided.
func (t *tracer) chosen(c *call) (answer cause, conds []cause, ok bool) {
	n := len(c.args)
	if c.receiver != nil && c.name == "AsMap" {
		return c.receiver.cause, nil, true
	}
	if c.receiver != nil || n == 0 {
		return nil, nil, false
	}
	yes := func(i int) bool { y, _ := truth(c.args[i].Value); return y }
	switch c.name {
	case "default":
		if n == 2 && yes(1) {
			return c.args[1].cause, nil, true
		}
		if n == 2 {
			return c.args[0].cause, []cause{c.args[1].cause}, true
		}
	case "coalesce":
		for i := range c.args {
			if yes(i) {
				return c.args[i].cause, conds, true
			}
			conds = append(conds, c.args[i].cause)
		}
	case "and", "or":
		for _, a := range c.args[:n-1] {
			conds = append(conds, a.cause)
		}
		return c.args[n-1].cause, conds, true
	case "ternary":
		if n == 3 && yes(2) {
			return c.args[0].cause, []cause{c.args[2].cause}, true
		}
		if n == 3 {
			return c.args[1].cause, []cause{c.args[2].cause}, true
		}
	case "required":
		return c.args[n-1].cause, nil, true
	case "deepCopy", "mustDeepCopy", "set", "unset", "pick", "omit", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite":
		return c.args[0].cause, nil, true
	case "get":
		if n == 2 {
			return t.step(c.args[0], c.args[1].Value).cause, nil, true
		}
	case "index":
		v := c.args[0]
		for _, k := range c.args[1:] {
			v = t.step(v, keyOf(k))
		}
		return v.cause, nil, true
	case "dig":
		if n < 3 {
			return nil, nil, false
		}
		v := c.args[n-1]
		for _, k := range c.args[:n-2] {
			v = t.step(v, k.Value)
			if !v.IsValid() {
				return c.args[n-2].cause, []cause{v.cause}, true
			}
		}
		return v.cause, nil, true
	case "first", "mustFirst", "last", "mustLast":
		if l := plain(c.args[0]); l.Kind() == reflect.Slice && l.Len() > 0 {
			i := 0
			if strings.HasSuffix(c.name, "ast") {
				i = l.Len() - 1
			}
			return item(l.cause, i, l.Index(i)), nil, true
		}
	}
	return nil, nil, false
}

// keyOf is an argument of index without the reflect.Value around it.
func keyOf(v val) reflect.Value {
	if v.IsValid() && v.Type() == valueType {
		return v.Interface().(reflect.Value)
	}
	return v.Value
}

// step is what a container has under a key.
func (t *tracer) step(of val, key reflect.Value) val {
	of.Value = keyOf(of)
	m, _ := deref(of.Value)
	key = indirect(key)
	switch {
	case m.Kind() == reflect.Map && key.IsValid() && key.Type().AssignableTo(m.Type().Key()) && key.Kind() == reflect.String:
		e := m.MapIndex(key)
		return val{e, t.r.member(of.cause, m, key.String(), e)}
	case (m.Kind() == reflect.Slice || m.Kind() == reflect.Array) && key.IsValid() && (key.CanInt() || key.CanUint()):
		if i, err := position(key, m.Len()); err == nil {
			return val{m.Index(i), item(of.cause, i, m.Index(i))}
		}
	}
	k := ""
	if key.IsValid() {
		k = fmt.Sprint(key)
	}
	return val{cause: child(of.cause, k, reflect.Value{})}
}

// within follows a field of a function's result into what went in.
func (t *tracer) within(c *call, f *field) (cause, bool) {
	switch c.name {
	case "fromYaml", "fromJson", "fromYamlArray", "fromJsonArray", "mustFromJson":
		return t.unmarshalled(c, f)
	case "append", "push", "mustAppend", "mustPush":
		if l := plain(c.args[0]); f.index >= 0 && l.Kind() == reflect.Slice && len(c.args) == 2 {
			if f.index == l.Len() {
				return c.args[1].cause, true
			}
			return item(l.cause, f.index, f.v), true
		}
	case "prepend", "mustPrepend":
		if f.index == 0 && len(c.args) == 2 {
			return c.args[1].cause, true
		} else if f.index > 0 {
			return item(c.args[0].cause, f.index-1, f.v), true
		}
	case "concat":
		i := f.index
		for _, a := range c.args {
			n := plain(a).Len()
			if i >= 0 && i < n {
				return item(a.cause, i, f.v), true
			}
			i -= n
		}
	case "rest", "mustRest":
		if f.index >= 0 {
			return item(c.args[0].cause, f.index+1, f.v), true
		}
	case "initial", "mustInitial":
		if f.index >= 0 {
			return item(c.args[0].cause, f.index, f.v), true
		}
	}
	if !f.v.IsValid() {
		return nil, false
	}
	return t.locate(c, f.v)
}

// maxSearch bounds the search for a value in the arguments of a call.
const maxSearch = 5000

// locate finds the value that a function answered among its arguments and
// what is in them: text at the same address, the same table or list, the only
// scalar that is equal.
func (t *tracer) locate(c *call, want reflect.Value) (cause, bool) {
	want = indirect(want)
	if !want.IsValid() {
		return nil, false
	}
	var exact cause
	left := maxSearch
	var visit func(v val, depth int)
	visit = func(v val, depth int) {
		if left--; left < 0 || exact != nil || depth > 50 {
			return
		}
		u := indirect(v.Value)
		if !u.IsValid() {
			return
		}
		switch u.Kind() {
		case reflect.String:
			if want.Kind() == reflect.String {
				if off, ok := part(want.String(), u.String()); ok {
					exact = v.cause
					if off != 0 || u.Len() != want.Len() {
						exact = &excerpt{of: v.cause, text: u.String(), start: off, end: off + want.Len()}
					}
				}
			}
		case reflect.Map:
			if want.Kind() == reflect.Map && u.Pointer() == want.Pointer() {
				exact = v.cause
				return
			}
			keys := u.MapKeys()
			sortKeys(keys)
			for _, k := range keys {
				if e := u.MapIndex(k); k.Kind() == reflect.String {
					visit(val{e, t.r.member(v.cause, u, k.String(), e)}, depth+1)
				}
			}
		case reflect.Slice:
			if want.Kind() == reflect.Slice && u.Len() > 0 && u.Pointer() == want.Pointer() && u.Len() == want.Len() {
				exact = v.cause
				return
			}
			for i := range u.Len() {
				visit(val{u.Index(i), item(v.cause, i, u.Index(i))}, depth+1)
			}
		}
	}
	for _, a := range c.args {
		visit(a, 0)
	}
	if c.receiver != nil {
		visit(*c.receiver, 0)
	}
	t.steps += (maxSearch - left) / 8
	return exact, exact != nil
}
