package api

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Target are the parameters of the rules about API versions.
type Target struct {
	// Kubernetes is the version of the cluster, "1.35".
	Kubernetes string
}

// versions holds the rules about API versions.
var versions = []*analyzers.Rule{{
	ID:        "api-removed-version",
	Title:     "API version that Kubernetes no longer serves",
	Why:       "The API server refuses an object of a version that was removed. The next deployment fails, also that of an old state one wants to go back to.",
	Remedy:    "Write the `apiVersion` that replaces it. Some fields have other names there; `kubectl convert` translates them.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"trivy:KSV-0107", "kube-linter:no-extensions-v1beta", "kubeaudit:DeprecatedAPIUsed"},
	Params:    &Target{Kubernetes: kube.DefaultRelease},
	Check: lifecycle(func(p *analyzers.Pass, v graph.Value, kind string, a api, now int) {
		if a.removed != 0 && now >= a.removed {
			p.Report(v, "%s is %q: %s of it is not served since Kubernetes 1.%d; %s", v.Key(), v.Str(), kind, a.removed, a.instead())
		}
	}),
}, {
	ID:        "api-deprecated-version",
	Title:     "Deprecated API version",
	Why:       "A deprecated API is served for some more releases, with a warning that nobody reads in a pipeline. After that the deployment fails.",
	Remedy:    "Write the `apiVersion` or the kind that replaces it.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubeaudit:DeprecatedAPIUsed"},
	Params:    &Target{Kubernetes: kube.DefaultRelease},
	Check: lifecycle(func(p *analyzers.Pass, v graph.Value, kind string, a api, now int) {
		if now >= a.deprecated && (a.removed == 0 || now < a.removed) {
			p.Report(v, "%s is %q: %s of it is deprecated since Kubernetes 1.%d; %s", v.Key(), v.Str(), kind, a.deprecated, a.instead())
		}
	}),
}}

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

