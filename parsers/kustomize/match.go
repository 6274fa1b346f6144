package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A candidate is a node of a patch at the place of the walk, or one that lies
// further down where the pointer leads. The node is nil for an operation that
// writes nothing, such as one that removes an item and moves those behind it.
type candidate struct {
	order    int
	node     *graph.Node
	pointer  []string
	resize   int           // 1 when it puts something in, -1 when it takes something out
	merges   bool          // it is of a strategic merge patch
	doubtful bool          // it may be about another item of a list
	from     source.Handle // of an operation that moves, copies or removes: from where
	source   []string      // the same as a pointer, of one that moves or copies
	value    *graph.Node   // what stands there in the document, when it is certain
	keeps    []string      // what a merge patch finds its target by, and leaves as it is
}

// resets tells whether nothing is left of what was there before.
func (c candidate) resets() bool { return !c.merges && !c.doubtful && len(c.pointer) == 0 }

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// descend follows a key in all candidates.
func descend(candidates []candidate, key string) []candidate {
	var inner []candidate
	for _, c := range candidates {
		if len(c.pointer) > 0 {
			if unescape.Replace(c.pointer[0]) == key {
				c.pointer = c.pointer[1:]
				inner = append(inner, c)
			}
		} else if f := c.node.Field(key); f != nil {
			c.node = f.Node
			inner = append(inner, c)
		}
	}
	return inner
}

// counts is how long a list is after the operations on it.
func counts(candidates []candidate, length int) int {
	for _, c := range candidates {
		if len(c.pointer) == 1 {
			length += c.resize
		}
	}
	return length
}

// inItem follows an item of a list in all candidates, from the last to the
// first: the index at which the item is now is not the one that it had when an
// operation named it. was is the index before all of them, -1 for an item that
// one of them put there. Where items came or went in another way indexes say
// nothing, and what stands under them is doubtful.
func inItem(candidates []candidate, item *yaml.Node, index, length int, certain bool) (inner []candidate, was int) {
	was = index
	for i := len(candidates) - 1; i >= 0 && was >= 0; i-- {
		c := candidates[i]
		if len(c.pointer) == 0 {
			n := match(items(c.node), item, index, -1)
			if list := items(c.node); !c.merges && certain {
				if n = nil; was < len(list) {
					n = list[was]
				}
			}
			if n != nil {
				c.node = n
				inner = append(inner, c)
			}
			continue
		}
		at, err := strconv.Atoi(c.pointer[0])
		alone := len(c.pointer) == 1
		c.pointer = c.pointer[1:]
		switch {
		case !certain && alone:
			if c.resize > 0 && c.node != nil && reads(c.node, item, 0) {
				inner = append(inner, c)
			}
			continue
		case !certain:
			c.doubtful = true
			inner = append(inner, c)
			continue
		}
		if alone && c.resize > 0 {
			length--
			if err != nil {
				at = length // "-"
			}
		} else if alone && c.resize < 0 {
			length++
		}
		switch {
		case alone && c.resize > 0 && was == at:
			was = -1
			inner = append(inner, c)
		case alone && c.resize > 0 && was > at:
			was--
		case alone && c.resize < 0 && was >= at:
			was++
		case was == at && (!alone || c.resize == 0):
			inner = append(inner, c)
		}
	}
	slices.Reverse(inner)
	return inner, was
}

func isScalar(n *graph.Node) bool {
	switch n.Kind() {
	case graph.Null, graph.Bool, graph.Number, graph.String:
		return true
	}
	return false
}

// same tells whether a scalar reads the same, or is the same number written in
// another way: JSON patches write 0644 as 420.
func same(n *graph.Node, kind graph.Kind, text string) bool {
	if !isScalar(n) {
		return false
	}
	if n.Text() == text {
		return true
	}
	if n.Kind() != graph.Number || kind != graph.Number {
		return false
	}
	a, known := graph.ValueOf(n).Float(0)
	b, also := graph.ValueOf(graph.NewScalar(kind, text, nil)).Float(0)
	if known && also && a == b {
		return true
	}
	octal, err := strconv.ParseInt(n.Text(), 0, 64)
	return err == nil && also && float64(octal) == b
}

func sameText(n *graph.Node, text string) bool { return isScalar(n) && n.Text() == text }

// reads tells whether a node and everything in it is what came out.
func reads(n *graph.Node, out *yaml.Node, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch out.Kind {
	case yaml.MappingNode:
		if n.Kind() != graph.Map || len(n.Fields())*2 != len(out.Content) {
			return false
		}
		for i := 0; i+1 < len(out.Content); i += 2 {
			f := n.Field(out.Content[i].Value)
			if f == nil || !reads(f.Node, out.Content[i+1], depth+1) {
				return false
			}
		}
		return true
	case yaml.SequenceNode:
		list := items(n)
		if n.Kind() != graph.List || len(list) != len(out.Content) {
			return false
		}
		for i := range list {
			if !reads(list[i], out.Content[i], depth+1) {
				return false
			}
		}
		return true
	case yaml.ScalarNode:
		kind, text := resolve(out)
		return same(n, kind, text)
	}
	return false
}

// find is the only item of a list that has the item's name, or that reads like
// it when items of the list have none.
func find(list []*graph.Node, item *yaml.Node) *graph.Node {
	if n := lookup(item, "name"); item.Kind == yaml.MappingNode && n != nil && n.Kind == yaml.ScalarNode {
		kind, text := resolve(n)
		return only(list, func(n *graph.Node) bool {
			f := n.Field("name")
			return f != nil && same(f.Node, kind, text)
		})
	}
	return only(list, func(n *graph.Node) bool { return reads(n, item, 0) })
}

// identities are keys that tell items of a list apart, in order of preference.
var identities = [...]string{"name", "containerPort", "mountPath", "devicePath", "port", "topologyKey", "ip", "key", "uid", "type"}

// match finds the item of a list that became item, which is now the index-th
// of count; nil when that is not certain. A patch's list (count -1) need not
// be as long as the result.
func match(list []*graph.Node, item *yaml.Node, index, count int) *graph.Node {
	var at *graph.Node
	if index < len(list) {
		at = list[index]
	}
	switch item.Kind {
	case yaml.ScalarNode:
		kind, text := resolve(item)
		if same(at, kind, text) {
			return at
		}
		if n := only(list, func(n *graph.Node) bool { return same(n, kind, text) }); n != nil {
			return n
		}
	case yaml.MappingNode:
		for _, key := range identities {
			v := lookup(item, key)
			if v == nil || v.Kind != yaml.ScalarNode {
				continue
			}
			kind, text := resolve(v)
			is := func(n *graph.Node) bool {
				f := n.Field(key)
				return f != nil && same(f.Node, kind, text)
			}
			if is(at) {
				return at
			}
			if n := only(list, is); n != nil {
				return n
			}
			if f := at.Field(key); f != nil && len(list) == count && isScalar(f.Node) && f.Node.Text() != "" &&
				strings.Contains(text, f.Node.Text()) {
				return at // its name was prefixed
			}
			return nil
		}
	}
	if len(list) == count || count < 0 {
		return at
	}
	return nil
}

// maxList is the longest list in which items are looked for by comparing.
const maxList = 2000

// only is the one item that is so; nil when there are several.
func only(list []*graph.Node, is func(*graph.Node) bool) *graph.Node {
	if len(list) > maxList {
		return nil
	}
	var found *graph.Node
	for _, n := range list {
		if is(n) {
			if found != nil {
				return nil
			}
			found = n
		}
	}
	return found
}

func lookup(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
