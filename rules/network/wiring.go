package network

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// wiring holds the rules about names and numbers that have to fit together on
// the way from a host to a pod.
var wiring = []*analyzers.Rule{{
	ID:        "network-service-target-port-missing",
	Title:     "Service sends traffic to a port that the pods do not have",
	Why:       "A target port given by a name that no container has leads nowhere: the Service has no endpoints and refuses every connection.",
	Remedy:    "Use the name of one of the containers' `ports`, or the number.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: targetPorts(func(p *analyzers.Pass, target graph.Value, pods []workload.Pod) {
		name := target.Str()
		if _, err := strconv.Atoi(name); err == nil || workload.Templated(name) {
			return
		}
		there := graph.False
		for _, pod := range pods {
			there = there.Or(hasContainerPort(pod, "name", name))
		}
		p.ReportIf(there.Not(), target, "no container of the pods has a port %q", name).Note(pods[0].Spec.At("containers"), "the pods that the Service selects")
	}),
}, {
	ID:        "network-service-target-port-undeclared",
	Title:     "Service sends traffic to a port that the pods do not declare",
	Why:       "Mostly the program moved to another port and the Service did not. A container may listen on ports it does not declare, but nobody can see it there.",
	Remedy:    "Correct `targetPort`, or declare the port in the container's `ports`.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kics:3ca03a61-3249-4c16-8427-6f8e47dda729"},
	Check: targetPorts(func(p *analyzers.Pass, target graph.Value, pods []workload.Pod) {
		number := target.Str()
		if _, err := strconv.Atoi(number); err != nil {
			return
		}
		there := graph.False
		for _, pod := range pods {
			there = there.Or(hasContainerPort(pod, "containerPort", number), pod.Spec.At("hostNetwork").Bool(false))
		}
		p.ReportIf(there.Not(), target, "no container of the pods declares the port %s", number).Note(pods[0].Spec.At("containers"), "the pods that the Service selects")
	}),
}, {
	ID:        "network-service-duplicate-port",
	Title:     "Service has a port twice",
	Why:       "The API server does not accept it: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Remove one of them. Several ports each need a `name` of their own.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		seen := map[string]graph.Value{}
		again := func(v graph.Value, key, what string) bool {
			before, twice := seen[key]
			if twice {
				p.Report(v, "%s %q is there twice", what, v.Str()).Note(before, "the other one")
			}
			seen[key] = v
			return twice
		}
		ports := s.At("spec.ports")
		n, _ := ports.Len()
		for port := range ports.Each() {
			name, number := port.At("name"), port.At("port")
			if n > 1 && name.Present() == graph.False {
				p.Report(name, "one of several ports has no %s", name.Key())
			}
			if name.Str() != "" && again(name, "name/"+name.Str(), "the name") {
				continue
			}
			if protocol, known := port.At("protocol").Text("TCP"); known && number.Str() != "" {
				again(number, number.Str()+"/"+protocol, "the port")
			}
		}
	}, routes.Service),
}, {
	ID:        "network-ingress-host-not-in-tls",
	Title:     "Ingress has TLS, and not for all of its hosts",
	Why:       "A host that is left out is served without encryption, or with a certificate for another name that teaches people to click warnings away.",
	Remedy:    "Add the host to `hosts` of an entry in `spec.tls` whose certificate covers it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		tls := r.At("spec.tls")
		if !(empty(tls) == graph.False) {
			return // network-ingress-without-tls
		}
		for rule := range r.At("spec.rules").Each() {
			host := rule.At("host")
			name, known := host.Text("")
			if !known || name == "" {
				continue
			}
			covered := terminatesElsewhere(r)
			for entry := range tls.Each() {
				hosts := entry.At("hosts")
				if !(empty(hosts) == graph.False) {
					covered = graph.True // the certificate says for which
				}
				_, domain, _ := strings.Cut(name, ".")
				covered = covered.Or(hosts.Contains(name, "*."+domain))
			}
			p.ReportIf(covered.Not(), host, "no entry of %s has the host %q", tls.Key(), name).Note(tls, "the hosts with TLS")
		}
	}, routes.Ingress),
}, {
	ID:        "network-ingress-duplicate-path",
	Title:     "Two rules of Ingresses take one path of a host",
	Why:       "Which of them gets the requests depends on the controller, and changes when one is created anew: part of the traffic goes to the wrong Service.",
	Remedy:    "Remove one of them, or tell them apart by path or host.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: func(p *analyzers.Pass) {
		seen := map[string]graph.Value{}
		for r := range p.Graph.OfType(routes.Ingress) {
			p.Look(1)
			class, known := r.At("spec.ingressClassName").Text(r.At("metadata.annotations").Get("kubernetes.io/ingress.class").Str())
			if !known || splits(r) {
				continue
			}
			for rule := range r.At("spec.rules").Each() {
				host, known := rule.At("host").Text("")
				for path := range rule.At("http.paths").Each() {
					v := path.At("path")
					text, ok := v.Text("/")
					kind, typed := path.At("pathType").Text("")
					if !known || !ok || !typed || host == "" || workload.Templated(host+text) {
						continue
					}
					key := strings.Join([]string{r.Root, r.At("metadata.namespace").Str(), class, host, kind, text}, "\x00")
					if before, twice := seen[key]; twice {
						p.Report(v, "the path %q of the host %q is there twice", text, host).Note(before, "the other one")
						continue
					}
					seen[key] = v
				}
			}
		}
	},
}, {
	ID:        "network-route-missing-gateway",
	Title:     "Route belongs to a Gateway or listener that is not here",
	Why:       "A route whose Gateway does not exist, or has no listener of that name, takes no traffic.",
	Remedy:    "Correct `parentRefs`: name, namespace and `sectionName` of the Gateway.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // Gateways are often made once for a cluster, elsewhere
	Needs:     []string{"gateway.networking.k8s.io/Gateway"},
	Check: func(p *analyzers.Pass) {
		gateways := map[string][]*graph.Resource{}
		for g := range p.Graph.OfType(routes.Gateway + "Gateway") {
			gateways[g.Name] = append(gateways[g.Name], g)
		}
		for r := range p.Graph.OfType(routes.Gateway+"HTTPRoute", routes.Gateway+"GRPCRoute", routes.Gateway+"TLSRoute", routes.Gateway+"TCPRoute") {
			p.Look(1)
			for ref := range r.At("spec.parentRefs").Each() {
				parent(p, r, ref, gateways)
			}
		}
	},
}, {
	ID:        "network-monitor-selects-nothing",
	Title:     "ServiceMonitor selects no Service",
	Why:       "Prometheus reads no metrics, so alerts on them never fire, and nobody is told.",
	Remedy:    "Make `selector` match the labels of the Service itself, which are not those of the pods.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // the Service is often another project's
	Same:      []string{"kube-linter:dangling-servicemonitor"},
	Needs:     []string{"core/Service"},
	Check: func(p *analyzers.Pass) {
		byLabel := map[string][]*graph.Resource{}
		var all, vague []*graph.Resource
		for s := range p.Graph.OfType(routes.Service) {
			all = append(all, s)
			labels := s.At("metadata.labels")
			if !labels.Known() {
				vague = append(vague, s)
			}
			for key, v := range labels.Entries() {
				byLabel[key+"="+v.Str()] = append(byLabel[key+"="+v.Str()], s)
			}
		}
		for m := range p.Graph.OfType("monitoring.coreos.com/ServiceMonitor") {
			p.Look(1)
			selector := m.At("spec.selector")
			candidates := all
			for key, v := range selector.At("matchLabels").Entries() {
				if v.Known() {
					candidates = slices.Concat(byLabel[key+"="+v.Str()], byLabel[key+"="], vague)
				}
				break
			}
			found := graph.False
			for _, s := range candidates {
				found = found.Or(kube.MatchSelector(selector, s.At("metadata.labels")))
			}
			p.ReportIf(selector.Present().And(found.Not()), selector, "%s matches no Service", selector.Key())
		}
	},
}, {
	ID:        "network-policies-ignored",
	Title:     "Network plugin ignores NetworkPolicies",
	Why:       "Flannel alone connects pods and keeps none apart: every NetworkPolicy of the cluster is accepted and does nothing.",
	Remedy:    "Use a plugin that enforces policies, such as Cilium or Calico, or add a policy engine to flannel.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kics:03aabc8c-35d6-481e-9c85-20139cf72d23"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		p.Look(-1)
		for key, v := range r.At("data").Entries() {
			if !strings.HasSuffix(key, ".json") && !strings.HasSuffix(key, ".conflist") {
				continue
			}
			if v.Decoded().At("plugins").Present() == graph.True {
				p.Look(1) // a configuration of the network
			}
			flannel, enforced := graph.Value{}, false
			for plugin := range v.Decoded().At("plugins").Each() {
				switch kind := plugin.At("type"); kind.Str() {
				case "flannel":
					flannel = kind
				case "calico", "cilium-cni", "weave-net":
					enforced = true
				}
			}
			if flannel.Present() == graph.True && !enforced && !strings.Contains(r.Name, "canal") {
				p.Report(flannel, "the network plugin is \"flannel\"")
			}
		}
	}, "core/ConfigMap"),
}}