// apis are the APIs that Kubernetes deprecated, by apiVersion and kind. Source:
// the project's "Deprecated API Migration Guide" and the changelogs. Alpha
// APIs, which are off unless switched on, are left out.
var apis = map[string]api{
	"extensions/v1beta1 DaemonSet":         {9, 16, "apps/v1"},
	"extensions/v1beta1 Deployment":        {9, 16, "apps/v1"},
	"extensions/v1beta1 ReplicaSet":        {9, 16, "apps/v1"},
	"extensions/v1beta1 NetworkPolicy":     {9, 16, "networking.k8s.io/v1"},
	"extensions/v1beta1 PodSecurityPolicy": {10, 16, "Pod Security admission"},
	"extensions/v1beta1 Ingress":           {14, 22, "networking.k8s.io/v1"},
	"apps/v1beta1 Deployment":              {9, 16, "apps/v1"},
	"apps/v1beta1 StatefulSet":             {9, 16, "apps/v1"},
	"apps/v1beta1 ReplicaSet":              {9, 16, "apps/v1"},
	"apps/v1beta2 DaemonSet":               {9, 16, "apps/v1"},
	"apps/v1beta2 Deployment":              {9, 16, "apps/v1"},
	"apps/v1beta2 ReplicaSet":              {9, 16, "apps/v1"},
	"apps/v1beta2 StatefulSet":             {9, 16, "apps/v1"},

	"admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration":   {16, 22, "admissionregistration.k8s.io/v1"},
	"admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration": {16, 22, "admissionregistration.k8s.io/v1"},
	"apiextensions.k8s.io/v1beta1 CustomResourceDefinition":               {16, 22, "apiextensions.k8s.io/v1"},
	"apiregistration.k8s.io/v1beta1 APIService":                           {19, 22, "apiregistration.k8s.io/v1"},
	"authentication.k8s.io/v1beta1 TokenReview":                           {19, 22, "authentication.k8s.io/v1"},
	"authorization.k8s.io/v1beta1 LocalSubjectAccessReview":               {19, 22, "authorization.k8s.io/v1"},
	"authorization.k8s.io/v1beta1 SelfSubjectAccessReview":                {19, 22, "authorization.k8s.io/v1"},
	"authorization.k8s.io/v1beta1 SubjectAccessReview":                    {19, 22, "authorization.k8s.io/v1"},
	"certificates.k8s.io/v1beta1 CertificateSigningRequest":               {19, 22, "certificates.k8s.io/v1"},
	"coordination.k8s.io/v1beta1 Lease":                                   {19, 22, "coordination.k8s.io/v1"},
	"networking.k8s.io/v1beta1 Ingress":                                   {19, 22, "networking.k8s.io/v1"},
	"networking.k8s.io/v1beta1 IngressClass":                              {19, 22, "networking.k8s.io/v1"},
	"rbac.authorization.k8s.io/v1beta1 ClusterRole":                       {17, 22, "rbac.authorization.k8s.io/v1"},
	"rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding":                {17, 22, "rbac.authorization.k8s.io/v1"},
	"rbac.authorization.k8s.io/v1beta1 Role":                              {17, 22, "rbac.authorization.k8s.io/v1"},
	"rbac.authorization.k8s.io/v1beta1 RoleBinding":                       {17, 22, "rbac.authorization.k8s.io/v1"},
	"scheduling.k8s.io/v1beta1 PriorityClass":                             {14, 22, "scheduling.k8s.io/v1"},
	"storage.k8s.io/v1beta1 CSIDriver":                                    {19, 22, "storage.k8s.io/v1"},
	"storage.k8s.io/v1beta1 CSINode":                                      {17, 22, "storage.k8s.io/v1"},
	"storage.k8s.io/v1beta1 StorageClass":                                 {19, 22, "storage.k8s.io/v1"},
	"storage.k8s.io/v1beta1 VolumeAttachment":                             {19, 22, "storage.k8s.io/v1"},

	"autoscaling/v2beta1 HorizontalPodAutoscaler": {22, 25, "autoscaling/v2"},
	"batch/v1beta1 CronJob":                       {21, 25, "batch/v1"},
	"discovery.k8s.io/v1beta1 EndpointSlice":      {21, 25, "discovery.k8s.io/v1"},
	"events.k8s.io/v1beta1 Event":                 {19, 25, "events.k8s.io/v1"},
	"node.k8s.io/v1beta1 RuntimeClass":            {20, 25, "node.k8s.io/v1"},
	"policy/v1beta1 PodDisruptionBudget":          {21, 25, "policy/v1"},
	"policy/v1beta1 PodSecurityPolicy":            {21, 25, "Pod Security admission"},

	"autoscaling/v2beta2 HorizontalPodAutoscaler": {23, 26, "autoscaling/v2"},
	"storage.k8s.io/v1beta1 CSIStorageCapacity":   {24, 27, "storage.k8s.io/v1"},
	flowcontrol("v1beta1") + "FlowSchema":         {23, 26, flow},
	flowcontrol("v1beta2") + "FlowSchema":         {26, 29, flow},
	flowcontrol("v1beta3") + "FlowSchema":         {29, 32, flow},
	flowcontrol("v1beta1") + priorityLevel:        {23, 26, flow},
	flowcontrol("v1beta2") + priorityLevel:        {26, 29, flow},
	flowcontrol("v1beta3") + priorityLevel:        {29, 32, flow},
	"networking.k8s.io/v1beta1 IPAddress":         {34, 37, "networking.k8s.io/v1"},
	"networking.k8s.io/v1beta1 ServiceCIDR":       {34, 37, "networking.k8s.io/v1"},
	"v1 ComponentStatus":                          {19, 0, ""},
	"v1 Endpoints":                                {33, 0, "EndpointSlice of discovery.k8s.io/v1"},
}

const (
	flow          = "flowcontrol.apiserver.k8s.io/v1"
	priorityLevel = "PriorityLevelConfiguration"
)

func flowcontrol(version string) string { return "flowcontrol.apiserver.k8s.io/" + version + " " }

// lifecycle makes a Check of a function that looks at the apiVersion of an
// object whose API is in the table.
func lifecycle(report func(p *analyzers.Pass, v graph.Value, kind string, a api, now int)) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		now, err := kube.Minor(analyzers.ParamsOf[Target](p).Kubernetes)
		if err != nil {
			now = 1 << 20 // the newest there may ever be: say all there is to say
		}
		for _, r := range p.Graph.Resources() {
			v, kind := r.At("apiVersion"), r.At("kind").Str()
			if kind != "" {
				p.Look(1) // one that is not in the table is served for good
			}
			if a, ok := apis[v.Str()+" "+kind]; ok {
				report(p, v, kind, a, now)
			}
		}
	}
}
