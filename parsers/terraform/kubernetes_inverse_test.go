package terraform

import "testing"

func TestProviderNames(t *testing.T) {
	for _, c := range []struct {
		apiVersion, kind, key, parent string
		block, list                   bool
		want                          string
	}{
		{"v1", "Pod", "hostIPC", "spec", false, false, "host_ipc"},
		{"v1", "Pod", "containers", "spec", true, true, "container"},
		{"v1", "Pod", "command", "container", false, false, "command"},
		{"v1", "Secret", "stringData", "", true, false, "data"},
		{"v1", "ServiceAccount", "secrets", "", true, true, "secret"},
		{"v1", "Service", "ports", "spec", true, true, "port"},
		{"apps/v1", "DaemonSet", "updateStrategy", "spec", true, false, "strategy"},
		{"storage.k8s.io/v1", "StorageClass", "provisioner", "", false, false, "storage_provisioner"},
		{"v1", "Service", "externalIPs", "spec", false, false, "external_ips"},
		{"v1", "Pod", "podIPsOfNoUse", "status", false, false, ""},
	} {
		p, ok := ProviderOf(c.apiVersion, c.kind)
		if !ok {
			t.Fatalf("the provider has no %s", c.kind)
		}
		got, ok := p.Name(c.key, c.parent, c.block, c.list)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s.%s of %s: %q, %v", c.parent, c.key, c.kind, got, ok)
		}
	}
	if p, ok := ProviderOf("apps/v1", "Deployment"); !ok || p.Type() != "kubernetes_deployment_v1" {
		t.Errorf("a Deployment is %q", p.Type())
	}
	if _, ok := ProviderOf("example.com/v1", "Boat"); ok {
		t.Error("the provider has boats")
	}
}
