package node

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// local is an address that only the node itself reaches, with a port or without.
var local = late.Pattern(`^(127(\.\d+){3}|localhost|::1|\[::1\])(:\d+)?$`)

const (
	storeWhy = "etcd holds everything the cluster knows, its secrets among it. "
	etcdArgs = " With kubeadm it goes into `etcd.local.extraArgs`."
)

// etcd holds the rules about etcd.
var etcd = rules(component.Etcd, must{
	ID: "node-etcd-tls-certificate", Flag: "cert-file key-file", Be: isSet,
	Title:    "etcd serves without a certificate",
	Why:      storeWhy + "Without a certificate it is sent over the network in plain text, for all to read and to change.",
	Remedy:   "Set `--cert-file` and `--key-file`, and use `https://` in `--listen-client-urls`." + etcdArgs,
	Severity: analyzers.High, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_116", "trivy:KCV-0042", "kubescape:C-0153", "kics:075ca296-6768-4322-aea2-ba5063b969a9"},
}, must{
	ID: "node-etcd-client-cert-auth", Flag: "client-cert-auth", Be: isTrue,
	Title:    "etcd lets everybody in",
	Why:      storeWhy + "Without client certificates whoever reaches the port reads them all, and writes what the API server then believes.",
	Remedy:   "Start etcd with `--client-cert-auth=true` and `--trusted-ca-file`." + etcdArgs,
	Severity: analyzers.High, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_117", "trivy:KCV-0043", "kubescape:C-0154", "kics:9391103a-d8d7-4671-ac5d-606ba7ccb0ac"},
}, must{
	ID: "node-etcd-auto-tls", Flag: "auto-tls", Be: isFalse,
	Title:    "etcd makes its certificate itself",
	Why:      storeWhy + "A certificate that it signed itself proves nothing: anybody on the way can pose as etcd.",
	Remedy:   "Remove `--auto-tls`, and set `--cert-file` and `--key-file`." + etcdArgs,
	Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_118", "trivy:KCV-0044", "kubescape:C-0155", "kics:98ce8b81-7707-4734-aa39-627c6db3d84b"},
}, must{
	ID: "node-etcd-peer-tls-certificate", Flag: "peer-cert-file peer-key-file", Be: isSet,
	Title:    "Members of etcd talk without certificates",
	Why:      storeWhy + "Members send it all to each other; without certificates in plain text.",
	Remedy:   "Set `--peer-cert-file` and `--peer-key-file`, and use `https://` in `--listen-peer-urls`. An etcd of one member has no peers: then the rule may be ignored." + etcdArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_119", "trivy:KCV-0045", "kubescape:C-0156", "kics:09bb9e96-8da3-4736-b89a-b36814acca60"},
}, must{
	ID: "node-etcd-peer-client-cert-auth", Flag: "peer-client-cert-auth", Be: isTrue,
	Title:    "etcd lets everybody pose as a member",
	Why:      storeWhy + "Whoever joins as a member without a certificate gets a copy of it.",
	Remedy:   "Start etcd with `--peer-client-cert-auth=true` and `--peer-trusted-ca-file`." + etcdArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_121", "trivy:KCV-0046", "kubescape:C-0157", "kics:b7d0181d-0a9b-4611-9d1c-1ad4f0b620ff"},
}, must{
	ID: "node-etcd-peer-auto-tls", Flag: "peer-auto-tls", Be: isFalse,
	Title:    "Members of etcd make their certificates themselves",
	Why:      storeWhy + "Certificates that members signed themselves prove nothing: anybody can pose as a member.",
	Remedy:   "Remove `--peer-auto-tls`, and set `--peer-cert-file` and `--peer-key-file`." + etcdArgs,
	Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	Same: []string{"trivy:KCV-0047", "kubescape:C-0158", "kics:ae8827e2-4af9-4baa-9998-87539ae0d6f0"},
})
