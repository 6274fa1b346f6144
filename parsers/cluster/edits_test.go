package cluster

// An Edit is something that somebody does to one of the objects of
// testdata/common, and the fields that have drifted then.
type Edit struct {
	Name string
	// Apply is the part of the object that is applied by Manager. Without it
	// the object is deleted.
	Apply   string
	Manager string
	// Drift are the objects and the fields that have drifted, "" for none, with
	// the line of written.yaml.
	Drift []string
	// Added says that the fields are not written, so that applying leaves them.
	Added bool
}

// Edits are the edits, each of an object as it was applied.
var Edits = []Edit{
	{Name: "replicas", Manager: "kubectl-edit", Drift: []string{"8 Deployment/shop/web spec.replicas"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 9}}`},
	{Name: "image", Manager: "kubectl-set", Drift: []string{"25 Deployment/shop/web spec.template.spec.containers[app].image"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, image: "registry.example.com/web:2"}]}}}}`},
	{Name: "privileged", Manager: "kubectl-edit", Drift: []string{"45 Deployment/shop/web spec.template.spec.containers[app].securityContext.allowPrivilegeEscalation", "46 Deployment/shop/web spec.template.spec.containers[app].securityContext.privileged"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, securityContext: {privileged: true, allowPrivilegeEscalation: true}}]}}}}`},
	{Name: "environment", Manager: "kubectl-set", Drift: []string{"31 Deployment/shop/web spec.template.spec.containers[app].env[LEVEL].value"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, env: [{name: LEVEL, value: debug}]}]}}}}`},
	{Name: "empty environment", Manager: "kubectl-set", Drift: []string{"29 Deployment/shop/web spec.template.spec.containers[app].env[EMPTY].value"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, env: [{name: EMPTY, value: full}]}]}}}}`},
	{Name: "new environment", Added: true, Manager: "kubectl-set", Drift: []string{"27 Deployment/shop/web spec.template.spec.containers[app].env[MORE]"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, env: [{name: MORE, value: x}]}]}}}}`},
	{Name: "quantity", Manager: "kubectl-set", Drift: []string{"39 Deployment/shop/web spec.template.spec.containers[app].resources.limits.memory"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, resources: {limits: {memory: 2Gi}}}]}}}}`},
	{Name: "arguments", Manager: "kubectl-edit", Drift: []string{"26 Deployment/shop/web spec.template.spec.containers[app].args[--debug]"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, args: [serve, --debug, --port=8080]}]}}}}`},
	{Name: "new container", Added: true, Manager: "kubectl-edit", Drift: []string{"23 Deployment/shop/web spec.template.spec.containers[spy]"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: spy, image: "registry.example.com/spy:1"}]}}}}`},
	{Name: "host network", Manager: "kubectl-edit", Drift: []string{"16 Deployment/shop/web spec.template.spec.hostNetwork"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {hostNetwork: true}}}}`},
	{Name: "a default", Added: true, Manager: "kubectl-edit", Drift: []string{"40 Deployment/shop/web spec.template.spec.containers[app].readinessProbe.periodSeconds"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, readinessProbe: {periodSeconds: 99}}]}}}}`},
	{Name: "schedule", Manager: "kubectl-edit", Drift: []string{"116 CronJob/shop/tidy spec.schedule"},
		Apply: `{apiVersion: batch/v1, kind: CronJob, metadata: {name: tidy, namespace: shop}, spec: {schedule: "* * * * *"}}`},
	{Name: "suspended", Added: true, Manager: "kubectl-patch", Drift: []string{"115 CronJob/shop/tidy spec.suspend"},
		Apply: `{apiVersion: batch/v1, kind: CronJob, metadata: {name: tidy, namespace: shop}, spec: {suspend: true}}`},
	{Name: "service port", Added: true, Manager: "kubectl-edit", Drift: []string{"150 Service/shop/web spec.ports[metrics].targetPort"},
		Apply: `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{name: metrics, port: 9090, protocol: TCP, targetPort: 9191}]}}`},
	{Name: "service type", Added: true, Manager: "kubectl-edit", Drift: []string{"144 Service/shop/web spec.type"},
		Apply: `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: NodePort}}`},
	{Name: "service selector", Manager: "kubectl-edit", Drift: []string{"145 Service/shop/web spec.selector.app"},
		Apply: `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: other}}}`},
	{Name: "data", Manager: "kubectl-edit", Drift: []string{"243 ConfigMap/shop/web data.level"},
		Apply: `{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: shop}, data: {level: debug}}`},
	{Name: "new data", Added: true, Manager: "kubectl-edit", Drift: []string{"242 ConfigMap/shop/web data.more"},
		Apply: `{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: shop}, data: {more: x}}`},
	{Name: "new label", Added: true, Manager: "kubectl-label", Drift: []string{"6 Deployment/shop/web metadata.labels.tier"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, labels: {tier: front}}}`},
	{Name: "budget", Manager: "kubectl-patch", Drift: []string{"233 PodDisruptionBudget/shop/web spec.minAvailable"},
		Apply: `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web, namespace: shop}, spec: {minAvailable: 0}}`},
	{Name: "autoscaler", Manager: "kubectl-patch", Drift: []string{"223 HorizontalPodAutoscaler/shop/web spec.maxReplicas"},
		Apply: `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: shop}, spec: {maxReplicas: 50}}`},
	{Name: "claim", Added: true, Manager: "kubectl-edit", Drift: []string{"72 StatefulSet/shop/db spec.replicas"},
		Apply: `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {replicas: 3}}`},
	{Name: "custom", Manager: "kubectl-edit", Drift: []string{"397 Ship/shop/heron spec.crew"},
		Apply: `{apiVersion: sea.example.com/v1, kind: Ship, metadata: {name: heron, namespace: shop}, spec: {crew: 5}}`},
	{Name: "custom default", Added: true, Manager: "kubectl-edit", Drift: []string{"396 Ship/shop/heron spec.engine"},
		Apply: `{apiVersion: sea.example.com/v1, kind: Ship, metadata: {name: heron, namespace: shop}, spec: {engine: {fuel: petrol, cooling: {litres: 9}}}}`},
	{Name: "replicas as by default", Manager: "kubectl-scale", Drift: []string{"8 Deployment/shop/web spec.replicas"},
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 1}}`},
	{Name: "role", Manager: "kubectl-edit", Drift: []string{"259 Role/shop/web rules[]"},
		Apply: `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web, namespace: shop}, rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}, {apiGroups: [""], resources: [secrets], verbs: [get]}]}`},
	{Name: "label of a secret", Manager: "kubectl-label", Drift: []string{"424 Secret/shop/web metadata.labels.app"},
		Apply: `{apiVersion: v1, kind: Secret, metadata: {name: web, namespace: shop, labels: {app: api}}}`},
	{Name: "limits", Manager: "kubectl-edit", Drift: []string{"438 LimitRange/default/usual spec.limits[].default.cpu"},
		Apply: `{apiVersion: v1, kind: LimitRange, metadata: {name: usual, namespace: default}, spec: {limits: [{type: Container, default: {cpu: 700m, memory: 2Gi}, defaultRequest: {cpu: 700m, memory: 2Gi, ephemeral-storage: 1Mi}, min: {ephemeral-storage: 1Mi}, max: {cpu: "2", memory: 2Gi}}, {type: PersistentVolumeClaim, max: {storage: 10Gi}}]}}`},

	{Name: "by the autoscaler", Manager: "kube-controller-manager", // which keeps what it is there for
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 4}}`},
	{Name: "by a controller", Manager: "cert-manager-cainjector",
		Apply: `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: web}, webhooks: [{name: check.example.com, clientConfig: {caBundle: Cg==}}]}`},
	{Name: "by an operator", Manager: "someone",
		Apply: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, annotations: {example.com/seen: "yes"}}}`},
}
