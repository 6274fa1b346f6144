// Package graph holds configuration as one graph: resources, what stands in
// them and how they hang together.
//
// Sources fill a [Builder] each; [Freeze] joins builders into a [Graph] that
// no longer changes and is indexed by type. Rules see values ([Value]) that
// can be absent or unknown, and answers ([Tri]) that can be unsure, so that
// "not known" never turns into "wrong".
package graph

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Resource is one node: a Kubernetes object, a Terraform block, a chart.
type Resource struct {
	// ID is the address people use: a Terraform address such as
	// module.m.aws_s3_bucket.b["k"], data.t.n or provider.aws; Kind/namespace/name
	// or Kind/name for a Kubernetes object. It is unique within a root.
	ID string
	// Type is what rules ask for: "aws_s3_bucket", "data.aws_iam_policy_document",
	// "provider.aws"; "apps/Deployment" or "core/Service", group first, with
	// groups that moved under their present name.
	Type string
	// Name is the name without the type.
	Name string
	// Root is the ID of the root that the resource belongs to.
	Root string
	// Config is what is written in it.
	Config Value
	// Place stands for the whole: the line with the name or the block's header.
	Place *source.Origin
	// Template is the path in it of the template of the pods it makes, for a
	// type of which only the user knows that it makes any; "" otherwise.
	Template string
}

// NewResource makes a resource whose values know it.
func NewResource(id, typ, name string, config *Node, place *source.Origin) *Resource {
	r := &Resource{ID: id, Type: typ, Name: name, Place: place}
	r.Config = Value{res: r, node: config}
	return r
}

// At is Config.At.
func (r *Resource) At(path string) Value { return r.Config.At(path) }

// A Relation is how one resource hangs on another.
type Relation uint8

// The relations, each read from the first resource to the second.
const (
	References Relation = iota // names it: a Terraform reference, a volume's ConfigMap, a pod's ServiceAccount
	Selects                    // picks it by labels: Service, NetworkPolicy, PodDisruptionBudget; or scales it
	Binds                      // a binding to its role and to its subjects
	Routes                     // sends traffic to it: Ingress to Service
	Runs                       // a workload to its image
	Owns                       // made it: CronJob to Job
	Renders                    // became it: a Terraform block to the Kubernetes object it stands for
	Live                       // is what runs of it: an object that is written to the one in a cluster
)

// String is the relation's name.
func (r Relation) String() string {
	return [...]string{"references", "selects", "binds", "routes", "runs", "owns", "renders", "live"}[r]
}

// An Edge ties two resources; Via is the value that says so.
type Edge struct {
	Rel      Relation
	From, To *Resource
	Via      Value
}

// A Level says how grave a Problem is.
type Level uint8

// The levels. Only an Error makes the analysis incomplete: a file of the
// user's could not be read, parsed or rendered. A Warning is something that is
// not here, such as a remote module.
const (
	Warning Level = iota
	Error
)

// A Problem is something wrong with the input that kept part of it from being
// analysed.
type Problem struct {
	Level   Level
	Message string
	// At is never nil; a Problem about a whole file has Exact InFile.
	At *source.Origin
}

// A Builder collects what one root says. It is used by one goroutine at a time.
type Builder struct {
	Root string
	// World is what the resources are looked at together with: "" is all that is
	// written, [EveryWorld] whatever uses it.
	World     string
	Resources []*Resource
	Edges     []Edge
	Problems  []Problem
	Skipped   []source.Skip
}

// EveryWorld is the world of what may be part of several.
const EveryWorld = "*"

// Add adds a resource.
func (b *Builder) Add(r *Resource) {
	r.Root = b.Root
	b.Resources = append(b.Resources, r)
}

// Link adds an edge.
func (b *Builder) Link(rel Relation, from, to *Resource, via Value) {
	b.Edges = append(b.Edges, Edge{rel, from, to, via})
}

// Fail records a Problem that makes the analysis incomplete.
func (b *Builder) Fail(at *source.Origin, format string, args ...any) {
	b.Problems = append(b.Problems, Problem{Error, fmt.Sprintf(format, args...), at})
}

// Warn records a Problem about something that is not here.
func (b *Builder) Warn(at *source.Origin, format string, args ...any) {
	b.Problems = append(b.Problems, Problem{Warning, fmt.Sprintf(format, args...), at})
}

// Skip records that something was left out on purpose.
func (b *Builder) Skip(path, why string) {
	b.Skipped = append(b.Skipped, source.Skip{Path: path, Why: why})
}

// A Graph is all of one run. It does not change and is safe for concurrent use.
type Graph struct {
	resources []*Resource
	byType    map[string][]*Resource
	types     []string
	out, in   map[*Resource][]Edge
	problems  []Problem
	skipped   []source.Skip

	facts sync.Map // key -> func() any
}

// Freeze joins builders, in the order given.
func Freeze(parts ...*Builder) *Graph {
	g := &Graph{byType: map[string][]*Resource{}, out: map[*Resource][]Edge{}, in: map[*Resource][]Edge{}}
	for _, b := range parts {
		g.resources = append(g.resources, b.Resources...)
		g.problems = append(g.problems, b.Problems...)
		g.skipped = append(g.skipped, b.Skipped...)
		for _, e := range b.Edges {
			g.out[e.From] = append(g.out[e.From], e)
			g.in[e.To] = append(g.in[e.To], e)
		}
	}
	for _, r := range g.resources {
		g.byType[r.Type] = append(g.byType[r.Type], r)
	}
	for t := range g.byType {
		g.types = append(g.types, t)
	}
	slices.Sort(g.types)
	told := map[source.Skip]bool{} // several roots may leave out the same
	g.skipped = slices.DeleteFunc(g.skipped, func(s source.Skip) bool {
		again := told[s]
		told[s] = true
		return again
	})
	slices.SortStableFunc(g.skipped, func(a, b source.Skip) int { return strings.Compare(a.Path, b.Path) })
	return g
}

// Resources are all resources, root after root.
func (g *Graph) Resources() []*Resource { return g.resources }

// Problems are what could not be analysed.
func (g *Graph) Problems() []Problem { return g.problems }

// Skipped is what was left out on purpose, sorted by path.
func (g *Graph) Skipped() []source.Skip { return g.skipped }

// OfType yields the resources of the given types, type by type. A type that
// ends in "*" stands for all that start so.
func (g *Graph) OfType(types ...string) iter.Seq[*Resource] {
	return func(yield func(*Resource) bool) {
		for _, t := range types {
			prefix, wild := strings.CutSuffix(t, "*")
			if !wild {
				for _, r := range g.byType[t] {
					if !yield(r) {
						return
					}
				}
				continue
			}
			for _, t := range g.types {
				if !strings.HasPrefix(t, prefix) {
					continue
				}
				for _, r := range g.byType[t] {
					if !yield(r) {
						return
					}
				}
			}
		}
	}
}

// Out yields the edges of a relation that start at r.
func (g *Graph) Out(r *Resource, rel Relation) iter.Seq[Edge] { return related(g.out[r], rel) }

// In yields the edges of a relation that end at r.
func (g *Graph) In(r *Resource, rel Relation) iter.Seq[Edge] { return related(g.in[r], rel) }

func related(edges []Edge, rel Relation) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for _, e := range edges {
			if e.Rel == rel && !yield(e) {
				return
			}
		}
	}
}

// Once returns what build made for key, building it the first time only.
// Facts are kept here, so that they live as long as the graph they are about.
func Once[T any](g *Graph, key any, build func() T) T {
	once, _ := g.facts.LoadOrStore(key, sync.OnceValue(func() any { return build() }))
	return once.(func() any)().(T)
}
