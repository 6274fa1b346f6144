package node

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
)

// connections holds the rules about how the API server and the others talk.
var connections = rules(component.APIServer, must{
	ID: "node-apiserver-kubelet-https", Flag: "kubelet-https", Be: isTrue,
	Title:    "API server talks to kubelets in plain text",
	Why:      "Logs, and everything typed into `kubectl exec`, cross the network for all to read and to change.",
	Remedy:   "Remove `--kubelet-https=false`; Kubernetes 1.22 knows no plain text here any more.",
	Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
	Same: []string{"checkov:CKV_K8S_71", "trivy:KCV-0004", "kics:cdc8b54e-6b16-4538-a1b0-35849dbe29cf"},
}, must{
	ID: "node-apiserver-kubelet-client-certificate", Flag: "kubelet-client-certificate kubelet-client-key", Be: isSet,
	Title:    "API server does not tell kubelets who it is",
	Why:      "Without a client certificate the API server is anonymous to the kubelets, and so they must take orders from anybody.",
	Remedy:   "Set `--kubelet-client-certificate` and `--kubelet-client-key` to a certificate that the kubelets' client CA signed." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_72", "trivy:KCV-0005", "kubescape:C-0116", "kics:36a27826-1bf5-49da-aeb0-a60a30c0e834"},
}, must{
	ID: "node-apiserver-kubelet-ca", Flag: "kubelet-certificate-authority", Be: isSet,
	Title:    "API server does not check the certificates of kubelets",
	Why:      "Whoever gets between the API server and a node can pose as its kubelet, and reads what is typed into `kubectl exec`.",
	Remedy:   "Set `--kubelet-certificate-authority` to the CA of the kubelets' serving certificates. They need such certificates first: `serverTLSBootstrap: true` in the KubeletConfiguration." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_73", "trivy:KCV-0006", "kubescape:C-0117", "kics:ec18a0d3-0069-4a58-a7fb-fbfe0b4bbbe0"},
}, must{
	ID: "node-apiserver-etcd-certificate", Flag: "etcd-certfile etcd-keyfile", Be: isSet,
	Title:    "API server does not tell etcd who it is",
	Why:      "etcd holds every secret of the cluster. If the API server needs no certificate to get at it, neither does anybody else.",
	Remedy:   "Set `--etcd-certfile` and `--etcd-keyfile`, and start etcd with `--client-cert-auth=true`." + apiArgs,
	Severity: analyzers.High, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_99", "trivy:KCV-0026", "kubescape:C-0137", "kics:895a5a95-3756-4b04-9924-2f3bc93181bd"},
}, must{
	ID: "node-apiserver-etcd-ca", Flag: "etcd-cafile", Be: isSet,
	Title:    "API server does not check the certificate of etcd",
	Why:      "Whoever gets between the API server and etcd can pose as the store of the cluster: read all that is written, and answer with what suits them.",
	Remedy:   "Set `--etcd-cafile` to the CA of etcd's serving certificate." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_102", "trivy:KCV-0029", "kubescape:C-0140", "kics:3f5ff8a7-5ad6-4d02-86f5-666307da1b20"},
}, must{
	ID: "node-apiserver-tls-certificate", Flag: "tls-cert-file tls-private-key-file", Be: isSet,
	Title:    "API server makes its certificate itself",
	Why:      "Without a certificate the API server signs one for itself. Clients cannot check it, so they learn not to, and then anybody on the way can pose as the cluster.",
	Remedy:   "Set `--tls-cert-file` and `--tls-private-key-file` to a certificate of the cluster's CA." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_100", "trivy:KCV-0027", "kubescape:C-0138", tlsKics},
}, must{
	ID: "node-apiserver-client-ca", Flag: "client-ca-file", Be: isSet,
	Title:    "API server takes no client certificates",
	Why:      "Nodes and the parts of the control plane prove with certificates who they are. Without a CA to check these against they need tokens that are written down somewhere.",
	Remedy:   "Set `--client-ca-file` to the CA that signs client certificates." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"trivy:KCV-0028", "kubescape:C-0139"},
}, must{
	ID: "node-apiserver-encryption", Flag: "encryption-provider-config", Be: isSet,
	Title:    "API server stores secrets in plain text",
	Why:      "Secrets lie in etcd as they are. Whoever gets a backup, a disk or a snapshot of it has all passwords of the cluster.",
	Remedy:   "Write an `EncryptionConfiguration` with `kms`, `secretbox` or `aescbc` for `secrets`, and name it under `--encryption-provider-config`." + apiArgs + " Then write all secrets anew.",
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_104", "trivy:KCV-0030", "kubescape:C-0141", "kics:cbd2db69-0b21-4c14-8a40-7710a50571a9"},
})

const tlsKics = "kics:fa750c81-93c2-4fab-9c6d-d3fd3ce3b89f"
