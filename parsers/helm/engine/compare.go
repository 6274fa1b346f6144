package engine

import (
	"errors"
	"fmt"
	"reflect"
)

// builtinFuncs are the functions of the template language that the function
// map has not: and, or are the executor's, their entries are for counting
// arguments only.
func (r *renderer) builtinFuncs() map[string]any {
	return map[string]any{
		"and":   func(first reflect.Value, more ...reflect.Value) reflect.Value { return first },
		"or":    func(first reflect.Value, more ...reflect.Value) reflect.Value { return first },
		"not":   func(v reflect.Value) bool { yes, _ := truth(v); return !yes },
		"len":   lengthOf,
		"index": indexOf,
		"call":  callValue,
		"lt":    less,
		"ge":    func(a, b reflect.Value) (bool, error) { is, err := less(a, b); return !is && err == nil, err },
		"le":    lessOrEqual,
		"gt":    func(a, b reflect.Value) (bool, error) { is, err := lessOrEqual(a, b); return !is && err == nil, err },
	}
}

func lengthOf(v reflect.Value) (int, error) {
	v, isNil := deref(v)
	if isNil {
		return 0, errors.New("len of nil pointer")
	}
	switch v.Kind() {
	case reflect.String, reflect.Array, reflect.Chan, reflect.Map, reflect.Slice:
		return v.Len(), nil
	case reflect.Invalid:
		return 0, errors.New("len of untyped nil")
	}
	return 0, fmt.Errorf("len of type %s", v.Type())
}

func indexOf(v reflect.Value, keys ...reflect.Value) (reflect.Value, error) {
	v = bare(v)
	if !v.IsValid() {
		return v, errors.New("index of untyped nil")
	}
	for _, key := range keys {
		key = indirect(key)
		var isNil bool
		if v, isNil = deref(v); isNil {
			return reflect.Value{}, errors.New("index of nil pointer")
		}
		switch v.Kind() {
		case reflect.Array, reflect.Slice, reflect.String:
			i, err := position(key, v.Len())
			if err != nil {
				return reflect.Value{}, err
			}
			v = v.Index(i)
		case reflect.Map:
			t := v.Type().Key()
			switch {
			case !key.IsValid():
				if !canBeNil(t) {
					return reflect.Value{}, fmt.Errorf("value is nil; should be of type %s", t)
				}
				key = reflect.Zero(t)
			case !key.Type().AssignableTo(t):
				if !(isInt(key.Kind()) && isInt(t.Kind()) && key.CanConvert(t)) {
					return reflect.Value{}, fmt.Errorf("value has type %s; should be %s", key.Type(), t)
				}
				key = key.Convert(t)
			}
			if elem := v.MapIndex(key); elem.IsValid() {
				v = elem
			} else {
				v = reflect.Zero(v.Type().Elem())
			}
		case reflect.Invalid:
			return v, errors.New("index of untyped nil")
		default:
			return reflect.Value{}, fmt.Errorf("can't index item of type %s", v.Type())
		}
	}
	return v, nil
}

func isInt(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Uintptr }

func position(key reflect.Value, n int) (int, error) {
	var i int64
	switch {
	case !key.IsValid():
		return 0, errors.New("cannot index slice/array with nil")
	case key.CanInt():
		i = key.Int()
	case key.CanUint():
		i = int64(key.Uint())
	default:
		return 0, fmt.Errorf("cannot index slice/array with type %s", key.Type())
	}
	if i < 0 || i >= int64(n) {
		return 0, fmt.Errorf("index out of range: %d", i)
	}
	return int(i), nil
}

func callValue(fn reflect.Value, args ...reflect.Value) (reflect.Value, error) {
	fn = indirect(fn)
	switch {
	case !fn.IsValid():
		return fn, errors.New("call of nil")
	case fn.Kind() != reflect.Func:
		return fn, fmt.Errorf("non-function of type %s", fn.Type())
	}
	return reflect.Value{}, errors.New("functions in values cannot be called")
}

