package network

import (
	"net/netip"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// services holds the rules about Services.
var services = []*analyzers.Rule{{
	ID:        "network-public-load-balancer",
	Title:     "Load balancer takes traffic from every address",
	Why:       "A Service of type LoadBalancer gets a public address from the cloud, and without source ranges the whole internet may connect to the pods behind it, past the ingress controller and its TLS and logins.",
	Remedy:    "Name the networks that may connect under `loadBalancerSourceRanges`, or make the load balancer internal with your cloud's annotation, such as `service.beta.kubernetes.io/aws-load-balancer-scheme: internal`. If the Service is meant to be public, ignore the rule here and say why.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"kubescape:C-0245",
		"kics:26763a1c-5dda-4772-b507-5fca7fb5f165", "kics:2a52567c-abb8-4651-a038-52fa27c77aed",
		"kube-linter:exposed-services",
	},
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		typ := s.At("spec.type")
		p.ReportIf(typ.Is("LoadBalancer").And(routes.Internal(s).Not(), routes.Limited(s).Not()), typ,
			"%s is \"LoadBalancer\" with neither source ranges nor an internal address", typ.Key())
	}, routes.Service),
}, {
	ID:        "network-node-port",
	Title:     "Service opens a port on every node",
	Why:       "A NodePort is open on every address of every node, also on nodes without the pod. Firewalls and network policies seldom know of it, and TLS is up to the program.",
	Remedy:    "Use `type: ClusterIP` with an Ingress or a Gateway in front.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"kics:845acfbe-3e10-4b8e-b656-3b404d36dfb2", "kics:5c281bf8-d9bb-47f2-b909-3f6bb11874ad",
		"kube-score:service-type", "kube-linter:exposed-services",
	},
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		typ := s.At("spec.type")
		p.ReportIf(typ.Is("NodePort"), typ, "%s is \"NodePort\"", typ.Key())
	}, routes.Service),
}, {
	ID:        "network-external-ips",
	Title:     "Service claims external addresses",
	Why:       "Kubernetes does not check `externalIPs`: the nodes send traffic for these addresses to the Service. Whoever may create Services can so take over traffic to any address (CVE-2020-8554, which has no fix).",
	Remedy:    "Remove `externalIPs`; use a LoadBalancer or an Ingress. Block the field with an admission policy.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:KSV-0108"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		for ip := range s.At("spec.externalIPs").Each() {
			p.ReportIf(ip.Present(), ip, "the Service claims the address %q", ip.Str()).Fix("Remove the address", edit.Remove(ip))
		}
	}, routes.Service),
}, {
	ID:        "network-external-name-local",
	Title:     "Service of type ExternalName points at the proxy itself",
	Why:       "An ingress controller that follows an ExternalName of localhost or of a link-local address connects to itself or to its node: to admin ports and to the cloud's metadata service, which hands out credentials.",
	Remedy:    "Point `externalName` at the name of the external service.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		name := s.At("spec.externalName")
		if text, known := name.Text(""); known {
			p.ReportIf(s.At("spec.type").Is("ExternalName").And(graph.Of(local(text))), name, "%s is %q, which is the caller's own machine", name.Key(), text)
		}
	}, routes.Service),
}, {
	ID:        "network-service-selects-nothing",
	Title:     "Service selects no pod",
	Why:       "A Service whose selector matches no pod has no endpoints: every connection is refused. Often a label was renamed in the workload and not here.",
	Remedy:    "Make `selector` match the labels of the pod template.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"kubescape:C-0293", "kube-linter:dangling-service", "kube-score:service-targets-pod",
		"kics:3ca03a61-3249-4c16-8427-6f8e47dda729",
	},
	Needs: kube.PodTypes[:],
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		selector := selection.Labels(s.At("spec.selector"))
		if s.At("spec.type").Is("ExternalName") == graph.True || selector.Empty() == graph.True || selectorless(s) {
			return
		}
		if b, known := live.BackendsOf(p.Graph, s, s.At("metadata.namespace").Str(), s.At("metadata.name").Str()); known && b != (live.Backends{}) {
			return // it runs and has some: controllers label pods as well
		}
		if o := (live.Object{Resource: s}); live.Is(s) && o.Controller().Present() == graph.True {
			return // an operator makes it, also for pods that there will be
		}
		p.ReportIf(picksNone(p.Graph, selector), selector.Value, "%s matches no pod", selector.Key())
	}, routes.Service),
}}

// selectorless tells whether a Service's endpoints are written out beside it.
func selectorless(s *graph.Resource) bool { return s.At("spec.selector").Present() == graph.False }

// local tells whether a name or an address stands for the machine of who asks.
func local(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if ip, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || strings.HasPrefix(name, "localhost.") ||
		name == "metadata.google.internal" || strings.HasSuffix(name, ".nip.io") && strings.Contains(name, "127.0.0.1") ||
		name == "localtest.me" || name == "lvh.me"
}
