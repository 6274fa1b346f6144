package k8s

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// windows holds the rules about Windows containers.
var windows = []*analyzers.Rule{{
	ID:        "k8s-windows-administrator",
	Title:     "Windows container runs as an administrator",
	Why:       "Images of Windows Server start programs as ContainerAdministrator unless told otherwise. Whoever takes the program over installs drivers and services in the container, which is most of the way through a hole in the kernel that it shares with the node.",
	Remedy:    "Set `windowsOptions.runAsUserName: ContainerUser` in the `securityContext` of the pod.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // images such as Nano Server have another default
	Same:      []string{"kubescape:C-0211"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		user := windowsOption(c, "runAsUserName")
		text, known := user.Text("")
		bad := graph.Of(text == "" || strings.EqualFold(text, "ContainerAdministrator") || strings.HasSuffix(strings.ToUpper(text), `\SYSTEM`))
		if !known {
			bad = graph.Unsure
		}
		bad = bad.And(c.Pod.Windows(), windowsOption(c, "hostProcess").Bool(false).Not())
		if user.Present() == graph.False {
			p.ReportIf(bad, user, "%s of container %q is not set", user.Key(), c.Name())
			return
		}
		p.ReportIf(bad, user, "%s of container %q is %q", user.Key(), c.Name(), text)
	}),
}}

// windowsOption is one of the container's windowsOptions: its own or, where it
// leaves it out, the pod's.
func windowsOption(c workload.Container, key string) graph.Value {
	own := c.At("securityContext.windowsOptions").At(key)
	if pod := c.Pod.Spec.At("securityContext.windowsOptions").At(key); own.Present() == graph.False && !(pod.Present() == graph.False) {
		return pod
	}
	return own
}
