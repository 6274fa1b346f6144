package cluster

import (
	"strings"
	"testing"
)

// TestStanding holds that an export leaves out what Kubernetes makes by itself,
// and nothing that only looks like it.
func TestStanding(t *testing.T) {
	const binding = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: %, labels: {kubernetes.io/bootstrapping: rbac-defaults}}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: "
	for name, c := range map[string]struct {
		text string
		left int
	}{
		"the API server's endpoints":      {"{apiVersion: v1, kind: Endpoints, metadata: {name: kubernetes, namespace: default}, subsets: []}", 1},
		"endpoints of pods":               {"{apiVersion: v1, kind: Endpoints, metadata: {name: web, namespace: a}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: web, namespace: a}, spec: {selector: {app: web}}}", 1},
		"endpoints that people write":     {"{apiVersion: v1, kind: Endpoints, metadata: {name: db, namespace: a}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: db, namespace: a}, spec: {}}", 0},
		"a slice of a Service":            {"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, namespace: a, ownerReferences: [{apiVersion: v1, kind: Service, name: web, controller: true}]}}", 1},
		"a slice of nobody":               {"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, namespace: a}}", 0},
		"the certificate":                 {"{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt, namespace: a, annotations: {kubernetes.io/description: x}}, data: {ca.crt: x}}", 1},
		"more than the certificate":       {"{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt, namespace: a}, data: {ca.crt: x, password: y}}", 0},
		"an account":                      {"{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: a, uid: u, creationTimestamp: x}}", 1},
		"an account that somebody edited": {"{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: a}, automountServiceAccountToken: false}", 0},
		"an account with a role":          {"{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: a, annotations: {eks.amazonaws.com/role-arn: x}}}", 0},
		"the first administrators":        {strings.Replace(binding, "%", "cluster-admin", 1) + "[{kind: Group, name: 'system:masters'}]}", 1},
		"those of kubeadm":                {strings.Replace(binding, "%", "'kubeadm:cluster-admins'", 1) + "[{kind: Group, name: 'kubeadm:cluster-admins'}]}", 1},
		"one more administrator":          {strings.Replace(binding, "%", "cluster-admin", 1) + "[{kind: Group, name: 'system:masters'}, {kind: User, name: mallory}]}", 0},
		"administrators by another name":  {strings.Replace(binding, "%", "mine", 1) + "[{kind: Group, name: 'system:masters'}]}", 0},
	} {
		left, err := snapshot(t, c.text).Export(t.TempDir())
		if err != nil || left != c.left {
			t.Errorf("%s: %d left out, want %d, %v", name, left, c.left, err)
		}
	}
}
