package kustomize

import (
	"context"
	"os"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// BenchmarkBuild builds the kustomizations of testdata and of each project of
// the corpus: with the library alone, and with all places.
func BenchmarkBuild(b *testing.B) {
	projects := []surveyed{{name: "testdata", builds: testdata(b)}}
	if os.Getenv(corpusVariable) != "" {
		projects = append(projects, corpus(b)...)
	}
	for _, p := range projects {
		b.Run(p.name+"/kustomize", func(b *testing.B) {
			each(b, p.builds, func(k built) error {
				_, err := kustomize(k.files, k.dir)
				return err
			})
		})
		b.Run(p.name+"/places", func(b *testing.B) {
			each(b, p.builds, func(k built) error {
				_, roots, _ := discover(k.files)
				for _, r := range roots {
					if r.ID() == "kustomize:"+k.dir {
						return r.Load(context.Background(), &graph.Builder{})
					}
				}
				return errUnbuildable
			})
		})
	}
}

func each(b *testing.B, builds []built, build func(built) error) {
	b.ReportAllocs()
	for b.Loop() {
		for _, k := range builds {
			if err := build(k); err != nil {
				b.Fatal(k.name, k.dir, err)
			}
		}
	}
}
