package engine

import (
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"
)

// pipeline evaluates commands, each of which gets the result of the one before
// as its last argument, and sets the variables it declares.
func (s *state) pipeline(dot val, pipe *parse.PipeNode) (v val, err error) {
	if pipe == nil {
		return none, nil
	}
	s.node = pipe
	var last *val
	for _, c := range pipe.Cmds {
		if v, err = s.command(dot, c, last); err != nil {
			break
		}
		if v.Kind() == reflect.Interface && v.Type().NumMethod() == 0 {
			v.Value = v.Elem()
		}
		w := v
		last = &w
	}
	if err != nil {
		v = val{cause: &failure{}} // what is declared must be there all the same
	}
	for _, d := range pipe.Decl {
		if pipe.IsAssign {
			if !s.assign(d.Ident[0], v) && err == nil {
				err = s.errorf("undefined variable: %s", d.Ident[0])
			}
		} else {
			s.vars = append(s.vars, variable{d.Ident[0], v, s.ctl})
		}
	}
	return v, err
}

// command evaluates one command; last is the argument from the pipeline.
func (s *state) command(dot val, c *parse.CommandNode, last *val) (val, error) {
	switch n := c.Args[0].(type) {
	case *parse.FieldNode:
		return s.fields(dot, dot, n, n.Ident, c.Args, last)
	case *parse.ChainNode:
		return s.chain(dot, n, c.Args, last)
	case *parse.IdentifierNode:
		return s.function(dot, n, c, c.Args, last)
	case *parse.VariableNode:
		return s.variable(dot, n, c.Args, last)
	case *parse.PipeNode:
		if err := s.noArgs(n, c.Args, last); err != nil {
			return none, err
		}
		return s.pipeline(dot, n)
	default:
		s.node = n
		if err := s.noArgs(n, c.Args, last); err != nil {
			return none, err
		}
		if _, ok := n.(*parse.NilNode); ok {
			return none, s.errorf("nil is not a command")
		}
		return s.operand(dot, n)
	}
}

func (s *state) noArgs(n parse.Node, args []parse.Node, last *val) error {
	if len(args) > 1 || last != nil {
		return s.errorf("can't give argument to non-function %s", n)
	}
	return nil
}

// operand is the value of a node where a value of any type will do.
func (s *state) operand(dot val, n parse.Node) (val, error) {
	s.node = n
	switch n := n.(type) {
	case *parse.DotNode:
		return dot, nil
	case *parse.NilNode:
		return none, s.errorf("unexpected nil")
	case *parse.BoolNode:
		return s.constant(reflect.ValueOf(n.True), n.Pos, n.String()), nil
	case *parse.StringNode:
		return s.constant(reflect.ValueOf(n.Text), n.Pos, n.Quoted), nil
	case *parse.NumberNode:
		v, err := s.number(n)
		return s.constant(v, n.Pos, n.Text), err
	case *parse.FieldNode:
		return s.fields(dot, dot, n, n.Ident, nil, nil)
	case *parse.VariableNode:
		return s.variable(dot, n, nil, nil)
	case *parse.IdentifierNode:
		return s.function(dot, n, n, nil, nil)
	case *parse.PipeNode:
		return s.pipeline(dot, n)
	case *parse.ChainNode:
		return s.chain(dot, n, nil, nil)
	}
	return none, s.errorf("can't handle assignment of %s to empty interface argument", n)
}

func (s *state) constant(v reflect.Value, pos parse.Pos, written string) val {
	return val{v, &constant{s.script, int(pos), written}}
}

// number is a number whose type nothing asks for: the first of complex, float
// and integer that it is written as.
func (s *state) number(n *parse.NumberNode) (reflect.Value, error) {
	hex := len(n.Text) > 2 && n.Text[0] == '0' && (n.Text[1] == 'x' || n.Text[1] == 'X')
	switch {
	case n.IsComplex && !n.IsFloat && !n.IsInt && !n.IsUint, n.IsComplex && strings.HasSuffix(n.Text, "i"):
		return reflect.ValueOf(n.Complex128), nil
	case n.IsFloat && strings.ContainsAny(n.Text, ".eEpP") && n.Text[0] != '\'' && (!hex || strings.ContainsAny(n.Text, "pP")):
		return reflect.ValueOf(n.Float64), nil
	case n.IsInt && int64(int(n.Int64)) == n.Int64:
		return reflect.ValueOf(int(n.Int64)), nil
	}
	return reflect.Value{}, s.errorf("%s overflows int", n.Text)
}

