package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWaits holds how long is waited before a request is sent again.
func TestWaits(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(*fakeRequest)
		want   string
	}{
		{"a status that says when", func(r *fakeRequest) {
			r.w.Header().Set("Retry-After", "7")
			r.status(http.StatusTooManyRequests, "too many requests")
		}, "[7s 7s 7s 7s]"},
		{"plain words that say when", func(r *fakeRequest) {
			r.w.Header().Set("Retry-After", "7")
			http.Error(r.w, "Too many requests, please try again later.", http.StatusTooManyRequests)
		}, "[7s 7s 7s 7s]"},
		{"nobody says when", func(r *fakeRequest) { r.status(http.StatusInternalServerError, "no") }, "[200ms 400ms 800ms 1.6s]"},
		{"a nonsensical time", func(r *fakeRequest) {
			r.w.Header().Set("Retry-After", "-7")
			r.status(http.StatusServiceUnavailable, "no")
		}, "[200ms 400ms 800ms 1.6s]"},
		{"nothing", func(*fakeRequest) { panic(http.ErrAbortHandler) }, "[200ms 400ms 800ms 1.6s 3.2s 5s 5s]"},
		{"a token has expired", func(r *fakeRequest) { r.status(http.StatusUnauthorized, "no") }, "[0s]"},
		{"no", func(r *fakeRequest) { r.status(http.StatusForbidden, "no") }, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, "v1 pods +Pod")
			f.before = func(r *fakeRequest) bool {
				if r.in("pods") {
					c.answer(r)
				}
				return r.in("pods")
			}
			_, _ = f.read(Options{}, nil)
			if got := fmt.Sprint(f.waits); got != c.want {
				t.Errorf("waited %s, want %s", got, c.want)
			}
		})
	}
}

// TestPause holds that a pause ends with its context, and does not begin when
// it would outlast that.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := pause(ctx, time.Minute); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := pause(short, time.Minute); err == nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := pause(t.Context(), time.Minute); err != nil || time.Since(start) != time.Minute+time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// TestCancelled holds that reading ends with its context, in the middle of a
// list too that would never end, and that nothing goes on behind its back.
func TestCancelled(t *testing.T) {
	f := newFake(t, serves...)
	f.fill("pods", 12)
	ctx, cancel := context.WithCancel(t.Context())
	f.before = func(r *fakeRequest) bool {
		if r.in("pods") && r.nth == 2 {
			cancel()
			<-r.Context().Done()
		}
		return false
	}
	s, err := Read(ctx, Options{Kubeconfig: f.kubeconfig("token: t"), Page: 5, Timeout: time.Hour, Total: time.Hour}, Default, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", s, err)
	}
	for working(t) {
		time.Sleep(time.Millisecond)
	}
}

// working tells whether a request is under way.
func working(t *testing.T) bool {
	t.Helper()
	var all strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		t.Fatal(err)
	}
	return strings.Contains(all.String(), "parsers/cluster.once[")
}

// TestQuiet holds that client-go tells nobody of what it meets.
func TestQuiet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stderr")
	stderr, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stderr.Close() }()
	former := os.Stderr
	os.Stderr = stderr
	defer func() { os.Stderr = former }()
	f := newFake(t, serves...)
	f.before = func(r *fakeRequest) bool {
		r.w.Header().Set("Warning", `299 - "v1 is deprecated"`)
		if !r.in("pods") {
			return false
		}
		r.w.Header().Set("Content-Type", "application/json")
		r.w.Header().Set("Content-Length", "1000")
		fmt.Fprint(r.w, `{"kind":"PodList",`)
		return true
	}
	if s := f.must(Options{}, nil); len(s.Gaps) != 1 {
		t.Errorf("gaps:\n%s", gaps(s))
	}
	if text, err := os.ReadFile(path); err != nil || len(text) > 0 {
		t.Errorf("%v: %s", err, text)
	}
}
