package k8s

import (
	"path"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// sharing holds the rules about what pods share that each should have for
// itself, and what they lay over what the image brings.
var sharing = []*analyzers.Rule{{
	ID:        "k8s-shared-service-account",
	Title:     "Several workloads run as one service account",
	Why:       "A role that one of them needs all of them have, and the audit log does not tell which of them it was. Whoever gets into the weakest has the rights of the strongest.",
	Remedy:    "Give each workload a ServiceAccount of its own, with the roles that it needs.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kics:c1032cf7-3628-44e2-bd53-38c17cf31b6b", "kics:f74b9c43-161a-4799-bc95-0b0ec81801b9"},
	Check: func(p *analyzers.Pass) {
		type identity struct{ root, namespace, name string }
		seen := map[identity]graph.Value{}
		for _, pod := range workload.Pods.Of(p.Graph) {
			r := pod.Resource()
			p.Look(1)
			name, known := pod.ServiceAccount()
			namespace, there := r.At("metadata.namespace").Text("")
			hook := r.At("metadata.annotations").Get("helm.sh/hook").Present()
			if !known || !there || name == "" || name == "default" || workload.Templated(name) || !(hook == graph.False) {
				continue // without a name it is k8s-default-service-account's to report
			}
			v := pod.Spec.At("serviceAccountName")
			if v.Present() == graph.False {
				v = pod.Spec.At("serviceAccount")
			}
			id := identity{r.Root, namespace, name}
			if before, shared := seen[id]; shared {
				if b := before.Resource(); b.Type == r.Type && b.Name == r.Name {
					continue // the same workload, written for several cases
				}
				p.Report(v, "%s is %q, as it is for %s", v.Key(), name, before.Resource().ID).Note(before, "the other workload")
				continue
			}
			seen[id] = v
		}
	},
}, {
	ID:        "k8s-system-directory-mount",
	Title:     "Container may write to a volume over a system directory",
	Why:       "The volume hides what the image has there, and whoever takes the program over puts programs and libraries into it that the container runs from then on, after restarts too.",
	Remedy:    "Mount the volume in a directory of the program's own, a single file with `subPath`, or set `readOnly: true`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kics:b7652612-de4e-4466-a0bf-1cd81f0c6063", "kics:a62a99d1-8196-432f-8f80-3c100b05d62a"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for m := range c.At("volumeMounts").Each() {
			v := m.At("mountPath")
			if text := v.Str(); text == "" || !systemDirectories[path.Clean(text)] {
				continue
			}
			bad := m.At("readOnly").Bool(false).Not().And(readOnlyVolume(c.Pod, m.At("name").Str()).Not())
			p.ReportIf(bad, v, "container %q may write to the volume %q over its %q", c.Name(), m.At("name").Str(), v.Str())
		}
	}),
}, {
	ID:        "k8s-host-aliases",
	Title:     "Pod has entries of its own in /etc/hosts",
	Why:       "They come before DNS, in every container of the pod. The address stays written here when the host moves, and whoever may change it sends the program's traffic elsewhere unseen.",
	Remedy:    "Remove `hostAliases` and use DNS: a Service of type ExternalName, or one without a selector and with an EndpointSlice.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0007"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("hostAliases")
		n, known := v.Len()
		set := graph.Of(n > 0)
		if !known {
			set = graph.Unsure
		}
		p.ReportIf(set, v, "%s is set", v.Key())
	}),
}, {
	ID:        "k8s-cap-net-bind-service",
	Title:     "Container has a capability for ports below 1024",
	Why:       "containerd and CRI-O let every user listen on any port of the pod's own network, so the capability gives an intruder something and the program nothing.",
	Remedy:    withoutIt + "Where the program then fails, let it listen on a port from 1024 up and have the Service translate with `targetPort`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // the restricted profile allows it
	Same:      []string{"trivy:KSV-0022"},
	Fix:       analyzers.Unsafe,
	Check:     eachAdded(func(_ workload.Container, name string) graph.Tri { return graph.Of(name == "NET_BIND_SERVICE") }),
}}

// systemDirectories are the directories of an image that hold its programs,
// libraries and settings. Those that are there to be written to are not here.
var systemDirectories = map[string]bool{
	"/": true, "/bin": true, "/boot": true, "/etc": true, "/lib": true, "/lib64": true, "/sbin": true, "/sys": true, "/proc": true,
	"/usr": true, "/usr/bin": true, "/usr/lib": true, "/usr/lib64": true, "/usr/sbin": true, "/usr/local": true,
	"/usr/local/bin": true, "/usr/local/sbin": true, "/usr/local/lib": true, "/var": true, "/root": true, "/dev": true,
}

// readOnlyVolume tells whether nobody may write to a volume of the pod: the
// kubelet mounts what the API server holds read-only. What is the node's has
// rules of its own.
func readOnlyVolume(pod workload.Pod, name string) graph.Tri {
	is := graph.False
	if !pod.Spec.At("volumes").Known() {
		is = graph.Unsure
	}
	for v := range pod.Spec.At("volumes").Each() {
		if v.At("name").Str() == name {
			for _, kind := range [...]string{"configMap", "secret", "projected", "downwardAPI", "image", "hostPath"} {
				is = is.Or(v.At(kind).Present())
			}
		}
	}
	return is
}
