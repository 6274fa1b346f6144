package engine

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"
	"time"
)

// A function is one that templates can call.
type function struct {
	name   string
	fn     reflect.Value // invalid for those that the executor knows itself
	costs  bool          // its result is weighed
	taints bool          // nobody knows its result
}

// call calls a function or, with a receiver, a method. args has the node of
// the function first; last is the argument from the pipeline.
func (s *state) function(dot val, n *parse.IdentifierNode, cmd parse.Node, args []parse.Node, last *val) (val, error) {
	s.node = n
	f, ok := s.functions[n.Ident]
	if !ok {
		return none, s.errorf("%q is not a defined function", n.Ident)
	}
	switch f.name {
	case "and", "or":
		return s.shortcut(dot, f.name, cmd, args, last)
	}
	return s.callFunction(dot, f, cmd, args, last)
}

func (s *state) call(dot val, fn reflect.Value, name string, receiver *val, n parse.Node, args []parse.Node, last *val) (val, error) {
	return s.invoke(dot, &function{name: name, fn: fn, costs: true}, receiver, n, args, last)
}

func (s *state) callFunction(dot val, f *function, n parse.Node, args []parse.Node, last *val) (val, error) {
	return s.invoke(dot, f, nil, n, args, last)
}

func (s *state) invoke(dot val, f *function, receiver *val, n parse.Node, args []parse.Node, last *val) (val, error) {
	if len(args) > 0 {
		args = args[1:]
	}
	t := f.fn.Type()
	given := len(args)
	if last != nil {
		given++
	}
	fixed := t.NumIn()
	if t.IsVariadic() {
		fixed--
		if given < fixed {
			return none, s.errorf("wrong number of args for %s: want at least %d got %d", f.name, fixed, given)
		}
	} else if given != fixed {
		return none, s.errorf("wrong number of args for %s: want %d got %d", f.name, fixed, given)
	}
	param := func(i int) reflect.Type {
		if i < fixed {
			return t.In(i)
		}
		return t.In(fixed).Elem()
	}
	values := make([]val, given)
	for i, a := range args {
		v, err := s.arg(dot, param(i), a)
		if err != nil {
			return none, err
		}
		values[i] = v
	}
	if last != nil {
		s.node = n
		v, err := s.fit(*last, param(given-1))
		if err != nil {
			return none, err
		}
		values[given-1] = v
	}
	s.node = n
	return s.run(f, receiver, values)
}

// run calls a function with arguments that fit.
func (s *state) run(f *function, receiver *val, args []val) (val, error) {
	c := &call{name: f.name, args: args}
	if receiver != nil {
		c.receiver = receiver
	}
	c.taint = c.taintOfArgs()
	if f.taints || clocked(f.name, args) {
		c.taint |= unknown
	}
	var v reflect.Value
	var err error
	switch f.name {
	case "include":
		s.calls = append(s.calls, frame{s.script, int(s.node.Position())})
		text, out, e := s.include(args[0].String(), plain(args[1]))
		s.calls = s.calls[:len(s.calls)-1]
		v, err = reflect.ValueOf(text), e
		c.out = out
	case "tpl":
		s.calls = append(s.calls, frame{s.script, int(s.node.Position())})
		text, out, e := s.tpl(args[0], plain(args[1]))
		s.calls = s.calls[:len(s.calls)-1]
		v, err = reflect.ValueOf(text), e
		c.out = out
	default:
		if f.costs {
			if err := s.study(f.name, args); err != nil {
				return none, err
			}
		}
		before := s.before(c)
		v, err = safeCall(f.fn, args)
		if err == nil {
			s.after(c, before)
		}
	}
	if err != nil {
		return none, s.called(fmt.Errorf("error calling %s: %w", f.name, err))
	}
	if v.IsValid() && v.Type() == valueType {
		v = v.Interface().(reflect.Value)
	}
	if f.costs {
		if err := s.check(v); err != nil {
			return none, err
		}
	}
	if c.out != nil {
		c.taint = c.out.taint
	}
	c.result = v
	return val{v, c}, nil
}

// clocked tells of functions that read the clock when the argument is no date.
func clocked(name string, args []val) bool {
	i := 0
	switch name {
	case "date":
		i = 1
	case "dateInZone", "date_in_zone":
		i = 1
	case "htmlDate", "htmlDateInZone":
	default:
		return false
	}
	switch plain(args[i]).Interface().(type) {
	case time.Time, *time.Time, int, int32, int64:
		return false
	}
	return true
}

// plain is an argument without its interface, so that it can be dot.
func plain(v val) val {
	if v.Kind() == reflect.Interface {
		v.Value = v.Elem()
	}
	return v
}

