package cluster

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// withToken makes the fake ask for a token.
func (f *fake) withToken(token string) {
	f.before = func(r *fakeRequest) bool {
		return r.Header.Get("Authorization") != "Bearer "+token && r.status(401, "Unauthorized")
	}
}

// plugin writes a credential plugin that is a shell script.
func plugin(t *testing.T, script string) (user, dir string) {
	t.Helper()
	dir = t.TempDir()
	path := filepath.Join(dir, "plugin")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncd "+dir+"\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, command: " + path + "}", dir
}

const credential = `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$TOKEN'"}}'
`

// TestCredentialPlugin holds that a plugin is run once, asks nobody, may write
// to stderr and is asked again when its token has expired.
func TestCredentialPlugin(t *testing.T) {
	f := newFake(t, serves...)
	f.fill("pods", 3)
	user, dir := plugin(t, `
echo run >> runs
echo "to sign in, open a page" >&2
read answer && echo "$answer" >> answers
TOKEN=token$(wc -l < runs | tr -d ' ')
`+credential)
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stderr.Close() }()
	f.withToken("token2")
	s := f.must(Options{Kubeconfig: f.kubeconfig(user), Stderr: stderr}, nil)
	if len(s.Objects) != 3 || len(s.Gaps) != 0 {
		t.Errorf("%d objects, gaps:\n%s", len(s.Objects), gaps(s))
	}
	for name, want := range map[string]string{"runs": "run\nrun\n", "stderr": "to sign in, open a page\nto sign in, open a page\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "answers")); err == nil {
		t.Error("the plugin was given an answer")
	}
}

// TestClosedStderr holds that a plugin has a stderr though the program has none.
func TestClosedStderr(t *testing.T) {
	former := os.Stderr
	os.Stderr = nil
	defer func() { os.Stderr = former }()
	f := newFake(t, serves...)
	user, dir := plugin(t, "TOKEN=t\nexec 3>first\necho warning >&2 || exit 1\n"+credential)
	f.withToken("t")
	f.must(Options{Kubeconfig: f.kubeconfig(user)}, nil)
	if got, err := os.ReadFile(filepath.Join(dir, "first")); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
	if os.Stderr != nil {
		t.Error("stderr was not put back")
	}
}

func TestFailingPlugin(t *testing.T) {
	f := newFake(t, serves...)
	user, _ := plugin(t, "echo run >> runs\nexit 3\n")
	_, err := f.read(Options{Kubeconfig: f.kubeconfig(user)}, nil)
	if err == nil || !strings.Contains(err.Error(), `reading the cluster of the context "my context": getting credentials: exec: executable`) || !strings.Contains(err.Error(), "failed with exit code 3") {
		t.Errorf("error %v", err)
	}
	_, err = f.read(Options{Kubeconfig: f.kubeconfig("exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, command: /bin/true}")}, nil)
	if err == nil || !strings.Contains(err.Error(), "standard input is") {
		t.Errorf("error %v", err)
	}
}

