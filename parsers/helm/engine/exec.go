package engine

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"text/template/parse"
)

// A val is a value of the template language and what it was made from.
type val struct {
	reflect.Value
	cause cause
}

// none is the value of what is not there.
var none = val{}

// A script is a text that is executed: a template of the chart, or a string
// handed to tpl.
type script struct {
	file int // index of the template, -1 for a string
	text string
	from cause // of the string
}

// A definition is a named template.
type definition struct {
	root   *parse.ListNode
	script *script
}

// definitions are the templates that can call each other by name.
type definitions struct {
	outer *definitions
	named map[string]*definition
}

func (d *definitions) lookup(name string) *definition {
	for ; d != nil; d = d.outer {
		if def := d.named[name]; def != nil {
			return def
		}
	}
	return nil
}

// add adds what a text defines. A body without text or action does not take
// the place of another.
func (d *definitions) add(trees map[string]*parse.Tree, s *script) {
	for name, tree := range trees {
		if d.lookup(name) == nil || !parse.IsEmptyTree(tree.Root) {
			d.named[name] = &definition{tree.Root, s}
		}
	}
}

// A control is a branch or a call that output stands in.
type control struct {
	outer  *control
	call   bool // a template action, else a condition
	script *script
	pos    parse.Pos
	cond   cause
	out    *output
	start  int // length of out when it began
}

type variable struct {
	name string
	val  val
	ctl  *control // where it was declared
}

// A state is the execution of one body of a template.
type state struct {
	*renderer
	defs   *definitions
	script *script
	out    *output
	vars   []variable
	ctl    *control
	node   parse.Node // the one being evaluated, for errors
}

// A jump tells how a list of nodes was left.
type jump uint8

const (
	onwards jump = iota
	breaking
	continuing
)

// execute runs a body with dot as its data.
func (r *renderer) execute(defs *definitions, def *definition, dot val, out *output, ctl *control) error {
	if r.depth++; r.depth > maxDepth {
		return limit("templates call each other more than %d deep", maxDepth)
	}
	defer func() { r.depth-- }()
	if err := r.step(1); err != nil {
		return err
	}
	s := &state{renderer: r, defs: defs, script: def.script, out: out, ctl: ctl}
	s.vars = append(s.vars, variable{"$", dot, ctl})
	_, err := s.list(dot, def.root)
	return err
}

func (s *state) list(dot val, l *parse.ListNode) (jump, error) {
	if l == nil {
		return onwards, nil
	}
	for _, n := range l.Nodes {
		j, err := s.exec(dot, n)
		if err != nil {
			if err = s.forgive(n, err); err != nil {
				return onwards, s.stopped(n, err)
			}
		}
		if j != onwards {
			return j, nil
		}
	}
	return onwards, nil
}

func (s *state) exec(dot val, n parse.Node) (jump, error) {
	s.node = n
	switch n := n.(type) {
	case *parse.TextNode:
		return onwards, s.out.literal(s, n)
	case *parse.ActionNode:
		v, err := s.pipeline(dot, n.Pipe)
		if err != nil || len(n.Pipe.Decl) > 0 {
			return onwards, err
		}
		return onwards, s.out.print(s, n, v)
	case *parse.IfNode:
		return s.branch(dot, &n.BranchNode, false)
	case *parse.WithNode:
		return s.branch(dot, &n.BranchNode, true)
	case *parse.RangeNode:
		return s.loop(dot, n)
	case *parse.TemplateNode:
		return onwards, s.template(dot, n)
	case *parse.BreakNode:
		return breaking, nil
	case *parse.ContinueNode:
		return continuing, nil
	case *parse.CommentNode:
		return onwards, nil
	}
	return onwards, s.errorf("unknown node: %s", n)
}

// branch executes if and with.
func (s *state) branch(dot val, b *parse.BranchNode, with bool) (jump, error) {
	mark, ctl := len(s.vars), s.ctl
	defer func() { s.vars, s.ctl = s.vars[:mark], ctl }()
	v, err := s.pipeline(dot, b.Pipe)
	if err != nil {
		return onwards, err
	}
	if taintOf(v.cause)&failed != 0 {
		return onwards, errFailed
	}
	yes, ok := truth(v.Value)
	if !ok {
		return onwards, s.errorf("if/with can't use a %s", v.Type())
	}
	s.enter(b, v.cause)
	taken, other := b.List, b.ElseList
	if !yes {
		taken, other = other, taken
	} else if with {
		dot = v
	}
	return s.instead(b, other, v.cause, func() (jump, error) { return s.list(dot, taken) })
}

