package kubernetes

import (
	"bytes"
	"path"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// k3sKeys are keys that only the configuration files of K3s and RKE2 have at
// their top. The files have no apiVersion and may lie anywhere in a project
// until they are copied to /etc/rancher.
var k3sKeys = [...]string{
	"kube-apiserver-arg", "kube-controller-manager-arg", "kube-scheduler-arg", "kubelet-arg", "kube-proxy-arg", "etcd-arg",
	"write-kubeconfig-mode", "protect-kernel-defaults", "secrets-encryption",
}

// mayBeK3s tells whether it is worth looking at a file's documents.
func mayBeK3s(name string, text []byte) bool {
	if strings.HasSuffix(name, ".json") {
		return false
	}
	for _, key := range k3sKeys {
		if bytes.Contains(text, []byte(key)) {
			return true
		}
	}
	return false
}

// addK3s adds the configuration of K3s or RKE2 in doc and tells whether it is one.
func addK3s(b *graph.Builder, name string, doc *graph.Node) bool {
	if doc.Kind() != graph.Map || doc.Field("apiVersion") != nil {
		return false
	}
	v := graph.ValueOf(doc)
	for key, value := range v.Entries() {
		for _, k := range k3sKeys {
			if strings.TrimSuffix(key, "+") == k { // "+" adds to what another file has
				file := path.Base(name)
				b.Add(graph.NewResource("K3s/"+file, kube.K3s, file, doc, value.Place()))
				return true
			}
		}
	}
	return false
}