// TestMissingPlugin holds that a plugin that is not installed is told in one
// line, with what the kubeconfig says of it.
func TestMissingPlugin(t *testing.T) {
	f := newFake(t, serves...)
	const missing = "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, command: no-such-plugin"
	for hint, want := range map[string]string{
		"}": "executable no-such-plugin not found",
		`, installHint: "Get it from\n  example.com"}`: "executable no-such-plugin not found: Get it from example.com",
	} {
		_, err := f.read(Options{Kubeconfig: f.kubeconfig(missing + hint)}, nil)
		if want = `reading the cluster of the context "my context": getting credentials: ` + want; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestHangingPlugin holds that a plugin that waits for somebody does not make
// us wait for ever.
func TestHangingPlugin(t *testing.T) {
	t.Parallel()
	f := newFake(t, serves...)
	user, _ := plugin(t, "exec sleep 3 >&2\n")
	_, err := f.read(Options{Kubeconfig: f.kubeconfig(user), Total: 200 * time.Millisecond}, nil)
	if err == nil || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("error %v", err)
	}
}

func TestTokenFile(t *testing.T) {
	f := newFake(t, serves...)
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.withToken("from-a-file")
	f.must(Options{Kubeconfig: f.kubeconfig("tokenFile: " + path)}, nil)
}

func TestRemovedAuthProvider(t *testing.T) {
	f := newFake(t, serves...)
	_, err := f.read(Options{Kubeconfig: f.kubeconfig("auth-provider: {name: gcp}")}, nil)
	if err == nil || !strings.Contains(err.Error(), "gcp auth plugin has been removed") {
		t.Errorf("error %v", err)
	}
}

// TestOIDC holds that the token of an auth-provider is sent.
func TestOIDC(t *testing.T) {
	f := newFake(t, serves...)
	token := "e30." + "eyJleHAiOjQ4MDAwMDAwMDB9" + ".c2ln" // expires in 2122
	f.withToken(token)
	f.must(Options{Kubeconfig: f.kubeconfig(`auth-provider: {name: oidc, config: {idp-issuer-url: "https://127.0.0.1:1", client-id: c, id-token: ` + token + `}}`)}, nil)
}

// TestProxy holds that the kubeconfig's proxy is used.
func TestProxy(t *testing.T) {
	f := newFake(t, serves...)
	proxied := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied++
		if r.URL.Host != "cluster.example" {
			t.Errorf("asked for %s", r.URL)
		}
		f.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	path := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf("clusters: [{name: c, cluster: {server: 'http://user:pw@cluster.example', proxy-url: %q}}]\n"+
		"contexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n", proxy.URL)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f.must(Options{Kubeconfig: path, Parallel: 1}, nil)
	if proxied < 5 {
		t.Errorf("%d requests came by the proxy", proxied)
	}
	if c, _, err := open(Options{Kubeconfig: path}, false); err != nil || c.address != "http://cluster.example" {
		t.Errorf("%v: shown as %s", err, c.address)
	}
}

// TestKubeconfigs holds that KUBECONFIG is a list of files that are merged.
func TestKubeconfigs(t *testing.T) {
	f := newFake(t, serves...)
	first := filepath.Join(t.TempDir(), "first")
	if err := os.WriteFile(first, []byte("contexts: [{name: mine, context: {cluster: c, user: u}}]\ncurrent-context: mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", first+string(filepath.ListSeparator)+"/nonexistent"+string(filepath.ListSeparator)+f.kubeconfig("token: t"))
	s, err := Read(t.Context(), Options{}, Default, nil)
	if err != nil || s.Context != "mine" || len(f.asked) == 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if err := os.WriteFile(first, []byte("contexts: [{name: 'a b', context: {cluster: c, user: u}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", first)
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := Read(t.Context(), Options{}, Default, nil); err == nil || !strings.Contains(err.Error(), `no current context; name one with --context: "a b"`) {
		t.Errorf("error %v", err)
	}
	for context, want := range map[string]string{
		"{cluster: gone, user: u}": `the context "x" is of the cluster "gone", which the kubeconfig does not have`,
		"{cluster: c, user: gone}": `the context "x" is of the user "gone", whom the kubeconfig does not have`,
	} {
		text := "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\nusers: [{name: u}]\ncontexts: [{name: x, context: " + context + "}]\n"
		if err := os.WriteFile(first, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(t.Context(), Options{Context: "x"}, Default, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if err := os.WriteFile(first, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), Options{Kubeconfig: first}, Default, nil); err == nil || !strings.Contains(err.Error(), "first has no context") {
		t.Errorf("error %v", err)
	}
	t.Setenv("KUBECONFIG", "/nonexistent")
	if _, err := Read(t.Context(), Options{}, Default, nil); err == nil || !strings.Contains(err.Error(), "no cluster is configured") {
		t.Errorf("error %v", err)
	}
}

// TestTLS holds that a server is known by its certificate, and only then told
// who the user is.
func TestTLS(t *testing.T) {
	f := newFake(t, serves...)
	told := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told++
		f.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = silent()
	server.StartTLS()
	defer server.Close()
	path := filepath.Join(t.TempDir(), "config")
	ca := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	for trust, want := range map[string]string{
		"": "certificate signed by unknown authority: the certificate-authority-data of the kubeconfig is missing or old; get the kubeconfig again",
		", tls-server-name: other.example, certificate-authority-data: " + ca: ": the kubeconfig has to name the server as its certificate does, in server or in tls-server-name",
	} {
		text := fmt.Sprintf("clusters: [{name: c, cluster: {server: %q%s}}]\nusers: [{name: u, user: {token: t}}]\n"+
			"contexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\n", server.URL, trust)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := f.read(Options{Kubeconfig: path}, nil)
		if err == nil || !strings.HasSuffix(err.Error(), want) || told != 0 {
			t.Errorf("error %v, %d requests, want %q", err, told, want)
		}
	}
}

// TestClientCertificate holds that the kubeconfig's certificate is shown.
func TestClientCertificate(t *testing.T) {
	f := newFake(t, serves...)
	shown := ""
	f.TLS.ClientAuth = tls.RequestClientCert
	f.before = func(r *fakeRequest) bool {
		if len(r.TLS.PeerCertificates) != 1 {
			return r.status(401, "Unauthorized")
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		shown = r.TLS.PeerCertificates[0].Subject.CommonName
		return false
	}
	certificate, key := issueWithKey(t, "ann", time.Now().AddDate(0, 0, 1))
	f.must(Options{Kubeconfig: f.kubeconfig("client-certificate-data: " + certificate + ", client-key-data: " + key)}, nil)
	if shown != "ann" {
		t.Errorf("shown %q", shown)
	}
}

// TestPath holds that a server may be below a path, as those are that
// managers of clusters stand in front of.
func TestPath(t *testing.T) {
	for _, old := range []bool{false, true} {
		f := newFake(t, serves...)
		f.old = old
		f.fill("pods", 3)
		manager := httptest.NewServer(http.StripPrefix("/k8s/clusters/c-1", f))
		defer manager.Close()
		path := filepath.Join(t.TempDir(), "config")
		text := fmt.Sprintf("clusters: [{name: c, cluster: {server: %q}}]\ncontexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n", manager.URL+"/k8s/clusters/c-1")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s := f.must(Options{Kubeconfig: path}, nil); len(s.Objects) != 3 || len(s.Gaps) > 0 {
			t.Errorf("old %v: %d objects, gaps:\n%s", old, len(s.Objects), gaps(s))
		}
	}
}
