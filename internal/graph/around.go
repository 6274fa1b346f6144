package graph

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// What package edit needs to know of a value beside what rules see: where
// exactly it stands and what is around it.

// Missing are the keys that are not there, from the nearest enclosing value
// down; none for a value that is there. A key that holds a dot is several.
func (v Value) Missing() []string {
	if v.missing == "" {
		return nil
	}
	return strings.Split(v.missing, ".")
}

// Nearest is the value itself, or the nearest one around it that is there.
func (v Value) Nearest() Value {
	v.missing = ""
	return v
}

// Handle is the value's own place; nil where there is none.
func (v Value) Handle() source.Handle {
	if v.missing != "" || v.node == nil {
		return nil
	}
	return v.node.origin
}

// KeyHandle is the place of the key that the value was reached by; nil for an
// item of a list and where there is none.
func (v Value) KeyHandle() source.Handle {
	if v.missing != "" || v.field == nil {
		return nil
	}
	return v.field.Place
}

// Parent is the map or list that the value stands in, and false for a root
// and for a value that is not in its resource's tree, such as a part of a
// document in a string.
func (v Value) Parent() (Value, bool) {
	if v.res == nil || v.node == nil || v.missing != "" {
		return Value{}, false
	}
	return parent(v.res.Config, v.node)
}

func parent(of Value, node *Node) (Value, bool) {
	for child := range of.Each() {
		if child.node == node {
			return of, true
		}
	}
	for child := range of.Each() {
		if p, ok := parent(child, node); ok {
			return p, true
		}
	}
	return Value{}, false
}

// Steps is the way from the resource's root to the value and on to what is
// missing: keys, and indexes of lists.
func (v Value) Steps() []string {
	var steps []string
	if v.res != nil && v.node != nil {
		steps, _ = stepsTo(v.res.Config.node, v.node, nil)
	}
	return append(steps, v.Missing()...)
}

func stepsTo(from, to *Node, at []string) ([]string, bool) {
	if from == to {
		return at, true
	}
	if from == nil {
		return nil, false
	}
	at = slices.Clip(at)
	for i, item := range from.items {
		if steps, ok := stepsTo(item, to, append(at, strconv.Itoa(i))); ok {
			return steps, true
		}
	}
	for i := range from.fields {
		if steps, ok := stepsTo(from.fields[i].Node, to, append(at, from.fields[i].Key)); ok {
			return steps, true
		}
	}
	return nil, false
}

// WithSpelling returns the map with a way to know how a key that is not in it
// would be written there: run_as_non_root for runAsNonRoot in a Terraform
// block. spell is false for a key that cannot be written there.
func (n *Node) WithSpelling(spell func(key string) (written string, ok bool)) *Node {
	c := n.extended()
	c.more.spell = spell
	return c
}

// Spelled is how a key that is missing in the value would be written there.
func (v Value) Spelled(key string) (written string, ok bool) {
	if v.node != nil && v.node.more != nil && v.node.more.spell != nil {
		return v.node.more.spell(key)
	}
	return key, true
}

// Node is what is there, to make another tree of it; nil for what is absent.
func (v Value) Node() *Node {
	if v.missing != "" {
		return nil
	}
	return v.node
}

// Tree is the whole configuration as a node.
func (r *Resource) Tree() *Node { return r.Config.node }
