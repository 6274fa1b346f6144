package node

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const forensics = "After a break-in the audit log is what tells what was read and changed. "

// audit holds the rules about the audit log of the API server.
var audit = rules(component.APIServer, must{
	ID: "node-apiserver-audit-log", Flag: "audit-log-path", Be: isSet, If: noAuditWebhook,
	Title:    "API server writes no audit log",
	Why:      forensics + "Without one nobody can say who made the pod that should not be there.",
	Remedy:   "Set `--audit-log-path` and `--audit-policy-file`, and mount both into the pod." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_91", "trivy:KCV-0019", "kubescape:C-0130", "kics:73e251f0-363d-4e53-86e2-0a93592437eb"},
}, must{
	ID: "node-apiserver-audit-policy-file", Flag: "audit-policy-file", Be: isSet,
	Title:    "API server has no audit policy",
	Why:      forensics + "Without a policy nothing is written into it, whatever the other settings say.",
	Remedy:   "Write a `Policy` of `audit.k8s.io/v1` and name its file under `--audit-policy-file`." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"kubescape:C-0160", "kics:13a49a2e-488e-4309-a7c0-d6b05577a5fb"},
}, must{
	ID: "node-apiserver-audit-log-age", Flag: "audit-log-maxage", Be: atLeast(30), If: auditFile,
	Title:    "API server does not say that audit logs stay for 30 days",
	Why:      forensics + "Break-ins are often found after weeks; by then the log of the day must still be there.",
	Remedy:   "Set `--audit-log-maxage=30` or more." + apiArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_92", "trivy:KCV-0020", "kubescape:C-0131", "kics:da9f3aa8-fbfb-472f-b5a1-576127944218"},
}, must{
	ID: "node-apiserver-audit-log-backups", Flag: "audit-log-maxbackup", Be: atLeast(10), If: auditFile,
	Title:    "API server does not say that ten old audit logs stay",
	Why:      forensics + "An attacker who makes noise fills a few files quickly, and the first steps are overwritten.",
	Remedy:   "Set `--audit-log-maxbackup=10` or more." + apiArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_93", "trivy:KCV-0021", "kubescape:C-0132", "kics:768aab52-2504-4a2f-a3e3-329d5a679848"},
}, must{
	ID: "node-apiserver-audit-log-size", Flag: "audit-log-maxsize", Be: atLeast(100), If: auditFile,
	Title:    "API server turns audit logs over before 100 MB",
	Why:      forensics + "Small files are turned over soon, and with a limit on their number the oldest go after hours instead of days.",
	Remedy:   "Set `--audit-log-maxsize=100` or more." + apiArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_94", "kubescape:C-0133", "kics:35c0a471-f7c8-4993-aa2c-503a3c712a66", "trivy:KCV-0022"},
})

// noAuditWebhook tells whether the audit log goes nowhere else.
func noAuditWebhook(c component.Component) graph.Tri {
	s, _ := c.Flag("audit-webhook-config-file")
	return empty(s)
}

// auditFile tells whether an audit log, if there is one, is a file of the API
// server's own and not its standard output or a program on the network.
func auditFile(c component.Component) graph.Tri {
	path, _ := c.Flag("audit-log-path")
	return path.Has("-").Not().And(noAuditWebhook(c).Or(empty(path).Not()))
}
