package cluster

import (
	"cmp"
	"maps"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// A liveObject is one object of a snapshot on its way into the graph.
type liveObject struct {
	raw map[string]any
	// made has what was added to it: its pods, what they have that its template
	// lacks, and its history.
	made map[string]any
	// injected are the paths in made of what its pods have and its template
	// does not.
	injected map[string]bool
	// pods are the pods that hang on it, current those of them that are of its
	// template as it is now.
	pods, current []map[string]any
	// lastKept is what kubectl applied last, once somebody asked.
	lastKept map[string]any
	lastRead bool
}

// make works out what is told of the object.
func (o *liveObject) make(d *defaults) {
	o.infer()
	o.made, o.injected = inject(o.raw, o.current)
	o.made = maps.Clone(d.object(tidy(o.made), false))
	if len(o.pods) > 0 {
		o.made["pods"] = running(o.pods)
	}
	if h := o.history(); len(h) > 0 {
		o.made["history"] = h
	}
}

// infer adds to a Secret of which only the metadata was read what kubectl
// applied last, where that cannot have been changed since.
func (o *liveObject) infer() {
	last := o.last()
	if o.typ() != "core/Secret" || o.raw["type"] != nil || last == nil {
		return
	}
	o.raw = maps.Clone(o.raw)
	o.raw["type"] = cmp.Or(text(last, "type"), "Opaque")
	if last["immutable"] == true {
		o.raw["immutable"] = true
	}
}

func (o *liveObject) typ() string       { return typeOf(o.raw) }
func (o *liveObject) name() string      { return text(mapAt(o.raw, "metadata"), "name") }
func (o *liveObject) namespace() string { return text(mapAt(o.raw, "metadata"), "namespace") }

// id is the object's kind, namespace and name.
func (o *liveObject) id() string { return idOf(text(o.raw, "kind"), o.namespace(), o.name()) }

func (o *liveObject) label(key string) string { return text(mapAt(o.raw, "metadata", "labels"), key) }

func (o *liveObject) annotation(key string) string {
	return text(mapAt(o.raw, "metadata", "annotations"), key)
}

func idOf(kind, namespace, name string) string {
	if namespace == "" {
		return kind + "/" + name
	}
	return kind + "/" + namespace + "/" + name
}

func groupOf(o map[string]any) string {
	group, _, _ := strings.Cut(typeOf(o), "/")
	return group
}

func typeOf(o map[string]any) string { return kube.Type(text(o, "apiVersion"), text(o, "kind")) }

// mapAt is the map below keys; nil where there is none.
func mapAt(m map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		m, _ = m[key].(map[string]any)
	}
	return m
}

// listAt is the list below keys; nil where there is none.
func listAt(m map[string]any, keys ...string) []any {
	last := len(keys) - 1
	list, _ := mapAt(m, keys[:last]...)[keys[last]].([]any)
	return list
}

// mapsAt are the maps in the list below keys.
func mapsAt(m map[string]any, keys ...string) (maps []map[string]any) {
	for _, item := range listAt(m, keys...) {
		if one, ok := item.(map[string]any); ok {
			maps = append(maps, one)
		}
	}
	return maps
}

// noise is what the server keeps in the metadata for itself.
var noise = [...]string{"managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"}

// bookkeeping are annotations and labels that Kubernetes' own parts and tools
// that apply write to remember something; one that ends in "/" stands for all that start so.
var bookkeeping = [...]string{
	lastApplied,
	"kubernetes.io/limit-ranger",
	"meta.helm.sh/",
	"deployment.kubernetes.io/",
	"deprecated.daemonset.template.generation",
	"control-plane.alpha.kubernetes.io/leader",
	"endpoints.kubernetes.io/last-change-trigger-time",
	"autoscaling.alpha.kubernetes.io/",
	"batch.kubernetes.io/job-tracking",
	"pv.kubernetes.io/",
	"volume.kubernetes.io/",
	"volume.beta.kubernetes.io/storage-provisioner",
	"kubernetes.io/metadata.name",
	"pod-template-hash",
	"controller-revision-hash",
	"controller-uid",
	"job-name",
	"batch.kubernetes.io/controller-uid",
	"batch.kubernetes.io/job-name",
	"pod-template-generation",
}

// tidy is the object without what the server keeps for itself. What is not
// left out is shared with o.
func tidy(o map[string]any) map[string]any {
	out := maps.Clone(o)
	if meta := mapAt(o, "metadata"); meta != nil {
		out["metadata"] = tidyMetadata(meta)
	}
	return out
}

func tidyMetadata(meta map[string]any) map[string]any {
	out := maps.Clone(meta)
	for _, key := range noise {
		delete(out, key)
	}
	for _, key := range [...]string{"annotations", "labels"} {
		kept := map[string]any{}
		for name, v := range mapAt(meta, key) {
			if !books(name) && !(name == managedBy && helmed(meta)) {
				kept[name] = v
			}
		}
		if delete(out, key); len(kept) > 0 {
			out[key] = kept
		}
	}
	return out
}

// managedBy is the label by which Helm marks all that it installs, beside its
// annotations, whatever the chart says.
const managedBy = "app.kubernetes.io/managed-by"

func helmed(meta map[string]any) bool {
	return text(mapAt(meta, "labels"), managedBy) == "Helm" && text(mapAt(meta, "annotations"), "meta.helm.sh/release-name") != ""
}

// books tells whether an annotation or label is bookkeeping.
func books(name string) bool {
	for _, b := range bookkeeping {
		if name == b || strings.HasSuffix(b, "/") && strings.HasPrefix(name, b) {
			return true
		}
	}
	return false
}
