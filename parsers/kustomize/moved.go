package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A relayed value stood elsewhere in the document: an operation moved or
// copied it to where it is.
type relayed struct {
	source.Handle // of the operation
	wrote         source.Handle
}

func (r relayed) Origin() *source.Origin {
	return r.origin(r.Handle.Origin(), r.wrote.Origin())
}

func (r relayed) Part(start, end int) *source.Origin {
	return r.origin(r.Handle.Part(start, end), r.wrote.Part(start, end))
}

func (r relayed) origin(at, wrote *source.Origin) *source.Origin {
	o, from := *at, *wrote
	from.Role = source.DrivenBy
	o.From = append(slices.Clone(o.From), &from)
	return &o
}

// moved is what an operation moves or copies, as it stands in the document;
// nil when an earlier patch may have made something else of it.
func moved(c candidate, earlier []candidate, doc *graph.Node) *graph.Node {
	if c.source == nil || doc == nil {
		return nil
	}
	for _, e := range earlier {
		if e.from != c.from && e.touches(c.source) {
			return nil
		}
	}
	n := doc
	for _, key := range c.source {
		key = unescape.Replace(key)
		if n.Kind() == graph.List {
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(n.Items()) {
				return nil
			}
			n = n.Items()[i]
			continue
		}
		f := n.Field(key)
		if f == nil {
			return nil
		}
		n = f.Node
	}
	return n
}

// touches tells whether a candidate may write what a pointer leads to, or
// renumber the items of a list on the way there.
func (c candidate) touches(pointer []string) bool {
	if !c.merges {
		wrote := c.pointer
		if last := len(wrote) - 1; c.resize != 0 && last >= 0 && strings.Trim(wrote[last], "-0123456789") == "" {
			wrote = wrote[:last] // of all items behind it
		}
		n := min(len(wrote), len(pointer))
		return slices.Equal(wrote[:n], pointer[:n])
	}
	n := c.node
	for _, key := range pointer {
		if n.Kind() != graph.Map {
			return true
		}
		f := n.Field(unescape.Replace(key))
		if f == nil {
			return false
		}
		n = f.Node
	}
	return true
}
