// Package k8s holds the rules about workloads: pods, containers and what they
// may do, need and run.
package k8s

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the package.
func All() []*analyzers.Rule {
	return slices.Concat(
		privilege,
		capabilities,
		hostAccess,
		user,
		confinement,
		imageNames,
		secrets,
		tokens,
		probes,
		reliability,
		resources,
		quantities,
		structure,
		lifecycle,
		references,
		policy,
		standards,
		rollout,
		sharing,
		reachable,
		windows,
		volumes,
		exceptions,
		bounds,
		imageForms,
		placement,
		persistentVolumes,
	)
}
