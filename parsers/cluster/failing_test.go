package cluster

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestGaps holds what becomes of answers that are none: what is read after
// all, what is a gap, and how often was asked.
func TestGaps(t *testing.T) {
	pods := func(answer func(*fakeRequest) bool) func(*fakeRequest) bool {
		return func(r *fakeRequest) bool { return r.in("pods") && answer(r) }
	}
	upTo := func(n int, answer func(*fakeRequest) bool) func(*fakeRequest) bool {
		return pods(func(r *fakeRequest) bool { return r.nth <= n && answer(r) })
	}
	raw := func(mediaType, body string) func(*fakeRequest) bool {
		return func(r *fakeRequest) bool {
			r.w.Header().Set("Content-Type", mediaType)
			fmt.Fprint(r.w, body)
			return true
		}
	}
	cut := func(r *fakeRequest) bool {
		r.w.Header().Set("Content-Length", "1000")
		return raw("application/json", `{"kind":"PodList",`)(r)
	}
	code := func(code int, message string) func(*fakeRequest) bool {
		return func(r *fakeRequest) bool { return r.status(code, message) }
	}
	for _, c := range []struct {
		name   string
		before func(*fakeRequest) bool
		pods   int    // read
		gap    string // the only one; "" is none
		asked  int    // how often pods were asked for; pages are of 5
	}{
		{"paged", nil, 12, "", 3},
		{"forbidden", pods(code(403, `pods is forbidden: User "u" cannot list resource "pods"`)), 0,
			`pods: not read, the user may not list them: User "u" cannot list resource "pods"`, 1},
		{"forbidden by a role", pods(code(403, `pods is forbidden: User "ci" cannot list resource "pods" in API group "" at the cluster scope`)), 0,
			`pods: not read: the user "ci" may not list them`, 1},
		{"forbidden, and why", pods(code(403, `pods is forbidden: User "ci" cannot list resource "pods" in API group "" at the cluster scope: RBAC: no role "x"`)), 0,
			`pods: not read, the user may not list them: User "ci" cannot list resource "pods" in API group "" at the cluster scope: RBAC: no role "x"`, 1},
		{"gone in the middle", pods(func(r *fakeRequest) bool {
			return r.nth == 2 && r.status(410, "The provided continue parameter is too old")
		}), 12, "", 5},
		{"gone twice in the middle", pods(func(r *fakeRequest) bool {
			return (r.nth == 2 || r.nth == 5) && r.status(410, "too old")
		}), 12, "", 6},
		{"always gone", pods(code(410, "too old")), 0, "pods: not read: too old", 3},
		{"too many requests", upTo(3, func(r *fakeRequest) bool {
			r.w.Header().Set("Retry-After", "1")
			return r.status(429, "too many requests")
		}), 12, "", 6},
		{"too many requests in plain words", upTo(3, func(r *fakeRequest) bool {
			r.w.Header().Set("Retry-After", "1")
			http.Error(r.w, "Too many requests, please try again later.", http.StatusTooManyRequests)
			return true
		}), 12, "", 6},
		{"come back tomorrow", pods(func(r *fakeRequest) bool {
			r.w.Header().Set("Retry-After", "86400")
			return r.status(429, "too many requests")
		}), 0, "pods: not read: the server asks to come back in 24h0m0s: too many requests", 1},
		{"5xx and then well", upTo(4, code(500, "etcdserver: leader changed")), 12, "", 7},
		{"5xx", pods(code(503, "conversion webhook failed")), 0, "pods: not read: conversion webhook failed", 5},
		{"no status", pods(raw("text/html", "<html>Log in</html>")), 0, `pods: not read: the answer is no JSON but "text/html"`, 1},
		{"broken JSON", pods(raw("application/json", `{"kind":"PodList","items":[{"metadata":`)), 0, "pods: not read: the answer is no JSON of that kind", 1},
		{"a status for a list", pods(raw("application/json", `{"kind":"Status","items":[]}`)), 0, "pods: not read: the answer is no list", 1},
		{"no name", pods(raw("application/json", `{"kind":"PodList","items":[{"metadata":{}}]}`)), 0, "pods: not read: the answer has an object that was not asked for", 1},
		{"null for an object", pods(raw("application/json", `{"kind":"PodList","items":[null]}`)), 0, "pods: not read: the answer has an object that was not asked for", 1},
		{"null for a list", pods(raw("application/json", `{"kind":"PodList","items":null}`)), 0, "", 1},
		{"deep", pods(raw("application/json", strings.Repeat(`{"items":[`, 20_000))), 0, "pods: not read: the answer is no JSON of that kind", 1},
		{"truncated and then well", upTo(2, cut), 12, "", 5},
		{"truncated in the middle of the list", pods(func(r *fakeRequest) bool {
			return r.nth >= 3 && cut(r)
		}), 10, "pods: read in part: the answer ends in the middle", 10},
		{"dropped and then well", upTo(6, func(*fakeRequest) bool { panic(http.ErrAbortHandler) }), 12, "", 9},
		{"endless", pods(raw("application/json", `{"kind":"PodList","metadata":{"continue":"x"},"items":[{"metadata":{"name":"p"}}]}`)), 2,
			"pods: read in part: the list comes back to where it was", 2},
		{"endless and new", pods(func(r *fakeRequest) bool {
			return raw("application/json", fmt.Sprintf(`{"kind":"PodList","metadata":{"continue":"x%d"},"items":[{"metadata":{"name":"p%d"}}]}`, r.nth, r.nth))(r)
		}), 100, "pods: read in part: there are more than 100", 100},
		{"endless and empty", pods(func(r *fakeRequest) bool {
			return raw("application/json", fmt.Sprintf(`{"kind":"PodList","metadata":{"continue":"x%d"},"items":[]}`, r.nth))(r)
		}), 0, "pods: not read: there are more than 100", 20},
		{"always gone, then endless and empty", pods(func(r *fakeRequest) bool {
			if r.nth < 3 {
				return r.status(410, "too old")
			}
			return raw("application/json", fmt.Sprintf(`{"kind":"PodList","metadata":{"continue":"x%d"},"items":[]}`, r.nth))(r)
		}), 0, "pods: not read: there are more than 100", 102},
		{"too many bytes", pods(func(r *fakeRequest) bool {
			return raw("application/json", fmt.Sprintf(`{"kind":"PodList","metadata":{"continue":"x%d"},"items":[{"metadata":{"name":"p","x":%q}}]}`, r.nth, strings.Repeat("x", 400<<10)))(r)
		}), 3, "pods: read in part: there are more than 1 MiB", 3},
		{"large pages", pods(func(r *fakeRequest) bool {
			return r.URL.Query().Get("limit") == "5" && raw("application/json", `{"kind":"PodList","items":[`+strings.Repeat("{},", 7<<20))(r)
		}), 12, "", 13},
		{"elsewhere", pods(func(r *fakeRequest) bool {
			http.Redirect(r.w, r.Request, "/api/v1/events", http.StatusFound)
			return true
		}), 0, "pods: not read: the server sends elsewhere (302 Found), and redirects are not followed", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, serves...)
			f.fill("pods", 12)
			f.fill("deployments.apps", 2)
			f.before = c.before
			s := f.must(Options{Page: 5, MaxObjects: 100, MaxBytes: 1 << 20}, nil)
			want := c.gap
			if want != "" {
				want += "\n"
			}
			if got := gaps(s); got != want {
				t.Errorf("gaps:\n%swant:\n%s", got, want)
			}
			if n := len(s.Objects) - 2; n != c.pods {
				t.Errorf("%d pods were read, want %d", n, c.pods)
			}
			if n := f.counts["/api/v1/pods"]; n != c.asked {
				t.Errorf("pods were asked for %d times, want %d", n, c.asked)
			}
			f.onlyReads()
		})
	}
}

