package cluster

import "testing"

// BenchmarkRead reads 2,000 objects of a server on this machine.
func BenchmarkRead(b *testing.B) {
	f := newFake(b, serves...)
	f.fill("pods", 1000)
	f.fill("deployments.apps", 1000)
	b.ReportAllocs()
	for b.Loop() {
		if s := f.must(Options{}, nil); len(s.Objects) != 2000 {
			b.Fatalf("%d objects", len(s.Objects))
		}
	}
}
