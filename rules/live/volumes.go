package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const (
	claim        = "core/PersistentVolumeClaim"
	volume       = "core/PersistentVolume"
	storageClass = "storage.k8s.io/StorageClass"
)

// volumes holds the rules about where data is.
var volumes = []*analyzers.Rule{{
	ID:        "live-claim-without-volume",
	Title:     "PersistentVolumeClaim has no volume",
	Why:       "A pod with the claim cannot start. When the volume is lost, so is what was on it.",
	Remedy:    "Correct the class, size or access mode so that a volume can be made, or bring back the volume that is named.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		switch class := o.At("spec.storageClassName"); o.At("status.phase").Str() {
		case "Lost":
			p.Report(o.Config, "the volume %q of the claim is lost", o.At("spec.volumeName").Str())
		case "Pending":
			if !o.Settled(p.Graph, o.Created()) {
				return
			}
			c, there := live.Find(p.Graph, o.Resource, storageClass, "", class.Str())
			switch {
			case there == graph.True && c.At("volumeBindingMode").Str() == "WaitForFirstConsumer":
				// It waits for a pod: the pod's own trouble is another rule's.
			case there == graph.False && class.Str() != "":
				p.Report(class, "the claim waits for a volume: %s is %q, and there is no such class", class.Key(), class.Str())
			default:
				p.ReportIf(there.Or(graph.Of(class.Str() == "")), class, "the claim waits for a volume")
			}
		}
	}, claim),
}, {
	ID:        "live-claim-not-resized",
	Title:     "PersistentVolumeClaim is smaller than it should be",
	Why:       "Somebody saw the disk fill up and asked for more. It was not given, and the disk fills up all the same.",
	Remedy:    "Look at the claim's events: the class has to allow expansion, and some drivers resize only while no pod uses the volume, or when one starts.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		wanted, given := o.At("spec.resources.requests.storage"), o.At("status.capacity.storage")
		most, now := workload.Quantity(wanted), workload.Quantity(given)
		if most != nil && now != nil && now.Cmp(most) < 0 && o.Settled(p.Graph, o.At("history.changed").Str()) {
			p.Report(wanted, "%s is %q, and the volume has %q", wanted.Key(), wanted.Str(), given.Str())
		}
	}, claim),
}, {
	ID:        "live-volume-released",
	Title:     "PersistentVolume is left over",
	Why:       "The claim is gone and the volume stays as it is, with its data and its costs, until somebody decides. Nobody sees who may still need it.",
	Remedy:    "Save the data if it is needed, then delete the volume and the disk behind it. To use it again, remove `spec.claimRef`.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		switch o.At("status.phase").Str() {
		case "Released":
			hours, _ := o.Hours(p.Graph, o.At("status.lastPhaseTransitionTime").Str())
			if o.At("spec.persistentVolumeReclaimPolicy").Is("Delete") == graph.True && hours < 1 {
				return // it is about to go
			}
			of := o.At("spec.claimRef")
			p.Report(of.At("name"), "the claim %q is gone, the volume stays", of.At("namespace").Str()+"/"+of.At("name").Str())
		case "Failed":
			p.Report(o.Config, "the volume could not be reclaimed%s", says(o.At("status.message").Str()))
		}
	}, volume),
}}
