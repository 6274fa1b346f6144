package rules_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/analyzers/lifecycle"
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
		"shop":    nil,
		"managed": nil,
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

// What may only not have been read is not taken for missing.
func TestClusterReadInPart(t *testing.T) {
	const db = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: web}\n" +
		"spec: {serviceName: db, template: {spec: {containers: [{name: app, image: \"registry.example.com/db:1\"}]}}}\n"
	files := func(gaps string) fstest.MapFS {
		return fstest.MapFS{
			"@cluster/db.yaml":      &fstest.MapFile{Data: []byte(db)},
			"@cluster/cluster.yaml": &fstest.MapFile{Data: []byte("context: x\nversion: v1.36.0\nday: \"2026-06-01\"\ngaps: [" + gaps + "]\n")},
		}
	}
	const missing = "network-pod-without-policy StatefulSet/web/db"
	for gaps, found := range map[string]bool{
		"": true,
		"{reason: forbidden, type: networking.k8s.io/NetworkPolicy, of: networkpolicies}":                 false,
		"{reason: forbidden, type: networking.k8s.io/NetworkPolicy, of: networkpolicies, namespace: web}": false,
		"{reason: forbidden, type: networking.k8s.io/NetworkPolicy, of: networkpolicies, namespace: ops}": true,
		"{reason: forbidden, type: core/ConfigMap, of: configmaps}":                                       true,
	} {
		report := judged(t, files(gaps), rules.All())
		if got := named(report.Findings)[missing]; got != found {
			t.Errorf("with the gap %q it is found: %v, want %v", gaps, got, found)
		}
		if got := named(report.Unsure)[missing]; got == found {
			t.Errorf("with the gap %q it is unsure: %v", gaps, got)
		}
	}
}

// The release named by --kube-version is looked ahead to, when it is later than
// the cluster's next.
func TestAppliedUntilLater(t *testing.T) {
	const class = "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: gpu, managedFields: [" +
		"{manager: helm, operation: Apply, apiVersion: resource.k8s.io/v1beta1, time: \"2026-02-01T09:00:00Z\", fieldsV1: {\"f:spec\": {}}}]}\n"
	rule := rules.All()[slices.IndexFunc(rules.All(), func(r *analyzers.Rule) bool { return r.ID == "live-applied-version-removed" })]
	for version, found := range map[string]int{"": 0, "1.30": 0, "1.37": 0, "1.38": 1} { // the cluster's is 1.36
		load := driver.Load{Tree: source.NewTree(fstest.MapFS{}), Followers: recorded(fstest.MapFS{"@cluster/a.yaml": &fstest.MapFile{Data: []byte(class)}})}
		loaded, err := load.Graph(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		report, err := driver.Run(loaded, []*analyzers.Rule{rule}, map[string]any{rule.ID: &lifecycle.Target{Kubernetes: version}})
		if err != nil || len(report.Findings) != found {
			t.Errorf("with %q: %d findings, %v", version, len(report.Findings), err)
		}
	}
}

// scanned is what the recommended rules say about a recorded cluster.
func scanned(t *testing.T, name string) *analyzers.Report {
	data, err := os.ReadFile("../fixtures/clusters/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	recommended := slices.DeleteFunc(rules.All(), func(r *analyzers.Rule) bool { return r.Profile != analyzers.Recommended })
	return judged(t, fstest.MapFS{"@cluster/" + name + ".yaml": &fstest.MapFile{Data: data}}, recommended)
}

// judged is what rules say about a recorded cluster.
func judged(t *testing.T, sections fstest.MapFS, run []*analyzers.Rule) *analyzers.Report {
	formats := fixtureFormats()
	load := driver.Load{
		Tree: source.NewTree(fstest.MapFS{}), Under: []string{"."}, Sources: formats.Sources, Link: formats.Link,
		Followers: formats.Recorded(sections),
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	set := suppress.New(loaded.Graph, suppress.Options{Comments: formats.Comments, Rules: rules.All(), Names: driver.Names})
	report, err := driver.RunPolicies(loaded, []driver.Policy{{Rules: run}}, set, nil)
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

// What is said of a comment in a file has nothing to do with what runs.
func TestSuppressionBesideCluster(t *testing.T) {
	tree := source.NewTree(fstest.MapFS{"a.yaml": &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Namespace # seaworthy:ignore k8s-host-network -- it has none\nmetadata: {name: a}\n")}})
	formats := fixtureFormats()
	load := driver.Load{
		Tree: tree, Under: []string{"."}, Sources: formats.Sources, Link: formats.Link,
		Followers: recorded(fstest.MapFS{"@cluster/a.yaml": &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n")}}),
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	set := suppress.New(loaded.Graph, suppress.Options{Files: tree.Known(), Comments: formats.Comments, Rules: rules.All(), Names: driver.Names})
	report, err := driver.RunPolicies(loaded, []driver.Policy{{Rules: rules.All()}}, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(report.Findings, func(f *analyzers.Finding) bool { return f.Rule.ID == "suppression-unused" && f.Live == "" }) {
		t.Errorf("the comment is not told of: %v", report.Findings)
	}
}
