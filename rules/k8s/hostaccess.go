package k8s

import (
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// hostAccess holds the rules about what of its node a pod gets to see.
var hostAccess = []*analyzers.Rule{
	hostNamespace("hostNetwork", analyzers.Rule{
		ID:       "k8s-host-network",
		Title:    "Pod uses the network of its node",
		Why:      "The pod sees the node's traffic, reaches what listens on the node's loopback only, and is past every NetworkPolicy. On most clouds the metadata service gives it the node's credentials.",
		Remedy:   "Remove `hostNetwork: true` and reach the pod through a Service. Agents of the network itself need it; keep them in a namespace of their own.",
		Severity: analyzers.High,
		Same: []string{
			"checkov:CKV_K8S_19", "trivy:KSV-0009", "kubescape:C-0041", "kube-linter:host-network",
			"polaris:hostNetworkSet", "kubeaudit:NamespaceHostNetworkTrue",
			"kics:6b6bdfb3-c3ae-44cb-88e4-7405c1ba2c8a", "kics:ac1564a3-c324-4747-9fa1-9dfc234dace0",
		},
	}),
	hostNamespace("hostPID", analyzers.Rule{
		ID:       "k8s-host-pid",
		Title:    "Pod sees the processes of its node",
		Why:      "The pod sees every process of the node with its arguments and environment, and as root reaches into their files through /proc. With one capability more it owns them.",
		Remedy:   "Remove `hostPID: true`. To debug, share the processes of one pod with `shareProcessNamespace`, or attach an ephemeral container.",
		Severity: analyzers.High,
		Same: []string{
			"kubescape:C-0275",
			"checkov:CKV_K8S_17", "trivy:KSV-0010", "kubescape:C-0038", "kube-linter:host-pid", "polaris:hostPIDSet",
			"kubeaudit:NamespaceHostPIDTrue", "kics:302736f4-b16c-41b8-befe-c0baffa0bd9d", "kics:587d5d82-70cf-449b-9817-f60f9bccb88c",
		},
	}),
	hostNamespace("hostIPC", analyzers.Rule{
		ID:       "k8s-host-ipc",
		Title:    "Pod shares the memory segments of its node",
		Why:      "Programs on the node that talk through shared memory, databases for one, can be read and changed by the pod.",
		Remedy:   "Remove `hostIPC: true`. Containers of one pod share memory without it.",
		Severity: analyzers.High,
		Same: []string{
			"checkov:CKV_K8S_18", "trivy:KSV-0008", "kubescape:C-0038", "kubescape:C-0276", "kube-linter:host-ipc", "polaris:hostIPCSet",
			"kubeaudit:NamespaceHostIPCTrue", "kics:cd290efd-6c82-4e9d-a698-be12ae31d536", "kics:e94d3121-c2d1-4e34-a295-139bfeb73ea3",
		},
	}),
	{
		ID:        "k8s-host-port",
		Title:     "Container takes a port of its node",
		Why:       "The port is open on the address of the node, in front of Services and often of NetworkPolicies, and only one such pod fits on a node.",
		Remedy:    "Remove `hostPort` and use a Service, of type `NodePort` or `LoadBalancer` when it must be reached from outside.",
		Severity:  analyzers.Medium,
		Precision: analyzers.HighPrecision,
		Same: []string{
			"checkov:CKV_K8S_26", "trivy:KSV-0024", "kubescape:C-0044", "polaris:hostPortSet",
			"kics:2b1836f1-dcce-416e-8e16-da8c71920633",
		},
		Fix: analyzers.Unsafe,
		Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
			for port := range c.At("ports").Each() {
				v := port.At("hostPort")
				n, known := v.Int(0)
				bad := graph.Of(n != 0)
				if !known {
					bad = graph.Unsure
				}
				// With hostNetwork every port is the node's, which is that rule's to say.
				p.ReportIf(bad.And(c.Pod.Spec.At("hostNetwork").Bool(false).Not()), v, "%s of container %q is %d", v.Key(), c.Name(), n).
					Fix("Remove hostPort", edit.Remove(v))
			}
		}),
	},
	{
		ID:        "k8s-host-port-on-host-network",
		Title:     "Container asks for a port of a node whose network it has",
		Why:       "With `hostNetwork` every port is the node's, so the entry adds nothing: it keeps a second pod off the node and stays behind, open, when `hostNetwork` goes. The baseline of the Pod Security Standards forbids both.",
		Remedy:    "Remove `hostPort`.",
		Severity:  analyzers.Info,
		Precision: analyzers.MediumPrecision,
		Profile:   analyzers.Strict,
		Same: []string{
			"checkov:CKV_K8S_26", "trivy:KSV-0024", "kubescape:C-0044", "polaris:hostPortSet",
			"kics:2b1836f1-dcce-416e-8e16-da8c71920633",
		},
		Fix: analyzers.Unsafe,
		Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
			for port := range c.At("ports").Each() {
				v := port.At("hostPort")
				p.ReportIf(v.Present().And(v.Is("0").Not(), c.Pod.Spec.At("hostNetwork").Bool(false)), v,
					"%s of container %q is %s, and the pod has the node's network", v.Key(), c.Name(), v.Str()).
					Fix("Remove hostPort", edit.Remove(v))
			}
		}),
	},
	{
		ID:        "k8s-runtime-socket",
		Title:     "Pod mounts the socket of the container runtime",
		Why:       "Whoever can talk to the runtime starts a privileged container on the node, past the API server and everything it checks. It is root on the node by another name.",
		Remedy:    "Remove the volume. Build images without the node's runtime (BuildKit rootless, Kaniko, Buildah), and read logs and metrics from the kubelet's API.",
		Severity:  analyzers.Critical,
		Precision: analyzers.VeryHighPrecision,
		Same: append([]string{
			"checkov:CKV_K8S_27", "trivy:KSV-0006", "kubescape:C-0074", "kube-linter:docker-sock", "kubeaudit:SensitivePathsMounted",
			"kics:a6f34658-fdfb-4154-9536-56d516f65828", "kics:4e203a65-c8d8-49a2-b749-b124d43c9dc1",
		}, anyHostPath...),
		Check: hostPath(func(_ workload.Pod, _ graph.Value, name string) graph.Tri { return graph.Of(isRuntimeSocket(name)) },
			"volume %q is the container runtime's socket %q"),
	},
	{
		ID:        "k8s-sensitive-host-path",
		Title:     "Pod mounts a directory of its node that gives the node away",
		Why:       "Some directories of a node hold its keys, its kubelet's credentials or the secrets of all its pods, or let whoever writes there run commands as root.",
		Remedy:    "Mount only the file or directory below it that is needed, with `readOnly: true`, or use a ConfigMap, a Secret or a CSI volume instead.",
		Severity:  analyzers.High,
		Precision: analyzers.HighPrecision,
		Same: append([]string{
			"kube-linter:sensitive-host-mounts", "kubeaudit:SensitivePathsMounted",
			"kics:5308a7a8-06f8-45ac-bf10-791fe21de46e", "trivy:KSV-0121",
		}, anyHostPath...),
		Check: hostPath(sensitive, "volume %q is %q of the node"),
	},
	{
		ID:        "k8s-writable-host-path",
		Title:     "Container may write to a directory of its node",
		Why:       "What the container writes there stays on the node and is read by others on it. Links, programs and configuration left behind are a way out of the container.",
		Remedy:    "Set `readOnly: true` on the entry in `volumeMounts`, or use a volume that belongs to the pod.",
		Severity:  analyzers.Medium,
		Precision: analyzers.MediumPrecision,
		Same: []string{
			"kubescape:C-0045", "kube-linter:writable-host-mount",
		},
		Fix: analyzers.Unsafe,
		Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
			for mount, volume := range c.Mounts("hostPath") {
				v := mount.At("readOnly")
				p.ReportIf(v.Bool(false).Not().And(volume.At("hostPath").Present()), v,
					"container %q may write to %q of the node", c.Name(), volume.At("hostPath.path").Str()).
					Fix("Mount it read-only", edit.Set(v, edit.Bool(true)))
			}
		}),
	},
	{
		ID:        "k8s-host-path",
		Title:     "Pod mounts a directory of its node",
		Why:       "The pod depends on what lies on one node and gets a way to the node's files. The baseline of the Pod Security Standards has no host paths at all.",
		Remedy:    "Use a PersistentVolumeClaim, an `emptyDir`, a ConfigMap or a Secret.",
		Severity:  analyzers.Low,
		Precision: analyzers.MediumPrecision,
		Profile:   analyzers.Strict,
		Same:      anyHostPath,
		Check: hostPath(func(pod workload.Pod, volume graph.Value, name string) graph.Tri {
			return graph.Of(isRuntimeSocket(name)).Or(sensitive(pod, volume, name)).Not()
		}, "volume %q is %q of the node"),
	},
}

