package graph

import (
	"maps"
	"slices"
	"strconv"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// FromJSON is a value of JSON, whole and with all that is in it at one place.
// Maps have their keys in order.
func FromJSON(v any, at source.Handle) *Node {
	switch v := v.(type) {
	case map[string]any:
		fields := make([]Field, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			fields = append(fields, Field{Key: key, Node: FromJSON(v[key], at)})
		}
		return NewMap(fields, at)
	case []any:
		items := make([]*Node, len(v))
		for i, item := range v {
			items[i] = FromJSON(item, at)
		}
		return NewList(items, at)
	case string:
		return NewString(v, at)
	case bool:
		return NewBool(v, at)
	case int64:
		return NewScalar(Number, strconv.FormatInt(v, 10), at)
	case float64:
		return NewScalar(Number, strconv.FormatFloat(v, 'g', -1, 64), at)
	}
	return NewNull(at)
}

// JSON is a value as JSON has it: whole numbers are int64, others float64. What
// is not known is null.
func (n *Node) JSON() any {
	switch n.Kind() {
	case Map:
		m := make(map[string]any, len(n.Fields()))
		for _, f := range n.Fields() {
			m[f.Key] = f.Node.JSON()
		}
		return m
	case List:
		list := make([]any, len(n.Items()))
		for i, item := range n.Items() {
			list[i] = item.JSON()
		}
		return list
	case Bool:
		return n.Text() == "true"
	case Number:
		if i, whole := ValueOf(n).Int(0); whole {
			return i
		}
		f, _ := ValueOf(n).Float(0)
		return f
	case String:
		return n.Text()
	case Absent, Unknown, Null:
	}
	return nil
}
