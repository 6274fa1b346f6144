package k8s

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// user holds the rules about who a container runs as.
var user = []*analyzers.Rule{{
	ID:        "k8s-run-as-root",
	Title:     "Container may run as root",
	Why:       "Root in the container is root to the kernel. A hole in the runtime, a mounted directory or a capability is then enough to get onto the node; for another user it rarely is.",
	Remedy:    "Set `runAsNonRoot: true` in the `securityContext` of the pod or the container. If the image does not name its user by number, set `runAsUser` as well.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      rootUser,
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.Security("runAsNonRoot")
		bad := c.NonRoot().Not().And(c.IsRoot().Not(), c.Pod.Windows().Not(), c.Pod.UserNamespace().Not())
		why := fmt.Sprintf("%s of container %q is false", v.Key(), c.Name())
		if v.Present() == graph.False {
			why = fmt.Sprintf("neither %s nor a user keeps container %q from running as root", v.Key(), c.Name())
		}
		image, read := images.Of(p.Graph, c)
		if read && image.IsRoot() == graph.True {
			p.ReportIf(bad, v, "%s, and it does: root is the user of its image %q", why, image.Name).Note(image.Via, "the image is named here")
			return
		}
		f := p.ReportIf(bad, v, "%s", why)
		if !read || image.StartsNonRoot() {
			f.Fix(nonRoot, edit.Set(v, edit.Bool(true)))
		}
	}),
}, {
	ID:        "k8s-run-as-uid-zero",
	Title:     "Container is told to run as root",
	Why:       "Root in the container is root to the kernel. A hole in the runtime, a mounted directory or a capability is then enough to get onto the node; for another user it rarely is.",
	Remedy:    "Set `runAsUser` to another number, the one the image was built for, and `runAsNonRoot: true` beside it. Volumes become writable with `fsGroup`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      append([]string{"trivy:KSV-0105", "kubeaudit:RunAsUserCSCRoot", "kubeaudit:RunAsUserPSCRoot"}, rootUser...),
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.Security("runAsUser")
		p.ReportIf(c.IsRoot().And(c.Pod.UserNamespace().Not()), v, "%s of container %q is 0", v.Key(), c.Name())
	}),
}, {
	ID:        "k8s-low-uid",
	Title:     "Container runs as a user that may exist on its node",
	Why:       "A number below 10000 may be somebody on the node. Should the container get out, it has that account's files and processes.",
	Remedy:    "Set `runAsUser` to a number from 10000 up, in the pod's `securityContext` for all containers.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_K8S_40", "trivy:KSV-0020", "kics:02323c00-cdc3-4fdc-a310-4f2b3e7a1660", "kube-score:container-security-context-user-group-id"},
	Check:     lowNumber("runAsUser"),
}, {
	ID:        "k8s-low-gid",
	Title:     "Container runs in a group that may exist on its node",
	Why:       "A group below 10000 may be one on the node; without any the group is 0, root's. Should the container get out, it has that group's files.",
	Remedy:    "Set `runAsGroup` to a number from 10000 up, in the pod's `securityContext` for all containers.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0021", "kube-score:container-security-context-user-group-id"},
	Check:     lowNumber("runAsGroup"),
}, {
	ID:        "k8s-root-group",
	Title:     "Pod is given root's group",
	Why:       "Group 0 owns much on the node and in mounted directories. Files that only root and its group may read or write are open to the container.",
	Remedy:    "Set `runAsGroup`, `fsGroup` and `supplementalGroups` to numbers other than 0.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0211", "trivy:KSV-0116"},
	Check: func(p *analyzers.Pass) {
		check := func(v graph.Value) {
			p.ReportIf(v.Is("0"), v, "%s has the group 0", v.Key())
		}
		for _, pod := range workload.Pods.Of(p.Graph) {
			p.Look(1)
			context := pod.Spec.At("securityContext")
			check(context.At("runAsGroup"))
			check(context.At("fsGroup"))
			groups := context.At("supplementalGroups")
			for v := range groups.Each() {
				p.ReportIf(v.Is("0"), v, "%s has the group 0", groups.Key())
			}
		}
		for _, c := range workload.Containers.Of(p.Graph) {
			check(c.At("securityContext.runAsGroup"))
		}
	},
}}

// rootUser names the rules of other tools that ask for both: a user given that
// is root, and none given.
var rootUser = []string{
	"checkov:CKV_K8S_23", "trivy:KSV-0012", "kubescape:C-0013", "kubescape:C-0211", "kube-linter:run-as-non-root", "polaris:runAsRootAllowed",
	"kubeaudit:RunAsNonRootPSCNilCSCNil", "kubeaudit:RunAsNonRootCSCFalse", "kubeaudit:RunAsNonRootPSCFalseCSCNil",
	"kics:cf34805e-3872-4c08-bf92-6ff7bb0cfadb",
}

