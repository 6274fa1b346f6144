package rbac_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// load is the model of manifests, each a root of its own.
func load(t *testing.T, roots ...string) *rbac.Model {
	t.Helper()
	var parts []*graph.Builder
	for i, text := range roots {
		b := &graph.Builder{Root: string(rune('a' + i))}
		for _, doc := range yamltext.Parse(source.NewFile("a.yaml", []byte(text)), nil) {
			if doc.Problem != nil {
				t.Fatal(doc.Problem.Message)
			}
			kubernetes.Add(b, doc.Root)
		}
		parts = append(parts, b)
	}
	return rbac.All.Of(graph.Freeze(parts...))
}

const role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules:\n- "

func TestGrants(t *testing.T) {
	exec := rbac.Want{Resources: []string{"pods/exec"}, Verbs: []string{"create"}}
	pods := rbac.Want{Resources: []string{"pods"}, Verbs: []string{"get", "list"}}
	for _, c := range []struct {
		rule           string
		want           rbac.Want
		given          graph.Tri
		verb, resource string
	}{
		{`{apiGroups: [""], resources: [pods/exec], verbs: [create]}`, exec, graph.True, "create", "pods/exec"},
		{`{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}`, exec, graph.True, "*", "*"},
		{`{apiGroups: [""], resources: ["*/exec"], verbs: [create]}`, exec, graph.True, "create", "*/exec"},
		{`{apiGroups: [""], resources: ["pods/*"], verbs: [create]}`, exec, graph.False, "create", ""},
		{`{apiGroups: [""], resources: [pods], verbs: [create]}`, exec, graph.False, "create", ""},
		{`{apiGroups: [apps], resources: [pods/exec], verbs: [create]}`, exec, graph.False, "create", "pods/exec"},
		{`{apiGroups: [""], resources: ["*", pods], verbs: ["*", list]}`, pods, graph.True, "list", "pods"},
		{`{apiGroups: "", resources: pods, verbs: get}`, pods, graph.True, "get", "pods"},
		{`{apiGroups: [""], resources: [pods]}`, pods, graph.False, "", "pods"},
		{`{resources: [pods], verbs: [get]}`, pods, graph.False, "get", "pods"},
		{`{apiGroups: [""], resources: null, verbs: [get]}`, pods, graph.False, "get", ""},
		{`{apiGroups: [""], resources: ["*/*"], verbs: [get]}`, pods, graph.False, "get", ""},
		{`{apiGroups: [""], resources: ["*/*"], verbs: [create]}`, exec, graph.False, "create", ""},
		{`{apiGroups: ["", apps], resources: [deployments, pods], verbs: [watch, get]}`, pods, graph.True, "get", "pods"},
		{`{apiGroups: ["apps/v1", "core"], resources: [pods], verbs: [get]}`, pods, graph.False, "get", "pods"},
		{`{apiGroups: [""], resources: [Pods], verbs: [get]}`, pods, graph.False, "get", ""},
		{`{apiGroups: [""], resources: [pods], verbs: [GET]}`, pods, graph.False, "", "pods"},
		{`{apiGroups: [""], resources: [pod], verbs: [get]}`, pods, graph.False, "get", ""},
		{`{apiGroups: [""], resources: [pods/exec], verbs: [get]}`, pods, graph.False, "get", ""},
		{`{apiGroups: [""], resources: ["*/attach"], verbs: [create]}`, exec, graph.False, "create", ""},
		{`{nonResourceURLs: ["*"], verbs: ["*"]}`, pods, graph.False, "*", ""},
		{`{nonResourceURLs: [/api/v1/pods], verbs: [get]}`, pods, graph.False, "get", ""},
	} {
		rule := load(t, role+c.rule).Roles[0].Rules[0]
		g := rule.Grants(c.want)
		if g.Given != c.given || g.Verb.Str() != c.verb || g.Resource.Str() != c.resource {
			t.Errorf("%s: %v by %q on %q, want %v by %q on %q", c.rule, g.Given, g.Verb.Str(), g.Resource.Str(), c.given, c.verb, c.resource)
		}
	}
}

func TestGrantsUnknown(t *testing.T) {
	unknown := graph.NewUnknown(nil)
	text := func(s ...string) *graph.Node {
		var items []*graph.Node
		for _, s := range s {
			items = append(items, graph.NewString(s, nil))
		}
		return graph.NewList(items, nil)
	}
	want := rbac.Want{Resources: []string{"pods"}, Verbs: []string{"get"}}
	for name, c := range map[string]struct {
		groups, resources, verbs *graph.Node
		given                    graph.Tri
	}{
		"verbs":     {text(""), text("pods"), unknown, graph.Unsure},
		"one verb":  {text(""), text("pods"), graph.NewList([]*graph.Node{unknown}, nil), graph.Unsure},
		"seen":      {text(""), text("pods"), graph.NewList([]*graph.Node{unknown, graph.NewString("get", nil)}, nil), graph.True},
		"groups":    {unknown, text("pods"), text("get"), graph.Unsure},
		"elsewhere": {unknown, text("nodes"), text("get"), graph.False},
	} {
		rule := rbac.Rule{Value: graph.ValueOf(graph.NewMap([]graph.Field{
			{Key: "apiGroups", Node: c.groups}, {Key: "resources", Node: c.resources}, {Key: "verbs", Node: c.verbs},
		}, nil))}
		if g := rule.Grants(want); g.Given != c.given {
			t.Errorf("%s: %v, want %v", name, g.Given, c.given)
		}
	}
}

