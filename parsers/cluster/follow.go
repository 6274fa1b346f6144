package cluster

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// Live is a cluster whose objects follow what is written.
type Live struct {
	// Snapshot reads the cluster.
	Snapshot func(context.Context) (*Snapshot, error)
	// More reads, for Drift, other kinds and other versions of the same cluster;
	// it may be nil.
	More func(context.Context, Wants) (*Snapshot, error)
	// Homes are the namespaces that objects without one are applied to; nil for
	// that of the kubeconfig's context.
	Homes []string
	// Drift, when not nil, is filled in.
	Drift *Drift
	// DryRun, when not nil, is asked which differences are drift.
	DryRun *DryRunner
}

// Name is "cluster".
func (*Live) Name() string { return "cluster" }

// Follow adds the objects of the cluster, each tied to the one it was made from
// and laid over it.
func (l *Live) Follow(ctx context.Context, _ *source.Tree, parts []*graph.Builder, b *graph.Builder) error {
	if l.Drift != nil && !slices.ContainsFunc(parts, func(p *graph.Builder) bool { return p.Root != "" }) {
		return nil // there is no root, nothing to compare with
	}
	s, err := l.Snapshot(ctx)
	if err != nil {
		return err
	}
	s, others, err := l.further(ctx, s, parts)
	if err != nil {
		return err
	}
	b.Root = "cluster:" + s.Context
	b.World = b.Root
	if err := s.add(b); err != nil {
		return err
	}
	objects := fold(s.Objects)
	d := newDefaults(s.Objects)
	d.defineWritten(parts)
	for _, o := range objects {
		o.make(d)
	}
	names := s.names(objects)
	nodes, err := s.read(ctx, objects, names)
	if err != nil {
		return err
	}
	if l.DryRun != nil {
		l.DryRun.refused, l.DryRun.over = map[string]bool{}, false // which is to be said again
	}
	ties := newTies(parts, objects, l.homes(s))
	tied := make([]tie, len(objects))
	for i, o := range objects {
		tied[i] = ties.find(o, nodes[i])
		if as := others.as(o, tied[i].written); as != nil {
			o.raw = as
			o.make(d)
			if _, nodes[i], err = remote(names[i], o.made); err != nil {
				return err
			}
		}
	}
	if l.Drift != nil {
		*l.Drift = Drift{}
		l.Drift.releases(b, objects, tied)
		l.Drift.find(s, ties, parts, objects, tied)
	}
	for _, i := range ties.order(tied) {
		if err := ctx.Err(); err != nil {
			return err
		}
		o, t, node := objects[i], tied[i], nodes[i]
		switch {
		case t.written != nil:
			over := newOverlay(d, o, t)
			var differences []Difference
			if l.Drift != nil {
				over.differs = func(d Difference) { differences = append(differences, d) }
			}
			node = over.lay(node)
			l.add(ctx, s, b, o, t, differences)
		case t.why != "":
			b.Skip(names[i], "it is in the cluster and not held against what is written: "+t.why)
		}
		if kubernetes.Add(b, concealed(node)) && t.written != nil {
			b.Link(graph.Live, t.written, b.Resources[len(b.Resources)-1], graph.Value{})
		}
	}
	return nil
}

// homes are the namespaces that objects without one are applied to.
func (l *Live) homes(s *Snapshot) []string {
	if l.Homes == nil && s.Home != "" {
		return []string{s.Home}
	}
	return l.Homes
}

// add adds the differences of an object to the drift.
func (l *Live) add(ctx context.Context, s *Snapshot, b *graph.Builder, o *liveObject, t tie, all []Difference) {
	if l.Drift == nil {
		return
	}
	if l.DryRun != nil {
		left, others, why := l.DryRun.only(ctx, s, o, t, all)
		if why != "" {
			b.Warn(parsers.Whole(source.NewRemote(b.Root, nil)), "%s", why)
		}
		all = left
		l.Drift.Others += others
	}
	for _, d := range all {
		l.Drift.add(d)
	}
}

// concealed is a Secret with values that are not known, for they were not read;
// everything else as it is.
func concealed(node *graph.Node) *graph.Node {
	v := graph.ValueOf(node)
	if !(v.At("kind").Is("Secret") == graph.True && v.At("apiVersion").Is("v1") == graph.True) || node.Field("data") != nil || node.Field("stringData") != nil {
		return node
	}
	data := graph.Field{Key: "data", Node: graph.NewUnknown(node.Handle())}
	return node.WithFields(append(slices.Clone(node.Fields()), data))
}

// add adds the cluster itself and what could not be read of it.
func (s *Snapshot) add(b *graph.Builder) error {
	f, node, err := remote(b.Root, s.describe())
	if err != nil {
		return err
	}
	b.Add(graph.NewResource(s.Context, "cluster", s.Context, node, parsers.Whole(f)))
	for _, g := range s.Gaps {
		say := b.Fail
		if g.Reason == Forbidden && len(s.Objects) > 0 || g.Type == "" {
			say = b.Warn
		}
		say(parsers.Whole(f), "%s", g)
	}
	return nil
}

// describe is the cluster as a resource; see package live.
func (s *Snapshot) describe() map[string]any {
	kinds := make([]any, 0, len(s.Kinds))
	for _, k := range s.Kinds {
		kinds = append(kinds, map[string]any{
			"group": k.Group, "version": k.Version, "kind": k.Kind, "namespaced": k.Namespaced, "preferred": k.Preferred,
		})
	}
	gaps := []any{}
	for _, g := range s.Gaps {
		gaps = append(gaps, map[string]any{"type": g.Type, "namespace": g.Namespace, "reason": string(g.Reason)})
	}
	d := map[string]any{"context": s.Context, "version": s.Version, "day": s.Day, "time": s.Time, "kinds": kinds, "gaps": gaps}
	if len(s.Namespaces) > 0 {
		namespaces := []any{}
		for _, n := range s.Namespaces {
			namespaces = append(namespaces, n)
		}
		d["namespaces"] = namespaces
	}
	return d
}

// read turns objects into nodes, each in the text of its own.
func (s *Snapshot) read(ctx context.Context, objects []*liveObject, names []string) ([]*graph.Node, error) {
	nodes := make([]*graph.Node, len(objects))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, o := range objects {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			var err error
			_, nodes[i], err = remote(names[i], o.made)
			return err
		})
	}
	return nodes, g.Wait()
}

// names are what the texts of objects are called. Kinds of two groups may have
// one name.
func (s *Snapshot) names(objects []*liveObject) []string {
	names := make([]string, len(objects))
	seen := map[string]bool{}
	for i, o := range objects {
		name := o.id()
		if seen[name] {
			name = idOf(text(o.raw, "kind")+"."+groupOf(o.raw), o.namespace(), o.name())
		}
		seen[name] = true
		names[i] = "cluster:" + s.Context + "/" + name
	}
	return names
}

// remote writes something as the text of a file that is in no tree, and reads
// it again, so that all in it has a place.
func remote(name string, o map[string]any) (*source.File, *graph.Node, error) {
	data, err := manifest(o)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	f := source.NewRemote(name, data)
	docs := yamltext.Parse(f, nil)
	i := slices.IndexFunc(docs, func(d yamltext.Document) bool { return d.Problem == nil })
	if i < 0 {
		return nil, nil, fmt.Errorf("%s: its own text cannot be read: %s", name, docs[0].Problem.Message)
	}
	return f, docs[i].Root, nil
}
