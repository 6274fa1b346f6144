package live

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/rbac"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

const account = "core/ServiceAccount"

// accounts holds the rules about who acts in the cluster.
var accounts = []*analyzers.Rule{{
	ID:        "live-default-account-token",
	Title:     "Pods run with the token of the service account default",
	Why:       "All of them are one and the same to the API server. A role that the account is given for one of them is a role for all, and whoever breaks into one has it.",
	Remedy:    "Set `automountServiceAccountToken: false` in the ServiceAccount `default`, and give pods that need the API an account of their own.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0189", "kubescape:C-0225"},
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if o.At("metadata.name").Str() != "default" {
			p.Look(-1)
			return
		}
		own := o.At("automountServiceAccountToken")
		var users []string
		for _, pod := range runsAs(p.Graph, o) {
			if !hasPods(pod.Resource()) {
				continue
			}
			at := pod.Spec.At("automountServiceAccountToken")
			if at.Present() == graph.False {
				at = own
			}
			if at.Bool(true) == graph.True {
				users = append(users, pod.Resource().ID)
			}
		}
		if len(users) > 0 {
			p.Report(own, "the token of \"default\" is in the pods of %s", names(users))
		}
	}, account),
}, {
	ID:        "live-binding-without-account",
	Title:     "Binding gives a role to a service account that is not there",
	Why:       "Whoever may create a ServiceAccount, or a namespace, of that name has the role with it.",
	Remedy:    "Take the subject out of the binding, or the binding away.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		if !live.Is(b.Resource) || b.System() {
			p.Look(-1)
			return
		}
		for _, s := range b.Subjects {
			if name := s.At("name"); s.At("kind").Str() == "ServiceAccount" {
				in := namespaceOf(b, s)
				if strings.HasPrefix(in, "kube-") && live.Written(p.Graph, b.Resource) == nil {
					continue // vendors bind what some of their clusters have; who makes accounts there has all
				}
				_, there := live.Find(p.Graph, b.Resource, account, in, name.Str())
				p.ReportIf(there.Not(), name, "there is no service account %q in the namespace %q, which is given %s %q", name.Str(), in, b.Ref.At("kind").Str(), b.Ref.At("name").Str())
			}
		}
	}),
}, {
	ID:        "live-binding-unused",
	Title:     "Binding serves no pod that runs",
	Why:       "Nobody misses the role until somebody finds a use for it: whoever may create pods or tokens in the namespace can act with it.",
	Remedy:    "Take the binding away, unless programs outside the cluster log in as the service account.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // pipelines log in as service accounts
	Check: analyzers.Each(rbac.Bindings, func(p *analyzers.Pass, b *rbac.Binding) {
		if !live.Is(b.Resource) || b.System() || len(b.Subjects) == 0 {
			p.Look(-1)
			return
		}
		unused := graph.True
		for _, s := range b.Subjects {
			if s.At("kind").Str() != "ServiceAccount" {
				return // people are not seen
			}
			o, there := live.Find(p.Graph, b.Resource, account, namespaceOf(b, s), s.At("name").Str())
			if !(there == graph.True) {
				return // live-binding-without-account says so
			}
			unused = unused.And(live.Complete(p.Graph, b.Resource, "core/Pod", o.Namespace()), graph.Of(len(runsAs(p.Graph, o)) == 0))
		}
		p.ReportIf(unused, b.At("subjects"), "no pod runs as %s", subjects(b))
	}),
}, {
	ID:        "live-token-without-end",
	Title:     "Secret holds a token of a service account that never expires",
	Why:       "The token is good until the Secret is deleted. Whoever has read it once, from a backup or a log, acts in the cluster for as long.",
	Remedy:    "Delete the Secret and let programs use tokens that are projected into their pods or made with `kubectl create token`.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		meta := o.At("metadata")
		of := meta.At("annotations").Get("kubernetes.io/service-account.name")
		if of.Present() == graph.False || o.At("type").Present() == graph.True {
			p.Look(-1) // api-long-lived-token looks at a Secret whose type is known
			return
		}
		if made(p.Graph, o) || meta.At("labels").Get("kubernetes.io/legacy-token-invalid-since").Present() == graph.True {
			return
		}
		when := "was not used so far as is known"
		if used := meta.At("labels").Get("kubernetes.io/legacy-token-last-used"); used.Present() == graph.True {
			when = "was last used on " + used.Str()
		}
		p.Report(of, "the token of the service account %q never expires, and %s", of.Str(), when)
	}, "core/Secret"),
}}

// made tells whether the cluster itself makes the token: Kubernetes did so for
// each account until 1.23, and OpenShift keeps passwords of its registry so.
func made(g *graph.Graph, o live.Object) bool {
	if minor, err := kube.Minor(live.Of(g, o.Resource).At("version").Str()); err == nil && minor < 24 {
		return true
	}
	for key := range o.At("metadata.annotations").Entries() {
		if strings.HasPrefix(key, "openshift.io/") {
			return true
		}
	}
	return false
}

// hasPods tells whether a workload has pods now that have not ended.
func hasPods(r *graph.Resource) bool {
	for pod := range r.At("pods").Each() {
		if !over(pod) {
			return true
		}
	}
	return false
}

// runsAs are the pods that run as a service account of a cluster, by their
// workloads. A CronJob uses it also while none of its pods runs.
func runsAs(g *graph.Graph, o live.Object) []workload.Pod {
	return users.Of(g)[user{o.Root, o.Namespace(), o.At("metadata.name").Str()}]
}

type user struct{ root, namespace, name string }

var users = analyzers.NewFact(func(g *graph.Graph) map[user][]workload.Pod {
	all := map[user][]workload.Pod{}
	for _, pod := range workload.Pods.Of(g) {
		if r := pod.Resource(); live.Is(r) && !static(r) {
			name, _ := pod.ServiceAccount()
			u := user{r.Root, r.At("metadata.namespace").Str(), name}
			all[u] = append(all[u], pod)
		}
	}
	return all
})

// static tells whether a pod only shows one that its node starts from a file:
// those have no token and no account.
func static(r *graph.Resource) bool {
	return r.At("metadata.annotations").Get("kubernetes.io/config.mirror").Present() == graph.True
}

// namespaceOf is the namespace of a subject that is a service account.
func namespaceOf(b *rbac.Binding, s rbac.Subject) string {
	in, _ := s.At("namespace").Text(b.At("metadata.namespace").Str())
	return in
}

// subjects names a binding's subjects in a message.
func subjects(b *rbac.Binding) string {
	var all []string
	for _, s := range b.Subjects {
		all = append(all, fmt.Sprintf("%q", namespaceOf(b, s)+"/"+s.At("name").Str()))
	}
	return strings.Join(all, " or ")
}

// names lists things in a message, the first few of them.
func names(all []string) string {
	const most = 3
	if more := len(all) - most; more > 1 {
		return fmt.Sprintf("%s and %d others", strings.Join(all[:most], ", "), more)
	}
	return strings.Join(all, ", ")
}
