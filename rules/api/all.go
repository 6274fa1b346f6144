// Package api has the rules about what objects are to the API server: their
// version, their namespace, what admission makes of them, and components that
// have no place in a cluster any more.
package api

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(
		versions, settings, namespaces, components, admission, hygiene, podSecurityPolicies, tenancy, ownership, inventory, storage,
	)
}
