package routes

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// virtualBackends yields the Services that a VirtualService of Istio names. A
// host without dots is one of its own namespace; one that ends in neither
// ".svc" nor the cluster's domain may be anything and is left out.
func virtualBackends(r *graph.Resource, yield func(Backend) bool) {
	for _, protocol := range [...]string{"http", "tls", "tcp"} {
		for v := range r.Config.All("spec." + protocol + ".route.destination") {
			host := v.At("host")
			name, namespace, ok := clusterHost(host.Str())
			if !ok {
				continue
			}
			b := Backend{Name: host, Port: v.At("port.number"), service: name, namespace: namespace}
			if !yield(b) {
				return
			}
		}
	}
}

// clusterHost takes the name of a Service apart: "web", "web.shop.svc",
// "web.shop.svc.cluster.local".
func clusterHost(host string) (service, namespace string, ok bool) {
	parts := strings.Split(host, ".")
	switch {
	case host == "" || strings.Contains(host, "*"):
		return "", "", false
	case len(parts) == 1:
		return parts[0], "", true
	case len(parts) >= 3 && parts[2] == "svc":
		return parts[0], parts[1], true
	}
	return "", "", false
}

// atGateway tells whether a VirtualService is for traffic from a gateway, and
// not only for that inside the mesh, which is what it is for by default.
func atGateway(r *graph.Resource) graph.Tri {
	gateways := r.At("spec.gateways")
	if !gateways.Known() {
		return graph.Unsure
	}
	at := graph.False
	for v := range gateways.Each() {
		at = at.Or(v.Is("mesh").Not())
	}
	return at
}
