// Package kubeschema is what the API server of Kubernetes accepts: the fields
// of every built-in kind in every version, with their types.
//
// It is a table of text that is part of the program, one line for a kind, a
// type or an enumeration, made from the sources of k8s.io/api by gen. [Read]
// only notes where the lines are; a type is taken apart when it is first asked
// for, so that a run over Deployments pays for what is in Deployments. Nothing
// is done before Read.
//
//	kind apps/v1 Deployment @apps/v1.Deployment
//	type core/v1.EnvVar name!:s value:s valueFrom:@EnvVarSource
//	enum core/v1.Protocol SCTP|TCP|UDP
//
// A field's name has a "!" when it must be there. Types are s(tring),
// i(nteger), f(loat), b(oolean), q(uantity), p(ort: integer or string), a(ny),
// "[]" and "{}" in front of what a list and a map hold, "[name]" in front of
// what a list holds whose items are told apart by these fields, and "@" for a
// type with a line of its own, of the same package unless it says which. "~" is
// in front of a field that only former releases have.
package kubeschema

import (
	_ "embed" // the table
	"slices"

	"strings"
)

//go:generate go run ./gen

//go:embed table.txt
var text string

// Kind is what a type is in JSON.
type Kind uint8

// The kinds.
const (
	Any Kind = iota
	String
	Integer
	Float
	Boolean
	Quantity
	IntOrString
	List
	Map
	Object
)

// A Type is what may stand in a place.
type Type struct {
	Kind Kind
	// Name is an Object's or an enumeration's, "core/v1.EnvVar".
	Name string
	// Elem is what a List or a Map holds.
	Elem *Type
	// Keys are the fields that tell the items of a List apart; nil when it may
	// hold one item twice.
	Keys []string
	// Values are the values of an enumeration; nil when every text is one.
	Values []string
	// Open objects keep fields that they do not have.
	Open bool

	fields []Field
}

// A Field is a field of an Object.
type Field struct {
	Name string
	Type *Type
	// Required fields have no default, and no empty value that is valid.
	Required bool
	// Default is what the definition of a custom resource says that the field is
	// when nobody does, as JSON has it; nil for nothing. What the fields of
	// Kubernetes' own kinds are then is not known here.
	Default any
}

// NewObject is an Object that is none of Kubernetes' own.
func NewObject(name string, fields []Field, open bool) *Type {
	return &Type{Kind: Object, Name: name, Open: open, fields: fields}
}

// Fields are the fields of an Object, in the order of the API.
func (t *Type) Fields() []Field { return t.fields }

// Field is the type of an Object's field; nil when it has none of that name.
func (t *Type) Field(name string) *Type {
	for i := range t.fields {
		if t.fields[i].Name == name {
			return t.fields[i].Type
		}
	}
	return nil
}

// A Table is all types. It is used by one goroutine at a time.
type Table struct {
	kinds map[[2]string]string
	lines map[string]string
	types map[string]*Type
}

// Read finds the lines of the table.
func Read() *Table {
	t := &Table{kinds: map[[2]string]string{}, lines: map[string]string{}, types: map[string]*Type{}}
	for line := range strings.Lines(text) {
		what, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name, rest, _ := strings.Cut(rest, " ")
		if what == "kind" {
			kind, code, _ := strings.Cut(rest, " ")
			t.kinds[[2]string{name, kind}] = code
			continue
		}
		t.lines[name] = what + " " + rest
	}
	return t
}

// Object is the type of the objects of a kind; nil when it is none of
// Kubernetes' own, or of a version that the table does not have.
func (t *Table) Object(apiVersion, kind string) *Type {
	code, ok := t.kinds[[2]string{apiVersion, kind}]
	if !ok {
		return nil
	}
	return t.code(code, "")
}

// Versions are the versions of the API that have a kind, in no order of
// preference.
func (t *Table) Versions(kind string) (versions []string) {
	for id := range t.kinds {
		if id[1] == kind {
			versions = append(versions, id[0])
		}
	}
	slices.Sort(versions)
	return versions
}

// Group tells whether the table has a kind of the group; "" is the group
// without a name.
func (t *Table) Group(group string) bool {
	for id := range t.kinds {
		if g, _, named := strings.Cut(id[0], "/"); named && g == group || !named && group == "" {
			return true
		}
	}
	return false
}

var kinds = map[byte]Kind{'s': String, 'i': Integer, 'f': Float, 'b': Boolean, 'q': Quantity, 'p': IntOrString}

// code reads a type as the table writes it in a line of pkg.
func (t *Table) code(code, pkg string) *Type {
	switch {
	case strings.HasPrefix(code, "{}"):
		return &Type{Kind: Map, Elem: t.code(code[2:], pkg)}
	case strings.HasPrefix(code, "["):
		keys, elem, _ := strings.Cut(code[1:], "]")
		list := &Type{Kind: List, Elem: t.code(elem, pkg)}
		if keys != "" {
			list.Keys = strings.Split(keys, ",")
		}
		return list
	case strings.HasPrefix(code, "@"):
		name := code[1:]
		if !strings.Contains(name, ".") {
			name = pkg + "." + name
		}
		return t.named(name)
	}
	return &Type{Kind: kinds[code[0]]}
}

// named is the type that has a line of its own.
func (t *Table) named(name string) *Type {
	if made, ok := t.types[name]; ok {
		return made
	}
	what, rest, _ := strings.Cut(t.lines[name], " ")
	made := &Type{Name: name}
	t.types[name] = made // it may hold itself
	switch what {
	case "enum":
		made.Kind, made.Values = String, strings.Split(rest, "|")
	case "type":
		made.Kind = Object
		pkg, _, _ := strings.Cut(name, ".")
		for word := range strings.FieldsSeq(rest) {
			made.fields = append(made.fields, t.field(word, pkg))
		}
	}
	return made
}

func (t *Table) field(word, pkg string) Field {
	name, code, _ := strings.Cut(word, ":")
	if former, ok := strings.CutPrefix(name, "~"); ok {
		return Field{Name: former, Type: &Type{}}
	}
	name, required := strings.CutSuffix(name, "!")
	return Field{Name: name, Type: t.code(code, pkg), Required: required}
}
