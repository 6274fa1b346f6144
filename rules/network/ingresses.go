package network

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// ingresses holds the rules about Ingresses and routes.
var ingresses = []*analyzers.Rule{{
	ID:        "network-ingress-without-tls",
	Title:     "Ingress has no TLS",
	Why:       "Without TLS everybody on the way reads passwords, cookies and data, and can change them.",
	Remedy:    "Add `spec.tls` with the hosts and the Secret of the certificate; cert-manager can issue it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0263", "kubescape:C-0245", "polaris:tlsSettingsMissing"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		tls := r.At("spec.tls")
		p.ReportIf(empty(tls).And(hasRules(r), terminatesElsewhere(r).Not()), tls, "%s is not set: the traffic is not encrypted", tls.Key())
	}, routes.Ingress),
}, {
	ID:        "network-ingress-any-host",
	Title:     "Ingress answers for any host",
	Why:       "A rule without a host, or with a wildcard, takes requests for names it does not own. Another team's host that is not set up yet ends here, and so do attacks that play with the Host header.",
	Remedy:    "Name the `host` of each rule.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for rule := range r.At("spec.rules").Each() {
			host := rule.At("host")
			text, known := host.Text("")
			switch {
			case !known:
				p.ReportIf(graph.Unsure, host, "%s is not known", host.Key())
			case text == "" || text == "*":
				p.Report(host, "%s is not set: the rule takes requests for every host", host.Key())
			case strings.HasPrefix(text, "*."):
				p.Report(host, "%s is %q: the rule takes requests for every host of the domain", host.Key(), text)
			}
		}
	}, routes.Ingress),
}, {
	ID:        "network-ingress-missing-service",
	Title:     "Ingress sends traffic to a Service that is not here",
	Why:       "An Ingress whose backend does not exist answers 503. If somebody else creates a Service of that name, the traffic is theirs.",
	Remedy:    "Correct the backend's service name and port, or add the Service.",
	Severity:  analyzers.Medium,
	Precision: analyzers.LowPrecision,
	Same:      []string{"kubescape:C-0298", "kube-linter:dangling-ingress", "kube-score:ingress-targets-service"},
	Needs:     []string{"core/Service"},
	Check:     analyzers.On(missingBackend, routes.Ingress),
}, {
	ID:        "network-route-missing-service",
	Title:     "Route sends traffic to a Service that is not here",
	Why:       "A route whose backend does not exist answers 500. If somebody else creates a Service of that name, the traffic is theirs.",
	Remedy:    "Correct the backend's name and port, or add the Service.",
	Severity:  analyzers.Medium,
	Precision: analyzers.LowPrecision,
	Same:      []string{"kubescape:C-0302"},
	Needs:     []string{"core/Service"},
	Check:     analyzers.On(missingBackend, routes.Gateway+"*", routes.Route),
}, {
	ID:        "network-ingress-nginx-snippets",
	Title:     "Ingress writes nginx configuration",
	Why:       "Snippet annotations of ingress-nginx are pasted into the controller's configuration. The controller reads every Secret of the cluster that an Ingress may use, so whoever writes an Ingress with a snippet reads them too (CVE-2021-25742).",
	Remedy:    "Use the annotation made for the purpose, and leave `allow-snippet-annotations` off in the controller.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0059", "checkov:CKV_K8S_153", "checkov:CKV_K8S_152", "checkov:CKV_K8S_154"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for key, v := range r.At("metadata.annotations").Entries() {
			if name, ours := strings.CutPrefix(key, nginx); ours && snippets[name] {
				p.ReportIf(v.Is("").Not().And(v.Present()), v, "%s puts text into the controller's configuration", v.Key())
			}
		}
	}, routes.Ingress),
}, {
	ID:        "network-ingress-nginx-injection",
	Title:     "Ingress annotation breaks out of nginx's configuration",
	Why:       "Versions of ingress-nginx before 1.11.5 and 1.12.1 paste these annotations into their configuration unchecked. Characters that end a directive let whoever writes the Ingress run code in the controller and read the cluster's Secrets (CVE-2025-1097, CVE-2025-1098, CVE-2025-24514).",
	Remedy:    "Write a plain URL, host or `CN=` expression, and update the controller.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:KCV-0093"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for key, v := range r.At("metadata.annotations").Entries() {
			name, ours := strings.CutPrefix(key, nginx)
			bad, checked := injected[name]
			if text, known := v.Text(""); ours && checked && known {
				p.ReportIf(graph.Of(strings.ContainsAny(text, bad)), v, "%s is %q, which ends the directive it is put into", v.Key(), text)
			}
		}
	}, routes.Ingress),
}, {
	ID:        "network-ingress-nginx-retired",
	Title:     "Retired ingress-nginx controller",
	Why:       "The Kubernetes project retired ingress-nginx in March 2026: it gets no more releases, not even for security holes, and it stands at the edge with access to the cluster's certificates.",
	Remedy:    "Move to a Gateway API implementation or to another ingress controller.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0292"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		image := c.At("image")
		if text, known := image.Text(""); known && strings.Contains(text, "ingress-nginx/controller") || strings.Contains(text, "nginx-ingress-controller/nginx-ingress-controller") {
			p.Report(image, "%s is %q, which is no longer maintained", image.Key(), text)
		}
	}),
}}

