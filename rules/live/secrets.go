package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
)

// secrets holds the rules about Secrets that controllers make.
var secrets = []*analyzers.Rule{{
	ID:        "live-secret-not-synced",
	Title:     "Secret is not made, or not kept up, by its controller",
	Why:       "New pods do not start without it. Where an old one is there they start with a password that may have been changed, and nobody sees why it fails later.",
	Remedy:    "Look at the store and its account, the name of the entry, or, of a SealedSecret, whether it was sealed for this cluster, namespace and name.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		for _, typ := range [...]string{"Ready", "Synced"} {
			if c := o.Condition(typ); c.At("status").Str() == "False" && settled(p.Graph, o, c) {
				p.Report(o.Config, "the Secret is not synced: %s", told(c))
				return
			}
		}
	}, "external-secrets.io/ExternalSecret", "external-secrets.io/ClusterExternalSecret", "bitnami.com/SealedSecret"),
}}
