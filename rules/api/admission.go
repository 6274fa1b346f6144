package api

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const admissionGroup = "admissionregistration.k8s.io/"

// admission holds the rules about what decides over objects on their way into
// the cluster.
var admission = []*analyzers.Rule{{
	ID:        "api-webhook-fails-open",
	Title:     "Admission webhook lets everything pass when it is down",
	Why:       "With `failurePolicy: Ignore` a request that the webhook does not answer is let in unchecked. Who can stop the webhook, or slow it down, switches the policy off.",
	Remedy:    "Set `failurePolicy: Fail` for policies, run the webhook with several replicas, and leave its own namespace and kube-system out by `namespaceSelector`.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: webhooks(func(p *analyzers.Pass, hook graph.Value) {
		v := hook.At("failurePolicy")
		// What only fills in defaults does no harm by being left out.
		policy := graph.Of(hook.Resource().Type == admissionGroup+"ValidatingWebhookConfiguration")
		p.ReportIf(v.Is("Ignore").And(policy), v, "%s of %q is \"Ignore\"", v.Key(), hook.At("name").Str())
	}),
}, {
	ID:        "api-webhook-blocks-cluster",
	Title:     "Admission webhook that is down stops the whole cluster",
	Why:       "A webhook for every resource of every namespace, kube-system and its own among them, is asked before its own pods can start again. When it is down nothing can be created, not even what would repair it.",
	Remedy:    "Name the resources in `rules`, leave kube-system and the webhook's namespace out by `namespaceSelector`, or set `failurePolicy: Ignore`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: webhooks(func(p *analyzers.Pass, hook graph.Value) {
		fails := hook.At("failurePolicy").Is("Ignore").Not()
		all := graph.False
		at := hook.At("rules")
		for rule := range at.Each() {
			starts := rule.At("operations").Contains("CREATE", "UPDATE", "*")
			wide := starts.And(rule.At("apiGroups").Contains("*", ""), rule.At("resources").Contains("*", "*/*", "pods"), rule.At("scope").Is("Cluster").Not())
			if all == graph.False {
				at = rule.At("resources")
			}
			all = all.Or(wide)
		}
		open := bounded(hook.At("namespaceSelector")).Or(bounded(hook.At("objectSelector")), hook.At("matchConditions.0").Present()).Not()
		p.ReportIf(fails.And(all, open), at, "the webhook %q decides over the pods of every namespace and fails closed", hook.At("name").Str())
	}),
}, {
	ID:        "api-webhook-slow",
	Title:     "Admission webhook may hold up every request",
	Why:       "The API server waits this long for an answer, with every request and for one webhook after the other. A webhook that hangs makes the whole cluster hang.",
	Remedy:    "Set `timeoutSeconds` to 10, the default, or less. More than 30 is refused.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict, // some wait on purpose, as cert-manager's does
	Check: webhooks(func(p *analyzers.Pass, hook graph.Value) {
		v := hook.At("timeoutSeconds")
		if n, known := v.Int(10); known {
			p.ReportIf(graph.Of(n > 10), v, "%s of %q is %d", v.Key(), hook.At("name").Str(), n)
		}
	}),
}, {
	ID:        "api-admission-policy-unbound",
	Title:     "ValidatingAdmissionPolicy is bound to nothing",
	Why:       "A policy takes effect only where a ValidatingAdmissionPolicyBinding says so. Without one it stands there and checks nothing.",
	Remedy:    "Add a ValidatingAdmissionPolicyBinding whose `policyName` is this policy.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Needs:     []string{"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding"},
	Check: func(p *analyzers.Pass) {
		for _, kind := range []string{"ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"} {
			bound := map[string]bool{}
			vague := false
			for b := range p.Graph.OfType(admissionGroup + kind + "Binding") {
				name, known := b.At("spec.policyName").Text("")
				bound[name], vague = true, vague || !known
			}
			for r := range p.Graph.OfType(admissionGroup + kind) {
				p.Look(1)
				missing := graph.Of(!bound[r.Name])
				if vague {
					missing = missing.And(graph.Unsure)
				}
				p.ReportIf(missing, r.At("metadata.name"), "no %sBinding has the policy %q", kind, r.Name)
			}
		}
	},
}, {
	ID:        "api-admission-policy-not-enforced",
	Title:     "Admission policy only warns",
	Why:       "With the actions `Warn` and `Audit` what breaks the policy is let in. Warnings scroll by in pipelines that nobody reads.",
	Remedy:    "Add `Deny` to `validationActions` when the warnings have stopped.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.validationActions")
		p.ReportIf(v.Present().And(v.Contains("Deny").Not()), v, "%s has no \"Deny\"", v.Key())
	}, admissionGroup+"ValidatingAdmissionPolicyBinding"),
}, {
	ID:        "api-pod-security-level-unknown",
	Title:     "Pod Security level is none",
	Why:       "The API server refuses a namespace with a level it does not know. Where it was let in, by an older version, the level does not count.",
	Remedy:    "Write `privileged`, `baseline` or `restricted`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for _, mode := range []string{"enforce", "audit", "warn"} {
			v := r.At("metadata.labels").Get("pod-security.kubernetes.io/" + mode)
			if text := v.Str(); text != "" && !strings.Contains(text, "$") {
				p.ReportIf(v.Is("privileged", "baseline", "restricted").Not(), v, "%s is %q", v.Key(), text)
			}
		}
	}, "core/Namespace"),
}, {
	ID:        "api-gatekeeper-open-repo",
	Title:     "Gatekeeper allows more registries than are meant",
	Why:       "The repositories of `K8sAllowedRepos` are compared by their beginning. Without a slash at the end `registry.example.com` allows `registry.example.com.attacker.net` as well.",
	Remedy:    "End a registry in a slash: `registry.example.com/`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"trivy:KSV-0124"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for v := range r.At("spec.parameters.repos").Each() {
			if text := v.Str(); text != "" {
				p.ReportIf(graph.Of(!strings.Contains(text, "/")), v, "%q allows every registry whose name begins so", text)
			}
		}
	}, "constraints.gatekeeper.sh/K8sAllowedRepos"),
}}

// webhooks makes a Check of a function that looks at one admission webhook.
func webhooks(fn func(*analyzers.Pass, graph.Value)) func(*analyzers.Pass) {
	return analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for hook := range r.At("webhooks").Each() {
			fn(p, hook)
		}
	}, admissionGroup+"ValidatingWebhookConfiguration", admissionGroup+"MutatingWebhookConfiguration")
}

// bounded tells whether a selector leaves anything out.
func bounded(selector graph.Value) graph.Tri {
	n, known := selector.Len()
	if !known {
		return graph.Unsure
	}
	return graph.Of(n > 0).And(selector.At("matchExpressions.0").Present().Or(nonempty(selector.At("matchLabels"))))
}

func nonempty(v graph.Value) graph.Tri {
	n, known := v.Len()
	if !known {
		return graph.Unsure
	}
	return graph.Of(n > 0)
}
