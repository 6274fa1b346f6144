package rbac

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
)

// wildcards holds the rules about "*" in roles.
var wildcards = []*analyzers.Rule{{
	ID:        "rbac-full-access",
	Title:     "Role grants every verb on every resource",
	Why:       "Every verb on every resource includes reading all Secrets, running commands in all pods and starting privileged ones. In a ClusterRole that is the cluster; in a Role it is everything in the namespace.",
	Remedy:    "List the resources and verbs that are needed. `kubectl auth can-i --list --as=…` and the audit log show what is used.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same: append([]string{
		"kubescape:C-0002", "kubescape:C-0063",
		"checkov:CKV_K8S_49", "trivy:KSV-0044", "trivy:KSV-0046", "trivy:KSV-0112", "kubescape:C-0035", "kubescape:C-0187",
		"kics:6b896afb-ca07-467a-b256-1a0077a1c08e", "kube-linter:wildcard-in-rules",
		// What such a rule grants includes what these look for.
		"kubescape:C-0015", "kubescape:C-0186", "kubescape:C-0031", "kubescape:C-0007", "kubescape:C-0037",
	}, polarisExecAttach...),
	Check: roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		at, _ := rule.Wildcard("resources")
		f := p.ReportIf(rule.Everything(), at, "resources and verbs are both \"*\": the role grants everything")
		boundBy(f, role)
	}),
}, {
	ID:        "rbac-wildcard-verbs",
	Title:     "Role grants all verbs",
	Why:       "\"*\" grants every verb there is and every one a later version adds, among them delete, impersonate, bind and escalate.",
	Remedy:    "List the verbs that are needed, such as `[get, list, watch]`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"checkov:CKV_K8S_49", "trivy:KSV-0045", "kics:6b896afb-ca07-467a-b256-1a0077a1c08e", "kube-linter:wildcard-in-rules",
	},
	Check: wildcard("verbs"),
}, {
	ID:        "rbac-wildcard-resources",
	Title:     "Role grants access to all resources",
	Why:       "\"*\" stands for every resource of the API groups and their subresources, Secrets and pods/exec among them, and for those that are installed later.",
	Remedy:    "List the resources that are needed.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: append([]string{
		"checkov:CKV_K8S_49", "trivy:KSV-0046", "trivy:KSV-0112", "kics:6b896afb-ca07-467a-b256-1a0077a1c08e",
		"kube-linter:wildcard-in-rules",
	}, polarisExecAttach...), // pods/exec is among the resources
	Check: wildcard("resources"),
}, {
	ID:        "rbac-wildcard-api-groups",
	Title:     "Role is about all API groups",
	Why:       "\"*\" matches resources of the same name in every API group, also in those of operators that are installed later. An operator's \"secrets\" or \"pods\" is then included.",
	Remedy:    "Name the API groups: `\"\"` for pods, services and Secrets, `apps` for deployments.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_K8S_49", "kics:6b896afb-ca07-467a-b256-1a0077a1c08e"},
	Check:     wildcard("apiGroups"),
}}

// wildcard reports a "*" in a list of a role's rules, unless the rule grants
// everything, which is one finding of its own.
func wildcard(list string) func(*analyzers.Pass) {
	return roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		at, is := rule.Wildcard(list)
		// Without resources the rule is about URLs.
		is = is.And(rule.At("resources").Present(), rule.Everything().Not())
		f := p.ReportIf(is, at, "%s is \"*\"%s", rule.At(list).Key(), includes[list])
		boundBy(f, role)
	})
}

// includes say what a wildcard stands for.
var includes = map[string]string{
	"verbs":     ": every verb is granted, delete among them",
	"resources": ": everything in the API groups is granted",
	"apiGroups": ": resources of that name in every API group are meant",
}
