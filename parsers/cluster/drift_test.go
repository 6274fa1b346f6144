package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSecretsAreCompared compares what is known of Secrets without their values.
func TestSecretsAreCompared(t *testing.T) {
	const written = "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: a, labels: {app: web}}, type: example.com/login, immutable: true, stringData: {user: x}}"
	live := func(labels, last string) string {
		if last != "" {
			last = fmt.Sprintf("%s: '%s'", lastApplied, last)
		}
		return fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: a, labels: {%s}, annotations: {%s}}}", labels, last)
	}
	const same = `{"apiVersion":"v1","kind":"Secret","type":"example.com/login","immutable":true,"metadata":{"name":"s","namespace":"a"}}`
	for name, c := range map[string]struct{ live, want string }{
		"the same":             {live("app: web", ""), ""},
		"the same, as applied": {live("app: web", same), ""},
		"another label":        {live("app: api", ""), "metadata.labels.app=api"},
		"a label applied":      {live("app: web, tier: x", `{"apiVersion":"v1","kind":"Secret","type":"example.com/login","metadata":{"labels":{"tier":"x"}}}`), "metadata.labels.tier=x"},
		"another type":         {live("app: web", strings.Replace(same, "example.com/login", "example.com/other", 1)), "type=example.com/other"},
		"no type":              {live("app: web", strings.Replace(same, `"type":"example.com/login",`, "", 1)), "type=Opaque"},
	} {
		d, _ := drift(t, parsed(written), recorded(t, c.live))
		if got := paths(d); got != c.want || d.Secrets != 1 || d.Others > 0 {
			t.Errorf("%s: drift %q, %d secrets, %d others', want %q", name, got, d.Secrets, d.Others, c.want)
		}
	}
}

// TestDefaultIsTold holds that a value that was set back to the default is told,
// and not taken for gone.
func TestDefaultIsTold(t *testing.T) {
	const written = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: a}, spec: {replicas: 3, strategy: {type: Recreate}, template: {spec: {containers: [{name: app, image: "a:1", imagePullPolicy: Always, ports: [{containerPort: 80, protocol: UDP}]}]}}}}`
	const live = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: a}, spec: {replicas: 1, strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}, template: {spec: {containers: [{name: app, image: "a:1", imagePullPolicy: IfNotPresent, ports: [{containerPort: 80, protocol: UDP}]}]}}}}`
	d, b := drift(t, parsed(written), recorded(t, live))
	const want = "spec.replicas=1 spec.strategy.type=RollingUpdate spec.template.spec.containers[app].imagePullPolicy=IfNotPresent"
	if got := paths(d); got != want || d.Others > 0 {
		t.Errorf("drift %q, %d others', want %q", got, d.Others, want)
	}
	if got := named(t, b, "Deployment/a/web").At("spec.replicas").Str(); got != "1" {
		t.Errorf("the replicas that run are %q", got)
	}
}

// paths are the fields that have drifted, with what they are in the cluster.
func paths(d *Drift) string {
	var all []string
	for _, one := range d.Differences {
		live, _ := one.Live()
		all = append(all, one.Path()+"="+live)
	}
	return strings.Join(all, " ")
}

// TestItems tells of items of lists by what they are, and of labels and
// annotations one by one.
func TestItems(t *testing.T) {
	const written = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: a}, spec: {ports: [{name: dns, port: 53, protocol: UDP}, {name: web, port: 80}]}}"
	last := `{"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"a","labels":{"gone":"x"},"annotations":{}},"spec":{"ports":[{"name":"dns","port":53,"protocol":"UDP"},{"name":"old","port":81}]}}`
	live := fmt.Sprintf("{apiVersion: v1, kind: Service, metadata: {name: s, namespace: a, labels: {gone: x, other: z}, annotations: {by.controller: y, %s: '%s'}}, spec: {ports: [{name: dns, port: 53, protocol: TCP}, {name: web, port: 80, protocol: TCP}, {name: old, port: 81, protocol: TCP}]}}", lastApplied, last)
	d, _ := drift(t, parsed(written), recorded(t, live))
	const want = `metadata.labels.gone=x spec.ports[dns].protocol=TCP spec.ports[old]={"name":"old","port":81}`
	if got := paths(d); got != want || d.Others != 2 {
		t.Errorf("drift %q, %d others', want %q", got, d.Others, want)
	}
}

// TestLeaves tells of what is in maps that only one side has.
func TestLeaves(t *testing.T) {
	const object = `{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a}, spec: {%s, containers: [{name: app, image: "a:1"%s}]}}`
	last := `{"spec":{"nodeSelector":{"disk":"ssd","zone":"b"}}}`
	live := strings.Replace(fmt.Sprintf(object, "nodeSelector: {disk: ssd, zone: b}", ""), "namespace: a", fmt.Sprintf("namespace: a, annotations: {%s: '%s'}", lastApplied, last), 1)
	d, _ := drift(t, parsed(fmt.Sprintf(object, "priority: 0", ", resources: {limits: {cpu: 1}, requests: {memory: 1Gi}}")), recorded(t, live))
	var got []string
	for _, one := range d.Differences {
		got = append(got, fmt.Sprint(one.Path(), one.Leaves()))
	}
	want := []string{"spec.containers[app].resources[{limits.cpu 1} {requests.memory 1Gi}]", "spec.nodeSelector[{disk ssd} {zone b}]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestVague holds that what may well be there is not said to be missing.
func TestVague(t *testing.T) {
	const live = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: b}}\n"
	d, b := drift(t, parsed("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}"), recorded(t, live))
	if got := strings.Join(d.Said(), " "); got != "absent ConfigMap/other" || len(b.Skipped) != 2 {
		t.Errorf("drift %q, skipped %v", got, b.Skipped)
	}
	if len(d.Unknown) != 1 || d.Unknown[0].ID != "ConfigMap/c" || d.Unknown[0].Why != "ConfigMap/c has no namespace, and there are 2 objects with its name" {
		t.Errorf("not looked for: %v", d.Unknown)
	}
}

// TestUnsought tells why an object was not looked for.
func TestUnsought(t *testing.T) {
	s := &Snapshot{Objects: recorded(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a}}\n")}
	s.Gaps = []Gap{{Reason: Timeout, Type: "core/Service", Of: "services", Text: "no answer in time"}}
	d, _ := driftOf(t, parsed("{apiVersion: v1, kind: ConfigMap, metadata: {name: release-name-x}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: s, namespace: a}}"), s)
	var got []string
	for _, u := range d.Unknown {
		got = append(got, u.ID+": "+u.Why)
	}
	want := []string{"ConfigMap/release-name-x: its name depends on the name of the release, which is not known", "Service/a/s: services: not read: no answer in time"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestStray tells of an object by what it shares with those that are written.
func TestStray(t *testing.T) {
	const written = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a}}"
	const marks = "labels: {kustomize.toolkit.fluxcd.io/name: apps, applyset.kubernetes.io/part-of: %s}"
	live := fmt.Sprintf("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a, "+marks+"}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: d, namespace: a, "+marks+"}}\n", "x", "y")
	d, _ := drift(t, parsed(written), recorded(t, live))
	if len(d.Stray) != 1 || d.Stray[0] != (Stray{"ConfigMap/a/d", "the Flux kustomization apps"}) {
		t.Errorf("%+v", d.Stray)
	}
}
