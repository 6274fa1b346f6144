package rbac

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// roles makes a Check of a function that looks at one rule of one role.
// Kubernetes' own roles are left out.
func roles(fn func(*analyzers.Pass, *rbac.Role, rbac.Rule)) func(*analyzers.Pass) {
	return analyzers.Each(rbac.Roles, func(p *analyzers.Pass, role *rbac.Role) {
		if role.System() {
			return
		}
		for _, rule := range role.Rules {
			fn(p, role, rule)
		}
	})
}

// A permission is what a rule of this family looks for in roles.
type permission struct {
	wants []rbac.Want
	// atVerb puts the finding on the verb instead of the resource.
	atVerb bool
	// narrows tells that resourceNames make the permission harmless.
	narrows bool
	// anywhere counts a "*" for resources. Elsewhere that is left to
	// rbac-wildcard-resources: one word would have ten findings.
	anywhere bool
	// scope limits the permission to some roles; nil for all.
	scope func(*rbac.Role) bool
	// means completes "… lets its holder": what comes of it.
	means string
}

// check reports a rule of a role that gives the permission, once, by the first
// want it gives.
func (m permission) check() func(*analyzers.Pass) {
	return roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		if m.scope != nil && !m.scope(role) {
			return
		}
		var best rbac.Grant
		best.Given = graph.False
		for _, w := range m.wants {
			g := rule.Grants(w)
			if g.Wild() || g.Resource.Str() == "*" && !m.anywhere {
				continue
			}
			if m.narrows {
				g.Given = g.Given.And(rule.Narrowed().Not())
			}
			if g.Given == graph.True {
				best = g
				break
			}
			if g.Given == graph.Unsure && best.Given == graph.False {
				best = g
			}
		}
		at := best.Resource
		if m.atVerb {
			at = best.Verb
		}
		f := p.ReportIf(best.Given, at, "%q on %q lets its holder %s", best.Verb.Str(), best.Resource.Str(), m.means)
		boundBy(f, role)
	})
}

// boundBy notes who hands a role out.
func boundBy(f *analyzers.Finding, role *rbac.Role) {
	const most = 5
	for i, b := range role.BoundBy {
		if i == most {
			return
		}
		f.Note(b.Ref.At("name"), "bound by %s", b.ID)
	}
}

var (
	write    = []string{"create", "update", "patch"}
	writeAll = []string{"create", "update", "patch", "delete", "deletecollection"}
	read     = []string{"get", "list", "watch"}
)

