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
}

// Name is "cluster".
func (*Live) Name() string { return "cluster" }

// Follow adds the objects of the cluster.
func (l *Live) Follow(ctx context.Context, _ *source.Tree, _ []*graph.Builder, b *graph.Builder) error {
	s, err := l.Snapshot(ctx)
	if err != nil {
		return err
	}
	b.Root = "cluster:" + s.Context
	if err := s.add(b); err != nil {
		return err
	}
	objects := fold(s.Objects)
	nodes, err := s.read(ctx, objects)
	if err != nil {
		return err
	}
	for _, node := range nodes {
		kubernetes.Add(b, node)
	}
	return nil
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
	d := map[string]any{"context": s.Context, "version": s.Version, "day": s.Day, "kinds": kinds, "gaps": gaps}
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
func (s *Snapshot) read(ctx context.Context, objects []*liveObject) ([]*graph.Node, error) {
	nodes := make([]*graph.Node, len(objects))
	names := s.names(objects)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, o := range objects {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			o.made = tidy(o.raw)
			if len(o.pods) > 0 {
				o.made["pods"] = running(o.pods)
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
