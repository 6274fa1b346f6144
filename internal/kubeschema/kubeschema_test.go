package kubeschema

import (
	"slices"
	"strings"
	"testing"
)

// at follows fields, lists and maps to a type.
func at(t *Type, path string) *Type {
	for key := range strings.SplitSeq(path, ".") {
		for t != nil && (t.Kind == List || t.Kind == Map) {
			t = t.Elem
		}
		if t == nil {
			return nil
		}
		t = t.Field(key)
	}
	return t
}

func TestTypes(t *testing.T) {
	table := Read()
	for _, c := range []struct {
		apiVersion, kind, path string
		want                   Kind
	}{
		{"apps/v1", "Deployment", "spec.replicas", Integer},
		{"apps/v1", "Deployment", "spec.template.spec.containers", List},
		{"apps/v1", "Deployment", "spec.template.spec.containers.ports.containerPort", Integer},
		{"apps/v1", "Deployment", "metadata.labels", Map},
		{"apps/v1", "StatefulSet", "spec.volumeClaimTemplates.spec.resources.requests", Map},
		{"batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec.hostNetwork", Boolean},
		{"v1", "Service", "spec.ports.targetPort", IntOrString},
		{"v1", "Pod", "spec.volumes.emptyDir.sizeLimit", Quantity},
		{"v1", "Pod", "spec.ephemeralContainers.targetContainerName", String},
		{"v1", "Pod", "spec.ephemeralContainers.image", String}, // of the embedded struct
		{"v1", "Pod", "metadata.creationTimestamp", String},
		{"v1", "Secret", "data", Map},
		{"v1", "PersistentVolume", "spec.nfs.server", String}, // of two embedded structs
		{"v1", "Service", "spec.topologyKeys", Any},           // gone since 1.22
		{"apps/v1", "ControllerRevision", "data", Any},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.versions.schema.openAPIV3Schema", Any},
		{"rbac.authorization.k8s.io/v1", "ClusterRole", "aggregationRule.clusterRoleSelectors.matchLabels", Map},
		{"extensions/v1beta1", "Ingress", "spec.rules.http.paths.backend.servicePort", IntOrString},
	} {
		typ := at(table.Object(c.apiVersion, c.kind), c.path)
		if typ == nil || typ.Kind != c.want {
			t.Errorf("%s %s %s: %+v, want kind %d", c.apiVersion, c.kind, c.path, typ, c.want)
		}
	}
	for _, none := range [][2]string{{"apps/v1", "Pod"}, {"v1", "Deployment"}, {"example.com/v1", "Deployment"}, {"v1", "PodList"}} {
		if table.Object(none[0], none[1]) != nil {
			t.Errorf("the table has %s", none)
		}
	}
	if at(table.Object("v1", "Pod"), "spec.privileged") != nil {
		t.Error("a pod has the field of a container")
	}
}

func TestFacets(t *testing.T) {
	table := Read()
	containers := at(table.Object("v1", "Pod"), "spec.containers")
	if !slices.Equal(containers.Keys, []string{"name"}) {
		t.Errorf("keys of containers: %q", containers.Keys)
	}
	protocol := at(table.Object("v1", "Service"), "spec.ports.protocol")
	if !slices.Equal(protocol.Values, []string{"SCTP", "TCP", "UDP"}) {
		t.Errorf("protocols: %q", protocol.Values)
	}
	required := map[string]bool{}
	for _, f := range at(table.Object("apps/v1", "Deployment"), "spec").Fields() {
		required[f.Name] = f.Required
	}
	if !required["selector"] || !required["template"] || required["replicas"] {
		t.Errorf("required of a Deployment: %v", required)
	}
}

// TestEveryLine takes apart every type, so that none refers to one that is not there.
func TestEveryLine(t *testing.T) {
	table := Read()
	for id, code := range table.kinds {
		if typ := table.code(code, ""); typ.Kind != Object || typ.Field("metadata") == nil {
			t.Errorf("%s is no object", id)
		}
	}
	for name, typ := range table.types {
		if typ.Kind == Any || typ.Kind == String && len(typ.Values) == 0 {
			t.Errorf("%s has no line", name)
		}
	}
	if len(table.kinds) < 100 || len(table.types) < 800 {
		t.Errorf("%d kinds, %d types", len(table.kinds), len(table.types))
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Read().Object("apps/v1", "Deployment")
	}
}
