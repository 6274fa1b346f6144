// Package rules is the catalogue. Every file of a family declares a slice of
// rules, every family concatenates its slices in its All, and All here
// concatenates the families: the order is fixed and nothing registers itself.
package rules

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/rules/api"
	"github.com/seaworthy-iac/seaworthy/rules/availability"
	"github.com/seaworthy-iac/seaworthy/rules/aws"
	"github.com/seaworthy-iac/seaworthy/rules/cross"
	"github.com/seaworthy-iac/seaworthy/rules/image"
	"github.com/seaworthy-iac/seaworthy/rules/k8s"
	"github.com/seaworthy-iac/seaworthy/rules/live"
	"github.com/seaworthy-iac/seaworthy/rules/network"
	"github.com/seaworthy-iac/seaworthy/rules/node"
	"github.com/seaworthy-iac/seaworthy/rules/rbac"
	"github.com/seaworthy-iac/seaworthy/rules/reach"
	"github.com/seaworthy-iac/seaworthy/rules/schema"
	"github.com/seaworthy-iac/seaworthy/rules/suppression"
)

// All are all rules.
func All() []*analyzers.Rule {
	return slices.Concat(
		k8s.All(),
		rbac.All(),
		network.All(),
		api.All(),
		schema.All(),
		availability.All(),
		reach.All(),
		aws.All(),
		cross.All(),
		node.All(),
		live.All(),
		image.All(),
		suppression.All(),
	)
}
