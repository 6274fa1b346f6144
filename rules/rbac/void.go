package rbac

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// void holds the rules about roles and bindings that do not do what is written
// in them.
var void = []*analyzers.Rule{{
	ID:        "rbac-subresource-wildcard",
	Title:     "Role names subresources by a pattern that means nothing",
	Why:       "RBAC knows `*` for everything and `*/exec` for that subresource of everything. `pods/*` is compared letter by letter and matches nothing: the program is refused, and the next attempt is mostly a `*` that gives too much.",
	Remedy:    "Name the subresources: `pods/log`, `pods/status`.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Check: roles(func(p *analyzers.Pass, _ *rbac.Role, rule rbac.Rule) {
		for v := range rule.At("resources").Each() {
			resource, sub, _ := strings.Cut(v.Str(), "/")
			p.ReportIf(graph.Of(sub == "*" || resource != "*" && strings.Contains(resource, "*")), v, "%q matches no resource", v.Str())
		}
	}),
}, {
	ID:        "rbac-wrong-api-group",
	Title:     "Role looks for a resource in the wrong API group",
	Why:       "The rule grants nothing on the resource: the program is refused when it first needs it. Mostly somebody then reaches for `*`.",
	Remedy:    "Name the group of the resource in `apiGroups`: `\"\"` for pods, Services and Secrets, `apps` for deployments, `batch` for jobs.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		groups := rule.At("apiGroups")
		if !builtinGroups(groups) {
			return
		}
		for v := range rule.At("resources").Each() {
			name, _, _ := strings.Cut(v.Str(), "/")
			if homes := groupsOf[name]; homes != nil && !elsewhere(role, rule, homes, v.Str()) {
				p.ReportIf(groups.Contains(append([]string{"*"}, homes...)...).Not(), v, "%q is in the API group %q, which the rule does not name", v.Str(), homes[0])
			}
		}
	}),
}, {
	ID:        "rbac-named-create",
	Title:     "Permission to create is limited to names, so it is never given",
	Why:       "When an object is created, or all are deleted at once, the request has no name to compare: the rule never applies, and the program is refused.",
	Remedy:    "Give `create` and `deletecollection` in a rule of their own without `resourceNames`.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		if !(rule.Narrowed() == graph.True) {
			return
		}
		var resources []string
		for r := range rule.At("resources").Each() {
			// The name of a subresource is its object's.
			if !r.Known() || strings.Contains(r.Str(), "/") || r.Str() == "*" {
				return
			}
			resources = append(resources, r.Str())
		}
		for v := range rule.At("verbs").Each() {
			if v.Is("create", "deletecollection") == graph.True && everyName(role, rule, resources, v.Str()) {
				continue
			}
			p.ReportIf(v.Is("create", "deletecollection"), v, "%q never comes with one of the %s", v.Str(), rule.At("resourceNames").Key())
		}
	}),
}, {
	ID:        "rbac-aggregated-rules",
	Title:     "Rules of an aggregated ClusterRole are written over",
	Why:       "A ClusterRole with an `aggregationRule` gets its rules from others, by a controller that overwrites what the manifest has. What stands there is gone a moment after it was applied, and comes back with every deployment.",
	Remedy:    "Move the rules into a ClusterRole of their own with a label that `aggregationRule` selects, and set `rules: []`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(rbac.Roles, func(p *analyzers.Pass, role *rbac.Role) {
		if role.Aggregates() && len(role.Rules) > 0 {
			p.Report(role.At("rules"), "%s is overwritten by what %s selects", role.At("rules").Key(), role.At("aggregationRule").Key())
		}
	}),
}, {
	ID:        "rbac-namespaced-cluster-resource",
	Title:     "Role grants what only a ClusterRole can",
	Why:       "Nodes, namespaces and the like belong to no namespace, nor do paths such as /metrics. In a Role the rule grants nothing, and the program is refused.",
	Remedy:    "Move the rule to a ClusterRole and bind it with a ClusterRoleBinding, if the program really needs it.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: roles(func(p *analyzers.Pass, role *rbac.Role, rule rbac.Rule) {
		if role.Cluster {
			return
		}
		for v := range rule.At("nonResourceURLs").Each() {
			p.Report(v, "the path %q can only be granted by a ClusterRole", v.Str())
			return
		}
		for v := range rule.At("resources").Each() {
			name, _, _ := strings.Cut(v.Str(), "/")
			if group, is := clusterScoped[name]; is {
				p.ReportIf(rule.Group(group), v, "%q is in no namespace, so a Role cannot grant it", v.Str())
			}
		}
	}),
}, {
	ID:        "rbac-unused-role",
	Title:     "Role is given to nobody",
	Why:       "A role without a binding does nothing today. Tomorrow somebody finds it, binds it because the name fits, and gives away what was thought of for something else.",
	Remedy:    "Remove the role, or add the binding that was forgotten.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // bindings may be another project's
	Needs:     []string{"rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"},
	Check: func(p *analyzers.Pass) {
		vague := slices.ContainsFunc(rbac.Bindings.Of(p.Graph), func(b *rbac.Binding) bool { return !b.Ref.At("name").Known() })
		for _, role := range rbac.Roles.Of(p.Graph) {
			if role.System() || len(role.BoundBy) > 0 || collected(role) {
				continue
			}
			p.Look(1)
			unused := graph.True
			if vague {
				unused = graph.Unsure
			}
			for _, b := range rbac.Bindings.Of(p.Graph) {
				if b.Ref.At("name").Str() == role.Name {
					unused = graph.Unsure // one of several of the name, or elsewhere
				}
			}
			p.ReportIf(unused, role.At("metadata.name"), "no binding gives this role to anybody")
		}
	},
}, {
	ID:        "rbac-unused-service-account",
	Title:     "Service account is used by no pod",
	Why:       "An account that nobody uses still has what is bound to it, and whoever may create pods or tokens in the namespace may use it.",
	Remedy:    "Remove the account with its bindings, or name it in the `serviceAccountName` of the workload it was made for.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // pods may be another project's, or made by a controller
	Needs:     kube.PodTypes[:],
	Check: func(p *analyzers.Pass) {
		used := map[string][]workload.Pod{}
		vague := false
		for _, pod := range workload.Pods.Of(p.Graph) {
			name, known := pod.ServiceAccount()
			used[name], vague = append(used[name], pod), vague || !known
		}
		for r := range p.Graph.OfType("core/ServiceAccount") {
			name := r.At("metadata.name")
			if !name.Known() || name.Str() == "default" {
				continue
			}
			p.Look(1)
			unused := graph.True
			if vague {
				unused = graph.Unsure
			}
			for _, pod := range used[name.Str()] {
				unused = unused.And(kube.SameNamespace(r, pod.Resource()).Not())
			}
			p.ReportIf(unused, name, "no pod here runs as %q", name.Str())
		}
	},
}}

