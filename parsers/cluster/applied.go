package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// What was applied is remembered in the object: kubectl keeps a copy of it in
// an annotation, and of what is applied by the server the managers of fields
// have the version. So an object is known again that is kept under another
// group, or was moved to another namespace.

// last is what kubectl applied last; nil where it did not, or where its copy
// cannot be read.
func (o *liveObject) last() map[string]any {
	if !o.lastRead {
		o.lastRead = true
		var last map[string]any
		if json.Unmarshal([]byte(o.annotation(lastApplied)), &last) == nil {
			o.lastKept = last
		}
	}
	return o.lastKept
}

// asApplied is the type, the namespace and the name that an object had when it
// was applied; its own where nobody knows.
func (o *liveObject) asApplied() [3]string {
	meta := mapAt(o.last(), "metadata")
	typ := o.typ()
	if version := o.applier().version; version != "" {
		typ = kube.Type(version, text(o.raw, "kind"))
	}
	return [3]string{typ, cmp.Or(text(meta, "namespace"), o.namespace()), cmp.Or(text(meta, "name"), o.name())}
}

// own is the object's type, namespace and name.
func (o *liveObject) own() [3]string { return [3]string{o.typ(), o.namespace(), o.name()} }

// byApplied are the objects that became the live one, by what it was when it
// was applied. A copy of another object remembers what that one was, so that
// only counts where that one is not there itself.
func (t *ties) byApplied(o *liveObject) (found []*graph.Resource, doubt string) {
	was := o.asApplied()
	if was == o.own() {
		return t.byContent(o)
	}
	for _, r := range t.named[[2]string{was[0], was[2]}] {
		if in := r.At("metadata.namespace"); in.Is(was[1]) == graph.True || in.Present() == graph.False && (was[1] == "" || t.goes(was[1])) {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return nil, ""
	}
	t.remember()
	what := idOf(text(o.raw, "kind"), was[1], was[2])
	switch {
	case t.there[was]:
		return nil, fmt.Sprintf("it was copied from %s, which is there too", what)
	case t.were[was] > 1:
		return nil, t.doubt(found, "%d objects were applied as %s", t.were[was], what)
	}
	return found, ""
}

// byContent are objects without a namespace, of which there are several in the
// cluster and one that is just what was applied.
func (t *ties) byContent(o *liveObject) (found []*graph.Resource, doubt string) {
	for _, r := range t.named[[2]string{o.typ(), o.name()}] {
		if r.At("metadata.namespace").Present() == graph.True || !wrote(r, o) {
			continue
		}
		alike := 0
		for _, other := range t.all {
			if other.typ() == o.typ() && other.name() == o.name() && wrote(r, other) {
				alike++
			}
		}
		if alike == 1 {
			found = append(found, r)
		}
	}
	return found, ""
}

// remember notes what the live objects are, and what they were when they were
// applied.
func (t *ties) remember() {
	if t.there != nil {
		return
	}
	t.there, t.were = map[[3]string]bool{}, map[[3]string]int{}
	for _, o := range t.all {
		t.there[o.own()] = true
		t.were[o.asApplied()]++
	}
}

// wrote tells whether kubectl last applied just what is written, to whatever
// namespace.
func wrote(r *graph.Resource, o *liveObject) bool {
	bare := func(v any) map[string]any {
		out, _ := v.(map[string]any)
		out = maps.Clone(out)
		meta := maps.Clone(mapAt(out, "metadata"))
		delete(meta, "namespace")
		if len(mapAt(meta, "annotations")) == 0 {
			delete(meta, "annotations") // which kubectl always adds
		}
		if out != nil {
			out["metadata"] = meta
		}
		return out
	}
	return o.last() != nil && reflect.DeepEqual(bare(o.last()), bare(r.Tree().JSON()))
}
