package node

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const (
	rotateWhy  = "Certificates that are not renewed run out, and the node with them; to avoid that they are made to last for years, and one that was stolen lasts as long."
	rotateKics = "kics:1c621b8e-2c6a-44f5-bd6a-fb0fb7ba33e2"
)

// kubelet holds the rules about kubelets.
var kubelet = rules(component.Kubelet, must{
	ID: "node-kubelet-anonymous-auth", Flag: "anonymous-auth", Be: isFalse,
	Title:    "Kubelet lets anonymous requests in",
	Why:      "The kubelet runs commands in every container of its node. If it takes requests from anybody, one gap in its authorization hands over all pods there and their secrets.",
	Remedy:   "Set `authentication.anonymous.enabled: false` in the KubeletConfiguration, or `--anonymous-auth=false`.",
	Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_138", "trivy:KCV-0079", "kubescape:C-0172", "kubescape:C-0069", "kics:1de5cc51-f376-4638-a940-20f2e85ae238"},
}, must{
	ID: "node-kubelet-always-allow", Flag: "authorization-mode", Be: lacks("AlwaysAllow"),
	Title:    "Kubelet allows every request",
	Why:      "Whoever gets past the kubelet's authentication, with anonymous requests everybody, runs commands in all containers of the node.",
	Remedy:   "Set `authorization.mode: Webhook` in the KubeletConfiguration, or `--authorization-mode=Webhook`: the kubelet then asks the API server.",
	Severity: analyzers.Critical, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_139", "trivy:KCV-0080", "kubescape:C-0173", "kics:f1f4d8da-1ac4-47d0-b1aa-91e69d33f7d5"},
}, must{
	ID: "node-kubelet-client-ca", Flag: "client-ca-file", Be: isSet,
	Title:    "Kubelet takes no client certificates",
	Why:      "The API server proves with a certificate that it is the one who gives orders. Without a CA to check it against the kubelet cannot tell it from others.",
	Remedy:   "Set `authentication.x509.clientCAFile` in the KubeletConfiguration, or `--client-ca-file`, to the CA of the API server's client certificate.",
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_140", "trivy:KCV-0081", "kubescape:C-0174", "kubescape:C-0070"},
}, must{
	ID: "node-kubelet-read-only-port", Flag: "read-only-port", Be: number("be 0", func(n float64) bool { return n == 0 }),
	Title:    "Kubelet has its read-only port open",
	Why:      "The port asks nobody who they are, and tells everybody in the network, pods included, what runs on the node and with which environment.",
	Remedy:   "Set `readOnlyPort: 0` in the KubeletConfiguration, or `--read-only-port=0`. Metrics are on the port 10250 too, where the kubelet asks who is there.",
	Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_141", "trivy:KCV-0082", "kubescape:C-0175", "kics:2940d48a-dc5e-4178-a3f8-bfbd80720b41"},
}, must{
	ID: "node-kubelet-streaming-timeout", Flag: "streaming-connection-idle-timeout",
	Be:       seconds("not be 0", func(n float64) bool { return n != 0 }),
	Title:    "Kubelet never closes idle connections",
	Why:      "A shell that `kubectl exec` opened stays open for good, for whoever finds it; and connections nobody uses add up until the node has none left.",
	Remedy:   "Remove `streamingConnectionIdleTimeout: 0` from the KubeletConfiguration, or set a time such as `4h`, the default.",
	Severity: analyzers.Low, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_143", "trivy:KCV-0085", "kubescape:C-0176", "kics:ed89b97d-04e9-4fd4-919f-ee5b27e555e9"},
}, must{
	ID: "node-kubelet-kernel-defaults", Flag: "protect-kernel-defaults", Be: isTrue,
	Title:    "Kubelet changes settings of the kernel by itself",
	Why:      "The kubelet sets kernel parameters to what it wants, and so undoes quietly what the hardening of the node had set.",
	Remedy:   "Set `protectKernelDefaults: true` in the KubeletConfiguration, or `--protect-kernel-defaults=true`, and the parameters the kubelet needs in the node's image: it does not start without them.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_144", "trivy:KCV-0083", "kubescape:C-0177", "kics:6cf42c97-facd-4fda-b8af-ea4529123355"},
}, must{
	ID: "node-kubelet-iptables", Flag: "make-iptables-util-chains", Be: isTrue,
	Title:    "Kubelet does not look after the node's iptables",
	Why:      "When the kubelet leaves its chains alone, what else changes iptables on the node decides alone how pods are reached, and mistakes there stay.",
	Remedy:   "Remove `makeIPTablesUtilChains: false` from the KubeletConfiguration; true is the default.",
	Severity: analyzers.Low, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_145", "trivy:KCV-0084", "kubescape:C-0178", "kics:5f89001f-6dd9-49ff-9b15-d8cd71b617f4"},
}, must{
	ID: "node-kubelet-hostname-override", Flag: "hostname-override", Be: unset,
	Title:    "Kubelet goes by a name of its own choice",
	Why:      "The name of the node no longer is that of the host: certificates do not fit, and logs of the node and of the cluster speak of different machines.",
	Remedy:   "Remove `--hostname-override`, unless the cloud provider asks for it, and set the name of the host instead.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_146", "trivy:KCV-0086", "kubescape:C-0179", "kics:bf36b900-b5ef-4828-adb7-70eb543b7cfb"},
}, must{
	ID: "node-kubelet-event-qps", Flag: "event-qps",
	Be:       number("be 0 or at least 50", func(n float64) bool { return n == 0 || n >= 50 }),
	Title:    "Kubelet drops events",
	Why:      "Events tell why pods were started, killed or refused. Above the limit they are dropped, and the ones an attack made may be among them.",
	Remedy:   "Remove `eventRecordQPS`, which means 50, or set more; 0 is without limit, and then a fault can flood the API server.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_147", "trivy:KCV-0087", "kubescape:C-0180", "kics:1a07a446-8e61-4e4d-bc16-b0781fcb8211"},
}, must{
	ID: "node-kubelet-tls-certificate", Flag: "tls-cert-file tls-private-key-file", Be: isSet, If: noBootstrap,
	Title:    "Kubelet makes its certificate itself",
	Why:      "The API server cannot check a certificate that the kubelet signed itself. Whoever gets between them can pose as the node and reads what is typed into `kubectl exec`.",
	Remedy:   "Set `serverTLSBootstrap: true` in the KubeletConfiguration and approve the requests, or `tlsCertFile` and `tlsPrivateKeyFile`.",
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_148", "trivy:KCV-0088", "trivy:KCV-0089", "kubescape:C-0181", tlsKics},
}, must{
	ID: "node-kubelet-rotate-certificates", Flag: "rotate-certificates", Be: isTrue,
	Title: "Kubelet does not renew its client certificate", Why: rotateWhy,
	Remedy:   "Set `rotateCertificates: true` in the KubeletConfiguration, or `--rotate-certificates=true`. Without it nothing is renewed: that is the default.",
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_149", "trivy:KCV-0090", "kubescape:C-0182", "kics:52d70f2e-3257-474c-b3dc-8ad9ba6a061a"},
}, must{
	ID: "node-kubelet-rotate-server-certificate", Flag: "feature-gates", Be: lacks("RotateKubeletServerCertificate=false"),
	Title: "Kubelet cannot renew its serving certificate", Why: rotateWhy,
	Remedy:   "Remove `RotateKubeletServerCertificate: false` from `featureGates`; true is the default.",
	Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	Same: []string{"trivy:KCV-0091", "kubescape:C-0183", rotateKics},
}, must{
	ID: "node-kubelet-pod-pids", Flag: "pod-max-pids", Be: number("be above 0", func(n float64) bool { return n > 0 }),
	Title:    "Kubelet does not limit the processes of a pod",
	Why:      "One pod that forks without end takes all process IDs of the node, and nothing else on it can start a process, the kubelet included.",
	Remedy:   "Set `podPidsLimit` in the KubeletConfiguration, such as 4096.",
	Severity: analyzers.Low, Precision: analyzers.HighPrecision, Profile: analyzers.Strict,
	Same: []string{"kubescape:C-0284"},
}, must{
	ID: "node-kubelet-seccomp-default", Flag: "seccomp-default", Be: isTrue,
	Title:    "Kubelet runs pods without a seccomp profile",
	Why:      "Pods that name no profile may call everything the kernel has. Most ways out of a container begin with a call that no program needs.",
	Remedy:   "Set `seccompDefault: true` in the KubeletConfiguration: pods that name no profile then get the runtime's.",
	Severity: analyzers.Low, Precision: analyzers.HighPrecision, Profile: analyzers.Strict,
})

// noBootstrap tells whether the kubelet does not get its serving certificate
// from the cluster.
func noBootstrap(c component.Component) graph.Tri {
	s, _ := c.Flag("rotate-server-certificates")
	return s.Bool().Not()
}
