package rbac

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// bindings holds the rules about whom roles are given to.
var bindings = []*analyzers.Rule{{
	ID:        "rbac-cluster-admin-binding",
	Title:     "ClusterRoleBinding gives cluster-admin",
	Why:       "cluster-admin, or a role that grants as much, is every permission in every namespace. Whoever gets hold of one of the subjects owns the cluster.",
	Remedy:    "Bind a role with the permissions that are needed; for work in one namespace use a RoleBinding.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"kubescape:C-0185", "kube-linter:cluster-admin-role-binding", "polaris:clusterrolebindingClusterAdmin",
		"trivy:KSV-0111", "kics:249328b8-5f0f-409f-b1dd-029f07882e11", "kics:17172bc2-56fb-4f17-916f-a014147706cd",
	},
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		if b.Cluster {
			admin(p, b, "in every namespace")
		}
	}),
}, {
	ID:        "rbac-namespace-admin-binding",
	Title:     "RoleBinding gives everything in a namespace",
	Why:       "cluster-admin in one namespace, or a role that grants as much, reads all its Secrets, runs pods as any of its service accounts and changes its roles.",
	Remedy:    "Bind a role with the permissions that are needed; `edit` changes workloads without changing roles.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"trivy:KSV-0111", "polaris:rolebindingClusterAdminClusterRole", "polaris:rolebindingClusterAdminRole",
	},
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		if !b.Cluster {
			admin(p, b, "in the namespace")
		}
	}),
}, {
	ID:        "rbac-anonymous-binding",
	Title:     "Role is given to anonymous users",
	Why:       "system:anonymous and system:unauthenticated are everybody who reaches the API server, without a password, a token or a certificate.",
	Remedy:    "Remove the subject, and give the role to a service account or to people who log in.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:KSV-0122", "kubescape:C-0262"},
	Check:     subjects(people, "everybody, logged in or not,", "system:anonymous", "system:unauthenticated"),
}, {
	ID:        "rbac-authenticated-binding",
	Title:     "Role is given to everybody who is logged in",
	Why:       "system:authenticated is every user and every service account of the cluster. On managed clusters it has been every account of the cloud provider.",
	Remedy:    "Name the users, groups or service accounts that need the role.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0265", "trivy:KSV-01011"},
	Check:     subjects(people, "every user and service account", "system:authenticated", "system:serviceaccounts"),
}, {
	ID:        "rbac-namespace-accounts-binding",
	Title:     "Role is given to all service accounts of a namespace",
	Why:       "The group `system:serviceaccounts:NAMESPACE` is every pod of the namespace, those that need nothing and those that are deployed later among them. Whoever gets into one has the role.",
	Remedy:    "Name the service accounts of the workloads that need the role.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		for _, s := range b.Subjects {
			at := s.At("name")
			if namespace, all := strings.CutPrefix(at.Str(), "system:serviceaccounts:"); all {
				p.ReportIf(s.At("kind").Is("Group"), at, "%s is %q: every pod of %q gets the role", at.Key(), at.Str(), namespace)
			}
		}
	}),
}, {
	ID:        "rbac-masters-binding",
	Title:     "Role is given to system:masters",
	Why:       "system:masters has every permission already and is above RBAC: the binding adds nothing and suggests that it could be taken away. Membership is in certificates that cannot be revoked, so nobody should work as part of it.",
	Remedy:    "Remove the subject; bind the role to a group of your own.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:KSV-0123"},
	Check:     subjects([]string{"Group", "User"}, "a group above RBAC", "system:masters"),
}, {
	ID:        "rbac-default-service-account",
	Title:     "Role is given to a default service account",
	Why:       "Every pod that names no service account runs as the namespace's default one, and so has what is bound to it: pods that need no permission get it, and so does whoever breaks into them.",
	Remedy:    "Create a service account for the workload, bind the role to it and set `serviceAccountName` in the pod.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"kubescape:C-0225", "kubescape:C-0239",
		"checkov:CKV_K8S_42", "kics:1e749bc9-fde8-471c-af0c-8254efd2dee5", "kics:3360c01e-c8c0-4812-96a2-a6329b9b7f9f",
	},
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		for _, s := range b.Subjects {
			at := s.At("name")
			p.ReportIf(s.Is([]string{"ServiceAccount"}, "default"), at, "%s is \"default\": every pod without a service account of its own gets the role", at.Key())
		}
	}),
}, {
	ID:        "rbac-missing-role",
	Title:     "Binding refers to a Role that is not here",
	Why:       "A binding to a role that does not exist grants nothing, until somebody creates a role of that name: then its subjects have what that one grants.",
	Remedy:    "Correct the name in `roleRef`, or add the role.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Needs:     []string{"rbac.authorization.k8s.io/Role"},
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		name := b.Ref.At("name")
		if b.Role != nil || b.System() || name.Str() == "" {
			return
		}
		// A ClusterRole may be another project's; a Role of this namespace hardly.
		p.ReportIf(b.Ref.At("kind").Is("Role"), name, "no Role %q is to be found", name.Str())
	}),
}, {
	ID:        "rbac-missing-cluster-role",
	Title:     "Binding refers to a ClusterRole that is not here",
	Why:       "What the binding grants cannot be reviewed with it. If there is no such role it grants nothing, until somebody creates one of that name: then its subjects have what that one grants.",
	Remedy:    "Add the ClusterRole, or correct the name in `roleRef`. If another project brings it, ignore the rule here and say which.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:rolebindingClusterRolePodExecAttach", "polaris:clusterrolebindingPodExecAttach"}, // which fail what they cannot look up
	Needs:     []string{"rbac.authorization.k8s.io/ClusterRole"},
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		name := b.Ref.At("name")
		_, builtin := rbac.Builtin[name.Str()]
		if b.Role != nil || b.System() || name.Str() == "" || builtin || strings.HasPrefix(name.Str(), "system:") {
			return
		}
		p.ReportIf(b.Ref.At("kind").Is("ClusterRole"), name, "no ClusterRole %q is to be found", name.Str())
	}),
}}

