package graph

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
