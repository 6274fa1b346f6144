package api

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// storage holds the rules about volumes and what makes them, and about who may
// deploy what with Argo CD.
var storage = []*analyzers.Rule{{
	ID:        "api-host-path-volume",
	Title:     "PersistentVolume is a directory of a node",
	Why:       "Pod Security admission forbids pods to mount the node's directories, but does not look behind a claim: whoever has one on this volume writes there. The data is on one node and goes with it.",
	Remedy:    "Use a `local` volume with a `nodeAffinity`, or the storage class of a CSI driver.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.hostPath.path")
		p.ReportIf(v.Present(), v, "the volume is the directory %q of a node", v.Str())
	}, "core/PersistentVolume"),
}, {
	ID:        "api-claim-without-class",
	Title:     "Claim names no storage class",
	Why:       "Where the data goes, and whether it is encrypted and kept, is up to the cluster's default class. Another cluster has another one, or none, and the claim waits for ever.",
	Remedy:    "Set `storageClassName`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: func(p *analyzers.Pass) {
		for r := range p.Graph.OfType("core/PersistentVolumeClaim") {
			v := r.At("spec.storageClassName")
			p.Look(1)
			p.ReportIf(v.Present().Not(), v, "%s is not set", v.Key())
		}
		for r := range p.Graph.OfType("apps/StatefulSet") {
			for claim := range r.At("spec.volumeClaimTemplates").Each() {
				v := claim.At("spec.storageClassName")
				p.Look(1)
				p.ReportIf(v.Present().Not(), v, "%s of the claim %q is not set", v.Key(), claim.At("metadata.name").Str())
			}
		}
	},
}, {
	ID:        "api-storage-class-deletes",
	Title:     "StorageClass deletes data with the claim",
	Why:       "Who deletes a claim, or the namespace it is in, deletes the disk behind it: one command, and nothing to undo it with.",
	Remedy:    "Set `reclaimPolicy: Retain` for classes of data that matters, and back it up.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("reclaimPolicy")
		if v.Present() == graph.False {
			p.Report(v, "%s is not set, and Delete is the default", v.Key())
			return
		}
		p.ReportIf(v.Is("Delete"), v, "%s is \"Delete\"", v.Key())
	}, "storage.k8s.io/StorageClass"),
}, {
	ID:        "api-argo-project-open",
	Title:     "AppProject of Argo CD allows everything",
	Why:       "Argo CD deploys with rights of its own, mostly over the whole cluster. A project that takes any repository, or any namespace, lends them to everybody who may write an Application in it.",
	Remedy:    "Name the repositories under `sourceRepos` and the namespaces under `destinations`.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for v := range r.At("spec.sourceRepos").Each() {
			p.ReportIf(v.Is("*"), v, "the project takes every repository")
		}
		for d := range r.At("spec.destinations").Each() {
			v := d.At("namespace")
			p.ReportIf(v.Is("*"), v, "the project deploys to every namespace")
		}
	}, "argoproj.io/AppProject"),
}}
