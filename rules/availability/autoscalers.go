package availability

import (
	"iter"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

const autoscaler = "autoscaling/HorizontalPodAutoscaler"

// autoscalers holds the rules about HorizontalPodAutoscalers.
var autoscalers = []*analyzers.Rule{{
	ID:        "availability-autoscaler-missing-target",
	Title:     "HorizontalPodAutoscaler scales a workload that is not here",
	Why:       "An autoscaler whose target does not exist scales nothing: under load the workload stays as small as it is.",
	Remedy:    "Correct `scaleTargetRef`: kind, name and API group, in the autoscaler's own namespace.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"kubescape:C-0300", "kube-linter:dangling-horizontalpodautoscaler", "kube-score:horizontalpodautoscaler-has-target",
	},
	Needs: kube.PodTypes[:],
	Check: analyzers.On(func(p *analyzers.Pass, hpa *graph.Resource) {
		name := hpa.At("spec.scaleTargetRef.name")
		missing, kind := targetMissing(p.Graph, hpa)
		p.ReportIf(missing, name, "no %s %q is to be found", kind, name.Str())
	}, autoscaler),
}, {
	ID:        "availability-autoscaler-fights-replicas",
	Title:     "Workload with an autoscaler sets its replicas",
	Why:       "Every deployment puts the number of replicas back to what is written, and takes away what the autoscaler added under load.",
	Remedy:    "Remove `replicas` from the workload.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"kube-score:deployment-targeted-by-hpa-does-not-have-replicas-configured", "kics:5744cbb8-5946-4b75-a196-ade44449525b",
	},
	Fix: analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if live.Is(r) {
			p.Look(-1) // the autoscaler wrote it
			return
		}
		replicas := r.At("spec.replicas")
		for hpa := range autoscalersOf(p.Graph, r) {
			p.ReportIf(replicas.Present(), replicas, "%s is %s, and an autoscaler sets it too", replicas.Key(), replicas.Str()).
				Note(hpa.At("spec.scaleTargetRef.name"), "the autoscaler").Fix("Remove replicas", edit.Remove(replicas))
			return
		}
	}, "apps/Deployment", "apps/StatefulSet"),
}, {
	ID:        "availability-autoscaler-one-replica",
	Title:     "Autoscaler may go down to one replica",
	Why:       "With a single replica every restart, eviction and upgrade of the node is an outage.",
	Remedy:    "Set `minReplicas` to 2 or more.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:hpaMinAvailability", "kube-linter:hpa-minimum-three-replicas", "kube-score:horizontalpodautoscaler-replicas"},
	Check: analyzers.On(func(p *analyzers.Pass, hpa *graph.Resource) {
		least := hpa.At("spec.minReplicas")
		if n, known := least.Int(1); known {
			p.ReportIf(graph.Of(n < 2), least, "%s allows a single replica", least.Key())
		}
	}, autoscaler),
}, {
	ID:        "availability-autoscaler-few-replicas",
	Title:     "Autoscaler may go down to too few replicas",
	Why:       "With two replicas, one that is being replaced and one that crashes are an outage. Three leave one over.",
	Remedy:    "Set `minReplicas` to 3 or more.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:hpa-minimum-three-replicas"},
	Params:    &Replicas{Least: 3},
	Check: analyzers.On(func(p *analyzers.Pass, hpa *graph.Resource) {
		least, enough := hpa.At("spec.minReplicas"), analyzers.ParamsOf[Replicas](p).Least
		if n, known := least.Int(1); known && n > 1 { // one is availability-autoscaler-one-replica's to report
			p.ReportIf(graph.Of(n < enough), least, "%s is %d, less than %d", least.Key(), n, enough)
		}
	}, autoscaler),
}, {
	ID:        "availability-autoscaler-without-request",
	Title:     "Autoscaler measures against a request that is not there",
	Why:       "A utilization is a share of the request. For pods with a container that has none the autoscaler knows no utilization and scales nothing: under load the workload stays as small as it is.",
	Remedy:    "Give every container of the workload a request for the resource, or measure one container with a metric of the type `ContainerResource`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: func(p *analyzers.Pass) {
		for _, c := range workload.Containers.Of(p.Graph) {
			if c.Kind != workload.Regular {
				continue
			}
			for hpa := range autoscalersOf(p.Graph, c.Resource()) {
				p.Look(1)
				for resource, metric := range utilizations(hpa) {
					set := c.Request(p.Graph, resource).Or(c.Limit(p.Graph, resource))
					p.ReportIf(set.Not(), c.At("resources.requests").Get(resource), "container %q has no %s request, and an autoscaler measures against it", c.Name(), resource).
						Note(metric, "the autoscaler")
				}
			}
		}
	},
}, {
	ID:        "availability-autoscaler-metric-invalid",
	Title:     "Metric of an autoscaler names no object",
	Why:       "The API server does not accept it: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Give `describedObject` the `kind` and the `name` of the object, beside `metric` and `target`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kics:2f652c42-619d-4361-b361-9f599688f8ca", "kics:17e52ca3-ddd0-4610-9d56-ce107442e110"},
	Check: analyzers.On(func(p *analyzers.Pass, hpa *graph.Resource) {
		for m := range hpa.At("spec.metrics").Each() {
			object := m.At("object")
			if !(m.At("type").Is("Object") == graph.True) || !(object.At("target.type").Present() == graph.True || object.At("metric.name").Present() == graph.True) {
				continue // autoscaling/v2beta1 has other fields
			}
			for _, key := range []string{"kind", "name"} {
				v := object.At("describedObject").At(key)
				p.ReportIf(v.Present().Not(), v, "the metric's object has no %s", key)
			}
		}
	}, autoscaler),
}, {
	ID:        "availability-autoscaler-fixed",
	Title:     "Autoscaler has nothing to scale",
	Why:       "With `maxReplicas` no larger than `minReplicas` the number of replicas is fixed: under load nothing is added.",
	Remedy:    "Raise `maxReplicas`, or remove the autoscaler and set `replicas`.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"polaris:hpaMaxAvailability"},
	Check: analyzers.On(func(p *analyzers.Pass, hpa *graph.Resource) {
		least, knownLeast := hpa.At("spec.minReplicas").Int(1)
		most := hpa.At("spec.maxReplicas")
		if n, known := most.Int(0); known && knownLeast && most.Present() == graph.True {
			p.ReportIf(graph.Of(n <= least), most, "%s is %d, no more than minReplicas", most.Key(), n)
		}
	}, autoscaler),
}}

