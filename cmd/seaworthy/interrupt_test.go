package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestInterrupted has somebody press Ctrl-C while a registry does not answer.
func TestInterrupted(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := self.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		<-r.Context().Done()
	}))
	defer hangs.Close()
	var stdout, stderr bytes.Buffer
	code := run([]string{"image", "--no-config", strings.TrimPrefix(hangs.URL, "http://") + "/a:1"}, &stdout, &stderr)
	if code != exitInterrupted || stderr.String() != "seaworthy: interrupted\n" || stdout.Len() > 0 {
		t.Errorf("exit %d, %q, %q", code, &stdout, &stderr)
	}
}
