package rbac

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
)

// changes holds the rules about what a role can change or delete.
var changes = []*analyzers.Rule{{
	ID:        "rbac-write-bindings",
	Title:     "Role may hand out roles",
	Why:       "Who writes bindings gives every permission they have to anybody, service accounts among them, and keeps a way back in that outlives their own account.",
	Remedy:    "Leave bindings to who deploys. If a controller has to write some, give it a Role in the namespaces it works in.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0052", "kubescape:C-0232", "trivy:KSV-0055"},
	Check: permission{
		wants: []rbac.Want{{Group: rbac.Group, Resources: []string{"rolebindings", "clusterrolebindings"}, Verbs: write}},
		means: "give its permissions to others",
	}.check(),
}, {
	ID:        "rbac-write-configmaps",
	Title:     "Role may change all ConfigMaps",
	Why:       "ConfigMaps hold the settings of programs, and in kube-system those of the cluster's DNS: who writes them turns traffic and programs to their own ends.",
	Remedy:    "Name the ConfigMaps that are written under `resourceNames` (which cannot limit `create`), or remove the writing verbs.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0049", "kubescape:C-0037"},
	Check: permission{
		wants:   []rbac.Want{{Resources: []string{"configmaps"}, Verbs: writeAll}},
		narrows: true, anywhere: true, means: "change any ConfigMap",
	}.check(),
}, {
	ID:        "rbac-delete-logs",
	Title:     "Role may delete the logs of pods",
	Why:       "The logs are what shows a break-in. Nobody who runs an application needs to delete them.",
	Remedy:    "Remove `delete` and `deletecollection` on `pods/log`; `get` is enough to read logs.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0042"},
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"pods/log"}, Verbs: []string{"delete", "deletecollection"}}},
		means: "remove traces",
	}.check(),
}, {
	ID:        "rbac-delete-workloads",
	Title:     "Role may delete workloads and data",
	Why:       "Who may delete pods, workloads, volumes, Secrets or namespaces takes the application down, and its data with it.",
	Remedy:    "Give `delete` and `deletecollection` only to who deploys, in a Role of one namespace.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0007"},
	Check: permission{
		wants: []rbac.Want{
			{Resources: []string{"pods", "secrets", "configmaps", "services", "namespaces", "persistentvolumeclaims", "persistentvolumes"}, Verbs: []string{"delete", "deletecollection"}},
			{Group: "apps", Resources: []string{"deployments", "daemonsets", "statefulsets", "replicasets"}, Verbs: []string{"delete", "deletecollection"}},
			{Group: "batch", Resources: []string{"jobs", "cronjobs"}, Verbs: []string{"delete", "deletecollection"}},
		},
		anywhere: true, means: "take applications and their data down",
	}.check(),
}}
