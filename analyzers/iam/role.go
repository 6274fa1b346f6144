package iam

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A Role is an IAM role with what it may do and who may assume it.
type Role struct {
	*graph.Resource
	// Policies are the documents of the role's own policies and of those
	// attached to it.
	Policies []*Document
	// Managed are the ARNs of attached policies that are not in the graph.
	Managed []graph.Value
	// Trust are the documents that say who may assume it.
	Trust []*Document
}

// Roles are all IAM roles.
var Roles = analyzers.NewFact(func(g *graph.Graph) []*Role {
	var roles []*Role
	for r := range g.OfType("aws_iam_role") {
		roles = append(roles, &Role{Resource: r})
	}
	attached := map[*graph.Resource][]*Role{} // policy -> roles
	for _, a := range [...]struct{ typ, roles, policies string }{
		{"aws_iam_role_policy_attachment", "role", "policy_arn"},
		{"aws_iam_policy_attachment", "roles", "policy_arn"},
		{"aws_iam_role_policy_attachments_exclusive", "role_name", "policy_arns"},
		{"aws_iam_role", "", "managed_policy_arns"},
	} {
		for r := range g.OfType(a.typ) {
			for _, role := range roles {
				if role.Resource != r && (a.roles == "" || !role.named(r, a.roles)) {
					continue
				}
				for arn := range Texts(r.At(a.policies)) {
					if p := policy(g, r, arn); p != nil {
						attached[p] = append(attached[p], role)
						continue
					}
					role.Managed = append(role.Managed, arn)
				}
			}
		}
	}
	for _, d := range Documents.Of(g) {
		for _, u := range d.Uses {
			for _, role := range roles {
				switch {
				case u.Resource == role.Resource && u.Kind == Trust:
					role.Trust = append(role.Trust, d)
				case u.Resource == role.Resource,
					u.Resource.Type == "aws_iam_role_policy" && role.named(u.Resource, "role"),
					slices.Contains(attached[u.Resource], role):
					role.Policies = append(role.Policies, d)
				}
			}
		}
	}
	return roles
})

// named tells whether the value at path names the role, by reference or by
// name.
func (role *Role) named(r *graph.Resource, path string) bool {
	if r.Root != role.Root {
		return false
	}
	for v := range Texts(r.At(path)) {
		if refs := v.Refs(); len(refs) > 0 {
			if Names(refs, role.ID) {
				return true
			}
			continue
		}
		if name, known := v.Text(""); known && name != "" && name == role.At("name").Str() {
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
// or give himself the right to.
var admin = []string{"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"}

// Admin is the value that makes the role an administrator, and whether there
// is one.
func (role *Role) Admin() (graph.Value, graph.Tri) {
	var at graph.Value
	answer := graph.False
	for _, arn := range role.Managed {
		text, known := arn.Text("")
		name, managed := strings.CutPrefix(text, "arn:aws:iam::aws:policy/")
		if managed && slices.Contains(admin, name) {
			return arn, graph.True
		}
		if !known && len(arn.Refs()) == 0 {
			at, answer = arn, graph.Unsure
		}
	}
	for _, d := range role.Policies {
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
