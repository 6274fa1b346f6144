package live

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Managed says in words who keeps an object that runs as it is, so that nobody
// else can edit it for good: Kubernetes itself, what installed it, or the
// vendor of the cluster. It is "" for all others, which are people's own.
//
// A label alone is no proof, because whoever wants to hide something may set
// it. What counts is only believed in namespaces of the system, and of what
// gives permissions only what gives no more than every cluster does.
func Managed(r *graph.Resource) string {
	if !Is(r) {
		return ""
	}
	o := Object{Resource: r}
	name, in := o.At("metadata.name").Str(), o.Namespace()
	labels, annotations := o.At("metadata.labels"), o.At("metadata.annotations")
	switch {
	case masters(o, name):
		return "Kubernetes and kubeadm bind their group of administrators in every cluster"
	case in != "kube-system" && in != "kube-public":
		return ""
	case r.Type == "core/Pod" && annotations.Get("kubernetes.io/config.mirror").Present() == graph.True && ownedByNode(o):
		return "it shows a static pod, which its node starts from a file"
	case r.Type == "core/ServiceAccount" && controller(name):
		return "it is what a controller of the control plane logs in as"
	case r.Type == "core/ConfigMap" && slices.Contains(ownConfig, name):
		return "the control plane keeps it"
	case r.Type == "apps/DaemonSet" && (name == "kube-proxy" || name == "aws-node"):
		return "what installed the cluster keeps it, and it has to own its node's network"
	case labels.Get("app.kubernetes.io/managed-by").Is("EKS") == graph.True:
		return "EKS keeps its add-ons"
	}
	for _, key := range managers {
		if labels.Get(key).Present() == graph.True {
			return "the label " + key + " says that the vendor of the cluster keeps it"
		}
	}
	return ""
}

// managers are labels that vendors put on what they install and set right
// again: GKE and AKS, EKS, AKS, GKE.
var managers = [...]string{"addonmanager.kubernetes.io/mode", "eks.amazonaws.com/component", "kubernetes.azure.com/managedby", "components.gke.io/component-name"}

// ownConfig are the ConfigMaps that kubeadm and the control plane make.
var ownConfig = []string{
	"cluster-info", "extension-apiserver-authentication", "kube-apiserver-legacy-service-account-token-tracking", "kube-proxy",
	"kube-root-ca.crt", "kubeadm-config", "kubelet-config",
}

// controller tells whether the controller manager logs in by a name: it has an
// account for each of its controllers.
func controller(name string) bool {
	return strings.HasSuffix(name, "-controller") || slices.Contains(otherControllers, name)
}

var otherControllers = []string{
	"bootstrap-signer", "generic-garbage-collector", "horizontal-pod-autoscaler", "kube-proxy", "legacy-service-account-token-cleaner",
	"persistent-volume-binder", "pod-garbage-collector", "root-ca-cert-publisher", "token-cleaner",
}

func ownedByNode(o Object) bool { return o.Controller().At("kind").Str() == "Node" }

// masters tells whether a binding is one of those that make the first
// administrators, and makes no others.
func masters(o Object, name string) bool {
	group := kube.Administrators(name)
	subjects := o.At("subjects")
	n, _ := subjects.Len()
	return o.Type == "rbac.authorization.k8s.io/ClusterRoleBinding" && n == 1 && o.At("roleRef.name").Str() == "cluster-admin" &&
		subjects.At("0.kind").Str() == "Group" && subjects.At("0.name").Str() == group && group != ""
}
