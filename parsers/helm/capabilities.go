package helm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// capabilities are what the templates see as .Capabilities: a cluster with the
// API versions that Kubernetes comes with. When the user did not say which
// Kubernetes, and the chart is not made for the default, it is the newest that
// the chart is made for.
func (l *loader) capabilities(c *chart.Chart) *chartutil.Capabilities {
	caps := chartutil.DefaultCapabilities.Copy()
	wanted := cmp.Or(l.in.options.KubeVersion, DefaultKubeVersion)
	version, err := chartutil.ParseKubeVersion(wanted)
	if err != nil {
		l.b.Fail(l.metadata[c], "%q is no version of Kubernetes; the chart is rendered for %s", wanted, DefaultKubeVersion)
		version = &chartutil.KubeVersion{Version: DefaultKubeVersion, Major: "1", Minor: strings.Split(DefaultKubeVersion, ".")[1]}
	}
	if r, err := semver.NewConstraint(c.Metadata.KubeVersion); err == nil && c.Metadata.KubeVersion != "" && !inKubeRange(r, version.Version) {
		if l.in.options.KubeVersion != "" {
			l.b.Warn(l.metadata[c], "the chart is for Kubernetes %q and rendered for %s", c.Metadata.KubeVersion, version.Version)
		} else if v := newestIn(r); v != nil {
			version = v
		}
	}
	caps.KubeVersion = *version
	caps.APIVersions = append(slices.Clone(caps.APIVersions), l.in.options.APIVersions...)
	return caps
}

func inKubeRange(r *semver.Constraints, version string) bool {
	v, err := semver.NewVersion(version)
	return err == nil && r.Check(v)
}

func newestIn(r *semver.Constraints) *chartutil.KubeVersion {
	for minor := 60; minor > 0; minor-- {
		for _, patch := range []int{0, 99} {
			if v := fmt.Sprintf("v1.%d.%d", minor, patch); inKubeRange(r, v) {
				return &chartutil.KubeVersion{Version: v, Major: "1", Minor: fmt.Sprint(minor)}
			}
		}
	}
	return nil
}
