package cluster

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// role is what the ClusterRole that is shipped allows, as "list pods.apps" and
// "get /version".
func role(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/cluster/clusterrole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(text, &role); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range role.Rules {
		for _, verb := range r.Verbs {
			for _, url := range r.NonResourceURLs {
				all = append(all, verb+" "+url)
			}
			for _, group := range r.APIGroups {
				for _, resource := range r.Resources {
					all = append(all, verb+" "+Kind{Group: group, Resource: resource}.name())
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestClusterRole holds the ClusterRole equal to what Read asks a server for
// that serves all there is.
func TestClusterRole(t *testing.T) {
	f := newFake(t)
	for _, w := range wanted {
		k := Kind{Group: w.group, Version: "v1", Resource: w.name, Kind: w.kind, Namespaced: w.name != "namespaces", Verbs: []string{"get", "list", "watch"}}
		if w.name == "*" {
			k.Resource, k.Kind = "anything", "Anything"
		}
		f.kinds = append(f.kinds, k)
	}
	f.must(Options{}, nil)
	f.must(Options{Namespaces: []string{"team"}}, nil)
	f.old = true
	f.must(Options{}, nil)

	asked := map[string]bool{}
	path := regexp.MustCompile(`^GET /(?:api/v1|apis/([^/]+)/v1)/(?:namespaces/team/)?([^/?]+)(/[^/?]+)?(?:\?.*)?$`)
	for _, a := range f.asked {
		m := path.FindStringSubmatch(a)
		switch {
		case m == nil:
			url := strings.TrimPrefix(a, "GET ")
			if i := strings.Index(url[1:], "/"); i > 0 {
				url = url[:i+1] + "/*"
			}
			asked["get "+url] = true
		case m[3] != "":
			asked["get "+Kind{Group: m[1], Resource: m[2]}.name()] = true
		default:
			if m[2] == "anything" {
				m[2] = "*"
			}
			asked["list "+Kind{Group: m[1], Resource: m[2]}.name()] = true
		}
	}
	got, want := role(t), slices.Sorted(maps.Keys(asked))
	if !slices.Equal(got, want) {
		t.Errorf("the role allows\n%s\nRead asks for\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// notServed are types of files that no API server serves, and what rules name
// only to say something about the type.
var notServed = regexp.MustCompile(`^(kubeadm\.k8s\.io|apiserver\.config\.k8s\.io|audit\.k8s\.io|[a-z]+\.config\.k8s\.io|k3s\.io|example\.com|extensions|live)/` +
	`|^core/(Kind|Ingress|NetworkPolicy|PodDisruptionBudget|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|DeploymentConfig)$` +
	`|^coordination\.k8s\.io/Lease$|^storage\.k8s\.io/CSIStorageCapacity$`)

// TestWanted holds the table against the types that rules, facts and links
// name in their source.
func TestWanted(t *testing.T) {
	types, kinds := map[string]bool{}, map[string]bool{}
	for _, w := range wanted {
		group := w.group
		if group == "" {
			group = "core"
		}
		types[group+"/"+w.kind], kinds[w.kind] = true, true
	}
	for _, typ := range kube.PodTypes {
		if !types[typ] {
			t.Errorf("%s makes pods and is not asked for", typ)
		}
	}
	whole := regexp.MustCompile(`"((?:[a-z0-9-]+\.)+[a-z0-9-]+|core|apps|batch|policy|autoscaling|extensions)/([A-Z][A-Za-z0-9]*|\*)"`)
	joined := regexp.MustCompile(`\+ ?"/?([A-Z][a-z][A-Za-z]*)"[,)\]:}]`)
	files := 0
	for _, pattern := range []string{"../../rules/*/*.go", "../../analyzers/*/*.go", "../../internal/kube/*.go", "../kubernetes/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/aws/") || strings.Contains(name, "/azure/") || strings.Contains(name, "/gcp/") {
				continue
			}
			files++
			for _, m := range whole.FindAllStringSubmatch(string(text), -1) {
				if typ := m[1] + "/" + m[2]; !types[typ] && !types[m[1]+"/*"] && !notServed.MatchString(typ) {
					t.Errorf("%s looks at %s, which is not asked for", name, typ)
				}
			}
			for _, m := range joined.FindAllStringSubmatch(string(text), -1) {
				if !kinds[m[1]] && m[1] != "Binding" { // of either kind of policy
					t.Errorf("%s looks at a kind %s, which is not asked for", name, m[1])
				}
			}
		}
	}
	if files < 100 {
		t.Errorf("%d files looked at", files)
	}
	for text, want := range map[string]Want{"v1 events +Event": Nothing, "v1 secrets +Secret": Metadata, "v1 pods +Pod": Whole} {
		k := kind(text)
		if got := Default(k); got != Nothing {
			t.Errorf("%s in another version: %d", text, got)
		}
		k.Preferred = true
		if got := Default(k); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}
