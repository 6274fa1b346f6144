package node

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// admission holds the rules about the plugins that a request passes before it
// is stored.
var admission = slices.Concat(rules(component.APIServer, must{
	ID: "node-apiserver-always-admit", Flag: "enable-admission-plugins", Be: lacks("AlwaysAdmit"),
	Title:    "API server has the plugin that admits everything",
	Why:      "AlwaysAdmit was made for tests. Who lists it in place of the plugins that check means to switch these off.",
	Remedy:   "Remove `AlwaysAdmit` from `--enable-admission-plugins`.",
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_79", "trivy:KCV-0011", "kubescape:C-0122", "kics:ce30e584-b33f-4c7d-b418-a3d7027f8f60"},
}, must{
	ID: "node-apiserver-node-restriction", Flag: "enable-admission-plugins", Be: has("NodeRestriction"),
	Title:    "API server lets kubelets change other nodes",
	Why:      "Without NodeRestriction the kubelet of a node that was taken may label and change every node and the pods on it, and so draw the pods with the best secrets to itself.",
	Remedy:   "Add `NodeRestriction` to `--enable-admission-plugins`." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_85", "trivy:KCV-0016", "kubescape:C-0127", "kics:33fc6923-6553-4fe6-9d3a-4efa51eb874b"},
}, must{
	ID: "node-apiserver-namespace-lifecycle", Flag: "disable-admission-plugins", Be: lacks("NamespaceLifecycle"),
	Title:    "API server does not guard the life of namespaces",
	Why:      "Without NamespaceLifecycle objects are made in namespaces that are being deleted or never were, where no clean-up finds them, and the namespaces of the system can be deleted.",
	Remedy:   "Remove `NamespaceLifecycle` from `--disable-admission-plugins`.",
	Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_83", "trivy:KCV-0015", "kubescape:C-0126", "kics:1ffe7bf7-563b-4b3d-a71d-ba6bd8d49b37"},
}, must{
	ID: "node-apiserver-service-account-admission", Flag: "disable-admission-plugins", Be: lacks("ServiceAccount"),
	Title:    "API server does not give pods their service account",
	Why:      "Without the plugin ServiceAccount nobody checks that a pod's account exists or which secrets it may mount, and programs fall back on credentials that people hand around.",
	Remedy:   "Remove `ServiceAccount` from `--disable-admission-plugins`.",
	Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_82", "trivy:KCV-0014", "kubescape:C-0125", "kics:9587c890-0524-40c2-9ce2-663af7c2f063"},
}, must{
	ID: "node-apiserver-always-pull-images", Flag: "enable-admission-plugins", Be: has("AlwaysPullImages"),
	Title:    "API server lets pods use images that others pulled",
	Why:      "An image that is on the node already starts without asking the registry. A pod that knows its name runs a private image it has no credentials for.",
	Remedy:   "Add `AlwaysPullImages` to `--enable-admission-plugins` where tenants share nodes. The registry must then be there whenever a pod starts.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_80", "trivy:KCV-0012", "kubescape:C-0123", "kics:a77f4d07-c6e0-4a48-8b35-0eeb51576f4f"},
}, must{
	ID: "node-apiserver-event-rate-limit", Flag: "enable-admission-plugins", Be: has("EventRateLimit"),
	Title:    "API server takes events without a limit",
	Why:      "One program that goes wrong writes events by the thousand, and the API server and etcd are busy with nothing else.",
	Remedy:   "Add `EventRateLimit` to `--enable-admission-plugins`, and its limits to the file of `--admission-control-config-file`.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"trivy:KCV-0010", "kubescape:C-0121", "kics:e0099af2-fe17-411f-9991-0de28fe15f3c"},
}, must{
	ID: "node-apiserver-image-policy", Flag: "enable-admission-plugins", Be: has("ImagePolicyWebhook"),
	Title:    "API server asks nobody which images may run",
	Why:      "Whoever may make a pod may run any image from anywhere. A policy that looks at origin and signature stops the ones nobody reviewed.",
	Remedy:   "Add `ImagePolicyWebhook` to `--enable-admission-plugins` with its configuration, or check images with a policy controller in the cluster and ignore this rule.",
	Severity: analyzers.Info, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
	Same: []string{"kubescape:C-0289", "kics:14abda69-8e91-4acb-9931-76e2bee90284"},
}, must{
	ID: "node-apiserver-external-ips", Flag: "enable-admission-plugins", Be: has("DenyServiceExternalIPs"),
	Title:    "API server lets Services claim any address",
	Why:      "Whoever may make a Service can name an address under `externalIPs`, and the nodes send what pods send there to the attacker instead (CVE-2020-8554).",
	Remedy:   "Add `DenyServiceExternalIPs` to `--enable-admission-plugins`, unless a policy in the cluster looks after `externalIPs`.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"kubescape:C-0283"},
}), []*analyzers.Rule{{
	ID:        "node-apiserver-pod-security",
	Title:     "API server has no plugin that checks what pods may do",
	Why:       "When nothing looks at pods on their way in, whoever may make one may make a privileged one, and with it owns a node.",
	Remedy:    "Remove `PodSecurity` from `--disable-admission-plugins`. Before Kubernetes 1.23 add `PodSecurityPolicy` to `--enable-admission-plugins`; better, upgrade.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"checkov:CKV_K8S_81", "checkov:CKV_K8S_84", "trivy:KCV-0013", "kubescape:C-0124",
		"kics:6a68bebe-c021-492e-8ddb-55b0567fb768", "kics:afa36afb-39fe-4d94-b9b6-afb236f7a03d",
	},
	Check: analyzers.Each(component.All, func(p *analyzers.Pass, c component.Component) {
		if c.Program != component.APIServer {
			p.Look(-1)
			return
		}
		enabled, _ := c.Flag("enable-admission-plugins")
		disabled, _ := c.Flag("disable-admission-plugins")
		own := enabled.Has("PodSecurityPolicy", "SecurityContextDeny")
		if c.Minor > 0 && c.Minor < 23 { // PodSecurity came with 1.22 and is on since 1.23
			p.ReportIf(own.Or(enabled.Has("PodSecurity")).Not(), enabled.At, "%s of %s must have PodSecurityPolicy", enabled.Name, c.Program)
			return
		}
		off := disabled.Has("PodSecurity").And(graph.Of(c.Minor == 0 || c.Minor < 25).And(own).Not())
		p.ReportIf(off, disabled.At, "%s of %s must not have PodSecurity", disabled.Name, c.Program)
	}),
}})