// Replicas are the parameters of availability-autoscaler-few-replicas.
type Replicas struct {
	Least int64 `doc:"The smallest number of pods that is enough."`
}

// utilizations yields the resources whose utilization an autoscaler measures.
func utilizations(hpa *graph.Resource) iter.Seq2[string, graph.Value] {
	return func(yield func(string, graph.Value) bool) {
		if v := hpa.At("spec.targetCPUUtilizationPercentage"); v.Present() == graph.True && !yield("cpu", v) {
			return
		}
		for m := range hpa.At("spec.metrics").Each() {
			r := m.At("resource")
			share := r.At("target.averageUtilization").Present().Or(r.At("targetAverageUtilization").Present())
			if name := r.At("name"); m.At("type").Is("Resource").And(share) == graph.True && name.Str() != "" && !yield(name.Str(), name) {
				return
			}
		}
	}
}

// byTarget are the autoscalers of a graph by the root, kind and name of what
// they scale.
var byTarget = analyzers.NewFact(func(g *graph.Graph) map[string][]*graph.Resource {
	m := map[string][]*graph.Resource{}
	for hpa := range g.OfType(autoscaler) {
		m[targetKey(hpa)] = append(m[targetKey(hpa)], hpa)
	}
	return m
})

func targetKey(hpa *graph.Resource) string {
	ref := hpa.At("spec.scaleTargetRef")
	return hpa.Root + "/" + ref.At("kind").Str() + "/" + ref.At("name").Str()
}

// autoscalersOf yields the autoscalers of a workload's own root that scale it.
func autoscalersOf(g *graph.Graph, w *graph.Resource) iter.Seq[*graph.Resource] {
	_, kind, _ := strings.Cut(w.Type, "/")
	return func(yield func(*graph.Resource) bool) {
		for _, hpa := range byTarget.Of(g)[w.Root+"/"+kind+"/"+w.Name] {
			if kube.SameNamespace(hpa, w) == graph.True && !yield(hpa) {
				return
			}
		}
	}
}

// targetMissing tells whether no root has the workload an autoscaler scales.
func targetMissing(g *graph.Graph, hpa *graph.Resource) (missing graph.Tri, kind string) {
	return absent(g, hpa, hpa.At("spec.scaleTargetRef"))
}

// absent tells whether no root has the workload that an object refers to.
// Kinds that are no workload of Kubernetes' own may come from anywhere.
func absent(g *graph.Graph, from *graph.Resource, ref graph.Value) (missing graph.Tri, kind string) {
	kind, knownKind := ref.At("kind").Text("")
	version, knownVersion := ref.At("apiVersion").Text("")
	name, knownName := ref.At("name").Text("")
	if !knownKind || !knownVersion || !knownName || kind == "" || name == "" {
		return graph.Unsure, kind
	}
	if version == "" { // required by the API, often left out in Terraform
		version = "apps/v1"
		if kind == "ReplicationController" {
			version = "v1"
		}
	}
	switch kube.Type(version, kind) {
	case "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "apps/DaemonSet", "core/ReplicationController":
	default:
		return graph.False, kind
	}
	missing = graph.True
	for r := range g.OfType(kube.Type(version, kind)) {
		missing = missing.And(r.At("metadata.name").Is(name).And(kube.SameNamespace(from, r)).Not())
	}
	return missing, kind
}
