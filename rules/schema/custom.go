package schema

import (
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A definition is one version of a CustomResourceDefinition.
type definition struct {
	crd    *graph.Resource
	schema graph.Value
	typ    *kubeschema.Type // made when first asked for
}

type gvk struct{ apiVersion, kind string }

// definitions are the versions of all CustomResourceDefinitions of a graph.
type definitions struct {
	metadata *kubeschema.Type
	all      map[gvk][]*definition
}

// customResources finds the definitions. Those of the first version of the API
// keep every field, as do some of today's, and say nothing about them.
func customResources(g *graph.Graph, table *kubeschema.Table) definitions {
	d := definitions{table.Object("v1", "ConfigMap").Field("metadata"), map[gvk][]*definition{}}
	for r := range g.OfType("apiextensions.k8s.io/CustomResourceDefinition") {
		keeps := r.At("spec.preserveUnknownFields").Bool(false)
		if !(keeps == graph.False) || !(r.At("apiVersion").Is("apiextensions.k8s.io/v1") == graph.True) {
			continue
		}
		for v := range r.At("spec.versions").Each() {
			id := gvk{r.At("spec.group").Str() + "/" + v.At("name").Str(), r.At("spec.names.kind").Str()}
			d.all[id] = append(d.all[id], &definition{crd: r, schema: v.At("schema.openAPIV3Schema")})
		}
	}
	return d
}

// of is the schema of a custom resource: the one of its root, else the only
// one that is written. Where several differ nobody can say which one counts.
func (d definitions) of(r *graph.Resource, apiVersion, kind string) (*kubeschema.Type, *graph.Resource) {
	all := d.all[gvk{apiVersion, kind}]
	found := only(all, func(def *definition) bool { return def.crd.Root == r.Root })
	if found == nil {
		found = only(all, func(*definition) bool { return true })
	}
	if found == nil || found.schema.Kind() != graph.Map {
		return nil, nil
	}
	if found.typ == nil {
		t := convert(found.schema, kind)
		if t.Kind != kubeschema.Object {
			return nil, nil
		}
		text := &kubeschema.Type{Kind: kubeschema.String}
		fields := append([]kubeschema.Field{{Name: "apiVersion", Type: text}, {Name: "kind", Type: text}, {Name: "metadata", Type: d.metadata}}, t.Fields()...)
		found.typ = kubeschema.NewObject(kind, fields, t.Open)
	}
	return found.typ, found.crd
}

// only is the one of some definitions that passes, nil when there is none or
// when there are several. One that several roots have is one.
func only(all []*definition, pass func(*definition) bool) (found *definition) {
	for _, def := range all {
		switch {
		case !pass(def):
		case found == nil:
			found = def
		case !same(found, def):
			return nil
		}
	}
	return found
}

// same tells whether two definitions are written in one place.
func same(a, b *definition) bool {
	at, other := a.schema.Origin(), b.schema.Origin()
	return at != nil && other != nil && at.Exact == source.AtToken && other.Exact == source.AtToken && at.Span == other.Span
}

// scalars are the types of JSON schema that hold one value.
var scalars = map[string]kubeschema.Kind{
	"string": kubeschema.String, "integer": kubeschema.Integer, "number": kubeschema.Float, "boolean": kubeschema.Boolean,
}

// convert reads a structural schema (apiextensions/v1 JSONSchemaProps). What
// is not known, or said in another way, is anything.
func convert(s graph.Value, name string) *kubeschema.Type {
	anything := &kubeschema.Type{}
	if s.Kind() != graph.Map || !(s.At("x-kubernetes-embedded-resource").Bool(false) == graph.False) {
		return anything
	}
	if s.At("x-kubernetes-int-or-string").Bool(false) == graph.True {
		return &kubeschema.Type{Kind: kubeschema.IntOrString}
	}
	typ := s.At("type").Str()
	switch typ {
	case "object":
		return object(s, name)
	case "array":
		list := &kubeschema.Type{Kind: kubeschema.List, Elem: convert(s.At("items"), name)}
		for key := range s.At("x-kubernetes-list-map-keys").Each() {
			list.Keys = append(list.Keys, key.Str())
		}
		return list
	}
	kind, known := scalars[typ]
	if !known {
		return anything
	}
	t := &kubeschema.Type{Kind: kind}
	for v := range s.At("enum").Each() {
		if kind != kubeschema.String || v.Kind() != graph.String {
			t.Values = nil
			break
		}
		t.Values = append(t.Values, v.Str())
	}
	return t
}

// object is a map or an Object. One that keeps unknown fields is open.
func object(s graph.Value, name string) *kubeschema.Type {
	open := !(s.At("x-kubernetes-preserve-unknown-fields").Bool(false) == graph.False)
	properties, more := s.At("properties"), s.At("additionalProperties")
	switch {
	case !properties.Known() || !more.Known():
		return &kubeschema.Type{}
	case more.Kind() == graph.Map:
		return &kubeschema.Type{Kind: kubeschema.Map, Elem: convert(more, name)}
	case more.Bool(false) == graph.True:
		return &kubeschema.Type{Kind: kubeschema.Map, Elem: &kubeschema.Type{}}
	}
	var fields []kubeschema.Field
	for key, p := range properties.Entries() {
		if key == "apiVersion" || key == "kind" || key == "metadata" {
			if p.At("properties").Kind() == graph.Absent {
				p = graph.Value{} // as the API server has it
			}
		}
		required := s.At("required").Contains(key) == graph.True && p.At("default").Kind() == graph.Absent
		fields = append(fields, kubeschema.Field{Name: key, Type: convert(p, name+"."+key), Required: required})
	}
	return kubeschema.NewObject(name, fields, open)
}
