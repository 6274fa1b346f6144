package netpol_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/netpol"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

func isolation(t *testing.T, policies ...string) netpol.Isolation {
	t.Helper()
	b := &graph.Builder{Root: "r"}
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop, labels: {app: web}}\nspec: {}\n"
	for _, p := range policies {
		text += "---\n" + p + "\n"
	}
	for _, doc := range yamltext.Parse(source.NewFile("a.yaml", []byte(text)), nil) {
		if doc.Problem != nil || !kubernetes.Add(b, doc.Root) {
			t.Fatalf("no object in %q", text)
		}
	}
	all := netpol.Isolations.Of(graph.Freeze(b))
	if len(all) != 1 {
		t.Fatalf("%d isolations", len(all))
	}
	return all[0]
}

func TestIsolations(t *testing.T) {
	const k8s = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: shop}\nspec: "
	const other = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: other}\nspec: "
	const unplaced = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n}\nspec: "
	const cilium = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: n, namespace: shop}\n"
	const wide = "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: n}\nspec: "
	const yes, no, maybe = graph.True, graph.False, graph.Unsure
	for _, c := range []struct {
		name                      string
		policies                  []string
		selected, ingress, egress graph.Tri
	}{
		{"none", nil, no, no, no},
		{"ingress by default", []string{k8s + "{podSelector: {}}"}, yes, yes, no},
		{"egress by its rules", []string{k8s + "{podSelector: {matchLabels: {app: web}}, egress: []}"}, yes, yes, yes},
		{"types say so", []string{k8s + "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}"}, yes, no, yes},
		{"no types", []string{k8s + "{podSelector: {}, policyTypes: []}"}, yes, no, no},
		{"another pod", []string{k8s + "{podSelector: {matchLabels: {app: api}}}"}, no, no, no},
		{"another namespace", []string{other + "{podSelector: {}}"}, no, no, no},
		{"no namespace", []string{unplaced + "{podSelector: {}}"}, maybe, maybe, no},
		{"two policies", []string{k8s + "{podSelector: {}}", k8s + "{podSelector: {}, policyTypes: [Egress]}"}, yes, yes, yes},
		{"cilium", []string{cilium + "spec: {endpointSelector: {}, egress: [{}]}"}, yes, no, yes},
		{"cilium, several", []string{cilium + "specs: [{endpointSelector: {}, ingressDeny: [{}]}, {endpointSelector: {matchLabels: {app: api}}, egress: [{}]}]"}, yes, yes, no},
		{"cilium, by source", []string{cilium + "spec: {endpointSelector: {matchLabels: {'k8s:app': web}}, ingress: [{}]}"}, maybe, maybe, no},
		{"cilium, nodes", []string{cilium + "spec: {nodeSelector: {}, ingress: [{}]}"}, no, no, no},
		{"cilium, clusterwide", []string{wide + "{endpointSelector: {}, ingress: [{}]}"}, yes, yes, no},
	} {
		i := isolation(t, c.policies...)
		if i.Selected != c.selected || i.Ingress != c.ingress || i.Egress != c.egress {
			t.Errorf("%s: selected %v, ingress %v, egress %v", c.name, i.Selected, i.Ingress, i.Egress)
		}
	}
}
