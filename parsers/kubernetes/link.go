package kubernetes

import (
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Link adds the edges between the Kubernetes objects of a builder: what
// selects, names, binds and routes to what. The Via of an edge is the value
// that says so: the selector, the name.
//
// An edge is there when it is known to hold, but for namespaces: an object
// without one goes where it is applied, so it hangs together with everything
// that it would reach there. A selector or a label that is not known makes no
// edge.
func Link(b *graph.Builder) { newLinker(b, maxWork).run() }

func (l *linker) run() {
	for _, r := range l.b.Resources {
		for pod := range kube.PodTemplates(r) {
			l.pod(r, pod.At("spec"))
		}
		switch r.Type {
		case "core/Service":
			if s := r.At("spec.selector"); !empty(s) {
				l.selects(r, s, s, graph.Value{})
			}
		case "networking.k8s.io/NetworkPolicy":
			s := r.At("spec.podSelector")
			l.selects(r, s, s.At("matchLabels"), s)
		case "policy/PodDisruptionBudget":
			// An empty selector is all pods since policy/v1; none was none before.
			if s := r.At("spec.selector"); !empty(s) || s.Kind() == graph.Map && r.At("apiVersion").Is("policy/v1beta1") == graph.False {
				l.selects(r, s, s.At("matchLabels"), s)
			}
		case "autoscaling/HorizontalPodAutoscaler", "keda.sh/ScaledObject":
			l.scales(r, r.At("spec.scaleTargetRef"))
		case "autoscaling.k8s.io/VerticalPodAutoscaler":
			l.scales(r, r.At("spec.targetRef"))
		case "core/ServiceAccount":
			l.items(r, r.At("imagePullSecrets"), pullReferences[:])
		case "apps/StatefulSet":
			l.names(graph.References, r, "core/Service", r.At("spec.serviceName"))
		case "rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding":
			l.binding(r)
		case "networking.k8s.io/Ingress":
			l.ingress(r)
		case "gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TLSRoute",
			"gateway.networking.k8s.io/TCPRoute", "gateway.networking.k8s.io/UDPRoute":
			l.route(r)
		}
	}
}

func empty(v graph.Value) bool {
	n, known := v.Len()
	return n == 0 && known
}

// A reference is a name in a list of a pod's spec: its path below an item of
// the list and the type of what it names.
type reference struct{ path, typ string }

var (
	volumeReferences = [...]reference{
		{"configMap.name", "core/ConfigMap"},
		{"secret.secretName", "core/Secret"},
		{"persistentVolumeClaim.claimName", "core/PersistentVolumeClaim"},
	}
	projectedReferences = [...]reference{{"configMap.name", "core/ConfigMap"}, {"secret.name", "core/Secret"}}
	envReferences       = [...]reference{
		{"valueFrom.configMapKeyRef.name", "core/ConfigMap"},
		{"valueFrom.secretKeyRef.name", "core/Secret"},
	}
	envFromReferences = [...]reference{{"configMapRef.name", "core/ConfigMap"}, {"secretRef.name", "core/Secret"}}
	pullReferences    = [...]reference{{"name", "core/Secret"}}
)

// pod links a workload to what its pods name.
func (l *linker) pod(r *graph.Resource, spec graph.Value) {
	account := spec.At("serviceAccountName")
	if account.Present() == graph.False {
		account = spec.At("serviceAccount")
	}
	l.names(graph.References, r, "core/ServiceAccount", account)
	l.items(r, spec.At("imagePullSecrets"), pullReferences[:])
	l.items(r, spec.At("volumes"), volumeReferences[:])
	for v := range spec.At("volumes").Each() {
		l.items(r, v.At("projected.sources"), projectedReferences[:])
	}
	for _, list := range [...]string{"containers", "initContainers", "ephemeralContainers"} {
		for c := range spec.At(list).Each() {
			l.items(r, c.At("env"), envReferences[:])
			l.items(r, c.At("envFrom"), envFromReferences[:])
		}
	}
}

func (l *linker) items(r *graph.Resource, list graph.Value, refs []reference) {
	for item := range list.Each() {
		for _, ref := range refs {
			l.names(graph.References, r, ref.typ, item.At(ref.path))
		}
	}
}

// names links a resource to those of a type in its namespace that a name means.
func (l *linker) names(rel graph.Relation, r *graph.Resource, typ string, name graph.Value) {
	l.link(rel, r, l.named(typ, name.Str(), namespace(r)), name)
}

func (l *linker) scales(r *graph.Resource, ref graph.Value) {
	kind, name := ref.At("kind").Str(), ref.At("name")
	if kind == "" {
		kind = "Deployment"
	}
	apiVersion := ref.At("apiVersion").Str()
	if apiVersion == "" {
		apiVersion = "apps/v1"
	}
	l.names(graph.Selects, r, kube.Type(apiVersion, kind), name)
}

func (l *linker) binding(r *graph.Resource) {
	role := r.At("roleRef.name")
	switch r.At("roleRef.kind").Str() {
	case "Role":
		l.names(graph.Binds, r, "rbac.authorization.k8s.io/Role", role)
	case "ClusterRole":
		l.link(graph.Binds, r, l.named("rbac.authorization.k8s.io/ClusterRole", role.Str(), ""), role)
	}
	for s := range r.At("subjects").Each() {
		if s.At("kind").Str() != "ServiceAccount" {
			continue
		}
		in := s.At("namespace").Str()
		if in == "" && s.At("namespace").Known() && r.Type == "rbac.authorization.k8s.io/RoleBinding" {
			in = namespace(r)
		}
		l.link(graph.Binds, r, l.named("core/ServiceAccount", s.At("name").Str(), in), s.At("name"))
	}
}

func (l *linker) ingress(r *graph.Resource) {
	backend := func(v graph.Value) {
		l.names(graph.Routes, r, "core/Service", v.At("service.name"))
		l.names(graph.Routes, r, "core/Service", v.At("serviceName")) // before networking.k8s.io/v1
	}
	backend(r.At("spec.defaultBackend"))
	backend(r.At("spec.backend"))
	for rule := range r.At("spec.rules").Each() {
		for path := range rule.At("http.paths").Each() {
			backend(path.At("backend"))
		}
	}
}

func (l *linker) route(r *graph.Resource) {
	for rule := range r.At("spec.rules").Each() {
		for ref := range rule.At("backendRefs").Each() {
			if kind, group := ref.At("kind"), ref.At("group"); kind.Str() != "" && kind.Str() != "Service" || group.Str() != "" {
				continue
			}
			in := ref.At("namespace").Str()
			if in == "" && ref.At("namespace").Known() {
				in = namespace(r)
			}
			l.link(graph.Routes, r, l.named("core/Service", ref.At("name").Str(), in), ref.At("name"))
		}
	}
}
