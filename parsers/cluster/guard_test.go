package cluster

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestGuard holds what is let out.
func TestGuard(t *testing.T) {
	for _, c := range []struct {
		request      string
		reads, tries bool // whether it is sent where is only read, and where dry runs are
	}{
		{"GET /api/v1/pods", true, true},
		{"PATCH /api/v1/pods/p?dryRun=All&force=true", false, true},
		{"PATCH /api/v1/pods/p?force=true", false, false},
		{"PATCH /api/v1/pods/p?dryRun=", false, false},
		{"PATCH /api/v1/pods/p?dryRun=None&dryRun=All", false, false},
		{"POST /api/v1/pods?dryRun=All", false, false},
		{"PUT /api/v1/pods/p?dryRun=All", false, false},
		{"DELETE /api/v1/pods/p?dryRun=All", false, false},
		{"HEAD /api/v1/pods", false, false},
	} {
		for _, dryRuns := range []bool{false, true} {
			sent := false
			g := &guard{dryRuns: dryRuns, reached: new(atomic.Bool), next: roundTripper(func(*http.Request) (*http.Response, error) {
				sent = true
				return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody}, nil
			})}
			method, url, _ := strings.Cut(c.request, " ")
			r, err := http.NewRequestWithContext(t.Context(), method, "http://cluster.example"+url, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := g.RoundTrip(r)
			if err == nil {
				_ = resp.Body.Close()
			}
			if want := dryRuns && c.tries || !dryRuns && c.reads; sent != want || (err == nil) != want {
				t.Errorf("%s, with dry runs %v: sent %v, error %v", c.request, dryRuns, sent, err)
			}
		}
	}
}