func (s *state) variable(dot val, n *parse.VariableNode, args []parse.Node, last *val) (val, error) {
	s.node = n
	x := s.lookup(n.Ident[0])
	if x == nil {
		return none, s.errorf("undefined variable: %s", n.Ident[0])
	}
	if len(n.Ident) == 1 {
		return x.val, s.noArgs(n, args, last)
	}
	return s.fields(dot, x.val, n, n.Ident[1:], args, last)
}

func (s *state) chain(dot val, n *parse.ChainNode, args []parse.Node, last *val) (val, error) {
	s.node = n
	if len(n.Field) == 0 {
		return none, s.errorf("internal error: no fields in a chain")
	}
	if n.Node.Type() == parse.NodeNil {
		return none, s.errorf("indirection through explicit nil in %s", n)
	}
	v, err := s.operand(dot, n.Node)
	if err != nil {
		return none, err
	}
	return s.fields(dot, v, n, n.Field, args, last)
}

// fields follows names from a value. Only the last can be a method with
// arguments; args has the node itself first.
func (s *state) fields(dot, v val, n parse.Node, names []string, args []parse.Node, last *val) (val, error) {
	s.node = n
	var err error
	for i, name := range names {
		if i == len(names)-1 {
			return s.field(dot, v, n, name, args, last)
		}
		if v, err = s.field(dot, v, n, name, nil, nil); err != nil {
			return none, err
		}
	}
	return v, nil
}

// field is a field, method or key of a value.
func (s *state) field(dot, of val, n parse.Node, name string, args []parse.Node, last *val) (val, error) {
	if !of.IsValid() {
		if taintOf(of.cause)&failed != 0 {
			return none, errFailed
		}
		return val{cause: child(of.cause, name, reflect.Value{})}, nil
	}
	typ := of.Type()
	v, isNil := deref(of.Value)
	if v.Kind() == reflect.Interface && isNil {
		if taintOf(of.cause)&failed != 0 {
			return none, errFailed
		}
		return none, s.errorf("nil pointer evaluating %s.%s", typ, name)
	}
	if isOpen(v) {
		return val{v, child(of.cause, name, v)}, nil
	}
	if fn := method(v, name); fn.IsValid() {
		receiver := val{v, of.cause}
		return s.call(dot, fn, name, &receiver, n, args, last)
	}
	hasArgs := len(args) > 1 || last != nil
	switch v.Kind() {
	case reflect.Struct:
		f, ok := v.Type().FieldByName(name)
		if !ok {
			break
		}
		if !f.IsExported() {
			return none, s.errorf("%s is an unexported field of struct type %s", name, typ)
		}
		fv, err := v.FieldByIndexErr(f.Index)
		if err != nil {
			return none, s.errorf("%v", err)
		}
		if hasArgs {
			return none, s.errorf("%s has arguments but cannot be invoked as function", name)
		}
		return val{fv, child(of.cause, name, fv)}, nil
	case reflect.Map:
		key := reflect.ValueOf(name)
		if !key.Type().AssignableTo(v.Type().Key()) {
			break
		}
		if hasArgs {
			return none, s.errorf("%s is not a method but has arguments", name)
		}
		elem := v.MapIndex(key)
		if !elem.IsValid() {
			elem = reflect.Zero(v.Type().Elem()) // missingkey=zero
		}
		return val{elem, s.member(of.cause, v, name, elem)}, nil
	case reflect.Pointer:
		if t := v.Type().Elem(); t.Kind() == reflect.Struct {
			if _, ok := t.FieldByName(name); !ok {
				break
			}
		}
		if isNil {
			return none, s.errorf("nil pointer evaluating %s.%s", typ, name)
		}
	}
	return none, s.errorf("can't evaluate field %s in type %s", name, typ)
}

