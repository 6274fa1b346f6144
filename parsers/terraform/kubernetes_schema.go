package terraform

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// objectKinds are the typed resources of the Kubernetes provider, without
// their prefix, and the objects they make.
var objectKinds = map[string]objectKind{
	"api_service":                         {"apiregistration.k8s.io/v1", "APIService"},
	"api_service_v1":                      {"apiregistration.k8s.io/v1", "APIService"},
	"certificate_signing_request":         {"certificates.k8s.io/v1beta1", "CertificateSigningRequest"},
	"certificate_signing_request_v1":      {"certificates.k8s.io/v1", "CertificateSigningRequest"},
	"cluster_role":                        {"rbac.authorization.k8s.io/v1", "ClusterRole"},
	"cluster_role_binding":                {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding"},
	"cluster_role_binding_v1":             {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding"},
	"cluster_role_v1":                     {"rbac.authorization.k8s.io/v1", "ClusterRole"},
	"config_map":                          {"v1", "ConfigMap"},
	"config_map_v1":                       {"v1", "ConfigMap"},
	"cron_job":                            {"batch/v1", "CronJob"},
	"cron_job_v1":                         {"batch/v1", "CronJob"},
	"csi_driver":                          {"storage.k8s.io/v1beta1", "CSIDriver"},
	"csi_driver_v1":                       {"storage.k8s.io/v1", "CSIDriver"},
	"daemon_set_v1":                       {"apps/v1", "DaemonSet"},
	"daemonset":                           {"apps/v1", "DaemonSet"},
	"default_service_account":             {"v1", "ServiceAccount"},
	"default_service_account_v1":          {"v1", "ServiceAccount"},
	"deployment":                          {"apps/v1", "Deployment"},
	"deployment_v1":                       {"apps/v1", "Deployment"},
	"endpoint_slice_v1":                   {"discovery.k8s.io/v1", "EndpointSlice"},
	"endpoints":                           {"v1", "Endpoints"},
	"endpoints_v1":                        {"v1", "Endpoints"},
	"horizontal_pod_autoscaler":           {"autoscaling/v1", "HorizontalPodAutoscaler"},
	"horizontal_pod_autoscaler_v1":        {"autoscaling/v1", "HorizontalPodAutoscaler"},
	"horizontal_pod_autoscaler_v2":        {"autoscaling/v2", "HorizontalPodAutoscaler"},
	"horizontal_pod_autoscaler_v2beta2":   {"autoscaling/v2", "HorizontalPodAutoscaler"},
	"ingress":                             {"networking.k8s.io/v1beta1", "Ingress"},
	"ingress_class":                       {"networking.k8s.io/v1", "IngressClass"},
	"ingress_class_v1":                    {"networking.k8s.io/v1", "IngressClass"},
	"ingress_v1":                          {"networking.k8s.io/v1", "Ingress"},
	"job":                                 {"batch/v1", "Job"},
	"job_v1":                              {"batch/v1", "Job"},
	"limit_range":                         {"v1", "LimitRange"},
	"limit_range_v1":                      {"v1", "LimitRange"},
	"mutating_webhook_configuration":      {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"},
	"mutating_webhook_configuration_v1":   {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"},
	"namespace":                           {"v1", "Namespace"},
	"namespace_v1":                        {"v1", "Namespace"},
	"network_policy":                      {"networking.k8s.io/v1", "NetworkPolicy"},
	"network_policy_v1":                   {"networking.k8s.io/v1", "NetworkPolicy"},
	"persistent_volume":                   {"v1", "PersistentVolume"},
	"persistent_volume_claim":             {"v1", "PersistentVolumeClaim"},
	"persistent_volume_claim_v1":          {"v1", "PersistentVolumeClaim"},
	"persistent_volume_v1":                {"v1", "PersistentVolume"},
	"pod":                                 {"v1", "Pod"},
	"pod_disruption_budget":               {"policy/v1", "PodDisruptionBudget"},
	"pod_disruption_budget_v1":            {"policy/v1", "PodDisruptionBudget"},
	"pod_security_policy":                 {"policy/v1beta1", "PodSecurityPolicy"},
	"pod_security_policy_v1beta1":         {"policy/v1beta1", "PodSecurityPolicy"},
	"pod_v1":                              {"v1", "Pod"},
	"priority_class":                      {"scheduling.k8s.io/v1", "PriorityClass"},
	"priority_class_v1":                   {"scheduling.k8s.io/v1", "PriorityClass"},
	"replication_controller":              {"v1", "ReplicationController"},
	"replication_controller_v1":           {"v1", "ReplicationController"},
	"resource_quota":                      {"v1", "ResourceQuota"},
	"resource_quota_v1":                   {"v1", "ResourceQuota"},
	"role":                                {"rbac.authorization.k8s.io/v1", "Role"},
	"role_binding":                        {"rbac.authorization.k8s.io/v1", "RoleBinding"},
	"role_binding_v1":                     {"rbac.authorization.k8s.io/v1", "RoleBinding"},
	"role_v1":                             {"rbac.authorization.k8s.io/v1", "Role"},
	"runtime_class_v1":                    {"node.k8s.io/v1", "RuntimeClass"},
	"secret":                              {"v1", "Secret"},
	"secret_v1":                           {"v1", "Secret"},
	"service":                             {"v1", "Service"},
	"service_account":                     {"v1", "ServiceAccount"},
	"service_account_v1":                  {"v1", "ServiceAccount"},
	"service_v1":                          {"v1", "Service"},
	"stateful_set":                        {"apps/v1", "StatefulSet"},
	"stateful_set_v1":                     {"apps/v1", "StatefulSet"},
	"storage_class":                       {"storage.k8s.io/v1", "StorageClass"},
	"storage_class_v1":                    {"storage.k8s.io/v1", "StorageClass"},
	"validating_webhook_configuration":    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"},
	"validating_webhook_configuration_v1": {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"},
}

// free are the maps whose keys are the user's.
var free = map[string]bool{
	"annotations": true, "labels": true, "match_labels": true, "node_selector": true, "limits": true, "requests": true,
	"data": true, "binary_data": true, "string_data": true, "hard": true, "parameters": true, "volume_attributes": true,
	"default": true, "default_request": true, "max": true, "min": true, "max_limit_request_ratio": true, "overhead": true,
	"capacity": true,
}

// repeated are the blocks that Kubernetes has as lists, most under a plural.
var repeated = map[string]string{
	"allowed_flex_volumes": "allowedFlexVolumes",
	"allowed_host_paths":   "allowedHostPaths", "address": "addresses", "allowed_topologies": "allowedTopologies",
	"cluster_role_selectors": "clusterRoleSelectors", "container": "containers",
	"egress": "egress", "env": "env", "env_from": "envFrom", "ephemeral_container": "ephemeralContainers", "from": "from",
	"host_aliases": "hostAliases", "host_ports": "hostPorts", "http_header": "httpHeaders", "image_pull_secret": "imagePullSecrets",
	"image_pull_secrets": "imagePullSecrets", "ingress": "ingress", "init_container": "initContainers", "items": "items",
	"limit": "limits", "match_expression": "matchExpressions", "match_expressions": "matchExpressions",
	"match_label_expressions": "matchLabelExpressions", "not_ready_address": "notReadyAddresses", "match_fields": "matchFields", "metric": "metrics",
	"node_selector_term": "nodeSelectorTerms", "option": "options", "path": "paths", "policy": "policies", "port": "ports",
	"ports": "ports", "preferred_during_scheduling_ignored_during_execution": "preferredDuringSchedulingIgnoredDuringExecution",
	"range": "ranges", "readiness_gate": "readinessGates",
	"required_during_scheduling_ignored_during_execution": "requiredDuringSchedulingIgnoredDuringExecution",
	"rule": "rules", "sources": "sources", "subject": "subjects", "subset": "subsets", "sysctl": "sysctls", "tls": "tls", "to": "to",
	"toleration": "tolerations", "topology_spread_constraint": "topologySpreadConstraints", "volume": "volumes",
	"volume_claim_template": "volumeClaimTemplates", "volume_device": "volumeDevices", "volume_mount": "volumeMounts",
	"webhook": "webhooks", "endpoint": "endpoints",
}

type naming struct {
	name string
	list bool
}

// inParent are the blocks whose meaning hangs on the block they are in, "" for
// the resource itself.
var inParent = map[string]naming{
	".secret": {"secrets", true}, // of a service account; a volume has one
	"node_affinity.required_during_scheduling_ignored_during_execution": {"requiredDuringSchedulingIgnoredDuringExecution", false},
	"service.port":                    {"port", false}, // of an ingress backend
	"object.metric":                   {"metric", false},
	"pods.metric":                     {"metric", false},
	"external.metric":                 {"metric", false},
	"ephemeral.volume_claim_template": {"volumeClaimTemplate", false}, // a stateful set has several
	"endpoint.condition":              {"conditions", false},
}

// renamed are the names that are not just the other way of writing.
var renamed = map[string]string{
	"ceph_fs": "cephfs", "client_ip": "clientIP", "cluster_ip": "clusterIP", "cluster_ips": "clusterIPs", "data_disk_uri": "diskURI", "disk_uri": "diskURI",
	"external_ips": "externalIPs", "host_ip": "hostIP", "host_ipc": "hostIPC", "host_pid": "hostPID", "load_balancer_ip": "loadBalancerIP",
	"non_resource_urls": "nonResourceURLs", "pod_cidr": "podCIDR", "set_hostname_as_fqdn": "setHostnameAsFQDN",
	"target_cpu_utilization_percentage": "targetCPUUtilizationPercentage", "target_ww_ns": "targetWWNs", "volume_id": "volumeID",
	"data_disk_name": "diskName", "storage_provisioner": "provisioner",
}

// numbers are the arguments that the provider takes as text, because they may
// be left out, and Kubernetes as numbers.
var numbers = map[string]bool{"run_as_user": true, "run_as_group": true, "fs_group": true}

// A preset is a value that the provider sends where nothing is written and
// Kubernetes would take another one.
type preset struct {
	key  string
	kind graph.Kind
	text string
}

// presets are those of the content of a block: of a pod, of the pod of a job,
// of a storage class.
//
// A pod that says nothing of its token leaves that to its service account; the
// provider always says it wants one.
func (c converter) presets(key, parent string) []preset {
	switch {
	case c.kind == "StorageClass" && key == "":
		return []preset{{"allowVolumeExpansion", graph.Bool, "true"}}
	case key == "spec" && (parent == "template" || c.kind == "Pod" && parent == ""):
		all := []preset{{"automountServiceAccountToken", graph.Bool, "true"}}
		if c.kind == "Job" || c.kind == "CronJob" {
			all = append(all, preset{"restartPolicy", graph.String, "Never"})
		}
		return all
	case key == "metadata" && parent == "" && strings.HasPrefix(c.block, "kubernetes_default_"):
		return []preset{{"name", graph.String, "default"}}
	}
	return nil
}
