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
	read   bool
	typ    *kubeschema.Type // of the schema, once it was read; nil for none
}

type gvk struct{ apiVersion, kind string }

// definitions are the versions of all CustomResourceDefinitions of a graph.
type definitions struct {
	table *kubeschema.Table
	all   map[gvk][]*definition
}

// customResources finds the definitions. Those of the first version of the API
// keep every field, as do some of today's, and say nothing about them.
func customResources(g *graph.Graph, table *kubeschema.Table) definitions {
	d := definitions{table, map[gvk][]*definition{}}
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
	if found == nil {
		return nil, nil
	}
	if !found.read {
		found.typ, found.read = d.table.Resource(found.schema.Node().JSON(), kind), true
	}
	if found.typ == nil {
		return nil, nil
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