const nginx = "nginx.ingress.kubernetes.io/"

// snippets are the annotations that are raw nginx configuration.
var snippets = map[string]bool{
	"configuration-snippet": true, "server-snippet": true, "auth-snippet": true, "stream-snippet": true, "modsecurity-snippet": true,
}

// injected are the annotations that were put into the configuration
// unchecked, with the characters that have no place in them. In a common name
// "|" is an alternative of the regular expression it may be.
var injected = map[string]string{
	"auth-url": breaksOut + "|", "mirror-target": breaksOut + "|", "mirror-host": breaksOut + "|",
	"auth-tls-match-cn": breaksOut,
}

const breaksOut = ";{}#\n\r\"'`"

// hasRules tells whether the Ingress takes traffic at all.
func hasRules(r *graph.Resource) graph.Tri {
	return r.At("spec.rules").Present().Or(r.At("spec.defaultBackend").Present(), r.At("spec.backend").Present())
}

// terminators are annotations that give the certificate to the load balancer
// in front, outside of spec.tls.
var terminators = [...]string{
	"alb.ingress.kubernetes.io/certificate-arn", "networking.gke.io/managed-certificates",
	"ingress.gcp.kubernetes.io/pre-shared-cert", "networking.gke.io/certmap",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate", "nginx.ingress.kubernetes.io/ssl-passthrough",
	"traefik.ingress.kubernetes.io/router.tls", "haproxy.org/ssl-passthrough",
}

// terminatesElsewhere tells whether TLS is set up by an annotation.
func terminatesElsewhere(r *graph.Resource) graph.Tri {
	is := graph.False
	annotations := r.At("metadata.annotations")
	for _, key := range terminators {
		v := annotations.Get(key)
		is = is.Or(v.Present().And(v.Is("false", "").Not()))
	}
	// The AWS controller finds certificates by host where it listens on 443.
	ports := annotations.Get("alb.ingress.kubernetes.io/listen-ports")
	return is.Or(ports.Present().And(graph.Of(strings.Contains(ports.Str(), "HTTPS"))))
}

// missingBackend reports backends whose Service, or its port, is not here.
func missingBackend(p *analyzers.Pass, r *graph.Resource) {
	services := routes.Services.Of(p.Graph)
	for b := range routes.Backends(r) {
		missing := services.Missing(r, b)
		p.ReportIf(missing, b.Name, "no Service %q is to be found", b.Name.Str())
		if missing == graph.False {
			missingPort(p, services, r, b)
		}
	}
}

// missingPort reports a port that no Service of the backend's name has.
func missingPort(p *analyzers.Pass, services routes.Directory, r *graph.Resource, b routes.Backend) {
	port, known := b.Port.Text("")
	if !known || port == "" || r.Type == routes.Route {
		return
	}
	for s, there := range services.Find(r, b) {
		if !(there == graph.True) || !(hasPort(s, port) == graph.False) {
			return
		}
	}
	p.Report(b.Port, "the Service %q has no port %q", b.Name.Str(), port)
}

func hasPort(s *graph.Resource, port string) graph.Tri {
	if s.At("spec.type").Is("ExternalName") == graph.True {
		return graph.Unsure
	}
	if !s.At("spec.ports").Known() {
		return graph.Unsure
	}
	has := graph.False
	for v := range s.At("spec.ports").Each() {
		has = has.Or(v.At("port").Is(port), v.At("name").Is(port))
	}
	return has
}