// TestNothingToTell holds when reading fails as a whole, and that the words help.
func TestNothingToTell(t *testing.T) {
	all := func(code int) func(*fakeRequest) bool {
		return func(r *fakeRequest) bool { return r.status(code, "no") }
	}
	at := func(path string, code int) func(*fakeRequest) bool {
		return func(r *fakeRequest) bool { return r.URL.Path == path && r.status(code, "no") }
	}
	for _, c := range []struct {
		name    string
		before  func(*fakeRequest) bool
		options Options
		want    string // "" is no error
	}{
		{"no user", all(401), Options{}, "does not know the user (401 no): the credentials are wrong or have expired; log in again"},
		{"the user expires", at("/api/v1/pods", 401), Options{}, "the credentials are wrong or have expired"},
		{"no discovery", at("/apis", 403), Options{}, "refuses (403 no): bind the user to the ClusterRole system:discovery"},
		{"no version", at("/version", 403), Options{}, ""},
		{"no API server", all(404), Options{}, "answers 404: no"},
		{"no API server but JSON", func(r *fakeRequest) bool { r.json(object{"hello": "world"}); return true }, Options{}, "is no API server of Kubernetes: /api is answered by"},
		{"nobody there", nil, Options{Context: "other"}, `reading the cluster of the context "other": http://127.0.0.1:1 cannot be reached: dial tcp 127.0.0.1:1`},
		{"no such context", nil, Options{Context: "my contxt"}, `the kubeconfig has no context "my contxt"; it has: "home", "my context", "odd", "other"`},
		{"no such namespace", nil, Options{Namespaces: []string{"../secrets"}}, `"../secrets" is no name of a namespace`},
		{"no such namespace in the context", nil, Options{Context: "odd"}, `the context "odd" of the kubeconfig is in "a/b", which is no name of a namespace`},
		{"no such file", nil, Options{Kubeconfig: "/nonexistent"}, "reading the kubeconfig: stat /nonexistent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, serves...)
			f.before = c.before
			_, err := f.read(c.options, nil)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret-token") {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

// slow is a server that never answers about pods.
func slow(t *testing.T) *fake {
	f := newFake(t, serves...)
	f.fill("deployments.apps", 2)
	f.before = func(r *fakeRequest) bool {
		if r.in("pods") {
			<-r.Context().Done()
		}
		return r.in("pods")
	}
	return f
}

// TestSlow holds that an answer that does not come is waited for no longer
// than a request may take.
func TestSlow(t *testing.T) {
	t.Parallel()
	s := slow(t).must(Options{Timeout: 500 * time.Millisecond}, nil)
	if got := gaps(s); got != "pods: not read: no answer in time\n" || len(s.Objects) != 2 {
		t.Errorf("%d objects, gaps:\n%s", len(s.Objects), got)
	}
}

// TestSlowAltogether holds the same of the reading as a whole.
func TestSlowAltogether(t *testing.T) {
	t.Parallel()
	s := slow(t).must(Options{Total: time.Second}, nil)
	if got := gaps(s); got != "pods: not read: the time for the whole reading is over\n" || len(s.Objects) != 2 {
		t.Errorf("%d objects, gaps:\n%s", len(s.Objects), got)
	}
}

// TestBrokenAPI holds that an API whose server is gone is a gap, whether the
// server has one document of all APIs or many.
func TestBrokenAPI(t *testing.T) {
	for _, old := range []bool{false, true} {
		f := newFake(t, append(serves, "metrics.k8s.io/v1beta1 nodes Node")...)
		f.old, f.stale = old, []string{"metrics.k8s.io/v1beta1"}
		f.fill("pods", 3)
		s := f.must(Options{}, nil)
		if len(s.Objects) != 3 || len(s.Gaps) != 1 || s.Gaps[0].Reason != Unavailable || s.Gaps[0].Of != "metrics.k8s.io/v1beta1" {
			t.Errorf("old %v: %d objects, gaps %v", old, len(s.Objects), s.Gaps)
		}
	}
}

// TestHostileNames holds that a server cannot send us to other paths.
func TestHostileNames(t *testing.T) {
	f := newFake(t, "v1 pods +Pod")
	f.kinds = append(f.kinds, Kind{Group: "apps", Version: "v1", Resource: "..%2fsecrets?x", Kind: "Deployment", Verbs: []string{"list"}},
		Kind{Group: "..", Version: "v1", Resource: "pods", Kind: "Pod", Verbs: []string{"list"}})
	s := f.must(Options{}, func(Kind) Want { return Whole })
	if len(s.Gaps) != 2 || len(s.Kinds) != 1 || s.Gaps[0].Reason != Broken {
		t.Errorf("kinds %v, gaps %v", s.Kinds, s.Gaps)
	}
	for _, a := range f.asked {
		if strings.Contains(a, "secrets") || strings.Contains(a, "..") {
			t.Errorf("asked %s", a)
		}
	}
}
