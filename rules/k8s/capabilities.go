package k8s

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// beyondBaseline names the rules of other tools that ask for any capability
// outside the baseline; ours say for each what it gives away, so they are equal
// together.
var beyondBaseline = []string{"kubescape:C-0046"}

// anyAdded names the rules of other tools that ask for any capability at all.
var anyAdded = []string{
	"checkov:CKV_K8S_25", "kubeaudit:CapabilityAdded", "trivy:KSV-0106", "trivy:KSV-0022",
	"kics:19ebaa28-fc86-4a58-bcfa-015c9e22fe40",
}

const withoutIt = "Remove it from `capabilities.add` of the container's `securityContext`. "

// capabilities holds the rules about single Linux capabilities and what
// containers start with.
var capabilities = []*analyzers.Rule{
	adds(capability{
		id: "k8s-cap-all", names: []string{"ALL"}, severity: analyzers.Critical,
		title:  "Container has all capabilities",
		why:    "With all capabilities root in the container is root on the node: it can load kernel modules, mount disks and read any process. Little is left that `privileged` would add.",
		remedy: withoutIt + "Add the one or two capabilities by name that the program fails without.",
		same:   []string{"polaris:dangerousCapabilities", "checkov:CKV_K8S_39", "trivy:KSV-0005"},
	}),
	adds(capability{
		id: "k8s-cap-sys-admin", names: []string{"SYS_ADMIN"}, severity: analyzers.High,
		title:  "Container has the capability SYS_ADMIN",
		why:    "SYS_ADMIN covers mounting, namespaces, cgroups and much more, and the ways from it to the node are well known. It also sets aside `allowPrivilegeEscalation: false`.",
		remedy: withoutIt + "Mounting inside the container can often be left to a volume, FUSE to a device plugin.",
		same: []string{
			"checkov:CKV_K8S_39", "trivy:KSV-0005", "polaris:dangerousCapabilities", "kubescape:C-0057",
			"kics:235236ee-ad78-4065-bd29-61b061f28ce0", "kics:3f55386d-75cd-4e9a-ac47-167b26c04724",
		},
	}),
	adds(capability{
		id: "k8s-cap-sys-module", names: []string{"SYS_MODULE"}, severity: analyzers.Critical,
		title:  "Container may load kernel modules",
		why:    "The kernel is the node's, shared by every pod. A module loaded from the container runs in it without any limits.",
		remedy: withoutIt + "Have the node load the modules it needs when it starts.",
		same:   []string{"trivy:KSV-0120"},
	}),
	adds(capability{
		id: "k8s-cap-sys-ptrace", names: []string{"SYS_PTRACE"}, severity: analyzers.Medium,
		title:  "Container may trace other processes",
		why:    "SYS_PTRACE reads and changes the memory of any process in sight: of the other containers with a shared process namespace, of the whole node with `hostPID`.",
		remedy: withoutIt + "Attach an ephemeral container with `kubectl debug` when something has to be traced.",
	}),
	adds(capability{
		id: "k8s-cap-sys-rawio", names: []string{"SYS_RAWIO"}, severity: analyzers.High,
		title:  "Container may access the node's memory and disks raw",
		why:    "SYS_RAWIO opens I/O ports and raw disk commands, below every check that the kernel makes. It leads to the node's files and memory.",
		remedy: withoutIt + "A device plugin gives a container one device without it.",
	}),
	adds(capability{
		id: "k8s-cap-dac-read-search", names: []string{"DAC_READ_SEARCH"}, severity: analyzers.High,
		title:  "Container may open files by handle",
		why:    "DAC_READ_SEARCH skips the permissions of files and opens them by handle, which reaches past the container's root: the classic way to read the node's files.",
		remedy: withoutIt + "A backup agent can run as the owner of the files, or with `fsGroup`.",
	}),
	adds(capability{
		id: "k8s-cap-bpf", names: []string{"BPF", "PERFMON"}, severity: analyzers.High,
		title:  "Container may watch the kernel",
		why:    "BPF and PERFMON programs see what the kernel does for every process on the node: system calls, traffic, keys typed.",
		remedy: withoutIt + "Keep it to one agent on each node that needs it, with an image pinned by digest.",
	}),
	adds(capability{
		id: "k8s-cap-net-admin", names: []string{"NET_ADMIN"}, severity: analyzers.Medium, precision: analyzers.MediumPrecision,
		title:  "Container may change its network",
		why:    "NET_ADMIN rewrites routes, firewall rules and interfaces of the pod, past NetworkPolicies that its own node enforces there; with `hostNetwork` those of the node.",
		remedy: withoutIt + "A service mesh gets by without it when its CNI plugin sets the pods' networks up.",
		same:   []string{"polaris:dangerousCapabilities"},
	}),
	adds(capability{
		id: "k8s-cap-net-raw", names: []string{"NET_RAW"}, severity: analyzers.Medium,
		title:  "Container is given raw sockets",
		why:    "Raw sockets forge packets. A container that has them can pretend to be another pod or the DNS server of its network and read what others send.",
		remedy: withoutIt + "For `ping` the sysctl `net.ipv4.ping_group_range` is enough, and it is a safe one.",
		same:   []string{"trivy:KSV-0119"},
	}),
	{
		ID:        "k8s-cap-beyond-baseline",
		Title:     "Container adds a capability outside the baseline",
		Why:       "The baseline of the Pod Security Standards ends with the capabilities that runtimes give anyway. Others reach into the node: its clock, its logs, its memory. A namespace that enforces the baseline does not admit the pod.",
		Remedy:    withoutIt + "Check first whether the program starts without it: it is often a leftover of `privileged`.",
		Severity:  analyzers.Medium,
		Precision: analyzers.HighPrecision,
		Same:      slices.Concat(beyondBaseline, anyAdded),
		Fix:       analyzers.Unsafe,
		Check: eachAdded(func(_ workload.Container, name string) graph.Tri {
			return graph.Of(!slices.Contains(baselineCapabilities, name) && !slices.Contains(named, name))
		}),
	},
	{
		ID:        "k8s-cap-added",
		Title:     "Container adds a capability",
		Why:       "Every capability is a part of root. The restricted profile of the Pod Security Standards has containers start with none and allows NET_BIND_SERVICE alone.",
		Remedy:    withoutIt + "To listen below port 1024 add `NET_BIND_SERVICE`, or listen on a high port and let the Service translate.",
		Severity:  analyzers.Low,
		Precision: analyzers.MediumPrecision,
		Profile:   analyzers.Strict,
		Same:      anyAdded,
		Fix:       analyzers.Unsafe,
		Check: eachAdded(func(c workload.Container, name string) graph.Tri {
			return graph.Of(slices.Contains(baselineCapabilities, name) && name != "NET_BIND_SERVICE").
				And(c.Pod.Spec.At("os.name").Is("windows").Not())
		}),
	},
	{
		ID:        "k8s-capabilities-not-dropped",
		Title:     "Container keeps the runtime's default capabilities",
		Why:       "Runtimes give root in a container a dozen capabilities that few programs use: to change owners, to make devices, to forge packets. An intruder uses them.",
		Remedy:    "Set `capabilities: {drop: [ALL]}` in the container's `securityContext` and add back what the program fails without.",
		Severity:  analyzers.Low,
		Precision: analyzers.HighPrecision,
		Profile:   analyzers.Strict,
		Same: []string{
			"checkov:CKV_K8S_37", "trivy:KSV-0003", "kubeaudit:CapabilityShouldDropAll", "kubeaudit:CapabilityOrSecurityContextMissing",
			"polaris:insecureCapabilities", "trivy:KSV-0106",
			"kics:268ca686-7fb7-4ae9-b129-955a2a89064e", "kics:21cef75f-289f-470e-8038-c7cee0664164", "trivy:KSV-0004",
		},
		Fix: analyzers.Unsafe,
		Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
			v := c.At("securityContext.capabilities.drop")
			p.ReportIf(c.Drops("ALL").Or(dropsDefaults(c)).Not().And(c.Pod.Windows().Not()), v, "container %q does not drop all capabilities", c.Name()).
				Fix("Drop all capabilities", edit.Append(v, edit.Text("ALL")))
		}),
	},
	{
		ID:        "k8s-net-raw-not-dropped",
		Title:     "Container keeps raw sockets",
		Why:       "Most runtimes give containers NET_RAW unasked. With it an intruder forges packets and pretends to be another pod or the DNS server of its network.",
		Remedy:    "Drop `ALL`, or at least `NET_RAW`, under `capabilities.drop` of the container's `securityContext`.",
		Severity:  analyzers.Low,
		Precision: analyzers.HighPrecision,
		Profile:   analyzers.Strict,
		Same: []string{
			"kubescape:C-0211",
			"checkov:CKV_K8S_28", "kube-linter:drop-net-raw-capability",
			"kics:dbbc6705-d541-43b0-b166-dd4be8208b54", "kics:e5587d53-a673-4a6b-b3f2-ba07ec274def",
		},
		Fix: analyzers.Unsafe,
		Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
			v := c.At("securityContext.capabilities.drop")
			p.ReportIf(c.Drops("ALL", "NET_RAW").Not().And(c.Pod.Windows().Not()), v, "container %q does not drop NET_RAW", c.Name()).
				Fix("Drop NET_RAW", edit.Append(v, edit.Text("NET_RAW")))
		}),
	},
}

