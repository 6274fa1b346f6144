package k8s

import (
	"iter"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// references holds the rules about ConfigMaps, Secrets and classes that pods
// name.
var references = []*analyzers.Rule{{
	ID:        "k8s-config-key-missing",
	Title:     "Pod asks for a key that is not in the ConfigMap or Secret",
	Why:       "The container does not start: the kubelet waits for the key until somebody adds it.",
	Remedy:    "Correct the key, add it to the object, or set `optional: true` where the program does without.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: func(p *analyzers.Pass) {
		for _, ref := range configRefs.Of(p.Graph) {
			p.Look(1)
			key := ref.key.Str()
			if key == "" || workload.Templated(key) || !(ref.optional() == graph.False) {
				continue
			}
			for r, here := range beside(p.Graph, ref.key.Resource(), ref.kind, ref.name.Str()) {
				there, empty := here.Not(), ref.kind == "Secret"
				for _, field := range []string{"data", "stringData", "binaryData"} {
					v := r.At(field)
					empty = empty && v.Present() == graph.False
					there = there.Or(v.Get(key).Present())
					if !v.Known() {
						there = there.Or(graph.Unsure)
					}
				}
				if empty { // something fills it, or its values were left out
					there = there.Or(graph.Unsure)
				}
				p.ReportIf(there.Not(), ref.key, "the %s %q has no key %q", ref.kind, ref.name.Str(), key).Note(r.Config, "the %s", ref.kind)
			}
		}
	},
}, {
	ID:        "k8s-config-missing",
	Title:     "Pod needs a ConfigMap that is not here",
	Why:       "The container does not start while the ConfigMap is missing. If nothing else makes it, the name is wrong.",
	Remedy:    "Add the ConfigMap, correct the name, or set `optional: true` where the program does without.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // controllers and other repositories make ConfigMaps too
	Same:      []string{"kube-linter:env-value-from"},
	Needs:     []string{"core/ConfigMap", "core/Secret"},
	Check: func(p *analyzers.Pass) {
		type reference struct {
			pod  *graph.Resource
			name string
		}
		reported := map[reference]bool{}
		for _, ref := range configRefs.Of(p.Graph) {
			p.Look(1)
			name, pod := ref.name.Str(), ref.name.Resource()
			if ref.kind != "ConfigMap" || name == "" || name == "kube-root-ca.crt" || workload.Templated(name) ||
				!(ref.optional() == graph.False) || reported[reference{pod, name}] {
				continue
			}
			missing := graph.True
			for _, here := range beside(p.Graph, pod, ref.kind, name) {
				missing = missing.And(here.Not())
			}
			reported[reference{pod, name}] = true
			p.ReportIf(missing, ref.name, "no ConfigMap %q is to be found", name)
		}
	},
}, {
	ID:        "k8s-priority-class-unknown",
	Title:     "Pod names a PriorityClass that is not here",
	Why:       "The API server does not accept a pod whose PriorityClass does not exist: the workload comes up with no pods, which is seen late.",
	Remedy:    "Correct the name, or add the PriorityClass to what is deployed first.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // classes are often made once for a cluster, elsewhere
	Same:      []string{"kube-linter:priority-class-name"},
	Needs:     []string{"scheduling.k8s.io/PriorityClass"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("priorityClassName")
		name := v.Str()
		if name == "" || workload.Templated(name) || name == "system-cluster-critical" || name == "system-node-critical" {
			return
		}
		missing := graph.True
		for class := range p.Graph.OfType("scheduling.k8s.io/PriorityClass") {
			missing = missing.And(class.At("metadata.name").Is(name).Not())
		}
		p.ReportIf(missing, v, "no PriorityClass %q is to be found", name)
	}),
}}

// A configRef is a place where a pod names a ConfigMap or a Secret, or a key
// of one.
type configRef struct {
	kind string
	// ref is the reference, with name and key in it; key is absent where all
	// keys are meant.
	ref, name, key graph.Value
}

// optional tells whether the pod starts without it.
func (r configRef) optional() graph.Tri { return r.ref.At("optional").Bool(false) }

// configRefs is what the pods of a graph name: in variables, and in volumes
// with the keys that are picked.
var configRefs = analyzers.NewFact(func(g *graph.Graph) []configRef {
	var refs []configRef
	add := func(kind string, ref, name, key graph.Value) {
		if !(ref.Present() == graph.False) {
			refs = append(refs, configRef{kind, ref, name, key})
		}
	}
	for _, c := range workload.Containers.Of(g) {
		for e := range c.At("env").Each() {
			one, other := e.At("valueFrom.configMapKeyRef"), e.At("valueFrom.secretKeyRef")
			add("ConfigMap", one, one.At("name"), one.At("key"))
			add("Secret", other, other.At("name"), other.At("key"))
		}
		for e := range c.At("envFrom").Each() {
			ref := e.At("configMapRef")
			add("ConfigMap", ref, ref.At("name"), graph.Value{})
		}
	}
	volume := func(kind string, ref, name graph.Value) {
		add(kind, ref, name, graph.Value{})
		for item := range ref.At("items").Each() {
			add(kind, ref, name, item.At("key"))
		}
	}
	for _, pod := range workload.Pods.Of(g) {
		for v := range pod.Spec.At("volumes").Each() {
			volume("ConfigMap", v.At("configMap"), v.At("configMap.name"))
			volume("Secret", v.At("secret"), v.At("secret.secretName"))
			for s := range v.At("projected.sources").Each() {
				volume("ConfigMap", s.At("configMap"), s.At("configMap.name"))
				volume("Secret", s.At("secret"), s.At("secret.name"))
			}
		}
	}
	return refs
})

// objects are what pods name, by root, kind and name.
var objects = analyzers.NewFact(func(g *graph.Graph) map[[3]string][]*graph.Resource {
	all := map[[3]string][]*graph.Resource{}
	for r := range g.OfType("core/ConfigMap", "core/Secret", "core/Service", "core/PersistentVolumeClaim") {
		id := [3]string{r.Root, strings.TrimPrefix(r.Type, "core/"), r.At("metadata.name").Str()}
		all[id] = append(all[id], r)
	}
	return all
})

// beside yields the objects of a kind and name that live beside r, or may.
func beside(g *graph.Graph, r *graph.Resource, kind, name string) iter.Seq2[*graph.Resource, graph.Tri] {
	return func(yield func(*graph.Resource, graph.Tri) bool) {
		for _, o := range objects.Of(g)[[3]string{r.Root, kind, name}] {
			if here := kube.SameNamespace(r, o); !(here == graph.False) && !yield(o, here) {
				return
			}
		}
	}
}
