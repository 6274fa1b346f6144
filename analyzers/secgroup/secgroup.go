// Package secgroup is the one view on what a network lets in and out, however
// it is written: blocks or lists in a security group, resources of their own
// for each rule in both generations, and entries of network ACLs.
//
// A source counts as the whole Internet when its prefixes together leave out
// nothing but addresses that cannot come from there. So 0.0.0.0/0, ::/0 in
// any spelling and 0.0.0.0/1 with 128.0.0.0/1 are all the same.
package secgroup

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A Rule is one permission; the embedded Value is the block, the entry or the
// resource that grants it.
type Rule struct {
	graph.Value
	// Group is the security group or network ACL, where it is known.
	Group *graph.Resource
	// Egress tells the direction. It is Unsure where that is not known.
	Egress graph.Tri
	// Allows is False for an entry of a network ACL that denies.
	Allows graph.Tri
	form   form
}

// form is how the keys of a rule are called.
type form struct{ from, to, protocol, v4, v6 string }

var (
	classic = form{"from_port", "to_port", "protocol", "cidr_blocks", "ipv6_cidr_blocks"}
	modern  = form{"from_port", "to_port", "ip_protocol", "cidr_ipv4", "cidr_ipv6"}
	acl     = form{"from_port", "to_port", "protocol", "cidr_block", "ipv6_cidr_block"}
)

// Rules are all rules of all security groups.
var Rules = analyzers.NewFact(func(g *graph.Graph) []Rule {
	var all []Rule
	for r := range g.OfType("aws_security_group", "aws_default_security_group") {
		all = append(all, inline(r, classic)...)
	}
	for r := range g.OfType(registry.CallType) {
		if registry.Is(r, registry.SecurityGroup) {
			all = append(all, called(r)...)
		}
	}
	for r := range g.OfType("aws_security_group_rule") {
		all = append(all, Rule{r.Config, group(g, r), r.At("type").Is("egress"), graph.True, classic})
	}
	for r := range g.OfType("aws_vpc_security_group_ingress_rule") {
		all = append(all, Rule{r.Config, group(g, r), graph.False, graph.True, modern})
	}
	for r := range g.OfType("aws_vpc_security_group_egress_rule") {
		all = append(all, Rule{r.Config, group(g, r), graph.True, graph.True, modern})
	}
	return all
})

// Entries are all entries of all network ACLs.
var Entries = analyzers.NewFact(func(g *graph.Graph) []Rule {
	var all []Rule
	for r := range g.OfType("aws_network_acl", "aws_default_network_acl") {
		for _, e := range inline(r, acl) {
			e.Allows = allows(e.At("action"))
			all = append(all, e)
		}
	}
	for r := range g.OfType("aws_network_acl_rule") {
		all = append(all, Rule{r.Config, nil, r.At("egress").Bool(false), allows(r.At("rule_action")), acl})
	}
	return all
})

func allows(action graph.Value) graph.Tri {
	text, known := action.Text("")
	if !known {
		return graph.Unsure
	}
	return graph.Of(strings.EqualFold(text, "allow"))
}

func inline(r *graph.Resource, f form) []Rule {
	var rules []Rule
	for _, direction := range [...]string{"ingress", "egress"} {
		for v := range r.Config.All(direction) {
			if v.Kind() == graph.Map {
				rules = append(rules, Rule{v, r, graph.Of(direction == "egress"), graph.True, f})
			}
		}
	}
	return rules
}

// called are the rules that a call of the registry's module asks for in full;
// those it has names for are not looked up.
func called(r *graph.Resource) []Rule {
	rules := inline(r, classic)
	for _, direction := range [...]string{"ingress", "egress"} {
		for _, key := range [...]string{"_with_cidr_blocks", "_with_ipv6_cidr_blocks"} {
			for v := range r.Config.All(direction + key) {
				if v.Kind() == graph.Map {
					rules = append(rules, Rule{v, r, graph.Of(direction == "egress"), graph.True, classic})
				}
			}
		}
	}
	return rules
}

// group is the security group that a rule of its own belongs to.
func group(g *graph.Graph, r *graph.Resource) *graph.Resource {
	refs := r.At("security_group_id").Refs()
	for e := range g.Out(r, graph.References) {
		if strings.HasSuffix(e.To.Type, "_security_group") && iam.Names(refs, e.To.ID) {
			return e.To
		}
	}
	return nil
}