func TestNarrowedAndEverything(t *testing.T) {
	for _, c := range []struct {
		rule                            string
		narrowed, everything, allGroups graph.Tri
	}{
		{`{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}`, graph.False, graph.True, graph.True},
		{`{apiGroups: [""], resources: ["*"], verbs: ["*"]}`, graph.False, graph.True, graph.False},
		{`{apiGroups: [example.com], resources: ["*"], verbs: ["*"]}`, graph.False, graph.False, graph.False},
		{`{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch, create, update, patch, delete]}`, graph.False, graph.False, graph.True},
		{`{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}`, graph.False, graph.False, graph.False},
		{`{resourceNames: [a]}`, graph.True, graph.False, graph.False},
		{`{resourceNames: []}`, graph.False, graph.False, graph.False},
		{`{resourceNames: ["*"]}`, graph.False, graph.False, graph.False},
		{`{resourceNames: null}`, graph.False, graph.False, graph.False},
	} {
		r := load(t, role+c.rule).Roles[0].Rules[0]
		if r.Narrowed() != c.narrowed || r.Everything() != c.everything || r.AllGroups() != c.allGroups {
			t.Errorf("%s: narrowed %v, everything %v, all groups %v", c.rule, r.Narrowed(), r.Everything(), r.AllGroups())
		}
	}
}

// Paths are compared as the authorizer does.
func TestServes(t *testing.T) {
	for _, c := range []struct {
		urls, path string
		is         graph.Tri
	}{
		{`["*"]`, "/logs", graph.True},
		{`[/logs]`, "/logs", graph.True},
		{`[/logs]`, "/logs/", graph.False},
		{`[/logs/]`, "/logs", graph.False},
		{`["/logs*"]`, "/logs/kube-apiserver.log", graph.True},
		{`["/logs/*"]`, "/logs", graph.False},
		{`["/*/logs"]`, "/a/logs", graph.False},
		{`["/*"]`, "/logs", graph.True},
		{`[/metrics, /logs]`, "/logs", graph.True},
		{`[]`, "/logs", graph.False},
		{`null`, "/logs", graph.False},
	} {
		if _, is := load(t, role+"{verbs: [get], nonResourceURLs: "+c.urls+"}").Roles[0].Rules[0].Serves(c.path); is != c.is {
			t.Errorf("%s for %s: %v, want %v", c.urls, c.path, is, c.is)
		}
	}
}

func TestResolution(t *testing.T) {
	const local = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: collected}
aggregationRule:
  clusterRoleSelectors: [{matchLabels: {collect: "yes"}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: part, labels: {collect: "yes"}}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
`
	// What aggregates has the rules of those it selects, and theirs in turn; its
	// own are written over.
	const nested = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: top}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: top}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: middle, labels: {to: top}}
aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: to, operator: In, values: [middle]}]}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: leaf, labels: {to: middle}}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: other, labels: {to: top, part: loop}}
rules: [{apiGroups: [""], resources: [nodes], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: loop, labels: {part: loop}}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: loop}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
aggregationRule: {clusterRoleSelectors: [{}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: either}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: middle}}, {matchLabels: {part: loop}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: none}
aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: to, operator: DoesNotExist}, {key: to, operator: Exists}]}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: plain, namespace: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
aggregationRule: {clusterRoleSelectors: [{}]}
---
`
	binding := func(kind, namespace, ref, name string) string {
		return "apiVersion: rbac.authorization.k8s.io/v1\nkind: " + kind + "\nmetadata: {name: b" + namespace +
			"}\nroleRef: {kind: " + ref + ", name: " + name + "}\n"
	}
	for _, c := range []struct {
		name  string
		roots []string
		rules int // of the role bound; -1 for no role
	}{
		{"a Role of the namespace", []string{local + binding("RoleBinding", ", namespace: shop", "Role", "reader")}, 1},
		{"a Role of another namespace", []string{local + binding("RoleBinding", ", namespace: other", "Role", "reader")}, -1},
		{"an aggregated ClusterRole of aggregated ones", []string{nested + binding("ClusterRoleBinding", "", "ClusterRole", "top")}, 2},
		{"a ClusterRole that aggregates in a circle", []string{nested + binding("ClusterRoleBinding", "", "ClusterRole", "loop")}, 1},
		{"an empty selector, which is every ClusterRole", []string{nested + binding("ClusterRoleBinding", "", "ClusterRole", "all")}, 2},
		{"selectors that are alternatives", []string{nested + binding("ClusterRoleBinding", "", "ClusterRole", "either")}, 2},
		{"a selector that no ClusterRole fits", []string{nested + binding("ClusterRoleBinding", "", "ClusterRole", "none")}, 0},
		{"a Role, which aggregates nothing", []string{nested + binding("RoleBinding", ", namespace: shop", "Role", "plain")}, 1},
		{"an aggregated ClusterRole", []string{local + binding("ClusterRoleBinding", "", "ClusterRole", "collected")}, 1},
		{"a ClusterRole of another root", []string{binding("ClusterRoleBinding", "", "ClusterRole", "part"), local}, 1},
		{"a ClusterRole of two other roots", []string{binding("ClusterRoleBinding", "", "ClusterRole", "part"), local, local}, -1},
		{"a built-in role", []string{local + binding("RoleBinding", "", "ClusterRole", "edit")}, -1},
		{"a ClusterRole by a RoleBinding", []string{local + binding("RoleBinding", ", namespace: shop", "ClusterRole", "part")}, 1},
		{"the wrong kind", []string{local + binding("RoleBinding", ", namespace: shop", "Role", "part")}, -1},
	} {
		got := -1
		if r := load(t, c.roots...).Bindings[0].Role; r != nil {
			got = 0
			for range r.Effective() {
				got++
			}
		}
		if got != c.rules {
			t.Errorf("%s: %d rules, want %d", c.name, got, c.rules)
		}
	}
}

