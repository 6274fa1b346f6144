package kubeschema

import (
	"maps"
	"slices"
)

var scalars = map[string]Kind{"string": String, "integer": Integer, "number": Float, "boolean": Boolean}

// Structural is the type that the schema of a custom resource describes
// (apiextensions/v1 JSONSchemaProps, as JSON has it). What is null, which means
// that it is not known, or said in another way, may be anything.
func Structural(schema any, name string) *Type {
	s, _ := schema.(map[string]any)
	if s == nil || holds(s, "x-kubernetes-embedded-resource") {
		return &Type{}
	}
	if s["x-kubernetes-int-or-string"] == true {
		return &Type{Kind: IntOrString}
	}
	typ, _ := s["type"].(string)
	switch typ {
	case "object":
		return structuralObject(s, name)
	case "array":
		list := &Type{Kind: List, Elem: Structural(s["items"], name)}
		keys, _ := s["x-kubernetes-list-map-keys"].([]any)
		list.Keys = texts(keys)
		return list
	}
	t := &Type{Kind: scalars[typ]}
	if enum, _ := s["enum"].([]any); t.Kind == String {
		t.Values = texts(enum)
	}
	return t
}

// structuralObject is a Map or an Object. One that keeps unknown fields is open.
func structuralObject(s map[string]any, name string) *Type {
	more, some := s["additionalProperties"]
	properties, known := s["properties"].(map[string]any)
	_, there := s["properties"]
	switch {
	case there && !known, some && more == nil:
		return &Type{}
	case some && more != false:
		return &Type{Kind: Map, Elem: Structural(more, name)}
	}
	var fields []Field
	required, _ := s["required"].([]any)
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		p, _ := properties[key].(map[string]any)
		f := Field{Name: key, Type: Structural(properties[key], name+"."+key)}
		var preset bool
		f.Default, preset = p["default"]
		f.Required = slices.Contains(required, any(key)) && !preset // the server fills it in before it looks
		fields = append(fields, f)
	}
	return NewObject(name, fields, holds(s, "x-kubernetes-preserve-unknown-fields"))
}

// holds tells whether a flag is set, or may be.
func holds(s map[string]any, flag string) bool {
	v, there := s[flag]
	return there && v != false
}

// texts are the items of a list; nil when one of them is no text.
func texts(list []any) (all []string) {
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil
		}
		all = append(all, s)
	}
	return all
}

// Resource is the type of a custom resource of which spec, status and the like
// are of the type that its schema describes; nil where that is no object.
func (t *Table) Resource(schema any, kind string) *Type {
	own := Structural(schema, kind)
	if own.Kind != Object {
		return nil
	}
	text := &Type{Kind: String}
	fields := []Field{{Name: "apiVersion", Type: text}, {Name: "kind", Type: text}, {Name: "metadata", Type: t.Object("v1", "ConfigMap").Field("metadata")}}
	for _, f := range own.fields {
		if f.Name != "apiVersion" && f.Name != "kind" && f.Name != "metadata" {
			fields = append(fields, f)
		}
	}
	return NewObject(kind, fields, own.Open)
}
