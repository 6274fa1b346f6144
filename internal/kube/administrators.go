package kube

// Administrators is the group that a ClusterRoleBinding of this name makes the
// first administrators: the API server and kubeadm make one each in every
// cluster. It is "" for all other names.
func Administrators(binding string) string {
	switch binding {
	case "cluster-admin":
		return "system:masters"
	case "kubeadm:cluster-admins":
		return "kubeadm:cluster-admins"
	}
	return ""
}
