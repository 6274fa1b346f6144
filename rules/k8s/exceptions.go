package k8s

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// exceptions holds the rules about exceptions that are written into manifests
// for other tools.
var exceptions = []*analyzers.Rule{{
	ID:        "k8s-stale-exception",
	Title:     "Exception for kubeaudit is no longer needed",
	Why:       "The label lets something pass that is not there any more. When it comes back, by mistake or on purpose, nobody is told.",
	Remedy:    "Remove the label.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubeaudit:RedundantAuditorOverride"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for key, label := range pod.At("metadata.labels").Entries() {
			only, exception := "", ""
			if rest, ok := strings.CutPrefix(key, "kubeaudit.io/allow-"); ok {
				exception = rest
			} else if rest, ok := strings.CutPrefix(key, "container.kubeaudit.io/"); ok {
				only, exception, _ = strings.Cut(rest, ".allow-")
			}
			if needed, known := kubeauditExceptions[exception]; known {
				p.ReportIf(applies(pod, only, needed).Not(), label, "nothing here needs the exception %s", key)
			}
		}
	}),
}}

// applies tells whether a condition holds for the pod's container of that
// name, or for any when there is no name.
func applies(pod workload.Pod, name string, needed func(workload.Container) graph.Tri) graph.Tri {
	some := graph.False
	for c := range pod.Containers() {
		if name == "" || c.Name() == name {
			some = some.Or(needed(c))
		}
	}
	return some
}

// kubeauditExceptions say for the labels of kubeaudit what each lets pass
// (kubeaudit, "Override errors").
var kubeauditExceptions = map[string]func(workload.Container) graph.Tri{
	"run-as-root": func(c workload.Container) graph.Tri { return c.NonRoot().Not().Or(c.IsRoot()) },
	"privileged":  func(c workload.Container) graph.Tri { return c.At("securityContext.privileged").Bool(false) },
	"privilege-escalation": func(c workload.Container) graph.Tri {
		return c.At("securityContext.allowPrivilegeEscalation").Bool(true)
	},
	"read-only-root-filesystem-false": func(c workload.Container) graph.Tri {
		return c.At("securityContext.readOnlyRootFilesystem").Bool(false).Not()
	},
	"automount-service-account-token": func(c workload.Container) graph.Tri {
		return c.Pod.Spec.At("automountServiceAccountToken").Bool(true)
	},
	"namespace-host-network": podFlag("hostNetwork"),
	"namespace-host-PID":     podFlag("hostPID"),
	"namespace-host-IPC":     podFlag("hostIPC"),
}

func podFlag(field string) func(workload.Container) graph.Tri {
	return func(c workload.Container) graph.Tri { return c.Pod.Spec.At(field).Bool(false) }
}
