// Package live is what rules see of a running cluster.
//
// The objects of a cluster are resources like those of files, in a root of
// their own, "cluster:CONTEXT". One that the tree made is tied to what made it
// by a [graph.Live] edge, and its values stand where they are written as long
// as they are the same. What only a running system knows is beside the
// specification: the status, and under "pods" the pods that a workload has
// now, which are folded into the workload that made them:
//
//	pods:
//	  - name: api-7d4b-x2x1
//	    node: worker-1
//	    phase: Running
//	    reason: Unschedulable
//	    message: 0/3 nodes are available
//	    serviceAccount: api
//	    since: "2026-11-28T05:12:00Z"
//	    deleted: "2026-11-28T05:40:00Z"
//	    containers:
//	      - name: app
//	        init: false
//	        image: registry.example.com/api:1.2
//	        imageID: registry.example.com/api@sha256:…
//	        ready: true
//	        restarts: 4
//	        waiting: CrashLoopBackOff
//	        message: back-off 5m0s restarting failed container
//	        lastReason: OOMKilled
//	        ended: "2026-11-28T05:10:41Z"
//
// The reason of a pod is why it is not scheduled, or else its own; it is ready,
// or not, since, and should have ended when it is deleted. Waiting is why a container does not run now, lastReason why it
// ended the last time, and ended when.
//
// Under "history" is when the object was made, when somebody last changed what
// is wanted of it, and who applied it last, when that was in a version of the
// API that will not be served for ever:
//
//	history:
//	  created: "2024-02-01T09:00:00Z"
//	  changed: "2026-05-01T10:00:00Z"
//	  applied: {version: policy/v1beta1, by: helm, time: "2026-05-01T10:00:00Z"}
//
// The cluster itself is a resource of the type [Cluster]: its context and
// version, the day and the moment it was read, the kinds it serves, and what of
// it was not read:
//
//	context: prod
//	version: v1.36.3
//	day: "2026-11-28"
//	time: "2026-11-28T06:00:00Z"
//	kinds:
//	  - {group: apps, version: v1, kind: Deployment, namespaced: true, preferred: true}
//	namespaces: [web] # those it was limited to; not there when it was not
//	gaps:
//	  - {type: core/Secret, namespace: web, reason: forbidden}
package live

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Cluster is the type of the resource that stands for a whole cluster.
const Cluster = "cluster"

// An Object is something that runs.
type Object struct {
	*graph.Resource
	// Written is what it was made from; nil where nothing in the tree made it.
	// Of several that it may have been made from it is the first.
	Written *graph.Resource
}

// Objects are all objects of clusters, in the order of the graph, without the
// clusters themselves.
var Objects = analyzers.NewFact(func(g *graph.Graph) []Object {
	var all []Object
	for _, r := range g.Resources() {
		if !Is(r) || r.Type == Cluster {
			continue
		}
		all = append(all, Object{r, Written(g, r)})
	}
	return all
})

// Written is what a resource that runs was made from; nil where nothing in the
// tree made it, and for one that does not run.
func Written(g *graph.Graph, r *graph.Resource) *graph.Resource {
	for e := range g.In(r, graph.Live) {
		return e.From
	}
	return nil
}

// Is tells whether a resource is read from a cluster and not from a file.
func Is(r *graph.Resource) bool { return strings.HasPrefix(r.Root, "cluster:") }

// On makes a Check of a function that looks at one object that runs, of the
// given types; all types when there are none. A type that ends in "*" stands
// for all that start so.
func On(fn func(*analyzers.Pass, Object), types ...string) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		for _, o := range Objects.Of(p.Graph) {
			if len(types) == 0 || matches(o.Type, types) {
				p.Look(1)
				fn(p, o)
			}
		}
	}
}

func matches(typ string, types []string) bool {
	for _, t := range types {
		if prefix, glob := strings.CutSuffix(t, "*"); typ == t || glob && strings.HasPrefix(typ, prefix) {
			return true
		}
	}
	return false
}

// Of is the cluster that a resource runs in; the zero Value for one that runs
// in none.
func Of(g *graph.Graph, r *graph.Resource) graph.Value {
	for c := range g.OfType(Cluster) {
		if c.Root == r.Root {
			return c.Config
		}
	}
	return graph.Value{}
}
