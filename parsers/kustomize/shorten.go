package kustomize

import (
	"bytes"
	"fmt"
	"slices"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// The schemas of a CustomResourceDefinition are most of what a build of an
// operator goes through, and the library copies values once for each level
// that they are deep. Nothing in kustomize looks into a schema unless a
// kustomization says so. Where none does, the build sees a stand-in, and the
// schema comes back when the object is traced.

const definition = "CustomResourceDefinition"

// standIn is the key of the map that stands for a schema. Its value is an
// index into build.schemas.
const standIn = "seaworthy.dev/schema"

// schemas are the schemas in a definition that the build need not see.
func (bd *build) schemasOf(obj *graph.Node, doc source.Span) []*graph.Node {
	v := graph.ValueOf(obj)
	if v.At("kind").Str() != definition || bd.schemaTouched(v.At("metadata.name").Str()) {
		return nil
	}
	var all []*graph.Node
	add := func(schema *graph.Field) {
		if schema == nil {
			return
		}
		f := schema.Node.Field("openAPIV3Schema")
		if f == nil || f.Node.Kind() != graph.Map {
			return
		}
		if at, ok := f.Node.Handle().(*source.Span); ok && doc.Contains(*at) && !hasAnchor(doc.File.Data[at.Start:at.End]) {
			all = append(all, f.Node)
		}
	}
	spec := obj.Field("spec")
	if spec == nil {
		return nil
	}
	add(spec.Node.Field("validation"))
	if versions := spec.Node.Field("versions"); versions != nil {
		for _, version := range items(versions.Node) {
			add(version.Field("schema"))
		}
	}
	return all
}

// hasAnchor tells whether there may be an anchor in the text: an alias elsewhere
// may need it.
func hasAnchor(text []byte) bool {
	for i, c := range text {
		if c != '&' {
			continue
		}
		before := bytes.TrimRight(text[:i], " \t")
		if len(before) == 0 || bytes.IndexByte([]byte("\r\n:-?[{,"), before[len(before)-1]) >= 0 {
			return true
		}
	}
	return false
}

// schemaTouched tells whether something in the root may read or write the
// schema of the definition of that name.
func (bd *build) schemaTouched(name string) bool {
	return slices.ContainsFunc(bd.layers, func(l *layer) bool {
		if len(l.spec.Vars)+len(l.configurations)+len(l.transformer) > 0 || l.openapi != nil {
			return true
		}
		return slices.ContainsFunc(l.spec.Replacements, func(r types.ReplacementField) bool {
			return replaces(r, name)
		}) || slices.ContainsFunc(append(slices.Clone(l.patches), l.late...), func(p *patch) bool {
			return !p.dead && bd.patchesSchema(l, p, name)
		})
	})
}

func replaces(r types.ReplacementField, name string) bool {
	if r.Path != "" || r.Source != nil && (r.Source.Kind == "" || r.Source.Kind == definition) {
		return true
	}
	return slices.ContainsFunc(r.Targets, func(t *types.TargetSelector) bool {
		return t == nil || t.Select == nil || matches(t.Select, name)
	})
}

func (bd *build) patchesSchema(l *layer, p *patch, name string) bool {
	if t := p.spec.Target; t != nil && !matches(t, name) {
		return false
	}
	docs, ok := bd.docs(l, p)
	return !ok || slices.ContainsFunc(docs, func(d *graph.Node) bool {
		if d.Kind() == graph.List {
			return true // it writes the whole object anew
		}
		v := graph.ValueOf(d)
		if p.spec.Target == nil && (v.At("kind").Str() != definition || v.At("metadata.name").Str() != name) {
			return false
		}
		spec := v.At("spec")
		return d.Field("$patch") != nil || there(spec) && spec.Kind() != graph.Map ||
			there(spec.Get("versions")) || there(spec.Get("validation")) || there(spec.Get("$patch"))
	})
}

func there(v graph.Value) bool { return v.Kind() != graph.Absent }

// matches tells whether a selector may select the definition of that name.
func matches(s *types.Selector, name string) bool {
	return anchored(s.Kind)(definition) && anchored(s.Name)(name) && anchored(s.Group)("apiextensions.k8s.io")
}

// shorten are the changes to the text of a document that put stand-ins where
// the schemas of an object are.
func (bd *build) shorten(obj *graph.Node, doc source.Span) []edit {
	var all []edit
	for _, schema := range bd.schemasOf(obj, doc) {
		at := schema.Handle().(*source.Span)
		all = append(all, edit{at.Start, at.End, fmt.Sprintf("{%q: \"%d\"}", standIn, len(bd.schemas))})
		bd.schemas = append(bd.schemas, schema)
	}
	return all
}
