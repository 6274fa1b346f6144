package kustomize

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// What a patch takes out is missing because of the patch: an edit of the base
// would bring nothing back.

// shorn is the header of a map from which patches took keys out.
type shorn struct {
	source.Handle
	out []removal // the last one first
}

// A removal is where a key was taken out, and where it had been written.
type removal struct {
	key     string
	by, was source.Handle
}

func (s *shorn) Origin() *source.Origin { return s.Handle.Origin().Header() }

// Without is the place of what took the path out, else the header.
func (s *shorn) Without(path string) *source.Origin {
	for _, r := range s.out {
		if path != r.key && !strings.HasPrefix(path, r.key+".") {
			continue
		}
		o := *capped(r.by.Origin())
		o.Step, o.From = source.Overlay, nil
		if r.was != nil {
			was := *capped(r.was.Origin())
			was.Role = source.Overrides
			o.From = []*source.Origin{&was}
		}
		return &o
	}
	return s.Origin()
}

// shear gives a map of which header is the place a header that knows what
// candidates took out of it.
func shear(n, base *graph.Node, header source.Handle, candidates []candidate) *graph.Node {
	if n.Kind() != graph.Map || header == nil {
		return n
	}
	s := &shorn{Handle: header}
	add := func(key string, by source.Handle) {
		if by == nil || n.Field(key) != nil {
			return
		}
		r := removal{key: key, by: by}
		if f := base.Field(key); base.Kind() == graph.Map && f != nil {
			r.was = f.Place
		}
		s.out = append(s.out, r)
	}
	for _, c := range slices.Backward(candidates) {
		switch {
		case c.doubtful:
		case len(c.pointer) == 1 && c.resize < 0:
			add(unescape.Replace(c.pointer[0]), c.from)
		case c.merges && len(c.pointer) == 0 && c.node.Kind() == graph.Map:
			for _, f := range c.node.Fields() {
				if f.Node.Kind() == graph.Null {
					add(f.Key, f.Place)
				}
			}
		}
	}
	if len(s.out) == 0 {
		return n
	}
	return n.WithHead(s)
}

// itemHeader is the place that stands for an item of a list.
func itemHeader(n *graph.Node) source.Handle {
	if n.Kind() == graph.Map {
		if name := n.Field("name"); name != nil && name.Node.Kind() == graph.String && name.Node.Handle() != nil {
			return name.Node.Handle()
		}
	}
	return n.Handle()
}
