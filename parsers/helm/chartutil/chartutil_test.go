package chartutil

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	stock "helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"
)

// A spec is a chart with its subcharts, as YAML, for tests.
type spec struct {
	Name         string              `json:"name"`
	Version      string              `json:"version"`
	Dependencies []*chart.Dependency `json:"dependencies"`
	Values       map[string]any      `json:"values"`
	Charts       []spec              `json:"charts"`
}

func (s spec) chart() *chart.Chart {
	c := &chart.Chart{Metadata: &chart.Metadata{Name: s.Name, Version: s.Version}, Values: s.Values}
	for _, d := range s.Dependencies {
		if d != nil {
			c.Metadata.Dependencies = append(c.Metadata.Dependencies, d)
		}
	}
	for _, sub := range s.Charts {
		c.AddDependency(sub.chart())
	}
	return c
}

func parse(text string) (*chart.Chart, map[string]any, bool) {
	var in struct {
		spec
		Given map[string]any `json:"given"`
	}
	if yaml.Unmarshal([]byte(text), &in) != nil {
		return nil, nil, false
	}
	return in.chart(), in.Given, true
}

// outline is everything about a chart and its subcharts that rendering uses.
func outline(c *chart.Chart) map[string]any {
	subs := map[string]any{}
	for i, s := range c.Dependencies() {
		subs[fmt.Sprint(i)] = outline(s)
	}
	var deps []string
	for _, d := range c.Metadata.Dependencies {
		deps = append(deps, d.Name)
	}
	return map[string]any{
		"name": c.Name(), "path": c.ChartFullPath(), "values": c.Values, "declared": deps, "subcharts": subs,
	}
}

// same holds what happens to a chart against Helm.
func same(t *testing.T, text string) {
	t.Helper()
	ours, given, ok := parse(text)
	if !ok {
		return
	}
	theirs, givenToo, _ := parse(text)
	wantErr := stock.ProcessDependenciesWithMerge(theirs, givenToo)
	err := ProcessDependencies(ours, given)
	if wantErr != nil || err != nil {
		if (wantErr == nil) != (err == nil) {
			// Helm also looks for conflicts where it imports values.
			if _, e := Coalesce(ours, given); e == nil || wantErr == nil {
				t.Fatalf("err = %v, want %v", err, wantErr)
			}
		}
		return
	}
	if diff := cmp.Diff(outline(theirs), outline(ours)); diff != "" {
		t.Fatalf("chart differs (-helm +ours):\n%s", diff)
	}
	want, wantErr := stock.CoalesceValues(theirs, givenToo)
	got, err := Coalesce(ours, given)
	if (wantErr == nil) != (err == nil) {
		t.Fatalf("err = %v, want %v", err, wantErr)
	}
	if diff := cmp.Diff(map[string]any(want), map[string]any(got)); wantErr == nil && diff != "" {
		t.Fatalf("values differ (-helm +ours):\n%s", diff)
	}
}

var charts = []string{
	`{name: a, values: {x: 1, t: {u: 1, v: ~}}, given: {x: ~, t: {u: ~, w: 2}, new: ~}}`,
	`{name: a, values: {t: 1}, given: {t: {u: 1}}}`,
	`{name: a, values: {t: {u: 1}}, given: {t: 1}}`,
	`{name: a, values: {global: {g: 1, t: {x: 1}}, b: {y: 2}}, charts: [{name: b, version: 1.0.0, values: {y: 1, global: {g: 2, t: {x: 2, z: 3}}}}]}`,
	`{name: a, values: {global: 1}, charts: [{name: b, version: 1.0.0, values: {global: {g: 2}}}]}`,
	`{name: a, values: {b: 1}, charts: [{name: b, version: 1.0.0}]}`,
	`{name: a, values: {b: {x: ~}}, given: {b: {y: ~}}, charts: [{name: b, version: 1.0.0, values: {x: 1, y: 2}}]}`,
	`{name: a, dependencies: [{name: b, version: 1.x, condition: "b.on"}], given: {b: {on: false}}, charts: [{name: b, version: 1.0.0}]}`,
	`{name: a, dependencies: [{name: b, version: 1.x, condition: "b.no,b.on", tags: [t]}], values: {tags: {t: false}}, charts: [{name: b, version: 1.0.0, values: {on: true}}]}`,
	`{name: a, dependencies: [{name: b, version: 1.x, tags: [t, u]}, {name: c, version: 1.x, tags: [t]}], values: {tags: {t: false, u: true}}, charts: [{name: b, version: 1.0.0}, {name: c, version: 1.0.0}]}`,
	`{name: a, dependencies: [{name: b, version: 1.x, alias: p}, {name: b, version: 1.x, alias: q, condition: q.on}, {name: b, version: 2.x}], values: {q: {on: true}, p: {v: 1}}, charts: [{name: b, version: 1.0.0, values: {v: 0}}, {name: other, version: 1.0.0}]}`,
	`{name: a, dependencies: [{name: b, version: 1.x, import-values: [data, {child: x.y, parent: z}, {child: none, parent: .}]}], values: {k: own, z: {own: 1}}, charts: [{name: b, version: 1.0.0, values: {exports: {data: {k: b, l: ~}}, x: {y: {own: 2, more: 3}}}}]}`,
	`{name: a, dependencies: [{name: b, version: "*", import-values: [data]}], charts: [{name: b, version: 1.0.0, dependencies: [{name: c, version: "*", condition: c.on, import-values: [{child: v, parent: exports.data}]}], charts: [{name: c, version: 3.0.0, values: {v: {deep: 1}, on: true}}]}]}`,
	`{name: a, dependencies: [{name: b, version: "*"}], values: {b: {c: {on: false}}}, charts: [{name: b, version: 1.0.0, dependencies: [{name: c, version: "*", condition: c.on}], charts: [{name: c, version: 3.0.0, values: {on: true}}]}]}`,
	`{name: a, dependencies: [{name: gone, version: "*", import-values: [x]}], values: {l: [1, {m: 2}]}}`,
	`{name: a, dependencies: [~, {name: b, version: "*", tags: [~]}], values: {tags: 1}, charts: [{name: b}]}`,
}

func TestAsHelm(t *testing.T) {
	for _, text := range charts {
		same(t, text)
	}
}

func FuzzAsHelm(f *testing.F) {
	for _, text := range charts {
		f.Add(text)
	}
	f.Fuzz(same)
}