// anyHostPath names the rules of other tools that ask for any directory of the
// node; ours say which of them is how bad.
var anyHostPath = []string{
	"trivy:KSV-0023", "kubescape:C-0048", "polaris:hostPathSet", "kics:aa8f7a35-9923-4cad-bd61-a19b7f6aac91",
	"kics:86a947ea-f577-4efb-a8b0-5fc00257d521",
}

// hostNamespace completes a rule about a field of the pod that shares one of
// the node's namespaces.
func hostNamespace(field string, r analyzers.Rule) *analyzers.Rule {
	r.Precision, r.Fix = analyzers.VeryHighPrecision, analyzers.Unsafe
	r.Check = analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At(field)
		p.ReportIf(v.Bool(false), v, "%s is true", v.Key()).Fix("Set "+field+" to false", edit.Set(v, edit.Bool(false)))
	})
	return &r
}

// hostPath makes a Check that reports the node's directories that are bad.
func hostPath(bad func(pod workload.Pod, volume graph.Value, name string) graph.Tri, format string) func(*analyzers.Pass) {
	return analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for volume, v := range pod.HostPaths() {
			is := graph.Unsure
			if name := v.Str(); name != "" {
				is = bad(pod, volume, path.Clean(name))
			}
			p.ReportIf(is, v, format, volume.At("name").Str(), v.Str())
		}
	})
}

