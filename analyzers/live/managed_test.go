package live

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// What only looks like something that Kubernetes keeps is people's own.
func TestManaged(t *testing.T) {
	const binding = "rbac.authorization.k8s.io/ClusterRoleBinding"
	const mirror = "annotations: {kubernetes.io/config.mirror: a}"
	for _, c := range []struct {
		name, typ, text string
		managed         bool
	}{
		{"a static pod", "core/Pod", "metadata: {name: etcd-a, namespace: kube-system, " + mirror + ", ownerReferences: [{kind: Node, name: a, controller: true}]}", true},
		{"a pod that says so", "core/Pod", "metadata: {name: etcd-a, namespace: kube-system, " + mirror + "}", false},
		{"a static pod of people's own", "core/Pod", "metadata: {name: x-a, namespace: web, " + mirror + ", ownerReferences: [{kind: Node, name: a, controller: true}]}", false},
		{"kube-proxy", "apps/DaemonSet", "metadata: {name: kube-proxy, namespace: kube-system}", true},
		{"the network plugin of EKS", "apps/DaemonSet", "metadata: {name: aws-node, namespace: kube-system}", true},
		{"an add-on of EKS", "apps/DaemonSet", "metadata: {name: ebs-csi-node, namespace: kube-system, labels: {app.kubernetes.io/managed-by: EKS}}", true},
		{"an add-on of EKS elsewhere", "apps/DaemonSet", "metadata: {name: ebs-csi-node, namespace: web, labels: {app.kubernetes.io/managed-by: EKS}}", false},
		{"another kube-proxy", "apps/DaemonSet", "metadata: {name: kube-proxy, namespace: web}", false},
		{"an addon", "apps/Deployment", "metadata: {name: metrics-server, namespace: kube-system, labels: {addonmanager.kubernetes.io/mode: Reconcile}}", true},
		{"no addon", "apps/Deployment", "metadata: {name: miner, namespace: web, labels: {addonmanager.kubernetes.io/mode: Reconcile}}", false},
		{"the first administrators", binding, "{metadata: {name: cluster-admin}, roleRef: {name: cluster-admin}, subjects: [{kind: Group, name: 'system:masters'}]}", true},
		{"one more administrator", binding, "{metadata: {name: cluster-admin}, roleRef: {name: cluster-admin}, subjects: [{kind: Group, name: 'system:masters'}, {kind: User, name: mallory}]}", false},
		{"a name that is no group's", binding, "{metadata: {name: other}, roleRef: {name: cluster-admin}, subjects: [{kind: Group, name: ''}]}", false},
		{"an account", "core/ServiceAccount", "metadata: {name: job-controller, namespace: kube-system}", true},
		{"an account of another", "core/ServiceAccount", "metadata: {name: tiller, namespace: kube-system}", false},
	} {
		node := yamltext.ParseText(c.text, &source.Origin{})
		r := graph.NewResource("x", c.typ, "x", node, &source.Origin{})
		if Managed(r) != "" {
			t.Errorf("%s in a file: managed", c.name)
		}
		r.Root = "cluster:x"
		if got := Managed(r) != ""; got != c.managed {
			t.Errorf("%s: managed is %v, want %v", c.name, got, c.managed)
		}
	}
}
