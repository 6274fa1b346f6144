package cluster_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster/clustertest"
)

// population is somewhat more than 2,000 objects, for some are refused: those
// of the corpus, and copies of them in namespaces of their own.
func population(t *testing.T) []object {
	t.Helper()
	const enough = 2200
	var all []object
	namespaces, seen := map[string]bool{}, map[string]bool{}
	manifests := clustertest.Manifests(t, clustertest.Corpus())
	for round := 0; len(all) < enough && round < 200; round++ {
		for _, m := range manifests {
			kind, _ := m.Object["kind"].(string)
			switch kind {
			case "Namespace", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService":
				continue // would keep others out
			case "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume", "StorageClass", "PriorityClass":
				if round > 0 {
					continue
				}
			}
			o := copied(m.Object)
			meta := o["metadata"].(object)
			where, _ := meta["namespace"].(string)
			meta["namespace"] = strings.Trim(fmt.Sprintf("%s-%d", where, round), "-")
			id := fmt.Sprint(o["apiVersion"], kind, meta["namespace"], meta["name"])
			if seen[id] || len(all) >= enough {
				continue
			}
			seen[id] = true
			namespaces[meta["namespace"].(string)] = true
			all = append(all, o)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(namespaces)) {
		all = append(all, object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": name}})
	}
	return all
}

func copied(o object) object {
	text, err := yaml.Marshal(o)
	if err == nil {
		var c object
		if err = yaml.Unmarshal(text, &c); err == nil {
			return c
		}
	}
	panic(err)
}

// id tells an object from others.
func id(o object) string {
	meta := o["metadata"].(object)
	group, _, _ := strings.Cut(fmt.Sprint(o["apiVersion"]), "/")
	return fmt.Sprint(group, o["kind"], meta["namespace"], meta["name"])
}

// kindOf is the served kind of an object.
func kindOf(s *cluster.Snapshot, o object) cluster.Kind {
	for _, k := range s.Kinds {
		if k.Kind == o["kind"] && k.APIVersion() == o["apiVersion"] {
			return k
		}
	}
	return cluster.Kind{}
}

// shipped is the ClusterRole that is shipped.
func shipped(t *testing.T) object {
	t.Helper()
	text, err := os.ReadFile("../../docs/cluster/clusterrole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var role object
	if err := yaml.Unmarshal(text, &role); err != nil {
		t.Fatal(err)
	}
	return role
}

// eventually reads until the server has taken notice of what was changed, and
// returns the last reading in any case.
func eventually(t *testing.T, read func() (*cluster.Snapshot, error), enough func(*cluster.Snapshot) bool) *cluster.Snapshot {
	t.Helper()
	for range 50 {
		s, err := read()
		if err != nil {
			t.Fatal(err)
		}
		if enough(s) {
			return s
		}
		time.Sleep(200 * time.Millisecond)
	}
	s, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
