package api

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// components holds the rules about components that have no place in a cluster.
var components = []*analyzers.Rule{{
	ID:        "api-tiller",
	Title:     "Parts of Tiller, the server of Helm 2, are deployed",
	Why:       "Tiller installs whatever it is told by anybody who reaches its port, without a login by default and mostly as cluster-admin. Helm 2 has had no fixes since 2020.",
	Remedy:    "Move the releases to Helm 3, which has no server, and delete Tiller with its Service and its bindings.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"checkov:CKV_K8S_34", "checkov:CKV_K8S_44", "trivy:KSV-0102", "kics:6d173be7-545a-46c6-a81d-2ae52ed1605d",
		"kics:8b862ca9-0fbd-4959-ad72-b6609bdaa22d", "kics:ca2fba76-c1a7-4afd-be67-5249f861cb0e",
	},
	Check: func(p *analyzers.Pass) {
		for _, pod := range workload.Pods.Of(p.Graph) {
			p.Look(1)
			tillerPod(p, pod)
		}
		for s := range p.Graph.OfType("core/Service") {
			for _, labels := range [...]graph.Value{s.At("spec.selector"), s.At("metadata.labels")} {
				if isTiller(labels) == graph.True {
					p.Report(labels.Get("name"), "a Service for Tiller")
					break
				}
			}
		}
	},
}, {
	ID:        "api-tiller-open",
	Title:     "Tiller answers every pod of the cluster",
	Why:       "Tiller asks nobody who they are. A pod that reaches its port installs what it wants with Tiller's rights, which are mostly those of cluster-admin.",
	Remedy:    "Delete Tiller; Helm 3 has no server. Until then start it with `--listen=localhost:44134`, where only `kubectl port-forward` reaches it.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_K8S_45", "kics:e17fa86a-6222-4584-a914-56e8f6c87e06"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		if c.Kind != workload.Regular || !strings.Contains(base(c.At("image").Str()), "tiller") {
			return
		}
		at, open := c.At("args"), graph.True
		for _, list := range [...]string{"command", "args"} {
			if !c.At(list).Known() {
				open = graph.Unsure
			}
			for v := range c.At(list).Each() {
				text, known := v.Text("")
				switch _, address, ok := strings.Cut(text, "-listen="); {
				case !known:
					open = graph.Unsure
				case ok:
					at, open = v, graph.Of(!strings.HasPrefix(address, "localhost:") && !strings.HasPrefix(address, "127."))
				}
			}
		}
		p.ReportIf(open, at, "container %q listens on more than localhost", c.Name())
	}),
}, {
	ID:        "api-dashboard",
	Title:     "Kubernetes Dashboard is deployed",
	Why:       "The dashboard does to the cluster what its service account may. It has been left open to the internet more than once, and the project was archived in 2026.",
	Remedy:    "Remove it. If people need a user interface, use one that runs on their machine with their own permissions, such as Headlamp.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_K8S_33", "kics:d2ad057f-0928-41ef-a83c-f59203bb855b"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		image := c.At("image")
		if text, known := image.Text(""); known && dashboard(text) {
			p.Report(image, "%s is %q, the Kubernetes Dashboard", image.Key(), text)
		}
	}),
}, {
	ID:        "api-dashboard-account",
	Title:     "Pod runs as the Kubernetes Dashboard",
	Why:       "The dashboard's service account may do in the cluster what its users need, mostly a lot. A pod that borrows it has all of that.",
	Remedy:    "Make a ServiceAccount for the workload with a role for what it needs.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0014"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		if name, _ := pod.ServiceAccount(); name != "kubernetes-dashboard" {
			return
		}
		for c := range pod.Containers() {
			if image := c.At("image"); !image.Known() || dashboard(image.Str()) || strings.Contains(image.Str(), "kubernetesui/") {
				return // the dashboard itself, or its parts
			}
		}
		v := pod.Spec.At("serviceAccountName")
		if v.Present() == graph.False {
			v = pod.Spec.At("serviceAccount")
		}
		p.Report(v, "%s is %q, and the pod is not the dashboard", v.Key(), v.Str())
	}),
}}

// tillerPod reports a pod that is Tiller by another image: one built from it,
// or one with the labels or the name that "helm init" gives. Tiller's own image
// is k8s-tiller's to report. One finding for a pod is enough.
func tillerPod(p *analyzers.Pass, pod workload.Pod) {
	for c := range pod.Containers() {
		image := c.At("image")
		switch name := base(image.Str()); {
		case name == "tiller":
			return
		case strings.Contains(name, "tiller"):
			p.Report(image, "%s is %q", image.Key(), image.Str())
			return
		}
	}
	for _, meta := range [...]graph.Value{pod.At("metadata"), pod.Resource().At("metadata")} {
		if isTiller(meta.At("labels")) == graph.True {
			p.Report(meta.At("labels").Get("name"), "the labels are those of Tiller")
			return
		}
		if name := meta.At("name"); name.Is("tiller", "tiller-deploy") == graph.True {
			p.Report(name, "%s is %q", name.Key(), name.Str())
			return
		}
	}
}

// isTiller tells whether labels are those that "helm init" writes.
func isTiller(labels graph.Value) graph.Tri {
	return labels.Get("app").Is("helm").And(labels.Get("name").Is("tiller"))
}

func dashboard(image string) bool {
	name := base(image)
	return strings.HasPrefix(name, "kubernetes-dashboard") || strings.Contains(image, "kubernetesui/dashboard")
}

// base is the last part of an image's repository, without tag and digest.
func base(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndex(image, "/")+1:]
	name, _, _ := strings.Cut(image, ":")
	return name
}