// dropsDefaults tells whether the container drops each of the capabilities that
// runtimes give unasked, one by one: it is left with none, as with ALL.
func dropsDefaults(c workload.Container) graph.Tri {
	all := c.Drops("NET_RAW")
	for _, name := range baselineCapabilities {
		all = all.And(c.Drops(name))
	}
	return all
}

// baselineCapabilities, with NET_RAW, are what runtimes give unasked. They may be added under the baseline of the Pod Security
// Standards.
var baselineCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
	"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// named are the capabilities that have a rule of their own; "" is one that is
// not known.
var named = []string{
	"", "ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF", "PERFMON", "NET_ADMIN", "NET_RAW",
}

// capability is a rule about adding one.
type capability struct {
	id, title, why, remedy string
	names, same            []string
	severity               analyzers.Severity
	precision              analyzers.Precision
}

func adds(c capability) *analyzers.Rule {
	return &analyzers.Rule{
		ID: c.id, Title: c.title, Why: c.why, Remedy: c.remedy, Severity: c.severity, Precision: c.precision,
		Same:  slices.Concat(c.same, beyondBaseline, anyAdded),
		Fix:   analyzers.Unsafe,
		Check: eachAdded(func(_ workload.Container, name string) graph.Tri { return graph.Of(slices.Contains(c.names, name)) }),
	}
}

// eachAdded reports the capabilities added that are bad.
func eachAdded(bad func(c workload.Container, name string) graph.Tri) func(*analyzers.Pass) {
	return analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for name, v := range c.Added() {
			is := graph.Unsure
			if v.Known() {
				is = bad(c, name)
			}
			p.ReportIf(is, v, "container %q adds the capability %q", c.Name(), v.Str()).Fix("Remove the capability", edit.Remove(v))
		}
	})
}
