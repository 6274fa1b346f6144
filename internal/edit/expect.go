package edit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Expect is the tree of a resource as it should be after an op on one of its
// values. What it is held against was read from the edited file, so the two
// come from different ways. It is false when the op cannot be made on the
// tree.
func (o Op) Expect(root *graph.Node) (*graph.Node, bool) {
	steps := o.at.Steps()
	if len(steps) == 0 && o.kind != add && o.kind != appendItem {
		return nil, false
	}
	switch o.kind {
	case set:
		return change(root, steps, func(*graph.Node) (*graph.Node, bool) { return o.data, true })
	case add:
		return change(root, append(steps, o.key), func(*graph.Node) (*graph.Node, bool) { return o.data, true })
	case appendItem:
		return change(root, steps, func(n *graph.Node) (*graph.Node, bool) {
			return graph.NewList(append(slices.Clone(items(n)), o.data), nil), n.Kind() == graph.List || n.Kind() == graph.Null || n.Kind() == graph.Absent
		})
	case remove:
		return change(root, steps, func(*graph.Node) (*graph.Node, bool) { return nil, true })
	case replace:
		return change(root, steps, func(n *graph.Node) (*graph.Node, bool) {
			if n.Kind() != graph.String || o.end > len(n.Text()) {
				return nil, false
			}
			return Text(n.Text()[:o.start] + o.data.Text() + n.Text()[o.end:]), true
		})
	case rename:
		var value *graph.Node
		without, ok := change(root, steps, func(n *graph.Node) (*graph.Node, bool) {
			value = n
			return nil, n != nil
		})
		if !ok {
			return nil, false
		}
		steps[len(steps)-1] = o.key
		return change(without, steps, func(*graph.Node) (*graph.Node, bool) { return value, true })
	}
	return nil, false
}

func items(n *graph.Node) []*graph.Node {
	if n.Kind() != graph.List {
		return nil
	}
	return n.Items()
}

// change is the tree with another node at the end of the steps, or none when
// with gives nil. Maps that are missing on the way are made.
func change(n *graph.Node, steps []string, with func(*graph.Node) (*graph.Node, bool)) (*graph.Node, bool) {
	if len(steps) == 0 {
		return with(n)
	}
	switch n.Kind() {
	case graph.List:
		i, err := strconv.Atoi(steps[0])
		if err != nil || i < 0 || i >= len(n.Items()) {
			return nil, false
		}
		inner, ok := change(n.Items()[i], steps[1:], with)
		list := slices.Clone(n.Items())
		if inner == nil {
			list = slices.Delete(list, i, i+1)
		} else {
			list[i] = inner
		}
		return graph.NewList(list, nil), ok
	case graph.Map, graph.Null, graph.Absent:
		var fields []graph.Field
		var old *graph.Node
		if n.Kind() == graph.Map {
			if f := n.Field(steps[0]); f != nil {
				old = f.Node
			}
			fields = slices.DeleteFunc(slices.Clone(n.Fields()), func(f graph.Field) bool { return f.Key == steps[0] })
		}
		inner, ok := change(old, steps[1:], with)
		if inner != nil {
			fields = append(fields, graph.Field{Key: steps[0], Node: inner})
		}
		return graph.NewMap(fields, nil), ok
	}
	return nil, false
}

// Same tells whether b, as read, says the same as a, whatever the order of
// keys.
func Same(a, b *graph.Node) bool {
	if a == b {
		return true
	}
	if a.Kind() != b.Kind() {
		// A block of Terraform that an op makes is a map there and the only item
		// of a list when it is read.
		made := a.Kind() == graph.Map && a.Handle() == nil && b.Kind() == graph.List && len(b.Items()) == 1
		return made && Same(a, b.Items()[0])
	}
	switch a.Kind() {
	case graph.Map:
		left, right := keys(a), keys(b)
		if len(left) != len(right) {
			return false
		}
		for key, n := range left {
			m, ok := right[key]
			if !ok || !Same(n, m) {
				return false
			}
		}
		return true
	case graph.List:
		return slices.EqualFunc(a.Items(), b.Items(), Same)
	case graph.Bool, graph.Number, graph.String:
		return a.Text() == b.Text()
	}
	return true
}

// keys are the values of a map by key, the last with a key counting.
func keys(n *graph.Node) map[string]*graph.Node {
	all := make(map[string]*graph.Node, len(n.Fields()))
	for _, f := range n.Fields() {
		all[f.Key] = f.Node
	}
	return all
}

// Differs tells whether two trees differ where the op makes a change.
func (o Op) Differs(a, b *graph.Node) bool {
	steps := o.at.Steps()
	if o.kind == add {
		steps = append(steps, o.key)
	}
	return !Same(node(a, steps), node(b, steps))
}

// node is what stands at the end of the steps; nil where nothing does.
func node(n *graph.Node, steps []string) *graph.Node {
	for _, step := range steps {
		switch n.Kind() {
		case graph.Map:
			f := n.Field(step)
			if f == nil {
				return nil
			}
			n = f.Node
		case graph.List:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.Items()) {
				return nil
			}
			n = n.Items()[i]
		default:
			return nil
		}
	}
	return n
}

// Ordered are ops in the order to make them on one tree, each once: what is
// taken away goes last and from behind, as it moves the items behind it.
func Ordered(ops []Op) []Op {
	type step struct {
		op    Op
		steps []string
	}
	var all []step
	for _, o := range ops {
		s := step{o, o.at.Steps()}
		known := func(k step) bool {
			return k.op.kind == o.kind && k.op.key == o.key && k.op.start == o.start && slices.Equal(k.steps, s.steps) && sameData(k.op.data, o.data)
		}
		if !slices.ContainsFunc(all, known) {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b step) int {
		switch {
		case a.op.kind != remove && b.op.kind != remove:
			return 0
		case a.op.kind != remove:
			return -1
		case b.op.kind != remove:
			return 1
		}
		return -compareSteps(a.steps, b.steps)
	})
	ordered := make([]Op, len(all))
	for i, s := range all {
		ordered[i] = s.op
	}
	return ordered
}

func sameData(a, b *graph.Node) bool { return a == b || a != nil && b != nil && Same(a, b) }

// compareSteps compares ways into a tree; indexes of lists as numbers.
func compareSteps(a, b []string) int {
	return slices.CompareFunc(a, b, func(x, y string) int {
		i, notInt := strconv.Atoi(x)
		j, notInt2 := strconv.Atoi(y)
		if notInt == nil && notInt2 == nil {
			return i - j
		}
		return strings.Compare(x, y)
	})
}
