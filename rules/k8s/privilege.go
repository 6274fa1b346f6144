package k8s

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// privilege holds the rules about what a container may do on its node.
var privilege = []*analyzers.Rule{{
	ID:        "k8s-privileged-container",
	Title:     "Container runs privileged",
	Why:       "A privileged container has every capability and sees all devices of its node. Whoever gets into it owns the node, and with the node every pod on it.",
	Remedy:    "Remove `privileged: true` from the container's `securityContext`. If the program needs one privilege, add that capability alone under `capabilities.add`.",
	Severity:  analyzers.Critical,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"kubescape:C-0211",
		"checkov:CKV_K8S_16", "trivy:KSV-0017", "kubescape:C-0057", "kube-linter:privileged-container",
		"kube-score:container-security-context-privileged", "polaris:runAsPrivileged", "kubeaudit:PrivilegedTrue",
		"kics:dd29336b-fe57-445b-a26e-e6aa867ae609", "kics:87065ef8-de9b-40d8-9753-f4a4303e27a4",
	},
	Fix: analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext.privileged")
		p.ReportIf(v.Bool(false), v, "container %q runs privileged", c.Name()).
			Fix("Set privileged to false", edit.Set(v, edit.Bool(false)))
	}),
}, {
	ID:        "k8s-privilege-escalation",
	Title:     "Container may gain privileges",
	Why:       "Without `allowPrivilegeEscalation: false` a setuid program or a file with capabilities in the image makes root of a user without rights. Most container escapes need root first.",
	Remedy:    "Set `allowPrivilegeEscalation: false` in the `securityContext` of the container. It only breaks programs that rely on setuid, such as `sudo` and some `ping`s.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"kubescape:C-0211",
		"checkov:CKV_K8S_20", "trivy:KSV-0001", "kubescape:C-0016", "kube-linter:privilege-escalation-container",
		"polaris:privilegeEscalationAllowed", "kubeaudit:AllowPrivilegeEscalationTrue", "kubeaudit:AllowPrivilegeEscalationNil",
		"kics:5572cc5e-1e4c-4113-92a6-7a8a3bd25e6d", "kics:c878abb4-cca5-4724-92b9-289be68bd47c",
	},
	Fix: analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext.allowPrivilegeEscalation")
		bad := v.Bool(true).And(c.Pod.Windows().Not())
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "container %q does not set %s to false", c.Name(), v.Key()).Fix(noEscalation, edit.Set(v, edit.Bool(false)))
			return
		}
		p.ReportIf(bad, v, "%s of container %q is true", v.Key(), c.Name()).Fix(noEscalation, edit.Set(v, edit.Bool(false)))
	}),
}, {
	ID:        "k8s-proc-mount-unmasked",
	Title:     "Container sees /proc unmasked",
	Why:       "The runtime hides parts of /proc that reveal the node's kernel or steer it. `procMount: Unmasked` shows them to the container: keys in memory, timers, and with root the switches themselves.",
	Remedy:    "Remove `procMount` or set it to `Default`. Only builds of containers inside containers need it unmasked, and those belong into a user namespace (`hostUsers: false`).",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"trivy:KSV-0027", "kube-linter:unsafe-proc-mount", "polaris:procMount",
	},
	Fix: analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext.procMount")
		p.ReportIf(v.Is("Unmasked").And(c.Pod.UserNamespace().Not()), v, "%s of container %q is %q", v.Key(), c.Name(), v.Str()).
			Fix("Set procMount to Default", edit.Set(v, edit.Text("Default")))
	}),
}, {
	ID:        "k8s-windows-host-process",
	Title:     "Windows container runs as a process of its node",
	Why:       "A HostProcess container is no container: it runs in the node's own network and file system as one of its accounts. Whoever gets into it has the node.",
	Remedy:    "Remove `hostProcess: true` from `windowsOptions`. Keep it to the agents that manage the node, in a namespace of their own.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0211", "kubescape:C-0202", "trivy:KSV-0103", "polaris:hostProcess"},
	Fix:       analyzers.Unsafe,
	Check: func(p *analyzers.Pass) {
		for _, pod := range workload.Pods.Of(p.Graph) {
			v := pod.Spec.At("securityContext.windowsOptions.hostProcess")
			p.ReportIf(v.Bool(false), v, "%s is true for all containers of the pod", v.Key()).Fix(noHostProcess, edit.Set(v, edit.Bool(false)))
		}
		for _, c := range workload.Containers.Of(p.Graph) {
			p.Look(1)
			v := c.At("securityContext.windowsOptions.hostProcess")
			p.ReportIf(v.Bool(false), v, "%s of container %q is true", v.Key(), c.Name()).Fix(noHostProcess, edit.Set(v, edit.Bool(false)))
		}
	},
}, {
	ID:        "k8s-unsafe-sysctl",
	Title:     "Pod sets a kernel parameter that is not safe",
	Why:       "Only a few kernel parameters are kept apart by pod. The others reach into the node, or let one pod starve or crash its neighbours; the kubelet refuses them unless the node allows them by hand.",
	Remedy:    "Remove the entry from `securityContext.sysctls`. What the node as a whole needs belongs into the node's own configuration.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"kubescape:C-0211",
		"trivy:KSV-0026", "kube-linter:unsafe-sysctls",
		"kics:9127f0d9-2310-42e7-866f-5fd9d20dcbad",
	},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for s := range pod.Spec.At("securityContext.sysctls").Each() {
			v := s.At("name")
			safe := v.Is("") // validation says what is wrong with a name that is empty
			if v.Known() {
				safe = safe.Or(graph.Of(slices.Contains(safeSysctls[:], dotted(v.Str()))))
			}
			p.ReportIf(v.Present().And(safe.Not()), v, "sysctl %q is not one of the safe ones", v.Str())
		}
	}),
}, {
	ID:        "k8s-selinux-options",
	Title:     "Pod chooses SELinux labels of its own",
	Why:       "SELinux keeps containers apart by the type their processes run as. Another type, user or role can be one that may read the node's files or those of other pods, `spc_t` above all.",
	Remedy:    "Leave `user` and `role` of `seLinuxOptions` out and use one of the types `container_t`, `container_init_t`, `container_kvm_t` or `container_engine_t`. A `level` of its own is fine.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:KSV-0025"},
	Check: func(p *analyzers.Pass) {
		check := func(options graph.Value) {
			for _, key := range []string{"user", "role"} {
				v := options.At(key)
				p.ReportIf(v.Present().And(v.Is("").Not()), v, "%s in seLinuxOptions is %q", v.Key(), v.Str())
			}
			v := options.At("type")
			p.ReportIf(v.Present().And(v.Is("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t").Not()), v,
				"%s in seLinuxOptions is %q, which is no type for containers", v.Key(), v.Str())
		}
		for _, pod := range workload.Pods.Of(p.Graph) {
			check(pod.Spec.At("securityContext.seLinuxOptions"))
		}
		for _, c := range workload.Containers.Of(p.Graph) {
			p.Look(1)
			check(c.At("securityContext.seLinuxOptions"))
		}
	},
}}

const (
	noEscalation  = "Set allowPrivilegeEscalation to false"
	noHostProcess = "Set hostProcess to false"
)

// dotted is the name of a sysctl with dots between its parts; with slashes, as
// below /proc/sys, the kubelet takes it as well.
func dotted(name string) string {
	if i := strings.IndexAny(name, "./"); i < 0 || name[i] == '.' {
		return name
	}
	return strings.NewReplacer("/", ".", ".", "/").Replace(name)
}

// safeSysctls are the parameters that the kernel keeps apart by pod and that
// cannot harm the node (Pod Security Standards, baseline).
var safeSysctls = [...]string{
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
	"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
	"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
}
