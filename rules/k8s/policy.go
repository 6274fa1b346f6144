package k8s

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/credential"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// policy holds the rules about what teams decide for all of their workloads:
// where images come from, what volumes there are, what every pod sets.
var policy = []*analyzers.Rule{{
	ID:        "k8s-apparmor-missing",
	Title:     "Container names no AppArmor profile",
	Why:       "Nodes with AppArmor give containers the profile of the runtime, others give them none: what confines the program depends on where it lands.",
	Remedy:    "Set `appArmorProfile: {type: RuntimeDefault}` in the `securityContext` of the pod.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubeaudit:AppArmorAnnotationMissing", "kics:8b36775e-183d-4d46-b0f7-96a6f34a723f", "kics:bd6bd46c-57db-4887-956d-d372f21291b6"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.Security("appArmorProfile").At("type")
		note := c.Pod.At("metadata.annotations").Get(appArmor + c.Name())
		p.ReportIf(v.Present().Or(note.Present(), c.Pod.Windows()).Not(), v, "container %q names no AppArmor profile", c.Name()).
			Fix("Use the profile of the runtime for all containers of the pod", edit.Set(shared(c, "appArmorProfile"), edit.Text("RuntimeDefault")))
	}),
}, {
	ID:        "k8s-not-hardened",
	Title:     "Nothing confines the container but the kernel",
	Why:       "No profile of AppArmor or seccomp, no SELinux label and all default capabilities: whoever takes the program over tries every hole of the kernel.",
	Remedy:    "Set `seccompProfile: {type: RuntimeDefault}` in the `securityContext` of the pod and drop all capabilities.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:linuxHardening", "kubescape:C-0055"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		if c.Kind != workload.Regular {
			return
		}
		seccomp, field := c.Security("seccompProfile").At("type"), c.Security("appArmorProfile").At("type")
		note := c.Pod.At("metadata.annotations").Get(appArmor + c.Name())
		label, drop := c.Security("seLinuxOptions"), c.At("securityContext.capabilities.drop")
		n, known := drop.Len()
		drops := graph.Of(n > 0)
		if !known {
			drops = graph.Unsure
		}
		hardened := seccomp.Is("RuntimeDefault", "Localhost").Or(
			field.Is("RuntimeDefault", "Localhost"), note.Present().And(note.Is("unconfined").Not()),
			label.At("type").Present(), label.At("level").Present(), drops.And(c.Adds("ALL").Not()), c.Pod.Windows())
		p.ReportIf(hardened.Not(), c.At("securityContext"), "nothing confines container %q", c.Name())
	}),
}, {
	ID:        "k8s-pod-security-context-missing",
	Title:     "Pod has no security context",
	Why:       "What the containers set one by one does not hold for the sidecar that is added or injected tomorrow. The pod's is the default for all of them.",
	Remedy:    "Set `securityContext` in the pod's `spec`, with `runAsNonRoot: true` and a `seccompProfile`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_K8S_29", "trivy:KSV-0118", "kics:a97a340a-0063-418e-b3a1-3028941d0995", "kics:ad69e38a-d92e-4357-a8da-f2f29d545883"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("securityContext")
		n, known := v.Len()
		bad := graph.Of(n == 0)
		if !known {
			bad = graph.Unsure
		}
		p.ReportIf(bad, v, "%s of the pod is not set", v.Key())
	}),
}, {
	ID:        "k8s-volume-type",
	Title:     "Volume is of a type that pods should not name",
	Why:       "These volumes reach storage past the claims that administrators hand out, with addresses and credentials in the pod. Most of the drivers are gone from Kubernetes.",
	Remedy:    "Use a PersistentVolumeClaim with a storage class of the CSI driver.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0028"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for v := range pod.Spec.At("volumes").Each() {
			for _, kind := range unclaimed {
				if source := v.At(kind); source.Present() == graph.True {
					p.Report(source, "volume %q is of the type %s", v.At("name").Str(), source.Key())
				}
			}
		}
	}),
}, {
	ID:        "k8s-git-repo-volume",
	Title:     "Volume is cloned from a Git repository by the node",
	Why:       "The kubelet runs git on the node, as root: a repository with hooks runs commands there (CVE-2024-10220). Newer versions of Kubernetes refuse the volume.",
	Remedy:    "Clone in an init container into an `emptyDir`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for v := range pod.Spec.At("volumes").Each() {
			repo := v.At("gitRepo")
			p.ReportIf(repo.Present(), repo, "volume %q is a %s", v.At("name").Str(), repo.Key())
		}
	}),
}, {
	ID:        "k8s-git-sync-command",
	Title:     "git-sync runs another program for git",
	Why:       "Whoever may set the variable, or write to the volume that the program lies on, has it run with git-sync's credentials.",
	Remedy:    "Remove the variable `GITSYNC_GIT` and the flag `--git`; the image has git.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_K8S_159"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for e := range c.At("env").Each() { // nothing else reads it: the image is git-sync whatever a copy of it is called
			name := e.At("name")
			p.ReportIf(name.Is("GITSYNC_GIT", "GIT_SYNC_GIT"), name, "%s of container %q names the program to run", name.Str(), c.Name())
		}
		if !strings.Contains(c.At("image").Str(), "git-sync") {
			return
		}
		for arg := range c.At("args").Each() {
			text := arg.Str()
			p.ReportIf(graph.Of(text == "--git" || text == "-git" || strings.HasPrefix(text, "--git=") || strings.HasPrefix(text, "-git=")), arg,
				"%q of container %q names the program to run", text, c.Name())
		}
	}),
}, {
	ID:        "k8s-registry-not-allowed",
	Title:     "Image comes from a registry that is not allowed",
	Why:       "A name from anywhere runs code from anybody. Images of one registry can be scanned, signed and kept when the original goes away.",
	Remedy:    "Copy the image to a registry of the rule's parameter `registries`, or add its own to them. An entry with a path allows what is below it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0078"},
	Params:    &Registries{},
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		allowed := analyzers.ParamsOf[Registries](p).Registries
		if len(allowed) == 0 {
			p.Look(-1)
		}
		if len(allowed) > 0 && !slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(home(i), strings.TrimSuffix(a, "/")+"/") }) {
			p.Report(v, "image %q of container %q comes from a registry that is not allowed", v.Str(), c.Name())
		}
	}),
}, {
	ID:        "k8s-secret-in-manifest",
	Title:     "Secret is written into the repository",
	Why:       "Base64 is no encryption. Whoever may read the repository, now or in its history, has the value.",
	Remedy:    "Keep the value out of the repository (Sealed Secrets, External Secrets, SOPS, a CSI driver), and change it: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if r.At("sops").Present() == graph.True {
			return // SOPS has encrypted the values
		}
		for key, v := range r.At("stringData").Entries() {
			written(p, v, key, v.Str())
		}
		for key, v := range r.At("data").Entries() {
			if text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v.Str()), "")); err == nil {
				written(p, v, key, string(text))
			}
		}
	}, "core/Secret"),
}}

// Registries are the parameters of k8s-registry-not-allowed.
type Registries struct {
	Registries []string `doc:"Registries that images may come from; one with a path stands for what is below it."`
}

// unclaimed are the types of volumes beside those that the restricted level of
// the Pod Security Standards has. hostPath and gitRepo have rules of their own.
var unclaimed = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker", "gcePersistentDisk",
	"glusterfs", "iscsi", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
}

// written reports a value of a Secret that is no placeholder.
func written(p *analyzers.Pass, v graph.Value, key, text string) {
	if strings.Contains(text, "\n") {
		if name, m, ok := credential.InFile(key, text); ok {
			if name == "" {
				name = m.Kind
			}
			p.Report(v, "%s holds a secret in plain text: %s", key, name)
		}
		return
	}
	if _, ok := credential.In(key, text); ok {
		p.Report(v, "%s holds a secret in plain text", key)
	}
}
