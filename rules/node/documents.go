package node

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// documents holds the rules about the files that the API server is given, and
// about what two programs share.
var documents = []*analyzers.Rule{{
	ID:        "node-audit-policy-gaps",
	Title:     "Audit policy leaves out what matters most",
	Why:       forensics + "If it does not say who read secrets, who changed pods and who opened a shell in one, it has no answer when it is needed.",
	Remedy:    "Log `secrets`, `configmaps` and `tokenreviews` with the level `Metadata`, `pods` and `deployments` and the subresources `exec`, `portforward` and `proxy` with `Metadata` at least. A last rule `- level: Metadata` has it all.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kics:1828a670-5957-4bc5-9974-47da228f75e2"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		var missing []string
		bad := graph.False
		for _, concern := range concerns {
			if logged := logs(r, concern); !(logged == graph.True) {
				bad = bad.Or(logged.Not())
				missing = append(missing, concern.name)
			}
		}
		p.ReportIf(bad, r.At("rules"), "no rule logs %s", strings.Join(missing, ", "))
	}, "audit.k8s.io/Policy"),
}, {
	ID:        "node-admission-event-rate-limit",
	Title:     "Admission configuration sets no limit for events",
	Why:       "One program that goes wrong writes events by the thousand, and the API server and etcd are busy with nothing else.",
	Remedy:    "Add the plugin `EventRateLimit` with its limits, and switch it on with `--enable-admission-plugins`.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_K8S_78"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		plugins := r.At("plugins")
		limited := graph.False
		if !plugins.Known() {
			limited = graph.Unsure
		}
		for plugin := range plugins.Each() {
			limited = limited.Or(plugin.At("name").Is("EventRateLimit"))
		}
		p.ReportIf(limited.Not(), plugins, "%s has no EventRateLimit", plugins.Key())
	}, "apiserver.config.k8s.io/AdmissionConfiguration"),
}, {
	ID:        "node-encryption-identity",
	Title:     "Encryption of stored data is set to plain text",
	Why:       "The first provider of an EncryptionConfiguration is the one that writes. `identity` writes plain text: a backup or a disk of etcd has all passwords of the cluster.",
	Remedy:    "Put `kms`, `secretbox` or `aescbc` first, and `identity` last for as long as old data must be read. Then write all secrets anew.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubescape:C-0142", "kics:10efce34-5af6-4d83-b414-9e096d5a06a9"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for entry := range r.At("resources").Each() {
			about := entry.At("resources")
			sensitive := about.Contains("secrets", "*.*", "*.", "configmaps")
			first := entry.At("providers.0")
			if entry.At("providers").Kind() == graph.Unknown {
				continue
			}
			for key, provider := range first.Entries() {
				if key == "identity" {
					p.ReportIf(sensitive, provider, "%s is the provider that writes, and writes plain text", key)
				}
			}
		}
	}, "apiserver.config.k8s.io/EncryptionConfiguration"),
}, {
	ID:        "node-etcd-shared-ca",
	Title:     "etcd trusts the CA of the cluster's users",
	Why:       "Whoever has a client certificate of the cluster, every node among them, can then go to etcd itself and read and write everything past the API server.",
	Remedy:    "Give etcd a CA of its own under `--trusted-ca-file`, and sign only the API server's etcd client certificate with it.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0159", "kics:cb7e695d-6a85-495c-b15f-23aed2519303"},
	Check: func(p *analyzers.Pass) {
		type ca struct{ root, path string }
		all := component.All.Of(p.Graph)
		users := map[ca]component.Setting{}
		for _, c := range all {
			if c.Program == component.APIServer {
				s, _ := c.Flag("client-ca-file")
				path, known := s.Text()
				key := ca{c.Resource().Root, path}
				if _, seen := users[key]; known && path != "" && !seen {
					users[key] = s
				}
			}
		}
		for _, c := range all {
			if c.Program == component.Etcd {
				p.Look(1)
				s, _ := c.Flag("trusted-ca-file")
				path, _ := s.Text()
				if shared, ok := users[ca{c.Resource().Root, path}]; ok {
					p.Report(s.At, "%s of etcd is %q, as is %s of kube-apiserver", s.Name, path, shared.Name).
						Note(shared.At, "the API server trusts it for its users here")
				}
			}
		}
	},
}}

// A concern is a kind of object that an audit log should have.
type concern struct{ group, name string }

var concerns = [...]concern{
	{"", "secrets"}, {"", "configmaps"}, {"authentication.k8s.io", "tokenreviews"},
	{"", "pods"}, {"apps", "deployments"}, {"", "pods/exec"}, {"", "pods/portforward"}, {"", "pods/proxy"}, {"", "services/proxy"},
}

// logs tells whether some rule of the policy logs requests for such objects.
func logs(policy *graph.Resource, c concern) graph.Tri {
	list := policy.At("rules")
	if !list.Known() {
		return graph.Unsure
	}
	logged := graph.False
	for rule := range list.Each() {
		about := graph.Of(rule.At("resources").Present() == graph.False && rule.At("nonResourceURLs").Present() == graph.False)
		if !rule.At("resources").Known() {
			about = graph.Unsure
		}
		for r := range rule.At("resources").Each() {
			// A group without resources is all of the group. Rules often name the
			// core group beside resources of others; what is meant is clear.
			about = about.Or(r.At("resources").Contains(c.matches()...).Or(
				r.At("resources").Present().Not().And(r.At("group").Is(c.group).Or(r.At("group").Present().Not().And(graph.Of(c.group == ""))))))
		}
		logged = logged.Or(about.And(rule.At("level").Is("Metadata", "Request", "RequestResponse")))
	}
	return logged
}

// matches are the ways to name the objects in a rule (audit.k8s.io/v1 GroupResources).
func (c concern) matches() []string {
	names := []string{c.name, "*"}
	if resource, sub, ok := strings.Cut(c.name, "/"); ok {
		names = append(names, resource+"/*", "*/"+sub)
	}
	return slices.Clip(names)
}
