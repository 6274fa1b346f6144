package terraform

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// emit adds the nodes of a module and of the modules it calls.
func (ld *loader) emit(m *module) {
	m.problems()
	s := &scope{m: m}
	settings := 0
	for _, k := range m.config.order {
		if ld.ctx.Err() != nil {
			return
		}
		name := k.Label(0)
		if m.fetched && declarations[k.Type] {
			continue
		}
		switch k.Type {
		case "resource", "data", "ephemeral":
			m.emitResource(k)
		case "module":
			m.emitCall(k)
		case "provider":
			m.emitProvider(k)
		case "variable":
			m.add("variable."+name, "variable", name, k, &scope{m: m, written: true})
		case "output":
			m.add("output."+name, "output", name, k, s)
		case "terraform":
			id := "terraform"
			if settings++; settings > 1 {
				id += "#" + strconv.Itoa(settings)
			}
			m.add(id, "terraform", "", k, &scope{m: m, written: true})
		}
	}
}

// declarations are the blocks that are about a module itself: nobody but its
// authors can do anything about them.
var declarations = map[string]bool{"variable": true, "output": true, "terraform": true}

func (m *module) add(id, typ, name string, k *hcltext.Block, s *scope) {
	m.addAt(m.prefix+id, typ, name, k, s)
}

func (m *module) addAt(addr, typ, name string, k *hcltext.Block, s *scope) {
	config := s.body(k.Body, s.handle(k.Span))
	if k.Type == "variable" {
		config = m.typed(config, k)
	}
	r := graph.NewResource(addr, typ, name, config, m.place(k))
	m.ld.b.Add(r)
	if _, taken := m.ld.blocks[addr]; m.ld.blocks != nil && !taken {
		m.ld.blocks[addr] = Block{config, r.Place}
	}
	m.ld.byAddress[addr] = append(m.ld.byAddress[addr], r)
	if k.Type == "resource" {
		m.kubernetes(r, config)
	}
}

// typed has the type of a variable as it is written.
func (m *module) typed(config *graph.Node, k *hcltext.Block) *graph.Node {
	a := k.Body.Attribute("type")
	if a == nil {
		return config
	}
	fields := slices.Clone(config.Fields())
	for i, f := range fields {
		if f.Key == "type" && f.Node.Kind() == graph.Unknown {
			span := m.ld.span(a.Expr.Range())
			fields[i].Node = graph.NewString(strings.Join(strings.Fields(span.Text()), " "), m.handle(span))
		}
	}
	return config.WithFields(fields)
}

func (m *module) emitResource(k *hcltext.Block) {
	addr := address(k)
	typ := k.Label(0)
	if k.Type != "resource" {
		typ = k.Type + "." + typ
	}
	e := &expansion{}
	if m.config.resources[addr] == k {
		e = m.expand(addr)
	} else { // declared twice, which Terraform does not allow; looked at all the same
		m.expandInto(e, k, m.prefix+addr)
	}
	for _, inst := range e.instances {
		if !m.affordable(k) {
			return
		}
		m.addAt(inst.addr, typ, k.Label(1), k, inst.scope)
	}
}

// emitProvider adds the configurations of a provider; OpenTofu makes several of
// one block.
func (m *module) emitProvider(k *hcltext.Block) {
	e, id := &expansion{}, providerID(k)
	m.expandInto(e, k, m.prefix+id)
	for _, inst := range e.instances {
		if !m.affordable(k) {
			return
		}
		m.addAt(inst.addr, "provider."+k.Label(0), k.Label(0), k, inst.scope)
		if added := m.ld.byAddress[inst.addr]; inst.addr != m.prefix+id { // a reference to it names the alias
			m.ld.byAddress[m.prefix+id] = append(m.ld.byAddress[m.prefix+id], added[len(added)-1])
		}
	}
}

// affordable tells whether there is room for another instance of a block.
func (m *module) affordable(k *hcltext.Block) bool {
	const bytesPerNode = 64
	m.ld.budget.left -= (k.Span.End-k.Span.Start)/bytesPerNode + 1
	if m.ld.budget.left < 0 {
		m.ld.fail(at(k.Head), "there is more than can be worked out in one module; this block is not analysed")
		return false
	}
	return true
}

func (m *module) emitCall(k *hcltext.Block) {
	c := m.call(k)
	for _, inst := range c.instances {
		if !m.affordable(k) {
			return
		}
		m.addAt(inst.addr, "module", k.Label(0), k, inst.scope)
	}
	for _, child := range c.modules {
		m.ld.emit(child)
	}
}

// link adds an edge for every value that refers to another resource.
func (ld *loader) link() {
	linked := map[source.Span]bool{}
	for _, addr := range slices.Sorted(maps.Keys(ld.byAddress)) {
		for _, r := range ld.byAddress[addr] {
			for key, v := range r.Config.Entries() {
				if key == "count" || key == "for_each" { // of all instances together
					if linked[r.Place.Span] {
						continue
					}
					linked[r.Place.Span] = true
				}
				ld.linkValue(r, v)
			}
		}
	}
}

func (ld *loader) linkValue(r *graph.Resource, v graph.Value) {
	if n, _ := v.Len(); n > 0 {
		for part := range v.Each() {
			ld.linkValue(r, part)
		}
		return
	}
	for _, addr := range v.Refs() {
		for _, to := range ld.byAddress[addr] {
			if ld.edges++; ld.edges > maxEdges {
				if ld.edges == maxEdges+1 { // a place costs more than an edge
					ld.warn(v.Place(), "more than %d references between resources; the rest of them is not followed", maxEdges)
				}
				return
			}
			if to != r {
				ld.b.Link(graph.References, r, to, v)
			}
		}
	}
}
