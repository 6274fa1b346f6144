// Package rbac has the rules about Kubernetes' role based access control: what
// roles grant, and whom bindings give them to.
//
// A rule about one permission speaks where the permission, or a wildcard for
// one half of it, is written. Where verbs and resources are both "*" only
// rbac-full-access speaks: it says all that the others would.
package rbac

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(wildcards, escalation, access, bindings)
}
