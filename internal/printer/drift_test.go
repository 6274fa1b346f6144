package printer

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func sampleDrift() *Drift {
	file := source.NewFile("deploy/web.yaml", []byte("spec:\n  replicas: 2\n"))
	at := &source.Origin{Span: source.Span{File: file, Start: 18, End: 19}, Exact: source.AtToken}
	text := func(s string) *string { return &s }
	return &Drift{
		Context: "prod\x1b[1m", Day: "2026-06-01", Compared: 3, Others: 1, Secrets: 2,
		Fields: []DriftField{
			{At: at, Object: "Deployment/shop/web", Path: "spec.replicas", Written: text("2"), Live: text("9"), Manager: "kubectl-edit", Time: "2026-05-01T10:00:00Z"},
			{At: at, Object: "Deployment/shop/web", Path: "spec.paused", Live: text("true\x1b[2J")},
			{At: at, Object: "Deployment/shop/web", Path: "spec.long", Written: text(strings.Repeat("ü", 100))},
		},
		Absent:  []DriftObject{{At: at, Object: "Service/web"}},
		Unknown: []DriftObject{{At: at, Object: "Job/*", Why: "its name is not known"}},
		Skipped: []source.Skip{{Path: "cluster:prod/ConfigMap/b/c", Why: "there are 2"}},
		Stray:   []DriftObject{{Object: "Service/shop/old", Of: "the Helm release web in shop"}},
		Problems: []graph.Problem{{Level: graph.Warning, Message: "pods: not read", At: &source.Origin{
			Span: source.NewRemote("cluster:prod", nil).Whole(), Exact: source.InFile}}},
	}
}

func TestDriftText(t *testing.T) {
	var out strings.Builder
	if err := DriftText(&out, sampleDrift(), Options{Display: func(p string) string { return "../" + p }}); err != nil {
		t.Fatal(err)
	}
	want := `../deploy/web.yaml:2:13: Deployment/shop/web: spec.replicas is "2" here and "9" in the cluster
  2 |   replicas: 2
    |             ^
  = set by "kubectl-edit" at 2026-05-01T10:00:00Z

../deploy/web.yaml:2:13: Deployment/shop/web: spec.paused is "true\x1b[2J" in the cluster and not written
  2 |   replicas: 2
    |             ^

../deploy/web.yaml:2:13: Deployment/shop/web: spec.long is "` + strings.Repeat("ü", 60) + `…" here and not in the cluster
  2 |   replicas: 2
    |             ^

../deploy/web.yaml:2:13: Service/web is not in the cluster
Service/shop/old is in the cluster and not written: it was made by the Helm release web in shop

cluster:prod: warning: pods: not read

`
	got, summary, _ := strings.Cut(out.String(), "Drift in ")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("an escape sequence comes through: %q", out.String())
	}
	for _, part := range []string{"3 objects compared", "3 fields, 1 not in the cluster, 1 not written\n", "1 field differs and is kept by", "2 secrets: values are not read", "1 written object could not", "1 thing was left out (-v"} {
		if !strings.Contains(summary, part) {
			t.Errorf("%q is not in the summary:\n%s", part, summary)
		}
	}
	out.Reset()
	const told = "not looked for deploy/web.yaml:2:13: Job/*: its name is not known\nleft out cluster:prod/ConfigMap/b/c: there are 2\n"
	if err := DriftText(&out, sampleDrift(), Options{Verbose: true}); err != nil || !strings.HasSuffix(out.String(), "not compared\n"+told) {
		t.Errorf("%v, %q", err, out.String())
	}
	out.Reset()
	if err := DriftText(&out, &Drift{Context: "prod", Compared: 1}, Options{}); err != nil || out.String() != "No drift in 1 object compared with \"prod\"\n" {
		t.Errorf("%v, %q", err, out.String())
	}
	out.Reset()
	d := &Drift{Context: "prod", Elsewhere: 2, Releases: []DriftRelease{{"charts/web", "prod", "shop"}}}
	if err := DriftText(&out, d, Options{Display: func(p string) string { return "../" + p }}); err != nil ||
		out.String() != "Nothing was compared with \"prod\"\n../charts/web was compared as the release \"prod\" in \"shop\", which its objects in the cluster belong to\n2 written objects were not looked for, in namespaces that were not read\n" {
		t.Errorf("%v, %q", err, out.String())
	}
}

// TestDriftOfMaps tells what is in a map that only one side has.
func TestDriftOfMaps(t *testing.T) {
	value := "{}"
	leaves := []DriftLeaf{{"disk", "ssd"}, {"limits.cpu", "1"}, {"c", "3"}, {"d", "4"}, {"e", "5"}, {"f", "6"}}
	for want, f := range map[string]DriftField{
		`spec.x.disk is "ssd" in the cluster and not written`:                                             {Live: &value, Leaves: leaves[:1]},
		`spec.x is {disk: "ssd", limits.cpu: "1"} here and not in the cluster`:                            {Written: &value, Leaves: leaves[:2]},
		`spec.x is {disk: "ssd", limits.cpu: "1", c: "3", d: "4", 2 more} in the cluster and not written`: {Live: &value, Leaves: leaves},
		`spec.x is "{}" in the cluster and not written`:                                                   {Live: &value},
	} {
		f.Object, f.Path = "Pod/a/b", "spec.x"
		var out strings.Builder
		if err := DriftText(&out, &Drift{Fields: []DriftField{f}}, Options{Quiet: true}); err != nil || !strings.Contains(out.String(), "Pod/a/b: "+want+"\n") {
			t.Errorf("%v, %q, want %q", err, out.String(), want)
		}
	}
}

func TestDriftJSON(t *testing.T) {
	var out strings.Builder
	if err := DriftJSON(&out, sampleDrift(), Options{Version: "1"}); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	fields := got["fields"].([]any)
	first := fields[0].(map[string]any)
	delete(first, "location")
	want := map[string]any{"object": "Deployment/shop/web", "path": "spec.replicas", "written": "2", "live": "9", "manager": "kubectl-edit", "time": "2026-05-01T10:00:00Z"}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	if second := fields[1].(map[string]any); second["written"] != nil || second["live"] == nil {
		t.Errorf("what is not written is %v", second)
	}
	if got["kept_by_others"] != 1.0 || got["secrets_not_compared"] != 2.0 || got["incomplete"] != false || len(got["absent"].([]any)) != 1 || len(got["stray"].([]any)) != 1 || got["not_looked_for"] != 1.0 {
		t.Errorf("%v", got)
	}
	if one := got["unknown"].([]any)[0].(map[string]any); one["object"] != "Job/*" || one["why"] != "its name is not known" || one["location"] == nil {
		t.Errorf("what could not be looked for is %v", one)
	}
}
