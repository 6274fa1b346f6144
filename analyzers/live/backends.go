package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Backends is what stands behind a Service now.
type Backends struct{ Ready, NotReady int }

// BackendsOf is what stands behind the Service of that name in the cluster of
// another object; known is false when it could not be read.
func BackendsOf(g *graph.Graph, beside *graph.Resource, namespace, name string) (b Backends, known bool) {
	b, ok := backends.Of(g)[key{beside.Root, service, namespace, name}]
	if ok {
		return b, true
	}
	slices, older := Complete(g, beside, endpointSlice, namespace), Complete(g, beside, endpoints, namespace)
	return b, slices.And(older) == graph.True
}

const (
	service       = "core/Service"
	endpointSlice = "discovery.k8s.io/EndpointSlice"
	endpoints     = "core/Endpoints"
)

// backends are those of all Services, by the Services. Slices are what counts;
// the older Endpoints are looked at where a Service has none.
var backends = analyzers.NewFact(func(g *graph.Graph) map[key]Backends {
	all := map[key]Backends{}
	for _, o := range Objects.Of(g) {
		if o.Type != endpointSlice {
			continue
		}
		k := key{o.Root, service, o.Namespace(), o.At("metadata.labels").Get("kubernetes.io/service-name").Str()}
		b := all[k]
		for e := range o.At("endpoints").Each() {
			n, _ := e.At("addresses").Len()
			if e.At("conditions.ready").Bool(true) == graph.True {
				b.Ready += n
			} else {
				b.NotReady += n
			}
		}
		all[k] = b
	}
	for _, o := range Objects.Of(g) {
		k := key{o.Root, service, o.Namespace(), o.At("metadata.name").Str()}
		if _, sliced := all[k]; sliced || o.Type != endpoints {
			continue
		}
		var b Backends
		for s := range o.At("subsets").Each() {
			ready, _ := s.At("addresses").Len()
			not, _ := s.At("notReadyAddresses").Len()
			b.Ready, b.NotReady = b.Ready+ready, b.NotReady+not
		}
		all[k] = b
	}
	return all
})
