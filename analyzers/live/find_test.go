package live

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// running is a graph of what a cluster says of itself and of objects in it.
func running(cluster string, objects map[string]string) *graph.Graph {
	b := &graph.Builder{Root: "cluster:x"}
	add := func(id, typ, text string) {
		b.Add(graph.NewResource(id, typ, id, yamltext.ParseText(text, &source.Origin{}), &source.Origin{}))
	}
	add("x", Cluster, cluster)
	for text, typ := range objects {
		add(text, typ, text)
	}
	return graph.Freeze(b)
}

// What was not found is only known not to be there where all was read.
func TestFind(t *testing.T) {
	kinds := "kinds: [{group: '', kind: Node, version: v1, namespaced: false}, {group: '', kind: Service, version: v1, namespaced: true}]"
	for _, c := range []struct {
		name, cluster, typ, namespace string
		want                          graph.Tri
	}{
		{"all was read", "{gaps: []}", service, "web", graph.False},
		{"the kind is forbidden", "{gaps: [{type: core/Service}]}", service, "web", graph.Unsure},
		{"another kind is forbidden", "{gaps: [{type: core/Secret}]}", service, "web", graph.False},
		{"its group may be the one that is not served now", "{gaps: [{type: ''}]}", service, "web", graph.Unsure},
		{"another group is not served now", "{gaps: [{type: ''}], " + kinds + "}", service, "web", graph.False},
		{"the namespace is forbidden", "{gaps: [{type: core/Service, namespace: web}]}", service, "web", graph.Unsure},
		{"another namespace is forbidden", "{gaps: [{type: core/Service, namespace: ops}]}", service, "web", graph.False},
		{"one namespace is forbidden, all are asked about", "{gaps: [{type: core/Service, namespace: ops}]}", service, "", graph.Unsure},
		{"within the limit", "{namespaces: [web], " + kinds + "}", service, "web", graph.False},
		{"beyond the limit", "{namespaces: [web], " + kinds + "}", service, "ops", graph.Unsure},
		{"in no namespace", "{namespaces: [web], " + kinds + "}", "core/Node", "", graph.False},
	} {
		g := running(c.cluster, nil)
		if _, there := Find(g, g.Resources()[0], c.typ, c.namespace, "gone"); there != c.want {
			t.Errorf("%s: there is %v, want %v", c.name, there, c.want)
		}
	}
	g := running("{context: x}", map[string]string{"metadata: {name: api, namespace: web}": service})
	if o, there := Find(g, g.Resources()[0], service, "web", "api"); there != graph.True || o.Namespace() != "web" {
		t.Errorf("what is there is not found: %v", there)
	}
	elsewhere := object("kubernetes:.", "Service/a", service)
	if _, there := Find(g, elsewhere, service, "web", "gone"); there != graph.Unsure {
		t.Errorf("beside what runs in no cluster: %v, want unsure", there)
	}
}

func TestBackendsOf(t *testing.T) {
	g := running("{context: x}", map[string]string{
		"{metadata: {name: a-1, namespace: web, labels: {kubernetes.io/service-name: a}}, endpoints: [{addresses: [1.1.1.1], conditions: {ready: false}}]}": endpointSlice,
		"{metadata: {name: a-2, namespace: web, labels: {kubernetes.io/service-name: a}}, endpoints: [{addresses: [1.1.1.2, 1.1.1.3]}]}":                    endpointSlice,
		"{metadata: {name: a, namespace: web}, subsets: [{notReadyAddresses: [{ip: 1.1.1.1}]}]}":                                                            endpoints,
		"{metadata: {name: old, namespace: web}, subsets: [{addresses: [{ip: 1.1.1.1}], notReadyAddresses: [{ip: 1.1.1.2}]}]}":                              endpoints,
	})
	for name, want := range map[string]Backends{"a": {2, 1}, "old": {1, 1}, "none": {}} {
		if got, known := BackendsOf(g, g.Resources()[0], "web", name); got != want || !known {
			t.Errorf("behind %s is %v (known: %v), want %v", name, got, known, want)
		}
	}
	g = running("{gaps: [{type: discovery.k8s.io/EndpointSlice}]}", nil)
	if _, known := BackendsOf(g, g.Resources()[0], "web", "a"); known {
		t.Error("what stands behind a Service is known without having been read")
	}
}

func TestDays(t *testing.T) {
	for _, c := range []struct {
		from, to string
		n        int
		ok       bool
	}{
		{"2026-02-27T23:59:00Z", "2026-03-01", 2, true}, {"2026-03-01", "2026-03-01T10:00:00Z", 0, true}, {"2026-03-02", "2026-03-01", -1, true},
		{"", "2026-03-01", 0, false}, {"soon", "2026-03-01", 0, false},
	} {
		if n, ok := Days(c.from, c.to); n != c.n || ok != c.ok {
			t.Errorf("from %q to %q: %d %v, want %d %v", c.from, c.to, n, ok, c.n, c.ok)
		}
	}
}

func TestSettled(t *testing.T) {
	g := running("{context: x, time: '2026-06-01T12:00:00Z'}", map[string]string{
		"metadata: {name: api, ownerReferences: [{kind: Owner}, {kind: Controller, controller: true}]}": service,
		"metadata: {name: alone}": endpoints,
	})
	o := Object{Resource: g.Resources()[0]}
	for since, want := range map[string]struct {
		settled bool
		hours   int
		known   bool
	}{
		"2026-06-01T11:51:00Z": {false, 0, true}, "2026-06-01T11:50:00Z": {true, 0, true}, "2026-05-31T11:00:00Z": {true, 25, true},
		"2026-06-01T12:30:00Z": {false, 0, true}, // a pod that has until then to end
		"":                     {true, 0, false}, "yesterday": {true, 0, false},
	} {
		hours, known := o.Hours(g, since)
		if settled := o.Settled(g, since); settled != want.settled || hours != want.hours || known != want.known {
			t.Errorf("since %q: settled %v, for %d hours (known: %v); want %v", since, settled, hours, known, want)
		}
	}
	for _, o := range Objects.Of(g) {
		want := map[string]string{service: "Controller", endpoints: ""}[o.Type]
		if got := o.Controller().At("kind").Str(); got != want {
			t.Errorf("the controller of the %s is %q, want %q", o.Type, got, want)
		}
	}
}