// targetPorts makes a Check of a function that looks at a port of a Service
// and the pods that it selects for certain, all of them known.
func targetPorts(fn func(p *analyzers.Pass, target graph.Value, pods []workload.Pod)) func(*analyzers.Pass) {
	return analyzers.On(func(p *analyzers.Pass, s *graph.Resource) {
		selector := selection.Labels(s.At("spec.selector"))
		if !(selector.Empty() == graph.False) || s.At("spec.type").Is("ExternalName") == graph.True {
			return
		}
		var pods []workload.Pod
		for pod, picked := range selection.Pods.Of(p.Graph).Picked(selector) {
			if !(picked == graph.True) {
				return
			}
			pods = append(pods, pod)
		}
		if len(pods) == 0 {
			return // network-service-selects-nothing
		}
		for port := range s.At("spec.ports").Each() {
			target := port.At("targetPort")
			if target.Present() == graph.False {
				target = port.At("port")
			}
			if target.Str() != "" {
				fn(p, target, pods)
			}
		}
	}, routes.Service)
}

// hasContainerPort tells whether a container of the pod has a port with that
// name or number.
func hasContainerPort(pod workload.Pod, field, text string) graph.Tri {
	has := graph.False
	if !pod.Spec.At("containers").Known() {
		has = graph.Unsure
	}
	for c := range pod.Containers() {
		ports := c.At("ports")
		if !ports.Known() {
			has = has.Or(graph.Unsure)
		}
		for port := range ports.Each() {
			has = has.Or(port.At(field).Is(text))
		}
	}
	return has
}

