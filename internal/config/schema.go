package config

import (
	"encoding/json"
	"reflect"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// A node of the JSON schema, as far as configurations need it.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        []string           `json:"type,omitempty"`
	Format      string             `json:"format,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	// Additional is false for an object of named keys, a schema for a mapping.
	Additional any `json:"additionalProperties,omitempty"`
}

// SchemaURL is where the schema lies for editors to fetch.
const SchemaURL = "https://raw.githubusercontent.com/seaworthy-iac/seaworthy/main/docs/seaworthy.schema.json"

// Schema is the JSON schema (draft 2020-12) of the file, for editors.
func Schema() ([]byte, error) {
	s := schemaOf(reflect.TypeFor[Config](), "")
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.ID, s.Title = SchemaURL, "Seaworthy configuration ("+Name+")"
	s.Type = append(s.Type, "null") // all of it may be commented out
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}

func schemaOf(t reflect.Type, form string) *schema {
	switch t.Kind() {
	case reflect.Struct:
		s := &schema{Type: []string{"object"}, Properties: map[string]*schema{}, Additional: false}
		short := false
		for _, f := range fieldsOf(t) {
			p := schemaOf(f.typ, f.form)
			p.Description = f.doc
			s.Properties[f.key] = p
			short = short || f.short
			if f.required {
				s.Required = append(s.Required, f.key)
			}
		}
		if short {
			return &schema{AnyOf: []*schema{{Type: []string{"string"}}, s}}
		}
		return s
	case reflect.Map:
		return &schema{Type: []string{"object"}, Additional: schemaOf(t.Elem(), form)}
	case reflect.Slice:
		items := schemaOf(t.Elem(), form)
		return &schema{AnyOf: []*schema{{Type: []string{"array"}, Items: items}, {Type: []string{"string", "null"}}}}
	case reflect.Pointer:
		return schemaOf(t.Elem(), form)
	case reflect.Bool:
		return &schema{Type: []string{"boolean"}}
	case reflect.String:
		s := &schema{Type: []string{"string", "number"}}
		switch form {
		case "severity":
			s.Type, s.Enum = []string{"string"}, analyzers.Severities[:]
		case "day":
			s.Type, s.Format = []string{"string"}, "date"
		}
		return s
	}
	return &schema{} // anything: what a rule's parameters are is the rule's to say
}
