package reach

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// takeover holds the rules about pods from which the node or the cluster can
// be taken over.
var takeover = []*analyzers.Rule{{
	ID:        "reach-exposed-privileged-pod",
	Title:     "Privileged pod can be reached from outside",
	Why:       "A privileged container, or one in the namespaces of its node, is one hole in its program away from the node and all pods on it. This one takes requests from outside the cluster.",
	Remedy:    "Take the privilege away, or split the program: the part that answers requests without privileges, the part that needs them without a Service.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Check: func(p *analyzers.Pass) {
		done := map[*graph.Resource]bool{}
		for _, way := range routes.Ways.Of(p.Graph) {
			p.Look(1)
			r := way.Pod.Resource()
			if done[r] || !(way.Open == graph.True) {
				continue
			}
			at, what := nodePrivilege(way.Pod)
			if what == "" {
				continue
			}
			done[r] = true
			p.Report(at, "%s, and the pod can be reached from outside", what).
				Note(way.Entry, "the way in").
				Note(way.Service.Config, "the Service in between")
		}
	},
}, {
	ID:        "reach-cluster-admin-pod",
	Title:     "Pod can do everything in the cluster",
	Why:       "The pod's service account is bound to cluster-admin, or to a role that grants as much, and its token is mounted. Whoever breaks into the pod reads the token and owns the cluster.",
	Remedy:    "Bind a role with the permissions that the program uses. If it does not talk to the API server, set `automountServiceAccountToken: false`.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0272"},
	Needs:     []string{"core/ServiceAccount"},
	Check: powers(func(b *rbac.Binding) (graph.Value, graph.Tri) {
		if b.Role != nil {
			for rule := range b.Role.Effective() {
				if rule.AllGroups() == graph.True {
					return rule.Value, graph.True
				}
			}
		}
		return b.Ref.At("name"), b.Names("cluster-admin")
	}, "everything in the cluster"),
}, {
	ID:        "reach-cluster-takeover-pod",
	Title:     "Pod can take over the cluster",
	Why:       "The pod's service account may do one of the things that lead to everything else in every namespace: read all Secrets, start pods, run commands in them, hand out roles or act as others. Its token is mounted, so whoever breaks into the pod has these permissions.",
	Remedy:    "Use a Role and a RoleBinding in the namespaces that the program works in, name the objects under `resourceNames`, or set `automountServiceAccountToken: false` if the program does not talk to the API server.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // many controllers cannot work without
	Same:      []string{"kubescape:C-0267"},
	Check: powers(func(b *rbac.Binding) (graph.Value, graph.Tri) {
		if b.Role == nil {
			// Who has edit or admin everywhere reads every Secret.
			return b.Ref.At("name"), b.Names("admin", "edit")
		}
		for rule := range b.Role.Effective() {
			for _, w := range leadsToAll {
				if g := rule.Grants(w); g.Given.And(rule.Narrowed().Not()) == graph.True {
					return g.Resource, graph.True
				}
			}
		}
		return b.Ref.At("name"), graph.False
	}, "what leads to everything in the cluster"),
}}

// interfaces holds the rules about programs that are no thing for strangers.
var interfaces = []*analyzers.Rule{{
	ID:        "reach-exposed-admin-interface",
	Title:     "Administration interface can be reached from outside",
	Why:       "These programs run code, or show everything, for whoever gets to them, often without a login as they are installed. Scanners of the internet look for them.",
	Remedy:    "Use a Service of type ClusterIP and reach it by `kubectl port-forward` or a VPN, or put a proxy with a login in front.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0021"},
	Check: func(p *analyzers.Pass) {
		done := map[*graph.Resource]bool{}
		for _, way := range routes.Ways.Of(p.Graph) {
			p.Look(1)
			// Behind an Ingress or a route there may be a login.
			if way.Entry.Resource() != way.Service || done[way.Pod.Resource()] {
				continue
			}
			for c := range way.Pod.Containers() {
				image := c.At("image")
				if name := administrates(image.Str()); name != "" {
					f := p.ReportIf(way.Open, way.Entry, "%s is %q, and the pods run %s", way.Entry.Key(), way.Entry.Str(), name).Note(image, "the program")
					done[way.Pod.Resource()] = f != nil
					break
				}
			}
		}
	},
}}

// administrators are images of programs that run code or show everything for
// whoever reaches them.
var administrators = map[string]string{
	"jenkins": "Jenkins", "argo-workflows": "Argo Workflows", "argocli": "Argo Workflows", "airflow": "Airflow", "nifi": "NiFi", "zeppelin": "Zeppelin",
	"scope": "Weave Scope", "dashboard": "the Kubernetes Dashboard", "kubernetes-dashboard": "the Kubernetes Dashboard", "centraldashboard": "Kubeflow",
	"phpmyadmin": "phpMyAdmin", "pgadmin4": "pgAdmin", "adminer": "Adminer", "mongo-express": "mongo-express", "redis-commander": "Redis Commander",
	"kafka-ui": "a user interface for Kafka", "jupyter": "Jupyter", "notebook": "Jupyter", "base-notebook": "Jupyter", "scipy-notebook": "Jupyter",
	"portainer": "Portainer", "portainer-ce": "Portainer", "rancher": "Rancher", "vllm-openai": "vLLM", "ollama": "Ollama", "ray": "Ray", "selenoid": "Selenoid",
}

