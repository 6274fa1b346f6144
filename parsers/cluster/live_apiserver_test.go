package cluster_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster/clustertest"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/rules"
)

// TestUnchangedOnServer creates what is written and holds that a scan of both
// finds what a scan of the files does, and that nothing has drifted.
func TestUnchangedOnServer(t *testing.T) {
	s := clustertest.Start(t)
	created := population(t)
	for _, err := range s.Writer(t, "kubectl-create").Create(t.Context(), created) {
		t.Log("refused:", err)
	}
	read := readerOf(t, s)
	snapshot, err := read(t.Context(), cluster.Default)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, o := range snapshot.Objects {
		there[id(o)] = true
	}
	files := fstest.MapFS{}
	for i, o := range created {
		if text, err := yaml.Marshal(o); err == nil && there[id(o)] {
			files[fmt.Sprintf("objects/%04d.yaml", i)] = &fstest.MapFile{Data: text}
		}
	}
	if len(files) < 2000 {
		t.Fatalf("%d objects", len(files))
	}
	want, _ := all(t, files, nil)
	drift := &cluster.Drift{}
	start := time.Now()
	got, report := all(t, files, &cluster.Live{Drift: drift, More: read, Snapshot: func(context.Context) (*cluster.Snapshot, error) { return snapshot, nil }})
	t.Logf("%d files, %d findings, with the cluster %d in %v", len(files), len(want), len(got), time.Since(start))
	for _, f := range want {
		if !slices.Contains(got, f) {
			t.Errorf("lost: %s", f)
		}
	}
	for _, f := range report.Findings {
		if f.Live != "" && f.Live != "nothing that was scanned makes it" && f.Rule.Family() != "live" {
			t.Errorf("only live: %s: %s [%s]", f.Place().Span.File.Path, f.Text(), f.Rule.ID)
		}
	}
	t.Logf("%d compared, %d fields are others', absent %d, stray %d, unknown %d", drift.Compared, drift.Others, len(drift.Absent), len(drift.Stray), len(drift.Unknown))
	for _, d := range drift.Differences {
		is, _ := d.Live()
		was, _ := d.WrittenText()
		t.Errorf("drift: %s: %s: %.100s is %.100s", d.Object(), d.Path(), was, is)
	}
	for _, r := range drift.Absent {
		t.Errorf("absent: %s", r.ID)
	}
}

// readerOf reads a server as its admin.
func readerOf(t *testing.T, s *clustertest.Server) func(context.Context, cluster.Wants) (*cluster.Snapshot, error) {
	config := s.Kubeconfig(t, clustertest.Admin, "")
	return func(ctx context.Context, wants cluster.Wants) (*cluster.Snapshot, error) {
		return cluster.Read(ctx, cluster.Options{Kubeconfig: config}, wants, nil)
	}
}

// all are the findings of all rules, by place and words.
func all(t *testing.T, files fstest.MapFS, live parsers.Follower) (said []string, report *analyzers.Report) {
	load := driver.Load{Tree: source.NewTree(files), Under: []string{"."}, Sources: formats.Sources(formats.Options{}), Link: formats.Link}
	if live != nil {
		load.Followers = []parsers.Follower{live}
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	report, err = driver.Run(loaded, rules.All(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		said = append(said, fmt.Sprintf("%s:%d:%d: %s", f.Place().Span.File.Path, f.Place().Span.From().Line, f.Place().Span.From().Column, f.Text()))
	}
	return said, report
}
