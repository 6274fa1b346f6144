package network

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/netpol"
	"github.com/seaworthy-iac/seaworthy/analyzers/routes"
	"github.com/seaworthy-iac/seaworthy/analyzers/selection"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// policies holds the rules about network policies.
var policies = []*analyzers.Rule{{
	ID:        "network-pod-without-policy",
	Title:     "No NetworkPolicy selects the pod",
	Why:       "A pod that no NetworkPolicy selects talks to every pod of the cluster and to the internet, and every pod talks to it. Whoever breaks into one pod tries all the others next.",
	Remedy:    "Add a NetworkPolicy that denies ingress and egress for all pods of the namespace (`podSelector: {}`), and one for each workload that allows what it needs.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // a project without policies would have a finding for every workload
	Same: []string{
		"checkov:CKV2_K8S_6",
		"kubescape:C-0030", "kubescape:C-0260", "kube-linter:non-isolated-pod", "kube-score:pod-networkpolicy",
	},
	Needs: netpol.Types[:],
	Check: analyzers.Each(netpol.Isolations, func(p *analyzers.Pass, i netpol.Isolation) {
		p.ReportIf(i.Selected.Not().And(graph.Of(makesPods(i))), i.Pod.Resource().Config, "no NetworkPolicy selects the pod")
	}),
}, {
	ID:        "network-pod-half-isolated",
	Title:     "NetworkPolicies leave one direction of the pod open",
	Why:       "The pod is selected by a NetworkPolicy, but only for one direction. Without a policy for egress whoever breaks in can load tools and send data anywhere; without one for ingress every pod of the cluster reaches it.",
	Remedy:    "Add the missing direction to `policyTypes`, with the rules for what is needed, or add a default policy for the namespace.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-score:pod-networkpolicy", "kics:0401f71b-9c1e-4821-ab15-a955caa621be"},
	Needs:     netpol.Types[:],
	Check: analyzers.Each(netpol.Isolations, func(p *analyzers.Pass, i netpol.Isolation) {
		open := ""
		switch {
		case i.Ingress == graph.True && i.Egress == graph.False:
			open = "egress"
		case i.Ingress == graph.False && i.Egress == graph.True:
			open = "ingress"
		}
		if open == "" || !makesPods(i) {
			return
		}
		f := p.Report(i.Pod.Resource().Config, "NetworkPolicies select the pod, but none isolates it for %s", open)
		for _, by := range i.By {
			f.Note(by.Resource().Config, "selects the pod")
		}
	}),
}, {
	ID:        "network-namespace-without-policy",
	Title:     "Namespace has no NetworkPolicy",
	Why:       "Pods that no policy selects are open in both directions. A namespace without any policy leaves that so for each pod that is ever started in it.",
	Remedy:    "Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress, Egress]` to the namespace; it denies what no other policy allows.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0049", "kubescape:C-0054", "kubescape:C-0206"},
	Needs:     netpol.Types[:],
	Check: analyzers.On(func(p *analyzers.Pass, ns *graph.Resource) {
		if kubernetesNamespace[ns.Name] {
			return
		}
		has := graph.False
		for _, policy := range netpol.Policies.Of(p.Graph) {
			if policy.Clusterwide() {
				has = has.Or(policy.Pods.Empty())
			} else {
				has = has.Or(in(policy, ns))
			}
		}
		p.ReportIf(has.Not(), ns.Config, "no NetworkPolicy in the namespace")
	}, "core/Namespace"),
}, {
	ID:        "network-namespace-without-default-deny",
	Title:     "Namespace denies no traffic by default",
	Why:       "Pods that no policy selects are open. Without a policy for all pods of the namespace each new workload is open until somebody remembers to write one for it.",
	Remedy:    "Add a NetworkPolicy with `podSelector: {}`, `policyTypes: [Ingress, Egress]` and no rules.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kubeaudit:MissingDefaultDenyIngressNetworkPolicy", "kubeaudit:MissingDefaultDenyEgressNetworkPolicy",
		"kubeaudit:MissingDefaultDenyIngressAndEgressNetworkPolicy",
	},
	Needs: netpol.Types[:],
	Check: analyzers.On(defaultDeny, "core/Namespace"),
}, {
	ID:        "network-policy-allows-all-ingress",
	Title:     "NetworkPolicy allows ingress from everywhere",
	Why:       "A rule without `from` allows traffic from every pod and every address on all ports. Policies add up, so it outweighs whatever the others restrict.",
	Remedy:    "Name the peers under `from`, and the `ports`. If everybody is meant to reach one port, name that port.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubeaudit:AllowAllIngressNetworkPolicyExists"},
	Check:     allowsAll("ingress", "from"),
}, {
	ID:        "network-policy-allows-all-egress",
	Title:     "NetworkPolicy allows egress to everywhere",
	Why:       "A rule without `to` allows traffic to every pod and every address on all ports. Policies add up, so it outweighs whatever the others restrict.",
	Remedy:    "Name the peers under `to`, and the `ports`. DNS needs port 53 of the cluster's DNS pods only.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // many policies are meant for ingress alone and spell out the rest
	Same:      []string{"kubeaudit:AllowAllEgressNetworkPolicyExists"},
	Check:     allowsAll("egress", "to"),
}, {
	ID:        "network-policy-open-to-world",
	Title:     "NetworkPolicy allows ingress from every address",
	Why:       "The block 0.0.0.0/0 or ::/0 is the whole internet and every pod of the cluster. The policy looks as if it restricted who may connect.",
	Remedy:    "Name the networks that need access, or select the pods and namespaces of the ingress controller.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"trivy:KUBE-0001"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for cidr := range r.Config.All("spec.ingress.from.ipBlock.cidr") {
			if text, known := cidr.Text(""); known {
				p.ReportIf(graph.Of(routes.World(text)), cidr, "%s is %q: every address may connect", cidr.Key(), text)
			}
		}
	}, netpol.Kubernetes),
}, {
	ID:        "network-policy-ignored-rules",
	Title:     "NetworkPolicy has rules that its policyTypes leave out",
	Why:       "Rules of a direction that `policyTypes` does not name are ignored: the traffic they seem to restrict stays open.",
	Remedy:    "Add the direction to `policyTypes`, or remove the rules.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		types := r.At("spec.policyTypes")
		for _, d := range [...]struct{ section, typ string }{{"ingress", "Ingress"}, {"egress", "Egress"}} {
			rules := r.At("spec").Get(d.section)
			n, known := rules.Len()
			if known && n == 0 {
				continue
			}
			p.ReportIf(types.Present().And(rules.Present(), types.Contains(d.typ).Not()), rules,
				"%s has rules, but %s does not name %s: they are ignored", rules.Key(), types.Key(), d.typ)
		}
	}, netpol.Kubernetes),
}, {
	ID:        "network-policy-selects-nothing",
	Title:     "NetworkPolicy selects no pod",
	Why:       "A policy whose selector matches no pod protects nothing. Often a label was renamed in the workload and not here, and the workload is open since.",
	Remedy:    "Make `podSelector` match the labels of the pod template.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"kubescape:C-0299", "kube-score:networkpolicy-targets-pod", "kube-linter:dangling-networkpolicy",
		"kics:85ab1c5b-014e-4352-b5f8-d7dea3bb4fd3",
	},
	Needs: kube.PodTypes[:],
	Check: analyzers.Each(netpol.Policies, func(p *analyzers.Pass, policy netpol.Policy) {
		if policy.Clusterwide() || policy.Pods.Empty() == graph.True {
			return
		}
		at := policy.Pods.Value
		p.ReportIf(picksNone(p.Graph, policy.Pods), at, "%s matches no pod", at.Key())
	}),
}, {
	ID:        "network-policy-peer-selects-nothing",
	Title:     "NetworkPolicy names a peer that is no pod here",
	Why:       "A peer whose selector matches no pod allows nothing. Often the label is misspelt, and the traffic that was meant to pass is dropped.",
	Remedy:    "Make the peer's `podSelector` match the labels of the pods that connect.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:dangling-networkpolicypeer-podselector"},
	Needs:     kube.PodTypes[:],
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for _, path := range [...]string{"spec.ingress.from", "spec.egress.to"} {
			for peer := range r.Config.All(path) {
				pods := peer.At("podSelector")
				// Pods of other namespaces are often other projects'.
				if !(pods.Present() == graph.True) || !(peer.At("namespaceSelector").Present() == graph.False) {
					continue
				}
				if s := selection.Full(pods); s.Empty() == graph.False {
					p.ReportIf(selection.Pods.Of(p.Graph).PicksNone(s), pods, "%s matches no pod", pods.Key())
				}
			}
		}
	}, netpol.Kubernetes),
}}

