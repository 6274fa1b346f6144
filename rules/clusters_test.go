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

const server = " Pod/kube-system/kube-apiserver-control-1"

// A cluster to which nobody has deployed anything is found fault with only
// where its administrator can do something about it: in how the API server is
// started, and in an image without a user. A namespace where all is well has no
// findings, whatever controllers make in it.
func TestClusters(t *testing.T) {
	for name, want := range map[string][]string{
		"plain": {
			"k8s-run-as-root Deployment/kube-system/coredns",
			"node-apiserver-anonymous-auth" + server, "node-apiserver-audit-log" + server, "node-apiserver-audit-policy-file" + server,
			"node-apiserver-encryption" + server, "node-apiserver-kubelet-ca" + server,
		},
		"shop": nil,
	} {
		t.Run(name, func(t *testing.T) {
			got := named(scanned(t, name).Findings)
			for _, w := range want {
				if !got[w] {
					t.Errorf("not found: %s", w)
				}
				delete(got, w)
			}
			for g := range got {
				t.Errorf("found: %s", g)
			}
		})
	}
}

// What Kubernetes keeps as it is is known, with a reason, but no finding.
func TestClusterSuppressed(t *testing.T) {
	reasons := map[string]string{}
	for _, s := range scanned(t, "plain").Suppressed {
		reasons[s.Rule.ID+" "+s.Resource.ID] = s.Reason
	}
	for _, s := range []string{
		"k8s-privileged-container DaemonSet/kube-system/kube-proxy", "k8s-host-network Pod/kube-system/etcd-control-1",
		"rbac-cluster-admin-binding ClusterRoleBinding/cluster-admin",
	} {
		if reasons[s] == "" {
			t.Errorf("%s is not among what is suppressed, with a reason", s)
		}
	}
}

// scanned is what the recommended rules say about a recorded cluster.
func scanned(t *testing.T, name string) *analyzers.Report {
	data, err := os.ReadFile("../fixtures/clusters/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	formats := fixtureFormats()
	load := driver.Load{
		Tree: source.NewTree(fstest.MapFS{}), Under: []string{"."}, Sources: formats.Sources, Link: formats.Link,
		Followers: formats.Recorded(fstest.MapFS{"@cluster/" + name + ".yaml": &fstest.MapFile{Data: data}}),
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	recommended := slices.DeleteFunc(rules.All(), func(r *analyzers.Rule) bool { return r.Profile != analyzers.Recommended })
	set := suppress.New(loaded.Graph, suppress.Options{Comments: formats.Comments, Rules: rules.All(), Names: driver.Names})
	report, err := driver.RunPolicies(loaded, []driver.Policy{{Rules: recommended}}, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// named are findings by their rule and their object.
func named(findings []*analyzers.Finding) map[string]bool {
	all := map[string]bool{}
	for _, f := range findings {
		all[f.Rule.ID+" "+f.Resource.ID] = true
	}
	return all
}
