package secgroup

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

func texts(of ...string) *graph.Node {
	var items []*graph.Node
	for _, s := range of {
		if s == "?" {
			items = append(items, graph.NewUnknown(nil))
			continue
		}
		items = append(items, graph.NewString(s, nil))
	}
	return graph.NewList(items, nil)
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name string
		node *graph.Node
		open graph.Tri
		at   string
	}{
		{"nothing", nil, graph.False, ""},
		{"empty list", texts(), graph.False, ""},
		{"everybody", texts("0.0.0.0/0"), graph.True, "0.0.0.0/0"},
		{"single text", graph.NewString("::/0", nil), graph.True, "::/0"},
		{"long spelling", texts("0000:0000::0/0"), graph.True, "0000:0000::0/0"},
		{"second", texts("10.0.0.0/8", "0.0.0.0/0"), graph.True, "0.0.0.0/0"},
		{"list in a text", texts("10.0.0.0/8, 0.0.0.0/0"), graph.True, "10.0.0.0/8, 0.0.0.0/0"},
		{"halves", texts("0.0.0.0/1", "128.0.0.0/1"), graph.True, "0.0.0.0/1"},
		{"halves of IPv6", texts("::/1", "8000::/1"), graph.True, "::/1"},
		{"one half", texts("0.0.0.0/1"), graph.False, ""},
		{"quarters", texts("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"), graph.True, "0.0.0.0/2"},
		{"a quarter is missing", texts("0.0.0.0/2", "64.0.0.0/2", "192.0.0.0/2"), graph.False, ""},
		{"private networks left out", texts(
			"0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2",
			"128.0.0.0/3", "160.0.0.0/5", "168.0.0.0/6", "172.0.0.0/12", "172.32.0.0/11", "172.64.0.0/10",
			"172.128.0.0/9", "173.0.0.0/8", "174.0.0.0/7", "176.0.0.0/4", "192.0.0.0/9", "192.128.0.0/11",
			"192.160.0.0/13", "192.169.0.0/16", "192.170.0.0/15", "192.172.0.0/14", "192.176.0.0/12",
			"192.192.0.0/10", "193.0.0.0/8", "194.0.0.0/7", "196.0.0.0/6", "200.0.0.0/5", "208.0.0.0/4"), graph.True, "0.0.0.0/5"},
		{"private networks", texts("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"), graph.False, ""},
		{"all of IPv6 that is given out", texts("2000::/4", "3000::/4"), graph.True, "2000::/4"},
		{"unique local", texts("fc00::/7", "fe80::/10"), graph.False, ""},
		{"host bits", texts("1.0.0.0/0", "0.0.0.1/0"), graph.False, ""},
		{"no prefix", texts("0.0.0.0", "", "sg-1", "0.0.0.0/33"), graph.False, ""},
		{"unknown", texts("10.0.0.0/8", "?"), graph.Unsure, ""},
		{"unknown beside everybody", texts("?", "0.0.0.0/0"), graph.True, "0.0.0.0/0"},
		{"all unknown", graph.NewUnknown(nil), graph.Unsure, ""},
	} {
		v := graph.ValueOf(graph.NewMap([]graph.Field{{Key: "cidrs", Node: c.node}}, nil)).Get("cidrs")
		if c.node == nil {
			v = graph.ValueOf(graph.NewMap(nil, nil)).Get("cidrs")
		}
		at, open := Open(v)
		if open != c.open || c.at != "" && at.Str() != c.at {
			t.Errorf("%s: Open is %v at %q, want %v at %q", c.name, open, at.Str(), c.open, c.at)
		}
	}
}

func rule(protocol, from, to string) Rule {
	fields := []graph.Field{}
	for key, s := range map[string]string{"protocol": protocol, "from_port": from, "to_port": to} {
		switch s {
		case "":
		case "?":
			fields = append(fields, graph.Field{Key: key, Node: graph.NewUnknown(nil)})
		default:
			fields = append(fields, graph.Field{Key: key, Node: graph.NewString(s, nil)})
		}
	}
	return Rule{graph.ValueOf(graph.NewMap(fields, nil)), nil, graph.False, graph.True, classic}
}

func TestPorts(t *testing.T) {
	for _, c := range []struct {
		protocol, from, to string
		ssh, all           graph.Tri
		words              string
	}{
		{"tcp", "22", "22", graph.True, graph.False, "port 22"},
		{"TCP", "20", "30", graph.True, graph.False, "ports 20-30"},
		{"6", "0", "65535", graph.True, graph.True, "every port"},
		{"tcp", "1", "65535", graph.True, graph.True, "every port"},
		{"tcp", "0", "0", graph.False, graph.False, "port 0"},
		{"tcp", "-1", "-1", graph.True, graph.True, "every port"},
		{"-1", "0", "0", graph.True, graph.True, "every port"},
		{"all", "443", "443", graph.True, graph.True, "every port"},
		{"", "", "", graph.True, graph.True, "every port"},
		{"udp", "0", "65535", graph.False, graph.True, "every port"},
		{"udp", "22", "22", graph.False, graph.False, "port 22"},
		{"icmp", "-1", "-1", graph.False, graph.False, "port -1"},
		{"50", "0", "0", graph.False, graph.False, "port 0"},
		{"?", "22", "22", graph.Unsure, graph.Unsure, "port 22"},
		{"tcp", "?", "22", graph.Unsure, graph.Unsure, "a port"},
	} {
		r := rule(c.protocol, c.from, c.to)
		if ssh, all := r.Covers("tcp", 22), r.All(); ssh != c.ssh || all != c.all || r.Ports() != c.words {
			t.Errorf("%s %s-%s: covers 22: %v, all: %v, %q; want %v, %v, %q", c.protocol, c.from, c.to, ssh, all, r.Ports(), c.ssh, c.all, c.words)
		}
	}
}
