package api

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/lifecycle"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// versions holds the rules about API versions.
var versions = []*analyzers.Rule{{
	ID:        "api-removed-version",
	Title:     "API version that Kubernetes no longer serves",
	Why:       "The API server refuses an object of a version that was removed. The next deployment fails, also that of an old state one wants to go back to.",
	Remedy:    "Write the `apiVersion` that replaces it. Some fields have other names there; `kubectl convert` translates them.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"trivy:KSV-0107", "kube-linter:no-extensions-v1beta", "kubeaudit:DeprecatedAPIUsed", "kics:94b76ea5-e074-4ca2-8a03-c5a606e30645"},
	Params:    &lifecycle.Target{Kubernetes: kube.DefaultRelease},
	Fix:       analyzers.Safe,
	Check: eachVersion(func(p *analyzers.Pass, v graph.Value, kind string, a lifecycle.API, now int) {
		if a.Removed != 0 && now >= a.Removed {
			f := p.Report(v, "%s is %q: %s of it is not served since Kubernetes 1.%d; %s", v.Key(), v.Str(), kind, a.Removed, a.Instead())
			replace(f, v, kind, a)
		}
	}),
}, {
	ID:        "api-deprecated-version",
	Title:     "Deprecated API version",
	Why:       "A deprecated API is served for some more releases, with a warning that nobody reads in a pipeline. After that the deployment fails.",
	Remedy:    "Write the `apiVersion` or the kind that replaces it.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubeaudit:DeprecatedAPIUsed", "kics:94b76ea5-e074-4ca2-8a03-c5a606e30645", "kube-score:stable-version"},
	Params:    &lifecycle.Target{Kubernetes: kube.DefaultRelease},
	Fix:       analyzers.Safe,
	Check: eachVersion(func(p *analyzers.Pass, v graph.Value, kind string, a lifecycle.API, now int) {
		if now >= a.Deprecated && (a.Removed == 0 || now < a.Removed) {
			f := p.Report(v, "%s is %q: %s of it is deprecated since Kubernetes 1.%d; %s", v.Key(), v.Str(), kind, a.Deprecated, a.Instead())
			replace(f, v, kind, a)
		}
	}),
}, unknownVersion}

// replace adds the fix that writes the new version, where the object need not
// be written in another way for it.
func replace(f *analyzers.Finding, v graph.Value, kind string, a lifecycle.API) {
	if unchanged[v.Str()+" "+kind] {
		f.Fix("Use "+a.Use, edit.Set(v, edit.Text(a.Use)))
	}
}

// unchanged are the APIs with the fields, defaults and meaning of those that
// replace them. Source: the migration guide, which names the changes of all
// others.
var unchanged = map[string]bool{
	"apps/v1beta2 DaemonSet": true, "apps/v1beta2 Deployment": true, "apps/v1beta2 ReplicaSet": true, "apps/v1beta2 StatefulSet": true,
	"apiregistration.k8s.io/v1beta1 APIService":            true,
	"coordination.k8s.io/v1beta1 Lease":                    true,
	"networking.k8s.io/v1beta1 IngressClass":               true,
	"rbac.authorization.k8s.io/v1beta1 ClusterRole":        true,
	"rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding": true,
	"rbac.authorization.k8s.io/v1beta1 Role":               true,
	"rbac.authorization.k8s.io/v1beta1 RoleBinding":        true,
	"scheduling.k8s.io/v1beta1 PriorityClass":              true,
	"storage.k8s.io/v1beta1 CSIDriver":                     true,
	"storage.k8s.io/v1beta1 CSINode":                       true,
	"storage.k8s.io/v1beta1 CSIStorageCapacity":            true,
	"storage.k8s.io/v1beta1 StorageClass":                  true,
	"storage.k8s.io/v1beta1 VolumeAttachment":              true,
	"autoscaling/v2beta2 HorizontalPodAutoscaler":          true,
	"batch/v1beta1 CronJob":                                true,
	"node.k8s.io/v1beta1 RuntimeClass":                     true,
	"networking.k8s.io/v1beta1 IPAddress":                  true,
	"networking.k8s.io/v1beta1 ServiceCIDR":                true,
}

// eachVersion makes a Check of a function that looks at the apiVersion of an
// object whose API is in the table.
func eachVersion(report func(p *analyzers.Pass, v graph.Value, kind string, a lifecycle.API, now int)) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		now := analyzers.ParamsOf[lifecycle.Target](p).Minor()
		for _, r := range p.Graph.Resources() {
			v, kind := r.At("apiVersion"), r.At("kind").Str()
			if live.Is(r) {
				continue // a cluster shows an object in whichever version it is asked for
			}
			if kind != "" {
				p.Look(1) // one that is not in the table is served for good
			}
			if a, ok := lifecycle.Of(v.Str(), kind); ok {
				report(p, v, kind, a, now)
			}
		}
	}
}
