package chartutil

import (
	"fmt"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// Capabilities are what templates see as .Capabilities: the cluster that the
// chart is installed in.
type Capabilities struct {
	KubeVersion KubeVersion
	APIVersions VersionSet
	HelmVersion BuildInfo
}

// A KubeVersion is a release of Kubernetes.
type KubeVersion struct{ Version, Major, Minor string }

// String is the whole version.
func (v *KubeVersion) String() string { return v.Version }

// GitVersion is what older charts call the version.
func (v *KubeVersion) GitVersion() string { return v.Version }

// BuildInfo says which Helm it is.
type BuildInfo struct{ Version, GitCommit, GitTreeState, GoVersion string }

// A VersionSet is the API versions of a cluster.
type VersionSet []string

// Has tells whether the cluster has an API version, or a kind when written
// "apps/v1/Deployment".
func (s VersionSet) Has(version string) bool { return slices.Contains(s, version) }

// kubeVersion is a version as clusters report it. What follows the numbers
// tells the vendor's build and counts for nothing.
var kubeVersion = late.Pattern(`^\s*v?((0|[1-9]\d*)\.(0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*)(?:\D.*)?$`)

// NewCapabilities are those of a cluster with a version of Kubernetes, with
// the API versions that Helm assumes without a cluster and the given ones.
func NewCapabilities(kube string, more ...string) (*Capabilities, error) {
	m := kubeVersion().FindStringSubmatch(kube)
	if m == nil {
		return nil, fmt.Errorf("%q is no version of Kubernetes", kube)
	}
	return &Capabilities{
		KubeVersion: KubeVersion{Version: "v" + m[1], Major: m[2], Minor: m[3]},
		APIVersions: append(slices.Clone(apiVersions), more...),
		HelmVersion: BuildInfo{Version: "v3.22.0", GitTreeState: "clean", GoVersion: "go1.26"},
	}, nil
}

var apiVersions = VersionSet{
	"v1",
	"admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1alpha1", "admissionregistration.k8s.io/v1beta1",
	"internal.apiserver.k8s.io/v1alpha1",
	"apps/v1", "apps/v1beta1", "apps/v1beta2",
	"authentication.k8s.io/v1", "authentication.k8s.io/v1alpha1", "authentication.k8s.io/v1beta1",
	"authorization.k8s.io/v1", "authorization.k8s.io/v1beta1",
	"autoscaling/v1", "autoscaling/v2",
	"batch/v1", "batch/v1beta1",
	"certificates.k8s.io/v1", "certificates.k8s.io/v1beta1", "certificates.k8s.io/v1alpha1",
	"coordination.k8s.io/v1alpha2", "coordination.k8s.io/v1beta1", "coordination.k8s.io/v1",
	"discovery.k8s.io/v1", "discovery.k8s.io/v1beta1",
	"events.k8s.io/v1", "events.k8s.io/v1beta1",
	"extensions/v1beta1",
	"flowcontrol.apiserver.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1beta1",
	"flowcontrol.apiserver.k8s.io/v1beta2", "flowcontrol.apiserver.k8s.io/v1beta3",
	"lifecycle.k8s.io/v1alpha1",
	"networking.k8s.io/v1", "networking.k8s.io/v1beta1",
	"node.k8s.io/v1", "node.k8s.io/v1alpha1", "node.k8s.io/v1beta1",
	"policy/v1", "policy/v1beta1",
	"rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1alpha1",
	"resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1", "resource.k8s.io/v1alpha3",
	"scheduling.k8s.io/v1alpha3", "scheduling.k8s.io/v1beta1", "scheduling.k8s.io/v1",
	"storage.k8s.io/v1beta1", "storage.k8s.io/v1", "storage.k8s.io/v1alpha1",
	"storagemigration.k8s.io/v1", "storagemigration.k8s.io/v1beta1",
	"apiextensions.k8s.io/v1beta1", "apiextensions.k8s.io/v1",
}