// enter notes that what follows depends on a condition.
func (s *state) enter(b *parse.BranchNode, cond cause) {
	s.ctl = &control{outer: s.ctl, script: s.script, pos: b.Pos, cond: cond, out: s.out, start: len(s.out.text)}
	s.out.taint |= taintOf(cond) & open // what stands there as it is hangs on it, too
}

// instead notes a branch that is not taken and executes the other one. What the
// first would have written, and variables it would have set, depend on its
// condition.
func (s *state) instead(b *parse.BranchNode, l *parse.ListNode, cond cause, other func() (jump, error)) (jump, error) {
	if l == nil {
		return other()
	}
	s.doubts = s.doubts || taintOf(cond)&(unknown|open) != 0
	i := len(s.out.ghosts)
	s.out.ghosts = append(s.out.ghosts, ghost{at: len(s.out.text), script: s.script, pos: b.Pos, body: l, defs: s.defs, cond: cond, ctl: s.ctl.outer})
	for _, name := range s.assigned(l) {
		s.doubt(name, cond)
	}
	j, err := other()
	s.out.ghosts[i].until = len(s.out.text)
	return j, err
}

// doubt notes that what a variable is depends on a condition.
func (s *state) doubt(name string, cond cause) {
	for i := len(s.vars) - 1; i >= 0; i-- {
		if v := &s.vars[i]; v.name == name {
			v.val.cause = &under{of: v.val.cause, cond: cond}
			break
		}
	}
}

// assigned are the names of variables that a list assigns.
func (r *renderer) assigned(l *parse.ListNode) []string {
	if names, ok := r.assigns[l]; ok {
		return names
	}
	var names []string
	var visit func(*parse.ListNode)
	visit = func(l *parse.ListNode) {
		if l == nil {
			return
		}
		for _, n := range l.Nodes {
			var b *parse.BranchNode
			switch n := n.(type) {
			case *parse.ActionNode:
				if n.Pipe.IsAssign {
					for _, d := range n.Pipe.Decl {
						names = append(names, d.Ident[0])
					}
				}
			case *parse.IfNode:
				b = &n.BranchNode
			case *parse.WithNode:
				b = &n.BranchNode
			case *parse.RangeNode:
				b = &n.BranchNode
			}
			if b != nil {
				visit(b.List)
				visit(b.ElseList)
			}
		}
	}
	visit(l)
	slices.Sort(names)
	names = slices.Compact(names)
	r.assigns[l] = names
	return names
}

func (s *state) loop(dot val, n *parse.RangeNode) (jump, error) {
	mark, ctl := len(s.vars), s.ctl
	defer func() { s.vars, s.ctl = s.vars[:mark], ctl }()
	over, err := s.pipeline(dot, n.Pipe)
	if err != nil {
		return onwards, err
	}
	if taintOf(over.cause)&failed != 0 {
		return onwards, errFailed
	}
	s.enter(&n.BranchNode, over.cause)
	body := len(s.vars)
	// round goes once around the loop; it tells whether to go on.
	round := func(index, elem val) (bool, error) {
		if err := s.step(1); err != nil {
			return false, err
		}
		s.rangeVars(n.Pipe, mark, index, elem)
		ctl := s.ctl
		j, err := s.list(elem, n.List)
		s.vars, s.ctl = s.vars[:body], ctl
		return err == nil && j != breaking, err
	}
	some, err := s.each(over, len(n.Pipe.Decl), round)
	if err != nil {
		return onwards, err
	}
	if some {
		return onwards, nil
	}
	return s.instead(&n.BranchNode, n.List, over.cause, func() (jump, error) { return s.list(dot, n.ElseList) })
}

// rangeVars sets the variables of a range: one gets the element, two get the
// index and the element.
func (s *state) rangeVars(pipe *parse.PipeNode, mark int, index, elem val) {
	vals := []val{elem}
	if len(pipe.Decl) > 1 {
		vals = []val{index, elem}
	}
	for i := range pipe.Decl {
		if pipe.IsAssign {
			s.assign(pipe.Decl[i].Ident[0], vals[i])
		} else {
			s.vars[mark+i].val = vals[i]
		}
	}
}

