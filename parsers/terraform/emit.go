package terraform

import (
	"maps"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
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
		switch k.Type {
		case "resource", "data", "ephemeral":
			m.emitResource(k)
		case "module":
			m.emitCall(k)
		case "provider":
			id := "provider." + name
			if a := k.Body.Attribute("alias"); a != nil {
				if alias, ok := constant(a.Expr); ok {
					id += "." + alias
				}
			}
			m.add(id, "provider."+name, name, k, s)
		case "variable":
			m.add("variable."+name, "variable", name, k, &scope{m: m, written: true})
		case "output":
			m.add("output."+name, "output", name, k, s)
		case "terraform":
			id := "terraform"
			if settings++; settings > 1 {
				id += "#" + string(rune('0'+min(settings, 9)))
			}
			m.add(id, "terraform", "", k, &scope{m: m, written: true})
		}
	}
}

func (m *module) add(id, typ, name string, k *hcltext.Block, s *scope) *graph.Resource {
	return m.addAt(m.prefix+id, typ, name, k, s)
}

func (m *module) addAt(addr, typ, name string, k *hcltext.Block, s *scope) *graph.Resource {
	config := s.body(k.Body, handle(k.Span))
	r := graph.NewResource(addr, typ, name, config, at(k.Head))
	m.ld.b.Add(r)
	m.ld.byAddress[addr] = append(m.ld.byAddress[addr], r)
	if k.Type == "resource" {
		m.ld.kubernetes(r, config)
	}
	return r
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
		m.addAt(inst.addr, typ, k.Label(1), k, inst.scope)
	}
}

func (m *module) emitCall(k *hcltext.Block) {
	c := m.call(k)
	for _, inst := range c.instances {
		m.addAt(inst.addr, "module", k.Label(0), k, inst.scope)
	}
	for _, child := range c.modules {
		m.ld.emit(child)
	}
}

// link adds an edge for every value that refers to another resource.
func (ld *loader) link() {
	for _, addr := range slices.Sorted(maps.Keys(ld.byAddress)) {
		for _, r := range ld.byAddress[addr] {
			ld.linkValue(r, r.Config)
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
			if to != r {
				ld.b.Link(graph.References, r, to, v)
			}
		}
	}
}