// escalation holds the rules about permissions that lead to others.
var escalation = []*analyzers.Rule{{
	ID:        "rbac-escalate-roles",
	Title:     "Role may escalate or bind roles",
	Why:       "Kubernetes stops people from giving away permissions they do not have. The verbs `escalate` and `bind` switch that off: their holder can write a role with every permission, or bind any role to themselves.",
	Remedy:    "Remove `escalate` and `bind` from the rule's `verbs`. If a controller has to hand out certain roles, keep `bind` and name these roles under `resourceNames`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"checkov:CKV_K8S_157", "checkov:CKV2_K8S_1",
		"checkov:CKV_K8S_158", "trivy:KSV-0050", "trivy:KSV-0051", "kubescape:C-0191",
		"kics:8320826e-7a9c-4b0b-9535-578333193432",
	},
	Check: permission{
		wants: []rbac.Want{{
			Group: rbac.Group, Resources: []string{"roles", "clusterroles"}, Verbs: []string{"escalate", "bind"},
		}},
		atVerb: true, narrows: true, anywhere: true, means: "give itself permissions it does not have",
	}.check(),
}, {
	ID:        "rbac-impersonate",
	Title:     "Role may impersonate others",
	Why:       "Who may impersonate users, groups or service accounts acts with their permissions. Impersonating the group system:masters is being cluster-admin, and the audit log names someone else.",
	Remedy:    "Remove `impersonate` from the rule's `verbs`, or name the users, groups or service accounts that may be impersonated under `resourceNames`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"checkov:CKV2_K8S_3",
		"trivy:KSV-0043", "kubescape:C-0065", "kubescape:C-0191", "kics:9f85c3f6-26fd-4007-938a-2e0cb0100980",
	},
	Check: permission{
		wants: []rbac.Want{
			{Group: "", Resources: []string{"users", "groups", "serviceaccounts"}, Verbs: []string{"impersonate"}},
			{Group: "authentication.k8s.io", Resources: []string{"uids", "userextras"}, Verbs: []string{"impersonate"}},
		},
		atVerb: true, narrows: true, anywhere: true, means: "act as somebody else",
	}.check(),
}, {
	ID:        "rbac-nodes-proxy",
	Title:     "Role may use the nodes' proxy",
	Why:       "nodes/proxy passes requests on to the kubelet, which runs commands in every pod of the node. Admission control and the API server's audit log do not see them.",
	Remedy:    "Remove `nodes/proxy`. For monitoring, `nodes/metrics` and `nodes/stats` are enough; for logs, `pods/log`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV2_K8S_2", "trivy:KSV-0047", "kubescape:C-0279"},
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"nodes/proxy"}, Verbs: []string{"get", "create"}}},
		means: "run commands in every pod of a node",
	}.check(),
}, {
	ID:        "rbac-approve-certificates",
	Title:     "Role may approve certificate signing requests",
	Why:       "Whoever approves or signs certificate signing requests can have a client certificate made out to any user or node, and it cannot be revoked.",
	Remedy:    "Leave approval to the control plane. If a controller has to approve, give it `approve` on `signers` with the one signer under `resourceNames`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_K8S_156", "kubescape:C-0280"},
	Check: permission{
		wants: []rbac.Want{
			{Group: certificates, Resources: []string{"certificatesigningrequests/approval", "certificatesigningrequests/status"}, Verbs: []string{"update", "patch"}},
			signing,
		},
		scope: signsAny, narrows: true, means: "issue client certificates for other identities",
	}.check(),
}, {
	ID:        "rbac-admission-webhooks",
	Title:     "Role may change admission webhooks",
	Why:       "An admission webhook reads every object sent to the API server, Secrets among them, and can change it or let it pass. Whoever writes webhook configurations can add one of their own or switch off the policy that is there.",
	Remedy:    "Remove the writing verbs, or name the webhook configuration that the controller owns under `resourceNames`.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"checkov:CKV_K8S_155", "trivy:KSV-0114", "kubescape:C-0281"},
	Check: permission{
		wants: []rbac.Want{{
			Group:     "admissionregistration.k8s.io",
			Resources: []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"},
			Verbs:     writeAll,
		}},
		narrows: true, means: "read and change what is sent to the API server",
	}.check(),
}, {
	ID:        "rbac-create-tokens",
	Title:     "Role may create tokens of service accounts",
	Why:       "serviceaccounts/token hands out a token of any service account it is asked for. Its holder has the permissions of all of them.",
	Remedy:    "Name the service accounts whose tokens are needed under `resourceNames`, or remove `serviceaccounts/token`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0282"},
	Check: permission{
		wants:   []rbac.Want{{Resources: []string{"serviceaccounts/token"}, Verbs: []string{"create"}}},
		narrows: true, means: "take over service accounts",
	}.check(),
}, {
	ID:        "rbac-create-workloads",
	Title:     "Role may create or change workloads",
	Why:       "Whoever can start a pod chooses its service account, its Secrets and its volumes: with a pod of their own they read every Secret of the namespace and act as every service account in it.",
	Remedy:    "Give the verbs `create`, `update` and `patch` on workloads only to deployers and controllers that need them, in a Role of one namespace, and have Pod Security admission limit what pods may ask for.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"trivy:KSV-0048", "kubescape:C-0188", "kube-linter:access-to-create-pods",
		"kics:592ad21d-ad9b-46c6-8d2d-fad09d62a942", "kics:522d4a64-4dc9-44bd-9240-7d8a0d5cb5ba",
	},
	Check: permission{
		wants: []rbac.Want{
			{Resources: []string{"pods", "replicationcontrollers", "podtemplates"}, Verbs: write},
			{Group: "apps", Resources: []string{"deployments", "daemonsets", "statefulsets", "replicasets"}, Verbs: write},
			{Group: "batch", Resources: []string{"jobs", "cronjobs"}, Verbs: write},
		},
		atVerb: true, anywhere: true, means: "run pods with any service account of the namespace",
	}.check(),
}, {
	ID:        "rbac-create-persistent-volumes",
	Title:     "Role may create persistent volumes",
	Why:       "A PersistentVolume may be a hostPath. Pod Security admission does not look into it, so whoever creates one mounts the node's file system into their pod.",
	Remedy:    "Leave persistent volumes to the storage provisioner; people and workloads need only `persistentvolumeclaims`.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0278"},
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"persistentvolumes"}, Verbs: []string{"create"}}},
		means: "mount the nodes' file systems",
	}.check(),
}, {
	ID:        "rbac-write-aws-auth",
	Title:     "Role may change aws-auth",
	Why:       "The ConfigMap aws-auth of an EKS cluster maps AWS identities to groups of the cluster. Whoever writes it makes themselves system:masters.",
	Remedy:    "Remove the writing verbs. Manage access with EKS access entries instead of the ConfigMap.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"trivy:KSV-0115"},
	Check: roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		names := rule.At("resourceNames")
		g := rule.Grants(rbac.Want{Resources: []string{"configmaps"}, Verbs: writeAll})
		f := p.ReportIf(g.Given.And(names.Contains("aws-auth")), names, "%q on the ConfigMap \"aws-auth\" lets its holder become cluster-admin", g.Verb.Str())
		boundBy(f, role)
	}),
}}

