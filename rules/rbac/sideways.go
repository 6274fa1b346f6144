package rbac

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// sideways holds the rules about permissions that lead to others by a way that
// is easily overlooked.
var sideways = []*analyzers.Rule{{
	ID:        "rbac-ephemeral-containers",
	Title:     "Role may put containers into running pods",
	Why:       "Who may write pods/ephemeralcontainers adds a container of their own image to a pod that runs: with its network, its volumes' processes and its service account, past whatever `pods/exec` was kept from them for.",
	Remedy:    "Remove `pods/ephemeralcontainers`; give it to people for a limited time when they debug.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"pods/ephemeralcontainers"}, Verbs: []string{"update", "patch"}}},
		means: "run containers inside running pods",
	}.check(),
}, {
	ID:        "rbac-proxy-workloads",
	Title:     "Role may reach every pod and Service through the API server",
	Why:       "pods/proxy and services/proxy carry requests to any port of the pods from the API server's address: past network policies, to programs that trust whoever is inside the cluster.",
	Remedy:    "Remove `pods/proxy` and `services/proxy`, or name the Services under `resourceNames`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: permission{
		wants:   []rbac.Want{{Resources: []string{"pods/proxy", "services/proxy"}, Verbs: []string{"get", "create", "update", "patch", "delete"}}},
		narrows: true, means: "send requests to every pod",
	}.check(),
}, {
	ID:        "rbac-write-nodes",
	Title:     "Role may change nodes",
	Why:       "Labels and taints of nodes decide where pods run. Who writes them draws the pods with the best Secrets onto a node they hold, or drives all pods off the others.",
	Remedy:    "Remove the writing verbs on `nodes` and `nodes/status`; only kubelets, the controller manager and autoscalers need them.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: permission{
		wants:   []rbac.Want{{Resources: []string{"nodes", "nodes/status"}, Verbs: []string{"create", "update", "patch", "delete", "deletecollection"}}},
		narrows: true, means: "decide where pods run",
	}.check(),
}, {
	ID:        "rbac-write-namespaces",
	Title:     "Role may change namespaces",
	Why:       "The Pod Security level of a namespace is a label on it, and so are the exceptions of most admission policies. Who writes namespaces switches them off.",
	Remedy:    "Remove `update` and `patch` on `namespaces`; `create` is enough to make new ones.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: permission{
		wants:   []rbac.Want{{Resources: []string{"namespaces"}, Verbs: []string{"update", "patch"}}},
		narrows: true, means: "switch off policies that go by labels of the namespace",
	}.check(),
}, {
	ID:        "rbac-admission-policies",
	Title:     "Role may change admission policies",
	Why:       "Who writes ValidatingAdmissionPolicies, MutatingAdmissionPolicies or their bindings switches the cluster's policy off, or has the API server change what others apply.",
	Remedy:    "Remove the writing verbs; policies are deployed by who administers the cluster.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Check: permission{
		wants: []rbac.Want{{
			Group: "admissionregistration.k8s.io",
			Resources: []string{
				"validatingadmissionpolicies", "validatingadmissionpolicybindings", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
			},
			Verbs: writeAll,
		}},
		narrows: true, means: "switch off or turn the cluster's policy",
	}.check(),
}, {
	ID:        "rbac-write-api-services",
	Title:     "Role may take over parts of the API",
	Why:       "An APIService sends requests for an API group to a server of its own. Who writes one answers in the API server's place, and sees what users send.",
	Remedy:    "Remove the writing verbs on `apiservices`, or name the one that the component owns under `resourceNames`.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // operators of API servers install themselves
	Check: permission{
		wants:   []rbac.Want{{Group: "apiregistration.k8s.io", Resources: []string{"apiservices"}, Verbs: writeAll}},
		narrows: true, means: "answer in the API server's place",
	}.check(),
}, {
	ID:        "rbac-edit-endpoints",
	Title:     "Everybody with the role edit may write endpoints",
	Why:       "Endpoints name addresses, and proxies send what comes for the Service there without asking whose they are. With this rule added to `edit` or `admin`, whoever may deploy in one namespace reaches addresses in others (CVE-2021-25740).",
	Remedy:    "Remove `endpoints` and `endpointslices`, or the writing verbs, from the ClusterRole that is added to `edit` and `admin`; Kubernetes took them out of its own.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: permission{
		wants: []rbac.Want{
			{Resources: []string{"endpoints"}, Verbs: write},
			{Group: "discovery.k8s.io", Resources: []string{"endpointslices"}, Verbs: write},
		},
		anywhere: true, scope: func(r *rbac.Role) bool { return addedTo(r, "edit") || addedTo(r, "admin") },
		means: "send traffic of Services to any address",
	}.check(),
}, {
	ID:        "rbac-view-more",
	Title:     "Everybody with the role view may do more than view",
	Why:       "The label adds these rules to `view`, in every namespace and for everybody who has it now or later. The role is given away freely because it can change nothing and sees no Secrets.",
	Remedy:    "Remove the label `rbac.authorization.k8s.io/aggregate-to-view`, or leave `get`, `list` and `watch` on what is no secret. What changes things belongs to `aggregate-to-edit`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		if !addedTo(role, "view") {
			return
		}
		for verb := range rule.At("verbs").Each() {
			if verb.Known() && !slices.Contains(read, verb.Str()) {
				p.Report(verb, "%q is added to the role view", verb.Str())
				return
			}
		}
		secrets := rule.Grants(rbac.Want{Resources: []string{"secrets"}, Verbs: read})
		p.ReportIf(secrets.Given.And(rule.Narrowed().Not()), secrets.Resource, "Secrets are added to the role view")
	}),
}, {
	ID:        "rbac-kube-system-workloads",
	Title:     "Role may run pods in kube-system",
	Why:       "The service accounts of kube-system are those of the control plane, some with every permission. Who starts a pod there names one of them and has its token.",
	Remedy:    "Run the program that needs it in a namespace of its own, or remove the writing verbs on pods and workloads.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Check: permission{
		wants: []rbac.Want{
			{Resources: []string{"pods", "replicationcontrollers"}, Verbs: write},
			{Group: "apps", Resources: []string{"deployments", "daemonsets", "statefulsets", "replicasets"}, Verbs: write},
			{Group: "batch", Resources: []string{"jobs", "cronjobs"}, Verbs: write},
			{Resources: []string{"pods/exec", "pods/attach", "pods/ephemeralcontainers", "serviceaccounts/token"}, Verbs: write},
		},
		atVerb: true, narrows: true, anywhere: true, scope: inKubeSystem,
		means: "act as the service accounts of kube-system",
	}.check(),
}, {
	ID:        "rbac-server-pages",
	Title:     "Role may read the API server's own pages",
	Why:       "Beside resources the API server serves pages about itself: /logs has the files of /var/log on the control plane's node, /debug/pprof what is in the server's memory.",
	Remedy:    "Name the paths that are needed: `/metrics`, `/livez`, `/readyz`, `/version`.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		for _, page := range [...]string{"/logs/", "/debug/pprof/"} {
			if url, is := rule.Serves(page); role.Cluster && !(is == graph.False) {
				boundBy(p.ReportIf(is, url, "%q lets its holder read %s", url.Str(), page), role)
				return
			}
		}
	}),
}}

// addedTo tells whether a label adds the role to one of Kubernetes' own.
func addedTo(r *rbac.Role, to string) bool {
	return r.Cluster && r.At("metadata.labels").Get("rbac.authorization.k8s.io/aggregate-to-"+to).Is("true") == graph.True
}

// inKubeSystem tells whether the role is given in kube-system alone: a Role
// there, or a ClusterRole that a RoleBinding there hands out.
func inKubeSystem(r *rbac.Role) bool {
	if !r.Cluster {
		return r.At("metadata.namespace").Is("kube-system") == graph.True
	}
	return slices.ContainsFunc(r.BoundBy, func(b *rbac.Binding) bool {
		return !b.Cluster && b.At("metadata.namespace").Is("kube-system") == graph.True && !strings.HasPrefix(b.Name, "system:")
	})
}
