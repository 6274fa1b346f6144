package kustomize

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// atLine is a place that is known by its line.
type atLine struct{ source.Handle }

func (l atLine) Origin() *source.Origin { return capped(l.Handle.Origin()) }

func (l atLine) Part(start, end int) *source.Origin { return capped(l.Handle.Part(start, end)) }

func capped(o *source.Origin) *source.Origin {
	c := *o
	c.Exact = min(c.Exact, source.AtLine)
	return &c
}

// overlaid is a place in a kustomization or a patch, and the value of the
// document that it took the place of.
type overlaid struct {
	source.Handle
	over source.Handle
}

func overlay(h source.Handle, base *graph.Node) source.Handle {
	if base == nil || !isScalar(base) {
		return overlaid{h, nil}
	}
	return overlaid{h, base.Handle()}
}

func (o overlaid) Origin() *source.Origin { return o.origin(o.Handle.Origin()) }

func (o overlaid) Part(start, end int) *source.Origin { return o.origin(o.Handle.Part(start, end)) }

func (o overlaid) origin(at *source.Origin) *source.Origin {
	c := *at
	if c.Step == source.Written {
		c.Step = source.Overlay
	}
	if o.over != nil {
		over := *capped(o.over.Origin())
		over.Role = source.Overrides
		c.From = append(slices.Clone(c.From), &over)
	}
	return &c
}