// elsewhere tells whether another rule of the role names the resource in its
// right group: what is wrong here is then a leftover.
func elsewhere(role *rbac.Role, but rbac.Rule, groups []string, resource string) bool {
	return slices.ContainsFunc(role.Rules, func(o rbac.Rule) bool {
		return o != but && o.At("resources").Contains(resource, "*") == graph.True &&
			o.At("apiGroups").Contains(append([]string{"*"}, groups...)...) == graph.True
	})
}

// everyName tells whether another rule of the role gives the verb on the
// resources whatever the name.
func everyName(role *rbac.Role, but rbac.Rule, resources []string, verb string) bool {
	group := but.At("apiGroups.0").Str()
	for _, resource := range resources {
		if !slices.ContainsFunc(role.Rules, func(o rbac.Rule) bool {
			g := o.Grants(rbac.Want{Group: group, Resources: []string{resource}, Verbs: []string{verb}})
			return o != but && g.Given.And(o.Narrowed().Not()) == graph.True
		}) {
			return false
		}
	}
	return true
}

// collected tells whether an aggregated ClusterRole may take the role in.
func collected(r *rbac.Role) bool {
	for key := range r.At("metadata.labels").Entries() {
		if strings.Contains(key, "aggregate-to") {
			return true
		}
	}
	return false
}

