package cluster

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Difference is a field that is in the cluster not what is written.
type Difference struct {
	// Written is the value in the manifest; absent where there is none.
	Written graph.Value

	near   graph.Value // Written, or what would hold it
	live   *graph.Node // nil where there is nothing
	at     *spot
	object *liveObject
}

// Place is where an edit would make the two the same: the written value, or the
// header of what should hold it.
func (d Difference) Place() *source.Origin { return d.near.Place().Cure() }

// Object is the kind, namespace and name of the live object.
func (d Difference) Object() string { return d.object.id() }

// Path is the path of the field, with the items of lists by what tells them
// apart: "spec.template.spec.containers[app].image".
func (d Difference) Path() string {
	var b strings.Builder
	for _, step := range d.at.steps() {
		switch {
		case step.item != nil:
			b.WriteString("[" + step.name() + "]")
		case b.Len() > 0:
			b.WriteString("." + step.key)
		default:
			b.WriteString(step.key)
		}
	}
	return b.String()
}

// name is what an item of a list is told apart by, for people.
func (s *spot) name() string {
	item := s.item
	if scalar(item.Kind()) {
		return item.Text()
	}
	for _, key := range [...]string{"name", "mountPath", "devicePath", "containerPort", "port", "key", "ip", "host", "path", "topologyKey"} {
		if f := item.Field(key); f != nil && scalar(f.Node.Kind()) {
			return f.Node.Text()
		}
	}
	return cmp.Or(graph.ValueOf(item).At("metadata.name").Str(), strings.ReplaceAll(s.by.all(item), "\x00", ","))
}

// Live is the value in the cluster, a list or map in JSON; false where there is
// none.
func (d Difference) Live() (text string, there bool) {
	if d.live == nil {
		return "", false
	}
	return shown(d.live), true
}

// WrittenText is the value in the manifest, a list or map in JSON; false where
// there is none.
func (d Difference) WrittenText() (text string, there bool) {
	if d.Written.Kind() == graph.Absent {
		return "", false
	}
	return shown(d.Written.Node()), true
}

func shown(n *graph.Node) string {
	if scalar(n.Kind()) {
		return n.Text()
	}
	data, err := json.Marshal(n.JSON())
	if err != nil {
		return "" // what a node holds can be written
	}
	return string(data)
}

// A Leaf is a value in a map, by its path in that: "limits.cpu".
type Leaf struct{ Path, Text string }

// Leaves are the values in a map that only one side has, a list as a whole in
// JSON; nil for a difference of another kind.
func (d Difference) Leaves() []Leaf {
	n := d.live
	if d.Written.Kind() != graph.Absent {
		if n != nil {
			return nil
		}
		n = d.Written.Node()
	}
	if n.Kind() != graph.Map {
		return nil
	}
	return leaves(n, "")
}

func leaves(n *graph.Node, path string) (all []Leaf) {
	for _, f := range n.Fields() {
		if f.Node.Kind() == graph.Map && len(f.Node.Fields()) > 0 {
			all = append(all, leaves(f.Node, path+f.Key+".")...)
		} else {
			all = append(all, Leaf{path + f.Key, shown(f.Node)})
		}
	}
	return all
}

// Manager is who set the live value and when; "" where that is not known.
func (d Difference) Manager() (name, time string) {
	by := d.object.owner(d.at)
	return by.manager, by.time
}

// Those who write the fields of objects. A name stands for all that start so.
var (
	// hands are tools by which people change what runs.
	hands = [...]string{
		"kubectl-edit", "kubectl-patch", "kubectl-set", "kubectl-label", "kubectl-annotate", "kubectl-scale", "kubectl-taint", "kubectl-autoscale",
		"Mozilla", "OpenLens", "Lens", "k9s", "node-fetch", "dashboard", "headlamp",
	}
	// appliers apply what is written.
	appliers = [...]string{
		"kubectl", "helm", "Helm", "argocd", "argo-cd", "kustomize-controller", "helm-controller", "flux", "terraform", "Terraform", "HashiCorp", "pulumi", "before-first-apply",
	}
	// controllers keep fields as they think right, whatever is written.
	controllers = [...]string{
		"kube-controller-manager", "kube-scheduler", "kubelet", "cloud-controller-manager", "horizontal-pod-autoscaler", "vpa-", "keda", "cert-manager-cainjector", "cainjector",
		"pilot-discovery", "istiod", "clusterrole-aggregation-controller", "manager", // controllers that were given no name
	}
)

func among(name string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(name, n) })
}

// Drift tells whether applying the manifest would, or should, have made the
// field another one. Values that controllers keep are theirs. A value that is
// only in the cluster counts when somebody set it by hand, or when it was
// applied once and is not written any more: everything else is a default, the
// work of a webhook, or another's.
func (d Difference) Drift() bool {
	by := d.object.owner(d.at)
	byHand := among(by.manager, hands[:]) || by.subresource == "scale" && strings.HasPrefix(by.manager, "kubectl")
	switch {
	case d.Written.Kind() != graph.Absent:
		return d.live == nil || byHand || by.subresource == "" && !among(by.manager, controllers[:])
	case d.object.injected[d.at.path()], d.at.key == "kubectl.kubernetes.io/restartedAt":
		return false
	case byHand, by.operation == "Apply" && by.subresource == "" && among(by.manager, appliers[:]):
		return true
	}
	return d.object.applied(d.at)
}

// applied tells whether kubectl remembers that it applied a field.
func (o *liveObject) applied(at *spot) bool {
	switch v := lookup(o.last(), at).(type) {
	case nil:
		return false
	case map[string]any:
		return len(v) > 0
	}
	return true
}

// lookup is what an object in JSON has at the spot of another one; nil for
// nothing.
func lookup(v any, at *spot) any {
	for _, step := range at.steps() {
		v = step.in(v)
	}
	return v
}

// in is what a value of JSON has in place of a key or an item of another one;
// nil for nothing.
func (s *spot) in(v any) any {
	switch in := v.(type) {
	case map[string]any:
		if s.item == nil {
			return in[s.key]
		}
	case []any:
		if i := slices.IndexFunc(in, s.isItem); s.item != nil && i >= 0 {
			return in[i]
		}
	}
	return nil
}

// isItem tells whether an item of JSON is the one that is told apart as this
// one is.
func (s *spot) isItem(item any) bool {
	m, ok := item.(map[string]any)
	if !ok {
		return scalar(s.item.Kind()) && item != nil && fmt.Sprint(item) == s.item.Text()
	}
	keys := s.by.keys
	if len(keys) == 0 {
		i := slices.IndexFunc(usualKeys[:], func(key string) bool { return m[key] != nil && s.by.key(s.item, key) != "" })
		if i < 0 {
			return false
		}
		keys = usualKeys[i : i+1]
	}
	for _, key := range keys {
		if s.by.keyIn(m, key) != s.by.key(s.item, key) {
			return false
		}
	}
	return true
}

// differ tells whether two objects in JSON have something else at a spot, or,
// where that is in a list whose items nothing tells apart, in that list.
func differ(a, b any, at *spot) bool {
	for _, step := range at.steps() {
		x, y := step.in(a), step.in(b)
		if step.item != nil && x == nil && y == nil {
			break
		}
		a, b = x, y
	}
	return !reflect.DeepEqual(a, b)
}
