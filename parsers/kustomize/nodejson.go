package kustomize

import (
	"encoding/json"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// appendJSON writes a node as JSON, which is YAML, in the order of its keys.
// unknown is what to write for a node that is not known.
func appendJSON(b []byte, n *graph.Node, unknown func(*graph.Node) string) []byte {
	switch n.Kind() {
	case graph.Map:
		b = append(b, '{')
		first := true
		for i := range n.Fields() {
			f := &n.Fields()[i]
			if n.Field(f.Key) != f {
				continue // the last one counts
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(append(b, asJSON(f.Key)...), ':')
			b = appendJSON(b, f.Node, unknown)
		}
		return append(b, '}')
	case graph.List:
		b = append(b, '[')
		for i, item := range n.Items() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item, unknown)
		}
		return append(b, ']')
	case graph.String:
		return append(b, asJSON(n.Text())...)
	case graph.Bool, graph.Number:
		return append(b, n.Text()...)
	case graph.Unknown:
		if unknown != nil {
			return append(b, asJSON(unknown(n))...)
		}
	}
	return append(b, "null"...)
}

// asJSON is a value as JSON.
func asJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return data
}
