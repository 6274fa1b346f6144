package network

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// mesh holds the rules about service meshes and about sandboxes with a network
// of their own.
var mesh = []*analyzers.Rule{{
	ID:        "network-mesh-mtls-off",
	Title:     "Service mesh speaks plain text",
	Why:       "The mesh is there to encrypt and to know who calls. Where it is switched off, whoever gets onto the network reads along and calls under any name.",
	Remedy:    "Remove the mode `DISABLE`, or set `STRICT` in the PeerAuthentication and `ISTIO_MUTUAL` in the DestinationRule.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for _, path := range []string{"spec.mtls.mode", "spec.trafficPolicy.tls.mode"} {
			v := r.At(path)
			p.ReportIf(v.Is("DISABLE"), v, "%s is \"DISABLE\"", v.Key())
		}
		for port, setting := range r.At("spec.portLevelMtls").Entries() {
			v := setting.At("mode")
			p.ReportIf(v.Is("DISABLE"), v, "%s of the port %s is \"DISABLE\"", v.Key(), port)
		}
	}, istioSecurity+"PeerAuthentication", "networking.istio.io/DestinationRule"),
}, {
	ID:        "network-mesh-mtls-permissive",
	Title:     "Service mesh takes plain text as well",
	Why:       "`PERMISSIVE` is for the time of the move into the mesh. While it stands, whoever is not in the mesh calls without saying who they are.",
	Remedy:    "Set `mtls.mode: STRICT` when all callers are in the mesh.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.mtls.mode")
		p.ReportIf(v.Is("PERMISSIVE"), v, "%s is \"PERMISSIVE\"", v.Key())
	}, istioSecurity+"PeerAuthentication"),
}, {
	ID:        "network-mesh-allow-all",
	Title:     "AuthorizationPolicy allows everything",
	Why:       "A rule without conditions allows every caller every request. Policies add up, so it outweighs whatever the others restrict.",
	Remedy:    "Name callers under `from` and requests under `to`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		allow := r.At("spec.action").Present().Not().Or(r.At("spec.action").Is("ALLOW"))
		for rule := range r.At("spec.rules").Each() {
			n, known := rule.Len()
			bad := graph.Of(n == 0)
			if !known {
				bad = graph.Unsure
			}
			p.ReportIf(allow.And(bad), rule, "a rule without conditions allows every request")
		}
	}, istioSecurity+"AuthorizationPolicy"),
}, {
	ID:        "network-mesh-bypass",
	Title:     "Pod keeps out of the service mesh",
	Why:       "Ports that are left out, and pods without the sidecar, speak past the mesh: without its encryption, its policies and its traces.",
	Remedy:    "Remove the annotation or label. Where a protocol does not work through the proxy, leave out that one port and have a NetworkPolicy limit it.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for _, where := range []graph.Value{pod.At("metadata.annotations"), pod.At("metadata.labels")} {
			for key, v := range where.Entries() {
				if off, is := bypasses[key]; is && off(v) == graph.True {
					p.Report(v, "%s is %q", key, v.Str())
				}
			}
		}
	}),
}, {
	ID:        "network-sandbox-egress",
	Title:     "Sandbox for agents may reach the whole network",
	Why:       "What runs in a sandbox is code that nobody has read. With the internet or the whole cluster open to it, it sends out what it was given to work on, or goes on to other pods.",
	Remedy:    "Set `networkPolicyManagement: Managed` with a `networkPolicy` whose `egress` names the peers; an empty one allows nothing.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0301"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		managed, policy := r.At("spec.networkPolicyManagement"), r.At("spec.networkPolicy")
		if v := managed; v.Present().And(v.Is("Managed").Not()) == graph.True {
			p.Report(v, "%s is %q: no policy is kept", v.Key(), v.Str())
			return
		}
		// The policy that is there without one allows the whole internet.
		p.ReportIf(policy.Present().Not(), policy, "%s is not set, and the default lets the sandbox onto the internet", policy.Key())
		for rule := range policy.At("egress").Each() {
			openEgress(p, rule)
		}
	}, "extensions.agents.x-k8s.io/SandboxTemplate"),
}}

const istioSecurity = "security.istio.io/"

// bypasses are the annotations and labels that keep pods or ports out of a
// mesh, each with when it does.
var bypasses = map[string]func(graph.Value) graph.Tri{
	"sidecar.istio.io/inject":                          isText("false"),
	"linkerd.io/inject":                                isText("disabled"),
	"config.linkerd.io/skip-inbound-ports":             graph.Value.Present,
	"config.linkerd.io/skip-outbound-ports":            graph.Value.Present,
	"traffic.sidecar.istio.io/excludeInboundPorts":     graph.Value.Present,
	"traffic.sidecar.istio.io/excludeOutboundPorts":    graph.Value.Present,
	"traffic.sidecar.istio.io/excludeOutboundIPRanges": graph.Value.Present,
}

func isText(text string) func(graph.Value) graph.Tri {
	return func(v graph.Value) graph.Tri { return v.Is(text) }
}

// openEgress reports an egress rule that does not say to whom, or says to all.
func openEgress(p *analyzers.Pass, rule graph.Value) {
	to := rule.At("to")
	if n, known := to.Len(); known && n == 0 {
		p.Report(rule, "an egress rule without %s allows every address", to.Key())
		return
	}
	for peer := range to.Each() {
		cidr := peer.At("ipBlock.cidr")
		switch {
		case cidr.Present() == graph.True:
			p.ReportIf(cidr.Is("0.0.0.0/0", "::/0"), cidr, "%s is %q, the whole internet", cidr.Key(), cidr.Str())
		case limits(peer.At("podSelector"), peer.At("namespaceSelector")) == graph.False:
			p.Report(peer, "an egress peer without labels is every pod")
		}
	}
}

// limits tells whether one of the selectors asks for any label.
func limits(selectors ...graph.Value) graph.Tri {
	some := graph.False
	for _, s := range selectors {
		for _, path := range []string{"matchLabels", "matchExpressions"} {
			n, known := s.At(path).Len()
			if !known || !s.Known() {
				some = some.Or(graph.Unsure)
			}
			some = some.Or(graph.Of(n > 0))
		}
	}
	return some
}
