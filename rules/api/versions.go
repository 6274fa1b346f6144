package api

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Target are the parameters of the rules about API versions.
type Target struct {
	Kubernetes string `doc:"Version of the cluster, such as 1.35; the flag and the key kube-version set it for all rules."`
}

// minor is the minor number of the version. Of one that is none it is the
// newest there may ever be, so that all is said that there is to say.
func (t Target) minor() int {
	n, err := kube.Minor(t.Kubernetes)
	if err != nil {
		return 1 << 20
	}
	return n
}

// versions holds the rules about API versions.
var versions = []*analyzers.Rule{{
	ID:        "api-removed-version",
	Title:     "API version that Kubernetes no longer serves",
	Why:       "The API server refuses an object of a version that was removed. The next deployment fails, also that of an old state one wants to go back to.",
	Remedy:    "Write the `apiVersion` that replaces it. Some fields have other names there; `kubectl convert` translates them.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"trivy:KSV-0107", "kube-linter:no-extensions-v1beta", "kubeaudit:DeprecatedAPIUsed", "kics:94b76ea5-e074-4ca2-8a03-c5a606e30645"},
	Params:    &Target{Kubernetes: kube.DefaultRelease},
	Fix:       analyzers.Safe,
	Check: lifecycle(func(p *analyzers.Pass, v graph.Value, kind string, a api, now int) {
		if a.removed != 0 && now >= a.removed {
			f := p.Report(v, "%s is %q: %s of it is not served since Kubernetes 1.%d; %s", v.Key(), v.Str(), kind, a.removed, a.instead())
			a.replace(f, v, kind)
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
	Params:    &Target{Kubernetes: kube.DefaultRelease},
	Fix:       analyzers.Safe,
	Check: lifecycle(func(p *analyzers.Pass, v graph.Value, kind string, a api, now int) {
		if now >= a.deprecated && (a.removed == 0 || now < a.removed) {
			f := p.Report(v, "%s is %q: %s of it is deprecated since Kubernetes 1.%d; %s", v.Key(), v.Str(), kind, a.deprecated, a.instead())
			a.replace(f, v, kind)
		}
	}),
}, unknownVersion}

// An api says in which releases an API was deprecated and removed (0: not
// yet), and what to use instead.
type api struct {
	deprecated, removed int
	use                 string
}

func (a api) instead() string {
	if a.use == "" {
		return "nothing replaces it"
	}
	return "use " + a.use
}

// replace adds the fix that writes the new version, where the object need not
// be written in another way for it.
func (a api) replace(f *analyzers.Finding, v graph.Value, kind string) {
	if unchanged[v.Str()+" "+kind] {
		f.Fix("Use "+a.use, edit.Set(v, edit.Text(a.use)))
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

// lifecycle makes a Check of a function that looks at the apiVersion of an
// object whose API is in the table.
func lifecycle(report func(p *analyzers.Pass, v graph.Value, kind string, a api, now int)) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		now := analyzers.ParamsOf[Target](p).minor()
		for _, r := range p.Graph.Resources() {
			v, kind := r.At("apiVersion"), r.At("kind").Str()
			if live.Is(r) {
				continue // a cluster shows an object in whichever version it is asked for
			}
			if kind != "" {
				p.Look(1) // one that is not in the table is served for good
			}
			if a, ok := apis[v.Str()+" "+kind]; ok {
				report(p, v, kind, a, now)
			}
		}
	}
}
