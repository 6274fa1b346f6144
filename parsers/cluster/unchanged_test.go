package cluster_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
	"github.com/seaworthy-iac/seaworthy/rules"
)

// TestUnchanged serves the manifests of every fixture as what runs beside them,
// with all that a server fills in, and holds that nothing else is found then,
// nor anywhere else.
func TestUnchanged(t *testing.T) {
	byID := map[string]*analyzers.Rule{}
	for _, r := range rules.All() {
		byID[r.ID] = r
	}
	n := 0
	err := filepath.WalkDir("../../fixtures/rules", func(path string, _ fs.DirEntry, err error) error {
		rule := byID[strings.TrimSuffix(filepath.Base(path), ".txtar")]
		if err != nil || rule == nil || rule.Family() == "suppression" || sharper[rule.ID] {
			return err
		}
		archive, err := txtar.ParseFile(path)
		if err != nil {
			return err
		}
		n++
		if testing.Short() && n%7 != 0 {
			return nil
		}
		t.Run(rule.ID, func(t *testing.T) {
			t.Parallel()
			unchanged(t, rule, archive)
		})
		return nil
	})
	if err != nil || n < 100 {
		t.Errorf("%d fixtures: %v", n, err)
	}
}

// sharper are rules that find more in a cluster, rightly: an object without a
// namespace may reach what is in any, and the one that runs is in one.
var sharper = map[string]bool{"network-ingress-missing-service": true}

func unchanged(t *testing.T, rule *analyzers.Rule, archive *txtar.Archive) {
	files, live := fstest.MapFS{}, fstest.MapFS{}
	params := map[string]any{}
	seen := map[string]bool{}
	var recorded strings.Builder
	for _, f := range archive.Files {
		switch {
		case strings.HasPrefix(f.Name, "@cluster"):
			return // which is about more than what is written
		case f.Name == "want", strings.HasPrefix(f.Name, "@"):
			continue
		case f.Name == "params":
			p, err := rule.WithParams(f.Data)
			if err != nil {
				t.Fatal(err)
			}
			params[rule.ID] = p
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data}
		if !strings.HasSuffix(f.Name, ".yaml") || !plain(archive, f.Name) || !record(&recorded, f, seen) {
			return // not all of it can run as it is
		}
	}
	if recorded.Len() == 0 {
		return
	}
	live["@cluster/objects.yaml"] = &fstest.MapFile{Data: []byte(recorded.String())}
	follower, _ := cluster.Recorded(live).(*cluster.Live)
	follower.Homes = []string{"home"}
	want, unsure := found(t, rule, params, files, nil)
	got, _ := found(t, rule, params, files, follower)
	for _, f := range want {
		if !slices.Contains(got, f) {
			t.Errorf("lost: %s", f)
		}
	}
	for _, f := range got {
		if !slices.Contains(want, f) && !slices.Contains(unsure, f) { // the cluster may know what the files leave open
			t.Errorf("new: %s", f)
		}
	}
}

// plain tells whether a file is part of nothing but the manifests.
func plain(archive *txtar.Archive, name string) bool {
	return !slices.ContainsFunc(archive.Files, func(f txtar.File) bool {
		dir, base := filepath.Split(f.Name)
		return strings.HasPrefix(name, dir) && (base == "Chart.yaml" || base == "kustomization.yaml")
	})
}

// unnamespaced are kinds whose objects are in no namespace.
var unnamespaced = []string{
	"Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "StorageClass", "PriorityClass", "IngressClass", "PodSecurityPolicy", "APIService",
	"CustomResourceDefinition", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
}

// record adds the objects of a file as a server has them, and tells whether it
// could have them all.
func record(out *strings.Builder, f txtar.File, seen map[string]bool) bool {
	for _, doc := range yamltext.Parse(source.NewFile(f.Name, f.Data), nil) {
		text, err := yaml.YAMLToJSON([]byte(doc.Span.Text()))
		var o map[string]any
		if err != nil || json.Unmarshal(text, &o) != nil {
			return false
		}
		all := []map[string]any{o}
		if items, ok := o["items"].([]any); ok && strings.HasSuffix(fmt.Sprint(o["kind"]), "List") {
			all = nil
			for _, item := range items {
				if one, ok := item.(map[string]any); ok {
					all = append(all, one)
				}
			}
		}
		for _, o := range all {
			meta, _ := o["metadata"].(map[string]any)
			kind, _ := o["kind"].(string)
			id := fmt.Sprint(kind, "/", meta["namespace"], "/", meta["name"])
			if name, _ := meta["name"].(string); o["apiVersion"] == nil || kind == "" || name == "" || seen[id] || strings.Contains(name, "{{") {
				return false
			}
			seen[id] = true
			o = maps.Clone(o)
			if meta["namespace"] == nil && !slices.Contains(unnamespaced, kind) {
				meta = maps.Clone(meta)
				meta["namespace"] = "home"
				o["metadata"] = meta
			}
			data, err := yaml.Marshal(cluster.Filled(o))
			if err == nil {
				fmt.Fprintf(out, "---\n%s", data)
			}
		}
	}
	return true
}

// found are the findings of a rule, by place and words, and where it is unsure.
func found(t *testing.T, rule *analyzers.Rule, params map[string]any, files fstest.MapFS, live parsers.Follower) (all, unsure []string) {
	load := driver.Load{Tree: source.NewTree(files), Under: []string{"."}, Sources: formats.Sources(formats.Options{}), Link: formats.Link}
	if live != nil {
		load.Followers = []parsers.Follower{live}
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	report, err := driver.Run(loaded, []*analyzers.Rule{rule}, params)
	if err != nil {
		t.Fatal(err)
	}
	said := func(findings []*analyzers.Finding) (all []string) {
		for _, f := range findings {
			at := f.Place()
			all = append(all, fmt.Sprintf("%s:%d:%d: %s", at.Span.File.Path, at.Span.From().Line, at.Span.From().Column, f.Message))
		}
		return all
	}
	return said(report.Findings), said(report.Unsure)
}
