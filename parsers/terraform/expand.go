package terraform

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// An expansion is what count or for_each make of a block.
type expansion struct {
	state     cellState
	kind      expansionKind
	addr      string // without an index
	instances []*instance
}

type expansionKind uint8

const (
	single   expansionKind = iota
	counted                // by a known count
	keyed                  // by a known for_each
	symbolic               // one instance stands for a number that is not known
)

// An instance is one of the things a block makes.
type instance struct {
	addr  string
	key   cty.Value // the index; NilVal when there is none
	scope *scope
	attrs map[string]*cell
}

// expandInto works out count and for_each, once.
func (m *module) expandInto(e *expansion, k *hcltext.Block, addr string) {
	switch e.state {
	case done:
		return
	case running:
		m.ld.circle(addr, at(k.Head))
		return
	case untouched:
	}
	e.state, e.addr = running, addr
	m.ld.waiting = append(m.ld.waiting, addr)
	base := &scope{m: m}
	if a := k.Body.Attribute("count"); a != nil {
		e.count(m, base, a)
	} else if a := k.Body.Attribute("for_each"); a != nil {
		e.forEach(m, base, a)
	} else if a := enabled(k); a != nil {
		e.whether(base, a)
	} else {
		e.instances = []*instance{{addr: addr, scope: base}}
	}
	m.ld.waiting = m.ld.waiting[:len(m.ld.waiting)-1]
	if m.ld.nodes += len(e.instances); m.ld.nodes > maxNodes {
		m.ld.fail(at(k.Head), "more than %d instances", maxNodes)
		e.instances = nil
	}
	e.state = done
}

func (e *expansion) symbol(s *scope) {
	e.kind = symbolic
	e.instances = []*instance{{addr: e.addr, scope: s}}
}

func (e *expansion) add(key cty.Value, index string, s *scope) {
	e.instances = append(e.instances, &instance{addr: e.addr + "[" + index + "]", key: key, scope: s})
}

func (e *expansion) count(m *module, base *scope, a *hcltext.Attribute) {
	here := m.ld.origin(a.Expr.Range())
	v, marks := base.eval(a.Expr).Unmark()
	unknown := func() {
		e.symbol(base.counted(a.Expr, cty.UnknownVal(cty.Number).WithMarks(marks)))
	}
	v, ok := toNumber(v)
	switch {
	case !ok:
		m.ld.fail(here, "count is not a number")
		unknown()
		return
	case !v.IsKnown() || v.IsNull():
		unknown()
		return
	}
	n, exact := v.AsBigFloat().Int64()
	if exact != big.Exact || n < 0 {
		m.ld.fail(here, "count is %s, which is no number of instances", numberText(v))
		unknown()
		return
	}
	if n > maxInstances {
		m.ld.fail(here, "count is %d; more than %d instances of one block are not analysed", n, maxInstances)
		unknown()
		return
	}
	e.kind = counted
	for i := range n {
		key := cty.NumberIntVal(i)
		e.add(key, strconv.FormatInt(i, 10), base.counted(a.Expr, key.WithMarks(marks)))
	}
}

func (e *expansion) forEach(m *module, base *scope, a *hcltext.Attribute) {
	here := m.ld.origin(a.Expr.Range())
	elements, known, err := elements(base.eval(a.Expr))
	if err != nil {
		m.ld.fail(here, "for_each: %v", err)
	}
	if err == nil && known && len(elements) > maxInstances {
		m.ld.fail(here, "for_each has %d elements; more than %d instances of one block are not analysed", len(elements), maxInstances)
		known = false
	}
	if err != nil || !known {
		marks := deepMarks(base.eval(a.Expr))
		e.symbol(base.each(a.Expr, key{index: isAny}, cty.UnknownVal(cty.String).WithMarks(marks), cty.DynamicVal.WithMarks(marks)))
		return
	}
	e.kind = keyed
	for _, el := range elements {
		name, _ := el.key.Unmark()
		e.add(name, strconv.Quote(name.AsString()), base.each(a.Expr, nameKey(name.AsString()), el.key, el.value))
	}
}