// access holds the rules about what a role can reach.
var access = []*analyzers.Rule{{
	ID:        "rbac-read-secrets",
	Title:     "ClusterRole may read all Secrets",
	Why:       "Secrets hold passwords, keys and tokens of service accounts. Who may get, list or watch them in all namespaces has all of those, and with a controller's token from kube-system the cluster. List and watch return the contents as get does.",
	Remedy:    "Use a Role in the namespaces that need it, name the Secrets under `resourceNames` with the verb `get`, or remove `secrets`.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      append([]string{"trivy:KSV-0041"}, readSecrets...),
	Needs:     []string{"rbac.authorization.k8s.io/RoleBinding"}, // which would limit it to a namespace
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"secrets"}, Verbs: read}}, scope: anywhere,
		narrows: true, anywhere: true, means: "read all Secrets",
	}.check(),
}, {
	ID:        "rbac-read-namespace-secrets",
	Title:     "Role may read all Secrets of its namespace",
	Why:       "Who may get, list or watch the Secrets of a namespace has the passwords and keys of every application in it, and of those that come later.",
	Remedy:    "Name the Secrets that are needed under `resourceNames` with the verb `get`, or remove `secrets`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // a namespace often belongs to one application
	Same:      append([]string{"trivy:KSV-0113"}, readSecrets...),
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"secrets"}, Verbs: read}}, scope: inNamespace,
		narrows: true, anywhere: true, means: "read all Secrets of the namespace",
	}.check(),
}, {
	ID:        "rbac-write-secrets",
	Title:     "Role may write all Secrets",
	Why:       "Who may write Secrets replaces certificates and credentials that others trust, and gets a token of any service account by creating a Secret of type kubernetes.io/service-account-token for it.",
	Remedy:    "Name the Secrets that are written under `resourceNames` (which cannot limit `create`), or remove the writing verbs.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0041", "trivy:KSV-0113"},
	Check: permission{
		wants:   []rbac.Want{{Resources: []string{"secrets"}, Verbs: writeAll}},
		narrows: true, means: "replace any Secret",
	}.check(),
}, {
	ID:        "rbac-pods-exec",
	Title:     "Role may run commands in pods",
	Why:       "pods/exec is a shell in a running container, with its Secrets, its network and its service account. The image and the manifest do not show what was done there.",
	Remedy:    "Remove `pods/exec`; give it to people for a limited time when they need it. `get` starts a session as `create` does.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      append([]string{"checkov:CKV2_K8S_2", "kubescape:C-0002", "trivy:KSV-0053", "kics:c589f42c-7924-4871-aee2-1cede9bc7cbc"}, polarisExecAttach...),
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"pods/exec"}, Verbs: []string{"create", "get"}}},
		means: "run commands in running pods",
	}.check(),
}, {
	ID:        "rbac-pods-attach",
	Title:     "Role may attach to pods",
	Why:       "pods/attach connects to the main process of a running container, reads what it writes and types into it, with the permissions of that container.",
	Remedy:    "Remove `pods/attach`; give it to people for a limited time when they need it. `get` starts a session as `create` does.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      append([]string{"trivy:KSV-0054", "kics:d45330fd-f58d-45fb-a682-6481477a0f84"}, polarisExecAttach...),
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"pods/attach"}, Verbs: []string{"create", "get"}}},
		means: "take over the terminal of running pods",
	}.check(),
}, {
	ID:        "rbac-pods-portforward",
	Title:     "Role may forward ports of pods",
	Why:       "pods/portforward opens a tunnel through the API server to any port of a pod, past network policies and past ports that listen on localhost only.",
	Remedy:    "Remove `pods/portforward`; give it to people for a limited time when they need it.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0063", "kics:38fa11ef-dbcc-4da8-9680-7e1fd855b6fb"},
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"pods/portforward"}, Verbs: []string{"create", "get"}}},
		means: "reach every port of the pods",
	}.check(),
}, {
	ID:        "rbac-write-network",
	Title:     "Role may change the cluster's network objects",
	Why:       "Who may write Services, endpoints, Ingresses or network policies sends other people's traffic to a pod of their own, or takes away the policy that keeps them out.",
	Remedy:    "Give these permissions only to controllers that own such objects, in a Role of one namespace.",
	Severity:  analyzers.Medium,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:KSV-0056"},
	Check: permission{
		wants: []rbac.Want{
			{Group: "", Resources: []string{"services", "endpoints"}, Verbs: writeAll},
			{Group: "discovery.k8s.io", Resources: []string{"endpointslices"}, Verbs: writeAll},
			{Group: "networking.k8s.io", Resources: []string{"networkpolicies", "ingresses"}, Verbs: writeAll},
		},
		means: "redirect or open up traffic of the cluster",
	}.check(),
}, {
	ID:        "rbac-delete-events",
	Title:     "Role may delete events",
	Why:       "Events tell what happened to pods and nodes. Who breaks in deletes those that show it.",
	Remedy:    "Remove `delete` and `deletecollection` on `events`; Kubernetes removes them after an hour by itself.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0031"},
	Check: permission{
		wants: []rbac.Want{
			{Resources: []string{"events"}, Verbs: []string{"delete", "deletecollection"}},
			{Group: "events.k8s.io", Resources: []string{"events"}, Verbs: []string{"delete", "deletecollection"}},
		},
		means: "remove traces",
	}.check(),
}, {
	ID:        "rbac-services-status",
	Title:     "Role may write the status of Services",
	Why:       "Kubernetes believes the load balancer address in a Service's status. Whoever writes it draws traffic for any address to their own pods (CVE-2020-8554, which has no fix).",
	Remedy:    "Remove `services/status`; only the cloud controller manager writes it.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV2_K8S_4"},
	Check: permission{
		wants: []rbac.Want{{Resources: []string{"services/status"}, Verbs: []string{"update", "patch"}}},
		means: "draw traffic for any address",
	}.check(),
}}

