package k8s

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// standards holds the rules about what Pod Security Admission refuses by the
// letter, where the other rules look at what a container ends up with.
var standards = []*analyzers.Rule{{
	ID:        "k8s-probe-host",
	Title:     "Probe or hook goes to a host of its own choice",
	Why:       "The kubelet makes these requests, from the node's network. With `host` set it asks any address that the node reaches, past every NetworkPolicy: whoever may make pods looks around in the networks behind the nodes.",
	Remedy:    "Remove `host`; the pod's own address is the default. Put another name into `httpHeaders` as `Host`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // pods on the node's network ask its loopback
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for _, path := range [...]string{"livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"} {
			for _, means := range [...]string{"httpGet", "tcpSocket"} {
				v := c.At(path + "." + means + ".host")
				p.ReportIf(v.Present().And(v.Is("").Not()), v, "%s of container %q goes to the %s %q", path, c.Name(), v.Key(), v.Str()).
					Fix("Ask the pod itself", edit.Remove(v))
			}
		}
	}),
}, {
	ID:        "k8s-run-as-non-root-missing",
	Title:     "Container is not held to run as another user than root",
	Why:       "`runAsUser` says who the program runs as, `runAsNonRoot` that it must not be root. Without the second nothing holds back the day on which the number is changed, and the restricted level of Pod Security does not admit the pod.",
	Remedy:    "Set `runAsNonRoot: true` in the `securityContext` of the pod.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.Security("runAsNonRoot")
		// Where no user is given either it is k8s-run-as-root's to say.
		given := c.NonRoot().Or(c.IsRoot(), c.Pod.Windows())
		bad := v.Bool(false).Not().And(given, c.Pod.UserNamespace().Not())
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "container %q does not set %s", c.Name(), v.Key())
			return
		}
		p.ReportIf(bad, v, "%s of container %q is false", v.Key(), c.Name())
	}),
}, podDefault("runAsUser", "0", nil, analyzers.Rule{
	ID:     "k8s-pod-run-as-uid-zero",
	Title:  "Pod has its containers run as root unless they say otherwise",
	Why:    "All containers say otherwise today. The next one, a sidecar that is added or injected, runs as root. The restricted level of Pod Security does not admit the pod.",
	Remedy: "Set `runAsUser` in the `securityContext` of the pod to another number, or remove it there.",
}), podDefault("runAsNonRoot", "false", edit.Bool(true), analyzers.Rule{
	ID:     "k8s-pod-run-as-non-root-false",
	Title:  "Pod lets its containers run as root unless they say otherwise",
	Why:    "All containers say otherwise today. The next one, a sidecar that is added or injected, may run as root. The restricted level of Pod Security does not admit the pod.",
	Remedy: "Set `runAsNonRoot: true` in the `securityContext` of the pod.",
}), podDefault("seccompProfile", "Unconfined", edit.Text("RuntimeDefault"), analyzers.Rule{
	ID:     "k8s-pod-seccomp-unconfined",
	Title:  "Pod has its containers make any system call unless they say otherwise",
	Why:    "All containers say otherwise today. The next one, a sidecar that is added or injected, runs without a seccomp profile. Pod Security admits the pod at no level but privileged.",
	Remedy: "Set `seccompProfile: {type: RuntimeDefault}` in the `securityContext` of the pod.",
}), podDefault("appArmorProfile", "Unconfined", edit.Text("RuntimeDefault"), analyzers.Rule{
	ID:     "k8s-pod-apparmor-unconfined",
	Title:  "Pod has its containers run without AppArmor unless they say otherwise",
	Why:    "All containers say otherwise today. The next one, a sidecar that is added or injected, runs without an AppArmor profile. Pod Security admits the pod at no level but privileged.",
	Remedy: "Set `appArmorProfile: {type: RuntimeDefault}` in the `securityContext` of the pod.",
}), {
	ID:        "k8s-proc-mount-user-namespace",
	Title:     "Container in a user namespace sees /proc unmasked",
	Why:       "In a user namespace the parts of /proc that the runtime hides are of little use to an intruder, but a hole in the kernel's namespaces makes them so. The restricted level of Pod Security does not admit the pod.",
	Remedy:    "Remove `procMount` unless the program makes containers of its own.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext.procMount")
		p.ReportIf(v.Is("Unmasked").And(c.Pod.UserNamespace()), v, "%s of container %q is %q", v.Key(), c.Name(), v.Str())
	}),
}, {
	ID:        "k8s-capability-spelling",
	Title:     "Capability is spelled as admission does not know it",
	Why:       "Runtimes read `chown` and `CAP_CHOWN` as `CHOWN`; Pod Security and most policies compare letter by letter. Allowed capabilities are refused, and policies that forbid one let it through under the other name.",
	Remedy:    "Write the capability in capitals and without `CAP_`.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Profile:   analyzers.Strict,
	Fix:       analyzers.Safe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for name, v := range c.Added() {
			if written, known := v.Text(""); known {
				p.ReportIf(graph.Of(written != name), v, "container %q adds the capability %q, which is %s", c.Name(), written, name).
					Fix("Write "+name, edit.Set(v, edit.Text(name)))
			}
		}
	}),
}, {
	ID:        "k8s-drop-all-spelling",
	Title:     "Dropping all capabilities is spelled as admission does not know it",
	Why:       "Runtimes read `all` as `ALL`; Pod Security and most policies compare letter by letter and refuse a pod that does what they ask for.",
	Remedy:    "Write `ALL` in capitals.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Profile:   analyzers.Strict,
	Fix:       analyzers.Safe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		drop := c.At("securityContext.capabilities.drop")
		for v := range drop.Each() {
			written, known := v.Text("")
			misspelt := known && written != "ALL" && workload.Capability(written) == "ALL"
			p.ReportIf(graph.Of(misspelt).And(drop.Contains("ALL").Not(), c.Pod.Windows().Not()), v, "container %q drops %q, not \"ALL\"", c.Name(), written).
				Fix("Write ALL", edit.Set(v, edit.Text("ALL")))
		}
	}),
}, {
	ID:        "k8s-windows-os-missing",
	Title:     "Pod for Windows does not say so where admission looks",
	Why:       "`nodeSelector` sends the pod to Windows nodes, but Pod Security goes by `os.name` alone. The restricted level asks the pod for settings that exist on Linux only and does not admit it.",
	Remedy:    "Set `os: {name: windows}` in the pod's `spec`.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		os := c.Pod.Spec.At("os.name")
		hidden := c.Pod.Windows().And(os.Is("windows").Not())
		linux := c.At("securityContext.allowPrivilegeEscalation").Is("false").
			And(c.At("securityContext.capabilities.drop").Contains("ALL"), c.Security("seccompProfile").At("type").Is("RuntimeDefault", "Localhost"))
		p.ReportIf(hidden.And(linux.Not()), os, "os.name is not \"windows\", as the pod's nodeSelector is").
			Fix("Say that the pod is for Windows", edit.Set(os, edit.Text("windows")))
	}),
}}

// podDefault completes a rule about a field of the pod's securityContext that
// every container has a value of its own for. Where one takes the pod's, that
// container is another rule's to report. good is nil where a person chooses.
func podDefault(field, bad string, good *graph.Node, r analyzers.Rule) *analyzers.Rule {
	r.Severity, r.Precision, r.Profile = analyzers.Low, analyzers.HighPrecision, analyzers.Strict
	if good != nil {
		r.Fix = analyzers.Unsafe
	}
	r.Check = analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("securityContext").Get(field)
		if strings.HasSuffix(field, "Profile") {
			v = v.At("type")
		}
		is := v.Is(bad).And(overridden(pod, field))
		if strings.HasPrefix(field, "runAs") {
			is = is.And(pod.UserNamespace().Not())
		}
		if f := p.ReportIf(is, v, "%s of the pod is %q", field, bad); good != nil {
			f.Fix("Set it to "+good.Text(), edit.Set(v, good))
		}
	})
	return &r
}

// overridden tells whether every container of the pod has a field of its own,
// so that the pod's stands for none of them.
func overridden(pod workload.Pod, field string) graph.Tri {
	all := graph.True
	for c := range pod.Containers() {
		all = all.And(c.At("securityContext").Get(field).Present())
	}
	return all
}