// builtinGroups tells whether a list names API groups of Kubernetes itself
// only. Others may have resources of the same names.
func builtinGroups(list graph.Value) bool {
	n, known := list.Len()
	if !known || n == 0 {
		return false
	}
	for v := range list.Each() {
		if !v.Known() || !slices.Contains(ownGroups, v.Str()) {
			return false
		}
	}
	return true
}

// ownGroups are the API groups of Kubernetes itself that roles name.
var ownGroups = []string{
	"", "apps", "batch", "extensions", "networking.k8s.io", "policy", rbac.Group, "storage.k8s.io", "autoscaling",
	"apiextensions.k8s.io", "admissionregistration.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "scheduling.k8s.io",
	certificates, "apiregistration.k8s.io",
}

// groupsOf are the API groups that serve a resource, or have served it. Source:
// the API reference of Kubernetes and its deprecation guide.
var groupsOf = map[string][]string{
	"pods": {""}, "services": {""}, "configmaps": {""}, "secrets": {""}, "serviceaccounts": {""}, "nodes": {""}, "namespaces": {""},
	"persistentvolumes": {""}, "persistentvolumeclaims": {""}, "endpoints": {""}, "events": {"", "events.k8s.io"},
	"replicationcontrollers": {"", "extensions"}, "resourcequotas": {""}, "limitranges": {""}, "podtemplates": {""},
	"deployments": {"apps", "extensions"}, "daemonsets": {"apps", "extensions"}, "replicasets": {"apps", "extensions"},
	"statefulsets": {"apps"}, "controllerrevisions": {"apps"}, "jobs": {"batch", "extensions"}, "cronjobs": {"batch"},
	"ingresses": {"networking.k8s.io", "extensions"}, "networkpolicies": {"networking.k8s.io", "extensions"}, "ingressclasses": {"networking.k8s.io"},
	"poddisruptionbudgets": {"policy"}, "podsecuritypolicies": {"policy", "extensions"},
	"roles": {rbac.Group}, "rolebindings": {rbac.Group}, "clusterroles": {rbac.Group}, "clusterrolebindings": {rbac.Group},
	"storageclasses": {"storage.k8s.io"}, "volumeattachments": {"storage.k8s.io"}, "csidrivers": {"storage.k8s.io"}, "csinodes": {"storage.k8s.io"},
	"horizontalpodautoscalers": {"autoscaling", "extensions"}, "customresourcedefinitions": {"apiextensions.k8s.io"},
	"mutatingwebhookconfigurations": {"admissionregistration.k8s.io"}, "validatingwebhookconfigurations": {"admissionregistration.k8s.io"},
	"leases": {"coordination.k8s.io"}, "endpointslices": {"discovery.k8s.io"}, "priorityclasses": {"scheduling.k8s.io"},
	"certificatesigningrequests": {certificates}, "apiservices": {"apiregistration.k8s.io"},
}

// clusterScoped are resources of Kubernetes itself that are in no namespace,
// with their group. A namespace is in itself, so a Role may give it.
var clusterScoped = map[string]string{
	"nodes": "", "persistentvolumes": "", "componentstatuses": "",
	"clusterroles": rbac.Group, "clusterrolebindings": rbac.Group, "storageclasses": "storage.k8s.io", "volumeattachments": "storage.k8s.io",
	"csidrivers": "storage.k8s.io", "csinodes": "storage.k8s.io", "ingressclasses": "networking.k8s.io", "priorityclasses": "scheduling.k8s.io",
	"customresourcedefinitions": "apiextensions.k8s.io", "mutatingwebhookconfigurations": "admissionregistration.k8s.io",
	"validatingwebhookconfigurations": "admissionregistration.k8s.io", "certificatesigningrequests": certificates, "apiservices": "apiregistration.k8s.io",
}
