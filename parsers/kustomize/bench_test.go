package kustomize

import (
	"context"
	"os"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// BenchmarkLoad loads kustomizations with all places; BenchmarkKustomize is
// the library alone.
func BenchmarkLoad(b *testing.B) {
	benchmark(b, func(k built) {
		_, roots, _ := discover(k.files)
		for _, r := range roots {
			if r.ID() == "kustomize:"+k.dir {
				if err := r.Load(context.Background(), &graph.Builder{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkKustomize(b *testing.B) {
	benchmark(b, func(k built) {
		if _, err := kustomize(k.files, k.dir); err != nil {
			b.Fatal(err)
		}
	})
}

func benchmark(b *testing.B, load func(built)) {
	run := func(all []built) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, k := range all {
					load(k)
				}
			}
		}
	}
	b.Run("testdata", run(testdata(b)))
	if os.Getenv(corpusVariable) != "" {
		b.Run("corpus", run(buildsOf(corpus(b))))
	}
}
