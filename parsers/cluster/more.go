package cluster

import (
	"context"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Who wants to know what has drifted wants to know it of all that is written,
// also of kinds that no rule looks at; and of each object in the version of the
// API in which it is written, where the server still serves it: then no field
// has another name.

// A further is what is read beside what rules want.
type further struct {
	kinds map[[2]string]bool // the apiVersion and the kind
	types map[string]bool    // those of which nothing was read before
}

// further is what is written that the snapshot does not have as it is written.
func (s *Snapshot) further(parts []*graph.Builder) further {
	f := further{map[[2]string]bool{}, map[string]bool{}}
	for _, part := range parts {
		for _, r := range part.Resources {
			if !kube.IsObject(r) {
				continue
			}
			k, ok := s.served(r)
			if !ok || Default(k) != Nothing {
				continue
			}
			f.kinds[[2]string{k.APIVersion(), k.Kind}] = true
			if !s.asked(r.Type) {
				f.types[r.Type] = true
			}
		}
	}
	return f
}

// served is the kind of a written object: in the version that it is written
// in, else in the preferred one.
func (s *Snapshot) served(r *graph.Resource) (k Kind, ok bool) {
	for _, one := range s.Kinds {
		switch {
		case one.Type() != r.Type || !slices.Contains(one.Verbs, "list"):
		case r.At("apiVersion").Is(one.APIVersion()) == graph.True:
			return one, true
		case one.Preferred:
			k, ok = one, true
		}
	}
	return k, ok
}

func (f further) wants(k Kind) Want {
	if f.kinds[[2]string{k.APIVersion(), k.Kind}] {
		return Whole
	}
	return Nothing
}

// versions are objects in other versions of the API than the preferred ones,
// by the apiVersion and what tells them apart.
type versions map[[4]string]map[string]any

func (v versions) key(apiVersion string, o map[string]any) [4]string {
	id := identity(o)
	return [4]string{apiVersion, id[0], id[1], id[2]}
}

// further reads what else is written: the snapshot with the objects of further
// kinds, and the objects in other versions.
func (l *Live) further(ctx context.Context, s *Snapshot, parts []*graph.Builder) (*Snapshot, versions, error) {
	f := s.further(parts)
	if l.More == nil || l.Drift == nil || len(f.kinds) == 0 {
		return s, nil, nil
	}
	more, err := l.More(ctx, f.wants)
	if err != nil {
		return nil, nil, err
	}
	with := *s
	with.Objects, with.Gaps = slices.Clone(s.Objects), slices.Clone(s.Gaps)
	with.also = f.types
	in := versions{}
	seen := map[[4]string]bool{}
	for _, o := range more.Objects {
		typ := typeOf(o)
		in[in.key(text(o, "apiVersion"), o)] = o
		if id := in.key("", o); f.types[typ] && !seen[id] {
			seen[id] = true
			with.Objects = append(with.Objects, o)
		}
	}
	for _, g := range more.Gaps {
		if !slices.Contains(s.Gaps, g) {
			with.Gaps = append(with.Gaps, g)
		}
	}
	with.sort()
	return &with, in, nil
}

// as is an object in the version in which it is written; nil for one that is not
// written, or was not read in that version, or is so already.
func (v versions) as(o *liveObject, written *graph.Resource) map[string]any {
	if written == nil || written.At("apiVersion").Is(text(o.raw, "apiVersion")) == graph.True {
		return nil
	}
	return v[v.key(written.At("apiVersion").Str(), o.raw)]
}

// asked tells whether objects of a type were asked for.
func (s *Snapshot) asked(typ string) bool {
	return s.also[typ] || slices.ContainsFunc(s.Kinds, func(k Kind) bool { return k.Type() == typ && Default(k) != Nothing })
}