// lowNumber makes a Check that wants a user or group from 10000 up.
func lowNumber(field string) func(*analyzers.Pass) {
	return analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.Security(field)
		n, known := v.Int(0)
		bad := graph.Of(n < 10000).And(c.Pod.Windows().Not())
		if !known {
			bad = graph.Unsure
		}
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "%s of container %q is not set", v.Key(), c.Name())
			return
		}
		p.ReportIf(bad, v, "%s of container %q is %d, below 10000", v.Key(), c.Name(), n)
	})
}

// confinement holds the rules about what the kernel is told to keep containers
// from.
var confinement = []*analyzers.Rule{{
	ID:        "k8s-read-only-root-filesystem",
	Title:     "Container may write to its root file system",
	Why:       "An intruder drops tools into the image's directories and replaces its programs. What is read-only cannot be changed, and what the program writes is known: its volumes.",
	Remedy:    "Set `readOnlyRootFilesystem: true` in the container's `securityContext` and mount an `emptyDir` where the program writes, `/tmp` for one.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kubescape:C-0211",
		"checkov:CKV_K8S_22", "trivy:KSV-0014", "kubescape:C-0017", "kube-linter:no-read-only-root-fs",
		"kube-score:container-security-context-readonlyrootfilesystem", "polaris:notReadOnlyRootFilesystem",
		"kubeaudit:ReadOnlyRootFilesystemFalse", "kubeaudit:ReadOnlyRootFilesystemNil",
		"kics:a9c2f49d-0671-4fc9-9ece-f4e261e128d0", "kics:d532566b-8d9d-4f3b-80bd-361fe802f9c2",
	},
	Fix: analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext.readOnlyRootFilesystem")
		bad := v.Bool(false).Not().And(c.Pod.Windows().Not())
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "container %q does not set %s", c.Name(), v.Key()).Fix(readOnly, edit.Set(v, edit.Bool(true)))
			return
		}
		p.ReportIf(bad, v, "%s of container %q is false", v.Key(), c.Name()).Fix(readOnly, edit.Set(v, edit.Bool(true)))
	}),
}, {
	ID:        "k8s-seccomp-unconfined",
	Title:     "Container may make any system call",
	Why:       "The profile of the runtime keeps the system calls from containers that most holes in kernels need. `Unconfined` gives them back.",
	Remedy:    "Set `seccompProfile: {type: RuntimeDefault}` in the `securityContext`, or `Localhost` with a profile of your own for what it forbids.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same: append([]string{
		"kubeaudit:SeccompDisabledContainer", "kubeaudit:SeccompDisabledPod",
	}, seccomp...),
	Fix: analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.Security("seccompProfile").At("type")
		p.ReportIf(v.Is("Unconfined"), v, "seccomp profile of container %q is %q", c.Name(), v.Str()).
			Fix("Use the profile of the runtime", edit.Set(v, edit.Text("RuntimeDefault")))
	}),
}, {
	ID:        "k8s-seccomp-missing",
	Title:     "Container has no seccomp profile",
	Why:       "Unless the kubelet is told otherwise a container without a profile may make any system call, those too that most holes in kernels need.",
	Remedy:    "Set `seccompProfile: {type: RuntimeDefault}` in the `securityContext` of the pod.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same: append([]string{
		"kubeaudit:SeccompProfileMissing", "kube-score:container-seccomp-profile", "kubescape:C-0211",
	}, seccomp...),
	Fix: analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.Security("seccompProfile").At("type")
		note := seccompAnnotation(c)
		set := v.Is("RuntimeDefault", "Localhost", "Unconfined").Or(v.Present().Not().And(note.Present()))
		p.ReportIf(set.Not().And(c.Pod.Windows().Not()), v, "container %q has no seccomp profile", c.Name()).
			Fix("Use the profile of the runtime for all containers of the pod", edit.Set(shared(c, "seccompProfile"), edit.Text("RuntimeDefault")))
	}),
}, {
	ID:        "k8s-seccomp-annotation",
	Title:     "Seccomp profile is set by an annotation that no longer counts",
	Why:       "Kubernetes 1.27 stopped reading these annotations. The pod runs without the profile it seems to have.",
	Remedy:    "Set `seccompProfile` in the `securityContext` of the pod or container and remove the annotation.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubeaudit:SeccompDeprecatedAnnotations"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for key, v := range pod.At("metadata.annotations").Entries() {
			if key != podSeccomp && !strings.HasPrefix(key, containerSeccomp) {
				continue
			}
			covered := pod.Spec.At("securityContext.seccompProfile").Present().Or(overridden(pod, "seccompProfile"))
			for c := range pod.Containers() {
				if strings.TrimPrefix(key, containerSeccomp) == c.Name() {
					covered = c.Security("seccompProfile").Present()
				}
			}
			f := p.ReportIf(covered.Not(), v, "annotation %s has no effect", key)
			if field := annotated(pod, key); v.Is("runtime/default", "docker/default") == graph.True && field.Kind() == graph.Absent {
				f.Fix("Set the field in its place", edit.Remove(v), edit.Set(field, edit.Text("RuntimeDefault")))
			}
		}
	}),
}, {
	ID:        "k8s-apparmor-unconfined",
	Title:     "Container runs without an AppArmor profile",
	Why:       "On nodes with AppArmor the runtime confines containers unless told otherwise. Without a profile, or with the name of none, the container may touch files and mounts that it keeps others from.",
	Remedy:    "Remove the setting, or use `appArmorProfile: {type: RuntimeDefault}` in the `securityContext`; before Kubernetes 1.30 the annotation with `runtime/default` or `localhost/<profile>`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"trivy:KSV-0002", "kubeaudit:AppArmorDisabled", "kubeaudit:AppArmorBadValue"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for c := range pod.Containers() {
			field := c.Security("appArmorProfile").At("type")
			p.ReportIf(field.Is("Unconfined"), field, "AppArmor profile of container %q is %q", c.Name(), field.Str()).
				Fix("Use the profile of the runtime", edit.Set(field, edit.Text("RuntimeDefault")))
		}
		for key, v := range pod.At("metadata.annotations").Entries() {
			name, ok := strings.CutPrefix(key, appArmor)
			if ok && !strings.HasPrefix(v.Str(), "localhost/") {
				p.ReportIf(v.Present().And(v.Is("", "runtime/default").Not()), v, "AppArmor profile of container %q is %q", name, v.Str()).
					Fix("Use the profile of the runtime", edit.Set(v, edit.Text("runtime/default")))
			}
		}
	}),
}, {
	ID:        "k8s-apparmor-orphan",
	Title:     "AppArmor annotation names a container that is not there",
	Why:       "The profile was meant for a container of another name, which now runs without it; the API server may not accept the pod at all.",
	Remedy:    "Put the container's present name at the end of the annotation, or use `appArmorProfile` in its `securityContext`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubeaudit:AppArmorInvalidAnnotation"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for key, v := range pod.At("metadata.annotations").Entries() {
			name, ok := strings.CutPrefix(key, appArmor)
			if !ok {
				continue
			}
			there := graph.Of(false)
			for _, list := range []string{"containers", "initContainers"} {
				if !pod.Spec.At(list).Known() {
					there = there.Or(graph.Unsure)
				}
			}
			for c := range pod.Containers() {
				there = there.Or(c.At("name").Is(name))
			}
			f := p.ReportIf(there.Not(), v, "there is no container %q in the pod", name)
			if only := onlyContainer(pod); only != "" && pod.At("metadata.annotations").Get(appArmor+only).Kind() == graph.Absent {
				f.Fix("Name the only container in the annotation", edit.Rename(v, appArmor+only))
			}
		}
	}),
}}

