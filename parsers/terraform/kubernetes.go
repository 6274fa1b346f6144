package terraform

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// AddObjects adds the Kubernetes objects that a block stands for, so that they
// are the same resources as in YAML. They have the address of the block, which
// stays a resource of its own and is tied to them.
//
// The tree and the root module's directory in it are where charts are looked for.
func AddObjects(ctx context.Context, tree *source.Tree, dir string, b *graph.Builder, block *graph.Resource, config *graph.Node) {
	o := objects{ctx: ctx, tree: tree, dir: dir, b: b, problem: func(p graph.Problem) { b.Problems = append(b.Problems, p) }}
	o.add(block, config)
}

// objects adds Kubernetes objects.
type objects struct {
	ctx     context.Context
	tree    *source.Tree
	dir     string
	charts  []string // directories of charts that others may depend on
	b       *graph.Builder
	problem func(graph.Problem)
	// move gives what a chart says the place in the configuration that stands for
	// it; nil where people may edit the chart.
	move func(source.Handle) source.Handle
}

func (m *module) kubernetes(block *graph.Resource, config *graph.Node) {
	ld := m.ld
	if ld.blocks != nil { // only the blocks themselves are wanted
		return
	}
	o := objects{ld.ctx, ld.root.dirs.tree, ld.root.dir, ld.root.dirs.charts, ld.b, ld.problem, nil}
	if m.fetched {
		o.move = func(h source.Handle) source.Handle { return elsewhere{m, h} }
	}
	o.add(block, config)
}

func (o objects) add(block *graph.Resource, config *graph.Node) {
	switch block.Type {
	case "helm_release":
		o.release(block, config)
	case "kubernetes_manifest":
		if f := config.Field("manifest"); f != nil && !o.object(block, f.Node, block.ID) {
			o.unknownObject(f)
		}
	case "kubectl_manifest":
		if f := config.Field("yaml_body"); f != nil && !o.documents(block, f.Node) {
			o.unknownObject(f)
		}
	default:
		if k, ok := objectKinds[strings.TrimPrefix(block.Type, "kubernetes_")]; ok && strings.HasPrefix(block.Type, "kubernetes_") {
			o.object(block, k.convert(block, config), block.ID)
		}
	}
}

// unknownObject says that a manifest is not known well enough to be looked at.
func (o objects) unknownObject(f *graph.Field) {
	o.problem(graph.Problem{
		Level: graph.Warning, At: f.Node.Handle().Origin().Header(),
		Message: fmt.Sprintf("the object in %s is not known here and was not analysed", f.Key),
	})
}

// documents adds what the text of a manifest holds, and tells whether there
// was something.
func (o objects) documents(block *graph.Resource, text *graph.Node) (found bool) {
	if text.Kind() != graph.String {
		return o.object(block, text.Decode(), block.ID)
	}
	h := text.Handle()
	docs := yamltext.Parse(source.NewFile("", []byte(text.Text())), func(start, end int) source.Handle { return slice{h, start, end} })
	for i, d := range docs {
		id := block.ID
		if i > 0 {
			id += "#" + strconv.Itoa(i+1)
		}
		if d.Problem != nil {
			o.problem(*d.Problem)
			found = true
			continue
		}
		found = o.object(block, d.Root, id) || found
	}
	return found
}

// slice is the handle of a part of a text.
type slice struct {
	of         source.Handle
	start, end int
}

func (s slice) Origin() *source.Origin { return s.of.Part(s.start, s.end) }

func (s slice) Part(start, end int) *source.Origin {
	if start < 0 || end < start || s.start+end > s.end {
		return s.Origin()
	}
	return s.of.Part(s.start+start, s.start+end)
}

// object adds one Kubernetes object, and tells whether it is one.
func (o objects) object(block *graph.Resource, doc *graph.Node, id string) bool {
	v := graph.ValueOf(doc)
	apiVersion, kind := v.At("apiVersion").Str(), v.At("kind").Str()
	if doc.Kind() != graph.Map || apiVersion == "" || kind == "" {
		return false
	}
	if items := doc.Field("items"); strings.HasSuffix(kind, "List") && items != nil {
		for i, item := range items.Node.Items() {
			o.object(block, item, fmt.Sprintf("%s#%d", id, i+1))
		}
		return true
	}
	name := v.At("metadata.name").Str()
	if name == "" {
		name = block.Name
	}
	r := graph.NewResource(id, kube.Type(apiVersion, kind), name, doc, placeOf(block, doc))
	o.b.Add(r)
	o.b.Link(graph.Renders, block, r, block.Config)
	return true
}

// placeOf is what stands for an object as a whole: the block or, where the
// object is read from another file, its name there, for that is what to edit.
func placeOf(block *graph.Resource, doc *graph.Node) *source.Origin {
	whole := graph.ValueOf(doc).Origin().Header()
	if block.Place == nil || whole == nil || whole.Exact < source.AtLine || whole.Span.File == nil || whole.Span.File.Path == block.Place.Span.File.Path {
		return block.Place
	}
	if name := graph.ValueOf(doc).At("metadata.name"); name.Kind() == graph.String {
		if o := name.Origin().Header(); o.Exact >= source.AtLine && o.Span.File == whole.Span.File {
			return o
		}
	}
	return whole
}

// An objectKind is what a typed resource of the Kubernetes provider stands for.
type objectKind struct{ apiVersion, kind string }

