package live

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// releases holds the rules about which Kubernetes runs.
var releases = []*analyzers.Rule{{
	ID:        "live-release-unsupported",
	Title:     "Release of Kubernetes gets no more security fixes",
	Why:       "Holes that are found in the API server or the kubelet stay open, and are published with the fix for the releases that do get one. The longer an upgrade waits, the more APIs go away at once.",
	Remedy:    "Upgrade one minor release at a time, the control plane first. Where a vendor supports the release for longer, ignore the rule until that day.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: func(p *analyzers.Pass) {
		for c := range p.Graph.OfType(live.Cluster) {
			p.Look(1)
			v := c.At("version")
			minor, err := kube.Minor(v.Str())
			if err != nil {
				continue
			}
			day := c.At("day").Str()
			if last := endOfRelease[minor]; last != "" && day > last {
				p.Report(v, "the API server is %q%s, and the release had its last security fixes on %s", v.Str(), vendor(v.Str()), last)
			}
			for _, n := range groups(p.Graph, kubeletVersion) {
				theirs, err := kube.Minor(n.text)
				if last := endOfRelease[theirs]; n.first.Root == c.Root && err == nil && theirs != minor && last != "" && day > last {
					p.Report(n.at, "the kubelet of %s is %q, and the release had its last security fixes on %s", n, n.text, last)
				}
			}
		}
	},
}}

// vendor says whose build a version is, where it is one of a vendor who
// supports releases for longer.
func vendor(version string) string {
	for mark, name := range map[string]string{"-eks-": "EKS", "-gke.": "GKE"} {
		if strings.Contains(version, mark) {
			return " of " + name
		}
	}
	return ""
}
