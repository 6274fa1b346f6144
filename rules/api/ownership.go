package api

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// ownership holds the rules about who looks after things: workloads, secrets,
// and what OpenShift lets pods do.
var ownership = []*analyzers.Rule{{
	ID:        "api-contact-missing",
	Title:     "Workload names nobody who looks after it",
	Why:       "When it fails at night, or a hole is found in it, somebody has to find out first whom to call.",
	Remedy:    "Add an annotation such as `a8r.io/owner` or `email`, or a label `owner` or `team`. The parameter `keys` lists what counts.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:required-annotation-email", "kube-linter:required-label-owner"},
	Params: &Contacts{Keys: []string{
		"owner", "team", "email", "contact", "maintainer", "a8r.io/owner", "a8r.io/chat", "backstage.io/owner", "app.kubernetes.io/owner",
	}},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		named := graph.False
		for _, key := range analyzers.ParamsOf[Contacts](p).Keys {
			for _, list := range [...]string{"metadata.annotations", "metadata.labels"} {
				v := r.At(list).Get(key)
				named = named.Or(v.Present().And(v.Is("").Not()))
			}
		}
		p.ReportIf(named.Not(), r.Config, "no annotation or label says who looks after it")
	}, kube.PodTypes[:]...),
}, {
	ID:        "api-secret-not-external",
	Title:     "Secret is kept in the cluster by hand",
	Why:       "The cluster's database, its backups and everybody who may read Secrets in the namespace have the value, and nobody changes it from time to time or sees who read it.",
	Remedy:    "Keep the value in a store made for it (Vault, or the cloud's) and let External Secrets or the Secrets Store CSI driver fetch it.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kics:b9c83569-459b-4110-8f79-6305aa33cb37"},
	Check: func(p *analyzers.Pass) {
		for range p.Graph.OfType(secretStores...) {
			return // whoever has a store puts into Secrets what has no place in it
		}
		for r := range p.Graph.OfType("core/Secret") {
			p.Look(1)
			filled := graph.False
			for _, key := range [...]string{"data", "stringData"} {
				n, known := r.At(key).Len()
				if !known {
					filled = filled.Or(graph.Unsure)
				}
				filled = filled.Or(graph.Of(n > 0))
			}
			p.ReportIf(filled, r.Config, "the values of the Secret are kept here")
		}
	},
}, {
	ID:        "api-scc-privileged",
	Title:     "SecurityContextConstraints let privileged containers in",
	Why:       "Whoever may use these constraints starts a privileged container, and with it owns the node.",
	Remedy:    "Set `allowPrivilegedContainer: false`. Give what needs more constraints of its own that one service account may use.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:scc-deny-privileged-container"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("allowPrivilegedContainer")
		p.ReportIf(v.Bool(false), v, "%s is true", v.Key()).
			Fix("Let no privileged containers in", edit.Set(v, edit.Bool(false)))
	}, "security.openshift.io/SecurityContextConstraints"),
}}

// Contacts are the parameters of api-contact-missing.
type Contacts struct {
	Keys []string `doc:"Labels and annotations that say whom to ask."`
}

// secretStores are the kinds that fetch secrets from elsewhere or encrypt them.
var secretStores = []string{
	"external-secrets.io/ExternalSecret", "external-secrets.io/ClusterExternalSecret", "kubernetes-client.io/ExternalSecret",
	"secrets-store.csi.x-k8s.io/SecretProviderClass", "bitnami.com/SealedSecret", "isindir.github.com/SopsSecret",
	"secrets.hashicorp.com/VaultStaticSecret", "secrets.hashicorp.com/VaultDynamicSecret", "ricoberger.de/VaultSecret",
	"onepassword.com/OnePasswordItem", "spv.no/AzureKeyVaultSecret",
}