// administrates is the name of the program in an image that is no thing for
// strangers, "" for others.
func administrates(image string) string {
	i := workload.ParseImage(image)
	name := i.Path[strings.LastIndexByte(i.Path, '/')+1:]
	if name == "dashboard" && !strings.Contains(i.Path, "kubernetes") {
		return ""
	}
	if name == "scope" && !strings.Contains(i.Path, "weave") {
		return ""
	}
	return administrators[name]
}

// exposure holds the rules that say what can be reached, without a judgement.
var exposure = []*analyzers.Rule{{
	ID:        "reach-exposed-workload",
	Title:     "Workload can be reached from outside the cluster",
	Why:       "What can be reached from outside is what attackers try first. The list of such workloads should hold no surprise.",
	Remedy:    "If nobody outside needs it, use a Service of type ClusterIP and no Ingress or route.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kubescape:C-0266", "kubescape:C-0256"},
	Check: func(p *analyzers.Pass) {
		done := map[*graph.Resource]bool{}
		for _, way := range routes.Ways.Of(p.Graph) {
			p.Look(1)
			if r := way.Pod.Resource(); !done[r] {
				f := p.ReportIf(way.Open, r.Config, "the pods can be reached from outside the cluster").
					Note(way.Entry, "the way in").
					Note(way.Service.Config, "the Service in between")
				done[r] = f != nil
			}
		}
	},
}}

// leadsToAll are the permissions that, held in every namespace, give all others.
var leadsToAll = []rbac.Want{
	{Resources: []string{"secrets"}, Verbs: []string{"get", "list", "watch"}},
	{Resources: []string{"pods", "replicationcontrollers"}, Verbs: []string{"create", "update", "patch"}},
	{Group: "apps", Resources: []string{"deployments", "daemonsets", "statefulsets", "replicasets"}, Verbs: []string{"create", "update", "patch"}},
	{Group: "batch", Resources: []string{"jobs", "cronjobs"}, Verbs: []string{"create", "update", "patch"}},
	{Resources: []string{"pods/exec", "pods/attach", "nodes/proxy", "serviceaccounts/token"}, Verbs: []string{"create"}},
	{Resources: []string{"users", "groups", "serviceaccounts"}, Verbs: []string{"impersonate"}},
	{Group: rbac.Group, Resources: []string{"roles", "clusterroles"}, Verbs: []string{"bind", "escalate"}},
}

// powers makes a Check that reports pods whose service account a
// ClusterRoleBinding gives something to; by tells where, and whether.
func powers(by func(*rbac.Binding) (graph.Value, graph.Tri), what string) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		var bindings []*rbac.Binding
		for _, b := range rbac.Bindings.Of(p.Graph) {
			if b.Cluster {
				bindings = append(bindings, b)
			}
		}
		for _, pod := range workload.Pods.Of(p.Graph) {
			p.Look(1)
			powersOf(p, pod, bindings, by, what)
		}
	}
}

func powersOf(p *analyzers.Pass, pod workload.Pod, bindings []*rbac.Binding, by func(*rbac.Binding) (graph.Value, graph.Tri), what string) {
	name, known := pod.ServiceAccount()
	if !known {
		return
	}
	for _, b := range bindings {
		for _, s := range b.Subjects {
			bound := s.ServiceAccount(pod.Resource(), name).And(s.Everybody().Not(), selection.Together(b.Resource, pod.Resource()))
			if bound == graph.False {
				continue
			}
			place, gives := by(b)
			at := pod.Spec.At("serviceAccountName")
			f := p.ReportIf(bound.And(gives, tokenMounted(p.Graph, pod, name)), at, "the service account %q may do %s", name, what).
				Note(s.At("name"), "given by %s", b.ID).
				Note(place, "this much")
			if f != nil {
				wayIn(p.Graph, f, pod)
				return
			}
		}
	}
}

// wayIn notes how the pod is reached from outside, if it is.
func wayIn(g *graph.Graph, f *analyzers.Finding, pod workload.Pod) {
	for _, way := range routes.Ways.Of(g) {
		if way.Pod.Resource() == pod.Resource() && way.Open == graph.True {
			f.Note(way.Entry, "the pod can be reached from outside")
			return
		}
	}
}

// tokenMounted tells whether the pod has its service account's token. What the
// pod says counts before what the service account says.
func tokenMounted(g *graph.Graph, pod workload.Pod, account string) graph.Tri {
	own := pod.Spec.At("automountServiceAccountToken")
	if !(own.Present() == graph.False) {
		return own.Bool(true)
	}
	for sa := range g.OfType("core/ServiceAccount") {
		if sa.Name == account && sa.Root == pod.Resource().Root && kube.SameNamespace(sa, pod.Resource()) == graph.True {
			return sa.At("automountServiceAccountToken").Bool(true)
		}
	}
	return graph.True
}

// nodePrivilege is where a pod asks for what gives it its node, and in words
// what that is; "" when it asks for nothing of the kind.
func nodePrivilege(pod workload.Pod) (at graph.Value, what string) {
	for c := range pod.Containers() {
		if v := c.At("securityContext.privileged"); v.Bool(false) == graph.True {
			return v, "a container runs privileged"
		}
	}
	for _, field := range [...]string{"hostPID", "hostIPC", "hostNetwork"} {
		if v := pod.Spec.Get(field); v.Bool(false) == graph.True {
			return v, v.Key() + " is set"
		}
	}
	return at, ""
}
