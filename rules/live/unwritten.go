package live

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// unwritten holds the rules about what runs and is not in the tree.
var unwritten = []*analyzers.Rule{{
	ID:        "live-workload-not-written",
	Title:     "Workload runs that is written nowhere in the tree",
	Why:       "Nobody reviews it and nobody will bring it back when the cluster is lost. What was started by hand once, to try or to break in, looks just like that.",
	Remedy:    "Add its manifest, or delete it. If another project made it, ignore the rule for it and say which.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if n, _ := o.At("metadata.ownerReferences").Len(); o.Written != nil || n > 0 || !claimed.Of(p.Graph)[namespace{o.Root, o.Namespace()}] {
			return // a controller makes it, or all of the namespace is somebody else's
		}
		p.Report(o.Config, "the namespace %q is written here, this workload is not", o.Namespace())
	}, makers...),
}}

type namespace struct{ root, name string }

// claimed are the namespaces with something that the tree made.
var claimed = analyzers.NewFact(func(g *graph.Graph) map[namespace]bool {
	all := map[namespace]bool{}
	for _, o := range live.Objects.Of(g) {
		if in := o.Namespace(); o.Written != nil && in != "" && !strings.HasPrefix(in, "kube-") {
			all[namespace{o.Root, in}] = true
		}
	}
	return all
})
