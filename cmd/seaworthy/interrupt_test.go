package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// interrupt presses Ctrl-C, and does not answer.
func interrupt(t *testing.T, r *http.Request) {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(os.Interrupt)
	}
	if err != nil {
		t.Error(err)
	}
	<-r.Context().Done()
}

// interrupted holds that a run ends at once that Ctrl-C is pressed in.
func interrupted(t *testing.T, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(args, &stdout, &stderr)
	if code != exitInterrupted || stderr.String() != "seaworthy: interrupted\n" || stdout.Len() > 0 {
		t.Errorf("exit %d, %q, %q", code, &stdout, &stderr)
	}
}

func TestInterruptedByRegistry(t *testing.T) {
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { interrupt(t, r) }))
	defer hangs.Close()
	interrupted(t, "image", "--no-config", strings.TrimPrefix(hangs.URL, "http://")+"/a:1")
}

// TestInterruptedInList has a cluster hang in the middle of a list.
func TestInterruptedInList(t *testing.T) {
	api := &apiServer{objects: []map[string]any{{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p", "namespace": "shop"}}}}
	hangs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasSuffix(r.URL.Path, "/pods"):
			api.ServeHTTP(w, r)
		case r.URL.Query().Get("continue") == "":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"x"},"items":[]}`)
		default:
			interrupt(t, r)
		}
	}))
	defer hangs.Close()
	config := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf("clusters: [{name: c, cluster: {server: %q}}]\ncontexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n", hangs.URL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	interrupted(t, "scan", "--no-config", t.TempDir(), "--cluster", "--kubeconfig", config)
}
