// Package routes tells which workloads can be reached from outside the
// cluster, and by which way: an Ingress, a Gateway API route, an OpenShift
// Route, a VirtualService of Istio at a gateway, or a Service of type LoadBalancer or NodePort, to a Service, to pods.
package routes

import (
	"iter"
	"net/netip"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// The types that routes begin with.
const (
	Ingress = "networking.k8s.io/Ingress"
	Gateway = "gateway.networking.k8s.io/"
	Service = "core/Service"
	Route   = "route.openshift.io/Route"
	Virtual = "networking.istio.io/VirtualService"
)

// gatewayRoutes are the route kinds of the Gateway API.
var gatewayRoutes = [...]string{
	Gateway + "HTTPRoute", Gateway + "GRPCRoute", Gateway + "TLSRoute", Gateway + "TCPRoute", Gateway + "UDPRoute",
}

// A Way is one way from outside the cluster to a pod.
type Way struct {
	// Entry is what opens the way: the name of the Service in an Ingress or
	// route, or the Service's own type.
	Entry   graph.Value
	Service *graph.Resource
	Pod     workload.Pod
	// Open tells whether it leads there from outside for certain.
	Open graph.Tri
}

// A Backend is a Service that an Ingress or route sends traffic to.
type Backend struct {
	// Name is the Service's name where it is written.
	Name graph.Value
	// Port is the number or name of the Service's port.
	Port graph.Value
	// Namespace is where it is said to be, absent for that of the route.
	Namespace graph.Value
	// service and namespace are set where Name holds both in one text.
	service, namespace string
}

// Service is the name of the Service.
func (b Backend) Service() (name string, known bool) {
	if b.service != "" {
		return b.service, true
	}
	return b.Name.Text("")
}

// Backends yields the Services that an Ingress or route names. Backends of
// other kinds are left out.
func Backends(r *graph.Resource) iter.Seq[Backend] {
	return func(yield func(Backend) bool) {
		switch {
		case r.Type == Ingress:
			ingressBackends(r, yield)
		case r.Type == Route:
			for _, to := range [...]string{"spec.to", "spec.alternateBackends"} {
				for v := range r.Config.All(to) {
					if named(v, "kind", "Service") && !(v.At("name").Present() == graph.False) && !yield(Backend{Name: v.At("name"), Port: r.At("spec.port.targetPort")}) {
						return
					}
				}
			}
		case r.Type == Virtual:
			virtualBackends(r, yield)
		case strings.HasPrefix(r.Type, Gateway):
			for v := range r.Config.All("spec.rules.backendRefs") {
				if v.Kind() == graph.Map && named(v, "kind", "Service") && named(v, "group", "") && !(v.At("name").Present() == graph.False) &&
					!yield(Backend{Name: v.At("name"), Port: v.At("port"), Namespace: v.At("namespace")}) {
					return
				}
			}
		}
	}
}

// ingressBackends knows the shapes of networking.k8s.io/v1 and of v1beta1.
func ingressBackends(r *graph.Resource, yield func(Backend) bool) {
	for _, path := range [...]string{"spec.defaultBackend", "spec.backend", "spec.rules.http.paths.backend"} {
		for v := range r.Config.All(path) {
			b := Backend{Name: v.At("service.name"), Port: v.At("service.port.number")}
			if b.Port.Present() == graph.False {
				b.Port = v.At("service.port.name")
			}
			if old := v.At("serviceName"); !(old.Present() == graph.False) {
				b.Name, b.Port = old, v.At("servicePort")
			}
			if !(b.Name.Present() == graph.False) && !yield(b) {
				return
			}
		}
	}
}

// named tells whether a key has the text or is left out.
func named(v graph.Value, key, text string) bool {
	s, known := v.At(key).Text(text)
	return known && s == text
}

// A Directory finds Services by name.
type Directory map[string][]*graph.Resource

// Services is the directory of all Services.
var Services = analyzers.NewFact(func(g *graph.Graph) Directory {
	d := Directory{}
	for s := range g.OfType(Service) {
		d[s.Name] = append(d[s.Name], s)
	}
	return d
})

// Find yields the Services that a backend of a resource names, with how sure
// that is. Services of the resource's own root come first, and when there are
// some those of others are left out.
func (d Directory) Find(from *graph.Resource, b Backend) iter.Seq2[*graph.Resource, graph.Tri] {
	return func(yield func(*graph.Resource, graph.Tri) bool) {
		name, known := b.Service()
		if !known {
			return
		}
		for _, own := range [...]bool{true, false} {
			found := false
			for _, s := range d[name] {
				if (s.Root == from.Root) == own {
					if there := b.in(from, s); !(there == graph.False) {
						found = true
						if !yield(s, there) {
							return
						}
					}
				}
			}
			if found {
				return
			}
		}
	}
}

func (b Backend) in(from, s *graph.Resource) graph.Tri {
	ns, known := b.Namespace.Text(b.namespace)
	switch home := s.At("metadata.namespace"); {
	case !known:
		return graph.Unsure
	case ns == "":
		return kube.SameNamespace(from, s)
	case home.Present() == graph.False:
		return graph.Unsure
	default:
		return home.Is(ns)
	}
}

// Missing tells whether no root has the Service that a backend names.
func (d Directory) Missing(from *graph.Resource, b Backend) graph.Tri {
	if !b.Name.Known() {
		return graph.Unsure
	}
	for range d.Find(from, b) {
		return graph.False
	}
	for _, s := range d[""] {
		if !s.At("metadata.name").Known() {
			return graph.Unsure
		}
	}
	return graph.True
}

// Ways are all ways from outside to pods.
var Ways = analyzers.NewFact(func(g *graph.Graph) []Way {
	var ways []Way
	pods := selection.Pods.Of(g)
	services := Services.Of(g)
	lead := func(entry graph.Value, s *graph.Resource, open graph.Tri) {
		if open == graph.False || s.At("spec.selector").Present() == graph.False {
			return
		}
		for pod, picked := range pods.Picked(selection.Labels(s.At("spec.selector"))) {
			ways = append(ways, Way{Entry: entry, Service: s, Pod: pod, Open: open.And(picked)})
		}
	}
	types := append([]string{Ingress, Route, Virtual}, gatewayRoutes[:]...)
	for r := range g.OfType(types...) {
		open := graph.True
		switch r.Type {
		case Ingress:
			open = internalIngress(r).Not()
		case Virtual:
			open = atGateway(r)
		}
		for b := range Backends(r) {
			for s, there := range services.Find(r, b) {
				lead(b.Name, s, open.And(there, selection.Together(r, s)))
			}
		}
	}
	for s := range g.OfType(Service) {
		lead(s.At("spec.type"), s, Exposed(s))
	}
	return ways
})

// Exposed tells whether a Service takes traffic from outside the cluster by
// itself: of type NodePort, or LoadBalancer unless for an internal network.
func Exposed(s *graph.Resource) graph.Tri {
	typ := s.At("spec.type")
	return typ.Is("NodePort").Or(typ.Is("LoadBalancer").And(Internal(s).Not(), Limited(s).Not()))
}

// internal are annotations that make a cloud's load balancer an internal one.
var internal = map[string][]string{
	"service.beta.kubernetes.io/aws-load-balancer-internal":              {"true", "0.0.0.0/0"},
	"service.beta.kubernetes.io/aws-load-balancer-scheme":                {"internal"},
	"service.beta.kubernetes.io/azure-load-balancer-internal":            {"true"},
	"networking.gke.io/load-balancer-type":                               {"Internal"},
	"cloud.google.com/load-balancer-type":                                {"Internal", "internal"},
	"service.beta.kubernetes.io/openstack-internal-load-balancer":        {"true"},
	"service.beta.kubernetes.io/oci-load-balancer-internal":              {"true"},
	"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": {"intranet"},
	"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type":     {"private"},
	"service.beta.kubernetes.io/do-loadbalancer-network":                 {"INTERNAL"},
	"load-balancer.hetzner.cloud/disable-public-network":                 {"true"},
}

// Internal tells whether an annotation keeps a Service's load balancer to an
// internal network.
func Internal(s *graph.Resource) graph.Tri {
	annotations := s.At("metadata.annotations")
	if !annotations.Known() {
		return graph.Unsure
	}
	is := graph.False
	for key, v := range annotations.Entries() {
		if texts, ok := internal[key]; ok {
			is = is.Or(v.Is(texts...))
		}
	}
	return is
}

// Limited tells whether a Service's load balancer takes traffic from some
// addresses only.
func Limited(s *graph.Resource) graph.Tri {
	limited := graph.False
	for _, ranges := range [...]graph.Value{
		s.At("spec.loadBalancerSourceRanges"),
		s.At("metadata.annotations").Get("service.beta.kubernetes.io/load-balancer-source-ranges"),
		s.At("metadata.annotations").Get("service.beta.kubernetes.io/azure-allowed-ip-ranges"),
	} {
		limited = limited.Or(narrow(ranges))
	}
	return limited
}

// narrow tells whether ranges, a list or comma-separated, leave out a part of
// the world.
func narrow(ranges graph.Value) graph.Tri {
	if !ranges.Known() {
		return graph.Unsure
	}
	if ranges.Kind() != graph.List {
		some := false
		for r := range strings.SplitSeq(ranges.Str(), ",") {
			if r = strings.TrimSpace(r); World(r) {
				return graph.False
			} else if r != "" {
				some = true
			}
		}
		return graph.Of(some)
	}
	n, _ := ranges.Len()
	all := graph.Of(n > 0)
	for r := range ranges.Each() {
		if !r.Known() {
			all = all.And(graph.Unsure)
		}
		all = all.And(graph.Of(!World(r.Str())))
	}
	return all
}

// World tells whether a CIDR holds every address of its family.
func World(cidr string) bool {
	p, err := netip.ParsePrefix(strings.TrimSpace(cidr))
	return err == nil && p.Bits() == 0
}

// internalIngress tells whether an Ingress is for an internal load balancer.
// The AWS controller makes one unless told otherwise.
func internalIngress(r *graph.Resource) graph.Tri {
	annotations := r.At("metadata.annotations")
	if !annotations.Known() {
		return graph.Unsure
	}
	class := r.At("spec.ingressClassName")
	if class.Present() == graph.False {
		class = annotations.Get("kubernetes.io/ingress.class")
	}
	if scheme := annotations.Get("alb.ingress.kubernetes.io/scheme"); class.Is("alb") == graph.True || scheme.Present() == graph.True {
		return scheme.Is("internet-facing").Not()
	}
	return class.Is("gce-internal").Or(annotations.Get("appgw.ingress.kubernetes.io/use-private-ip").Bool(false))
}
