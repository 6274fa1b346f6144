package k8s

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// persistentVolumes holds the rules about volumes that are made by hand.
var persistentVolumes = []*analyzers.Rule{{
	ID:        "k8s-persistent-volume-host-path",
	Title:     "PersistentVolume is a directory of whichever node the pod is on",
	Why:       "Through a claim pods get a directory of the node that no Pod Security level sees, and on another node they find another one: the data is gone when the pod moves.",
	Remedy:    "Use a storage class with a CSI driver, or a volume of the type `local` with `nodeAffinity` for disks of a node.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kics:aa8f7a35-9923-4cad-bd61-a19b7f6aac91", "kics:86a947ea-f577-4efb-a8b0-5fc00257d521"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.hostPath")
		if at := v.At("path"); at.Present() == graph.True {
			p.Report(at, "the volume is %q of the node", at.Str())
			return
		}
		p.ReportIf(v.Present(), v, "the volume is a %s", v.Key())
	}, "core/PersistentVolume"),
}}
