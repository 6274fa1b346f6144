package rules_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/rules"
)

// A cluster to which nobody has deployed anything is found fault with only
// where its administrator can do something about it: in how the API server is
// started, and in an image without a user.
func TestPlainCluster(t *testing.T) {
	data, err := os.ReadFile("../fixtures/clusters/plain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	formats := fixtureFormats()
	load := driver.Load{
		Tree: source.NewTree(fstest.MapFS{}), Under: []string{"."}, Sources: formats.Sources, Link: formats.Link,
		Followers: formats.Recorded(fstest.MapFS{"@cluster/plain.yaml": &fstest.MapFile{Data: data}}),
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := rules.All()
	recommended := slices.DeleteFunc(rules.All(), func(r *analyzers.Rule) bool { return r.Profile != analyzers.Recommended })
	set := suppress.New(loaded.Graph, suppress.Options{Comments: formats.Comments, Rules: all, Names: driver.Names})
	report, err := driver.RunPolicies(loaded, []driver.Policy{{Rules: recommended}}, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range report.Findings {
		got[f.Rule.ID+" "+f.Resource.ID] = true
	}
	const server = " Pod/kube-system/kube-apiserver-control-1"
	want := []string{
		"k8s-run-as-root Deployment/kube-system/coredns",
		"node-apiserver-anonymous-auth" + server, "node-apiserver-audit-log" + server, "node-apiserver-audit-policy-file" + server,
		"node-apiserver-encryption" + server, "node-apiserver-kubelet-ca" + server,
	}
	for _, w := range want {
		if !got[w] {
			t.Errorf("not found: %s", w)
		}
		delete(got, w)
	}
	for g := range got {
		t.Errorf("found: %s", g)
	}
	suppressed := map[string]string{}
	for _, s := range report.Suppressed {
		suppressed[s.Rule.ID+" "+s.Resource.ID] = s.Reason
	}
	for _, s := range []string{
		"k8s-privileged-container DaemonSet/kube-system/kube-proxy", "k8s-host-network Pod/kube-system/etcd-control-1",
		"rbac-cluster-admin-binding ClusterRoleBinding/cluster-admin",
	} {
		if suppressed[s] == "" {
			t.Errorf("%s is not among what is suppressed, with a reason", s)
		}
	}
}
