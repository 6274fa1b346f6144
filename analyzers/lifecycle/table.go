package lifecycle

// apis are the APIs that Kubernetes deprecated, by apiVersion and kind, in the
// order of their removal. Those of k8s.io/api are what its sources say
// (k8s:prerelease-lifecycle-gen); a test holds them against that. The others
// are from the guide to deprecated APIs and the changelogs. A removal after
// kube.DefaultRelease is what is planned.
var apis = map[string]API{
	// Removed in 1.16.
	"apps/v1beta1 ControllerRevision":      {8, 16, "apps/v1"},
	"apps/v1beta1 Deployment":              {8, 16, "apps/v1"},
	"apps/v1beta1 StatefulSet":             {8, 16, "apps/v1"},
	"apps/v1beta2 ControllerRevision":      {9, 16, "apps/v1"},
	"apps/v1beta2 DaemonSet":               {9, 16, "apps/v1"},
	"apps/v1beta2 Deployment":              {9, 16, "apps/v1"},
	"apps/v1beta2 ReplicaSet":              {9, 16, "apps/v1"},
	"apps/v1beta2 StatefulSet":             {9, 16, "apps/v1"},
	"extensions/v1beta1 DaemonSet":         {8, 16, "apps/v1"},
	"extensions/v1beta1 Deployment":        {8, 16, "apps/v1"},
	"extensions/v1beta1 NetworkPolicy":     {9, 16, "networking.k8s.io/v1"},
	"extensions/v1beta1 PodSecurityPolicy": {11, 16, "Pod Security admission"},
	"extensions/v1beta1 ReplicaSet":        {8, 16, "apps/v1"},

	// Removed in 1.19.
	"auditregistration.k8s.io/v1alpha1 AuditSink": {19, 19, "the audit policy of the API server"},

	// Removed in 1.20.
	"settings.k8s.io/v1alpha1 PodPreset": {20, 20, "an admission webhook"},

	// Removed in 1.21.
	"batch/v2alpha1 CronJob":                                           {8, 21, "batch/v1"},
	"flowcontrol.apiserver.k8s.io/v1alpha1 FlowSchema":                 {20, 21, "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1alpha1 PriorityLevelConfiguration": {20, 21, "flowcontrol.apiserver.k8s.io/v1"},

	// Removed in 1.22.
	"admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration":   {16, 22, "admissionregistration.k8s.io/v1"},
	"admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration": {16, 22, "admissionregistration.k8s.io/v1"},
	"apiextensions.k8s.io/v1beta1 CustomResourceDefinition":               {16, 22, "apiextensions.k8s.io/v1"},
	"apiregistration.k8s.io/v1beta1 APIService":                           {19, 22, "apiregistration.k8s.io/v1"},
	"authentication.k8s.io/v1beta1 TokenReview":                           {19, 22, "authentication.k8s.io/v1"},
	"authorization.k8s.io/v1beta1 LocalSubjectAccessReview":               {19, 22, "authorization.k8s.io/v1"},
	"authorization.k8s.io/v1beta1 SelfSubjectAccessReview":                {19, 22, "authorization.k8s.io/v1"},
	"authorization.k8s.io/v1beta1 SelfSubjectRulesReview":                 {19, 22, "authorization.k8s.io/v1"},
	"authorization.k8s.io/v1beta1 SubjectAccessReview":                    {19, 22, "authorization.k8s.io/v1"},
	"certificates.k8s.io/v1beta1 CertificateSigningRequest":               {19, 22, "certificates.k8s.io/v1"},
	"coordination.k8s.io/v1beta1 Lease":                                   {19, 22, "coordination.k8s.io/v1"},
	"extensions/v1beta1 Ingress":                                          {14, 22, "networking.k8s.io/v1"},
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

	// Removed in 1.24.
	"audit.k8s.io/v1alpha1 Policy":               {21, 24, "audit.k8s.io/v1"},
	"audit.k8s.io/v1beta1 Policy":                {21, 24, "audit.k8s.io/v1"},
	"storage.k8s.io/v1alpha1 CSIStorageCapacity": {21, 24, "storage.k8s.io/v1"},
	"storage.k8s.io/v1alpha1 VolumeAttachment":   {21, 24, "storage.k8s.io/v1"},

	// Removed in 1.25.
	"autoscaling/v2beta1 HorizontalPodAutoscaler": {22, 25, "autoscaling/v2"},
	"batch/v1beta1 CronJob":                       {21, 25, "batch/v1"},
	"discovery.k8s.io/v1beta1 EndpointSlice":      {21, 25, "discovery.k8s.io/v1"},
	"events.k8s.io/v1beta1 Event":                 {22, 25, "events.k8s.io/v1"},
	"node.k8s.io/v1beta1 RuntimeClass":            {22, 25, "node.k8s.io/v1"},
	"policy/v1beta1 PodDisruptionBudget":          {21, 25, "policy/v1"},
	"policy/v1beta1 PodSecurityPolicy":            {21, 25, "Pod Security admission"},

	// Removed in 1.26.
	"autoscaling/v2beta2 HorizontalPodAutoscaler":                     {23, 26, "autoscaling/v2"},
	"flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema":                 {23, 26, "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration": {23, 26, "flowcontrol.apiserver.k8s.io/v1"},

	// Removed in 1.27.
	"kubeadm.k8s.io/v1beta2 ClusterConfiguration": {22, 27, "kubeadm.k8s.io/v1beta4"},
	"kubeadm.k8s.io/v1beta2 InitConfiguration":    {22, 27, "kubeadm.k8s.io/v1beta4"},
	"kubeadm.k8s.io/v1beta2 JoinConfiguration":    {22, 27, "kubeadm.k8s.io/v1beta4"},
	"storage.k8s.io/v1beta1 CSIStorageCapacity":   {24, 27, "storage.k8s.io/v1"},

	// Removed in 1.28.
	"kubescheduler.config.k8s.io/v1beta2 KubeSchedulerConfiguration": {25, 28, "kubescheduler.config.k8s.io/v1"},

	// Removed in 1.29.
	"flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema":                 {26, 29, "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration": {26, 29, "flowcontrol.apiserver.k8s.io/v1"},
	"kubescheduler.config.k8s.io/v1beta3 KubeSchedulerConfiguration":  {26, 29, "kubescheduler.config.k8s.io/v1"},

	// Removed in 1.31.
	"networking.k8s.io/v1alpha1 ClusterCIDR": {28, 31, ""},

	// Removed in 1.32.
	"admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy":        {29, 32, "admissionregistration.k8s.io/v1"},
	"admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicyBinding": {29, 32, "admissionregistration.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema":                        {29, 32, "flowcontrol.apiserver.k8s.io/v1"},
	"flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration":        {29, 32, "flowcontrol.apiserver.k8s.io/v1"},

	// Removed in 1.33.
	"networking.k8s.io/v1alpha1 IPAddress":   {30, 33, "networking.k8s.io/v1"},
	"networking.k8s.io/v1alpha1 ServiceCIDR": {30, 33, "networking.k8s.io/v1"},

	// Removed in 1.34.
	"admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy":        {31, 34, "admissionregistration.k8s.io/v1"},
	"admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicyBinding": {31, 34, "admissionregistration.k8s.io/v1"},

	// Removed in 1.35.
	"storage.k8s.io/v1alpha1 VolumeAttributesClass": {32, 35, "storage.k8s.io/v1"},

	// Removed in 1.36.
	"storagemigration.k8s.io/v1alpha1 StorageVersionMigration": {33, 36, "storagemigration.k8s.io/v1"},

	// Removed in 1.37.
	"certificates.k8s.io/v1alpha1 ClusterTrustBundle": {34, 37, "certificates.k8s.io/v1"},
	"networking.k8s.io/v1beta1 IPAddress":             {34, 37, "networking.k8s.io/v1"},
	"networking.k8s.io/v1beta1 ServiceCIDR":           {34, 37, "networking.k8s.io/v1"},
	"resource.k8s.io/v1alpha3 DeviceClass":            {34, 37, "resource.k8s.io/v1"},
	"resource.k8s.io/v1alpha3 ResourceClaim":          {34, 37, "resource.k8s.io/v1"},
	"resource.k8s.io/v1alpha3 ResourceClaimTemplate":  {34, 37, "resource.k8s.io/v1"},
	"resource.k8s.io/v1alpha3 ResourceSlice":          {34, 37, "resource.k8s.io/v1"},
	"storage.k8s.io/v1beta1 VolumeAttributesClass":    {34, 37, "storage.k8s.io/v1"},

	// To be removed in 1.38.
	"admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy":        {35, 38, "admissionregistration.k8s.io/v1"},
	"admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicyBinding": {35, 38, "admissionregistration.k8s.io/v1"},
	"coordination.k8s.io/v1alpha2 LeaseCandidate":                          {35, 38, "coordination.k8s.io/v1beta1"},
	"resource.k8s.io/v1beta1 DeviceClass":                                  {35, 38, "resource.k8s.io/v1"},
	"resource.k8s.io/v1beta1 ResourceClaim":                                {35, 38, "resource.k8s.io/v1"},
	"resource.k8s.io/v1beta1 ResourceClaimTemplate":                        {35, 38, "resource.k8s.io/v1"},
	"resource.k8s.io/v1beta1 ResourceSlice":                                {35, 38, "resource.k8s.io/v1"},

	// To be removed in 1.39.
	"resource.k8s.io/v1alpha3 DeviceTaintRule":      {36, 39, "resource.k8s.io/v1beta2"},
	"resource.k8s.io/v1beta2 DeviceClass":           {36, 39, "resource.k8s.io/v1"},
	"resource.k8s.io/v1beta2 ResourceClaim":         {36, 39, "resource.k8s.io/v1"},
	"resource.k8s.io/v1beta2 ResourceClaimTemplate": {36, 39, "resource.k8s.io/v1"},
	"resource.k8s.io/v1beta2 ResourceSlice":         {36, 39, "resource.k8s.io/v1"},

	// To be removed in 1.40.
	"admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy":        {37, 40, "admissionregistration.k8s.io/v1"},
	"admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicyBinding": {37, 40, "admissionregistration.k8s.io/v1"},
	"certificates.k8s.io/v1beta1 ClusterTrustBundle":                      {37, 40, "certificates.k8s.io/v1"},
	"certificates.k8s.io/v1beta1 PodCertificateRequest":                   {37, 40, "certificates.k8s.io/v1"},
	"storagemigration.k8s.io/v1beta1 StorageVersionMigration":             {37, 40, "storagemigration.k8s.io/v1"},

	// No removal is planned.
	"kubeadm.k8s.io/v1beta3 ClusterConfiguration": {31, 0, "kubeadm.k8s.io/v1beta4"},
	"kubeadm.k8s.io/v1beta3 InitConfiguration":    {31, 0, "kubeadm.k8s.io/v1beta4"},
	"kubeadm.k8s.io/v1beta3 JoinConfiguration":    {31, 0, "kubeadm.k8s.io/v1beta4"},
	"v1 ComponentStatus":                          {19, 0, ""},
	"v1 Endpoints":                                {33, 0, "EndpointSlice of discovery.k8s.io/v1"},
}
