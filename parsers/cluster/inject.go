package cluster

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// What webhooks add to pods is in no template: the sidecars of a mesh, the
// volumes of a vault. It runs all the same, so rules have to see it where they
// look for what runs.

// An injection adds to the template of an object what its newest pod has.
type injection struct {
	paths  map[string]bool  // of what was added
	claims []map[string]any // that every pod has a volume for
}

// inject is the object with what the newest of its pods has and its template
// lacks: containers, volumes and settings of security. The pods are those of
// the template as it is now; one that still has none of its containers adds
// nothing.
func inject(o map[string]any, pods []map[string]any) (map[string]any, map[string]bool) {
	template := templateOf(o)
	if template == nil || len(pods) == 0 {
		return o, nil
	}
	pod := mapAt(newest(pods), "spec")
	if !ofTemplate(pod, template) {
		return o, nil
	}
	path, _ := kube.TemplatePath(typeOf(o))
	keys := append(strings.Split(path, "."), "spec")
	in := injection{map[string]bool{}, mapsAt(o, "spec", "volumeClaimTemplates")}
	added := in.pod(template, pod, strings.Join(keys, "."))
	if len(in.paths) == 0 {
		return o, nil
	}
	return replaced(o, keys, added), in.paths
}

func newest(pods []map[string]any) map[string]any {
	return slices.MaxFunc(pods, func(a, b map[string]any) int {
		x, y := mapAt(a, "metadata"), mapAt(b, "metadata")
		return cmp.Or(cmp.Compare(text(x, "creationTimestamp"), text(y, "creationTimestamp")), cmp.Compare(text(x, "name"), text(y, "name")))
	})
}

// ofTemplate tells whether a pod has the template's containers.
func ofTemplate(pod, template map[string]any) bool {
	for _, c := range mapsAt(template, "containers") {
		if p := byName(mapsAt(pod, "containers"), text(c, "name")); p == nil || text(p, "image") != text(c, "image") {
			return false
		}
	}
	return true
}

func byName(list []map[string]any, name string) map[string]any {
	for _, one := range list {
		if text(one, "name") == name {
			return one
		}
	}
	return nil
}

// replaced is o with another value below keys.
func replaced(o map[string]any, keys []string, v map[string]any) map[string]any {
	if len(keys) == 0 {
		return v
	}
	out := maps.Clone(o)
	out[keys[0]] = replaced(mapAt(o, keys[0]), keys[1:], v)
	return out
}

func (in *injection) pod(template, pod map[string]any, path string) map[string]any {
	out := maps.Clone(template)
	in.settings(out, template, pod, path)
	for _, key := range [...]string{"hostNetwork", "hostPID", "hostIPC"} {
		if template[key] == nil && pod[key] == true {
			out[key] = true
			in.paths[path+"."+key] = true
		}
	}
	for _, key := range [...]string{"initContainers", "containers", "volumes"} {
		own := mapsAt(template, key)
		if len(own) != len(listAt(template, key)) {
			continue // which is no list of objects
		}
		var list []any
		for i, one := range own {
			if p := byName(mapsAt(pod, key), text(one, "name")); p != nil && key != "volumes" {
				changed := maps.Clone(one)
				in.settings(changed, one, p, path+"."+key+"."+strconv.Itoa(i))
				one = changed
			}
			list = append(list, one)
		}
		for _, p := range mapsAt(pod, key) {
			if byName(own, text(p, "name")) == nil && !(key == "volumes" && in.usual(p)) {
				in.paths[path+"."+key+"."+strconv.Itoa(len(list))] = true
				list = append(list, p)
			}
		}
		if list != nil {
			out[key] = list
		}
	}
	return out
}

// usual tells of a volume that a controller or the server itself gives to a
// pod: for a claim of its own, and for the token of its service account, which
// servers before 1.22 kept in a Secret.
func (in *injection) usual(volume map[string]any) bool {
	name := text(volume, "name")
	return strings.HasPrefix(name, tokens) || formerToken().MatchString(name) && text(mapAt(volume, "secret"), "secretName") == name ||
		slices.ContainsFunc(in.claims, func(c map[string]any) bool { return text(mapAt(c, "metadata"), "name") == name })
}

// formerToken is the name of the Secret with the token of a service account.
var formerToken = late.Pattern(`-token-[a-z0-9]{5}$`)

// settings adds what is set in the securityContext of the pod's and not in the
// template's.
func (in *injection) settings(out, template, pod map[string]any, path string) {
	const key = "securityContext"
	own, theirs := mapAt(template, key), mapAt(pod, key)
	merged := maps.Clone(own)
	for name, v := range theirs {
		if own[name] != nil {
			continue
		}
		if merged == nil {
			merged = map[string]any{}
		}
		merged[name] = v
		in.paths[path+"."+key+"."+name] = true
	}
	if merged != nil {
		out[key] = merged
	}
}
