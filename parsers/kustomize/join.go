package kustomize

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
)

// trace adds the objects of a build.
func (bd *build) trace(m resmap.ResMap) {
	included := map[*visit][]*source.Origin{}
	for i, n := range bd.join(bd.top, m) {
		before := len(bd.b.Resources)
		kubernetes.Add(bd.b, n)
		way := bd.ways[i]
		if _, known := included[way]; !known {
			included[way] = way.entries()
		}
		for _, r := range bd.b.Resources[before:] {
			r.Place = by(held(r.Place), included[way])
		}
	}
}

// by is the place of an object with the entries of kustomizations that
// included what it is in.
func by(place *source.Origin, entries []*source.Origin) *source.Origin {
	if place == nil || len(entries) == 0 {
		return place
	}
	at := *place
	at.From = slices.Concat(at.From, entries)
	return &at
}

// held is the place of an object by its name. Where an overlay wrote the name
// over another one it is still there that the object is, and that what it lacks
// is missing.
func held(name *source.Origin) *source.Origin {
	if name == nil || name.Step != source.Overlay {
		return name
	}
	for _, over := range name.From {
		if over.Role == source.Overrides {
			via, at := *name, *over
			via.Role, via.From = source.Via, nil
			at.Role, at.From = source.SetBy, []*source.Origin{&via}
			return &at
		}
	}
	return name
}

// join finds the places of the objects that the kustomization top built. Where
// the value of one was copied to another, the places are complete only when
// all are joined.
func (bd *build) join(top *layer, m resmap.ResMap) []*graph.Node {
	from := bd.take(top, m)
	visits, chains := visitsOf(top), map[*visit]*chain{}
	count, seen := map[*graph.Node]int{}, map[*graph.Node]int{}
	for _, w := range from {
		count[w.mark()]++
	}
	bd.traced = make([]*graph.Node, len(from))
	for i, w := range from {
		v := bd.way(visits[w.layer], seen[w.mark()], count[w.mark()], bd.objects[i])
		seen[w.mark()]++
		bd.ways = append(bd.ways, v)
		if v == nil { // by which way it came is not known: all of it is somewhere in what it was made from
			plain := &walker{chain: &chain{}, schemas: bd.schemas, rest: w.somewhere()}
			plain.at.obj = bd.objects[i]
			bd.traced[i] = plain.node(bd.nodes[i], nil, nil, plain.rest, 0)
			continue
		}
		if chains[v] == nil {
			chains[v] = bd.chain(top, v)
		}
		bd.traced[i] = bd.object(bd.objects[i], bd.nodes[i], w, chains[v])
	}
	return bd.traced
}

func inFile(l *layer) *source.Origin {
	return &source.Origin{Span: l.file.Whole(), Step: source.Overlay, Exact: source.InFile}
}

// A chain is what is done to the objects of one layer on their way up.
type chain struct {
	writers  []writer
	affixes  []affix                  // of names, the innermost first
	anywhere []affix                  // those of layers that are not on the way: objects there have names too
	made     map[string]source.Handle // generators, by the names of what they make
	vars     []variable
	opaque   bool
	other    *source.Origin // of what no writer claims: the outermost kustomization that writes
}

func (bd *build) chain(top *layer, v *visit) *chain {
	c := &chain{
		writers: bd.writersOn(v), affixes: bd.affixes(v), anywhere: bd.anywhere(),
		made: map[string]source.Handle{}, other: inFile(top),
	}
	if len(top.spec.BuildMetadata) > 0 {
		c.writers = append(c.writers, writer{layer: top, claims: metadata(top)})
	}
	for _, w := range c.writers {
		c.opaque = c.opaque || w.opaque
		c.other = inFile(w.layer) // the last one is the outermost
	}
	for _, w := range bd.written {
		if w.gen != nil {
			c.made[w.gen.args.Name] = w.gen.at
		}
	}
	for _, l := range bd.layers {
		for i, v := range l.spec.Vars {
			_, at := l.find(fmt.Sprintf("vars.%d", i))
			c.vars = append(c.vars, variable{v.Name, at})
		}
	}
	return c
}

// take takes over the objects that were built, and finds what they were made
// from.
func (bd *build) take(top *layer, m resmap.ResMap) (from []written) {
	bd.objects, bd.nodes, bd.traced, bd.ways = nil, nil, nil, nil
	defer bd.sharedSchema()() // which tells what is in a namespace
	for i, w := range bd.origins(top, m.Resources()) {
		res := m.Resources()[i]
		node := res.YNode()
		if node == nil {
			continue
		}
		if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
			node = node.Content[0]
		}
		from = append(from, w)
		bd.nodes = append(bd.nodes, node)
		bd.objects = append(bd.objects, newObject(res, w))
	}
	return from
}

func newObject(res *resource.Resource, from written) *object {
	group, version := resid.ParseGroupVersion(res.GetApiVersion())
	o := &object{
		gvk:       resid.NewGvk(group, version, res.GetKind()),
		inflated:  from.inflated,
		finalKind: res.GetKind(), finalName: res.GetName(), finalNs: res.GetNamespace(),
		labels:      selects(res.MatchesLabelSelector),
		annotations: selects(res.MatchesAnnotationSelector),
	}
	o.name, o.ns = o.finalName, o.finalNs
	switch {
	case from.gen != nil:
		o.name, o.ns = from.gen.args.Name, from.gen.args.Namespace
	case from.doc != nil:
		v := graph.ValueOf(from.doc)
		o.name, o.ns = v.At("metadata.name").Str(), v.At("metadata.namespace").Str()
		if kind := v.At("kind").Str(); kind != o.gvk.Kind {
			o.gvk = resid.NewGvk(group, version, kind)
		}
	}
	return o
}

func selects(match func(string) (bool, error)) func(string) bool {
	return func(selector string) bool {
		if selector == "" {
			return true
		}
		ok, err := match(selector)
		return ok && err == nil
	}
}
