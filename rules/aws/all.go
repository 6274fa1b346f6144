// Package aws holds the rules about Amazon Web Services as Terraform writes
// them. Most are rows of tables; the others look through the facts about
// policies, security groups and buckets.
package aws

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// All are the rules of the package.
func All() []*analyzers.Rule {
	return slices.Concat(
		buckets,
		bucketAccess,
		policies,
		escalation,
		publicPolicies,
		network,
		networkACLs,
		compute,
		kubernetes,
		databases,
		storage,
		messaging,
		audit,
		edge,
		secrets,
		account,
		otherServices,
		tasks,
	)
}

// anyOf tells whether a resource of the root has a property: a setting for the
// whole account or region, which makes others needless.
func anyOf(g *graph.Graph, root, typ string, has func(*graph.Resource) graph.Tri) graph.Tri {
	answer := graph.False
	for r := range g.OfType(typ) {
		if r.Root == root {
			answer = answer.Or(has(r))
		}
	}
	return answer
}
