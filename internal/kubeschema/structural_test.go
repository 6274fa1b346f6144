package kubeschema

import (
	"encoding/json"
	"testing"
)

func TestStructural(t *testing.T) {
	var schema any
	if err := json.Unmarshal([]byte(`{"type": "object", "x-kubernetes-preserve-unknown-fields": false, "required": ["size", "kind", "spec"], "properties": {
		"kind": {"type": "integer"},
		"size": {"type": "integer", "default": 3},
		"spec": {"type": "object", "required": ["port"], "properties": {
			"port": {"x-kubernetes-int-or-string": true},
			"mode": {"type": "string", "enum": ["a", "b"]},
			"odd": {"type": "string", "enum": ["a", null]},
			"pod": {"type": "object", "x-kubernetes-embedded-resource": true},
			"open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
			"all": {"type": "array", "x-kubernetes-list-map-keys": ["name"], "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
			"by": {"type": "object", "additionalProperties": {"type": "boolean"}},
			"any": {"type": "object", "additionalProperties": true},
			"secret": {"type": "object", "properties": null},
			"unsaid": {}
		}}}}`), &schema); err != nil {
		t.Fatal(err)
	}
	boat := Read().Resource(schema, "Boat")
	for path, want := range map[string]Kind{
		"kind": String, "metadata.labels": Map, "size": Integer, "spec": Object, "spec.port": IntOrString, "spec.mode": String, "spec.pod": Any, "spec.open": Object,
		"spec.all": List, "spec.all.name": String, "spec.by": Map, "spec.any": Map, "spec.secret": Any, "spec.unsaid": Any,
	} {
		if got := at(boat, path); got == nil || got.Kind != want {
			t.Errorf("%s is %+v, want kind %d", path, got, want)
		}
	}
	spec := at(boat, "spec")
	if at(spec, "by").Elem.Kind != Boolean || at(spec, "any").Elem.Kind != Any || !at(spec, "open").Open || spec.Open || at(spec, "all").Keys[0] != "name" ||
		len(at(spec, "mode").Values) != 2 || at(spec, "odd").Values != nil {
		t.Errorf("spec is %+v", spec)
	}
	for _, f := range append(boat.Fields(), spec.Fields()...) {
		if want := f.Name == "spec" || f.Name == "port"; f.Required != want {
			t.Errorf("%s is required: %v", f.Name, f.Required)
		}
		if (f.Default != nil) != (f.Name == "size") {
			t.Errorf("%s is %v by default", f.Name, f.Default)
		}
	}
	if Read().Resource(map[string]any{"type": "string"}, "Text") != nil || Read().Resource(nil, "Nothing") != nil {
		t.Error("there are types of what is no object")
	}
}
