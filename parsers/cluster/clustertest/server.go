// Package clustertest runs an API server of Kubernetes with its etcd on this
// machine, for tests that want the real one. make cluster-test builds both and
// names them in the environment; elsewhere such tests are skipped.
//
// Nothing runs beside the API server: no controllers make ReplicaSets, Pods or
// Endpoints, and no kubelet starts any. What a test needs it creates.
package clustertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// Users that the server knows by a token that is the name. Admin may do
// everything; the others may do what a test binds them to.
const (
	Admin  = "admin"
	Reader = "reader"
	Nobody = "nobody"
)

// patience is how long a process may take to start; a slow machine that builds
// something else meanwhile needs most of it.
const patience = 2 * time.Minute

// A Server is an API server that runs.
type Server struct {
	URL string // https://127.0.0.1:PORT

	dir   string
	etcd  string // address
	flags []string
	ca    []byte // PEM
	stop  func() // the API server
}

// Start starts an API server with an empty etcd, which end with the test. It
// skips the test where there is none: SEAWORTHY_APISERVER and SEAWORTHY_ETCD
// name the programs.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	apiserver, etcd := os.Getenv("SEAWORTHY_APISERVER"), os.Getenv("SEAWORTHY_ETCD")
	if apiserver == "" || etcd == "" {
		t.Skip("there is no API server here: make cluster-test")
	}
	dir := t.TempDir()
	s := &Server{dir: dir, URL: "https://" + free(t), etcd: "http://" + free(t), ca: certificates(t, dir)}
	peer := "http://" + free(t)
	run(t, dir, etcd, "--name=default", "--data-dir="+filepath.Join(dir, "etcd"), "--listen-client-urls="+s.etcd, "--advertise-client-urls="+s.etcd,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer, "--log-level=error", "--logger=zap")
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "https://"), ":")
	s.flags = append([]string{
		"--etcd-servers=" + s.etcd, "--etcd-compaction-interval=0",
		"--bind-address=127.0.0.1", "--secure-port=" + port,
		"--tls-cert-file=" + filepath.Join(dir, "server.crt"), "--tls-private-key-file=" + filepath.Join(dir, "server.key"),
		"--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.0.0.0/16",
		"--service-account-key-file=" + filepath.Join(dir, "server.key"), "--service-account-signing-key-file=" + filepath.Join(dir, "server.key"),
		"--token-auth-file=" + filepath.Join(dir, "tokens"), "--authorization-mode=RBAC",
		"--allow-privileged=true",
		// Nobody makes the accounts that it asks for.
		"--disable-admission-plugins=ServiceAccount",
	}, flags...)
	tokens := fmt.Sprintf("%[1]s,%[1]s,1,system:masters\n%[2]s,%[2]s,2\n%[3]s,%[3]s,3\n", Admin, Reader, Nobody)
	write(t, filepath.Join(dir, "tokens"), tokens)
	s.start(t)
	return s
}

func (s *Server) start(t testing.TB) {
	t.Helper()
	s.stop = run(t, s.dir, os.Getenv("SEAWORTHY_APISERVER"), s.flags...)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: 5 * time.Second}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		resp, err := client.Get(s.URL + "/readyz")
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	text, _ := os.ReadFile(filepath.Join(s.dir, filepath.Base(os.Getenv("SEAWORTHY_APISERVER"))+".log"))
	t.Fatalf("the API server does not start:\n%s", text[max(0, len(text)-4000):])
}

// Stop ends the API server; its etcd goes on.
func (s *Server) Stop() { s.stop() }

// Restart starts it again, at the same address, with further flags.
func (s *Server) Restart(t testing.TB, flags ...string) {
	t.Helper()
	s.stop()
	s.flags = append(s.flags, flags...)
	s.start(t)
}

// Config is how to reach the server as a user.
func (s *Server) Config(user string) *rest.Config {
	return &rest.Config{Host: s.URL, BearerToken: user, TLSClientConfig: rest.TLSClientConfig{CAData: s.ca}, QPS: 1e4, Burst: 1e4}
}

// Kubeconfig is the path of a kubeconfig for the user, or for nobody if that is
// "", whose context is "a test"; at is the server's address, for one behind a proxy, or "".
func (s *Server) Kubeconfig(t testing.TB, user, at string) string {
	t.Helper()
	if at == "" {
		at = s.URL
	}
	write(t, filepath.Join(s.dir, "ca.crt"), string(s.ca))
	path := filepath.Join(t.TempDir(), "config")
	credentials := ""
	if user != "" {
		credentials = fmt.Sprintf("token: %q", user)
	}
	write(t, path, fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: a test\n"+
		"clusters: [{name: c, cluster: {server: %q, certificate-authority: %q}}]\nusers: [{name: u, user: {%s}}]\n"+
		"contexts: [{name: a test, context: {cluster: c, user: u}}]\n", at, filepath.Join(s.dir, "ca.crt"), credentials))
	return path
}

// Compact makes etcd forget all but the present, so that lists that were begun
// before cannot be read to their end.
func (s *Server) Compact(ctx context.Context) error {
	var now struct {
		Header struct {
			Revision string `json:"revision"`
		} `json:"header"`
	}
	if err := s.etcdSays(ctx, "/v3/kv/range", `{"key":"YQ=="}`, &now); err != nil {
		return err
	}
	return s.etcdSays(ctx, "/v3/kv/compaction", fmt.Sprintf(`{"revision":%q,"physical":true}`, now.Header.Revision), nil)
}

// run starts a program that ends with the test, and returns how to end it before.
func run(t testing.TB, dir, program string, args ...string) (stop func()) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(dir, filepath.Base(program)+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = cmd.Process.Signal(syscall.SIGKILL) // it has nothing to lose
		_ = cmd.Wait()
		_ = log.Close()
	}
	t.Cleanup(stop)
	return stop
}

// free is an address of this machine that nobody listens at.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// etcdSays asks etcd's gateway.
func (s *Server) etcdSays(ctx context.Context, path, question string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.etcd+path, strings.NewReader(question))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("reading etcd's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("etcd answers %s: %s", resp.Status, body)
	}
	return decode(body, answer)
}
