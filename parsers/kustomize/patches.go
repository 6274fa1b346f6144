package kustomize

import (
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// patchWriter is a patch as it was written.
type patchWriter struct {
	docs   []*graph.Node
	target *selector // nil when the documents name their objects
	keeps  []string  // what a merge patch does not write
}

func newPatchWriter(p *patch, docs []*graph.Node) *patchWriter {
	w := &patchWriter{docs: docs, keeps: []string{"apiVersion", "metadata.namespace"}}
	allows := types.PatchArgs{}
	if p.spec.Options != nil {
		allows = *p.spec.Options
	}
	if !allows.AllowNameChange {
		w.keeps = append(w.keeps, "metadata.name")
	}
	if !allows.AllowKindChange {
		w.keeps = append(w.keeps, "kind")
	}
	if p.spec.Target != nil {
		w.target = newSelector(*p.spec.Target)
	}
	return w
}

// nodes are the documents of a patch that apply to an object, each with the
// pointer that leads to it.
func (w *patchWriter) nodes(o *object) []candidate {
	var all []candidate
	if w.target != nil && !w.target.matches(o) {
		return nil
	}
	pointer := func(text string) []string {
		if text == "" {
			return nil // the whole object
		}
		return strings.Split(strings.TrimPrefix(text, "/"), "/")
	}
	for _, d := range w.docs {
		switch d.Kind() {
		case graph.Map:
			if w.target != nil || o.patchedBy(d) {
				all = append(all, candidate{node: d, merges: true, keeps: w.keeps})
			}
		case graph.List:
			if w.target == nil {
				continue
			}
			for _, op := range d.Items() {
				v := graph.ValueOf(op)
				c := candidate{pointer: pointer(v.At("path").Str())}
				switch v.At("op").Str() {
				case "add":
					c.resize = 1
					fallthrough
				case "replace":
					if f := op.Field("value"); f != nil {
						c.node = f.Node
					}
				case "remove":
					c.resize, c.from = -1, handle(child(op, "path"))
				case "copy":
					c.resize, c.from, c.source = 1, handle(child(op, "from")), pointer(v.At("from").Str())
				case "move":
					c.resize, c.from, c.source = 1, handle(child(op, "from")), pointer(v.At("from").Str())
					all = append(all, candidate{pointer: c.source, resize: -1, from: c.from})
				default:
					continue
				}
				all = append(all, c)
			}
		}
	}
	return all
}

// patchedBy tells whether a strategic merge patch without a target names the
// object.
func (o *object) patchedBy(doc *graph.Node) bool {
	v := graph.ValueOf(doc)
	ns := v.At("metadata.namespace").Str()
	return v.At("kind").Str() == o.gvk.Kind && o.called(v.At("metadata.name").Str()) &&
		(namespace(ns) == namespace(o.ns) || namespace(ns) == namespace(o.finalNs))
}

func namespace(ns string) string {
	if ns == "" {
		return "default"
	}
	return ns
}