const certificates = "certificates.k8s.io"

var signing = rbac.Want{Group: certificates, Resources: []string{"signers"}, Verbs: []string{"approve", "sign"}}

// signsAny tells whether no rule of a role limits the signers it may act for.
// Both permissions are needed, so one that is limited limits the other.
func signsAny(role *rbac.Role) bool {
	limited := false
	for _, rule := range role.Rules {
		if given := rule.Grants(signing).Given; given == graph.True {
			if !(rule.Narrowed() == graph.True) {
				return true
			}
			limited = true
		}
	}
	return !limited
}

// readSecrets are the checks that make no difference between one namespace and all.
var readSecrets = []string{
	"checkov:CKV2_K8S_5", "kubescape:C-0015", "kubescape:C-0186", "kube-linter:access-to-secrets",
	"kics:b7bca5c4-1dab-4c2c-8cbe-3050b9d59b14", "kics:826abb30-3cd5-4e0b-a93b-67729b4f7e63",
	"kics:07fc3413-e572-42f7-9877-5c8fc6fccfb5",
}

func anywhere(r *rbac.Role) bool    { return !r.Namespaced() }
func inNamespace(r *rbac.Role) bool { return r.Namespaced() }

// polarisExecAttach are the checks that look for pods/exec and pods/attach at once.
var polarisExecAttach = []string{
	"polaris:clusterrolePodExecAttach", "polaris:rolePodExecAttach", "polaris:clusterrolebindingPodExecAttach",
	"polaris:rolebindingClusterRolePodExecAttach", "polaris:rolebindingRolePodExecAttach",
}
