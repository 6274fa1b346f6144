package iam

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A data source takes in the statements of other documents. A statement with an
// ID gives way to a later one with the same: those of source_policy_documents
// to the data source's own, and these to override_policy_documents.

// gone tells whether the statement of a document with that ID counts nowhere,
// because wherever the document goes another statement has taken its place.
func gone(g *graph.Graph, d *graph.Resource, sid string) bool {
	return sid != "" && !stands(g, d, sid, false, map[*graph.Resource]bool{})
}

// stands tells whether a statement that came to be in a document counts. late
// says that it overrides others there.
func stands(g *graph.Graph, d *graph.Resource, sid string, late bool, seen map[*graph.Resource]bool) bool {
	if seen[d] {
		return false
	}
	seen[d] = true
	if !late && overridden(g, d, sid) {
		return false
	}
	taken := false // into other documents
	for e := range g.In(d, graph.References) {
		if e.From.Type != DocumentType {
			return true
		}
		taken = true
		if over := overrides(e); (over || !has(e.From, sid)) && stands(g, e.From, sid, over, seen) {
			return true
		}
	}
	return !taken
}

// overridden tells whether a document that overrides statements of d has one
// with that ID.
func overridden(g *graph.Graph, d *graph.Resource, sid string) bool {
	for e := range g.Out(d, graph.References) {
		if e.To.Type == DocumentType && overrides(e) && has(e.To, sid) {
			return true
		}
	}
	return false
}

func overrides(e graph.Edge) bool { return strings.HasPrefix(e.Via.Path(), "override_") }

// has tells whether a statement that is written in a document has that ID.
func has(d *graph.Resource, sid string) bool {
	for s := range d.At("statement").All("") {
		if s.At("sid").Str() == sid {
			return true
		}
	}
	return false
}
