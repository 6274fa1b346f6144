package node

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// installers holds the rules about what kubeadm, K3s and RKE2 do themselves
// when they set a cluster up. What they hand on to the programs they start the
// other rules see.
var installers = []*analyzers.Rule{{
	ID:        "node-kubeadm-discovery-unverified",
	Title:     "Node joins whichever cluster answers",
	Why:       "Without the hash of the CA the node cannot tell the API server from somebody in between. It hands its token over and runs the pods it is told to.",
	Remedy:    "Set `caCertHashes` under `discovery.bootstrapToken` and remove `unsafeSkipCAVerification`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("discovery.bootstrapToken.unsafeSkipCAVerification")
		p.ReportIf(v.Bool(false), v, "%s is true", v.Key())
	}, "kubeadm.k8s.io/JoinConfiguration"),
}, {
	ID:        "node-kubeadm-token-endless",
	Title:     "Token to join the cluster never expires",
	Why:       "Whoever finds the token, years later and in an old backup, adds a node of their own to the cluster and is sent pods with their Secrets.",
	Remedy:    "Remove `ttl: \"0\"`, which leaves 24 hours, or set the time that the installation takes. `kubeadm token create` makes a new token for later nodes.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for token := range r.At("bootstrapTokens").Each() {
			v := token.At("ttl")
			p.ReportIf(v.Is("0", "0s", "0m", "0h", "0h0m0s"), v, "%s is %q: the token never expires", v.Key(), v.Str())
		}
	}, "kubeadm.k8s.io/InitConfiguration"),
}, {
	ID:        "node-k3s-kubeconfig-mode",
	Title:     "Every user of the node may read the administrator's kubeconfig",
	Why:       "The file that K3s and RKE2 write is that of cluster-admin. Any program on the node, whatever it runs as, has the cluster.",
	Remedy:    "Set `write-kubeconfig-mode: \"0600\"`, the default, or `\"0640\"` with `write-kubeconfig-group`, and give people a kubeconfig of their own.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("write-kubeconfig-mode")
		text, known := v.Text("")
		if known && len(text) >= 3 && !workload.Templated(text) {
			p.ReportIf(graph.Of(!strings.HasSuffix(text, "0")), v, "%s is %q: others than the owner and the group may read the file", v.Key(), text)
		}
	}, kube.K3s),
}, {
	ID:        "node-k3s-token-in-file",
	Title:     "Token to join the cluster is written into the configuration",
	Why:       "The token of K3s and RKE2 does not expire, and with that of a server the datastore can be decrypted. Whoever may read the repository, now or in its history, adds nodes of their own.",
	Remedy:    "Use `token-file`, or put the token in when the file is copied to the node, and change it: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for _, key := range [...]string{"token", "agent-token"} {
			v := r.At(key)
			text, known := v.Text("")
			placeholder := text == "" || workload.Templated(text) || strings.ContainsAny(text, "<>%") || strings.HasPrefix(text, "ENC[")
			if known && !placeholder {
				p.Report(v, "%s is written in plain text", v.Key())
			}
		}
	}, kube.K3s),
}, {
	ID:        "node-k3s-secrets-plain",
	Title:     "K3s stores Secrets in plain text",
	Why:       "Secrets lie in the datastore as they are. Whoever gets a backup, a disk or a snapshot of it has all passwords of the cluster.",
	Remedy:    "Set `secrets-encryption: true` on every server. On a cluster that runs, follow with `k3s secrets-encrypt`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("secrets-encryption")
		if v.Present() == graph.True {
			p.ReportIf(v.Bool(false).Not(), v, "%s is false", v.Key())
			return
		}
		// RKE2 encrypts unless told otherwise, and agents have no say.
		server := r.At("cluster-init").Bool(false).Or(r.At("kube-apiserver-arg").Present())
		rke2 := r.At("profile").Present().Or(r.At("cni").Present())
		own := graph.False
		for arg := range r.At("kube-apiserver-arg").Each() {
			own = own.Or(graph.Of(strings.HasPrefix(arg.Str(), "encryption-provider-config=")))
		}
		p.ReportIf(server.And(rke2.Not(), own.Not(), v.Present().Not()), v, "%s is not set", v.Key())
	}, kube.K3s),
}, {
	ID:        "node-k3s-network-policy-off",
	Title:     "K3s ignores NetworkPolicies",
	Why:       "With its controller switched off and no other network plugin nothing enforces NetworkPolicies: they are accepted and have no effect.",
	Remedy:    "Remove `disable-network-policy: true`, or set `flannel-backend: none` and install a network plugin that enforces them.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("disable-network-policy")
		p.ReportIf(v.Bool(false).And(r.At("flannel-backend").Is("none").Not()), v, "%s is true", v.Key())
	}, kube.K3s),
}}
