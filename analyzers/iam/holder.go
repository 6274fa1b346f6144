package iam

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A Holder is a user, group or role with the policies that say what it may do.
type Holder struct {
	*graph.Resource
	// Policies are the documents of the holder's own policies and of those
	// attached to it.
	Policies []*Document
	// Managed are the ARNs of attached policies that are not in the graph.
	Managed []graph.Value
}

// A Role is a role with what it may do and who may assume it.
type Role struct {
	*Holder
	// Trust are the documents that say who may assume it.
	Trust []*Document
}

// holderTypes are the types of holders.
var holderTypes = [...]string{"aws_iam_role", "aws_iam_user", "aws_iam_group"}

// attachments are the resources that name holders, of one type each, and a
// policy: by its ARN, or written in them where policies is "".
var attachments = [...]struct{ typ, holder, holders, policies string }{
	{"aws_iam_role_policy_attachment", "aws_iam_role", "role", "policy_arn"},
	{"aws_iam_user_policy_attachment", "aws_iam_user", "user", "policy_arn"},
	{"aws_iam_group_policy_attachment", "aws_iam_group", "group", "policy_arn"},
	{"aws_iam_policy_attachment", "aws_iam_role", "roles", "policy_arn"},
	{"aws_iam_policy_attachment", "aws_iam_user", "users", "policy_arn"},
	{"aws_iam_policy_attachment", "aws_iam_group", "groups", "policy_arn"},
	{"aws_iam_role_policy_attachments_exclusive", "aws_iam_role", "role_name", "policy_arns"},
	{"aws_iam_role_policy", "aws_iam_role", "role", ""},
	{"aws_iam_user_policy", "aws_iam_user", "user", ""},
	{"aws_iam_group_policy", "aws_iam_group", "group", ""},
}

// Holders are all users, groups and roles.
var Holders = analyzers.NewFact(func(g *graph.Graph) []*Holder {
	documents := map[*graph.Resource][]*Document{} // by the resource that holds them
	for _, d := range Documents.Of(g) {
		for _, u := range d.Uses {
			if u.Kind == Identity {
				documents[u.Resource] = append(documents[u.Resource], d)
			}
		}
	}
	var all []*Holder
	for r := range g.OfType(holderTypes[:]...) {
		h := &Holder{Resource: r, Policies: documents[r]}
		h.attach(g, r, r.At("managed_policy_arns"), documents)
		all = append(all, h)
	}
	for _, a := range attachments {
		for r := range g.OfType(a.typ) {
			for _, h := range all {
				switch {
				case h.Type != a.holder || !h.named(r, a.holders):
				case a.policies == "":
					h.Policies = append(h.Policies, documents[r]...)
				default:
					h.attach(g, r, r.At(a.policies), documents)
				}
			}
		}
	}
	return all
})

func (h *Holder) attach(g *graph.Graph, from *graph.Resource, arns graph.Value, documents map[*graph.Resource][]*Document) {
	for arn := range Texts(arns) {
		if p := policy(g, from, arn); p != nil {
			h.Policies = append(h.Policies, documents[p]...)
			continue
		}
		h.Managed = append(h.Managed, arn)
	}
}

// Roles are all roles.
var Roles = analyzers.NewFact(func(g *graph.Graph) []*Role {
	trust := map[*graph.Resource][]*Document{}
	for _, d := range Documents.Of(g) {
		for _, u := range d.Uses {
			if u.Kind == Trust {
				trust[u.Resource] = append(trust[u.Resource], d)
			}
		}
	}
	var roles []*Role
	for _, h := range Holders.Of(g) {
		if h.Type == "aws_iam_role" {
			roles = append(roles, &Role{h, trust[h.Resource]})
		}
	}
	return roles
})

// named tells whether the value at path names the holder, by reference or by
// name.
func (h *Holder) named(r *graph.Resource, path string) bool {
	if r.Root != h.Root {
		return false
	}
	for v := range Texts(r.At(path)) {
		if refs := v.Refs(); len(refs) > 0 {
			if Names(refs, h.ID) {
				return true
			}
			continue
		}
		if name, known := v.Text(""); known && name != "" && name == h.At("name").Str() {
			return true
		}
	}
	return false
}

// policy is the policy of the graph that an ARN refers to.
func policy(g *graph.Graph, from *graph.Resource, arn graph.Value) *graph.Resource {
	refs := arn.Refs()
	for e := range g.Out(from, graph.References) {
		if e.To.Type == "aws_iam_policy" && Names(refs, e.To.ID) {
			return e.To
		}
	}
	return nil
}

// RoleOf is the role that an ARN stands for: by reference, or by its name, for
// a manifest cannot refer to Terraform. It is nil when there is none, or more
// than one of that name.
func RoleOf(g *graph.Graph, arn graph.Value) *Role {
	var found *Role
	text, _ := arn.Text("")
	_, path, isRole := strings.Cut(text, ":role/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	for _, role := range Roles.Of(g) {
		if refs := arn.Refs(); len(refs) > 0 && role.Root == arn.Resource().Root && Names(refs, role.ID) {
			return role
		}
		if isRole && name != "" && role.At("name").Str() == name {
			if found != nil {
				return nil
			}
			found = role
		}
	}
	return found
}

// admin are the managed policies of AWS with which somebody can do everything,
// or take the right to.
var admin = []string{"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"}

// Admin is the value that makes the holder an administrator, and whether there
// is one.
func (h *Holder) Admin() (graph.Value, graph.Tri) {
	var at graph.Value
	answer := graph.False
	for _, arn := range h.Managed {
		text, known := arn.Text("")
		name, managed := strings.CutPrefix(text, "arn:aws:iam::aws:policy/")
		if managed && slices.Contains(admin, name) {
			return arn, graph.True
		}
		if !known && len(arn.Refs()) == 0 {
			at, answer = arn, graph.Unsure
		}
	}
	for _, d := range h.Policies {
		if !d.Known() {
			at, answer = d.Value, graph.Unsure
		}
		for s := range d.Statements() {
			v, grants := s.GrantsAll()
			if grants == graph.True {
				return v, grants
			}
			if grants == graph.Unsure {
				at, answer = v, grants
			}
		}
	}
	return at, answer
}
