package tfplan

import (
	"context"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// A plan is one plan being read.
type plan struct {
	ctx        context.Context
	tree       *source.Tree
	dir        string // of the configuration
	b          *graph.Builder
	doc        graph.Value
	changes    map[string]*graph.Node     // by address
	blocks     map[string]terraform.Block // of the configuration beside it
	references *references
	added      map[string][]*graph.Resource // by address, under that without its last index too
	order      []*graph.Resource
}

// child is what a map has under a key, nil when it has nothing.
func child(n *graph.Node, key string) *graph.Node {
	if n.Kind() != graph.Map {
		return nil
	}
	if f := n.Field(key); f != nil {
		return f.Node
	}
	return nil
}

// nth is an item of a list, nil when there is none.
func nth(n *graph.Node, i int) *graph.Node {
	if n.Kind() != graph.List || i >= len(n.Items()) {
		return nil
	}
	return n.Items()[i]
}

func text(n *graph.Node, key string) string {
	if c := child(n, key); c.Kind() == graph.String {
		return c.Text()
	}
	return ""
}

// is tells of a node of "after_unknown" or "after_sensitive" whether it means
// all of the value.
func is(n *graph.Node) bool { return n.Kind() == graph.Bool && n.Text() == "true" }

// says tells whether something in a node of "after_unknown" is meant.
func says(n *graph.Node) bool {
	if is(n) {
		return true
	}
	if n.Kind() == graph.List && slices.ContainsFunc(n.Items(), says) {
		return true
	}
	return n.Kind() == graph.Map && slices.ContainsFunc(n.Fields(), func(f graph.Field) bool { return says(f.Node) })
}

// module adds the resources of a module and of those it calls.
func (p *plan) module(m *graph.Node, prefix string) {
	if r := child(m, "resources"); r.Kind() == graph.List {
		for _, r := range r.Items() {
			c := child(p.changes[text(r, "address")], "change")
			secret := child(r, "sensitive_values")
			if secret == nil {
				secret = child(c, "after_sensitive")
			}
			p.add(r, prefix, state{child(r, "values"), child(c, "after_unknown"), secret, nil})
		}
	}
	if children := child(m, "child_modules"); children.Kind() == graph.List {
		for _, c := range children.Items() {
			p.module(c, text(c, "address"))
		}
	}
}

// changed adds what the changes say, for a plan that was cut down to them.
func (p *plan) changed(changes *graph.Node) {
	if changes.Kind() != graph.List {
		return
	}
	for _, r := range changes.Items() {
		c := child(r, "change")
		if after := child(c, "after"); after.Kind() == graph.Map { // else it is destroyed, or forgotten
			p.add(r, text(r, "module_address"), state{after, child(c, "after_unknown"), child(c, "after_sensitive"), nil})
		}
	}
}

// add adds one resource.
func (p *plan) add(r *graph.Node, prefix string, s state) {
	address, typ, name := text(r, "address"), text(r, "type"), text(r, "name")
	if address == "" || typ == "" {
		return
	}
	data := text(r, "mode") == "data"
	o := overlay{place: child(r, "address").Handle().Origin()}
	if block, ok := p.blocks[address]; ok {
		o.place, o.written, s.written = block.Place, true, block.Config
	}
	if s.value.Kind() != graph.Map { // nothing of it is known yet, but which arguments it has
		s.value = graph.NewMap(nil, child(r, "address").Handle())
	}
	refs := p.references.of(prefix, typ, name, data)
	node := o.node(s, refs)
	if node.Kind() != graph.Map {
		node = graph.NewMap(nil, o.place)
	}
	if data {
		typ = "data." + typ
	}
	res := graph.NewResource(address, typ, name, node, o.place)
	p.b.Add(res)
	p.order = append(p.order, res)
	p.added[address] = append(p.added[address], res)
	if whole := unindexed(address); whole != address {
		p.added[whole] = append(p.added[whole], res)
	}
	if !data {
		terraform.AddObjects(p.ctx, p.tree, p.dir, p.b, res, node)
	}
}

// A state is what a plan says of one value in trees of the same shape, and what
// the configuration says of it.
type state struct{ value, unknown, secret, written *graph.Node }

func (s state) field(key string) state {
	return state{child(s.value, key), child(s.unknown, key), child(s.secret, key), child(s.written, key)}
}

func (s state) item(i int) state {
	return state{nth(s.value, i), nth(s.unknown, i), nth(s.secret, i), nth(s.written, i)}
}

// An overlay makes the nodes of one resource.
type overlay struct {
	place   *source.Origin
	written bool // the resource is in the configuration
}

// handle is where a value is written: in the configuration when it has it, else
// nowhere within the block, or in the plan when there is no configuration.
func (o *overlay) handle(s state) source.Handle {
	switch {
	case s.written != nil && s.written.Handle() != nil:
		return s.written.Handle()
	case !o.written && s.value != nil:
		return s.value.Handle()
	}
	return o.place
}

func (o *overlay) node(s state, refs *expression) *graph.Node {
	h := o.handle(s)
	if is(s.unknown) || is(s.secret) || s.value == nil {
		return graph.NewUnknown(h).WithRefs(refs.all(s.written)...)
	}
	switch s.value.Kind() {
	case graph.Map:
		return o.object(s, refs, h)
	case graph.List:
		items := make([]*graph.Node, len(s.value.Items()))
		for i := range items {
			items[i] = o.node(s.item(i), refs.item(i))
		}
		if len(items) == 0 {
			return graph.NewList(items, h).WithRefs(refs.all(s.written)...)
		}
		return graph.NewList(items, h)
	case graph.String:
		return terraform.StringNode(s.value.Text(), h).WithRefs(refs.all(s.written)...)
	default:
		return graph.NewScalar(s.value.Kind(), s.value.Text(), h).WithRefs(refs.all(s.written)...)
	}
}

// object is a map or a block. A provider's schema fills it with nulls and empty
// blocks that nobody wrote; they are left out.
func (o *overlay) object(s state, refs *expression, h source.Handle) *graph.Node {
	var fields []graph.Field
	add := func(key string, in state, at source.Handle) {
		f := graph.Field{Key: key, Place: at, Node: o.node(in, refs.field(key))}
		if o.written {
			f.Place = o.place
			if s.written.Kind() == graph.Map {
				if w := s.written.Field(key); w != nil && w.Place != nil {
					f.Place = w.Place
				}
			}
		}
		fields = append(fields, f)
	}
	for _, f := range s.value.Fields() {
		in := s.field(f.Key)
		n := f.Node
		bare := n.Kind() == graph.Null || n.Kind() == graph.List && len(n.Items()) == 0 || n.Kind() == graph.Map && len(n.Fields()) == 0
		if bare && !says(in.unknown) && in.written == nil && refs.field(f.Key) == nil {
			continue
		}
		if n.Kind() == graph.Null && says(in.unknown) {
			in.value = nil
		}
		add(f.Key, in, f.Place)
	}
	if s.unknown.Kind() == graph.Map {
		for _, f := range s.unknown.Fields() {
			if child(s.value, f.Key) == nil && says(f.Node) {
				add(f.Key, s.field(f.Key), o.place)
			}
		}
	}
	if s.written.Kind() == graph.Map { // its header stays
		return s.written.WithFields(fields)
	}
	return graph.NewMap(fields, h)
}

// link adds an edge for every value that refers to another resource.
func (p *plan) link() {
	for _, r := range p.order {
		p.linkValue(r, r.Config)
	}
}

func (p *plan) linkValue(r *graph.Resource, v graph.Value) {
	if n, _ := v.Len(); n > 0 {
		for part := range v.Each() {
			p.linkValue(r, part)
		}
		return
	}
	seen := map[*graph.Resource]bool{r: true}
	for _, addr := range v.Refs() {
		for _, to := range p.added[addr] {
			if !seen[to] {
				seen[to] = true
				p.b.Link(graph.References, r, to, v)
			}
		}
	}
}