// accounts holds the rules about service accounts of pods.
var accounts = []*analyzers.Rule{{
	ID:        "rbac-missing-service-account",
	Title:     "Pod runs as a service account that is not here",
	Why:       "Without its service account the pod is not created at all. If somebody else creates one of that name, the pod runs with what they bind to it.",
	Remedy:    "Correct `serviceAccountName`, or add the ServiceAccount.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // service accounts are often another project's
	Same:      []string{"kubescape:C-0307", "kube-linter:non-existent-service-account"},
	Needs:     []string{"core/ServiceAccount"},
	Check: func(p *analyzers.Pass) {
		here := map[string][]*graph.Resource{}
		for sa := range p.Graph.OfType("core/ServiceAccount") {
			here[sa.Name] = append(here[sa.Name], sa)
		}
		for _, pod := range workload.Pods.Of(p.Graph) {
			p.Look(1)
			name, known := pod.ServiceAccount()
			if !known || name == "default" || name == "" {
				continue
			}
			missing := graph.True
			for _, sa := range here[name] {
				missing = missing.And(kube.SameNamespace(sa, pod.Resource()).Not())
			}
			at := pod.Spec.At("serviceAccountName")
			if at.Present() == graph.False {
				at = pod.Spec.At("serviceAccount")
			}
			p.ReportIf(missing, at, "no ServiceAccount %q is to be found", name)
		}
	},
}}

// admin reports a binding that gives everything.
func admin(p *analyzers.Pass, b *rbac.Binding, where string) {
	if b.System() {
		return
	}
	at := b.Ref.At("name")
	if named := b.Names("cluster-admin").Or(b.Ref.At("name").Is("cluster-admin")); named == graph.True || b.Role == nil {
		f := p.ReportIf(named, at, "%s is %q: every permission %s", at.Key(), at.Str(), where)
		if b.Role != nil {
			f.Note(b.Role.Config, "the role")
		}
		return
	}
	for rule := range b.Role.Effective() {
		f := p.ReportIf(rule.AllGroups(), at, "%s is %q, which grants every permission %s", at.Key(), at.Str(), where)
		if f.Note(rule.At("verbs"), "granted here"); f != nil {
			return
		}
	}
}

// harmless are Kubernetes' own roles that everybody may have.
var harmless = []string{"system:public-info-viewer", "system:discovery", "system:basic-user", "system:service-account-issuer-discovery"}

// people are the kinds of subjects that are no service account. Group names
// given as users are a common slip; they are reported as what is meant.
var people = []string{"User", "Group"}

// subjects reports subjects of the given names. A "system:serviceaccounts"
// stands for the group of all service accounts, not for that of a namespace.
func subjects(kinds []string, who string, names ...string) func(*analyzers.Pass) {
	return analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		if b.Names(harmless...) == graph.True || strings.HasPrefix(b.Name, "kubeadm:") {
			return
		}
		for _, s := range b.Subjects {
			at := s.At("name")
			f := p.ReportIf(s.Is(kinds, names...), at, "%s is %q: %s gets the role", at.Key(), at.Str(), who)
			if b.Role != nil {
				f.Note(b.Role.Config, "the role")
			}
		}
	})
}
