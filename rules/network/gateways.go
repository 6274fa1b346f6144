package network

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/netpol"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// gateways holds the rules about listeners of the Gateway API, and about
// policies that do not say whom they are for.
var gateways = []*analyzers.Rule{{
	ID:        "network-gateway-without-tls",
	Title:     "Gateway has no listener with TLS",
	Why:       "Without TLS everybody on the way reads passwords, cookies and data, and can change them.",
	Remedy:    "Add a listener with `protocol: HTTPS` and a certificate under `tls.certificateRefs`, and let the one without TLS redirect to it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		listeners := r.At("spec.listeners")
		safe := graph.False
		if !listeners.Known() {
			safe = graph.Unsure
		}
		var plain graph.Value
		for l := range listeners.Each() {
			v := l.At("protocol")
			safe = safe.Or(v.Is("HTTP").Not())
			if v.Is("HTTP") == graph.True && plain.Present() == graph.False {
				plain = v
			}
		}
		// A mesh encrypts by itself, and its gateways serve the cluster only.
		internal := r.At("spec.gatewayClassName").Is("istio-waypoint", "istio-east-west")
		p.ReportIf(plain.Present().And(safe.Not(), internal.Not()), plain, "%s is \"HTTP\", and no listener has TLS", plain.Key())
	}, routes.Gateway+"Gateway"),
}, {
	ID:        "network-gateway-open-to-namespaces",
	Title:     "Gateway takes routes from every namespace",
	Why:       "Whoever may create a route anywhere in the cluster claims a host or a path of the gateway, and gets the requests that were meant for another team.",
	Remedy:    "Set `allowedRoutes.namespaces.from: Selector` with a label for the namespaces that may, and give each listener a `hostname`.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // a shared gateway is often meant to
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for l := range r.At("spec.listeners").Each() {
			v := l.At("allowedRoutes.namespaces.from")
			p.ReportIf(v.Is("All"), v, "%s is \"All\"", v.Key())
		}
	}, routes.Gateway+"Gateway"),
}, {
	ID:        "network-policy-without-selector",
	Title:     "NetworkPolicy does not say which pods it is about",
	Why:       "Without `podSelector`, or with a slip in its name, the policy is for every pod of the namespace: it cuts off what nobody thought of, or is refused by the API server.",
	Remedy:    "Set `podSelector`; `podSelector: {}` says that all pods are meant.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:KSV-0038"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.podSelector")
		said := v.Present()
		if r.At("spec.podSelector").Kind() == graph.Map {
			said = graph.True // {} means all
		}
		for _, peers := range [...]string{"namespaceSelector", "ingress.from.podSelector", "ingress.from.namespaceSelector", "egress.to.podSelector", "egress.to.namespaceSelector"} {
			for peer := range r.At("spec").All(peers) {
				said = said.Or(peer.Present()) // whoever selects peers has seen the field
			}
		}
		p.ReportIf(r.At("spec").Present().And(said.Not()), v, "%s is not set", v.Key())
	}, netpol.Kubernetes),
}}

// An nginxSetting is an annotation of ingress-nginx and the values that make
// an Ingress weaker.
type nginxSetting struct {
	id, title, why, remedy string
	annotation             string
	severity               analyzers.Severity
	profile                analyzers.Profile
	// bad tells what is wrong with a value, "" when nothing is.
	bad func(r *graph.Resource, value string) string
}

func is(words string, values ...string) func(*graph.Resource, string) string {
	return func(_ *graph.Resource, value string) string {
		for _, v := range values {
			if strings.EqualFold(strings.TrimSpace(value), v) {
				return words
			}
		}
		return ""
	}
}

