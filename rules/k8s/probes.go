package k8s

import (
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// probes holds the rules about how the kubelet learns that a container works.
var probes = []*analyzers.Rule{{
	ID:        "k8s-service-without-readiness",
	Title:     "Pod gets traffic before it is known to be ready",
	Why:       "A Service sends requests to the pod from the moment its process starts, and goes on while it hangs. Every rollout drops requests, and one that does not work replaces one that does.",
	Remedy:    "Give the container that listens a `readinessProbe` that asks for what it serves.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kube-score:pod-probes"},
	Check: func(p *analyzers.Pass) {
		seen := map[*graph.Resource]bool{}
		for service := range p.Graph.OfType("core/Service") {
			selector := selection.Labels(service.At("spec.selector"))
			if selector.Empty() == graph.True || service.At("spec.type").Is("ExternalName") == graph.True || scraped(service) {
				continue
			}
			for pod, picked := range selection.Pods.Of(p.Graph).Picked(selector) {
				p.Look(1)
				list := pod.Spec.At("containers")
				if seen[pod.Resource()] || service.Root != pod.Resource().Root {
					continue
				}
				ready := graph.Of(false)
				if !list.Known() {
					ready = graph.Unsure
				}
				for c := range pod.Containers() {
					if c.Kind == workload.Regular || c.Sidecar() == graph.True {
						ready = ready.Or(c.At("readinessProbe").Present())
					}
				}
				bad := ready.Not().And(picked.Or(graph.Unsure), pod.Completes().Not(), servedByKnative(pod).Not())
				if bad == graph.True {
					seen[pod.Resource()] = true
				}
				p.ReportIf(bad, list.At("0.readinessProbe"), "no container has a readinessProbe, and a Service sends traffic here").
					Note(service.At("spec.selector"), "the Service that selects the pod")
			}
		}
	},
}, {
	ID:        "k8s-readiness-probe-missing",
	Title:     "Container has no readiness probe",
	Why:       "Without it a container counts as ready from the moment its process starts: for Services, for rollouts, and for the disruption budget that lets the next pod be evicted.",
	Remedy:    "Add a `readinessProbe` that asks for what the container serves.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"checkov:CKV_K8S_9", "kubescape:C-0018", "kube-linter:no-readiness-probe", "polaris:readinessProbeMissing",
		"kics:a659f3b5-9bf0-438a-bd9a-7d3a6427f1e3", "kics:8657197e-3f87-4694-892b-8144701d83c1",
	},
	Check: probeMissing("readinessProbe"),
}, {
	ID:        "k8s-liveness-probe-missing",
	Title:     "Container has no liveness probe",
	Why:       "A program that hangs without ending keeps its place and never answers again until somebody sees it.",
	Remedy:    "Add a `livenessProbe` that fails only when a restart would help; one that asks for too much restarts all pods at once. A program that ends when it cannot go on needs none.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"checkov:CKV_K8S_8", "kubescape:C-0056", "kube-linter:no-liveness-probe", "polaris:livenessProbeMissing",
		"kics:ade74944-a674-4e00-859e-c6eab5bde441", "kics:5b6d53dd-3ba3-4269-b4d7-f82e880e43c3",
	},
	Check: probeMissing("livenessProbe"),
}, {
	ID:        "k8s-probes-identical",
	Title:     "Liveness probe is the readiness probe",
	Why:       "A pod that is too busy to be ready is killed for it, and its load goes to the next. What should have taken it out of the Service for a moment takes the whole Deployment down.",
	Remedy:    "Let the `livenessProbe` ask for less: a path or a port of its own that only fails when a restart helps.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-score:pod-probes-identical"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		live, ready := c.At("livenessProbe"), c.At("readinessProbe")
		for _, action := range []string{"httpGet", "tcpSocket", "grpc", "exec"} {
			a, b := live.At(action), ready.At(action)
			if a.Present() == graph.True && b.Present() == graph.True {
				p.ReportIf(sameValue(a, b), a, "%s of container %q asks what its readinessProbe asks", live.Key(), c.Name()).
					Note(b, "the readinessProbe")
			}
		}
	}),
}, {
	ID:        "k8s-probe-port-unknown",
	Title:     "Probe asks for a port that the container does not have",
	Why:       "The kubelet cannot resolve the name, so the probe fails for ever: the pod never gets ready, or is restarted again and again.",
	Remedy:    "Use the name of one of the container's `ports`, or add the port there.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kube-linter:readiness-port", "kube-linter:liveness-port", "kube-linter:startup-port"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for _, probe := range []string{"startupProbe", "readinessProbe", "livenessProbe"} {
			for _, action := range []string{"httpGet", "tcpSocket"} {
				v := c.At(probe).At(action).At("port")
				name := v.Str()
				if _, err := strconv.Atoi(name); name == "" || err == nil {
					continue
				}
				there := graph.Of(false)
				if !c.At("ports").Known() {
					there = graph.Unsure
				}
				for port := range c.At("ports").Each() {
					there = there.Or(port.At("name").Is(name))
				}
				p.ReportIf(there.Not(), v, "%s of container %q asks for the port %q, which it does not have", probe, c.Name(), name)
			}
		}
	}),
}}

// scraped tells whether a Service is there to read metrics only, of which pods
// that are not ready have some too.
func scraped(service *graph.Resource) bool {
	n := 0
	for port := range service.At("spec.ports").Each() {
		name := port.At("name").Str()
		if !strings.Contains(name, "metrics") && !strings.Contains(name, "prometheus") {
			return false
		}
		n++
	}
	return n > 0
}

func probeMissing(probe string) func(*analyzers.Pass) {
	return analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		if c.Kind != workload.Regular {
			return
		}
		v := c.At(probe)
		p.ReportIf(v.Present().Not().And(c.Pod.Completes().Not(), servedByKnative(c.Pod).Not()), v, "container %q has no %s", c.Name(), probe)
	})
}

// servedByKnative tells whether Knative makes the pods: it adds the probes that
// are missing.
func servedByKnative(pod workload.Pod) graph.Tri {
	switch pod.Resource().Type {
	case "serving.knative.dev/Service", "serving.knative.dev/Configuration", "serving.knative.dev/Revision":
		return graph.True
	}
	return graph.False
}

// sameValue tells whether two values are equal, whatever their order of keys.
func sameValue(a, b graph.Value) graph.Tri {
	if !a.Known() || !b.Known() {
		return graph.Unsure
	}
	if s, ok := a.Text(""); ok {
		t, ok := b.Text("")
		return graph.Of(ok && s == t)
	}
	na, _ := a.Len()
	nb, _ := b.Len()
	same := graph.Of(a.Kind() == b.Kind() && na == nb)
	for key, v := range a.Entries() {
		same = same.And(sameValue(v, b.Get(key)))
	}
	return same
}
