package kustomize

import (
	"regexp"
	"slices"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A selector picks objects by what they are called, before or now.
type selector struct {
	group, version, kind, name, namespace func(string) bool
	labels, annotations                   string
}

// newSelector is the selector of a target. Its texts are patterns.
func newSelector(t types.Selector) *selector {
	return &selector{
		anchored(t.Group), anchored(t.Version), anchored(t.Kind), anchored(t.Name), anchored(t.Namespace),
		t.LabelSelector, t.AnnotationSelector,
	}
}

// selectorOf is the selector that is written in n.
func selectorOf(n *graph.Node) *selector {
	text := func(key string) string { return textOf(child(n, key)) }
	var t types.Selector
	t.Group, t.Version, t.Kind = text("group"), text("version"), text("kind")
	t.Name, t.Namespace = text("name"), text("namespace")
	t.LabelSelector, t.AnnotationSelector = text("labelSelector"), text("annotationSelector")
	return newSelector(t)
}

// sourceSelector is the selector of a source, whose texts are no patterns.
func sourceSelector(n *graph.Node) *selector {
	exactly := func(key string) func(string) bool {
		want := textOf(child(n, key))
		return func(is string) bool { return want == "" || is == want }
	}
	return &selector{exactly("group"), exactly("version"), exactly("kind"), exactly("name"), exactly("namespace"), "", ""}
}

// anchored matches texts that a pattern describes as a whole. Nothing matches
// a pattern that is none.
func anchored(pattern string) func(string) bool {
	if pattern == "" {
		return func(string) bool { return true }
	}
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return func(string) bool { return false }
	}
	return re.MatchString
}

func (s *selector) matches(o *object) bool {
	any := func(is func(string) bool, texts ...string) bool { return slices.ContainsFunc(texts, is) }
	return any(s.kind, o.gvk.Kind, o.finalKind) && s.group(o.gvk.Group) && s.version(o.gvk.Version) &&
		any(s.name, o.name, o.finalName) && any(s.namespace, o.ns, o.finalNs, namespace(o.ns)) &&
		o.labels(s.labels) && o.annotations(s.annotations)
}
