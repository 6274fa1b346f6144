package live

import (
	"strconv"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const (
	definition   = "apiextensions.k8s.io/CustomResourceDefinition"
	apiService   = "apiregistration.k8s.io/APIService"
	admission    = "admissionregistration.k8s.io/"
	validating   = admission + "ValidatingWebhookConfiguration"
	mutating     = admission + "MutatingWebhookConfiguration"
	clientConfig = "clientConfig.service"
)

// webhooks holds the rules about services that the API server itself calls.
var webhooks = []*analyzers.Rule{{
	ID:        "live-webhook-blocks",
	Title:     "Nobody answers an admission webhook that must be asked",
	Why:       "The API server refuses every request that it cannot ask about. Pods that die are not replaced, and where the webhook is about its own pods too it never comes back.",
	Remedy:    "Bring the webhook's pods back, or delete the configuration until they are. Leave its own namespace and kube-system out with a `namespaceSelector`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: eachWebhook(func(p *analyzers.Pass, w graph.Value, s called) {
		p.ReportIf(w.At("failurePolicy").Is("Ignore").Not().And(s.down), s.name, "%s, and what the webhook %q is asked about is refused", s, w.At("name").Str())
	}),
}, {
	ID:        "live-webhook-skipped",
	Title:     "Nobody answers an admission webhook that may be skipped",
	Why:       "Whatever the webhook should refuse or change goes through as it is, and nothing tells that the policy is off.",
	Remedy:    "Bring the webhook's pods back. If it enforces a policy, set `failurePolicy: Fail`. If it is gone for good, delete the configuration.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: eachWebhook(func(p *analyzers.Pass, w graph.Value, s called) {
		p.ReportIf(w.At("failurePolicy").Is("Ignore").And(s.down), s.name, "%s, and the webhook %q is skipped", s, w.At("name").Str())
	}),
}, {
	ID:        "live-conversion-webhook-down",
	Title:     "Nobody answers the webhook that converts a custom resource",
	Why:       "Objects that are stored in another version than is asked for cannot be read. Garbage collection and the deletion of namespaces stop with them, for all kinds.",
	Remedy:    "Bring the webhook's pods back. If the operator is gone for good, set `conversion.strategy: None` or delete the definition.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		at := o.At("spec.conversion.webhook." + clientConfig)
		if at.Kind() != graph.Map || !converts(o) {
			p.Look(-1)
			return
		}
		s := call(p.Graph, o.Resource, at)
		p.ReportIf(s.down, s.name, "%s, and objects of %q cannot be converted", s, o.Name)
	}, definition),
}, {
	ID:        "live-api-service-unavailable",
	Title:     "Aggregated API does not answer",
	Why:       "Namespaces can no longer be deleted and autoscalers see no metrics, for the API server has to ask all its groups. Clients that list all kinds fail with it.",
	Remedy:    "Bring the pods behind the APIService back, or delete the APIService if what it served is gone for good.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if c := o.Condition("Available"); c.At("status").Str() == "False" && settled(p.Graph, o, c) {
			v := o.At("spec.service.name")
			p.Report(v, "the API %q is not available: %s", o.At("metadata.name").Str(), told(c))
		}
	}, apiService),
}}

// converts tells whether objects of a definition are ever converted: there is
// more than one version that is served or stored.
func converts(o live.Object) bool {
	versions := map[string]bool{}
	for v := range o.At("spec.versions").Each() {
		if v.At("served").Bool(true) == graph.True {
			versions[v.At("name").Str()] = true
		}
	}
	for v := range o.At("status.storedVersions").Each() {
		versions[v.Str()] = true
	}
	return len(versions) > 1
}

// A called is a Service that the API server calls.
type called struct {
	name      graph.Value
	namespace string
	there     graph.Tri
	down      graph.Tri
}

func (c called) String() string {
	what := c.name.Key() + " is " + strconv.Quote(c.name.Str())
	if c.there == graph.False {
		return what + ", there is no such Service in the namespace " + strconv.Quote(c.namespace)
	}
	return what + ", no pod behind that Service is ready"
}

// call looks at a Service that a client configuration names.
func call(g *graph.Graph, beside *graph.Resource, at graph.Value) called {
	c := called{name: at.At("name"), namespace: at.At("namespace").Str(), down: graph.True}
	var o live.Object
	o, c.there = live.Find(g, beside, service, c.namespace, c.name.Str())
	b, known := live.BackendsOf(g, beside, c.namespace, c.name.Str())
	switch {
	case c.there == graph.True && o.At("spec.type").Str() == "ExternalName", b.Ready > 0:
		c.down = graph.False
	case !known:
		c.down = graph.Unsure
	case c.there == graph.Unsure:
		c.down = graph.Unsure
	}
	return c
}

// eachWebhook makes a Check of a function that looks at every admission
// webhook that a Service answers and that is asked about anything.
func eachWebhook(fn func(*analyzers.Pass, graph.Value, called)) func(*analyzers.Pass) {
	return live.On(func(p *analyzers.Pass, o live.Object) {
		p.Look(-1)
		for w := range o.At("webhooks").Each() {
			asked, _ := w.At("rules").Len()
			if at := w.At(clientConfig); at.Kind() == graph.Map && asked > 0 {
				p.Look(1)
				fn(p, w, call(p.Graph, o.Resource, at))
			}
		}
	}, validating, mutating)
}
