package main

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/rogpeppe/go-internal/testscript"
)

// hostImage NAME starts a registry with TLS that has an empty image of that
// name, and a proxy that leads there whoever asks for example.com. REGISTRY is
// its host, PROXY the proxy's address; the file ca.pem has the authority that
// vouches for it. It wants the user "me" with the password "right".
func hostImage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: host-image NAME")
	}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "right" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	ts.Defer(server.Close)
	plain := httptest.NewServer(inner)
	defer plain.Close()
	ref, err := name.ParseReference(strings.TrimPrefix(plain.URL, "http://") + "/" + args[0])
	ts.Check(err)
	image, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: "amd64"})
	ts.Check(err)
	ts.Check(remote.Write(ref, image))
	at, err := url.Parse(server.URL)
	ts.Check(err)
	proxy := httptest.NewServer(tunnel{at.Host})
	ts.Defer(proxy.Close)
	ts.Setenv("REGISTRY", at.Host)
	ts.Setenv("PROXY", proxy.URL)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), authority, 0o600))
}

// A tunnel is a proxy for CONNECT that leads to one host.
type tunnel struct{ to string }

func (t tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect || r.Host != "example.com:443" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	to, err := net.Dial("tcp", t.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	from, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		to.Close() //nolint:errcheck // of a test
		return
	}
	io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n") //nolint:errcheck // of a test
	go func() {
		io.Copy(to, from) //nolint:errcheck // of a test
		to.Close()        //nolint:errcheck // of a test
	}()
	go func() {
		io.Copy(from, to) //nolint:errcheck // of a test
		from.Close()      //nolint:errcheck // of a test
	}()
}
