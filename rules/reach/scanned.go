package reach

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// scanned holds the rules about what a scanner in the cluster has measured and
// written down as objects.
var scanned = []*analyzers.Rule{{
	ID:        "reach-unauthenticated-service",
	Title:     "Service answers whoever asks",
	Why:       "A scan of the cluster got an answer from the Service without a login. Whoever gets into any pod of the cluster gets one as well.",
	Remedy:    "Switch the program's login on, or have a NetworkPolicy name the pods that may connect.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0274"},
	Check: analyzers.On(func(p *analyzers.Pass, result *graph.Resource) {
		for port := range result.At("spec.ports").Each() {
			v := port.At("authenticated")
			if !(v.Bool(true) == graph.False) {
				continue
			}
			service := routes.Backend{Name: result.At("metadata.name"), Namespace: result.At("metadata.namespace")}
			for s, there := range routes.Services.Of(p.Graph).Find(result, service) {
				for pod, picked := range selection.Pods.Of(p.Graph).Picked(selection.Labels(s.At("spec.selector"))) {
					p.ReportIf(there.And(picked, s.At("spec.selector").Present()), pod.Resource().At("metadata.name"), "the port %s of the Service %q asks nobody for a login", port.At("port").Str(), s.Name).
						Note(v, "what the scan found")
				}
			}
		}
	}, "kubescape.io/ServiceScanResult"),
}}