// method is the method of that name of a value or of its address; the zero
// Value when there is none.
func method(v reflect.Value, name string) reflect.Value {
	if v.Kind() != reflect.Interface && v.Kind() != reflect.Pointer && v.CanAddr() {
		v = v.Addr()
	}
	if v.Type().NumMethod() == 0 {
		return reflect.Value{}
	}
	return v.MethodByName(name)
}

var (
	valueType  = reflect.TypeFor[reflect.Value]()
	errorType  = reflect.TypeFor[error]()
	stringType = reflect.TypeFor[fmt.Stringer]()
)

func canBeNil(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return true
	case reflect.Struct:
		return t == valueType
	}
	return false
}

// fit makes a value one of a type, where that can be done without conversion.
func (s *state) fit(v val, t reflect.Type) (val, error) {
	if !v.IsValid() {
		if canBeNil(t) {
			return val{reflect.Zero(t), v.cause}, nil
		}
		if taintOf(v.cause)&failed != 0 {
			return none, errFailed
		}
		return none, s.errorf("invalid value; expected %s", t)
	}
	if t == valueType && v.Type() != t {
		return val{reflect.ValueOf(v.Value), v.cause}, nil
	}
	if v.Type().AssignableTo(t) {
		return v, nil
	}
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v.Value = v.Elem()
		if v.Type().AssignableTo(t) {
			return v, nil
		}
	}
	switch {
	case v.Kind() == reflect.Pointer && v.Type().Elem().AssignableTo(t):
		if v.IsNil() {
			return none, s.errorf("dereference of nil pointer of type %s", t)
		}
		return val{v.Elem(), v.cause}, nil
	case reflect.PointerTo(v.Type()).AssignableTo(t) && v.CanAddr():
		return val{v.Addr(), v.cause}, nil
	}
	return none, s.errorf("wrong type for value; expected %s; got %s", t, v.Type())
}

// arg is the value of an argument that has to be of a type.
func (s *state) arg(dot val, t reflect.Type, n parse.Node) (val, error) {
	s.node = n
	switch n := n.(type) {
	case *parse.NilNode:
		if canBeNil(t) {
			return val{Value: reflect.Zero(t)}, nil
		}
		return none, s.errorf("cannot assign nil to %s", t)
	case *parse.DotNode, *parse.FieldNode, *parse.VariableNode, *parse.PipeNode, *parse.IdentifierNode, *parse.ChainNode:
		v, err := s.operand(dot, n)
		if err != nil {
			return none, err
		}
		return s.fit(v, t)
	}
	if t.Kind() == reflect.Interface && t.NumMethod() == 0 {
		return s.operand(dot, n)
	}
	if t == valueType {
		v, err := s.operand(dot, n)
		return val{reflect.ValueOf(v.Value), v.cause}, err
	}
	return s.typed(t, n)
}

// typed is a constant as a value of a type.
func (s *state) typed(t reflect.Type, n parse.Node) (val, error) {
	v := reflect.New(t).Elem()
	expected := ""
	number, _ := n.(*parse.NumberNode)
	switch t.Kind() {
	case reflect.Bool:
		if n, ok := n.(*parse.BoolNode); ok {
			v.SetBool(n.True)
			return s.constant(v, n.Pos, n.String()), nil
		}
		expected = "bool"
	case reflect.String:
		if n, ok := n.(*parse.StringNode); ok {
			v.SetString(n.Text)
			return s.constant(v, n.Pos, n.Quoted), nil
		}
		expected = "string"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if number != nil && number.IsInt {
			v.SetInt(number.Int64)
			return s.constant(v, number.Pos, number.Text), nil
		}
		expected = "integer"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if number != nil && number.IsUint {
			v.SetUint(number.Uint64)
			return s.constant(v, number.Pos, number.Text), nil
		}
		expected = "unsigned integer"
	case reflect.Float32, reflect.Float64:
		if number != nil && number.IsFloat {
			v.SetFloat(number.Float64)
			return s.constant(v, number.Pos, number.Text), nil
		}
		expected = "float"
	case reflect.Complex64, reflect.Complex128:
		if number != nil && number.IsComplex {
			v.SetComplex(number.Complex128)
			return s.constant(v, number.Pos, number.Text), nil
		}
		expected = "complex"
	default:
		return none, s.errorf("can't handle %s for arg of type %s", n, t)
	}
	return none, s.errorf("expected %s; found %s", expected, n)
}
