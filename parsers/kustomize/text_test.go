package kustomize

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// textOfBuild is what was built as YAML.
func textOfBuild(t testing.TB, b *graph.Builder) string {
	return textOfNodes(t, nodesOf(b))
}

func nodesOf(b *graph.Builder) []*yaml.Node {
	var all []*yaml.Node
	for _, r := range b.Resources {
		all = append(all, yamlOf(r.Config))
	}
	return all
}

func yamlOf(v graph.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: v.Str()}
	switch v.Kind() {
	case graph.Map:
		n.Kind, n.Value = yaml.MappingNode, ""
		for key, child := range v.Entries() {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, yamlOf(child))
		}
	case graph.List:
		n.Kind, n.Value = yaml.SequenceNode, ""
		for child := range v.Each() {
			n.Content = append(n.Content, yamlOf(child))
		}
	case graph.Null:
		n.Tag, n.Value = "!!null", "null"
	case graph.String:
		n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
	}
	return n
}

// textOfNodes are objects as YAML in one style. The order of keys is that of
// the library but for metadata, where the marker may move them.
func textOfNodes(t testing.TB, objects []*yaml.Node) string {
	t.Helper()
	var plain func(n *yaml.Node) *yaml.Node
	plain = func(n *yaml.Node) *yaml.Node {
		if n.Kind == yaml.AliasNode {
			return plain(n.Alias)
		}
		c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
		if n.Kind == yaml.ScalarNode {
			kind, text := resolve(n)
			c.Tag, c.Value = "", text
			switch kind {
			case graph.String:
				c.Tag = "!!str"
			case graph.Null:
				c.Tag, c.Value = "!!null", "null"
			}
		}
		for _, child := range n.Content {
			c.Content = append(c.Content, plain(child))
		}
		return c
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	for _, n := range objects {
		n = plain(n)
		if meta := lookup(n, "metadata"); meta != nil {
			sortKeys(meta)
		}
		if err := enc.Encode(n); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func sortKeys(n *yaml.Node) {
	for i := 2; i < len(n.Content); i += 2 {
		for j := i; j > 0 && n.Content[j].Value < n.Content[j-2].Value; j -= 2 {
			n.Content[j], n.Content[j-2] = n.Content[j-2], n.Content[j]
			n.Content[j+1], n.Content[j-1] = n.Content[j-1], n.Content[j+1]
		}
	}
}
