package ruletest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// hcl writes objects as Terraform and remembers on which line it wrote what.
type hcl struct {
	text strings.Builder
	line int // of what is written next, from 1
	// lines are the lines of what stands at a place of the manifests. What a
	// place stands for may be in several: the name of a container and, for a
	// finding about the container as a whole, its block.
	lines map[source.Span][]int
	// names are the keys of the manifests by how they are written.
	names map[string]string
	// faults are what could not be written.
	faults []string
}

func newHCL() *hcl {
	return &hcl{line: 1, lines: map[source.Span][]int{}, names: map[string]string{}}
}

func (h *hcl) put(texts ...string) {
	for _, t := range texts {
		h.text.WriteString(t)
		h.line += strings.Count(t, "\n")
	}
}

// mark says that what stands at a place is written on the present line.
func (h *hcl) mark(at source.Handle) {
	if at == nil {
		return
	}
	o := at.Origin()
	h.lines[o.Span] = append(h.lines[o.Span], h.line)
	if first := o.Header().Span; first != o.Span {
		h.lines[first] = append(h.lines[first], h.line)
	}
}

// head marks a map as a whole, which is known by its name.
func (h *hcl) head(n *graph.Node) {
	h.mark(n.Handle())
	if name := n.Field("name"); name != nil {
		h.mark(name.Node.Handle())
	}
}

// manifest writes an object as the expression of a kubernetes_manifest.
func (h *hcl) manifest(id string, n *graph.Node) {
	h.object(n)
	h.put("resource \"kubernetes_manifest\" ", quote(id), " {\n  manifest = ")
	h.value(n)
	h.put("\n}\n\n")
}

// object marks what stands for an object as a whole.
func (h *hcl) object(n *graph.Node) {
	h.mark(n.Handle())
	if metadata := n.Field("metadata"); metadata != nil {
		h.head(metadata.Node)
	}
}

// value writes an expression.
func (h *hcl) value(n *graph.Node) {
	h.mark(n.Handle())
	switch n.Kind() {
	case graph.Map:
		h.put("{\n")
		for _, f := range n.Fields() {
			h.mark(f.Place)
			h.put(quote(f.Key), " = ")
			h.value(f.Node)
			h.put("\n")
		}
		h.put("}")
	case graph.List:
		h.put("[\n")
		for _, item := range n.Items() {
			h.value(item)
			h.put(",\n")
		}
		h.put("]")
	case graph.String:
		h.put(quote(n.Text()))
	case graph.Bool, graph.Number:
		h.put(n.Text())
	default:
		h.put("null")
	}
}

// decimal are the numbers that HCL writes as YAML does, and leaves as they are.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$`)

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")

func quote(text string) string { return `"` + escapes.Replace(text) + `"` }

// typed writes an object as the provider's resource for its kind.
func (h *hcl) typed(id string, n *graph.Node) {
	p, _ := providerOf(n)
	h.object(n)
	h.put("resource ", quote(p.Type()), " ", quote(id), " {\n")
	for _, f := range n.Fields() {
		if f.Key != "apiVersion" && f.Key != "kind" {
			h.field(p, f, "")
		}
	}
	h.put("}\n\n")
}

// untyped tells of objects for which the provider has no typed resource, or of
// which it has no way to say something.
func untyped(d document) bool {
	_, ok := providerOf(d.root)
	return !ok || somewhere(d.root, func(n *graph.Node) bool {
		return n.Field("ownerReferences") != nil || n.Field("matchConditions") != nil
	})
}

func providerOf(n *graph.Node) (terraform.Provider, bool) {
	v := graph.ValueOf(n)
	return terraform.ProviderOf(v.At("apiVersion").Str(), v.At("kind").Str())
}

// field writes a field inside a block as an argument or as blocks.
func (h *hcl) field(p terraform.Provider, f graph.Field, parent string) {
	blocks, list := blocksOf(f)
	name, ok := p.Name(f.Key, parent, blocks != nil, list)
	if plain, known := p.Name(f.Key, parent, false, false); known && p.Free(plain, parent) && f.Node.Kind() == graph.Map {
		name, ok, blocks = plain, true, nil
	}
	if !ok {
		h.faults = append(h.faults, fmt.Sprintf("%s has no name for %s in %q", p.Type(), f.Key, parent))
		return
	}
	if name != f.Key {
		h.names[name] = f.Key
	}
	h.mark(f.Place)
	if len(blocks) == 0 {
		h.put(name, " = ")
		h.value(f.Node)
		h.put("\n")
		return
	}
	h.mark(f.Node.Handle())
	for _, b := range blocks {
		h.head(b)
		h.put(name, " {\n")
		for _, g := range b.Fields() {
			h.field(p, g, name)
		}
		h.put("}\n")
	}
}

// blocksOf are the maps that are blocks in a typed resource, nil for an
// argument, and whether there may be several.
func blocksOf(f graph.Field) (blocks []*graph.Node, list bool) {
	switch f.Node.Kind() {
	case graph.Map:
		if f.Key == "selector" && f.Node.Field("matchLabels") == nil && f.Node.Field("matchExpressions") == nil {
			return nil, false // the labels of a service's pods
		}
		return []*graph.Node{f.Node}, false
	case graph.List:
		if len(f.Node.Items()) == 0 {
			return nil, false
		}
		for _, item := range f.Node.Items() {
			if item.Kind() != graph.Map {
				return nil, false
			}
		}
		return f.Node.Items(), true
	}
	return nil, false
}
