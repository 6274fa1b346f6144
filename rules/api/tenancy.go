package api

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// tenancy holds the rules about what namespaces share and how they are kept
// from taking it all.
var tenancy = []*analyzers.Rule{{
	ID:        "api-limit-range-missing",
	Title:     "No LimitRange in the namespace of the workloads",
	Why:       "Containers that name no requests and limits then have none: one of them takes the node's memory from its neighbours, which are killed in its place.",
	Remedy:    "Add a LimitRange with `default` and `defaultRequest` for containers to the namespace.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // mostly made with the namespace, elsewhere
	Same:      []string{"kics:4a20ebac-1060-4c81-95d1-1f7f620e983b"},
	Needs:     []string{"core/LimitRange"},
	Check: func(p *analyzers.Pass) {
		for _, r := range firstOfNamespace(p.Graph, append([]string{"core/PersistentVolumeClaim"}, kube.PodTypes[:]...)) {
			p.Look(1)
			p.ReportIf(governed(p.Graph, r, "core/LimitRange").Not(), r.Config, "no LimitRange is to be found in the namespace")
		}
	},
}, {
	ID:        "api-quota-missing",
	Title:     "No ResourceQuota in the namespace of the workloads",
	Why:       "Nothing ends what the namespace takes: an autoscaler gone wrong, or an intruder who mines, uses up the cluster.",
	Remedy:    "Add a ResourceQuota for CPU, memory and the number of pods to the namespace.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // mostly made with the namespace, elsewhere
	Same:      []string{"kics:48a5beba-e4c0-4584-a2aa-e6894e4cf424"},
	Needs:     []string{"core/ResourceQuota"},
	Check: func(p *analyzers.Pass) {
		for _, r := range firstOfNamespace(p.Graph, kube.PodTypes[:]) {
			p.Look(1)
			// A Namespace that is here is api-namespace-without-quota's to report.
			p.ReportIf(governed(p.Graph, r, "core/ResourceQuota").Or(made(p.Graph, r)).Not(), r.Config, "no ResourceQuota is to be found in the namespace")
		}
	},
}, {
	ID:        "api-limit-range-without-request",
	Title:     "LimitRange reserves as much for containers as they may use",
	Why:       "A container without requests is given the default limit, or the maximum, as its request. A few small programs then fill a node that they hardly use, and others find no place.",
	Remedy:    "Set `defaultRequest` for CPU and memory to what a small program needs.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0039"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for item := range r.At("spec.limits").Each() {
			for _, resource := range [...]string{"cpu", "memory"} {
				v := item.At("defaultRequest").Get(resource)
				limited := item.At("default").Get(resource).Present().Or(item.At("max").Get(resource).Present())
				if f := p.ReportIf(item.At("type").Is("Container").And(limited, v.Present().Not()), v, "containers without a %s request are given their limit as one", resource); f != nil {
					break
				}
			}
		}
	}, "core/LimitRange"),
}, {
	ID:        "api-quota-incomplete",
	Title:     "ResourceQuota leaves CPU or memory open",
	Why:       "What the quota does not name has no end in the namespace: with requests alone programs still use all of a node, with limits alone they reserve all of it.",
	Remedy:    "Set `requests.cpu`, `requests.memory`, `limits.cpu` and `limits.memory` under `hard`, in this quota or another of the namespace.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0040"},
	Check: func(p *analyzers.Pass) {
		for _, r := range firstOfNamespace(p.Graph, []string{"core/ResourceQuota"}) {
			p.Look(1)
			var missing []string
			bad := graph.False
			for _, name := range [...]string{"requests.cpu", "requests.memory", "limits.cpu", "limits.memory"} {
				if open := limitedTo(p.Graph, r, name).Not(); !(open == graph.False) {
					bad, missing = bad.Or(open), append(missing, name)
				}
			}
			p.ReportIf(bad, r.At("spec.hard"), "no quota of the namespace limits %s", strings.Join(missing, ", "))
		}
	},
}}

// firstOfNamespace are the first resources of some types in each namespace of
// each root. What a namespace lacks is missing once, not for every workload.
// Charts leave the namespace to the release.
func firstOfNamespace(g *graph.Graph, types []string) []*graph.Resource {
	type home struct{ root, namespace string }
	seen := map[home]bool{}
	var first []*graph.Resource
	for r := range g.OfType(types...) {
		namespace, known := r.At("metadata.namespace").Text("")
		at := home{r.Root, namespace}
		if !known || seen[at] || strings.HasPrefix(r.Root, "helm:") || strings.HasPrefix(namespace, "kube-") {
			continue
		}
		seen[at] = true
		first = append(first, r)
	}
	return first
}

// governed tells whether an object of a type is in the namespace of r.
func governed(g *graph.Graph, r *graph.Resource, typ string) graph.Tri {
	is := graph.False
	for o := range g.OfType(typ) {
		is = is.Or(kube.SameNamespace(o, r))
	}
	return is
}

// made tells whether the Namespace object of r's namespace is here.
func made(g *graph.Graph, r *graph.Resource) graph.Tri {
	is := graph.False
	for ns := range g.OfType("core/Namespace") {
		is = is.Or(r.At("metadata.namespace").Is(ns.Name))
	}
	return is
}

// limitedTo tells whether a quota of the namespace of r limits a resource;
// "cpu" and "memory" stand for the requests.
func limitedTo(g *graph.Graph, r *graph.Resource, name string) graph.Tri {
	limited := graph.False
	for q := range g.OfType("core/ResourceQuota") {
		hard := q.At("spec.hard")
		has := hard.Get(name).Present()
		if short, ok := strings.CutPrefix(name, "requests."); ok {
			has = has.Or(hard.Get(short).Present())
		}
		limited = limited.Or(has.And(kube.SameNamespace(q, r)))
	}
	return limited
}
