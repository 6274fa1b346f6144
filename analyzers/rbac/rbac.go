// Package rbac has the views on Kubernetes' role based access control: roles,
// what their rules grant, and who is bound to them.
//
// Matching follows the RBAC authorizer. "*" stands for every verb, resource or
// API group; "*/scale" for that subresource of everything; "pods/*" stands for
// nothing, whatever people hope. Resource names narrow a rule, and an empty
// list of them does not. The embedded Values are the very entries of the
// manifest, so that a finding lands on the word that grants too much.
package rbac

import (
	"iter"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Group is the API group of roles and bindings.
const Group = "rbac.authorization.k8s.io"

// A Role is a Role or a ClusterRole.
type Role struct {
	*graph.Resource
	Cluster bool
	// Rules are the rules written in the role itself.
	Rules []Rule
	// Aggregated are the rules of other ClusterRoles that an aggregationRule
	// adds; they are reported where they are written.
	Aggregated []Rule
	// BoundBy are the bindings that hand the role out, as far as they are here.
	BoundBy []*Binding
}

// A Rule is one entry of a role's rules.
type Rule struct{ graph.Value }

// A Want is a permission to look for: any of the verbs on any of the resources.
type Want struct {
	Group     string
	Resources []string // with their subresource: "pods/exec"
	Verbs     []string
}

// A Grant tells whether a rule gives a permission, and by which words.
type Grant struct {
	Given graph.Tri
	// Verb and Resource are the items that give it: the plain word where it is
	// written, else the wildcard.
	Verb, Resource graph.Value
}

// Wild tells that both words are wildcards: the rule gives everything there is
// in the group, and the permission looked for is the least of it.
func (g Grant) Wild() bool { return every(g.Verb.Str()) && every(g.Resource.Str()) }

// Grants tells whether the rule gives a permission.
func (r Rule) Grants(w Want) Grant {
	group := r.Group(w.Group)
	verb, hasVerb := pick(r.At("verbs"), func(s string) bool { return contains(w.Verbs, s) }, every)
	resource, hasResource := pick(r.At("resources"), func(s string) bool { return contains(w.Resources, s) },
		func(s string) bool { return every(s) || subresource(s, w.Resources) })
	return Grant{Given: group.And(hasVerb, hasResource), Verb: verb, Resource: resource}
}

// Group tells whether the rule is about an API group.
func (r Rule) Group(group string) graph.Tri { return r.At("apiGroups").Contains(group, "*") }

// Narrowed tells whether resourceNames limit the rule to objects named there.
// "*" is no wildcard in resource names, but who writes it means all.
func (r Rule) Narrowed() graph.Tri {
	names := r.At("resourceNames")
	n, known := names.Len()
	if !known {
		return graph.Unsure
	}
	return graph.Of(n > 0).And(names.Contains("*").Not())
}

// Serves tells whether the rule is about a path of the API server that is no
// resource, and by which pattern: the path itself, "*" for all, or the beginning
// of it with a "*" at the end. Only a ClusterRole can give paths.
func (r Rule) Serves(path string) (pattern graph.Value, is graph.Tri) {
	return pick(r.At("nonResourceURLs"), func(s string) bool { return s == path }, func(s string) bool {
		prefix, open := strings.CutSuffix(s, "*")
		return open && strings.HasPrefix(path, prefix)
	})
}

// Wildcard is the "*" of a list of the rule: verbs, resources, apiGroups.
func (r Rule) Wildcard(list string) (item graph.Value, is graph.Tri) {
	return pick(r.At(list), every, every)
}

// Everything tells whether the rule gives every verb on every resource of the
// core group or of all groups.
func (r Rule) Everything() graph.Tri {
	_, verbs := r.Wildcard("verbs")
	_, resources := r.Wildcard("resources")
	return verbs.And(resources, r.Group(""))
}

// AllGroups tells whether the rule gives everything in all API groups: what
// cluster-admin gives. A list of all the verbs counts as the wildcard does.
func (r Rule) AllGroups() graph.Tri {
	_, resources := r.Wildcard("resources")
	_, groups := r.Wildcard("apiGroups")
	all := graph.True
	for _, verb := range [...]string{"get", "list", "watch", "create", "update", "patch", "delete"} {
		all = all.And(r.At("verbs").Contains(verb, "*"))
	}
	return all.And(resources, groups)
}

// pick finds the item of a list that is the plain word, else the wildcard.
func pick(list graph.Value, plain, wild func(string) bool) (at graph.Value, is graph.Tri) {
	if !list.Known() {
		return list, graph.Unsure
	}
	is, at = graph.False, list
	for item := range items(list) {
		s, known := item.Text("")
		switch {
		case !known:
			if is == graph.False {
				at, is = item, graph.Unsure
			}
		case plain(s):
			return item, graph.True
		case wild(s) && !(is == graph.True):
			at, is = item, graph.True
		}
	}
	return at, is
}

// items yields the items of a list, or a scalar as its only one.
func items(list graph.Value) iter.Seq[graph.Value] {
	if list.Kind() == graph.List {
		return list.Each()
	}
	return func(yield func(graph.Value) bool) {
		if list.Present() == graph.True {
			yield(list)
		}
	}
}

func every(s string) bool { return s == "*" }

func subresource(s string, resources []string) bool {
	sub, ok := strings.CutPrefix(s, "*/")
	if !ok {
		return false
	}
	for _, r := range resources {
		if _, of, found := strings.Cut(r, "/"); found && of == sub {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

// System tells whether the role is one of Kubernetes' own: the default roles
// for people, and those of the control plane. A name that only begins like
// those of the control plane is a role that somebody wrote.
func (r *Role) System() bool {
	_, builtin := Builtin[r.Name]
	return builtin && r.Cluster || ofControlPlane(r.Name)
}

// Namespaced tells whether the role is only given in single namespaces: a
// Role, or a ClusterRole that only RoleBindings hand out.
func (r *Role) Namespaced() bool {
	for _, b := range r.BoundBy {
		if b.Cluster {
			return false
		}
	}
	return !r.Cluster || len(r.BoundBy) > 0
}

// ofControlPlane tells whether a role is one that the control plane makes when
// it starts, or that a managed cluster comes with.
func ofControlPlane(name string) bool {
	for _, prefix := range [...]string{"system:controller:", "system::", "system:aggregate-to-", "system:certificates.k8s.io:", "gce:", "eks:"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return bootstrapRoles[name]
}

// bootstrapRoles are the roles for the control plane and its parts that every
// cluster has (Kubernetes, "Default roles and role bindings").
var bootstrapRoles = map[string]bool{
	"system:auth-delegator": true, "system:basic-user": true, "system:coredns": true, "system:discovery": true, "system:heapster": true,
	"system:kube-aggregator": true, "system:kube-controller-manager": true, "system:kube-dns": true, "system:kube-scheduler": true,
	"system:kubelet-api-admin": true, "system:monitoring": true, "system:node": true, "system:node-bootstrapper": true,
	"system:node-problem-detector": true, "system:node-proxier": true, "system:persistent-volume-provisioner": true,
	"system:public-info-viewer": true, "system:service-account-issuer-discovery": true, "system:volume-scheduler": true,
	"extension-apiserver-authentication-reader": true,
}

// reserved tells whether a name is one that the control plane keeps for
// itself: Kubernetes' own and those of managed clusters.
func reserved(name string) bool {
	for _, prefix := range [...]string{"system:", "gce:", "eks:"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Builtin are the default ClusterRoles for people, which every cluster has,
// and whether binding one to all namespaces gives the cluster away. Who may
// read every Secret or run a pod in every namespace can become cluster-admin.
var Builtin = map[string]bool{"cluster-admin": true, "admin": true, "edit": true, "view": false}

// A Binding is a RoleBinding or a ClusterRoleBinding.
type Binding struct {
	*graph.Resource
	Cluster bool
	// Ref is the roleRef.
	Ref graph.Value
	// Role is the role bound, nil when it is not here.
	Role     *Role
	Subjects []Subject
}

// System tells whether the binding is one of Kubernetes' own.
func (b *Binding) System() bool { return reserved(b.Name) }

// Names tells whether the binding refers to a ClusterRole of that name. A
// binding without a kind is refused by the API server; it counts.
func (b *Binding) Names(clusterRoles ...string) graph.Tri {
	return b.Ref.At("kind").Is("Role").Not().And(b.Ref.At("name").Is(clusterRoles...))
}

// A Subject is whom a binding gives the role; the Value is its entry.
type Subject struct {
	graph.Value
	binding *Binding
}

// Is tells whether the subject is one of those of a kind. User and Group are
// told apart by the API server, but "system:" names mean the same to people
// who mistake one for the other, so kinds may be several.
func (s Subject) Is(kinds []string, names ...string) graph.Tri {
	return s.At("kind").Is(kinds...).And(s.At("name").Is(names...))
}

// accountUser is what the name of a service account as a user begins with, and
// accountGroup what the group of all of a namespace does (authentication,
// "Service account tokens").
const (
	accountUser  = "system:serviceaccount:"
	accountGroup = "system:serviceaccounts:"
)

// ServiceAccount tells whether the subject stands for the service account of
// that name in the namespace of a resource: by its kind, by its name as a
// user, or as one of the groups that every service account is in. A subject of
// the kind ServiceAccount without a namespace is in that of its RoleBinding.
func (s Subject) ServiceAccount(of *graph.Resource, name string) graph.Tri {
	text, known := s.At("name").Text("")
	if !known {
		return graph.Unsure
	}
	home, homeKnown := of.At("metadata.namespace").Text("")
	in := func(namespace string) graph.Tri {
		if !homeKnown || home == "" {
			return graph.Unsure
		}
		return graph.Of(home == namespace)
	}
	switch kind := s.At("kind"); {
	case kind.Is("Group") == graph.True:
		if namespace, one := strings.CutPrefix(text, accountGroup); one {
			return in(namespace)
		}
		return graph.Of(text == "system:serviceaccounts" || text == "system:authenticated")
	case kind.Is("User") == graph.True:
		namespace, account, one := strings.Cut(strings.TrimPrefix(text, accountUser), ":")
		if !one || !strings.HasPrefix(text, accountUser) || account != name {
			return graph.False
		}
		return in(namespace)
	}
	return s.account(of, name)
}

// Everybody tells whether the subject is a group of all who are logged in, or
// of all service accounts: what it is given says nothing about any one of them.
func (s Subject) Everybody() graph.Tri {
	return s.Is([]string{"Group"}, "system:authenticated", "system:serviceaccounts")
}

// account is ServiceAccount for a subject of that kind.
func (s Subject) account(of *graph.Resource, name string) graph.Tri {
	is := s.At("kind").Is("ServiceAccount").And(s.At("name").Is(name))
	ns := s.At("namespace")
	if ns.Present() == graph.False {
		return is.And(kube.SameNamespace(s.binding.Resource, of))
	}
	home := of.At("metadata.namespace")
	if home.Present() == graph.False {
		// Where an object without a namespace goes is not written.
		return is.And(graph.Unsure)
	}
	text, known := ns.Text("")
	if !known {
		return is.And(graph.Unsure)
	}
	return is.And(home.Is(text))
}

// A Model is all roles and bindings of a graph.
type Model struct {
	Roles    []*Role
	Bindings []*Binding
}

// All is the model of a graph.
var All = analyzers.NewFact(func(g *graph.Graph) *Model {
	m := &Model{}
	byName := map[string][]*Role{}
	for r := range g.OfType(Group+"/ClusterRole", Group+"/Role") {
		role := &Role{Resource: r, Cluster: r.Type == Group+"/ClusterRole"}
		for v := range r.At("rules").Each() {
			if v.Kind() == graph.Map {
				role.Rules = append(role.Rules, Rule{v})
			}
		}
		m.Roles = append(m.Roles, role)
		key := r.Type + "/" + r.Name
		byName[key] = append(byName[key], role)
	}
	for _, role := range m.Roles {
		role.aggregate(m.Roles)
	}
	for r := range g.OfType(Group+"/ClusterRoleBinding", Group+"/RoleBinding") {
		b := &Binding{Resource: r, Cluster: r.Type == Group+"/ClusterRoleBinding", Ref: r.At("roleRef")}
		for v := range r.At("subjects").Each() {
			if v.Kind() == graph.Map {
				b.Subjects = append(b.Subjects, Subject{v, b})
			}
		}
		b.Role = find(b, byName[Group+"/"+b.Ref.At("kind").Str()+"/"+b.Ref.At("name").Str()])
		if b.Role != nil {
			b.Role.BoundBy = append(b.Role.BoundBy, b)
		}
		m.Bindings = append(m.Bindings, b)
	}
	return m
})

// Roles are all roles.
var Roles = analyzers.NewFact(func(g *graph.Graph) []*Role { return All.Of(g).Roles })

// Bindings are all bindings.
var Bindings = analyzers.NewFact(func(g *graph.Graph) []*Binding { return All.Of(g).Bindings })

// find is the role a binding means among those of the right name: one of its
// own root, else the only one there is.
func find(b *Binding, named []*Role) *Role {
	var fits []*Role
	for _, r := range named {
		if r.Cluster || together(b, r) {
			if r.Root == b.Root {
				return r
			}
			fits = append(fits, r)
		}
	}
	if len(fits) == 1 {
		return fits[0]
	}
	return nil
}

// aggregate collects the rules of the ClusterRoles of the same root that the
// role's aggregationRule selects, and of those that these select in turn.
func (r *Role) aggregate(roles []*Role) {
	seen := map[*Role]bool{r: true}
	var add func(from *Role)
	add = func(from *Role) {
		for selector := range from.At("aggregationRule.clusterRoleSelectors").Each() {
			for _, o := range roles {
				if seen[o] || !o.Cluster || o.Root != r.Root ||
					!(kube.MatchSelector(selector, o.At("metadata.labels")) == graph.True) {
					continue
				}
				seen[o] = true
				if !o.Aggregates() {
					r.Aggregated = append(r.Aggregated, o.Rules...)
				}
				add(o)
			}
		}
	}
	if r.Cluster {
		add(r)
	}
}

// Aggregates tells whether the role is made of others: a controller then
// writes its rules, over any that stand in the manifest.
func (r *Role) Aggregates() bool {
	return r.Cluster && r.At("aggregationRule").Present() == graph.True
}

// Effective yields the rules that count: the role's own or, where it is made
// of others, theirs.
func (r *Role) Effective() iter.Seq[Rule] {
	if r.Aggregates() {
		return slices.Values(r.Aggregated)
	}
	return slices.Values(r.Rules)
}

// together tells whether nothing says that binding and role are in different
// namespaces.
func together(b *Binding, r *Role) bool {
	return !(kube.SameNamespace(b.Resource, r.Resource) == graph.False)
}
