package node

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// apiArgs and the like end a Remedy.
const (
	apiArgs = " With kubeadm it goes into `apiServer.extraArgs`."
	cmArgs  = " With kubeadm it goes into `controllerManager.extraArgs`."
	schArgs = " With kubeadm it goes into `scheduler.extraArgs`."
)

// access holds the rules about who gets in at the API server.
var access = rules(component.APIServer, must{
	ID: "node-apiserver-anonymous-auth", Flag: "anonymous-auth", Be: isFalse,
	Title:    "API server lets anonymous requests in",
	Why:      "A request without credentials is let through to authorization as `system:anonymous`. One binding that is too wide, or one bug in a path open to all, and the cluster answers to anybody who reaches the port.",
	Remedy:   "Start kube-apiserver with `--anonymous-auth=false`." + apiArgs + " Where probes without credentials need `/livez` and `/readyz`, allow just these paths in a file for `--authentication-config`.",
	Severity: analyzers.Medium, Precision: analyzers.MediumPrecision,
	Same: []string{"checkov:CKV_K8S_68", "trivy:KCV-0001", "kubescape:C-0113", "kics:1de5cc51-f376-4638-a940-20f2e85ae238"},
}, must{
	ID: "node-apiserver-always-allow", Flag: "authorization-mode",
	Be: want{func(s component.Setting) graph.Tri {
		return s.Has("AlwaysAllow").And(s.Set).Not()
	}, "not have AlwaysAllow"},
	Title:    "API server allows every request",
	Why:      "With the mode AlwaysAllow nobody is ever refused: every account, and with anonymous requests everybody on the network, is administrator of the cluster.",
	Remedy:   "Start kube-apiserver with `--authorization-mode=Node,RBAC`." + apiArgs,
	Severity: analyzers.Critical, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_74", "trivy:KCV-0007", "kubescape:C-0118", "kics:f1f4d8da-1ac4-47d0-b1aa-91e69d33f7d5"},
}, must{
	ID: "node-apiserver-authorization-unset", Flag: "authorization-mode",
	Be: want{func(s component.Setting) graph.Tri {
		return s.Has("AlwaysAllow").And(s.Set.Not()).Not()
	}, "be set"},
	Title:    "API server is not told whom to allow",
	Why:      "Without a mode the program allows everything: every account, and with anonymous requests everybody on the network, is administrator of the cluster. Nothing in the manifest shows it.",
	Remedy:   "Start kube-apiserver with `--authorization-mode=Node,RBAC`." + apiArgs,
	Severity: analyzers.Critical, Precision: analyzers.VeryHighPrecision,
	Same: []string{"trivy:KCV-0007", "kubescape:C-0118", "kics:f1f4d8da-1ac4-47d0-b1aa-91e69d33f7d5"},
}, must{
	ID: "node-apiserver-authorization-node", Flag: "authorization-mode", Be: has("Node"),
	Title:    "API server does not limit kubelets to their node",
	Why:      "Without the Node authorizer kubelets need rights on all nodes, pods and secrets. Whoever takes one node then reads the secrets of all.",
	Remedy:   "Add `Node` to `--authorization-mode`: `--authorization-mode=Node,RBAC`." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_75", "trivy:KCV-0008", "kubescape:C-0119", "kics:4d7ee40f-fc5d-427d-8cac-dffbe22d42d1"},
}, must{
	ID: "node-apiserver-authorization-rbac", Flag: "authorization-mode", Be: has("RBAC"),
	Title:    "API server does not use RBAC",
	Why:      "Roles and bindings in the cluster mean nothing when the API server does not ask them; who may do what is then decided somewhere else, or not at all.",
	Remedy:   "Add `RBAC` to `--authorization-mode`: `--authorization-mode=Node,RBAC`." + apiArgs,
	Severity: analyzers.High, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_77", "trivy:KCV-0009", "kubescape:C-0120", "kics:1aa4a1ae-5dbb-48a1-9aa2-630ea4be208e"},
}, must{
	ID: "node-apiserver-basic-auth", Flag: "basic-auth-file", Be: unset,
	Title:    "API server takes passwords from a file",
	Why:      "The file holds passwords in plain text, and they stay valid until somebody edits it and starts the server again. Kubernetes 1.19 removed it.",
	Remedy:   "Remove `--basic-auth-file`. Let people in through OIDC, and programs with tokens of service accounts.",
	Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_69", "kics:5da47109-f8d6-4585-9e2b-96a8958a12f5"},
}, must{
	ID: "node-apiserver-token-auth", Flag: "token-auth-file", Be: unset,
	Title:    "API server takes tokens from a file",
	Why:      "The tokens lie there in plain text and never expire; one that leaked opens the cluster until the file is edited and the server started again.",
	Remedy:   "Remove `--token-auth-file`. Let people in through OIDC, and programs with tokens of service accounts.",
	Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_70", "trivy:KCV-0002", "kubescape:C-0114", "kics:32ecd76e-7bbf-402e-bf48-8b9485749558"},
}, must{
	ID: "node-apiserver-insecure-port", Flag: "insecure-port", Be: number("be 0", func(n float64) bool { return n == 0 }),
	Title:    "API server serves without TLS and without asking who is there",
	Why:      "The insecure port skips authentication and authorization. Whoever reaches it, and every process on the node does, is administrator of the cluster.",
	Remedy:   "Set `--insecure-port=0`, or remove it: since Kubernetes 1.20 there is no such port, before it was 8080." + apiArgs,
	Severity: analyzers.Critical, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_88", "kubescape:C-0005", "kics:fa4def8c-1898-4a35-a139-7b76b1acdef0"},
}, must{
	ID: "node-apiserver-insecure-bind-address", Flag: "insecure-bind-address", Be: unset,
	Title:    "API server has an address for its insecure port",
	Why:      "The insecure port skips authentication and authorization. With an address of its own it is open to whoever reaches that address.",
	Remedy:   "Remove `--insecure-bind-address`; Kubernetes has no insecure port since 1.20.",
	Severity: analyzers.High, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_86", "kics:b9380fd3-5ffe-4d10-9290-13e18e71eee1"},
}, must{
	ID: "node-apiserver-secure-port", Flag: "secure-port", Be: number("not be 0", func(n float64) bool { return n != 0 }),
	Title:    "API server does not serve with TLS",
	Why:      "Port 0 switches HTTPS off. What is left is the insecure port, where nobody is asked who they are and all is sent in plain text.",
	Remedy:   "Remove `--secure-port=0`, or name a port such as 6443." + apiArgs,
	Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_89", "trivy:KCV-0017", "kubescape:C-0128", "kics:3d24b204-b73d-42cb-b0bf-1a5438c5f71e"},
}, must{
	ID: "node-apiserver-service-account-lookup", Flag: "service-account-lookup", Be: isTrue,
	Title:    "API server takes tokens of deleted service accounts",
	Why:      "Without the lookup a token counts as long as its signature does. One that was stolen cannot be taken back by deleting its secret or its account.",
	Remedy:   "Remove `--service-account-lookup=false`; true is the default." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_96", "trivy:KCV-0024", "kubescape:C-0135", "kics:a5530bd7-225a-48f9-91bb-f40b04200165"},
}, must{
	ID: "node-apiserver-service-account-key-file", Flag: "service-account-key-file", Be: isSet,
	Title:    "API server checks tokens of service accounts with its TLS key",
	Why:      "Without a key of their own the tokens hang on the key of the server's certificate: neither can be renewed without the other, and one leak costs both.",
	Remedy:   "Set `--service-account-key-file` to the public key that belongs to the controller manager's `--service-account-private-key-file`." + apiArgs,
	Severity: analyzers.Low, Precision: analyzers.HighPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_97", "trivy:KCV-0025", "kubescape:C-0136", "kics:dab4ec72-ce2e-4732-b7c3-1757dcce01a1"},
}, must{
	ID: "node-apiserver-extended-tokens", Flag: "service-account-extend-token-expiration", Be: isFalse,
	Title:    "API server lets tokens of pods live for a year",
	Why:      "Tokens that pods get should last an hour. For the sake of old clients the API server stretches them to a year, and so a token that leaks from a log or a backup still opens the cluster months later.",
	Remedy:   "Start kube-apiserver with `--service-account-extend-token-expiration=false` once the metric `serviceaccount_stale_tokens_total` stays at zero." + apiArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"kubescape:C-0290"},
}, must{
	ID: "node-apiserver-profiling", Flag: "profiling", Be: isFalse,
	Title:    "API server serves profiles of itself",
	Why:      profilingWhy,
	Remedy:   "Start kube-apiserver with `--profiling=false`." + apiArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_90", "trivy:KCV-0018", "kubescape:C-0129", profilingKics},
}, must{
	ID: "node-apiserver-request-timeout", Flag: "request-timeout",
	Be:       seconds("be between 1s and 5m", func(n float64) bool { return n > 0 && n <= 300 }),
	Title:    "API server lets requests run for long",
	Why:      "Slow requests hold a place in the queue of the API server. With a timeout of many minutes few clients fill it, and the cluster stops answering.",
	Remedy:   "Leave `--request-timeout` out, which means one minute, or set at most `5m`." + apiArgs,
	Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
	Same: []string{"checkov:CKV_K8S_95", "kubescape:C-0134", "kics:d89a15bb-8dba-4c71-9529-bef6729b9c09"},
})

const (
	profilingWhy  = "The pages below `/debug/pprof` show what the program works on, and each profile taken costs it time. Nobody needs them but for finding a fault in the program itself."
	profilingKics = "kics:2f491173-6375-4a84-b28e-a4e2b9a58a69"
)
