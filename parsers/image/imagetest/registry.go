// Package imagetest starts a real registry for tests.
package imagetest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The user of the registry.
const (
	User     = "me"
	Password = "right"
	hash     = "me:$2a$05$jr3Wt7i8c0qk3XmR/8uUk.AgG.DpqGPMLefxyJ06WP78QB1sUCGcO\n"
)

// A Registry is one that runs, and wants credentials.
type Registry struct {
	Host string // host:port
	Dir  string // where it keeps what is pushed
}

// Start starts the registry that SEAWORTHY_REGISTRY names, and skips the test
// where none is named: make image-test does.
func Start(t testing.TB) Registry {
	t.Helper()
	program := os.Getenv("SEAWORTHY_REGISTRY")
	if program == "" {
		t.Skip("SEAWORTHY_REGISTRY names no registry: make image-test")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := Registry{Host: listener.Addr().String(), Dir: t.TempDir()}
	listener.Close() //nolint:errcheck // only to find a free port
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	users := write("users", hash)
	config := write("config.yml", fmt.Sprintf(`version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: %q}}
http: {addr: %q}
auth: {htpasswd: {realm: test, path: %q}}
compatibility: {schema1: {enabled: true}}
`, r.Dir, r.Host, users))
	cmd := exec.Command(program, "serve", config)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended
		cmd.Wait()         //nolint:errcheck // it was killed
	})
	for range 200 {
		if resp, err := http.Get("http://" + r.Host + "/v2/"); err == nil {
			resp.Body.Close() //nolint:errcheck // of a test
			return r
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not answer", program)
	return r
}

// Credentials makes a directory with docker's configuration for the registry
// and makes it the one in use. The user's own is not looked at.
func (r Registry) Credentials(t testing.TB, user, password string) {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "config.json"), fmt.Appendf(nil, `{"auths":{%q:{"username":%q,"password":%q}}}`, r.Host, user, password), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	t.Setenv("DOCKER_CONFIG", home)
}