// Ingress tells whether the rule lets traffic in.
func (r Rule) Ingress() graph.Tri { return r.Egress.Not().And(r.Allows) }

// Open is the source, or for egress the target, that stands for the whole
// Internet, and whether there is one. An unknown source makes it Unsure.
func (r Rule) Open() (graph.Value, graph.Tri) {
	at, open := Open(r.Get(r.form.v4))
	if open == graph.True {
		return at, open
	}
	at6, open6 := Open(r.Get(r.form.v6))
	if open6 == graph.True || open == graph.False {
		return at6, open6
	}
	return at, open
}

func (r Rule) port(key string) (n int64, known bool) { return r.Get(key).Int(-1) }

// All tells whether the rule is for every protocol, or for every port of TCP
// or UDP.
func (r Rule) All() graph.Tri {
	protocol, known := r.protocol()
	if !known {
		return graph.Unsure
	}
	if protocol == "all" {
		return graph.True
	}
	if protocol != "tcp" && protocol != "udp" {
		return graph.False
	}
	from, to, known := r.ports()
	if !known {
		return graph.Unsure
	}
	return graph.Of(from <= 1 && to >= 65535)
}

// Covers tells whether the rule is for a port of a protocol, "tcp" or "udp".
func (r Rule) Covers(protocol string, port int64) graph.Tri {
	own, known := r.protocol()
	switch {
	case !known:
		return graph.Unsure
	case own == "all":
		return graph.True
	case own != protocol:
		return graph.False
	}
	from, to, known := r.ports()
	if !known {
		return graph.Unsure
	}
	return graph.Of(from <= port && port <= to)
}

// ports is the range of ports; -1 and nothing at all are every port.
func (r Rule) ports() (from, to int64, known bool) {
	from, fromKnown := r.port(r.form.from)
	to, toKnown := r.port(r.form.to)
	if from == -1 && fromKnown || to == -1 && toKnown {
		return 0, 65535, true
	}
	return from, to, fromKnown && toKnown
}

// Ports is the range as people write it, for messages: "22" or "20-25".
func (r Rule) Ports() string {
	if r.All() == graph.True {
		return "every port"
	}
	from, to := r.Get(r.form.from).Str(), r.Get(r.form.to).Str()
	switch {
	case from == to:
		return "port " + from
	case from == "" || to == "":
		return "a port"
	}
	return "ports " + from + "-" + to
}

var protocols = map[string]string{"-1": "all", "all": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}

func (r Rule) protocol() (name string, known bool) {
	name, known = r.Get(r.form.protocol).Text("all")
	name = strings.ToLower(name)
	if p, ok := protocols[name]; ok {
		name = p
	}
	return name, known
}

// Describes tells whether the rule says in words what it is for.
func (r Rule) Describes() graph.Tri {
	d := r.Get("description")
	return d.Present().And(d.Is("").Not())
}

// Denied tells whether an entry with a lower number denies the same traffic
// before this one allows it: network ACLs are read in order.
func (r Rule) Denied(entries []Rule, protocol string, port int64) graph.Tri {
	own, known := r.number()
	answer := graph.False
	for _, e := range entries {
		if !r.sameACL(e) || e.Allows == graph.True {
			continue
		}
		n, knownToo := e.number()
		earlier := graph.Unsure
		if known && knownToo {
			earlier = graph.Of(n < own)
		}
		_, open := e.Open()
		answer = answer.Or(earlier.And(e.Allows.Not(), open, e.Covers(protocol, port), same(e.Egress, r.Egress)))
	}
	return answer
}

func (r Rule) number() (int64, bool) {
	for _, key := range [...]string{"rule_no", "rule_number"} {
		if v := r.Get(key); v.Present() == graph.True {
			return v.Int(0)
		}
	}
	return 0, false
}

func (r Rule) sameACL(o Rule) bool {
	if r.Group != nil || o.Group != nil {
		return r.Group == o.Group
	}
	a, b := r.Get("network_acl_id"), o.Get("network_acl_id")
	return len(a.Refs()) > 0 && slices.Equal(a.Refs(), b.Refs()) || a.Str() != "" && a.Str() == b.Str()
}

func same(a, b graph.Tri) graph.Tri { return a.And(b).Or(a.Not().And(b.Not())) }
