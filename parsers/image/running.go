package image

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// running finds the images that pods run now and that are not those that their
// references lead to now: a tag was moved after the pod was started. They are
// used by the value that names them in the template of the pods, for an edit
// there is what replaces them. Images that a node knows by no name in a
// registry cannot be read, which is said.
func running(parts []*graph.Builder, read []*run, b *graph.Builder) []*run {
	byKey := map[string]*run{}
	for _, r := range read {
		byKey[keyOf(r.ref)] = r
	}
	var runs []*run
	for _, part := range parts {
		for _, r := range part.Resources {
			for pod := range r.At("pods").Each() {
				for c := range pod.At("containers").Each() {
					id := c.At("imageID").Str()
					via, ok := named(r, c.At("name").Str())
					if _, digest, _ := strings.Cut(id, "@"); id == "" || !ok || byKey[keyOf(via.Str())].is(digest) {
						continue
					}
					ref := strings.TrimPrefix(id, "docker-pullable://")
					if !strings.Contains(ref, "@") {
						b.Skip(placeName(c), fmt.Sprintf("the image %q that a pod of %s runs has no name in a registry, and is not read", id, r.ID))
						continue
					}
					k := keyOf(ref)
					if byKey[k] == nil {
						byKey[k] = &run{ref: ref}
						runs = append(runs, byKey[k])
					}
					byKey[k].use(r, via)
				}
			}
		}
	}
	return runs
}

// is tells whether an image that was read has a digest, as the one for a
// platform or as the index of those for several.
func (r *run) is(digest string) bool {
	return r != nil && r.doc != nil && digest != "" && (r.doc.Digest == digest || r.doc.Index == digest)
}

// use adds a use, once.
func (r *run) use(by *graph.Resource, via graph.Value) {
	for _, u := range r.uses {
		if u.by == by && u.via == via {
			return
		}
	}
	r.uses = append(r.uses, use{by, via})
}

// named is the image of a container in the template of a workload's pods.
func named(r *graph.Resource, container string) (graph.Value, bool) {
	for t := range kube.PodTemplates(r) {
		for c := range containers(t) {
			if v := c.At("image"); c.At("name").Str() == container && v.Kind() == graph.String {
				return v, true
			}
		}
	}
	return graph.Value{}, false
}

// keyOf is [Key], or the reference itself when it is none.
func keyOf(ref string) string {
	if k, err := Key(strings.TrimSpace(ref)); err == nil {
		return k
	}
	return ref
}
