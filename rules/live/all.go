// Package live has the rules that only a running cluster can answer: what is
// not ready, out of date, in nobody's use, or in the way of the next upgrade.
// Without a cluster there is nothing they look at.
//
// They report at the line that a person edits: the limit that was too low, the
// selector that picks nobody. What a status says has no such line; it is then
// the object's own first line, or its text in the cluster where nothing in the
// tree made it.
package live

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(
		pods,
		rollouts,
		services,
		gateways,
		webhooks,
		disruptions,
		volumes,
		nodes,
		releases,
		kinds,
		applied,
		accounts,
		certificates,
		secrets,
		imageIDs,
		outdated,
		inventory,
		unwritten,
	)
}
