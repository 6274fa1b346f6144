package cluster

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// recordings is the directory of what was recorded of a cluster.
const recordings = "@cluster"

// Recorded is a cluster as files remember it: the objects in @cluster/*.yaml,
// as the API server lists them. The file @cluster/cluster.yaml may say what
// the cluster itself is, with the keys of the resource that stands for it (see
// package live) and, of a gap, type, namespace, of, reason, verb and text.
// Without it the context is "fixture", the day 2026-06-01, the time noon, the
// version v1.36.0, and the kinds are those of the objects. It is nil when
// nothing is recorded.
func Recorded(sections fs.FS) parsers.Follower {
	names, _ := fs.Glob(sections, recordings+"/*.yaml") // the pattern is well-formed
	if len(names) == 0 {
		return nil
	}
	return &Live{Snapshot: func(context.Context) (*Snapshot, error) {
		s := &Snapshot{Context: "fixture", Version: "v1.36.0", Day: "2026-06-01"}
		for _, name := range names {
			if err := s.record(sections, name); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		if s.Time == "" {
			s.Time = s.Day + "T12:00:00Z"
		}
		if len(s.Kinds) == 0 {
			s.serve()
		}
		s.sort()
		return s, nil
	}}
}

// record reads a file of a recording.
func (s *Snapshot) record(sections fs.FS, name string) error {
	data, err := fs.ReadFile(sections, name)
	if err != nil {
		return err
	}
	if path.Base(name) == "cluster.yaml" {
		return yaml.UnmarshalStrict(data, s)
	}
	for _, doc := range yamltext.Parse(source.NewFile(name, data), nil) {
		data, err := yaml.YAMLToJSON([]byte(doc.Span.Text()))
		if err != nil {
			return err
		}
		var o map[string]any
		if err := json.Unmarshal(data, &o); err != nil {
			return err
		}
		if o["kind"] == nil || o["apiVersion"] == nil {
			return fmt.Errorf("an object without kind or apiVersion")
		}
		if typeOf(o) == "core/Secret" {
			conceal(mapAt(o, "metadata"))
			delete(o, "data")
			delete(o, "stringData")
		}
		s.Objects = append(s.Objects, o)
	}
	return nil
}

// serve makes the kinds those of the objects.
func (s *Snapshot) serve() {
	for _, o := range s.Objects {
		k := kindOf(text(o, "apiVersion"), text(o, "kind"))
		k.Namespaced = text(mapAt(o, "metadata"), "namespace") != ""
		if !slices.ContainsFunc(s.Kinds, func(known Kind) bool { return known.Type() == k.Type() && known.Version == k.Version }) {
			s.Kinds = append(s.Kinds, k)
		}
	}
}

// Asked tells whether a cluster is asked for objects of a kind.
func Asked(apiVersion, kind string) bool { return Default(kindOf(apiVersion, kind)) != Nothing }

// kindOf is the kind of objects, as far as they tell.
func kindOf(apiVersion, kind string) Kind {
	group, v, grouped := strings.Cut(apiVersion, "/")
	if !grouped {
		group, v = "", apiVersion
	}
	return Kind{Group: group, Version: v, Kind: kind, Resource: strings.ToLower(kind) + "s", Preferred: true}
}