// enabled is the argument by which OpenTofu leaves a block out.
func enabled(k *hcltext.Block) *hcltext.Attribute {
	if l := k.Body.Block("lifecycle"); l != nil {
		return l.Body.Attribute("enabled")
	}
	return nil
}

// whether makes one instance or none.
func (e *expansion) whether(s *scope, a *hcltext.Attribute) {
	if b, known := truth(s.eval(a.Expr)); !known {
		e.symbol(s)
	} else if b {
		e.instances = []*instance{{addr: e.addr, scope: s}}
	}
}

// each is the scope of an instance by for_each.
func (s *scope) each(over hclsyntax.Expression, k key, name, value cty.Value) *scope {
	in := s.with("each", cty.ObjectVal(map[string]cty.Value{"key": name, "value": value}))
	in.iterate("each", s, over, k)
	return in
}

// counted is the scope of an instance by count.
func (s *scope) counted(over hclsyntax.Expression, index cty.Value) *scope {
	in := s.with("count", cty.ObjectVal(map[string]cty.Value{"index": index}))
	in.bound = in.bound.add(binding{name: "count", field: "index", s: s, expr: over})
	return in
}

type element struct{ key, value cty.Value }

// elements lists what a for_each of a block goes through: a map, an object or
// a set of strings. A list is not allowed, but one that stands where a set is
// meant is taken for it rather than lost.
func elements(v cty.Value) (all []element, known bool, err error) {
	v, marks := v.Unmark()
	if v.IsNull() {
		return nil, false, fmt.Errorf("the value is null")
	}
	if !v.IsKnown() {
		return nil, false, nil
	}
	ty := v.Type()
	if !ty.IsObjectType() && !ty.IsMapType() && !ty.IsSetType() && !ty.IsTupleType() && !ty.IsListType() {
		return nil, false, fmt.Errorf("the value is a %s, not a map or a set of strings", ty.FriendlyName())
	}
	seen := map[string]bool{}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if !ty.IsObjectType() && !ty.IsMapType() {
			key = value
		}
		key, more := key.Unmark()
		if !key.IsKnown() {
			return nil, false, nil
		}
		if key.IsNull() || key.Type() != cty.String {
			return nil, false, fmt.Errorf("an element is no string")
		}
		if seen[key.AsString()] {
			continue
		}
		seen[key.AsString()] = true
		if !ty.IsObjectType() && !ty.IsMapType() {
			value = key.WithMarks(more, marks)
		} else {
			value = value.WithMarks(marks)
		}
		all = append(all, element{key.WithMarks(more, marks), value})
	}
	return all, true, nil
}

// attr is the value of an attribute of an instance, seen from outside: what is
// written, else unknown, for the provider works it out. names are that
// attribute and all names that are asked for below it.
func (m *module) attr(inst *instance, k *hcltext.Block, names []string) cty.Value {
	name := names[0]
	a, blocks := k.Body.Attribute(name), k.Body.Block(name)
	if a == nil && blocks == nil {
		return cty.DynamicVal
	}
	if inst.attrs == nil {
		inst.attrs = map[string]*cell{}
	}
	key, place := name, k.Head
	if a != nil {
		place = a.Key
	} else {
		key = strings.Join(names, ".")
	}
	return m.ld.get(entry(inst.attrs, key), inst.addr+"."+name, func() *source.Origin { return at(place) }, func() cty.Value {
		if a == nil {
			return inst.scope.blocks(k.Body, name, names[1:])
		}
		return inst.scope.seen(a)
	})
}

// seen is the value of an attribute as a reference to it sees it. Where null is
// written the provider may work out a value.
func (s *scope) seen(a *hcltext.Attribute) cty.Value {
	v, _ := s.eval(a.Expr).UnmarkDeep()
	if v.IsNull() {
		return cty.DynamicVal
	}
	return v
}