// splits tells whether an Ingress shares its paths with another one on
// purpose, as canary releases do, or may.
func splits(r *graph.Resource) bool {
	annotations := r.At("metadata.annotations")
	if !annotations.Known() {
		return true
	}
	for key := range annotations.Entries() {
		if strings.Contains(key, "canary") || strings.Contains(key, "conditions.") || strings.Contains(key, "match") || strings.Contains(key, "group.order") {
			return true
		}
	}
	return false
}

// parent reports a parentRef whose Gateway, or its listener, is not here.
func parent(p *analyzers.Pass, r *graph.Resource, ref graph.Value, gateways map[string][]*graph.Resource) {
	name := ref.At("name")
	text, known := name.Text("")
	if kind, ok := ref.At("kind").Text("Gateway"); !ok || kind != "Gateway" || !known || text == "" {
		return
	}
	missing, section := graph.True, ref.At("sectionName")
	for _, g := range gateways[text] {
		here := kube.SameNamespace(r, g)
		if ns := ref.At("namespace"); !(ns.Present() == graph.False) {
			here = graph.Unsure
			if home := g.At("metadata.namespace"); home.Present() == graph.True {
				here = home.Is(ns.Str())
			}
		}
		missing = missing.And(here.Not())
		if listener := section.Str(); here == graph.True && listener != "" && g.Root == r.Root {
			has := graph.False
			if !g.At("spec.listeners").Known() {
				has = graph.Unsure
			}
			for l := range g.At("spec.listeners").Each() {
				has = has.Or(l.At("name").Is(listener))
			}
			p.ReportIf(has.Not(), section, "the Gateway %q has no listener %q", text, listener).Note(g.At("spec.listeners"), "the listeners")
		}
	}
	p.ReportIf(missing, name, "no Gateway %q is to be found", text)
}
