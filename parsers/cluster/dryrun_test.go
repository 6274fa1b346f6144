package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const (
	dryWritten = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {level: info, size: small}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}, data: {level: info}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}, data: {level: info}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: d, namespace: ignored}, value: 1}
`
	dryLive = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {level: debug, size: large}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}, data: {level: debug}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}, data: {level: info}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: d}, value: 2}
`
)

// TestDryRun holds what becomes of a server's answers: what has drifted, what
// others keep, what is said and what is asked.
func TestDryRun(t *testing.T) {
	const (
		a = "/api/v1/namespaces/shop/configmaps/a"
		b = "/api/v1/namespaces/shop/configmaps/b"
		d = "/apis/scheduling.k8s.io/v1/priorityclasses/d"
	)
	all := []string{"2 ConfigMap/shop/a data.level", "2 ConfigMap/shop/a data.size", "4 ConfigMap/shop/b data.level", "8 PriorityClass/d value"}
	for _, c := range []struct {
		name   string
		before func(*fakeRequest) bool
		drift  []string
		others int
		says   []string
		asked  map[string]int
	}{
		{
			name: "a webhook sets one field again",
			before: func(r *fakeRequest) bool {
				return r.echo(func(o object) {
					if data, ok := o["data"].(object); ok && data["size"] == "small" {
						data["size"] = "large"
					}
				})
			},
			drift: []string{all[0], all[2], all[3]}, others: 1, asked: map[string]int{a: 1, b: 1, d: 1},
		},
		{
			name:   "the user may not",
			before: func(r *fakeRequest) bool { return r.in("d") && r.echo(nil) || r.status(http.StatusForbidden, "no") },
			drift:  all, asked: map[string]int{a: 1, d: 1},
			says: []string{"ConfigMap/shop/a: the server was not asked what applying would do: no"},
		},
		{
			name: "an object is refused",
			before: func(r *fakeRequest) bool {
				return !r.in("a") && r.echo(nil) || r.status(http.StatusUnprocessableEntity, "invalid")
			},
			drift: all, asked: map[string]int{a: 1, b: 1, d: 1},
			says: []string{"ConfigMap/shop/a: the server was not asked what applying would do: invalid"},
		},
		{
			name:   "the server cannot",
			before: func(r *fakeRequest) bool { return r.status(http.StatusServiceUnavailable, "later") },
			drift:  all, asked: map[string]int{a: triesAnswered},
			says: []string{"ConfigMap/shop/a: the server was not asked what applying would do: later; it is not asked about others either"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.before = func(r *fakeRequest) bool {
				q := r.URL.Query()
				if r.Method != http.MethodPatch || q.Get("dryRun") != "All" || q.Get("force") != "true" || q.Get("fieldManager") != "seaworthy-drift" || r.Header.Get("Content-Type") != "application/apply-patch+yaml" {
					t.Errorf("asked %s %s of %s", r.Method, r.URL, r.Header.Get("Content-Type"))
				}
				return c.before(r)
			}
			found, b, err := f.dryRun(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.drift, found.Said()); diff != "" || found.Others != c.others {
				t.Errorf("%d others', drift (-want +got):\n%s", found.Others, diff)
			}
			var says []string
			for _, p := range b.Problems {
				says = append(says, p.Message)
			}
			if diff := cmp.Diff(c.says, says); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.asked, f.counts); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDryRunCancelled holds that nothing is told of a comparison that was
// broken off.
func TestDryRunCancelled(t *testing.T) {
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.before = func(*fakeRequest) bool {
		cancel()
		panic(http.ErrAbortHandler)
	}
	if _, _, err := f.dryRun(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// dryRun compares the two texts and asks the fake.
func (f *fake) dryRun(ctx context.Context) (*Drift, *graph.Builder, error) {
	f.t.Helper()
	dry, err := NewDryRunner(Options{Kubeconfig: f.kubeconfig("token: t"), QPS: 1e6, Burst: 1e6})
	if err != nil {
		f.t.Fatal(err)
	}
	dry.client.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	s := &Snapshot{Context: "c", Objects: recorded(f.t, dryLive), Kinds: []Kind{
		{Version: "v1", Kind: "ConfigMap", Resource: "configmaps", Namespaced: true, Verbs: []string{"list"}, Preferred: true},
		{Group: "scheduling.k8s.io", Version: "v1", Kind: "PriorityClass", Resource: "priorityclasses", Verbs: []string{"list"}, Preferred: true},
	}}
	found, b := &Drift{}, &graph.Builder{}
	l := &Live{Drift: found, DryRun: dry, Snapshot: func(context.Context) (*Snapshot, error) { return s, nil }}
	return found, b, l.Follow(ctx, nil, []*graph.Builder{parsed(dryWritten)}, b)
}

// echo answers with what was sent, after a change if there is one.
func (r *fakeRequest) echo(change func(object)) bool {
	var o object
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		return r.status(http.StatusBadRequest, err.Error())
	}
	if change != nil {
		change(o)
	}
	r.json(o)
	return true
}
