package k8s

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// onRootMismatch is the title of a fix.
const onRootMismatch = "Touch files only when the top directory is not right"

// volumes holds the rules about who owns the files on a pod's volumes.
var volumes = []*analyzers.Rule{{
	ID:        "k8s-fs-group-change-policy",
	Title:     "Every start goes through all files of a volume",
	Why:       "With `fsGroup` the kubelet sets group and mode of every file on the volume each time the pod starts. With a million files that takes many minutes, in which the pod is down.",
	Remedy:    "Set `fsGroupChangePolicy: OnRootMismatch` beside `fsGroup`: files are only touched when the top directory is not right yet.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0211"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		context := pod.Spec.At("securityContext")
		v := context.At("fsGroupChangePolicy")
		bad := context.At("fsGroup").Present().And(v.Is("OnRootMismatch").Not(), keepsData(pod), pod.Windows().Not())
		right := edit.Set(v, edit.Text("OnRootMismatch"))
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "%s is not set, and Always is the default", v.Key()).Fix(onRootMismatch, right)
			return
		}
		p.ReportIf(bad, v, "%s is %q", v.Key(), v.Str()).Fix(onRootMismatch, right)
	}),
}, {
	ID:        "k8s-fs-group-missing",
	Title:     "Pod without root's rights may not be able to write to its volume",
	Why:       "New volumes belong to root. A container that runs as another user, with no `fsGroup`, is refused when it writes its first file; the way out is then mostly to run as root.",
	Remedy:    "Set `fsGroup` in the pod's `securityContext` to the group that the program runs in.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // some drivers have their own way
	Same:      []string{"kubescape:C-0211"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		nobody := graph.False
		for c := range pod.Containers() {
			nobody = nobody.Or(c.NonRoot())
		}
		v := pod.Spec.At("securityContext.fsGroup")
		p.ReportIf(v.Present().Not().And(nobody, keepsData(pod), pod.Windows().Not()), v, "%s is not set, and the pod runs as another user than root", v.Key())
	}),
}}

// keepsData tells whether the pod has a volume that outlives it.
func keepsData(pod workload.Pod) graph.Tri {
	keeps := pod.Resource().At("spec.volumeClaimTemplates.0").Present()
	for v := range pod.Spec.At("volumes").Each() {
		keeps = keeps.Or(v.At("persistentVolumeClaim").Present(), v.At("ephemeral").Present())
	}
	return keeps
}
