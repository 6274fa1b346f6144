package live

import (
	"iter"
	"time"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Condition is the condition of a type in the object's status; absent when
// there is none.
func (o Object) Condition(typ string) graph.Value {
	for c := range o.At("status.conditions").Each() {
		if c.At("type").Str() == typ {
			return c
		}
	}
	return graph.Value{}
}

// Pods yields the entries of the pods that the object has now.
func (o Object) Pods() iter.Seq[graph.Value] { return o.At("pods").Each() }

// Namespace is the object's namespace, "" for one that is in none.
func (o Object) Namespace() string { return o.At("metadata.namespace").Str() }

// Controller is the reference to what made the object and keeps it as it is;
// absent when there is none.
func (o Object) Controller() graph.Value {
	for ref := range o.At("metadata.ownerReferences").Each() {
		if ref.At("controller").Bool(false) == graph.True {
			return ref
		}
	}
	return graph.Value{}
}

// key is what tells objects of all clusters apart.
type key struct{ root, typ, namespace, name string }

var byKey = analyzers.NewFact(func(g *graph.Graph) map[key]Object {
	all := map[key]Object{}
	for _, o := range Objects.Of(g) {
		all[key{o.Root, o.Type, o.Namespace(), o.At("metadata.name").Str()}] = o
	}
	return all
})

// Find is the object of that type and name in the cluster of another one;
// there tells whether it is: Unsure when it was not found, but not everything
// of its type was read.
func Find(g *graph.Graph, beside *graph.Resource, typ, namespace, name string) (o Object, there graph.Tri) {
	if o, ok := byKey.Of(g)[key{beside.Root, typ, namespace, name}]; ok {
		return o, graph.True
	}
	if Complete(g, beside, typ, namespace) == graph.True {
		return Object{}, graph.False
	}
	return Object{}, graph.Unsure
}

// Complete tells whether all objects of a type were read in a namespace of the
// cluster that a resource runs in; never False, for what is missing may not be
// there. "" is all namespaces.
func Complete(g *graph.Graph, beside *graph.Resource, typ, namespace string) graph.Tri {
	cluster := Of(g, beside)
	if cluster.Kind() != graph.Map {
		return graph.Unsure
	}
	for gap := range cluster.At("gaps").Each() {
		of, in := gap.At("type").Str(), gap.At("namespace").Str()
		about := of == typ || of == "" && !served(cluster, typ) // a whole group may be missing
		if about && (in == "" || namespace == "" || in == namespace) {
			return graph.Unsure
		}
	}
	limit := cluster.At("namespaces")
	if n, _ := limit.Len(); n > 0 && !(limit.Contains(namespace) == graph.True) && namespaced(cluster, typ) {
		return graph.Unsure
	}
	return graph.True
}

// namespaced tells whether objects of a type may be in namespaces.
func namespaced(cluster graph.Value, typ string) bool {
	k := kindOf(cluster, typ)
	return k.Kind() != graph.Map || !(k.At("namespaced").Bool(true) == graph.False)
}

// served tells whether a cluster is known to serve a type.
func served(cluster graph.Value, typ string) bool { return kindOf(cluster, typ).Kind() == graph.Map }

// kindOf is what a cluster says of a type; absent when it says nothing.
func kindOf(cluster graph.Value, typ string) graph.Value {
	for k := range cluster.At("kinds").Each() {
		apiVersion := k.At("version").Str()
		if group := k.At("group").Str(); group != "" {
			apiVersion = group + "/" + apiVersion
		}
		if kube.Type(apiVersion, k.At("kind").Str()) == typ {
			return k
		}
	}
	return graph.Value{}
}

// Day is the day on which the cluster that a resource runs in was read, as
// "2026-11-28".
func Day(g *graph.Graph, r *graph.Resource) string { return Of(g, r).At("day").Str() }

// grace is how long something may be on its way before it is taken to hang:
// pods start, nodes join, load balancers and certificates are made.
const grace = 10 * time.Minute

// Settled tells whether something is so for long enough to stay so, at the
// moment when the object's cluster was read. What began at a time that is not
// known has settled.
func (o Object) Settled(g *graph.Graph, since string) bool {
	age, known := o.age(g, since)
	return !known || age >= grace
}

// Hours is how many hours ago something began at the moment when the object's
// cluster was read; false when that is not known.
func (o Object) Hours(g *graph.Graph, since string) (n int, known bool) {
	age, known := o.age(g, since)
	return int(age.Hours()), known
}

func (o Object) age(g *graph.Graph, since string) (time.Duration, bool) {
	now, err := time.Parse(time.RFC3339, Of(g, o.Resource).At("time").Str())
	began, err2 := time.Parse(time.RFC3339, since)
	if err != nil || err2 != nil {
		return 0, false
	}
	return now.Sub(began), true
}

// Created is when the object was made.
func (o Object) Created() string { return o.At("history.created").Str() }

// Days is how many days lie between two days, or moments, of which the first
// comes first; false when one of them is none.
func Days(from, to string) (n int, ok bool) {
	a, b := day(from), day(to)
	if a.IsZero() || b.IsZero() {
		return 0, false
	}
	return int(b.Sub(a).Hours() / 24), true
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	if err != nil {
		return time.Time{}
	}
	return t
}
