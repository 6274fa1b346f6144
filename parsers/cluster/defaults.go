package cluster

import (
	"cmp"
	_ "embed" // the table
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
)

//go:embed defaults.txt
var defaultsText string

// defaults knows what the API server fills in. A constant means the same
// whether it is there or not and is always left out; what was chosen is left
// out beside a manifest that does not choose.
//
// It is used by one goroutine at a time.
type defaults struct {
	schema   *kubeschema.Table
	constant map[string]any // by type and field, "core.Probe.periodSeconds"
	chosen   map[string]bool
	assigned map[string]bool // of what is chosen, what only one object can have

	// Of custom resources, by apiVersion and kind.
	schemas map[[2]string]map[string]any
	customs map[[2]string]*kubeschema.Type
}

// newDefaults has the defaults of Kubernetes' own kinds, and of those that are
// defined among the objects.
func newDefaults(objects []map[string]any) *defaults {
	d := &defaults{
		kubeschema.Read(), map[string]any{}, map[string]bool{}, map[string]bool{},
		map[[2]string]map[string]any{}, map[[2]string]*kubeschema.Type{},
	}
	d.define(objects)
	for line := range strings.Lines(defaultsText) {
		field, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case !ok || field == "#":
		case value == "*", value == "-":
			d.chosen[field], d.assigned[field] = true, value == "-"
		default:
			var v any
			if json.Unmarshal([]byte(value), &v) == nil { // a test reads them all
				d.constant[field] = v
			}
		}
	}
	return d
}

// objectType is the type of the objects of a kind; nil where it is not known.
func (d *defaults) objectType(apiVersion, kind string) *kubeschema.Type {
	return cmp.Or(d.schema.Object(apiVersion, kind), d.customType(apiVersion, kind))
}

// short is a type's name without its version: "core.PodSpec".
func short(t *kubeschema.Type) string {
	group, name, _ := strings.Cut(t.Name, "/")
	_, name, _ = strings.Cut(name, ".")
	return group + "." + name
}

// object is the object without constants; with assigned, also without what only
// it can have. What the object is itself stays. o is not changed.
func (d *defaults) object(o map[string]any, assigned bool) map[string]any {
	t := d.objectType(text(o, "apiVersion"), text(o, "kind"))
	if t == nil {
		return o
	}
	out, _ := d.without(t, o, assigned).(map[string]any)
	for _, key := range [...]string{"apiVersion", "kind", "status"} {
		if v, ok := o[key]; ok {
			out[key] = v
		}
	}
	return out
}

// without is a value without constants, nulls and, if asked, what is assigned.
func (d *defaults) without(t *kubeschema.Type, v any, assigned bool) any {
	switch v := v.(type) {
	case []any:
		if t == nil || t.Elem == nil || t.Elem.Kind < kubeschema.List {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = d.without(t.Elem, item, assigned)
		}
		return out
	case map[string]any:
		if t != nil && t.Kind == kubeschema.Map && t.Elem.Kind >= kubeschema.List {
			out := make(map[string]any, len(v))
			for key, child := range v {
				out[key] = d.without(t.Elem, child, assigned)
			}
			return out
		}
		if t == nil || t.Kind != kubeschema.Object {
			return v
		}
		of := short(t)
		rest := d.implied(of, v)
		out := make(map[string]any, len(rest))
		for key, child := range rest {
			child = d.without(t.Field(key), child, assigned)
			constant, known := d.constantOf(t, key)
			if child == nil || known && reflect.DeepEqual(child, constant) || assigned && d.assigned[of+"."+key] && child != "None" {
				continue
			}
			out[key] = child
		}
		return out
	}
	return v
}

// implied is an object without what follows from its other fields.
func (d *defaults) implied(of string, o map[string]any) map[string]any {
	var gone []string
	drop := func(is bool, keys ...string) {
		if is {
			gone = append(gone, keys...)
		}
	}
	switch of {
	case "core.Container", "core.EphemeralContainer":
		drop(o["imagePullPolicy"] == pullPolicy(text(o, "image")), "imagePullPolicy")
	case "core.ImageVolumeSource":
		drop(o["pullPolicy"] == pullPolicy(text(o, "reference")), "pullPolicy")
	case "core.ServicePort":
		drop(reflect.DeepEqual(o["targetPort"], o["port"]), "targetPort")
	case "rbac.Subject":
		drop(o["apiGroup"] == "rbac.authorization.k8s.io" && o["kind"] != "ServiceAccount", "apiGroup")
	case "apiextensions.CustomResourceDefinitionNames":
		kind := text(o, "kind")
		drop(text(o, "singular") == strings.ToLower(kind), "singular")
		drop(text(o, "listKind") == kind+"List", "listKind")
	case "batch.JobSpec":
		drop(o["backoffLimit"] == int64(math.MaxInt32) && o["backoffLimitPerIndex"] != nil, "backoffLimit")
		usual := "TerminatingOrFailed"
		if o["podFailurePolicy"] != nil {
			usual = "Failed"
		}
		drop(o["podReplacementPolicy"] == usual, "podReplacementPolicy")
	case "networking.NetworkPolicySpec":
		usual := []any{"Ingress"}
		if len(listAt(o, "egress")) > 0 {
			usual = append(usual, "Egress")
		}
		drop(reflect.DeepEqual(o["policyTypes"], usual), "policyTypes")
	case "autoscaling.HorizontalPodAutoscalerBehavior":
		return behaviour(o)
	case "apps.StatefulSetSpec":
		return claims(o)
	case "core.LimitRangeItem":
		return limits(o)
	case "core.PodSpec":
		return pod(o)
	case "meta.ObjectMeta":
		return tidyMetadata(o)
	}
	if len(gone) == 0 {
		return o
	}
	out := maps.Clone(o)
	for _, key := range gone {
		delete(out, key)
	}
	return out
}

