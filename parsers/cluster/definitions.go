package cluster

import (
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
)

// What the server fills into a custom resource is in its definition: the
// schema has a default beside each field that gets one. The definitions of the
// cluster count, else, where those may not be read, those that are written.

// definition is the type of custom resources that have no other definition.
const definition = "apiextensions.k8s.io/CustomResourceDefinition"

// define takes the schemas of the definitions among objects, unless there was
// one before. They are taken apart when an object of them is looked at.
func (d *defaults) define(objects []map[string]any) {
	for _, o := range objects {
		if typeOf(o) != definition {
			continue
		}
		spec := mapAt(o, "spec")
		for _, version := range mapsAt(spec, "versions") {
			id := [2]string{text(spec, "group") + "/" + text(version, "name"), text(mapAt(spec, "names"), "kind")}
			schema := mapAt(version, "schema", "openAPIV3Schema")
			if _, there := d.schemas[id]; !there && schema != nil && spec["preserveUnknownFields"] != true {
				d.schemas[id] = schema
			}
		}
	}
}

// defineWritten is define for what is written.
func (d *defaults) defineWritten(parts []*graph.Builder) {
	for _, part := range parts {
		for _, r := range part.Resources {
			if r.Type == definition {
				if o, ok := r.Tree().JSON().(map[string]any); ok {
					d.define([]map[string]any{o})
				}
			}
		}
	}
}

// customType is the type of a custom resource; nil where its definition is not
// known.
func (d *defaults) customType(apiVersion, kind string) *kubeschema.Type {
	id := [2]string{apiVersion, kind}
	schema, defined := d.schemas[id]
	if !defined {
		return nil
	}
	t, made := d.customs[id]
	if !made {
		t = d.schema.Resource(schema, kind)
		d.customs[id] = t
	}
	return t
}

// constantOf is what the server fills into a field of an object; false for
// nothing.
func (d *defaults) constantOf(t *kubeschema.Type, field string) (v any, known bool) {
	for _, f := range t.Fields() {
		if f.Name == field && f.Default != nil {
			return d.without(f.Type, f.Default, false), true
		}
	}
	v, known = d.constant[short(t)+"."+field]
	return v, known
}
