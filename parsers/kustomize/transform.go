package kustomize

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// This file knows what the transformers of kustomize write.

// transformer is what a configuration of a built-in transformer does.
func (bd *build) transformer(l *layer, e *entry, config *graph.Node) []writer {
	at := fieldSpecs(child(config, "fieldSpecs"))
	one := func(c claims) []writer { return []writer{{layer: l, claims: c}} }
	switch graph.ValueOf(config).At("kind").Str() {
	case "LabelTransformer":
		return one(pairs(child(config, "labels"), at))
	case "AnnotationsTransformer":
		return one(pairs(child(config, "annotations"), at))
	case "NamespaceTransformer":
		if ns := child(child(config, "metadata"), "namespace"); ns != nil {
			return one(bd.namespaced(ns, at, textOf(child(config, "setRoleBindingSubjects")), textOf(child(config, "unsetOnly")) == "true"))
		}
		return nil
	case "ImageTagTransformer":
		return one(image(child(config, "imageTag"), at))
	case "ReplicaCountTransformer":
		return one(replicas(child(config, "replica"), at))
	case "ReplacementTransformer":
		var all []writer
		for _, n := range items(child(config, "replacements")) {
			for _, r := range bd.replacementsIn(l, n) {
				all = append(all, writer{layer: l, claims: r.claims})
			}
		}
		return all
	case "ValueAddTransformer":
		if added := valueAdded(config); added != nil {
			return one(added)
		}
	case "PatchTransformer", "PatchJson6902Transformer", "PatchStrategicMergeTransformer":
		var all []writer
		for _, p := range patchesIn(l, e, config) {
			if docs, ok := bd.docs(l, p); ok {
				all = append(all, writer{layer: l, patch: newPatchWriter(p, docs)})
			}
		}
		return all
	case "PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer", "HashTransformer":
		return nil // see affixes
	}
	return []writer{{layer: l, opaque: true}}
}

// valueAdded claims what a ValueAddTransformer puts into fields as a whole; it
// is nil for one that writes into the middle of text.
func valueAdded(config *graph.Node) claims {
	value := child(config, "value")
	targets := items(child(config, "targets"))
	if value == nil || child(config, "targetFilePath") != nil ||
		slices.ContainsFunc(targets, func(t *graph.Node) bool { return child(t, "filePathPosition") != nil }) {
		return nil
	}
	return func(s *site) source.Handle {
		for _, t := range targets {
			path := strings.Split(textOf(child(t, "fieldPath")), "/")
			if s.text == strings.TrimSpace(textOf(value)) && s.is(path...) && selectorOf(child(t, "selector")).matches(s.obj) {
				return value.Handle()
			}
		}
		return nil
	}
}

// fieldSpecs are the places that a configuration names.
func fieldSpecs(list *graph.Node) []spec {
	var all []spec
	for _, n := range items(list) {
		all = append(all, spec{
			resid.Gvk{Group: textOf(child(n, "group")), Version: textOf(child(n, "version")), Kind: textOf(child(n, "kind"))},
			splitPath(textOf(child(n, "path"))),
		})
	}
	return all
}

// pairs claims what a set of labels or annotations writes.
func pairs(set *graph.Node, at []spec) claims {
	return func(s *site) source.Handle {
		if len(s.path) < 2 {
			return nil
		}
		f := field(set, s.key())
		if f == nil || f.Key != s.key() || textOf(f.Node) != s.text || !s.at(at, 1) {
			return nil
		}
		return f.Node.Handle()
	}
}

func replicas(entry *graph.Node, at []spec) claims {
	name, count := textOf(child(entry, "name")), child(entry, "count")
	return func(s *site) source.Handle {
		if count == nil || !same(count, graph.Number, s.text) || !s.obj.called(name) || !s.at(at, 0) {
			return nil
		}
		return count.Handle()
	}
}

// namespaced claims namespaces: of objects, of what kustomize knows to hold
// one, and of references to objects whose namespace it wrote.
func (bd *build) namespaced(n *graph.Node, at []spec, subjects string, unsetOnly bool) claims {
	return func(s *site) source.Handle {
		if s.text != n.Text() || s.obj.inflated {
			return nil
		}
		written := false
		switch {
		case unsetOnly && s.base != nil && textOf(s.base) != "":
		case s.is("metadata", "namespace"):
			written = !s.obj.gvk.IsClusterScoped()
		case s.is("metadata", "name"):
			written = s.obj.gvk.Kind == "Namespace" && s.obj.gvk.Group == ""
		case s.key() != "namespace":
			written = s.at(at, 0)
		case s.is("subjects", "*", "namespace"):
			switch subjects {
			case "none":
			case "allServiceAccounts":
				written = s.sibling("kind") == "ServiceAccount"
			default:
				written = s.sibling("name") == "default"
			}
			written = written || bd.follows(s, s.sibling("kind"))
		default:
			written = s.at(at, 0) || bd.follows(s, "Service")
		}
		if !written {
			return nil
		}
		return n.Handle()
	}
}

// follows tells whether the namespace of a reference was written anew because
// that of the object did: kustomize finds the object by the old one.
func (bd *build) follows(s *site, kind string) bool {
	if !s.patched && !sameText(s.base, s.text) {
		return true
	}
	name := s.sibling("name")
	return slices.ContainsFunc(bd.objects, func(o *object) bool {
		return o.gvk.Kind == kind && o.finalName == name && o.ns == s.text && o.finalNs == s.text
	})
}
