package kube

import (
	"fmt"
	"iter"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A podType is a type that makes pods. Its path leads to the object with the
// pods' metadata and spec, "" when the object itself is that; a "*" in it
// stands for all items of a list or values of a map.
type podType struct{ typ, path string }

// podTypes are the types that make pods, those of Kubernetes itself first.
var podTypes = [...]podType{
	{"core/Pod", ""},
	{"apps/Deployment", "spec.template"},
	{"apps/StatefulSet", "spec.template"},
	{"apps/DaemonSet", "spec.template"},
	{"apps/ReplicaSet", "spec.template"},
	{"core/ReplicationController", "spec.template"},
	{"core/PodTemplate", "template"},
	{"batch/Job", "spec.template"},
	{"batch/CronJob", "spec.jobTemplate.spec.template"},
	{"apps.openshift.io/DeploymentConfig", "spec.template"},
	{"argoproj.io/Rollout", "spec.template"},
	{"serving.knative.dev/Service", "spec.template"},
	{"serving.knative.dev/Configuration", "spec.template"},
	{"serving.knative.dev/Revision", ""},
	{"sources.knative.dev/ContainerSource", "spec.template"},
	{"apps.kruise.io/CloneSet", "spec.template"},
	{"apps.kruise.io/DaemonSet", "spec.template"},
	{"apps.kruise.io/StatefulSet", "spec.template"},
	{"apps.kruise.io/BroadcastJob", "spec.template"},
	{"apps.kruise.io/AdvancedCronJob", "spec.template.jobTemplate.spec.template"},
	{"agents.x-k8s.io/Sandbox", "spec.podTemplate"},
	{"extensions.agents.x-k8s.io/SandboxTemplate", "spec.podTemplate"},
	{"batch.volcano.sh/Job", "spec.tasks.*.template"},
	{"jobset.x-k8s.io/JobSet", "spec.replicatedJobs.*.template.spec.template"},
	{"keda.sh/ScaledJob", "spec.jobTargetRef.template"},
	{"kubeflow.org/Notebook", "spec.template"},
	{"kubeflow.org/MPIJob", "spec.mpiReplicaSpecs.*.template"},
	{"kubeflow.org/PyTorchJob", "spec.pytorchReplicaSpecs.*.template"},
	{"kubeflow.org/TFJob", "spec.tfReplicaSpecs.*.template"},
	{"leaderworkerset.x-k8s.io/LeaderWorkerSet", "spec.leaderWorkerTemplate.*Template"},
}

// PodTypes are the types that make pods, in the order of podTypes. Those that
// the user has named beside them are not among them; see [Workloads].
var PodTypes = [...]string{
	"core/Pod",
	"apps/Deployment",
	"apps/StatefulSet",
	"apps/DaemonSet",
	"apps/ReplicaSet",
	"core/ReplicationController",
	"core/PodTemplate",
	"batch/Job",
	"batch/CronJob",
	"apps.openshift.io/DeploymentConfig",
	"argoproj.io/Rollout",
	"serving.knative.dev/Service",
	"serving.knative.dev/Configuration",
	"serving.knative.dev/Revision",
	"sources.knative.dev/ContainerSource",
	"apps.kruise.io/CloneSet",
	"apps.kruise.io/DaemonSet",
	"apps.kruise.io/StatefulSet",
	"apps.kruise.io/BroadcastJob",
	"apps.kruise.io/AdvancedCronJob",
	"agents.x-k8s.io/Sandbox",
	"extensions.agents.x-k8s.io/SandboxTemplate",
	"batch.volcano.sh/Job",
	"jobset.x-k8s.io/JobSet",
	"keda.sh/ScaledJob",
	"kubeflow.org/Notebook",
	"kubeflow.org/MPIJob",
	"kubeflow.org/PyTorchJob",
	"kubeflow.org/TFJob",
	"leaderworkerset.x-k8s.io/LeaderWorkerSet",
}

// Workloads yields the resources that make pods, type by type, then those of
// types that the user has named.
func Workloads(g *graph.Graph) iter.Seq[*graph.Resource] {
	return func(yield func(*graph.Resource) bool) {
		for r := range g.OfType(PodTypes[:]...) {
			if !yield(r) {
				return
			}
		}
		for _, r := range g.Resources() {
			if r.Template != "" && podPath(r.Type) == nil && !yield(r) {
				return
			}
		}
	}
}

func podPath(typ string) *podType {
	for i := range podTypes {
		if podTypes[i].typ == typ {
			return &podTypes[i]
		}
	}
	return nil
}

// PodTemplates yields the objects with the metadata and spec of the pods that
// r makes. A Rollout that refers to a Deployment makes none of its own.
func PodTemplates(r *graph.Resource) iter.Seq[graph.Value] {
	path := r.Template
	if t := podPath(r.Type); t != nil {
		path = t.path
	} else if path == "" {
		return func(func(graph.Value) bool) {}
	}
	return func(yield func(graph.Value) bool) { below(r.Config, path, yield) }
}

// below yields what is at a path with stars in it, and tells whether to go on.
func below(v graph.Value, path string, yield func(graph.Value) bool) bool {
	plain, rest, starred := strings.Cut(path, "*")
	v = v.At(strings.TrimSuffix(plain, "."))
	if !starred {
		return v.Kind() == graph.Absent || yield(v)
	}
	suffix, rest, _ := strings.Cut(rest, ".") // "*Template": the keys that end so
	for key, item := range v.Entries() {
		if strings.HasSuffix(key, suffix) && !below(item, rest, yield) {
			return false
		}
	}
	return true
}

// TemplatePath is the path of the template of pods in the objects of a type,
// "" when they are pods themselves; false where there may be several and for
// types that make none.
func TemplatePath(typ string) (string, bool) {
	t := podPath(typ)
	if t == nil || strings.Contains(t.path, "*") {
		return "", false
	}
	return t.path, true
}

// PodTemplate is the first of the templates of r, and false when it makes no
// pods.
func PodTemplate(r *graph.Resource) (graph.Value, bool) {
	for t := range PodTemplates(r) {
		return t, true
	}
	return graph.Value{}, false
}

// ParseTemplate takes apart what a user writes to say where a type keeps the
// template of its pods: "example.com/Boat=spec.template".
func ParseTemplate(text string) (typ, path string, err error) {
	typ, path, ok := strings.Cut(text, "=")
	if group, kind, grouped := strings.Cut(typ, "/"); !ok || !grouped || group == "" || kind == "" || strings.Contains(kind, "/") || path == "" {
		return "", "", fmt.Errorf("%q is not GROUP/KIND=PATH, such as example.com/Boat=spec.template", text)
	}
	return typ, path, nil
}
