package k8s

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
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
		"checkov:CKV_K8S_16", "trivy:KSV-0017", "kubescape:C-0057", "kube-linter:privileged-container",
		"kube-score:container-security-context-privileged", "polaris:runAsPrivileged", "kubeaudit:PrivilegedTrue",
		"kics:dd29336b-fe57-445b-a26e-e6aa867ae609",
	},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext.privileged")
		p.ReportIf(v.Bool(false), v, "container %q runs privileged", c.Name())
	}),
}}
