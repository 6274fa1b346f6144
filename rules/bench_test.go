package rules_test

import (
	"context"
	"testing"
	"testing/fstest"

	"fmt"

	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/rules"
)

// BenchmarkRules runs all rules over graphs of growing size; the time per
// workload should stay the same.
func BenchmarkRules(b *testing.B) {
	for _, n := range []int{100, 200, 400, 800, 1600} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			files := fstest.MapFS{}
			for i := range n {
				files[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, benchWorkload, i)}
			}
			load := driver.Load{Tree: source.NewTree(files), Under: []string{"."}, Sources: formats.Sources(formats.Options{}), Link: formats.Link}
			loaded, err := load.Graph(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				report, err := driver.Run(loaded, rules.All(), nil)
				if err != nil || len(report.Findings) == 0 {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/workload")
		})
	}
}

const benchWorkload = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-%[1]d
spec:
  selector:
    matchLabels: {app: web-%[1]d}
  template:
    metadata:
      labels: {app: web-%[1]d}
    spec:
      containers:
        - name: app
          image: registry.example.com/web
          env:
            - {name: MODE, value: fast}
          ports:
            - {containerPort: 8080}
---
apiVersion: v1
kind: Service
metadata:
  name: web-%[1]d
spec:
  selector: {app: web-%[1]d}
  ports:
    - {port: 80}
`