// onlyContainer is the name of the container of a pod that has one; else "".
func onlyContainer(pod workload.Pod) string {
	var names []string
	for c := range pod.Containers() {
		names = append(names, c.At("name").Str())
	}
	if len(names) != 1 {
		return ""
	}
	return names[0]
}

const (
	podSeccomp       = "seccomp.security.alpha.kubernetes.io/pod"
	containerSeccomp = "container.seccomp.security.alpha.kubernetes.io/"
	appArmor         = "container.apparmor.security.beta.kubernetes.io/"
)

// seccomp names the rules of other tools that ask for both: a profile, and one
// that confines.
var seccomp = []string{
	"checkov:CKV_K8S_31", "trivy:KSV-0030", "trivy:KSV-0104", "kubescape:C-0210",
	"kics:f377b83e-bd07-4f48-a591-60c82b14a78b",
}

const (
	nonRoot  = "Set runAsNonRoot to true"
	readOnly = "Set readOnlyRootFilesystem to true"
)

// shared is the type of a profile where it counts for all containers of the
// pod; in the container where that has one of its own.
func shared(c workload.Container, profile string) graph.Value {
	if own := c.At("securityContext").At(profile); own.Kind() != graph.Absent {
		return own.At("type")
	}
	return c.Pod.Spec.At("securityContext").At(profile).At("type")
}

// annotated is the field that an annotation with a seccomp profile stands for.
func annotated(pod workload.Pod, key string) graph.Value {
	for c := range pod.Containers() {
		if strings.TrimPrefix(key, containerSeccomp) == c.Name() {
			return c.At("securityContext.seccompProfile.type")
		}
	}
	return pod.Spec.At("securityContext.seccompProfile.type")
}

// seccompAnnotation is the annotation with the container's seccomp profile.
func seccompAnnotation(c workload.Container) graph.Value {
	notes := c.Pod.At("metadata.annotations")
	if v := notes.Get(containerSeccomp + c.Name()); v.Present() == graph.True {
		return v
	}
	return notes.Get(podSeccomp)
}
