package helm

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// metadata is the Chart.yaml of a chart, and what templates know the chart by:
// its name there, or the alias that the chart around it gives it.
type metadata struct {
	layer
	name string
}

// metadatum is where Chart.yaml says what templates see under .Chart, in which
// the names of subcharts lead to theirs; ok is false when it is said elsewhere.
func (l *layers) metadatum(keys []string) (found leaf, ok bool) {
	var of *metadata
	for i := range l.about {
		m := &l.about[i]
		n := len(m.mount)
		if n < len(keys) && slices.Equal(keys[:n], m.mount) && (of == nil || n > len(of.mount)) {
			of = m
		}
	}
	if of == nil {
		return leaf{}, false
	}
	keys = keys[len(of.mount):]
	if len(keys) > 1 && keys[0] == "Metadata" { // the same by another way
		keys = keys[1:]
	}
	path := slices.Clone(of.mount)
	node := of.root()
	for _, k := range keys {
		if node.Kind() == graph.Map {
			k = written(node, k)
		}
		path = append(path, k)
		next, there := of.find(path)
		if !there {
			return leaf{}, false
		}
		found, node = next, next.node
	}
	if keys[0] == "Name" && node.Text() != of.name {
		return leaf{}, false
	}
	return found, true
}

// written is how the key is written for which templates have the name of a
// field of Go: "appVersion" for "AppVersion".
func written(n *graph.Node, key string) string {
	if n.Field(key) == nil {
		for _, f := range n.Fields() {
			if strings.EqualFold(f.Key, key) {
				return f.Key
			}
		}
	}
	return key
}
