package live

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// releases holds the rules about which Kubernetes runs.
var releases = []*analyzers.Rule{{
	ID:        "live-release-unsupported",
	Title:     "Release of Kubernetes gets no more security fixes",
	Why:       "Holes that are found in the API server or the kubelet stay open, and are published with the fix for the releases that do get one. The longer an upgrade waits, the more APIs go away at once.",
	Remedy:    "Upgrade one minor release at a time, the control plane first.",
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
			p.ReportIf(unsupported(v.Str(), day), v, "the API server is %q, and the release had its last security fixes on %s", v.Str(), endOfRelease[minor])
			for _, n := range groups(p.Graph, kubeletVersion) {
				if theirs, err := kube.Minor(n.text); n.first.Root == c.Root && err == nil && theirs != minor {
					p.ReportIf(unsupported(n.text, day), n.at, "the kubelet of %s is %q, and the release had its last security fixes on %s", n, n.text, endOfRelease[theirs])
				}
			}
		}
	},
}}

// unsupported tells whether a version gets no more fixes on a day. EKS and GKE
// support theirs for up to 14 months longer, for a fee: whether that is paid is
// not to be seen.
func unsupported(version, day string) graph.Tri {
	const months = 14
	minor, err := kube.Minor(version)
	last := endOfRelease[minor]
	over, known := live.Days(last, day)
	switch {
	case err != nil || !known || over <= 0:
		return graph.False
	case vendor(version) != "" && over <= months*31:
		return graph.Unsure
	}
	return graph.True
}

// vendor says whose build a version is, where it is one of a vendor who
// supports releases for longer; else "".
func vendor(version string) string {
	switch {
	case strings.Contains(version, "-eks-"):
		return "EKS"
	case strings.Contains(version, "-gke."):
		return "GKE"
	}
	return ""
}
