package terraform

import (
	"maps"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// nodeOf is a value as a node, all of it at one place, though the parts of what
// a spot makes may come from several. Marks of a collection go to what is in it.
func nodeOf(v cty.Value, h source.Handle) *graph.Node { return withMarks(v, nil, h) }

func withMarks(v cty.Value, outer cty.ValueMarks, h source.Handle) *graph.Node {
	v, marks := v.Unmark()
	if len(outer) > 0 {
		both := maps.Clone(outer)
		maps.Copy(both, marks)
		marks = both
	}
	ty := v.Type()
	switch {
	case !v.IsKnown():
		return graph.NewUnknown(h).WithRefs(refs(marks)...)
	case v.IsNull():
		return graph.NewNull(h).WithRefs(refs(marks)...)
	case ty == cty.String:
		return stringNode(v.AsString(), h).WithRefs(refs(marks)...)
	case ty == cty.Bool:
		return graph.NewBool(v.True(), h).WithRefs(refs(marks)...)
	case ty == cty.Number:
		return graph.NewScalar(graph.Number, numberText(v), h).WithRefs(refs(marks)...)
	case ty.IsTupleType() || ty.IsListType() || ty.IsSetType():
		if v.LengthInt() == 0 {
			return graph.NewList(nil, h).WithRefs(refs(marks)...)
		}
		var items []*graph.Node
		for it := v.ElementIterator(); it.Next(); {
			k, item := it.Element()
			items = append(items, withMarks(item, marks, inside(h, ty, k, item, len(items))))
		}
		return graph.NewList(items, h)
	case ty.IsObjectType() || ty.IsMapType():
		if v.LengthInt() == 0 {
			return graph.NewMap(nil, h).WithRefs(refs(marks)...)
		}
		var fields []graph.Field
		for it := v.ElementIterator(); it.Next(); {
			key, item := it.Element()
			key, _ = key.Unmark()
			fields = append(fields, graph.Field{Key: key.AsString(), Place: h, Node: withMarks(item, marks, inside(h, ty, key, item, 0))})
		}
		return graph.NewMap(fields, h)
	}
	return graph.NewUnknown(h).WithRefs(refs(marks)...)
}

// ctyOf is a node of JSON as a value; false where there is none.
func ctyOf(n *graph.Node) (cty.Value, bool) {
	switch n.Kind() {
	case graph.Null:
		return cty.NullVal(cty.DynamicPseudoType), true
	case graph.Bool:
		return cty.BoolVal(n.Text() == "true"), true
	case graph.String:
		return cty.StringVal(n.Text()), true
	case graph.Number:
		v, err := cty.ParseNumberVal(n.Text())
		return v, err == nil
	case graph.List:
		items := make([]cty.Value, len(n.Items()))
		for i, item := range n.Items() {
			v, ok := ctyOf(item)
			if !ok {
				return cty.NilVal, false
			}
			items[i] = v
		}
		return cty.TupleVal(items), true
	case graph.Map:
		fields := make(map[string]cty.Value, len(n.Fields()))
		for _, f := range n.Fields() {
			v, ok := ctyOf(f.Node)
			if !ok {
				return cty.NilVal, false
			}
			fields[f.Key] = v
		}
		return cty.ObjectVal(fields), true
	case graph.Absent, graph.Unknown:
	}
	return cty.NilVal, false
}

// inside is the handle of an element of a value.
func inside(h source.Handle, ty cty.Type, k, item cty.Value, i int) source.Handle {
	if p, ok := h.(*spot); ok {
		return p.in(keyOf(ty, k, item, i))
	}
	return h
}

// numberText is a number as Terraform prints it.
func numberText(v cty.Value) string {
	f := v.AsBigFloat()
	if f.IsInt() && f.MantExp(nil) <= maxBits {
		i, _ := f.Int(nil)
		return i.String()
	}
	return f.Text('g', -1)
}

// toNumber converts, and tells whether that was possible.
func toNumber(v cty.Value) (cty.Value, bool) {
	n, err := convert.Convert(v, cty.Number)
	return n, err == nil
}
