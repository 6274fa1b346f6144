package routes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

func load(t *testing.T, root, text string) *graph.Builder {
	t.Helper()
	b := &graph.Builder{Root: root}
	for _, doc := range yamltext.Parse(source.NewFile("a.yaml", []byte(text)), nil) {
		if doc.Problem != nil || !kubernetes.Add(b, doc.Root) {
			t.Fatalf("no object in %q", text)
		}
	}
	return b
}

const app = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}}
---
`

func TestWays(t *testing.T) {
	const meta = "metadata: {name: e, namespace: shop}\n"
	const v1 = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
	const backend = "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
	service := func(spec string) string {
		return "apiVersion: v1\nkind: Service\nmetadata: {name: open, namespace: shop}\nspec: {selector: {app: web}, " + spec + "}\n"
	}
	virtual := func(namespace, gateways, host string) string {
		return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: e, namespace: " + namespace + "}\nspec:\n  " + gateways +
			"\n  http: [{route: [{destination: {host: " + host + ", port: {number: 80}}}]}]\n"
	}
	for _, c := range []struct{ name, entry, ways string }{
		{"nothing", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", ""},
		{"Ingress", v1 + meta + backend, "web web true"},
		{"old Ingress", "apiVersion: extensions/v1beta1\nkind: Ingress\n" + meta + "spec: {rules: [{http: {paths: [{backend: {serviceName: web, servicePort: 80}}]}}]}\n", "web web true"},
		{"internal Ingress", v1 + "metadata: {name: e, namespace: shop, annotations: {alb.ingress.kubernetes.io/scheme: internal}}\n" + backend, ""},
		{"Ingress of another namespace", v1 + "metadata: {name: e, namespace: other}\n" + backend, ""},
		{"Ingress without a namespace", v1 + "metadata: {name: e}\n" + backend, "web web unsure"},
		{"HTTPRoute", "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: e, namespace: other}\nspec: {rules: [{backendRefs: [{name: web, namespace: shop}]}]}\n", "web web true"},
		{"OpenShift Route", "apiVersion: route.openshift.io/v1\nkind: Route\n" + meta + "spec: {to: {kind: Service, name: web}}\n", "web web true"},
		{"VirtualService", virtual("shop", "gateways: [istio-system/public]", "web"), "web web true"},
		{"VirtualService of another namespace", virtual("other", "gateways: [public]", "web.shop.svc.cluster.local"), "web.shop.svc.cluster.local web true"},
		{"VirtualService for a short name elsewhere", virtual("other", "gateways: [public]", "web"), ""},
		{"VirtualService inside the mesh", virtual("shop", "gateways: [mesh]", "web"), ""},
		{"VirtualService without gateways", virtual("shop", "hosts: [web]", "web"), ""},
		{"VirtualService for a host outside", virtual("shop", "gateways: [public]", "web.example.com"), ""},
		{"NodePort", service("type: NodePort"), "NodePort open true"},
		{"LoadBalancer", service("type: LoadBalancer"), "LoadBalancer open true"},
		{"LoadBalancer for some", service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"), ""},
		{"LoadBalancer for all", service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, 0.0.0.0/0]"), "LoadBalancer open true"},
		{"ClusterIP", service("type: ClusterIP"), ""},
	} {
		var got []string
		for _, w := range routes.Ways.Of(graph.Freeze(load(t, "r", app+c.entry))) {
			got = append(got, fmt.Sprintf("%s %s %v", w.Entry.Str(), w.Service.Name, w.Open))
		}
		if strings.Join(got, ", ") != c.ways {
			t.Errorf("%s: %v, want %s", c.name, got, c.ways)
		}
	}
}

// A way across roots may be one across clusters.
func TestWayAcrossRoots(t *testing.T) {
	entry := load(t, "b", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: e, namespace: shop}\nspec: {defaultBackend: {service: {name: web}}}\n")
	ways := routes.Ways.Of(graph.Freeze(load(t, "a", app), entry))
	if len(ways) != 1 || ways[0].Open != graph.Unsure {
		t.Errorf("ways are %v", ways)
	}
}

func TestWorld(t *testing.T) {
	for cidr, world := range map[string]bool{"0.0.0.0/0": true, " ::/0": true, "10.0.0.0/8": false, "1.2.3.4/0": true, "x": false, "": false, "0.0.0.0": false} {
		if routes.World(cidr) != world {
			t.Errorf("World(%q) is %v", cidr, !world)
		}
	}
}