func TestServiceAccount(t *testing.T) {
	binding := func(meta, subject string) string {
		return "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b" + meta + "}\nsubjects: [" + subject + "]\n"
	}
	for _, c := range []struct {
		meta, subject, pod string
		is                 graph.Tri
	}{
		{"", "{kind: ServiceAccount, name: web, namespace: shop}", ", namespace: shop", graph.True},
		{"", "{kind: ServiceAccount, name: web, namespace: shop}", ", namespace: other", graph.False},
		{"", "{kind: ServiceAccount, name: web, namespace: shop}", "", graph.Unsure},
		{"", "{kind: ServiceAccount, name: api, namespace: shop}", "", graph.False},
		{"", "{kind: User, name: web, namespace: shop}", ", namespace: shop", graph.False},
		{", namespace: shop", "{kind: ServiceAccount, name: web}", ", namespace: shop", graph.True},
		{", namespace: shop", "{kind: ServiceAccount, name: web}", ", namespace: other", graph.False},
		{"", "{kind: ServiceAccount, name: web}", "", graph.True},
		{"", "{kind: ServiceAccount, name: default}", "", graph.False},

		// The same account by its name as a user, and by its groups.
		{"", "{kind: User, name: 'system:serviceaccount:shop:web'}", ", namespace: shop", graph.True},
		{"", "{kind: User, name: 'system:serviceaccount:shop:web'}", ", namespace: other", graph.False},
		{"", "{kind: User, name: 'system:serviceaccount:shop:web'}", "", graph.Unsure},
		{"", "{kind: User, name: 'system:serviceaccount:shop:api'}", ", namespace: shop", graph.False},
		{"", "{kind: User, name: 'system:serviceaccount:web'}", ", namespace: shop", graph.False},
		{"", "{kind: Group, name: 'system:serviceaccount:shop:web'}", ", namespace: shop", graph.False},
		{"", "{kind: Group, name: 'system:serviceaccounts:shop'}", ", namespace: shop", graph.True},
		{"", "{kind: Group, name: 'system:serviceaccounts:shop'}", ", namespace: other", graph.False},
		{"", "{kind: Group, name: 'system:serviceaccounts:shop'}", "", graph.Unsure},
		{"", "{kind: User, name: 'system:serviceaccounts:shop'}", ", namespace: shop", graph.False},
		{"", "{kind: Group, name: 'system:serviceaccounts'}", "", graph.True},
		{"", "{kind: Group, name: 'system:authenticated'}", ", namespace: shop", graph.True},
		{"", "{kind: Group, name: 'system:unauthenticated'}", ", namespace: shop", graph.False},
		{"", "{kind: Group, name: 'system:masters'}", ", namespace: shop", graph.False},
		{"", "{kind: User, name: 'system:authenticated'}", "", graph.False},
		{"", "{name: web, namespace: shop}", ", namespace: shop", graph.False},
	} {
		b := &graph.Builder{}
		for _, doc := range yamltext.Parse(source.NewFile("a.yaml", []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: p"+c.pod+"}\n---\n"+binding(c.meta, c.subject))), nil) {
			kubernetes.Add(b, doc.Root)
		}
		pod := b.Resources[0]
		subject := rbac.All.Of(graph.Freeze(b)).Bindings[0].Subjects[0]
		if got := subject.ServiceAccount(pod, "web"); got != c.is {
			t.Errorf("%s %s for a pod%s: %v, want %v", c.meta, c.subject, c.pod, got, c.is)
		}
	}
}

func TestReserved(t *testing.T) {
	for name, system := range map[string]bool{
		"system:mine": false, "system:node:mine": false, "system:controller:job-controller": true, "system:aggregate-to-edit": true,
		"system:node": true, "cluster-admin": true, "view": true, "viewer": false, "my-system:x": false, "gce:cloud-provider": true,
	} {
		r := load(t, "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: '"+name+"'}\n").Roles[0]
		if r.System() != system {
			t.Errorf("%s: system is %v", name, r.System())
		}
	}
}
