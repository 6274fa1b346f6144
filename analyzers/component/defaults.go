package component

import "github.com/seaworthy-iac/seaworthy/internal/graph"

// files are the kinds that are a program's own configuration file.
var files = [...]struct {
	kind    string
	program Program
}{
	{"kubelet.config.k8s.io/KubeletConfiguration", Kubelet},
	{"kubescheduler.config.k8s.io/KubeSchedulerConfiguration", Scheduler},
	{"kubeproxy.config.k8s.io/KubeProxyConfiguration", Proxy},
}

// fields are the fields of the configuration file that flags became.
var fields = map[Program]map[string]string{
	Kubelet: {
		"anonymous-auth":                    "authentication.anonymous.enabled",
		"authorization-mode":                "authorization.mode",
		"client-ca-file":                    "authentication.x509.clientCAFile",
		"read-only-port":                    "readOnlyPort",
		"streaming-connection-idle-timeout": "streamingConnectionIdleTimeout",
		"protect-kernel-defaults":           "protectKernelDefaults",
		"make-iptables-util-chains":         "makeIPTablesUtilChains",
		"event-qps":                         "eventRecordQPS",
		"tls-cert-file":                     "tlsCertFile",
		"tls-private-key-file":              "tlsPrivateKeyFile",
		"tls-cipher-suites":                 "tlsCipherSuites",
		"rotate-certificates":               "rotateCertificates",
		"rotate-server-certificates":        "serverTLSBootstrap",
		"feature-gates":                     "featureGates",
		"pod-max-pids":                      "podPidsLimit",
		"seccomp-default":                   "seccompDefault",
	},
	Scheduler: {"profiling": "enableProfiling"},
	Proxy:     {"metrics-bind-address": "metricsBindAddress"},
}

// defaults are what programs do when a setting is written nowhere. What is not
// here is empty.
var defaults = map[Program]map[string]string{
	APIServer: {
		"anonymous-auth": "true", "authorization-mode": "AlwaysAllow", "kubelet-https": "true", "profiling": "true",
		"secure-port": "6443", "request-timeout": "1m0s", "service-account-lookup": "true", "insecure-port": "0",
		"service-account-extend-token-expiration": "true",
		"audit-log-maxage":                        "0", "audit-log-maxbackup": "0", "audit-log-maxsize": "0",
	},
	ControllerManager: {
		"profiling": "true", "bind-address": "0.0.0.0", "use-service-account-credentials": "false",
		"terminated-pod-gc-threshold": "12500",
	},
	Scheduler: {"profiling": "true", "bind-address": "0.0.0.0"},
	Etcd:      {"client-cert-auth": "false", "peer-client-cert-auth": "false", "auto-tls": "false", "peer-auto-tls": "false"},
	Kubelet: {
		"anonymous-auth": "true", "authorization-mode": "AlwaysAllow", "read-only-port": "10255",
		"streaming-connection-idle-timeout": "4h0m0s", "protect-kernel-defaults": "false",
		"make-iptables-util-chains": "true", "event-qps": "50", "rotate-certificates": "false",
		"rotate-server-certificates": "false", "pod-max-pids": "-1", "seccomp-default": "false",
	},
	Proxy: {"metrics-bind-address": "127.0.0.1:10249"},
}

// inFile are the defaults of a configuration file that differ from those of
// the flags.
var inFile = map[Program]map[string]string{
	Kubelet: {"anonymous-auth": "false", "authorization-mode": "Webhook", "read-only-port": "0"},
}

// byKubeadm are the settings that kubeadm makes by itself; those of the kubelet
// in the KubeletConfiguration that stands beside its own.
var byKubeadm = map[Program]map[string]string{
	APIServer: {
		"authorization-mode": "Node,RBAC", "enable-admission-plugins": "NodeRestriction",
		"client-ca-file":             "/etc/kubernetes/pki/ca.crt",
		"tls-cert-file":              "/etc/kubernetes/pki/apiserver.crt",
		"tls-private-key-file":       "/etc/kubernetes/pki/apiserver.key",
		"kubelet-client-certificate": "/etc/kubernetes/pki/apiserver-kubelet-client.crt",
		"kubelet-client-key":         "/etc/kubernetes/pki/apiserver-kubelet-client.key",
		"service-account-key-file":   "/etc/kubernetes/pki/sa.pub",
		"etcd-cafile":                "/etc/kubernetes/pki/etcd/ca.crt",
		"etcd-certfile":              "/etc/kubernetes/pki/apiserver-etcd-client.crt",
		"etcd-keyfile":               "/etc/kubernetes/pki/apiserver-etcd-client.key",
	},
	ControllerManager: {
		"bind-address": "127.0.0.1", "use-service-account-credentials": "true",
		"root-ca-file":                     "/etc/kubernetes/pki/ca.crt",
		"service-account-private-key-file": "/etc/kubernetes/pki/sa.key",
	},
	Scheduler: {"bind-address": "127.0.0.1"},
	Kubelet:   {"client-ca-file": "/etc/kubernetes/pki/ca.crt", "rotate-certificates": "true"},
	Etcd: {
		"cert-file": "/etc/kubernetes/pki/etcd/server.crt", "key-file": "/etc/kubernetes/pki/etcd/server.key",
		"peer-cert-file": "/etc/kubernetes/pki/etcd/peer.crt", "peer-key-file": "/etc/kubernetes/pki/etcd/peer.key",
		"trusted-ca-file": "/etc/kubernetes/pki/etcd/ca.crt", "peer-trusted-ca-file": "/etc/kubernetes/pki/etcd/ca.crt",
		"client-cert-auth": "true", "peer-client-cert-auth": "true",
	},
}

// external are the fields that tell kubeadm how to reach an etcd that it does
// not start itself.
var external = map[string]string{"etcd-cafile": "caFile", "etcd-certfile": "certFile", "etcd-keyfile": "keyFile"}

// standard is what the component does when nothing is written.
func (c Component) standard(name string) string {
	switch c.form {
	case kubeadm:
		if etcd := c.config.At("etcd.external"); external[name] != "" && etcd.Present() == graph.True {
			return etcd.At(external[name]).Str()
		}
		if text, ok := byKubeadm[c.Program][name]; ok {
			return text
		}
	case file:
		if text, ok := byKubeadm[c.Program][name]; ok && c.filled {
			return text
		}
		if text, ok := inFile[c.Program][name]; ok {
			return text
		}
	case commandLine, k3s:
	}
	if name == "insecure-port" && c.Minor > 0 && c.Minor < 20 {
		return "8080"
	}
	return defaults[c.Program][name]
}
