package cluster_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster/clustertest"
)

var update = flag.Bool("update", false, "write testdata/common/live.yaml anew, from a real API server")

// TestCommonOnServer applies testdata/common/written.yaml to a real API server,
// holds what is recorded in live.yaml against what it says, and does every edit
// to it.
func TestCommonOnServer(t *testing.T) {
	s := clustertest.Start(t)
	w := s.Writer(t, "kubectl")
	objects := documents(t, "testdata/common/written.yaml")
	if refused := w.Apply(t.Context(), objects); len(refused) > 0 {
		t.Fatal(refused)
	}
	read := func() *cluster.Snapshot {
		snapshot, err := cluster.Read(t.Context(), cluster.Options{Kubeconfig: s.Kubeconfig(t, clustertest.Admin, "")}, func(k cluster.Kind) cluster.Want {
			if k.Kind == "Ship" && k.Preferred {
				return cluster.Whole
			}
			return cluster.Default(k)
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return snapshot
	}
	var live strings.Builder
	for _, o := range read().Objects {
		if slices.ContainsFunc(objects, func(w object) bool { return id(w) == id(o) }) {
			text, err := yaml.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&live, "---\n%s", text)
		}
	}
	const recorded = "testdata/common/live.yaml"
	if *update {
		if err := os.WriteFile(recorded, []byte(live.String()), 0o644); err != nil { //nolint:gosec // for all to read
			t.Fatal(err)
		}
	}
	was, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(steady(string(was)), steady(live.String())); diff != "" {
		t.Errorf("the server says something else than is recorded; look at what -update writes:\n%s", diff)
	}

	dry, err := cluster.NewDryRunner(cluster.Options{Kubeconfig: s.Kubeconfig(t, clustertest.Admin, "")})
	if err != nil {
		t.Fatal(err)
	}
	drift := func(dry *cluster.DryRunner) []string {
		d := &cluster.Drift{}
		snapshot := read()
		l := &cluster.Live{Drift: d, DryRun: dry, Snapshot: func(context.Context) (*cluster.Snapshot, error) { return snapshot, nil }}
		if err := l.Follow(t.Context(), nil, []*graph.Builder{cluster.Written(t)}, &graph.Builder{}); err != nil {
			t.Fatal(err)
		}
		return d.Said()
	}
	if said := append(drift(nil), drift(dry)...); len(said) > 0 {
		t.Errorf("drift of what was applied: %v", said)
	}
	for _, e := range cluster.Edits {
		var o object
		if err := yaml.Unmarshal([]byte(e.Apply), &o); err != nil {
			t.Fatal(err)
		}
		if refused := s.Writer(t, e.Manager).Apply(t.Context(), []object{o}); len(refused) > 0 {
			t.Errorf("%s: %v", e.Name, refused)
			continue
		}
		if diff := cmp.Diff(e.Drift, drift(nil)); diff != "" {
			t.Errorf("%s: drift (-want +got):\n%s", e.Name, diff)
		}
		// Applying leaves alone what it does not have: only that is no drift then.
		undone := slices.DeleteFunc(slices.Clone(e.Drift), func(string) bool { return e.Added })
		if diff := cmp.Diff(undone, drift(dry), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: drift by a dry run (-want +got):\n%s", e.Name, diff)
		}
		original := objects[slices.IndexFunc(objects, func(w object) bool { return id(w) == id(o) })]
		w.Delete(t.Context(), []object{original})
		if refused := w.Apply(t.Context(), []object{original}); len(refused) > 0 {
			t.Fatal(refused)
		}
	}
}

// documents are the objects of a file.
func documents(t *testing.T, name string) (all []object) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for doc := range strings.SplitSeq(string(text), "\n---\n") {
		var o object
		if err := yaml.Unmarshal([]byte(doc+"\n"), &o); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

// steady is text without what is another each time.
func steady(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		key, _, _ := strings.Cut(strings.TrimLeft(line, " -"), ":")
		switch key {
		case "uid", "time", "creationTimestamp", "resourceVersion", "clusterIP", "nodePort", "lastTransitionTime", "controller-uid", "batch.kubernetes.io/controller-uid", "f:lastTransitionTime":
			continue
		}
		if strings.HasPrefix(strings.TrimLeft(line, " "), "- 10.") {
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}
