// Package availability has the rules about staying up: disruption budgets and
// autoscalers, which find their workloads by a selector or a name.
package availability

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(budgets, autoscalers, eviction, overlaps)
}
