package image

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

// TestWhereCredentialsAre has the credentials for a registry in each place that
// tools leave them in, and in states that keep them from being read.
func TestWhereCredentialsAre(t *testing.T) {
	hub := newHub(t)
	ref := hub.push(t, "shop/api:1", small(t))
	hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if user, password, _ := r.BasicAuth(); user == "me" && password == "right" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}`) //nolint:errcheck // of a test
	}
	auths := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, hub.host, base64.StdEncoding.EncodeToString([]byte("me:right")))
	helper := func(name string) string { return fmt.Sprintf(`{"credHelpers":{%q:%q}}`, hub.host, name) }
	answers := func(text string) string { return "#!/bin/sh\ncat >/dev/null\n" + text + "\n" }
	for name, c := range map[string]struct {
		env, file, text string // the variable that names the directory, or the file, and what is in it
		helper, program string
		words           string // "" when it is read
	}{
		"docker":                         {"DOCKER_CONFIG", "config.json", auths, "", "", ""},
		"docker, by repository":          {"DOCKER_CONFIG", "config.json", strings.Replace(auths, hub.host, hub.host+"/shop/api", 1), "", "", ""},
		"podman, where it runs":          {"XDG_RUNTIME_DIR", "containers/auth.json", auths, "", "", ""},
		"podman, among configurations":   {"XDG_CONFIG_HOME", "containers/auth.json", auths, "", "", ""},
		"podman, by name":                {"REGISTRY_AUTH_FILE", "", auths, "", "", ""},
		"a helper of the registry":       {"DOCKER_CONFIG", "config.json", helper("ecr-login"), "ecr-login", answers(`echo '{"Username":"me","Secret":"right"}'`), ""},
		"a helper of all":                {"DOCKER_CONFIG", "config.json", `{"credsStore":"pass"}`, "pass", answers(`echo '{"Username":"me","Secret":"right"}'`), ""},
		"a helper of podman's":           {"XDG_RUNTIME_DIR", "containers/auth.json", helper("gcloud"), "gcloud", answers(`echo '{"Username":"me","Secret":"right"}'`), ""},
		"a helper with others":           {"DOCKER_CONFIG", "config.json", helper("acr-env"), "acr-env", answers(`echo '{"Username":"me","Secret":"hunter2"}'`), "does not take those it was given"},
		"a helper that knows none":       {"DOCKER_CONFIG", "config.json", helper("ecr-login"), "ecr-login", answers("echo 'credentials not found in native keychain'; exit 1"), "the registry wants credentials"},
		"a helper that fails":            {"DOCKER_CONFIG", "config.json", helper("ecr-login"), "ecr-login", answers("echo hunter2; exit 1"), "its credentials cannot be read: exit status 1"},
		"a helper that writes something": {"DOCKER_CONFIG", "config.json", helper("ecr-login"), "ecr-login", answers("echo hunter2"), "its credentials cannot be read: invalid character"},
		"a helper that is not there":     {"DOCKER_CONFIG", "config.json", helper("gone"), "", "", `its credentials cannot be read: exec: "docker-credential-gone": executable file not found`},
		"nobody's":                       {"DOCKER_CONFIG", "config.json", `{}`, "", "", "the registry wants credentials"},
		"another registry's":             {"DOCKER_CONFIG", "config.json", strings.Replace(auths, hub.host, "elsewhere:5000", 1), "", "", "the registry wants credentials"},
		"none":                           {"DOCKER_CONFIG", "other.json", auths, "", "", "the registry wants credentials"},
		"no JSON":                        {"DOCKER_CONFIG", "config.json", `{"auths":`, "", "", "its credentials cannot be read: parsing config file"},
		"no base64":                      {"DOCKER_CONFIG", "config.json", strings.Replace(auths, `"auth":"`, `"auth":"!`, 1), "", "", "its credentials cannot be read: parsing config file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, v := range []string{"DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "REGISTRY_AUTH_FILE"} {
				t.Setenv(v, "")
			}
			t.Setenv("HOME", dir)
			t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
			file, named := filepath.Join(dir, c.file), dir
			if c.file == "" {
				file = filepath.Join(dir, "auth.json")
				named = file
			}
			t.Setenv(c.env, named)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			writeFile(t, file, []byte(c.text))
			if c.helper != "" {
				if err := os.WriteFile(filepath.Join(dir, "docker-credential-"+c.helper), []byte(c.program), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			d, err := readerOf(t, Options{Keychain: authn.DefaultKeychain}).Open(t.Context(), ref)
			if c.words == "" {
				if err != nil || d.Platform != "linux/amd64" {
					t.Errorf("%+v, %v", d, err)
				}
				return
			}
			if err == nil || failure(err).Reason != Denied || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v; want …%s…", err, c.words)
			}
		})
	}
}

// answer is a network that answers all with a status, and keeps what it was
// asked.
type answer struct {
	code  int
	asked *[]string
}

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	*a.asked = append(*a.asked, r.URL.Scheme+"://"+r.URL.Host)
	if r.URL.Scheme == "https" {
		return nil, http.ErrSchemeMismatch
	}
	return &http.Response{StatusCode: a.code, Body: http.NoBody, Request: r, Header: http.Header{}}, nil
}

// TestWithoutTLS holds who is asked without TLS: this machine, and who is named.
func TestWithoutTLS(t *testing.T) {
	for _, c := range []struct {
		host     string
		insecure []string
		plain    bool
	}{
		{"127.0.0.1:5000", nil, true}, {"localhost:5000", nil, true}, {"localhost", nil, false /* the library does not try */}, {"[::1]:5000", nil, true},
		{"10.0.0.1:5000", nil, false}, {"192.168.1.1", nil, false}, {"registry.local", nil, false}, {"registry.example.com", nil, false},
		{"10.0.0.1:5000", []string{"10.0.0.1"}, false}, {"10.0.0.1:5000", []string{"10.0.0.1:5000"}, true},
		{"registry.example.com", []string{"registry.example.com"}, true}, {"registry.example.com", []string{"example.com"}, false},
	} {
		var asked []string
		_, err := readerOf(t, Options{Insecure: c.insecure, Transport: answer{http.StatusNotFound, &asked}}).Open(t.Context(), c.host+"/a:1")
		plain := len(asked) == 2 && asked[1] == "http://"+c.host
		if plain != c.plain || asked[0] != "https://"+c.host {
			t.Errorf("%s with %q: asked %q", c.host, c.insecure, asked)
		}
		words := "--insecure-registry"
		if c.plain {
			words = "there is no registry"
		}
		if err == nil || failure(err).Reason != Unavailable || !strings.Contains(err.Error(), words) {
			t.Errorf("%s with %q: %v, want …%s…", c.host, c.insecure, err, words)
		}
	}
}
