// Package rules is the catalogue. Every file of a family declares a slice of
// rules, every family concatenates its slices in its All, and All here
// concatenates the families: the order is fixed and nothing registers itself.
package rules

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/rules/aws"
	"github.com/seaworthy-iac/seaworthy/rules/cross"
	"github.com/seaworthy-iac/seaworthy/rules/k8s"
)

// All are all rules.
func All() []*analyzers.Rule {
	return slices.Concat(
		k8s.All(),
		aws.All(),
		cross.All(),
	)
}