// A basic is a kind of values that can be compared with each other.
type basic uint8

const (
	notBasic basic = iota
	isBool
	isComplex
	isSigned
	isUnsigned
	isFloat
	isString
)

func basicOf(v reflect.Value) basic {
	switch {
	case v.Kind() == reflect.Bool:
		return isBool
	case v.Kind() == reflect.String:
		return isString
	case v.CanInt():
		return isSigned
	case v.CanUint():
		return isUnsigned
	case v.CanFloat():
		return isFloat
	case v.CanComplex():
		return isComplex
	}
	return notBasic
}

var (
	errBadComparison  = errors.New("invalid type for comparison")
	errIncompatible   = errors.New("incompatible types for comparison")
	errNothingToMatch = errors.New("missing argument for comparison")
)

// bare is what is in interfaces; the zero Value when that is nil.
func bare(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

func less(a, b reflect.Value) (bool, error) {
	a, b = bare(a), bare(b)
	x, y := basicOf(a), basicOf(b)
	if x == notBasic || y == notBasic {
		return false, errBadComparison
	}
	switch {
	case x == isSigned && y == isUnsigned:
		return a.Int() < 0 || uint64(a.Int()) < b.Uint(), nil
	case x == isUnsigned && y == isSigned:
		return b.Int() >= 0 && a.Uint() < uint64(b.Int()), nil
	case x != y:
		return false, errIncompatible
	}
	switch x {
	case isSigned:
		return a.Int() < b.Int(), nil
	case isUnsigned:
		return a.Uint() < b.Uint(), nil
	case isFloat:
		return a.Float() < b.Float(), nil
	case isString:
		return a.String() < b.String(), nil
	}
	return false, errBadComparison
}

func lessOrEqual(a, b reflect.Value) (bool, error) {
	if is, err := less(a, b); is || err != nil {
		return is, err
	}
	return equal(a, b)
}

// equal tells whether a is one of the others. It weighs what it would write
// into an error.
func equal(a reflect.Value, others ...reflect.Value) (bool, error) {
	if len(others) == 0 {
		return false, errNothingToMatch
	}
	a = bare(a)
	for _, b := range others {
		if is, err := equals(a, bare(b)); is || err != nil {
			return is, err
		}
	}
	return false, nil
}

func equals(a, b reflect.Value) (bool, error) {
	x, y := basicOf(a), basicOf(b)
	switch {
	case x == isSigned && y == isUnsigned:
		return a.Int() >= 0 && uint64(a.Int()) == b.Uint(), nil
	case x == isUnsigned && y == isSigned:
		return b.Int() >= 0 && a.Uint() == uint64(b.Int()), nil
	case x != y:
		if a.IsValid() && b.IsValid() {
			return false, errIncompatible
		}
		return false, nil
	}
	switch x {
	case isBool:
		return a.Bool() == b.Bool(), nil
	case isComplex:
		return a.Complex() == b.Complex(), nil
	case isSigned:
		return a.Int() == b.Int(), nil
	case isUnsigned:
		return a.Uint() == b.Uint(), nil
	case isFloat:
		return a.Float() == b.Float(), nil
	case isString:
		return a.String() == b.String(), nil
	}
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid() || !a.IsValid() && nothing(b) || !b.IsValid() && nothing(a), nil
	}
	if a.Kind() != b.Kind() {
		return false, fmt.Errorf("non-comparable types %s and %s", a.Type(), b.Type())
	}
	if nothing(a) || nothing(b) {
		return nothing(a) == nothing(b), nil
	}
	if !b.Type().Comparable() || !a.Comparable() || !b.Comparable() {
		return false, fmt.Errorf("non-comparable type %s", b.Type())
	}
	return a.Interface() == b.Interface(), nil
}

func nothing(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return v.IsNil()
	}
	return false
}
