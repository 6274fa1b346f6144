package live

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/lifecycle"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// applied holds the rules about how objects got into the cluster.
var applied = []*analyzers.Rule{{
	ID:        "live-applied-version-removed",
	Title:     "Object was applied in an API version that the next release does not serve",
	Why:       "The API server converts what it is given, so all looks well until the cluster is upgraded. After that the next deployment is refused. Helm refuses even a chart that was mended meanwhile, for it first reads the release before.",
	Remedy:    "Write the new `apiVersion` and deploy once before the upgrade. Where the manifest has it already, deploying is all there is to do; a release of Helm that is beyond that is mended by the plugin `helm mapkubeapis`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubeaudit:DeprecatedAPIUsed"},
	Params:    &lifecycle.Target{},
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		v, kind := o.At("history.applied.version"), o.At("kind").Str()
		a, known := lifecycle.Of(v.Str(), kind)
		now, err := kube.Minor(live.Of(p.Graph, o.Resource).At("version").Str())
		if !known || err != nil || live.Managed(o.Resource) != "" {
			return
		}
		next := now + 1
		if t := analyzers.ParamsOf[lifecycle.Target](p); t.Kubernetes != "" {
			next = max(next, t.Minor())
		}
		if a.Removed == 0 || a.Removed > next {
			return
		}
		at, here := v, ""
		if o.Written != nil {
			at = o.At("apiVersion")
			said := o.Written.At("apiVersion").Str()
			if _, old := lifecycle.Of(said, kind); old {
				return // api-removed-version and api-deprecated-version say so
			}
			here = fmt.Sprintf("%s is %q here, but ", at.Key(), said)
		}
		p.Report(at, "%sthe object was last applied as %q%s: Kubernetes does not serve %s of it from 1.%d on; %s", here, v.Str(), by(o), kind, a.Removed, a.Instead())
	}),
}}

// by says who applied an object, and on which day.
func by(o live.Object) string {
	text := ""
	if who := o.At("history.applied.by").Str(); who != "" {
		text = fmt.Sprintf(" by %q", who)
	}
	if day, _, ok := strings.Cut(o.At("history.applied.time").Str(), "T"); ok {
		text += " on " + day
	}
	return text
}
