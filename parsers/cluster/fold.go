package cluster

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Folding takes what controllers make out of the way: nobody edits a pod of a
// Deployment, and twenty of them say one thing twenty times.

// folded are the types that fold into their owner. EndpointSlices, which have
// owners too, are something to look at of its own.
var folded = [...]string{"core/Pod", "apps/ReplicaSet", "core/ReplicationController", "batch/Job", "apps/ControllerRevision"}

// An owned finds the owners of objects.
type owned struct {
	byUID map[string]int
	byID  map[[3]string]int // type, namespace, name
	all   []map[string]any
}

// fold makes the objects of the snapshot what people write: pods, and what
// stands between them and what somebody wrote, are folded into the topmost
// object that is known and makes pods. What has no such owner stays itself. A
// made object whose owner is of a kind that has no template of pods, such as
// the Node of a static pod or the custom resource of an operator, does too: it
// is the only place that tells what runs.
func fold(all []map[string]any) []*liveObject {
	o := owned{map[string]int{}, map[[3]string]int{}, all}
	for i, one := range all {
		meta := mapAt(one, "metadata")
		if uid := text(meta, "uid"); uid != "" {
			o.byUID[uid] = i
		}
		o.byID[[3]string{typeOf(one), text(meta, "namespace"), text(meta, "name")}] = i
	}
	objects := make([]*liveObject, len(all))
	for i, one := range all {
		if o.top(i) == i {
			objects[i] = &liveObject{raw: one}
		}
	}
	for i, one := range all {
		if typeOf(one) != "core/Pod" {
			continue
		}
		top := o.top(i)
		objects[top].pods = append(objects[top].pods, one)
		if o.current(i, top) {
			objects[top].current = append(objects[top].current, one)
		}
	}
	objects = slices.DeleteFunc(objects, func(o *liveObject) bool { return o == nil })
	for _, o := range objects {
		slices.SortFunc(o.pods, func(a, b map[string]any) int {
			return cmp.Compare(text(mapAt(a, "metadata"), "name"), text(mapAt(b, "metadata"), "name"))
		})
	}
	return objects
}

// top is the object that one is folded into, itself when into none. Objects
// that own each other in a circle are not folded.
func (o owned) top(i int) int {
	at := i
	for range len(o.all) {
		up, ok := o.owner(at)
		if !ok {
			return at
		}
		at = up
	}
	return i
}

// owner is the object that made one, when that can be folded into it.
func (o owned) owner(i int) (int, bool) {
	one := o.all[i]
	if !slices.Contains(folded[:], typeOf(one)) {
		return 0, false
	}
	meta := mapAt(one, "metadata")
	for _, ref := range mapsAt(meta, "ownerReferences") {
		if ref["controller"] != true {
			continue
		}
		up, ok := o.byUID[text(ref, "uid")]
		if !ok {
			up, ok = o.byID[[3]string{typeOf(ref), text(meta, "namespace"), text(ref, "name")}]
		}
		if !ok && typeOf(ref) == "apps/ReplicaSet" {
			up, ok = o.above(meta, text(ref, "name"))
		}
		if ok && up != i && slices.Contains(kube.PodTypes[:], typeOf(o.all[up])) {
			return up, true
		}
	}
	return 0, false
}

// current tells whether a pod is of the template that its topmost owner has
// now, as far as anybody can tell: one of a former template says nothing about
// what becomes of this one.
func (o owned) current(pod, top int) bool {
	owner := o.all[top]
	if made, ok := o.owner(pod); ok && made != top {
		if next, _ := o.owner(made); next != top {
			return true // a controller between them has templates of its own making
		}
		was, is := templateOf(o.all[made]), templateOf(owner)
		return was == nil || is == nil || reflect.DeepEqual(was, is)
	}
	was, is := "", ""
	labels := mapAt(o.all[pod], "metadata", "labels")
	switch typeOf(owner) {
	case "apps/StatefulSet":
		was, is = text(labels, "controller-revision-hash"), text(mapAt(owner, "status"), "updateRevision")
	case "apps/DaemonSet":
		was, is = text(labels, "pod-template-generation"), text(mapAt(owner, "metadata", "annotations"), "deprecated.daemonset.template.generation")
	}
	return was == "" || is == "" || was == is
}