// safeCall calls a function; when it panics that is an error.
func safeCall(fn reflect.Value, args []val) (v reflect.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			if e, ok := p.(error); ok {
				err = e
			} else {
				err = fmt.Errorf("%v", p)
			}
		}
	}()
	var few [8]reflect.Value
	in := append(few[:0], make([]reflect.Value, 0)...)
	for _, a := range args {
		in = append(in, a.Value)
	}
	out := fn.Call(in)
	if len(out) == 2 && !out[1].IsNil() {
		return out[0], out[1].Interface().(error)
	}
	return out[0], nil
}

// shortcut evaluates and and or, which leave out what cannot matter.
func (s *state) shortcut(dot val, name string, n parse.Node, args []parse.Node, last *val) (val, error) {
	if len(args) > 0 {
		args = args[1:]
	}
	if len(args) == 0 && last == nil {
		return none, s.errorf("wrong number of args for %s: want at least 1 got 0", name)
	}
	c := &call{name: name}
	stop := name == "or"
	for i := 0; ; i++ {
		var v val
		var err error
		if i < len(args) {
			v, err = s.operandOf(dot, args[i])
		} else {
			v = *last
			s.node = n
		}
		if err != nil {
			return none, err
		}
		c.args = append(c.args, v)
		yes, _ := truth(v.Value)
		end := i == len(args)-1 && last == nil || i == len(args)
		if end || yes == stop {
			c.result = v.Value
			c.taint = c.taintOfArgs()
			return val{v.Value, c}, nil
		}
	}
}

// operandOf is operand, but takes nil.
func (s *state) operandOf(dot val, n parse.Node) (val, error) {
	if n.Type() == parse.NodeNil {
		return val{}, nil
	}
	v, err := s.operand(dot, n)
	return v, err
}

// textOf is what an action prints for a value.
func (s *state) textOf(n parse.Node, v reflect.Value) (string, error) {
	u := indirect(v)
	switch u.Kind() {
	case reflect.String:
		if u.Type().NumMethod() == 0 {
			return u.String(), s.check(u)
		}
	case reflect.Map, reflect.Slice, reflect.Struct, reflect.Pointer, reflect.Array:
		if err := weigh(u); err != nil {
			return "", err
		}
	}
	if v.Kind() == reflect.Pointer {
		v, _ = deref(v)
	}
	if !v.IsValid() {
		return noValue, s.step(1)
	}
	if t := v.Type(); !t.Implements(errorType) && !t.Implements(stringType) {
		if p := reflect.PointerTo(t); v.CanAddr() && (p.Implements(errorType) || p.Implements(stringType)) {
			v = v.Addr()
		} else if v.Kind() == reflect.Chan || v.Kind() == reflect.Func {
			return "", s.errorf("can't print %s of type %s", n, t)
		}
	}
	text := fmt.Sprint(v.Interface())
	return text, s.check(reflect.ValueOf(text))
}

// include executes a named template to text.
func (s *state) include(name string, data val) (string, *output, error) {
	def := s.defs.lookup(name)
	if def == nil {
		return "", nil, fmt.Errorf("template: no template %q associated with template %q", name, anonymous)
	}
	out := &output{r: s.renderer}
	err := s.execute(s.defs, def, data, out, nil)
	return out.String(), out, err
}

// tpl executes a string as a template. Helm clones all templates for every
// call, so that what the string defines stays inside; here such definitions
// are laid over the others.
func (s *state) tpl(text, data val) (string, *output, error) {
	defs, def, err := s.parseText(s.defs, text)
	if err != nil {
		return "", nil, fmt.Errorf("cannot parse template %q: %w", abbreviate(text.String()), err)
	}
	out := &output{r: s.renderer}
	if err := s.execute(defs, def, data, out, nil); err != nil {
		return "", nil, fmt.Errorf("error during tpl function execution for %q: %w", abbreviate(text.String()), err)
	}
	out.finish()
	return out.String(), out, nil
}

// maxKept bounds the texts given to tpl whose trees are kept, in bytes: a text
// often comes again.
const maxKept = 4 << 20

func (r *renderer) parseText(defs *definitions, v val) (*definitions, *definition, error) {
	text := v.String()
	parsed, ok := r.tpls[text]
	if !ok {
		if err := checkSource(text); err != nil {
			return nil, nil, err
		}
		if err := errors.Join(r.charge(len(text)), r.step(len(text)>>4)); err != nil {
			return nil, nil, err
		}
		trees, err := parse.Parse(anonymous, text, "", "", r.funcs, builtins)
		if err != nil {
			return nil, nil, err
		}
		if err := checkNesting(trees); err != nil {
			return nil, nil, err
		}
		parsed = trees
		if r.kept += len(text); r.kept < maxKept {
			r.tpls[strings.Clone(text)] = trees
		}
	}
	script := &script{file: -1, text: text, from: v.cause}
	if len(parsed) > 1 {
		defs = &definitions{outer: defs, named: map[string]*definition{}}
		defs.add(parsed, script)
	}
	return defs, &definition{parsed[anonymous].Root, script}, nil
}