// in tells whether a policy is in a namespace. One that names none may be.
func in(policy netpol.Policy, ns *graph.Resource) graph.Tri {
	home := policy.Resource().At("metadata.namespace")
	if home.Present() == graph.False {
		return graph.Unsure
	}
	return home.Is(ns.At("metadata.name").Str())
}

// defaultDeny reports a namespace without policies that isolate all its pods
// in both directions. Whether such a policy allows something again is for the
// rules about what policies allow.
func defaultDeny(p *analyzers.Pass, ns *graph.Resource) {
	if kubernetesNamespace[ns.Name] {
		return
	}
	ingress, egress := graph.False, graph.False
	for _, policy := range netpol.Policies.Of(p.Graph) {
		all := policy.Pods.Empty()
		if !policy.Clusterwide() {
			all = all.And(in(policy, ns))
		}
		ingress = ingress.Or(all.And(policy.Ingress))
		egress = egress.Or(all.And(policy.Egress))
	}
	open := "ingress and egress"
	switch {
	case ingress == graph.True:
		open = "egress"
	case egress == graph.True:
		open = "ingress"
	}
	p.ReportIf(ingress.And(egress).Not(), ns.Config, "no NetworkPolicy denies %s for all pods of the namespace", open)
}

// makesPods tells whether the pod is ever run: a PodTemplate alone is not. Pods
// on the host's network count, though no policy applies to them: nothing
// restricts them either.
func makesPods(i netpol.Isolation) bool { return i.Pod.Resource().Type != "core/PodTemplate" }

// kubernetesNamespace are the namespaces every cluster comes with.
var kubernetesNamespace = map[string]bool{"kube-system": true, "kube-public": true, "kube-node-lease": true, "default": true}

// allowsAll reports a rule of a policy's section that names no peers and no
// ports.
func allowsAll(section, peers string) func(*analyzers.Pass) {
	return analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for rule := range r.At("spec").Get(section).Each() {
			open := empty(rule.At(peers)).And(empty(rule.At("ports")))
			p.ReportIf(open, rule, "a rule of %s names neither %s nor ports: it allows all traffic", section, peers)
		}
	}, netpol.Kubernetes)
}

func empty(list graph.Value) graph.Tri {
	n, known := list.Len()
	if !known {
		return graph.Unsure
	}
	return graph.Of(n == 0)
}

// picksNone tells whether a selector picks no pod. Where no root has any pod
// the project is one of policies alone, and nothing can be told.
func picksNone(g *graph.Graph, s selection.Selector) graph.Tri {
	none := selection.Pods.Of(g).PicksNone(s)
	for range kube.Workloads(g) {
		return none
	}
	return none.And(graph.Unsure)
}
