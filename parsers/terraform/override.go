package terraform

import (
	"fmt"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// override merges a block of an override file into the block that it names.
func (c *config) override(k *hcltext.Block) {
	switch k.Type {
	case "locals":
		for _, a := range k.Body.Attributes {
			if c.locals[a.Name] == nil {
				c.baseless(a.Key, "local value", a.Name)
			}
			c.locals[a.Name] = a
		}
		return
	case "check", "moved", "import", "removed": // nothing of theirs can be overridden
		c.add(k)
		return
	}
	at := slices.IndexFunc(c.order, func(o *hcltext.Block) bool { return overrides(k, o) })
	if at < 0 {
		if n, known := labels[k.Type]; known && n == len(k.Labels) && k.Type != "terraform" && (k.Type != "provider" || k.Body.Attribute("alias") != nil) {
			c.baseless(k.Head, k.Type, k.Label(n-1))
		}
		c.add(k)
		return
	}
	base := c.order[at]
	merged := *base
	merged.Body = mergeBodies(base.Body, k.Body)
	c.order[at] = &merged
	for _, m := range []map[string]*hcltext.Block{c.variables, c.outputs, c.calls, c.resources} {
		for name, b := range m {
			if b == base {
				m[name] = &merged
			}
		}
	}
}

// overrides tells whether a block of an override file is about another one.
func overrides(k, o *hcltext.Block) bool {
	if k.Type == "provider" && o.Type == "provider" {
		return providerID(k) == providerID(o)
	}
	return o.Type == k.Type && slices.Equal(o.Labels, k.Labels)
}

// baseless notes that there is nothing that an override file could override.
func (c *config) baseless(at source.Span, what, name string) {
	c.problems = append(c.problems, graph.Problem{
		Level: graph.Error, At: &source.Origin{Span: at, Exact: source.AtToken},
		Message: fmt.Sprintf("there is no %s %q that could be overridden", what, name),
	})
}

// mergedWithin are the blocks of which single arguments are overridden, and
// not all that they say.
var mergedWithin = map[string]bool{"lifecycle": true, "required_providers": true}

// mergeBodies is a body with the attributes and nested blocks of another in the
// place of those of the same name. What makes blocks of a type dynamically is of
// that type.
func mergeBodies(base, over *hcltext.Body) *hcltext.Body {
	body := *base
	body.Attributes = append(slices.DeleteFunc(slices.Clone(body.Attributes), func(a *hcltext.Attribute) bool {
		return over.Attribute(a.Name) != nil
	}), over.Attributes...)
	body.Blocks = nil
	for _, b := range base.Blocks {
		same := slices.IndexFunc(over.Blocks, func(k *hcltext.Block) bool { return blockType(k) == blockType(b) })
		if same < 0 {
			body.Blocks = append(body.Blocks, b)
		}
	}
	for _, k := range over.Blocks {
		if b := base.Block(k.Type); b != nil && mergedWithin[k.Type] {
			merged := *b
			merged.Body = mergeBodies(b.Body, k.Body)
			k = &merged
		}
		body.Blocks = append(body.Blocks, k)
	}
	return &body
}

// blockType is the type of the blocks that a block makes. A cloud and a backend
// exclude each other.
func blockType(k *hcltext.Block) string {
	switch {
	case k.Type == "dynamic" && len(k.Labels) == 1:
		return k.Labels[0]
	case k.Type == "cloud":
		return "backend"
	}
	return k.Type
}
