package component_test

import (
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// components reads one document.
func components(t testing.TB, text string) []component.Component {
	t.Helper()
	b := &graph.Builder{Root: "r"}
	for _, doc := range yamltext.Parse(source.NewFile("a.yaml", []byte(text)), nil) {
		if doc.Problem == nil {
			kubernetes.Add(b, doc.Root)
		}
	}
	return component.All.Of(graph.Freeze(b))
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, "

func TestPrograms(t *testing.T) {
	for container, want := range map[string]component.Program{
		"command: [kube-apiserver]":                                       component.APIServer,
		"command: [/usr/local/bin/kube-controller-manager, --v=2]":        component.ControllerManager,
		"command: [/hyperkube, scheduler]":                                component.Scheduler,
		"command: [/hyperkube], args: [kube-apiserver, --v=2]":            component.APIServer,
		"command: [go-runner, --log-file=/l, /bin/kube-apiserver, --v=2]": component.APIServer,
		"args: [kubelet]": component.Kubelet,
		"image: registry.k8s.io/kube-proxy-amd64:v1.20.0, args: [--v=2]":                 component.Proxy,
		"command: [sh, -c, 'set -e; exec /bin/etcd --name=a']":                           component.Etcd,
		"command: [bash, -ec, \"mkdir -p /d\\nkube-apiserver --v=2\"]":                   component.APIServer,
		"command: [etcdctl, get, foo]":                                                   "",
		"command: [sh, -c, 'etcdctl get etcd']":                                          "",
		"command: [scheduler]":                                                           "",
		"command: [proxy, --v=2]":                                                        "",
		"command: [echo, kube-apiserver]":                                                "",
		"image: registry.example.com/kube-apiserver-operator, args: [--v=2]":             "",
		"image: registry.k8s.io/kube-proxy:v1.20.0":                                      "",
		"image: registry.k8s.io/kube-proxy:v1.20.0, command: [iptables], args: [--list]": "",
		"command: []":   "",
		"command: [{}]": "",
	} {
		var got component.Program
		for _, c := range components(t, pod+container+"}]}") {
			got = c.Program
		}
		if got != want {
			t.Errorf("%s: %q, want %q", container, got, want)
		}
	}
}

func TestMinor(t *testing.T) {
	for text, want := range map[string]int{
		pod + "image: 'registry.k8s.io/kube-apiserver:v1.33.1', command: [kube-apiserver]}]}":         33,
		pod + "image: 'registry.k8s.io/kube-apiserver:latest', command: [kube-apiserver]}]}":          0,
		pod + "image: 'example.com/tools:v1.2', command: [kube-apiserver]}]}":                         0,
		pod + "image: 'registry.k8s.io/etcd:1.5.1', command: [etcd]}]}":                               0,
		"apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: 1.21.0\n": 21,
		"apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: stable\n": 0,
	} {
		if got := components(t, text)[0].Minor; got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

func TestFlag(t *testing.T) {
	const yes, no, maybe = graph.True, graph.False, graph.Unsure
	for _, c := range []struct {
		text, flag string
		set        graph.Tri
		value      string
		known      bool
	}{
		{pod + "command: [kubelet, --a=b]}]}", "a", yes, "b", true},
		{pod + "command: [kubelet, --a, b]}]}", "a", yes, "b", true},
		{pod + "command: [kubelet], args: [--a, b]}]}", "a", yes, "b", true},
		{pod + "command: [kubelet, --a, --b]}]}", "a", yes, "", true},
		{pod + "command: [kubelet, --a=]}]}", "a", yes, "", true},
		{pod + "command: [kubelet, --a=b=c]}]}", "a", yes, "b=c", true},
		{pod + "command: [kubelet, --a=b, --a=c]}]}", "a", yes, "c", true},
		{pod + "command: [kubelet, --a_b=c]}]}", "a-b", yes, "c", true},
		{pod + "command: [etcd, -a=b]}]}", "a", yes, "b", true},
		{pod + "command: [kubelet, --a=$(A)]}]}", "a", yes, "", false},
		{pod + "command: [kubelet, --a, $(A)]}]}", "a", yes, "", false},
		{pod + "command: [kubelet, --, --a=b]}]}", "a", no, "", true},
		{pod + "command: [kubelet, --ab=c]}]}", "a", no, "", true},
		{pod + "command: [kubelet, a=b]}]}", "a", no, "", true},
		{pod + "command: [kubelet, {}]}]}", "a", maybe, "", false},
		{pod + "command: [sh, -c, kubelet --a=b]}]}", "a", maybe, "", false},
		{pod + "command: [kubelet]}]}", "anonymous-auth", no, "true", true},
		{pod + "command: [kubelet, --config=/c]}]}", "anonymous-auth", maybe, "", false},
		{pod + "command: [kubelet, --config=/c, --anonymous-auth=false]}]}", "anonymous-auth", yes, "false", true},
		{pod + "command: [kubelet, --config=/c]}]}", "hostname-override", no, "", true},
		{pod + "command: [etcd, --config-file=/c]}]}", "auto-tls", maybe, "", false},
		{pod + "command: [etcd], env: [{name: ETCD_AUTO_TLS, value: 'true'}]}]}", "auto-tls", yes, "true", true},
		{pod + "command: [etcd, --auto-tls=false], env: [{name: ETCD_AUTO_TLS, value: 'true'}]}]}", "auto-tls", yes, "false", true},
		{pod + "command: [etcd], env: [{name: ETCD_AUTO_TLS, valueFrom: {configMapKeyRef: {name: e, key: k}}}]}]}", "auto-tls", yes, "", false},
		{pod + "command: [etcd], env: [{name: AUTO_TLS, value: 'true'}]}]}", "auto-tls", no, "false", true},
		{pod + "command: [kubelet], env: [{name: ETCD_AUTO_TLS, value: 'true'}]}]}", "auto-tls", no, "", true},
		{pod + "command: [kube-apiserver, --authentication-config=/c]}]}", "anonymous-auth", maybe, "", false},
		{pod + "command: [kube-apiserver, --authentication-config=/c]}]}", "authorization-mode", no, "AlwaysAllow", true},
	} {
		got, _ := components(t, c.text)[0].Flag(c.flag)
		value, known := got.Text()
		if got.Set != c.set || value != c.value || known != c.known {
			t.Errorf("%s of %s: set %v, %q, %v; want %v, %q, %v", c.flag, c.text, got.Set, value, known, c.set, c.value, c.known)
		}
	}
}

func TestForms(t *testing.T) {
	const adm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
	const file = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
	for _, c := range []struct {
		text    string
		program component.Program
		flag    string
		name    string
		value   string
		set     graph.Tri
	}{
		{adm, component.APIServer, "authorization-mode", "authorization-mode", "Node,RBAC", graph.False},
		{adm, component.APIServer, "profiling", "profiling", "true", graph.False},
		{adm, component.Etcd, "client-cert-auth", "client-cert-auth", "true", graph.False},
		{adm + "apiServer: {extraArgs: {profiling: 'false'}}", component.APIServer, "profiling", "profiling", "false", graph.True},
		{adm + "apiServer: {extraArgs: [{name: profiling, value: 'true'}, {name: profiling, value: 'false'}]}", component.APIServer, "profiling", "profiling", "false", graph.True},
		{adm + "scheduler: {extraArgs: {profiling: false}}", component.Scheduler, "profiling", "profiling", "false", graph.True},
		{adm + "etcd: {external: {caFile: /ca}}", component.APIServer, "etcd-cafile", "etcd-cafile", "/ca", graph.False},
		{"apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration", component.Kubelet, "anonymous-auth", "anonymous-auth", "", graph.Unsure},
		{file, component.Kubelet, "anonymous-auth", "authentication.anonymous.enabled", "false", graph.False},
		{file, component.Kubelet, "rotate-certificates", "rotateCertificates", "false", graph.False},
		{file + "---\n" + adm, component.Kubelet, "rotate-certificates", "rotateCertificates", "true", graph.False},
		{file + "rotateCertificates: false\n---\n" + adm, component.Kubelet, "rotate-certificates", "rotateCertificates", "false", graph.True},
		{file + "authentication: {anonymous: {enabled: true}}", component.Kubelet, "anonymous-auth", "enabled", "true", graph.True},
		{file + "readOnlyPort: null", component.Kubelet, "read-only-port", "readOnlyPort", "0", graph.False},
		{file + "featureGates: {A: true, B: false}", component.Kubelet, "feature-gates", "featureGates", "B=false", graph.True},
	} {
		all := components(t, c.text)
		i := slices.IndexFunc(all, func(o component.Component) bool { return o.Program == c.program })
		if i < 0 {
			t.Errorf("%s: no %s", c.text, c.program)
			continue
		}
		got, ok := all[i].Flag(c.flag)
		value, _ := got.Text()
		if !ok || got.Name != c.name || value != c.value || got.Set != c.set {
			t.Errorf("%s of %s: %v, %q is %q, set %v; want %q, %q, %v", c.flag, c.text, ok, got.Name, value, got.Set, c.name, c.value, c.set)
		}
	}
	if _, ok := components(t, file)[0].Flag("hostname-override"); ok {
		t.Error("a file has a setting that has no field")
	}
	external := components(t, adm+"etcd: {external: {caFile: /ca}}")
	if slices.ContainsFunc(external, func(c component.Component) bool { return c.Program == component.Etcd }) {
		t.Error("kubeadm starts an etcd that is external")
	}
}

func TestTyped(t *testing.T) {
	flag := func(words string) component.Setting {
		s, _ := components(t, pod+"command: [kubelet, "+words+"]}]}")[0].Flag("f")
		return s
	}
	for words, want := range map[string]graph.Tri{
		"--f=true": graph.True, "--f": graph.True, "--f, false": graph.True, "--f=0": graph.False, "--f=T": graph.True,
		"--f=maybe": graph.Unsure, "--f=$(F)": graph.Unsure, "--g": graph.False,
	} {
		if got := flag(words).Bool(); got != want {
			t.Errorf("Bool of %s is %v, want %v", words, got, want)
		}
	}
	for words, want := range map[string]graph.Tri{
		"'--f=a,b'": graph.True, "--f=b, --f=a": graph.True, "'--f=x, b '": graph.True, "--f=ab": graph.False, "--g=b": graph.False,
		"--f=a, --f=$(F)": graph.Unsure,
	} {
		if got := flag(words).Has("b"); got != want {
			t.Errorf("Has of %s is %v, want %v", words, got, want)
		}
	}
	for words, want := range map[string]float64{"--f=1h1m": 3660, "--f=0": 0, "--f=1s9m3h": 3*3600 + 9*60 + 1} {
		if got, known := flag(words).Seconds(); got != want || !known {
			t.Errorf("Seconds of %s is %v, %v, want %v", words, got, known, want)
		}
	}
	if _, known := flag("--f=soon").Seconds(); known {
		t.Error("soon is a time")
	}
	if n, known := flag("--f=30").Number(); n != 30 || !known {
		t.Errorf("Number is %v, %v", n, known)
	}
}

func FuzzFlag(f *testing.F) {
	f.Add("kubelet", "--a=b", "c")
	f.Add("/hyperkube", "kubelet", "--a")
	f.Add("sh", "-c", "exec etcd --a")
	f.Fuzz(func(t *testing.T, one, two, three string) {
		str := func(s string) *graph.Node { return graph.NewString(s, nil) }
		spec := graph.NewMap([]graph.Field{{Key: "spec", Node: graph.NewMap([]graph.Field{{Key: "containers", Node: graph.NewList([]*graph.Node{
			graph.NewMap([]graph.Field{{Key: "command", Node: graph.NewList([]*graph.Node{str(one), str(two), str(three)}, nil)}}, nil),
		}, nil)}}, nil)}}, nil)
		b := &graph.Builder{Root: "r"}
		b.Add(graph.NewResource("Pod/p", "core/Pod", "p", spec, nil))
		for _, c := range component.All.Of(graph.Freeze(b)) {
			s, ok := c.Flag("a")
			if text, known := s.Text(); !ok || known && s.Set == graph.Unsure {
				t.Errorf("%q is known of a flag that may not be there", text)
			}
		}
	})
}
