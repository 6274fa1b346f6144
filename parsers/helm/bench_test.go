package helm

import (
	"context"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	stockchartutil "helm.sh/helm/v3/pkg/chartutil"
	stockengine "helm.sh/helm/v3/pkg/engine"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
)

// BenchmarkRender compares rendering with what is noted on the way to Helm's
// own rendering, and tells what it costs to ask for everything.
func BenchmarkRender(b *testing.B) {
	for _, tree := range chartTrees(b) {
		for _, r := range tree.roots(tree.fsys, tree.options) {
			name := tree.name + "/" + r.dir
			prepare := func() (*set, *chart.Chart, chartutil.Values) {
				l := newLoader(context.Background(), r.in, &graph.Builder{})
				c := l.directory(r.dir)
				if c == nil {
					return nil, nil, nil
				}
				v, err := l.renderValues(c)
				if err != nil {
					return nil, nil, nil
				}
				s := &set{loader: l, files: map[string]site{}, values: l.layers(c)}
				s.collect(c, v, nil)
				return s, c, v
			}
			if _, err := stock(r); err != nil {
				continue
			}
			if s, _, _ := prepare(); s == nil || len(s.templates) == 0 {
				continue
			}
			b.Run(name+"/helm", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					_, c, v := prepare()
					silence(c)
					caps := stockchartutil.DefaultCapabilities.Copy()
					ours := v["Capabilities"].(*chartutil.Capabilities)
					caps.KubeVersion = stockchartutil.KubeVersion(ours.KubeVersion)
					caps.APIVersions = stockchartutil.VersionSet(ours.APIVersions)
					vals := stockchartutil.Values{"Values": stockchartutil.Values(v["Values"].(chartutil.Values)), "Release": v["Release"], "Capabilities": caps}
					b.StartTimer()
					if _, err := stockengine.Render(c, vals); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(name+"/ours", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					s, _, _ := prepare()
					b.StartTimer()
					if _, err := engine.Render(context.Background(), s.templates); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(name+"/origins", func(b *testing.B) {
				s, err := ours(r)
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for b.Loop() {
					for _, f := range s.result.Files {
						m := &manifest{set: s, file: f}
						fields := map[string]fieldOf{}
						flatten(s.templates[f.Template].Name, f.Text, m.place, fields)
						for _, f := range fields {
							if f.handle != nil {
								f.handle.Origin()
								n++
							}
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(max(n, 1)), "µs/origin")
			})
		}
	}
}
