package node

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const (
	healthWhy = "Its health and metrics pages tell about the cluster to whoever reaches the port, and every port that is open is one more to attack. Only programs on the same node need it."
	bindKics  = "kics:46a2e9ec-6a5f-4faa-9d39-4ea44d5d87a2"
)

var loopback = want{func(s component.Setting) graph.Tri {
	text, known := s.Text()
	if !known {
		return graph.Unsure
	}
	return graph.Of(text == "127.0.0.1" || text == "::1" || text == "localhost")
}, "be 127.0.0.1"}

// controllers holds the rules about the controller manager, the scheduler and
// kube-proxy.
var controllers = slices.Concat(rules(component.ControllerManager, must{
	ID: "node-controller-manager-service-account-credentials", Flag: "use-service-account-credentials", Be: isTrue,
	Title:    "Controllers share one account",
	Why:      "All controllers act with the rights of the controller manager. A fault in one of them can then do what all of them may, and the audit log cannot tell them apart.",
	Remedy:   "Start kube-controller-manager with `--use-service-account-credentials=true`." + cmArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_108", "trivy:KCV-0035", "kubescape:C-0146", "kics:1acd93f1-5a37-45c0-aaac-82ece818be7d"},
}, must{
	ID: "node-controller-manager-service-account-key", Flag: "service-account-private-key-file", Be: isSet,
	Title:    "Controller manager has no key to sign tokens with",
	Why:      "Without a key of its own no tokens of service accounts are signed here, and somebody hands out credentials in another way, or signs with a key made for something else.",
	Remedy:   "Set `--service-account-private-key-file` to the key whose public half the API server has under `--service-account-key-file`." + cmArgs,
	Severity: analyzers.Low, Precision: analyzers.HighPrecision, Profile: analyzers.Strict,
	Same: []string{"trivy:KCV-0036", "kubescape:C-0147", "kics:ccc98ff7-68a7-436e-9218-185cb0b0b780"},
}, must{
	ID: "node-controller-manager-root-ca", Flag: "root-ca-file", Be: isSet,
	Title:    "Pods are not given the CA of the API server",
	Why:      "Pods cannot check that they talk to the API server before they send it their token. Whoever sits between them takes the token.",
	Remedy:   "Set `--root-ca-file` to the CA of the API server's certificate." + cmArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"trivy:KCV-0037", "kubescape:C-0148", "kics:05fb986f-ac73-4ebb-a5b2-7faafa93d882"},
}, must{
	ID: "node-controller-manager-rotate-kubelet-certificate", Flag: "feature-gates", Be: lacks("RotateKubeletServerCertificate=false"),
	Title:    "Controller manager does not renew certificates of kubelets",
	Why:      rotateWhy,
	Remedy:   "Remove `RotateKubeletServerCertificate=false` from `--feature-gates`; true is the default.",
	Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_112", "trivy:KCV-0038", "kubescape:C-0149", rotateKics},
}, must{
	ID: "node-controller-manager-bind-address", Flag: "bind-address", Be: loopback,
	Title: "Controller manager can be reached over the network", Why: healthWhy,
	Remedy:   "Start kube-controller-manager with `--bind-address=127.0.0.1`." + cmArgs,
	Severity: analyzers.Low, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_113", "trivy:KCV-0039", "kubescape:C-0150", bindKics},
}, must{
	ID: "node-controller-manager-profiling", Flag: "profiling", Be: isFalse,
	Title: "Controller manager serves profiles of itself", Why: profilingWhy,
	Remedy:   "Start kube-controller-manager with `--profiling=false`." + cmArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_107", "trivy:KCV-0034", "kubescape:C-0145", profilingKics},
}, must{
	ID: "node-controller-manager-pod-gc", Flag: "terminated-pod-gc-threshold",
	Be: want{func(s component.Setting) graph.Tri {
		n, known := s.Number()
		if !known {
			return graph.Unsure
		}
		return graph.Of(n > 0 && n <= 12500).And(s.Set)
	}, "be set to 1 up to 12500"},
	Title:    "Nobody decided how many finished pods stay",
	Why:      "Pods that are over stay in etcd until there are this many: 12500 unless it is set, all of them when it is 0. They make lists long and the store slow.",
	Remedy:   "Set `--terminated-pod-gc-threshold` to what the cluster can carry, such as 1000." + cmArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_106", "trivy:KCV-0033", "kubescape:C-0144", "kics:49113af4-29ca-458e-b8d4-724c01a4a24f"},
}), rules(component.Scheduler, must{
	ID: "node-scheduler-bind-address", Flag: "bind-address", Be: loopback,
	Title: "Scheduler can be reached over the network", Why: healthWhy,
	Remedy:   "Start kube-scheduler with `--bind-address=127.0.0.1`." + schArgs,
	Severity: analyzers.Low, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_115", "trivy:KCV-0041", "kubescape:C-0152", bindKics},
}, must{
	ID: "node-scheduler-profiling", Flag: "profiling", Be: isFalse,
	Title: "Scheduler serves profiles of itself", Why: profilingWhy,
	Remedy:   "Start kube-scheduler with `--profiling=false`, or set `enableProfiling: false` in its KubeSchedulerConfiguration." + schArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_114", "trivy:KCV-0040", "kubescape:C-0151", profilingKics},
}), rules(component.Proxy, must{
	ID: "node-proxy-metrics-address", Flag: "metrics-bind-address",
	Be: want{func(s component.Setting) graph.Tri {
		text, known := s.Text()
		if !known {
			return graph.Unsure
		}
		return graph.Of(text == "" || local().MatchString(text))
	}, "be 127.0.0.1"},
	Title:    "Metrics of kube-proxy are open to the network",
	Why:      "The port asks nobody who they are. It tells how the cluster routes, and its `/configz` how kube-proxy is set up.",
	Remedy:   "Set `metricsBindAddress: 127.0.0.1:10249` in the KubeProxyConfiguration, which is the default, and let a scraper on the node fetch the metrics.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"kubescape:C-0291"},
}))
