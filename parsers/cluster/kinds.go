package cluster

// A resource is a resource of the API that can be asked for. A "*" stands for
// all resources and kinds of the group.
type resource struct{ group, name, kind string }

// wanted are the resources that rules, facts and links look at. What is not
// here is not asked for, and docs/cluster/clusterrole.yaml allows no more:
// tests hold both together.
var wanted = [...]resource{
	{"", "configmaps", "ConfigMap"},
	{"", "endpoints", "Endpoints"},
	{"", "limitranges", "LimitRange"},
	{"", "namespaces", "Namespace"},
	{"", "nodes", "Node"},
	{"", "persistentvolumeclaims", "PersistentVolumeClaim"},
	{"", "persistentvolumes", "PersistentVolume"},
	{"", "pods", "Pod"},
	{"", "podtemplates", "PodTemplate"},
	{"", "replicationcontrollers", "ReplicationController"},
	{"", "resourcequotas", "ResourceQuota"},
	{"", "secrets", "Secret"},
	{"", "serviceaccounts", "ServiceAccount"},
	{"", "services", "Service"},
	{"admissionregistration.k8s.io", "mutatingadmissionpolicies", "MutatingAdmissionPolicy"},
	{"admissionregistration.k8s.io", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding"},
	{"admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"},
	{"admissionregistration.k8s.io", "validatingadmissionpolicies", "ValidatingAdmissionPolicy"},
	{"admissionregistration.k8s.io", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding"},
	{"admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration"},
	{"apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition"},
	{"apiregistration.k8s.io", "apiservices", "APIService"},
	{"apps", "daemonsets", "DaemonSet"},
	{"apps", "deployments", "Deployment"},
	{"apps", "replicasets", "ReplicaSet"},
	{"apps", "statefulsets", "StatefulSet"},
	{"autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler"},
	{"batch", "cronjobs", "CronJob"},
	{"batch", "jobs", "Job"},
	{"certificates.k8s.io", "clustertrustbundles", "ClusterTrustBundle"},
	{"discovery.k8s.io", "endpointslices", "EndpointSlice"},
	{"networking.k8s.io", "ingressclasses", "IngressClass"},
	{"networking.k8s.io", "ingresses", "Ingress"},
	{"networking.k8s.io", "networkpolicies", "NetworkPolicy"},
	{"networking.k8s.io", "servicecidrs", "ServiceCIDR"},
	{"policy", "poddisruptionbudgets", "PodDisruptionBudget"},
	{"policy", "podsecuritypolicies", "PodSecurityPolicy"}, // until 1.24
	{"rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding"},
	{"rbac.authorization.k8s.io", "clusterroles", "ClusterRole"},
	{"rbac.authorization.k8s.io", "rolebindings", "RoleBinding"},
	{"rbac.authorization.k8s.io", "roles", "Role"},
	{"resource.k8s.io", "deviceclasses", "DeviceClass"},
	{"resource.k8s.io", "resourceclaims", "ResourceClaim"},
	{"resource.k8s.io", "resourceclaimtemplates", "ResourceClaimTemplate"},
	{"scheduling.k8s.io", "priorityclasses", "PriorityClass"},
	{"storage.k8s.io", "storageclasses", "StorageClass"},
	{"storage.k8s.io", "volumeattributesclasses", "VolumeAttributesClass"},

	// What others define.
	{"agents.x-k8s.io", "sandboxes", "Sandbox"},
	{"apps.kruise.io", "advancedcronjobs", "AdvancedCronJob"},
	{"apps.kruise.io", "broadcastjobs", "BroadcastJob"},
	{"apps.kruise.io", "clonesets", "CloneSet"},
	{"apps.kruise.io", "daemonsets", "DaemonSet"},
	{"apps.kruise.io", "statefulsets", "StatefulSet"},
	{"apps.openshift.io", "deploymentconfigs", "DeploymentConfig"},
	{"argoproj.io", "appprojects", "AppProject"},
	{"argoproj.io", "rollouts", "Rollout"},
	{"autoscaling.k8s.io", "verticalpodautoscalers", "VerticalPodAutoscaler"},
	{"batch.volcano.sh", "jobs", "Job"},
	{"bitnami.com", "sealedsecrets", "SealedSecret"},
	{"cert-manager.io", "certificates", "Certificate"},
	{"cilium.io", "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy"},
	{"cilium.io", "ciliumnetworkpolicies", "CiliumNetworkPolicy"},
	{"constraints.gatekeeper.sh", "*", "*"},
	{"extensions.agents.x-k8s.io", "sandboxtemplates", "SandboxTemplate"},
	{"external-secrets.io", "clusterexternalsecrets", "ClusterExternalSecret"},
	{"external-secrets.io", "externalsecrets", "ExternalSecret"},
	{"gateway.networking.k8s.io", "gateways", "Gateway"},
	{"gateway.networking.k8s.io", "grpcroutes", "GRPCRoute"},
	{"gateway.networking.k8s.io", "httproutes", "HTTPRoute"},
	{"gateway.networking.k8s.io", "tcproutes", "TCPRoute"},
	{"gateway.networking.k8s.io", "tlsroutes", "TLSRoute"},
	{"gateway.networking.k8s.io", "udproutes", "UDPRoute"},
	{"isindir.github.com", "sopssecrets", "SopsSecret"},
	{"jobset.x-k8s.io", "jobsets", "JobSet"},
	{"keda.sh", "scaledjobs", "ScaledJob"},
	{"keda.sh", "scaledobjects", "ScaledObject"},
	{"kubeflow.org", "mpijobs", "MPIJob"},
	{"kubeflow.org", "notebooks", "Notebook"},
	{"kubeflow.org", "pytorchjobs", "PyTorchJob"},
	{"kubeflow.org", "tfjobs", "TFJob"},
	{"kubernetes-client.io", "externalsecrets", "ExternalSecret"},
	{"kubescape.io", "servicesscanresults", "ServiceScanResult"},
	{"kyverno.io", "clusterpolicies", "ClusterPolicy"},
	{"leaderworkerset.x-k8s.io", "leaderworkersets", "LeaderWorkerSet"},
	{"monitoring.coreos.com", "servicemonitors", "ServiceMonitor"},
	{"networking.istio.io", "destinationrules", "DestinationRule"},
	{"networking.istio.io", "virtualservices", "VirtualService"},
	{"onepassword.com", "onepassworditems", "OnePasswordItem"},
	{"ricoberger.de", "vaultsecrets", "VaultSecret"},
	{"route.openshift.io", "routes", "Route"},
	{"secrets-store.csi.x-k8s.io", "secretproviderclasses", "SecretProviderClass"},
	{"secrets.hashicorp.com", "vaultdynamicsecrets", "VaultDynamicSecret"},
	{"secrets.hashicorp.com", "vaultstaticsecrets", "VaultStaticSecret"},
	{"security.istio.io", "authorizationpolicies", "AuthorizationPolicy"},
	{"security.istio.io", "peerauthentications", "PeerAuthentication"},
	{"security.openshift.io", "securitycontextconstraints", "SecurityContextConstraints"},
	{"serving.knative.dev", "configurations", "Configuration"},
	{"serving.knative.dev", "revisions", "Revision"},
	{"serving.knative.dev", "services", "Service"},
	{"sources.knative.dev", "containersources", "ContainerSource"},
	{"spv.no", "azurekeyvaultsecrets", "AzureKeyVaultSecret"},
}

// Default is what rules need: the kinds they look at in the preferred version,
// and of Secrets the metadata only. With Whole, a Secret has its type, and a
// certificate's dates.
func Default(k Kind) Want {
	switch {
	case !k.Preferred:
		return Nothing
	case k.isSecret():
		return Metadata
	}
	for _, w := range wanted {
		if w.group == k.Group && (w.kind == k.Kind || w.kind == "*") {
			return Whole
		}
	}
	return Nothing
}

// WithSecrets is Default for rules that need more of Secrets than their
// metadata.
func WithSecrets(k Kind) Want {
	if k.isSecret() {
		return Whole
	}
	return Default(k)
}

func (k Kind) isSecret() bool { return k.Group == "" && k.Resource == "secrets" }

func (k Kind) isNamespace() bool { return k.Group == "" && k.Resource == "namespaces" }
