// Package network has the rules about traffic in and into a cluster: network
// policies, Services, Ingresses and routes.
//
// Rules about something that is not here look through all roots, and count
// what may be there as there: a project seldom holds the whole cluster.
package network

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(policies, services, ingresses, wiring, gateways, nginxSettings, exposure, mesh)
}
