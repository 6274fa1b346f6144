package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// kinds holds the rules about the versions that custom resources are served
// and stored in.
var kinds = []*analyzers.Rule{{
	ID:        "live-stored-version-not-served",
	Title:     "Custom resource is stored in a version that is not served",
	Why:       "Objects that were stored so can only be read as long as something converts them. Once the version leaves the definition they cannot be read at all, nor deleted, nor can their namespaces.",
	Remedy:    "Serve the version again, write every object once so that it is stored in the present version (the storage version migrator does), then take the old one out of `status.storedVersions`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: eachStored(func(p *analyzers.Pass, o live.Object, stored string, version graph.Value) {
		switch {
		case version.Kind() != graph.Map:
			p.Report(o.At("spec.versions"), "objects may be stored as %q, which is not among the versions", stored)
		case version.At("served").Bool(true) == graph.False:
			p.Report(version.At("served"), "objects may be stored as %q, which is not served", stored)
		}
	}),
}, {
	ID:        "live-stored-version-old",
	Title:     "Custom resource may be stored in an old version",
	Why:       "The API server refuses a definition without a version that objects may be stored in: the next release of the operator, which drops it, cannot be installed.",
	Remedy:    "Write every object once, with the storage version migrator or `kubectl get … -o json | kubectl replace -f -`, then take the old version out of `status.storedVersions`.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Check: eachStored(func(p *analyzers.Pass, o live.Object, stored string, version graph.Value) {
		if version.Kind() == graph.Map && version.At("served").Bool(true) == graph.True && version.At("storage").Bool(false) == graph.False {
			p.Report(version.At("name"), "objects may still be stored as %q, new ones are stored as %q", stored, storage(o))
		}
	}),
}, {
	ID:        "live-definition-refused",
	Title:     "Definition of a custom resource is not established",
	Why:       "The API server serves none of its objects, and what needs them fails: mostly two operators define kinds of one name.",
	Remedy:    "Correct the name or the schema that the API server refuses, or remove the operator that has the name already.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		for _, typ := range [...]string{"NamesAccepted", "Established"} {
			if c := o.Condition(typ); c.At("status").Str() == "False" && settled(p.Graph, o, c) {
				p.Report(o.At("spec.names"), "the definition is refused: %s", told(c))
				return
			}
		}
	}, definition)}}

// eachStored makes a Check of a function that looks at every version that
// objects of a definition may be stored in, with its entry in the definition,
// which is absent when there is none.
func eachStored(fn func(p *analyzers.Pass, o live.Object, stored string, version graph.Value)) func(*analyzers.Pass) {
	return live.On(func(p *analyzers.Pass, o live.Object) {
		p.Look(-1)
		for stored := range o.At("status.storedVersions").Each() {
			p.Look(1)
			var version graph.Value
			for v := range o.At("spec.versions").Each() {
				if v.At("name").Str() == stored.Str() {
					version = v
				}
			}
			fn(p, o, stored.Str(), version)
		}
	}, definition)
}

// storage is the version that objects of a definition are stored in.
func storage(o live.Object) string {
	for v := range o.At("spec.versions").Each() {
		if v.At("storage").Bool(false) == graph.True {
			return v.At("name").Str()
		}
	}
	return ""
}
