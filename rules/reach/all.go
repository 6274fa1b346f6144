// Package reach has the rules that need several parts of the graph at once:
// what can be reached from outside, and what it can reach in turn.
package reach

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(takeover, interfaces, exposure, inventory, accounts, scanned)
}