// blocks is the blocks of one type as a value. Names that are asked for and
// not written are unknown.
func (s *scope) blocks(b *hcltext.Body, typ string, names []string) cty.Value {
	var items []cty.Value
	for _, k := range b.Blocks {
		if k.Type == "dynamic" && k.Label(0) == typ {
			return cty.DynamicVal
		}
		if k.Type != typ {
			continue
		}
		item := map[string]cty.Value{}
		for _, name := range names {
			item[name] = cty.DynamicVal
			if a := k.Body.Attribute(name); a != nil {
				item[name] = s.seen(a)
			} else if k.Body.Block(name) != nil {
				item[name] = s.blocks(k.Body, name, names)
			}
		}
		items = append(items, cty.ObjectVal(item))
	}
	return cty.TupleVal(items)
}

// resource is the value of a reference to a resource or a data source. names
// are what is asked of every instance; none for the whole.
func (m *module) resource(addr string, names []string, rng hcl.Range) cty.Value {
	k := m.config.resources[addr]
	if k == nil {
		m.ld.warn(m.ld.origin(rng), "%s is not declared in %s", addr, m.where())
		return cty.DynamicVal.Mark(ref{m.prefix + addr})
	}
	e := m.expand(addr)
	if e.state != done {
		return cty.DynamicVal.Mark(ref{m.prefix + addr})
	}
	key := addr + ":" + strings.Join(names, ".")
	if v, ok := m.resources[key]; ok {
		return v
	}
	v := e.collect(func(inst *instance) cty.Value {
		mark := ref{inst.addr}
		if len(names) == 0 || e.kind == symbolic {
			return cty.DynamicVal.Mark(mark)
		}
		return cty.ObjectVal(map[string]cty.Value{names[0]: m.attr(inst, k, names)}).Mark(mark)
	})
	m.resources[key] = v
	return v
}

func (m *module) where() string {
	if m.config.dir == "." {
		return "this module"
	}
	return m.config.dir
}

func (m *module) expand(addr string) *expansion {
	e := entry(m.expansions, addr)
	m.expandInto(e, m.config.resources[addr], m.prefix+addr)
	return e
}

// collect makes the value that a reference to the block has.
func (e *expansion) collect(of func(*instance) cty.Value) cty.Value {
	switch e.kind {
	case counted:
		items := make([]cty.Value, len(e.instances))
		for i, inst := range e.instances {
			items[i] = of(inst)
		}
		return cty.TupleVal(items)
	case keyed:
		items := map[string]cty.Value{}
		for _, inst := range e.instances {
			items[inst.key.AsString()] = of(inst)
		}
		return cty.ObjectVal(items)
	case single, symbolic:
	}
	if len(e.instances) == 0 {
		return cty.DynamicVal
	}
	return of(e.instances[0])
}

// moduleOutput is the value of a reference to a module. The first of names is
// the output asked for; with none it is all of them.
func (m *module) moduleOutput(call string, names []string, rng hcl.Range) cty.Value {
	if m.config.calls[call] == nil {
		m.ld.warn(m.ld.origin(rng), "module.%s is not declared in %s", call, m.where())
		return cty.DynamicVal.Mark(ref{m.prefix + "module." + call})
	}
	c := m.call(m.config.calls[call])
	if c.state != done || c.missing || c.kind == symbolic && len(c.modules) == 0 {
		return cty.DynamicVal.Mark(ref{m.prefix + "module." + call})
	}
	i := -1
	v := c.collect(func(*instance) cty.Value {
		i++
		child := c.modules[i]
		outputs := map[string]cty.Value{}
		if len(names) > 0 {
			name := names[0]
			if child.config.outputs[name] == nil {
				m.ld.warn(m.ld.origin(rng), "module %q has no output %q", call, name)
				outputs[name] = cty.DynamicVal
			} else {
				outputs[name] = child.output(name)
			}
			return cty.ObjectVal(outputs)
		}
		for _, o := range slices.Sorted(maps.Keys(child.config.outputs)) {
			outputs[o] = child.output(o)
		}
		return cty.ObjectVal(outputs)
	})
	if c.kind == symbolic {
		return cty.DynamicVal.WithMarks(deepMarks(v))
	}
	return v
}
