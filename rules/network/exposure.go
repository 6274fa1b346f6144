package network

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// exposure holds the rules about what Services and gateways open, and how.
var exposure = []*analyzers.Rule{{
	ID:        "network-ssh-service",
	Title:     "Service hands SSH to pods",
	Why:       "A shell over the network with keys of its own goes past the API server: past its roles, its audit log and the day somebody leaves.",
	Remedy:    "Remove the port and use `kubectl exec` or `kubectl debug`. If it is a Git or SFTP server, ignore the rule here.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0042"},
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		for port := range s.At("spec.ports").Each() {
			at := port.At("targetPort")
			if at.Present() == graph.False {
				at = port.At("port")
			}
			p.ReportIf(at.Is("22", "2222", "ssh").And(port.At("protocol").Is("UDP").Not()), at, "%s is %q, a port of SSH", at.Key(), at.Str())
		}
	}, routes.Service),
}, {
	ID:        "network-load-balancer-plain-http",
	Title:     "Load balancer takes HTTP without TLS",
	Why:       "With the protocol HTTP the load balancer reads requests itself, and without a certificate it takes them in plain text: everybody on the way reads passwords and cookies.",
	Remedy:    "Set the annotation `service.beta.kubernetes.io/aws-load-balancer-ssl-cert` to the ARN of a certificate, or leave `aws-load-balancer-backend-protocol` out and let the pods speak TLS.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0231"},
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		notes := s.At("metadata.annotations")
		protocol := notes.Get(aws + "backend-protocol")
		certificate := notes.Get(aws + "ssl-cert")
		p.ReportIf(s.At("spec.type").Is("LoadBalancer").And(protocol.Is("http", "https"), certificate.Present().Not(), routes.Internal(s).Not()), protocol,
			"%s is %q, and no certificate is named", protocol.Key(), protocol.Str())
	}, routes.Service),
}, {
	ID:        "network-client-address-lost",
	Title:     "Load balancer hides where requests come from",
	Why:       "With `externalTrafficPolicy: Cluster` pods see a node's address for every client: logs, limits and blocks by address are worth nothing, and traffic takes a detour over a second node.",
	Remedy:    "Set `externalTrafficPolicy: Local`, with pods on several nodes.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		v := s.At("spec.externalTrafficPolicy")
		bad := s.At("spec.type").Is("LoadBalancer").And(v.Is("Local").Not())
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "%s is not set, and Cluster is the default", v.Key())
			return
		}
		p.ReportIf(bad, v, "%s is %q", v.Key(), v.Str())
	}, routes.Service),
}, {
	ID:        "network-shared-selector",
	Title:     "Two Services select the same pods",
	Why:       "Mostly a Service was copied and its selector was not changed: what is sent to the one name ends at the pods of the other.",
	Remedy:    "Correct the selector of one of them. Where both are meant, say for another set of ports, join them or ignore the rule here.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: func(p *analyzers.Pass) {
		seen := map[string][]*graph.Resource{}
		for s := range p.Graph.OfType(routes.Service) {
			p.Look(1)
			key, ok := words(s.At("spec.selector"))
			// A headless Service beside another one is the rule for StatefulSets.
			if !ok || s.At("spec.clusterIP").Is("None") == graph.True {
				continue
			}
			for _, before := range seen[key] {
				if selection.Together(before, s).And(kube.SameNamespace(before, s)) == graph.True && before.Name != s.Name {
					p.Report(s.At("spec.selector"), "%s is that of the Service %q", s.At("spec.selector").Key(), before.Name).Note(before.At("spec.selector"), "the other one")
					break
				}
			}
			seen[key] = append(seen[key], s)
		}
	},
}, {
	ID:        "network-ingress-default-backend",
	Title:     "Ingress takes what no other one takes",
	Why:       "A default backend gets the requests for every host and path that nobody claims, among them those of hosts that another team has not set up yet.",
	Remedy:    "Name hosts and paths under `rules`; the controller has a default backend of its own.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for _, path := range []string{"spec.defaultBackend", "spec.backend"} {
			v := r.At(path)
			p.ReportIf(v.Present(), v, "%s is set", v.Key())
		}
	}, routes.Ingress),
}, {
	ID:        "network-ingress-class-missing",
	Title:     "Ingress names no class",
	Why:       "Which controller takes it depends on which one is the default, or on all that think they are. A second controller, an internal one or a public one, publishes it as well.",
	Remedy:    "Set `ingressClassName`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.ingressClassName")
		old := r.At("metadata.annotations").Get("kubernetes.io/ingress.class")
		p.ReportIf(v.Present().Or(old.Present()).Not(), v, "%s is not set", v.Key())
	}, routes.Ingress),
}, {
	ID:        "network-openshift-route-without-tls",
	Title:     "Route has no TLS",
	Why:       "Without TLS everybody on the way reads passwords, cookies and data, and can change them. With `insecureEdgeTerminationPolicy: Allow` the plain way stays open beside the safe one.",
	Remedy:    "Set `tls.termination` to `edge`, `reencrypt` or `passthrough`, and `insecureEdgeTerminationPolicy: Redirect`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		tls, insecure := r.At("spec.tls"), r.At("spec.tls.insecureEdgeTerminationPolicy")
		p.ReportIf(tls.At("termination").Present().Not(), tls, "%s is not set: the traffic is not encrypted", tls.Key())
		p.ReportIf(insecure.Is("Allow"), insecure, "%s is \"Allow\"", insecure.Key())
	}, routes.Route),
}}

const aws = "service.beta.kubernetes.io/aws-load-balancer-"

// words are a selector's labels as one text, false when they are not all known
// or there are none.
func words(selector graph.Value) (string, bool) {
	var all []string
	for key, v := range selector.Entries() {
		text, known := v.Text("")
		if !known {
			return "", false
		}
		all = append(all, key+"="+text)
	}
	slices.Sort(all)
	return strings.Join(all, ","), len(all) > 0
}
