// Package rbac has the rules about Kubernetes' role based access control: what
// roles grant, and whom bindings give them to.
//
// A rule about one permission speaks where the permission is written, if with
// "*" for its verbs. Of "*" for resources only the rules about wildcards speak,
// and the few whose permission is the worst of it; where both are "*" only
// rbac-full-access does: it says all that the others would.
package rbac

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(wildcards, escalation, access, changes, sideways, void, bindings, accounts, accountGrants)
}
