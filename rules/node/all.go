// Package node has the rules about the programs that make a cluster: what the
// API server, the controller manager, the scheduler, etcd, the kubelets and
// kube-proxy are started with. They follow the CIS Kubernetes Benchmark as far
// as files can tell; what only a running node knows, such as the mode of its
// files, is not here.
//
// Package component reads the settings, so that a row serves static pods,
// kubeadm and the programs' own configuration files alike.
package node

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(access, admission, connections, audit, controllers, etcd, kubelet, tls, documents, installers)
}
