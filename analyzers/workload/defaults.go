package workload

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Accounts are the ServiceAccounts by root and name.
var Accounts = analyzers.NewFact(func(g *graph.Graph) map[[2]string][]*graph.Resource {
	accounts := map[[2]string][]*graph.Resource{}
	for r := range g.OfType("core/ServiceAccount") {
		key := [2]string{r.Root, r.At("metadata.name").Str()}
		accounts[key] = append(accounts[key], r)
	}
	return accounts
})

// Account is the object of the pod's service account, nil when it is not among
// what is analysed; sure tells whether it is certainly that one.
func (p Pod) Account(g *graph.Graph) (account *graph.Resource, sure graph.Tri) {
	name, known := p.ServiceAccount()
	if !known {
		return nil, graph.Unsure
	}
	sure = graph.False
	for _, r := range Accounts.Of(g)[[2]string{p.Resource().Root, name}] {
		switch kube.SameNamespace(p.Resource(), r) {
		case graph.True:
			return r, graph.True
		case graph.Unsure:
			account, sure = r, graph.Unsure
		case graph.False:
		}
	}
	return account, sure
}

// Limit tells whether the container has a limit on a resource: its own, the
// pod's, or one a LimitRange of the namespace fills in.
func (c Container) Limit(g *graph.Graph, resource string) graph.Tri {
	return c.quantity("limits", resource).Or(c.filledIn(g, resource, "default", "max"))
}

// Request tells whether the container has a request for a resource: its own,
// the pod's, or one a LimitRange of the namespace fills in. The limit stands in
// for a request that is not there; that is not counted here.
func (c Container) Request(g *graph.Graph, resource string) graph.Tri {
	return c.quantity("requests", resource).Or(c.filledIn(g, resource, "defaultRequest", "default", "max", "min"))
}

// quantity looks at the container and at the resources of the pod as a whole
// (Kubernetes 1.34).
func (c Container) quantity(list, resource string) graph.Tri {
	set := func(v graph.Value) graph.Tri { return v.Present().And(v.Is("").Not()) }
	return set(c.At("resources").Get(list, resource)).
		Or(set(c.Pod.Spec.At("resources").Get(list, resource)))
}

var limitRanges = analyzers.NewFact(func(g *graph.Graph) map[string][]*graph.Resource {
	ranges := map[string][]*graph.Resource{}
	for r := range g.OfType("core/LimitRange") {
		ranges[r.Root] = append(ranges[r.Root], r)
	}
	return ranges
})

// filledIn follows the defaults of a LimitRange (core/v1 LimitRangeItem).
func (c Container) filledIn(g *graph.Graph, resource string, fields ...string) graph.Tri {
	filled := graph.False
	for _, r := range limitRanges.Of(g)[c.Resource().Root] {
		for item := range r.At("spec.limits").Each() {
			for _, field := range fields {
				filled = filled.Or(item.At("type").Is("Container").And(
					item.At(field).Get(resource).Present(), kube.SameNamespace(c.Resource(), r)))
			}
		}
	}
	return filled
}

// scalers are what sets the number of a workload's pods, by root.
var scalers = analyzers.NewFact(func(g *graph.Graph) map[string][]*graph.Resource {
	all := map[string][]*graph.Resource{}
	for r := range g.OfType("autoscaling/HorizontalPodAutoscaler", "keda.sh/ScaledObject") {
		all[r.Root] = append(all[r.Root], r)
	}
	return all
})

// Scaled tells whether an autoscaler sets the number of pods of r.
func Scaled(g *graph.Graph, r *graph.Resource) graph.Tri {
	scaled := graph.False
	for _, s := range scalers.Of(g)[r.Root] {
		target := s.At("spec.scaleTargetRef")
		kind := target.At("kind")
		scaled = scaled.Or(target.At("name").Is(r.At("metadata.name").Str()).And(
			kind.Is(r.At("kind").Str()).Or(kind.Present().Not()), kube.SameNamespace(s, r)))
	}
	return scaled
}
