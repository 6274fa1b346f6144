package node

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
)

// strong are the cipher suites with a key exchange that keeps the past secret
// and with authenticated encryption; the last three are those of TLS 1.3.
var strong = []string{
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
	"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
}

const (
	cipherKics = "kics:510d5810-9a30-443a-817d-5c1fa527b110"
	cipherWhy  = "Old cipher suites can be broken, or give up all past traffic when the key leaks. A client, or somebody between, picks the worst that is allowed."
)

// tls holds the rules about cipher suites.
var tls = slices.Concat(rules(component.APIServer, must{
	ID: "node-apiserver-weak-ciphers", Flag: "tls-cipher-suites", Be: only("strong suites", strong),
	Title: "API server takes weak cipher suites", Why: cipherWhy,
	Remedy:   "Remove `--tls-cipher-suites`, or list only suites with ECDHE and GCM or ChaCha20-Poly1305." + apiArgs,
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_105", "kubescape:C-0143", "kubescape:C-0277", cipherKics},
}), rules(component.Kubelet, must{
	ID: "node-kubelet-weak-ciphers", Flag: "tls-cipher-suites", Be: only("strong suites", strong),
	Title: "Kubelet takes weak cipher suites", Why: cipherWhy,
	Remedy:   "Remove `tlsCipherSuites` from the KubeletConfiguration, or list only suites with ECDHE and GCM or ChaCha20-Poly1305.",
	Severity: analyzers.Medium, Precision: analyzers.HighPrecision,
	Same: []string{"checkov:CKV_K8S_151", "trivy:KCV-0092", "kubescape:C-0184", cipherKics},
}))
