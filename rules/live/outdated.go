package live

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// outdated holds the rules about what runs beside what the registry has.
var outdated = []*analyzers.Rule{{
	ID:        "live-image-outdated",
	Title:     "Image that runs is not the one that its name stands for now",
	Why:       "What was pushed since runs nowhere yet, fixes with it, and comes with the next restart of a pod, at a time nobody chose.",
	Remedy:    "Pin the image by its digest and roll out when you mean to: `kubectl rollout restart` for now.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: each(func(p *analyzers.Pass, c container) {
		v := c.At("image")
		current := resolved(p.Graph, c)
		if len(current) == 0 || workload.ParseImage(v.Str()).Pinned() {
			p.Look(-1)
			return
		}
		digests := c.digests()
		if len(digests) == 1 && !slices.Contains(current, digests[0]) {
			p.ReportAt(v, tag(v), "%s is %q, which is %s now, and pods run %s", v.Key(), v.Str(), short(current[0]), short(digests[0]))
		}
	}),
}}

// resolved are the digests that the name of a container's image stands for in
// its registry: of the index and of the platform's image. There are none where
// the image was not read.
func resolved(g *graph.Graph, c container) []string {
	var all []string
	for e := range g.Out(c.Resource(), graph.Runs) {
		if e.To.Type != images.Type || e.Via.Path() != c.At("image").Path() {
			continue
		}
		for _, key := range [...]string{"index", "digest"} {
			if d := e.To.At(key).Str(); d != "" {
				all = append(all, d)
			}
		}
	}
	return all
}
