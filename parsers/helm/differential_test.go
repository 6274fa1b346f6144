package helm

import (
	"context"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	stockchartutil "helm.sh/helm/v3/pkg/chartutil"
	stockengine "helm.sh/helm/v3/pkg/engine"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
)

// TestAsHelm holds values and output of the charts in testdata against Helm's
// own packages, byte for byte.
func TestAsHelm(t *testing.T) {
	for name, files := range map[string]int{
		"origins.txtar": 1, "subcharts.txtar": 4, "functions.txtar": 2, "missing.txtar": 7, "differential.txtar": 5,
	} {
		t.Run(name, func(t *testing.T) {
			p := readProject(t, filepath.Join("testdata", name))
			compared := 0
			for _, r := range New(p.options).Roots(parsers.NewProject(p.tree, p.files), &graph.Builder{}) {
				compared += compare(t, r.(*root))
			}
			if compared != files {
				t.Errorf("%d files compared, want %d", compared, files)
			}
		})
	}
}

// compare renders a chart both ways and returns how many files are the same.
func compare(t *testing.T, r *root) (same int) {
	t.Helper()
	load := func() (*loader, *chart.Chart) {
		l := newLoader(context.Background(), r.in, &graph.Builder{})
		return l, l.directory(r.dir)
	}
	l, c := load()
	values, err := l.renderValues(c)
	if err != nil {
		t.Fatal(err)
	}
	s := &set{loader: l, files: map[string]site{}}
	s.collect(c, values, nil)

	_, c = load()
	given := r.in.values().merged
	if err := stockchartutil.ProcessDependenciesWithMerge(c, given); err != nil {
		t.Fatal(err)
	}
	caps := stockchartutil.DefaultCapabilities.Copy()
	ours := values["Capabilities"].(*chartutil.Capabilities)
	caps.KubeVersion = stockchartutil.KubeVersion(ours.KubeVersion)
	caps.APIVersions = stockchartutil.VersionSet(ours.APIVersions)
	release := values["Release"].(map[string]any)
	wantValues, err := stockchartutil.ToRenderValuesWithSchemaValidation(c, given, stockchartutil.ReleaseOptions{
		Name: release["Name"].(string), Namespace: release["Namespace"].(string), Revision: 1, IsInstall: true,
	}, caps, true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any(wantValues["Values"].(stockchartutil.Values)), map[string]any(values["Values"].(chartutil.Values))); diff != "" {
		t.Errorf("%s: values differ (-helm +ours):\n%s", r.dir, diff)
	}
	if !reflect.DeepEqual(wantValues["Release"], values["Release"]) {
		t.Errorf("release %v, want %v", values["Release"], wantValues["Release"])
	}

	res, err := engine.Render(context.Background(), s.templates)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Failures {
		t.Errorf("%s: %s", s.templates[f.Template].Name, f.Message)
	}
	got := map[string]string{}
	for _, f := range res.Files {
		got[s.templates[f.Template].Name] = f.Text
	}
	for _, tpl := range c.Templates { // Helm would render the notes
		if strings.HasSuffix(tpl.Name, "NOTES.txt") {
			tpl.Data = nil
		}
	}
	want, err := stockengine.Render(c, wantValues)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		if strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		if diff := cmp.Diff(text, got[name]); diff != "" {
			t.Errorf("%s differs (-helm +ours):\n%s", name, diff)
			continue
		}
		same++
	}
	return same
}

// TestAPIVersions holds the list of API versions against Helm's.
func TestAPIVersions(t *testing.T) {
	caps, err := chartutil.NewCapabilities(DefaultKubeVersion)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(stockchartutil.DefaultVersionSet), []string(caps.APIVersions)); diff != "" {
		t.Error(diff)
	}
	for _, v := range []string{"1.29", "v1.30.2", "1.31.4-gke.100+abc", DefaultKubeVersion} {
		want, err := stockchartutil.ParseKubeVersion(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := chartutil.NewCapabilities(v)
		if err != nil || stockchartutil.KubeVersion(got.KubeVersion) != *want {
			t.Errorf("%s: %v, %v; want %v", v, got, err, want)
		}
	}
}
