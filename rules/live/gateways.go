package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// gateways holds the rules about what controllers of the Gateway API say.
var gateways = []*analyzers.Rule{{
	ID:        "live-gateway-not-served",
	Title:     "Gateway, or a listener of it, is not served",
	Why:       "What comes in from outside by it finds nobody there, or is given a certificate of somebody else.",
	Remedy:    "Correct what the controller names: the class, the address, the port, or the Secret with the certificate, which needs a ReferenceGrant in another namespace.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		class := o.At("spec.gatewayClassName")
		for _, typ := range [...]string{"Accepted", "Programmed"} {
			c := o.Condition(typ)
			switch status := c.At("status").Str(); {
			case status == "False" && settled(p.Graph, o, c):
				p.Report(class, "the gateway is not served: %s", told(c))
				return
			case typ == "Accepted" && status == "Unknown" && o.Settled(p.Graph, o.Created()): // as the definition has it
				p.Report(class, "%s is %q, and no controller has taken the gateway", class.Key(), class.Str())
				return
			}
		}
		for l := range o.At("status.listeners").Each() {
			for c := range l.At("conditions").Each() {
				bad := c.At("status").Is("False").And(c.At("type").Is("Accepted", "ResolvedRefs", "Programmed"))
				if bad == graph.True && settled(p.Graph, o, c) {
					name := l.At("name").Str()
					p.Report(itemNamed(o.At("spec.listeners"), name), "the listener %q is not served: %s", name, told(c))
					break
				}
			}
		}
	}, "gateway.networking.k8s.io/Gateway"),
}, {
	ID:        "live-route-refused",
	Title:     "Route is refused by its gateway, or leads nowhere",
	Why:       "Requests for its hosts are answered with an error, or by another route that is less strict.",
	Remedy:    "Correct what the controller names: a host that no listener has, a namespace that the listener does not let in, or a backend in a namespace without a ReferenceGrant.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		for parent := range o.At("status.parents").Each() {
			for c := range parent.At("conditions").Each() {
				at, reason := o.At("spec.parentRefs"), c.At("reason").Str()
				switch c.At("type").Str() {
				case "Accepted":
				case "ResolvedRefs":
					at = o.At("spec.rules")
				default:
					continue
				}
				if c.At("status").Str() != "False" || reason == "BackendNotFound" || !settled(p.Graph, o, c) {
					continue // of a Service that is not there network-route-missing-service tells
				}
				p.Report(at, "the gateway %q says %s", parent.At("parentRef.name").Str(), told(c))
				break
			}
		}
	}, "gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TLSRoute", "gateway.networking.k8s.io/TCPRoute", "gateway.networking.k8s.io/UDPRoute"),
}}

// itemNamed is the item of a list with a name; the list itself when there is
// none.
func itemNamed(list graph.Value, name string) graph.Value {
	for item := range list.Each() {
		if item.At("name").Str() == name {
			return item
		}
	}
	return list
}
