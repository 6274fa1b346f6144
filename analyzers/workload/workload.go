// Package workload has the views on pods and containers that most Kubernetes
// rules look through: every kind that makes pods, every kind of container, and
// settings as the kubelet merges them.
package workload

import (
	"iter"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// A Pod is what a resource says about the pods it makes. The embedded Value is
// the object with the pod's metadata and spec: the template, or the Pod itself.
type Pod struct {
	graph.Value
	Spec graph.Value
}

// ServiceAccount is the name of the pod's service account; "default" when it
// names none, as the API server fills it in.
func (p Pod) ServiceAccount() (name string, known bool) {
	v := p.Spec.At("serviceAccountName")
	if v.Present() == graph.False {
		v = p.Spec.At("serviceAccount") // the deprecated alias
	}
	return v.Text("default")
}

// ContainerKind is the list of the pod that a container stands in.
type ContainerKind uint8

// The kinds of containers.
const (
	Regular ContainerKind = iota
	Init
	Ephemeral
)

var lists = [...]string{"containers", "initContainers", "ephemeralContainers"}

// A Container is one container of a pod; the embedded Value is its entry.
type Container struct {
	graph.Value
	Kind ContainerKind
	Pod  Pod
}

// Name is the container's name, "" when it is not known.
func (c Container) Name() string { return c.At("name").Str() }

// Sidecar tells whether an init container keeps running beside the others
// (restartPolicy Always, Kubernetes 1.28).
func (c Container) Sidecar() graph.Tri {
	return graph.Of(c.Kind == Init).And(c.At("restartPolicy").Is("Always"))
}

// inherited are the fields of a container's securityContext that the pod's
// stand in for when the container leaves them out (core/v1 PodSecurityContext).
var inherited = map[string]bool{
	"runAsNonRoot": true, "runAsUser": true, "runAsGroup": true, "seLinuxOptions": true,
	"seccompProfile": true, "appArmorProfile": true, "windowsOptions": true,
}

// Security is a field of the container's securityContext as the kubelet sees
// it: the container's own or, for the fields that pods share, the pod's. When
// neither is there the value is absent in the container.
func (c Container) Security(field string) graph.Value {
	own := c.At("securityContext").Get(field)
	if own.Present() == graph.False && inherited[field] {
		if pod := c.Pod.Spec.At("securityContext").Get(field); !(pod.Present() == graph.False) {
			return pod
		}
	}
	return own
}

// Windows tells whether the pods run on Windows nodes, where much of the
// security context does not exist.
func (p Pod) Windows() graph.Tri {
	return p.Spec.At("os.name").Is("windows").
		Or(p.Spec.At("nodeSelector").Get("kubernetes.io/os").Is("windows"))
}

// UserNamespace tells whether root in the pods' containers is nobody on their
// node (hostUsers false, Kubernetes 1.33).
func (p Pod) UserNamespace() graph.Tri { return p.Spec.At("hostUsers").Bool(true).Not() }

// Pods are all pods and pod templates.
var Pods = analyzers.NewFact(func(g *graph.Graph) []Pod {
	var pods []Pod
	for r := range kube.Workloads(g) {
		for t := range kube.PodTemplates(r) {
			pods = append(pods, Pod{Value: t, Spec: t.At("spec")})
		}
	}
	return pods
})

// Containers are all containers of all pods.
var Containers = analyzers.NewFact(func(g *graph.Graph) []Container {
	var all []Container
	for _, p := range Pods.Of(g) {
		for c := range p.Containers() {
			all = append(all, c)
		}
	}
	return all
})

// Containers yields the pod's containers of every kind.
func (p Pod) Containers() iter.Seq[Container] {
	return func(yield func(Container) bool) {
		for kind, list := range lists {
			for v := range p.Spec.At(list).Each() {
				if v.Kind() == graph.Map && !yield(Container{Value: v, Kind: ContainerKind(kind), Pod: p}) {
					return
				}
			}
		}
	}
}
