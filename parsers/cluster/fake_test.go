package cluster

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

type object = map[string]any

// A fake is an API server of little understanding. It pages, knows metadata
// from whole objects, and writes down what it is asked.
type fake struct {
	*httptest.Server
	t testing.TB

	kinds   []Kind              // what it serves
	objects map[string][]object // by resource as in Kind.name
	version string
	old     bool                       // has no aggregated discovery
	stale   []string                   // group/versions whose server is gone
	before  func(*fakeRequest) bool    // answers instead, if it returns true
	mu      sync.Mutex                 // for what is below
	asked   []string                   // "GET /api/v1/pods?limit=500"
	accepts map[string]map[string]bool // by path
	counts  map[string]int             // by path
	waits   []time.Duration            // between tries
	told    []Progress
}

type fakeRequest struct {
	w http.ResponseWriter
	*http.Request
	nth int // of this path, from 1
}

// kind is a kind by its "group/version resource Kind", with a "+" for namespaced.
func kind(s string) Kind {
	f := strings.Fields(s)
	k := Kind{Resource: f[1], Kind: strings.TrimPrefix(f[2], "+"), Namespaced: f[2][0] == '+', Verbs: []string{"get", "list"}}
	if group, version, ok := strings.Cut(f[0], "/"); ok {
		k.Group, k.Version = group, version
	} else {
		k.Version = f[0]
	}
	return k
}

func kinds(list ...string) []Kind {
	all := make([]Kind, 0, len(list))
	for _, s := range list {
		all = append(all, kind(s))
	}
	return all
}

func newFake(t testing.TB, serves ...string) *fake {
	f := &fake{
		t: t, kinds: kinds(serves...), objects: map[string][]object{}, version: "v1.36.3",
		accepts: map[string]map[string]bool{}, counts: map[string]int{},
	}
	// Credentials are not sent in the clear.
	f.Server = httptest.NewUnstartedServer(f)
	f.Config.ErrorLog = silent()
	f.StartTLS()
	t.Cleanup(f.Close)
	return f
}

// fill makes n objects of a resource.
func (f *fake) fill(resource string, n int) {
	for i := range n {
		f.objects[resource] = append(f.objects[resource], object{
			"metadata": object{"name": fmt.Sprintf("o%04d", n-i), "namespace": []string{"default", "kube-system"}[i%2]},
			"spec":     object{"replicas": i, "ratio": 0.5},
		})
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
	f.counts[r.URL.Path]++
	if f.accepts[r.URL.Path] == nil {
		f.accepts[r.URL.Path] = map[string]bool{}
	}
	f.accepts[r.URL.Path][r.Header.Get("Accept")] = true
	req := &fakeRequest{w, r, f.counts[r.URL.Path]}
	f.mu.Unlock()
	if f.before != nil && f.before(req) {
		return
	}
	switch parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/"); {
	case r.URL.Path == "/version":
		req.json(object{"gitVersion": f.version})
	case len(parts) == 1:
		f.discovery(req, parts[0])
	case parts[0] == "api" && len(parts) == 2, parts[0] == "apis" && len(parts) == 3:
		f.document(req, strings.Join(parts[1:], "/"))
	default:
		f.list(req, parts)
	}
}

func (r *fakeRequest) json(v any) { r.jsonAs("application/json", v) }

func (r *fakeRequest) jsonAs(mediaType string, v any) {
	r.w.Header().Set("Content-Type", mediaType)
	_ = json.NewEncoder(r.w).Encode(v)
}

// status answers with an error as the API does.
func (r *fakeRequest) status(code int, message string) bool {
	after, _ := strconv.Atoi(r.w.Header().Get("Retry-After"))
	r.w.Header().Set("Content-Type", "application/json")
	r.w.WriteHeader(code)
	_ = json.NewEncoder(r.w).Encode(object{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message, "details": object{"retryAfterSeconds": after},
	})
	return true
}

// in tells whether the request is for a list of the resource.
func (r *fakeRequest) in(resource string) bool { return strings.HasSuffix(r.URL.Path, "/"+resource) }

// kubeconfig writes a kubeconfig whose user is the given YAML, and returns its path.
func (f *fake) kubeconfig(user string) string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "config")
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: my context
clusters:
- {name: c, cluster: {server: %q, certificate-authority-data: %s}}
- {name: nowhere, cluster: {server: "http://127.0.0.1:1"}}
users:
- {name: u, user: {%s}}
contexts:
- {name: my context, context: {cluster: c, user: u}}
- {name: other, context: {cluster: nowhere, user: u}}
- {name: home, context: {cluster: c, user: u, namespace: team}}
- {name: odd, context: {cluster: c, user: u, namespace: a/b}}
`, f.URL, base64.StdEncoding.EncodeToString(ca), user)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// read reads the fake without waiting between tries.
func (f *fake) read(o Options, wants Wants) (*Snapshot, error) {
	f.t.Helper()
	if o.Kubeconfig == "" {
		o.Kubeconfig = f.kubeconfig("token: secret-token")
	}
	o.Now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	o.QPS, o.Burst = 1e6, 1e6
	o = o.withDefaults()
	c, t, err := open(o, false)
	if err != nil {
		return nil, err
	}
	c.wait = func(ctx context.Context, d time.Duration) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.waits = append(f.waits, d)
		return ctx.Err()
	}
	if wants == nil {
		wants = Default
	}
	return c.read(f.t.Context(), t, o, wants, func(p Progress) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.told = append(f.told, p)
	})
}

// must is read that has to succeed.
func (f *fake) must(o Options, wants Wants) *Snapshot {
	f.t.Helper()
	s, err := f.read(o, wants)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// gaps are the gaps as text.
func gaps(s *Snapshot) string {
	var b strings.Builder
	for _, g := range s.Gaps {
		fmt.Fprintln(&b, g)
	}
	return b.String()
}

// silent is for servers that would tell of every broken connection.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }
