package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const (
	service = "core/Service"
	ingress = "networking.k8s.io/Ingress"
)

// services holds the rules about whether traffic arrives.
var services = []*analyzers.Rule{{
	ID:        "live-service-without-endpoints",
	Title:     "No pod behind a Service is ready",
	Why:       "Whoever connects is refused. From outside it looks like an outage of everything that calls the Service.",
	Remedy:    "Mend the pods or their readiness probe. If nobody needs the Service, remove it.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Needs:     []string{"core/Pod"},
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		sel := o.At("spec.selector")
		if n, _ := sel.Len(); n == 0 || o.At("spec.type").Str() == "ExternalName" || o.At("spec.publishNotReadyAddresses").Bool(false) == graph.True {
			return // nothing is looked for, or ready or not makes no difference
		}
		s := selection.Labels(sel)
		b, known := live.BackendsOf(p.Graph, o.Resource, o.Namespace(), o.At("metadata.name").Str())
		if !known || b.Ready > 0 || idle(p.Graph, o, s) {
			return
		}
		if b.NotReady == 0 && selection.Pods.Of(p.Graph).PicksNone(s) == graph.True {
			return // network-service-selects-nothing says so
		}
		state := "is ready"
		if b.NotReady == 0 {
			state = "runs"
		}
		p.Report(sel, "%s picks pods of which none %s", sel.Key(), state)
	}, service),
}, {
	ID:        "live-load-balancer-pending",
	Title:     "Service waits for a load balancer",
	Why:       "Without an address nothing comes in from outside.",
	Remedy:    "Look at the Service's events. Where no controller makes load balancers, install one, or use a Service of another type behind an Ingress or a Gateway.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		v := o.At("spec.type")
		if v.Str() != "LoadBalancer" {
			p.Look(-1)
			return
		}
		if others, _ := o.At("spec.externalIPs").Len(); others > 0 || !o.Settled(p.Graph, o.Created()) {
			return
		}
		if n, known := o.At("status.loadBalancer.ingress").Len(); known && n == 0 {
			p.Report(v, "%s is %q, and the load balancer has no address", v.Key(), v.Str())
		}
	}, service),
}, {
	ID:        "live-ingress-unserved",
	Title:     "No controller serves the Ingress",
	Why:       "The Ingress is accepted and ignored: its hosts answer with whatever the default is, or not at all.",
	Remedy:    "Name a class that `kubectl get ingressclass` lists, or mark one as the default.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if n, _ := o.At("status.loadBalancer.ingress").Len(); n > 0 {
			return // whoever gave it the address serves it
		}
		class := o.At("spec.ingressClassName")
		if class.Present() == graph.True {
			_, there := live.Find(p.Graph, o.Resource, ingressClass, "", class.Str())
			p.ReportIf(there.Not(), class, "%s is %q, and there is no such class", class.Key(), class.Str())
			return
		}
		named := o.At("metadata.annotations").Get("kubernetes.io/ingress.class").Present()
		p.ReportIf(named.Or(classless(p.Graph, o)).Not(), class, "%s is not set, and no class is the default", class.Key())
	}, ingress),
}}

const ingressClass = "networking.k8s.io/IngressClass"

// classless tells whether an Ingress without a class may be served: it gets the
// default one, or there are controllers that serve all. Those that know no
// classes make none, and GKE's own is one of them.
func classless(g *graph.Graph, beside live.Object) graph.Tri {
	some := false
	for _, c := range live.Objects.Of(g) {
		if c.Type != ingressClass || c.Root != beside.Root {
			continue
		}
		if some = true; c.At("metadata.annotations").Get("ingressclass.kubernetes.io/is-default-class").Is("true") == graph.True {
			return graph.True
		}
	}
	if vendor(live.Of(g, beside.Resource).At("version").Str()) == "GKE" || !some || !(live.Complete(g, beside.Resource, ingressClass, "") == graph.True) {
		return graph.Unsure
	}
	return graph.False
}

// idle tells whether what a Service picks is scaled to zero, comes and goes, or
// is just being started.
func idle(g *graph.Graph, service live.Object, s selection.Selector) bool {
	if !service.Settled(g, service.Created()) {
		return true
	}
	some := false
	for pod, picked := range selection.Pods.Of(g).Picked(s) {
		r := pod.Resource()
		if !(picked == graph.True) {
			continue
		}
		switch replicas, known := r.At("spec.replicas").Int(1); {
		case known && replicas == 0, r.Type == "batch/Job", r.Type == "batch/CronJob":
			some = true
		case r.Type == "apps/DaemonSet" && number(r.At("status.desiredNumberScheduled")) == 0:
			some = true // no node is meant to have one
		case live.Is(r) && !podsSettled(g, live.Object{Resource: r}):
			some = true
		default:
			return false
		}
	}
	return some
}
