package cluster

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// FuzzDiscovery holds that no document makes a path that leads elsewhere.
func FuzzDiscovery(f *testing.F) {
	f.Add([]byte(`{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[{"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced","verbs":["list"]}]}]}]}`))
	f.Add([]byte(`{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"version":"v1"}],"preferredVersion":{"version":"v1"}}]}`))
	f.Add([]byte(`{"kind":"APIVersions","versions":["v1","../v2"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var answer document
		if json.Unmarshal(body, &answer) != nil {
			return
		}
		var d discovery
		if f := d.read("/apis", answer); f != nil && f.reason != Broken {
			t.Errorf("%v", f)
		}
		for _, k := range d.kinds {
			if path := k.APIVersion() + "/" + k.Resource; strings.Contains(path, "..") || strings.Contains(path, "//") || strings.ContainsAny(path, "?#% \n") || k.Kind == "" {
				t.Errorf("%+v is at %q", k, path)
			}
		}
		for _, v := range d.open {
			if strings.Contains(v.path, "..") || strings.Contains(v.path, "//") || strings.ContainsAny(v.path, "?#% \n") {
				t.Errorf("%v is at %q", v, v.path)
			}
		}
	})
}

// FuzzList holds that all that is kept of an answer has a name, and that of
// Secrets nothing is kept that may be a value.
func FuzzList(f *testing.F) {
	f.Add([]byte(`{"kind":"PodList","metadata":{"continue":"x"},"items":[{"metadata":{"name":"p"},"spec":{"a":1e3,"b":[null,true]}}]}`))
	f.Add([]byte(`{"kind":"SecretList","items":[{"metadata":{"name":"p","annotations":{"` + lastApplied + `":"{\"data\":{\"a\":\"b\"}}"}},"type":"kubernetes.io/tls","data":{"tls.crt":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="}}]}`))
	f.Add([]byte(`{"kind":"PartialObjectMetadataList","items":[{"metadata":{"name":"p"},"data":{"a":"b"}}]}`))
	f.Add([]byte(`{"kind":"Secret","items":null}`))
	kept := []string{"apiVersion", "kind", "metadata", "type", "certificate"}
	f.Fuzz(func(t *testing.T, body []byte) {
		var page unstructured.UnstructuredList
		if page.UnmarshalJSON(body) != nil {
			return
		}
		for _, want := range []Want{Metadata, Whole} {
			for _, k := range kinds("v1 pods +Pod", "v1 secrets +Secret") {
				l := lister{kind: k, want: want, more: func(int) {}}
				if l.take(page.DeepCopy()) == nil && len(page.Items) != len(l.objects) {
					t.Errorf("%d objects of %d were kept", len(l.objects), len(page.Items))
				}
				for _, o := range l.objects {
					if identity(o)[2] == "" || o["kind"] != k.Kind {
						t.Errorf("kept %v", o)
					}
					for key := range o {
						if k.isSecret() && !slices.Contains(kept, key) {
							t.Errorf("kept %q of a Secret", key)
						}
					}
				}
			}
		}
	})
}