// arguments of the block that are Terraform's or about waiting.
var notObject = map[string]bool{
	"count": true, "for_each": true, "provider": true, "depends_on": true, "lifecycle": true, "timeouts": true,
	"provisioner": true, "connection": true, "wait_for_rollout": true, "wait_for_completion": true,
	"wait_for_load_balancer": true, "wait_until_bound": true, "wait_for_default_service_account": true,
}

// convert is the block as an object. What is written keeps its key and place.
func (k objectKind) convert(block *graph.Resource, config *graph.Node) *graph.Node {
	place := block.Place
	fields := []graph.Field{
		{Key: "apiVersion", Place: place, Node: graph.NewString(k.apiVersion, place)},
		{Key: "kind", Place: place, Node: graph.NewString(k.kind, place)},
	}
	c := converter{k, block.Type}
	for _, f := range config.Fields() {
		if !notObject[f.Key] {
			fields = append(fields, c.field(f, "")...)
		}
	}
	return graph.NewMap(c.preset(fields, place, "", ""), config.Handle()).WithSpelling(spell)
}

type converter struct {
	objectKind
	block string // its type
}

// preset adds what the provider sends for a block that does not say it.
func (c converter) preset(fields []graph.Field, block source.Handle, key, parent string) []graph.Field {
	for _, p := range c.presets(key, parent) {
		if block == nil || slices.ContainsFunc(fields, func(f graph.Field) bool { return f.Key == p.key && f.Node.Kind() != graph.Null }) {
			continue
		}
		at := *block.Origin().Header()
		at.Step = source.Default
		fields = append(fields, graph.Field{Key: p.key, Place: &at, Node: graph.NewScalar(p.kind, p.text, &at)})
	}
	return fields
}

// field converts one argument or block; parent is the name of the block it is
// in. A block that Kubernetes has no level for yields its content.
func (c converter) field(f graph.Field, parent string) []graph.Field {
	if noBlocks(f) {
		return nil
	}
	blocks := blocks(f.Node)
	if f.Key == "selector" && f.Node.Kind() == graph.Map && f.Node.Field("match_labels") == nil && f.Node.Field("match_expressions") == nil {
		blocks = nil // the labels of a service's pods
	}
	key, list := c.name(f.Key, parent, blocks != nil)
	out := graph.Field{Key: key, Place: f.Place, Node: f.Node}
	if key != f.Key {
		out.Written = f.Key
	}
	if free[f.Key] && !(f.Key == "parameters" && parent == "spec") { // whatever is in there is the user's; limits and requests were blocks once
		if f.Node.Kind() == graph.List && len(blocks) == 1 {
			out.Node = blocks[0]
		}
		return []graph.Field{out}
	}
	if blocks == nil {
		if n := f.Node; numbers[f.Key] && n.Kind() == graph.String {
			if _, err := strconv.ParseInt(n.Text(), 10, 64); err == nil {
				out.Node = graph.NewScalar(graph.Number, n.Text(), n.Handle())
			}
		}
		return []graph.Field{out}
	}
	if len(blocks) == 0 && !list {
		return []graph.Field{out}
	}
	items := make([]*graph.Node, len(blocks))
	for i, b := range blocks {
		var inner []graph.Field
		for _, g := range b.Fields() {
			inner = append(inner, c.field(g, f.Key)...)
		}
		if f.Key == "persistent_volume_source" {
			return inner
		}
		items[i] = b.WithFields(c.preset(inner, f.Place, f.Key, parent)).WithSpelling(spell)
	}
	switch {
	case list:
		out.Node = graph.NewList(items, f.Node.Handle())
	case len(items) == 1:
		out.Node = items[0]
	default: // a block that may be written once is written more often
		out.Node = graph.NewUnknown(f.Node.Handle())
	}
	return []graph.Field{out}
}

// noBlocks tells of a dynamic block that was made for nothing. An empty list
// that is written as an argument has a place of its own.
func noBlocks(f graph.Field) bool {
	at := f.Node.Handle()
	return f.Node.Kind() == graph.List && len(f.Node.Items()) == 0 && at != nil && f.Place != nil && at.Origin().Span == f.Place.Origin().Span
}

// blocks are the blocks of a field: the items of a list of maps, or a map
// alone, as JSON has it; nil for an argument.
func blocks(n *graph.Node) []*graph.Node {
	switch n.Kind() {
	case graph.Map:
		return []*graph.Node{n}
	case graph.List:
		for _, item := range n.Items() {
			if item.Kind() != graph.Map {
				return nil
			}
		}
		return n.Items()
	}
	return nil
}

// name is the name that Kubernetes has for an argument or a block, and whether
// it is a list of such blocks.
func (c converter) name(key, parent string, block bool) (name string, list bool) {
	if block {
		if s, ok := inParent[parent+"."+key]; ok {
			return s.name, s.list
		}
		if plural, ok := repeated[key]; ok {
			return plural, true
		}
	}
	switch {
	case c.kind == "Secret" && parent == "" && key == "data": // the provider encodes it
		return "stringData", false
	case c.kind == "Secret" && parent == "" && key == "binary_data": // and leaves this as it is
		return "data", false
	case c.kind == "DaemonSet" && parent == "spec" && key == "strategy":
		return "updateStrategy", false
	}
	if name, ok := renamed[key]; ok {
		return name, false
	}
	return camel(key), false
}

// camel is snake_case in camelCase.
func camel(snake string) string {
	var b strings.Builder
	up := false
	for _, r := range snake {
		switch {
		case r == '_':
			up = b.Len() > 0
		case up:
			b.WriteString(strings.ToUpper(string(r)))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