// templateOf is the specification of the pods that an object makes; nil for
// none.
func templateOf(o map[string]any) map[string]any {
	path, ok := kube.TemplatePath(typeOf(o))
	if !ok || path == "" {
		return nil
	}
	return mapAt(o, append(strings.Split(path, "."), "spec")...)
}

// above is the Deployment of a pod whose ReplicaSet was not read: it names its
// ReplicaSets by the hash that their pods have in a label.
func (o owned) above(pod map[string]any, set string) (int, bool) {
	name, named := strings.CutSuffix(set, "-"+text(mapAt(pod, "labels"), "pod-template-hash"))
	up, ok := o.byID[[3]string{"apps/Deployment", text(pod, "namespace"), name}]
	return up, ok && named
}

// running is what is told of the pods; see package live.
func running(pods []map[string]any) []any {
	list := make([]any, 0, len(pods))
	for _, pod := range pods {
		one := map[string]any{"name": text(mapAt(pod, "metadata"), "name"), "containers": containers(pod)}
		for key, from := range map[string][2]string{"node": {"spec", "nodeName"}, "serviceAccount": {"spec", "serviceAccountName"}, "phase": {"status", "phase"}} {
			set(one, key, text(mapAt(pod, from[0]), from[1]))
		}
		why := mapAt(pod, "status")
		since := text(mapAt(pod, "metadata"), "creationTimestamp")
		for _, c := range mapsAt(pod, "status", "conditions") {
			switch {
			case text(c, "type") == "PodScheduled" && text(c, "status") == "False":
				why = c
			case text(c, "type") == "Ready":
				since = max(since, text(c, "lastTransitionTime"))
			}
		}
		set(one, "since", since)
		set(one, "deleted", text(mapAt(pod, "metadata"), "deletionTimestamp"))
		set(one, "reason", text(why, "reason"))
		set(one, "message", text(why, "message"))
		list = append(list, one)
	}
	return list
}

// set sets a key unless there is nothing to say.
func set(m map[string]any, key, s string) {
	if s != "" {
		m[key] = s
	}
}

func containers(pod map[string]any) []any {
	list := []any{}
	for _, kind := range [...]struct {
		spec, status string
		init         bool
	}{{"initContainers", "initContainerStatuses", true}, {"containers", "containerStatuses", false}} {
		statuses := map[string]map[string]any{}
		for _, s := range mapsAt(pod, "status", kind.status) {
			statuses[text(s, "name")] = s
		}
		for _, c := range mapsAt(pod, "spec", kind.spec) {
			name := text(c, "name")
			one := map[string]any{"name": name, "init": kind.init, "image": text(c, "image")}
			if s, ok := statuses[name]; ok {
				status(one, s)
			}
			list = append(list, one)
		}
	}
	return list
}

// status adds what is known of a container that was started. The last reason
// is why it ended, before it was started again or for good.
func status(one, s map[string]any) {
	one["ready"], one["restarts"] = s["ready"] == true, int64(0)
	if n, ok := s["restartCount"].(int64); ok {
		one["restarts"] = n
	}
	set(one, "imageID", text(s, "imageID"))
	waiting := mapAt(s, "state", "waiting")
	set(one, "waiting", text(waiting, "reason"))
	set(one, "message", text(waiting, "message"))
	set(one, "ended", cmp.Or(text(mapAt(s, "lastState", "terminated"), "finishedAt"), text(mapAt(s, "state", "terminated"), "finishedAt")))
	set(one, "lastReason", cmp.Or(text(mapAt(s, "lastState", "terminated"), "reason"), text(mapAt(s, "state", "terminated"), "reason")))
}
