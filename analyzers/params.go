package analyzers

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// A Param is one parameter of a rule.
type Param struct {
	// Name is the key in a configuration.
	Name string
	// Type is what it takes: text, number, or list of texts.
	Type string
	// Default is a string, an int64 or a list, which is not nil.
	Default any
	Doc     string
}

// Parameters are what can be set of the rule: the fields of what Params points
// to, each with what its doc tag says.
func (r *Rule) Parameters() []Param {
	if r.Params == nil {
		return nil
	}
	defaults := reflect.ValueOf(r.Params).Elem()
	params := make([]Param, defaults.NumField())
	for i := range params {
		f := defaults.Type().Field(i)
		params[i] = Param{strings.ToLower(f.Name), typeName(f.Type), defaults.Field(i).Interface(), f.Tag.Get("doc")}
		if f.Type.Kind() == reflect.Slice && defaults.Field(i).IsNil() {
			params[i].Default = reflect.MakeSlice(f.Type, 0, 0).Interface()
		}
	}
	return params
}

// WithParams are the rule's defaults with those that a JSON object sets, for
// [NewPass]. The error tells of a parameter that there is not, or a value of
// another type.
func (r *Rule) WithParams(object []byte) (any, error) {
	if r.Params == nil {
		return nil, errors.New("the rule has none")
	}
	defaults := reflect.ValueOf(r.Params).Elem()
	params := reflect.New(defaults.Type())
	params.Elem().Set(defaults)
	d := json.NewDecoder(bytes.NewReader(object))
	d.DisallowUnknownFields()
	if err := d.Decode(params.Interface()); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return params.Interface(), nil
}

// typeName says in words what a parameter takes, "" of a type that none has.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Int64:
		return "number"
	case reflect.Slice:
		if name := typeName(t.Elem()); name != "" {
			return "list of " + name + "s"
		}
	}
	return ""
}
