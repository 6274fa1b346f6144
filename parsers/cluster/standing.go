package cluster

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// A standing object is one that Kubernetes makes by itself, in every cluster or
// for every Service, and makes again when it is gone: nobody has written it, and
// a manifest of it would say nothing. What it is called is no proof of that,
// and neither is a label: an object with anything else in it is people's own.
type standing struct {
	selecting map[[2]string]bool // Services that select pods, by namespace and name
}

func newStanding(objects []map[string]any) standing {
	s := standing{map[[2]string]bool{}}
	for _, o := range objects {
		if typeOf(o) == "core/Service" && len(mapAt(o, "spec", "selector")) > 0 {
			s.selecting[whereOf(o)] = true
		}
	}
	return s
}

// whereOf is the namespace and the name of an object.
func whereOf(o map[string]any) [2]string {
	meta := mapAt(o, "metadata")
	return [2]string{text(meta, "namespace"), text(meta, "name")}
}

// is tells of a live object that is standing by its manifest too.
func (s standing) is(o, manifest map[string]any) bool {
	at := whereOf(o)
	switch typeOf(o) {
	case "core/Endpoints":
		return s.selecting[at] || at == [2]string{"default", "kubernetes"}
	case "discovery.k8s.io/EndpointSlice":
		return at == [2]string{"default", "kubernetes"} || slices.ContainsFunc(mapsAt(o, "metadata", "ownerReferences"), func(ref map[string]any) bool {
			return ref["controller"] == true && slices.Contains([]string{"core/Service", "core/Endpoints"}, typeOf(ref))
		})
	case "core/ConfigMap":
		data := mapAt(o, "data")
		return at[1] == "kube-root-ca.crt" && len(data) == 1 && data["ca.crt"] != nil && o["binaryData"] == nil
	case "core/ServiceAccount":
		return at[1] == "default" && len(manifest) == 3 && len(mapAt(manifest, "metadata")) == 2
	case "rbac.authorization.k8s.io/ClusterRoleBinding":
		return firstAdministrators(o)
	}
	return false
}

// firstAdministrators tells of the bindings that the API server and kubeadm
// begin with, when they bind nobody else.
func firstAdministrators(o map[string]any) bool {
	group := kube.Administrators(whereOf(o)[1])
	all, subjects := listAt(o, "subjects"), mapsAt(o, "subjects")
	return group != "" && text(mapAt(o, "roleRef"), "name") == "cluster-admin" && len(all) == 1 && len(subjects) == 1 &&
		text(subjects[0], "kind") == "Group" && text(subjects[0], "name") == group
}