// nginxSettings holds the rules about single annotations of ingress-nginx.
var nginxSettings = nginxRules(nginxSetting{
	id: "network-ingress-nginx-no-redirect", annotation: "ssl-redirect", severity: analyzers.Low,
	title:  "Ingress with TLS answers without it too",
	why:    "Who types the name without https, or follows an old link, stays in plain text: passwords and cookies can be read and changed on the way.",
	remedy: "Remove the annotation, or set it to \"true\".",
	bad: func(r *graph.Resource, value string) string {
		if value != "false" || !(empty(r.At("spec.tls")) == graph.False) {
			return "" // without TLS there is nowhere to send people
		}
		if r.At("metadata.annotations").Get(nginx+"force-ssl-redirect").Bool(false) == graph.True {
			return ""
		}
		return "the Ingress has TLS and does not send people there"
	},
}, nginxSetting{
	id: "network-ingress-nginx-cors-any", annotation: "cors-allow-origin", severity: analyzers.Medium,
	title:  "Ingress lets every web site act for its users",
	why:    "With any origin and credentials allowed, a page that a user visits reads and changes what the user may, with the user's cookies.",
	remedy: "Name the origins that may under `cors-allow-origin`, or set `cors-allow-credentials: \"false\"`.",
	bad: func(r *graph.Resource, value string) string {
		annotations := r.At("metadata.annotations")
		if strings.TrimSpace(value) != "*" || !(annotations.Get(nginx+"enable-cors").Bool(false) == graph.True) ||
			!(annotations.Get(nginx+"cors-allow-credentials").Bool(true) == graph.True) {
			return ""
		}
		return "credentials are allowed with it"
	},
}, nginxSetting{
	id: "network-ingress-nginx-client-certificate", annotation: "auth-tls-verify-client", severity: analyzers.Medium,
	title:  "Ingress does not insist on client certificates",
	why:    "Requests without a certificate, or with one that nobody signed, reach the program. Unless it checks once more, anybody is let in.",
	remedy: "Set it to \"on\", or remove it: that is the default once `auth-tls-secret` is set.",
	bad:    is("certificates that nobody trusts are let through", "off", "optional", "optional_no_ca"),
}, nginxSetting{
	id: "network-ingress-nginx-backend-unverified", annotation: "backend-protocol", severity: analyzers.Low, profile: analyzers.Strict,
	title:  "Ingress does not check the certificate of its backend",
	why:    "nginx takes any certificate from the backend unless told otherwise. Whoever gets between them in the cluster's network reads and changes the traffic, TLS or not.",
	remedy: "Set `proxy-ssl-verify: \"on\"` with `proxy-ssl-secret` and `proxy-ssl-name`.",
	bad: func(r *graph.Resource, value string) string {
		if value != "HTTPS" && value != "GRPCS" || r.At("metadata.annotations").Get(nginx+"proxy-ssl-verify").Is("on", "true") == graph.True {
			return ""
		}
		return "proxy-ssl-verify is not on"
	},
}, nginxSetting{
	id: "network-ingress-nginx-no-access-log", annotation: "enable-access-log", severity: analyzers.Info, profile: analyzers.Strict,
	title:  "Ingress writes no access log",
	why:    "After a break-in nobody can tell what was requested, by whom and when.",
	remedy: "Remove the annotation, or leave it to a path of health checks alone.",
	bad:    is("requests leave no trace", "false"),
})

func nginxRules(settings ...nginxSetting) []*analyzers.Rule {
	made := make([]*analyzers.Rule, len(settings))
	for i, s := range settings {
		made[i] = &analyzers.Rule{
			ID: s.id, Title: s.title, Why: s.why, Remedy: s.remedy, Severity: s.severity, Profile: s.profile,
			Precision: analyzers.MediumPrecision,
			Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
				v := r.At("metadata.annotations").Get(nginx + s.annotation)
				if text, known := v.Text(""); known && text != "" {
					if why := s.bad(r, text); why != "" {
						p.Report(v, "%s is %q: %s", v.Key(), text, why)
					}
				}
			}, routes.Ingress),
		}
	}
	return made
}