// writable tells whether a container mounts the volume and may write to it.
func writable(pod workload.Pod, volume graph.Value) graph.Tri {
	may := graph.False
	for c := range pod.Containers() {
		for mount, v := range c.Mounts("hostPath") {
			if v.At("name").Str() == volume.At("name").Str() {
				may = may.Or(mount.At("readOnly").Bool(false).Not())
			}
		}
	}
	return may
}

// isRuntimeSocket tells whether name is the socket of Docker, containerd,
// CRI-O, cri-dockerd or Podman, or the directory it lies in.
func isRuntimeSocket(name string) bool {
	switch strings.TrimPrefix(name, "/var") {
	case "/run/docker", "/run/containerd", "/run/crio", "/run/podman", "/run/k3s/containerd":
		return true
	}
	switch path.Base(name) {
	case "docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock", "podman.sock", "dockershim.sock", "frakti.sock", "buildkitd.sock":
		return true
	}
	return false
}

// whole are directories that give the node away when mounted as such; what
// lies below them is another matter.
var whole = []string{
	"/", "/bin", "/boot", "/dev", "/home", "/lib", "/lib64", "/run", "/sbin", "/usr", "/usr/bin",
	"/usr/lib", "/usr/local", "/usr/local/bin", "/usr/sbin", "/var", "/var/lib", "/var/run",
}

// trees are directories that give the node away with everything below them.
var trees = []string{
	"/etc", "/proc", "/root", "/boot", "/dev/mem", "/dev/kmem", "/dev/disk",
	"/var/lib/kubelet", "/var/lib/etcd", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/rancher",
	"/var/run/secrets", "/home/admin",
}

// harmless lie below trees: public data, and what drivers and device plugins
// are given by the kubelet's own contract.
var harmless = []string{
	"/etc/localtime", "/etc/timezone", "/etc/machine-id", "/etc/os-release", "/etc/ssl/certs", "/etc/pki/tls/certs",
	"/etc/pki/ca-trust", "/etc/ca-certificates", "/etc/hostname", "/etc/resolv.conf",
	"/sys/class", "/sys/bus", "/sys/devices", "/sys/fs/bpf", "/sys/kernel/debug", "/sys/kernel/tracing",
	"/var/lib/kubelet/plugins", "/var/lib/kubelet/plugins_registry", "/var/lib/kubelet/device-plugins", "/var/lib/kubelet/pod-resources",
}

// sensitive tells whether a directory of the node gives the node away. Sockets
// of runtimes do too, and have a rule of their own.
func sensitive(pod workload.Pod, volume graph.Value, name string) graph.Tri {
	if name == "/var/log" || name == "/sys" || strings.HasPrefix(name, "/sys/") {
		// Every container may read /sys. The kubelet serves /var/log and follows
		// links that are laid there.
		return writable(pod, volume).And(graph.Of(!below(harmless, name)))
	}
	if isRuntimeSocket(name) {
		return graph.False
	}
	return graph.Of(slices.Contains(whole, name) || below(trees, name) && !below(harmless, name))
}

// below tells whether name is one of the directories or lies in one.
func below(dirs []string, name string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") })
}