// pullPolicy is when an image is pulled unless somebody says so.
func pullPolicy(image string) string {
	name, _, pinned := strings.Cut(image, "@")
	tag := name[strings.LastIndexByte(name, '/')+1:]
	if _, tag, ok := strings.Cut(tag, ":"); tag == "latest" || !ok && !pinned {
		return "Always"
	}
	return "IfNotPresent"
}

// behaviour leaves out how an autoscaler goes up and down by itself.
func behaviour(o map[string]any) map[string]any {
	policy := func(typ string, value int64) any {
		return map[string]any{"type": typ, "value": value, "periodSeconds": int64(15)}
	}
	usual := map[string][]any{"scaleUp": {policy("Pods", 4), policy("Percent", 100)}, "scaleDown": {policy("Percent", 100)}}
	out := maps.Clone(o)
	for key, policies := range usual {
		rules := maps.Clone(mapAt(o, key))
		if rules == nil {
			continue
		}
		if reflect.DeepEqual(rules["policies"], policies) {
			delete(rules, "policies")
		}
		if key == "scaleUp" && rules["stabilizationWindowSeconds"] == int64(0) {
			delete(rules, "stabilizationWindowSeconds")
		}
		out[key] = rules
	}
	return out
}

// limits leaves out what follows from other limits of a container: the default
// from the most there may be, what is asked for from the default and the least.
func limits(o map[string]any) map[string]any {
	if o["type"] != "Container" {
		return o
	}
	out := maps.Clone(o)
	for key, from := range map[string][]string{"default": {"max"}, "defaultRequest": {"default", "min"}} {
		left := maps.Clone(mapAt(o, key))
		for name, v := range left {
			for _, other := range from {
				if reflect.DeepEqual(mapAt(o, other)[name], v) {
					delete(left, name)
				}
			}
		}
		if delete(out, key); len(left) > 0 {
			out[key] = left
		}
	}
	return out
}

// claims leaves out how the claims in a StatefulSet are.
func claims(o map[string]any) map[string]any {
	var list []any
	for _, c := range mapsAt(o, "volumeClaimTemplates") {
		c = maps.Clone(c)
		delete(c, "status")
		list = append(list, c)
	}
	if list == nil {
		return o
	}
	out := maps.Clone(o)
	out["volumeClaimTemplates"] = list
	return out
}

// tokens starts the name of the volume with the token of a pod's service account.
const tokens = "kube-api-access-"

// pod leaves out what every pod gets: the old name of its service account, its
// token, how long it may stay on a node that does not answer, and the ports of
// the node where it uses the node's network.
func pod(o map[string]any) map[string]any {
	out := maps.Clone(o)
	if reflect.DeepEqual(out["serviceAccount"], out["serviceAccountName"]) {
		delete(out, "serviceAccount")
	}
	keep := func(key string, in map[string]any, unless func(map[string]any) bool) {
		list, ok := in[key].([]any)
		if !ok {
			return
		}
		kept := slices.DeleteFunc(slices.Clone(list), func(item any) bool {
			m, ok := item.(map[string]any)
			return ok && unless(m)
		})
		if in[key] = kept; len(kept) == 0 {
			delete(in, key)
		}
	}
	token := func(m map[string]any) bool { return strings.HasPrefix(text(m, "name"), tokens) }
	keep("volumes", out, token)
	keep("tolerations", out, func(m map[string]any) bool {
		key := text(m, "key")
		return (key == "node.kubernetes.io/not-ready" || key == "node.kubernetes.io/unreachable") &&
			m["effect"] == "NoExecute" && m["operator"] == "Exists" && m["tolerationSeconds"] == int64(300)
	})
	for _, key := range [...]string{"containers", "initContainers"} {
		list := listAt(out, key)
		if list == nil {
			continue
		}
		copies := make([]any, len(list))
		for i, item := range list {
			c, ok := item.(map[string]any)
			if copies[i] = item; !ok {
				continue
			}
			c = maps.Clone(c)
			keep("volumeMounts", c, token)
			if out["hostNetwork"] == true {
				c["ports"] = nodePorts(c)
			}
			if c["ports"] == nil {
				delete(c, "ports")
			}
			copies[i] = c
		}
		out[key] = copies
	}
	return out
}

// nodePorts are a container's ports without those of the node that are the same.
func nodePorts(c map[string]any) any {
	var list []any
	for _, p := range mapsAt(c, "ports") {
		if reflect.DeepEqual(p["hostPort"], p["containerPort"]) {
			p = maps.Clone(p)
			delete(p, "hostPort")
		}
		list = append(list, p)
	}
	if list == nil {
		return nil
	}
	return list
}
