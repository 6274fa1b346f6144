package helm

import (
	"cmp"
	"fmt"

	"helm.sh/helm/v3/pkg/chart"

	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
)

// capabilities are what the templates see as .Capabilities. When the user did
// not say which Kubernetes, and the chart is not made for the default, it is
// the newest that the chart is made for.
func (l *loader) capabilities(c *chart.Chart) (*chartutil.Capabilities, error) {
	o, want := l.in.options, c.Metadata.KubeVersion
	version := cmp.Or(o.KubeVersion, DefaultKubeVersion)
	caps, err := chartutil.NewCapabilities(version, o.APIVersions...)
	if err != nil || want == "" || chartutil.InRange(want, caps.KubeVersion.Version) {
		return caps, err
	}
	if o.KubeVersion != "" {
		l.b.Warn(l.metadata[c], "the chart is for Kubernetes %q and rendered for %s", want, caps.KubeVersion.Version)
		return caps, nil
	}
	for minor := 60; minor > 0; minor-- {
		for _, patch := range []int{0, 99} {
			if v := fmt.Sprintf("v1.%d.%d", minor, patch); chartutil.InRange(want, v) {
				return chartutil.NewCapabilities(v, o.APIVersions...)
			}
		}
	}
	return caps, nil
}
