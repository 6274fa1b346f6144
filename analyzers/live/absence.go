package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Absence has the rules that conclude something from what is not there, with
// the types it would be of. In a cluster of which these could not be read, or
// not wholly, the answer is not known.
var Absence = map[string][]string{
	"rbac-missing-role":            {"rbac.authorization.k8s.io/Role"},
	"rbac-missing-cluster-role":    {"rbac.authorization.k8s.io/ClusterRole"},
	"rbac-missing-service-account": {"core/ServiceAccount"},
	"rbac-unused-role":             {"rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"},
	"rbac-unused-service-account":  pods,

	"k8s-automount-token":           {"core/ServiceAccount"},
	"k8s-config-missing":            {"core/ConfigMap", "core/Secret"},
	"k8s-config-key-missing":        {"core/ConfigMap", "core/Secret"},
	"k8s-priority-class-unknown":    {"scheduling.k8s.io/PriorityClass"},
	"k8s-statefulset-service":       {service},
	"k8s-memory-limit-missing":      {"core/LimitRange"},
	"k8s-cpu-limit-missing":         {"core/LimitRange"},
	"k8s-memory-request-missing":    {"core/LimitRange"},
	"k8s-cpu-request-missing":       {"core/LimitRange"},
	"k8s-ephemeral-storage-missing": {"core/LimitRange"},

	"network-pod-without-policy":             policies,
	"network-pod-half-isolated":              policies,
	"network-namespace-without-policy":       policies,
	"network-namespace-without-default-deny": policies,
	"network-service-selects-nothing":        pods,
	"network-policy-selects-nothing":         pods,
	"network-policy-peer-selects-nothing":    pods,
	"network-ingress-missing-service":        {service},
	"network-route-missing-service":          {service},
	"network-route-missing-gateway":          {"gateway.networking.k8s.io/Gateway"},
	"network-monitor-selects-nothing":        {service},

	"api-unused-config":            pods,
	"api-unused-claim":             pods,
	"api-quota-missing":            {"core/ResourceQuota"},
	"api-namespace-without-quota":  {"core/ResourceQuota"},
	"api-limit-range-missing":      {"core/LimitRange"},
	"api-admission-policy-unbound": {"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding"},

	"availability-budget-missing":                     {"policy/PodDisruptionBudget"},
	"availability-budget-selects-nothing":             pods,
	"availability-autoscaler-missing-target":          pods,
	"availability-vertical-autoscaler-missing-target": pods,

	"live-replicas-on-one-node": {"core/Node"},
}

var (
	policies = []string{"networking.k8s.io/NetworkPolicy", "cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy"}
	pods     = []string{"core/Pod", "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "batch/Job", "batch/CronJob"}
)

// Unread tells whether a finding rests on something not being there that may
// only not have been read.
func Unread(g *graph.Graph, f *analyzers.Finding) bool {
	types := Absence[f.Rule.ID]
	if len(types) == 0 || f.Resource == nil || !Is(f.Resource) {
		return false
	}
	in := f.Resource.At("metadata.namespace").Str()
	if f.Resource.Type == "core/Namespace" {
		in = f.Resource.At("metadata.name").Str()
	}
	for _, typ := range types {
		if Complete(g, f.Resource, typ, in) == graph.Unsure {
			return true
		}
	}
	return false
}