// each calls round for the elements of what a range goes over, and tells
// whether there were any.
func (s *state) each(over val, names int, round func(index, elem val) (bool, error)) (some bool, err error) {
	v, _ := deref(over.Value)
	index := func(i reflect.Value) val { return val{i, &derived{of: over.cause, index: true}} }
	switch v.Kind() {
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			on, err := round(index(reflect.ValueOf(i)), val{v.Index(i), item(over.cause, i, v.Index(i))})
			if !on {
				return true, err
			}
		}
		return v.Len() > 0, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if names > 1 {
			return false, s.errorf("can't use %v to iterate over more than one variable", v)
		}
		for i := range v.Seq() {
			on, err := round(index(i), index(i))
			if some = true; !on {
				return true, err
			}
		}
		return some, nil
	case reflect.Map:
		keys := v.MapKeys()
		sortKeys(keys)
		for _, k := range keys {
			elem := v.MapIndex(k)
			if !elem.IsValid() {
				continue
			}
			key := ""
			if k.Kind() == reflect.String {
				key = k.String()
			}
			c := s.member(over.cause, v, key, elem)
			on, err := round(val{k, keyCause(over.cause, key)}, val{elem, c})
			if !on {
				return true, err
			}
		}
		return len(keys) > 0, nil
	case reflect.Invalid:
		return false, nil
	case reflect.String:
		if isOpen(v) { // one round stands for however many there are
			one := val{v, child(over.cause, "", v)}
			_, err := round(one, one)
			return true, err
		}
	}
	return false, s.errorf("range can't iterate over %s", abbreviate(print(val{Value: v})))
}

// sortKeys sorts the keys of a map as printing does.
func sortKeys(keys []reflect.Value) {
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		if a.Kind() == reflect.Interface {
			a = a.Elem()
		}
		if b.Kind() == reflect.Interface {
			b = b.Elem()
		}
		switch {
		case a.Kind() != b.Kind():
			return cmp.Compare(a.Kind(), b.Kind())
		case a.Kind() == reflect.String:
			return cmp.Compare(a.String(), b.String())
		case a.CanInt():
			return cmp.Compare(a.Int(), b.Int())
		case a.CanUint():
			return cmp.Compare(a.Uint(), b.Uint())
		case a.CanFloat():
			return cmp.Compare(a.Float(), b.Float())
		}
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
}

// template executes the action of that name, which writes where it stands.
func (s *state) template(dot val, n *parse.TemplateNode) error {
	def := s.defs.lookup(n.Name)
	if def == nil {
		return s.errorf("template %q not defined", n.Name)
	}
	arg, err := s.pipeline(dot, n.Pipe)
	if err != nil {
		return err
	}
	ctl := &control{outer: s.ctl, call: true, script: s.script, pos: n.Pos, out: s.out, start: len(s.out.text)}
	s.calls = append(s.calls, frame{s.script, int(n.Pos)})
	err = s.execute(s.defs, def, arg, s.out, ctl)
	s.calls = s.calls[:len(s.calls)-1]
	return err
}

func (s *state) lookup(name string) *variable {
	for i := len(s.vars) - 1; i >= 0; i-- {
		if s.vars[i].name == name {
			return &s.vars[i]
		}
	}
	return nil
}

// assign sets a variable that exists. When that happens inside of branches the
// variable was not declared in, its value depends on their conditions.
func (s *state) assign(name string, v val) bool {
	x := s.lookup(name)
	if x == nil {
		return false
	}
	for c := s.ctl; c != nil && c != x.ctl; c = c.outer {
		if c.cond != nil {
			v.cause = &under{of: v.cause, cond: c.cond}
		}
	}
	x.val = v
	return true
}

// errFailed says that something depends on an action that failed; the failure
// has been noted.
var errFailed = errors.New("an action before this one failed")

// truth is what if and with make of a value.
func truth(v reflect.Value) (yes, ok bool) {
	v = indirect(v)
	switch v.Kind() {
	case reflect.Invalid:
		return false, true
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() > 0, true
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Complex64, reflect.Complex128:
		return v.Complex() != 0, true
	case reflect.Chan, reflect.Func, reflect.Pointer, reflect.UnsafePointer, reflect.Interface:
		return !v.IsNil(), true
	case reflect.Struct:
		return true, true
	}
	switch {
	case v.CanInt():
		return v.Int() != 0, true
	case v.CanUint():
		return v.Uint() != 0, true
	case v.CanFloat():
		return v.Float() != 0, true
	}
	return false, false
}

// deref follows pointers and interfaces; isNil tells that it ended at nil.
func deref(v reflect.Value) (_ reflect.Value, isNil bool) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return v, true
		}
		v = v.Elem()
	}
	return v, false
}
