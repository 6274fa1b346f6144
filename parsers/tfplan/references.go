package tfplan

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// references finds what the values of a plan were made from. A plan has the
// configuration with it, as far as it says which references each argument has;
// locals are left out there, so what goes through one is not found.
type references struct{ root *graph.Node }

func newReferences(root *graph.Node) *references { return &references{root} }

// An expression is what the configuration in a plan says of an argument or a
// block; nil when it says nothing.
type expression struct {
	in    *callSite
	nodes []*graph.Node // objects with "references" or "constant_value", or blocks of such
}

// A callSite is a module of the configuration, and how it was reached.
type callSite struct {
	module *graph.Node
	prefix string // address with indexes; "" for the root
	parent *callSite
	call   *graph.Node
}

// of is the block of a resource.
func (r *references) of(prefix, typ, name string, data bool) *expression {
	site := &callSite{module: r.root}
	for _, step := range calls(prefix) {
		call := child(child(site.module, "module_calls"), step.name)
		if call == nil {
			return nil
		}
		site = &callSite{child(call, "module"), join(site.prefix, step.address), site, call}
	}
	list := child(site.module, "resources")
	if list.Kind() != graph.List {
		return nil
	}
	for _, res := range list.Items() {
		if text(res, "type") == typ && text(res, "name") == name && (text(res, "mode") == "data") == data {
			return &expression{site, []*graph.Node{child(res, "expressions")}}
		}
	}
	return nil
}

func join(prefix, address string) string {
	if prefix == "" {
		return address
	}
	return prefix + "." + address
}

type step struct{ name, address string }

// calls are the steps of a module address: module.a["k"].module.b[0].
func calls(prefix string) []step {
	var all []step
	for rest := prefix; rest != ""; {
		rest = strings.TrimPrefix(rest, "module.")
		end, quoted := len(rest), false
		for i := 0; i < len(rest); i++ {
			switch c := rest[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case c == '.' && !quoted:
				end = i
			}
			if end == i {
				break
			}
		}
		name, _, _ := strings.Cut(rest[:end], "[")
		all = append(all, step{name, "module." + rest[:end]})
		rest = strings.TrimPrefix(rest[end:], ".")
	}
	return all
}

// unindexed is an address without an index at its end.
func unindexed(address string) string {
	if i := strings.LastIndexByte(address, '['); i > 0 && strings.HasSuffix(address, "]") {
		if j := strings.Index(address, `["`); j > 0 && j < i && strings.HasSuffix(address, `"]`) && !strings.Contains(address[j+2:i], `"]`) {
			i = j // a bracket within the key
		}
		return address[:i]
	}
	return address
}

func (e *expression) field(key string) *expression {
	if e == nil {
		return nil
	}
	var nodes []*graph.Node
	for _, n := range e.nodes {
		if leaf(n) {
			nodes = append(nodes, n) // whatever made the whole made this
		} else if c := child(n, key); c != nil {
			nodes = append(nodes, c)
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	return &expression{e.in, nodes}
}

func (e *expression) item(i int) *expression {
	if e == nil {
		return nil
	}
	var nodes []*graph.Node
	for _, n := range e.nodes {
		switch {
		case n.Kind() != graph.List:
			nodes = append(nodes, n)
		case i < len(n.Items()):
			nodes = append(nodes, n.Items()[i])
		default: // a dynamic block
			nodes = append(nodes, n.Items()...)
		}
	}
	return &expression{e.in, nodes}
}

// leaf tells an argument from a block.
func leaf(n *graph.Node) bool {
	return child(n, "references").Kind() == graph.List || child(n, "constant_value") != nil
}

// all are the addresses that the argument refers to. The configuration beside
// the plan knows better, when it is there.
func (e *expression) all(written *graph.Node) []string {
	if refs := graph.ValueOf(written).Refs(); written != nil && len(refs) > 0 {
		return refs
	}
	if e == nil {
		return nil
	}
	var all []string
	for _, n := range e.nodes {
		all = append(all, e.in.resolve(n, 0)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// resolve are the resources behind the references of an expression.
func (s *callSite) resolve(n *graph.Node, depth int) []string {
	refs := child(n, "references")
	if refs.Kind() != graph.List || depth > 20 {
		return nil
	}
	var all []string
	for _, item := range refs.Items() {
		if item.Kind() != graph.String {
			continue
		}
		parts := strings.SplitN(item.Text(), ".", 4)
		switch first, _, _ := strings.Cut(parts[0], "["); {
		case len(parts) < 2 || first == "local" || first == "each" || first == "count" || first == "path" || first == "terraform" || first == "self":
		case first == "var":
			if s.parent != nil {
				all = append(all, s.parent.resolve(child(child(s.call, "expressions"), parts[1]), depth+1)...)
			}
		case first == "module":
			name, _, _ := strings.Cut(parts[1], "[")
			call := child(child(s.module, "module_calls"), name)
			if call == nil || len(parts) < 3 {
				continue
			}
			inner := &callSite{child(call, "module"), join(s.prefix, "module."+parts[1]), s, call}
			out := child(child(inner.module, "outputs"), parts[2])
			all = append(all, inner.resolve(child(out, "expression"), depth+1)...)
		case first == "data" && len(parts) > 2:
			all = append(all, join(s.prefix, strings.Join(parts[:3], ".")))
		case first != "data":
			all = append(all, join(s.prefix, parts[0]+"."+parts[1]))
		}
	}
	return all
}
