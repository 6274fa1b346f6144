package k8s

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

const refused = "The API server does not accept it: the rollout fails with the first change that reaches the cluster."

// structure holds the rules about pods that do not fit together.
var structure = []*analyzers.Rule{{
	ID:        "k8s-duplicate-container",
	Title:     "Two containers of a pod have one name",
	Why:       refused + " Tools that merge by name take them for one and lose the other.",
	Remedy:    "Rename one of them. Names are shared by containers, init containers and ephemeral containers.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		seen := first{}
		for c := range pod.Containers() {
			if before, twice := seen.twice(c.At("name"), c.Name()); twice {
				p.Report(c.At("name"), "the pod has two containers %q", c.Name()).Note(before, "the other one")
			}
		}
	}),
}, {
	ID:        "k8s-duplicate-volume",
	Title:     "Two volumes of a pod have one name",
	Why:       refused + " Tools that merge by name take them for one and lose the other.",
	Remedy:    "Rename one of them, with its mounts, or remove it.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		seen := first{}
		for v := range pod.Spec.At("volumes").Each() {
			name := v.At("name")
			if before, twice := seen.twice(name, name.Str()); twice {
				p.Report(name, "the pod has two volumes %q", name.Str()).Note(before, "the other one")
			}
		}
	}),
}, {
	ID:        "k8s-duplicate-mount",
	Title:     "Two volumes are mounted in one place",
	Why:       refused,
	Remedy:    "Mount one of them elsewhere, or single files of both with `subPath`, or join them in a `projected` volume.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		seen := first{}
		for m := range c.At("volumeMounts").Each() {
			path := m.At("mountPath")
			if before, twice := seen.twice(path, path.Str()); twice {
				p.Report(path, "container %q mounts two volumes at %q", c.Name(), path.Str()).Note(before, "the other one")
			}
		}
	}),
}, {
	ID:        "k8s-duplicate-port",
	Title:     "Container has a port twice",
	Why:       "Two ports of one name are refused by the API server. Two of one number lose one another when tools merge them, and a Service or a policy then misses its port.",
	Remedy:    "Remove one of them, or give it another name.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kube-score:container-ports-check"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		names, numbers := first{}, first{}
		for port := range c.At("ports").Each() {
			name, number := port.At("name"), port.At("containerPort")
			if before, twice := names.twice(name, name.Str()); twice {
				p.Report(name, "container %q has two ports %q", c.Name(), name.Str()).Note(before, "the other one")
				continue
			}
			protocol, known := port.At("protocol").Text("TCP")
			if !known || number.Str() == "" {
				continue
			}
			// One port on several addresses of the node is two entries.
			key := number.Str() + "/" + protocol + "/" + port.At("hostIP").Str() + "/" + port.At("hostPort").Str()
			if before, twice := numbers.twice(number, key); twice {
				p.Report(number, "container %q has the port %s twice", c.Name(), number.Str()).Note(before, "the other one")
			}
		}
	}),
}, {
	ID:        "k8s-port-invalid",
	Title:     "Container port is none",
	Why:       refused,
	Remedy:    "Give `containerPort` a number from 1 to 65535, and `name` at most 15 lower case letters, digits and hyphens, one letter at least.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kube-score:container-ports-check", "kube-linter:invalid-target-ports"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for port := range c.At("ports").Each() {
			number, name := port.At("containerPort"), port.At("name")
			if number.Present() == graph.False {
				p.Report(number, "a port of container %q has no %s", c.Name(), number.Key())
			} else if n, known := number.Int(0); known && (n < 1 || n > 65535) {
				p.Report(number, "%s of container %q is %s, which is no port", number.Key(), c.Name(), number.Str())
			}
			if text := name.Str(); text != "" && !workload.Templated(text) && !portName(text) {
				p.Report(name, "%q is no name for a port of container %q", text, c.Name())
			}
		}
	}),
}, {
	ID:        "k8s-mount-without-volume",
	Title:     "Container mounts a volume that the pod does not have",
	Why:       refused,
	Remedy:    "Add the volume to `volumes`, or correct the name.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for _, list := range []string{"volumeMounts", "volumeDevices"} {
			for m := range c.At(list).Each() {
				name := m.At("name")
				if text := name.Str(); text != "" {
					p.ReportIf(hasVolume(c.Pod, text).Not(), name, "container %q mounts the volume %q, which the pod does not have", c.Name(), text)
				}
			}
		}
	}),
}, {
	ID:        "k8s-volume-unused",
	Title:     "Volume is mounted by no container",
	Why:       "Kubernetes waits for the volume before it starts the pod, and hands over a Secret nobody asked for. Mostly a mount was forgotten, and the program writes to the container instead.",
	Remedy:    "Mount the volume, or remove it.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for v := range pod.Spec.At("volumes").Each() {
			name := v.At("name")
			used := graph.False
			for _, list := range []string{"containers", "initContainers"} {
				if !pod.Spec.At(list).Known() {
					used = graph.Unsure
				}
			}
			for c := range pod.Containers() {
				for _, list := range []string{"volumeMounts", "volumeDevices"} {
					mounts := c.At(list)
					if !mounts.Known() {
						used = used.Or(graph.Unsure)
					}
					for m := range mounts.Each() {
						used = used.Or(m.At("name").Is(name.Str()))
					}
				}
			}
			p.ReportIf(used.Not(), name, "no container mounts the volume %q", name.Str())
		}
	}),
}, {
	ID:        "k8s-restart-policy-invalid",
	Title:     "Restart policy does not fit the workload",
	Why:       refused + " Jobs end, so their pods cannot start again for ever; the pods of the others have to.",
	Remedy:    "Set `restartPolicy` to `OnFailure` or `Never` in the template of a Job or CronJob; remove it from the others.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kube-score:cronjob-restartpolicy"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("restartPolicy")
		switch pod.Resource().Type {
		case "batch/Job", "batch/CronJob":
			if v.Present() == graph.False {
				p.ReportIf(pod.Spec.Present(), v, "%s is not set, and its default Always is not for jobs", v.Key())
				return
			}
			p.ReportIf(v.Is("Always"), v, "%s is \"Always\", which is not for jobs", v.Key())
		case "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "core/ReplicationController":
			p.ReportIf(v.Is("Never", "OnFailure"), v, "%s is %q, and only \"Always\" is allowed here", v.Key(), v.Str())
		}
	}),
}}

// first holds the values seen so far by what must be unique in them.
type first map[string]graph.Value

// twice is the value seen before with the same key. What has no key, or one
// that another tool fills in, is equal to nothing.
func (f first) twice(v graph.Value, key string) (before graph.Value, twice bool) {
	if key == "" || workload.Templated(key) {
		return graph.Value{}, false
	}
	before, twice = f[key]
	if !twice {
		f[key] = v
	}
	return before, twice
}

var portForm = late.Pattern(`^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$`)

// portName tells whether text is a service name as IANA has it.
func portName(text string) bool {
	return portForm().MatchString(text) && strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz") && !strings.Contains(text, "--")
}

// hasVolume tells whether the pod has a volume: one of its own, or one that a
// StatefulSet claims for it.
func hasVolume(pod workload.Pod, name string) graph.Tri {
	claims := pod.Resource().At("spec.volumeClaimTemplates")
	has := graph.False
	if !pod.Spec.At("volumes").Known() || !claims.Known() {
		has = graph.Unsure
	}
	for v := range pod.Spec.At("volumes").Each() {
		has = has.Or(v.At("name").Is(name))
	}
	for v := range claims.Each() {
		has = has.Or(v.At("metadata.name").Is(name))
	}
	return has
}
