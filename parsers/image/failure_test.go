package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// small is an image of one layer.
func small(t testing.TB) v1.Image {
	return imageOf(t, v1.Config{}, layerOf(t, zipped(t, tarOf(t, put{name: "bin/sh", mode: 0o755, text: strings.Repeat("x", 1000)}))))
}

// wants holds that a reference fails for a reason, in words that have some.
func wants(t *testing.T, r *Reader, ref string, reason Reason, words string) {
	t.Helper()
	d, err := r.Open(t.Context(), ref)
	f := new(Failure)
	if !errors.As(err, &f) {
		t.Errorf("%s: read as %+v, %v", ref, d, err)
		return
	}
	if f.Reason != reason || !strings.Contains(f.Text, words) {
		t.Errorf("%s: %s: %s; want %s: …%s…", ref, f.Reason, f.Text, reason, words)
	}
}

func TestReferencesThatAreNone(t *testing.T) {
	r := readerOf(t, Options{})
	wants(t, r, "Shop/API", BadReference, `"Shop/API" is no reference`)
	wants(t, r, "https://x.io/a", BadReference, "is no reference")
	wants(t, r, "a@sha256:12", BadReference, "is no reference")
	wants(t, r, "scratch", NotAnImage, "no image at all")
	wants(t, r, "127.0.0.1:1/a:b", Unavailable, "127.0.0.1:1: ")
}

// TestAnswers holds what is made of answers of a registry that are no image.
func TestAnswers(t *testing.T) {
	hub := newHub(t)
	ref := hub.push(t, "shop/api:1", small(t))
	answer := func(code int, body string) func(http.ResponseWriter, *http.Request, http.Handler) {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.Contains(r.URL.Path, "/manifests/") {
				next.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(code)
			io.WriteString(w, body) //nolint:errcheck // of a test
		}
	}
	for _, c := range []struct {
		code   int
		body   string
		reason Reason
		words  string
	}{
		{401, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, Denied, `wants credentials, or does not take those it was given: "authentication required"`},
		{403, `{"errors":[{"code":"DENIED","message":"no\u001b[31m\nway"}]}`, Denied, `does not allow it: "no [31m way"`},
		{404, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"` + strings.Repeat("m", 10_000) + `"}]}`, NotFound, strings.Repeat("m", 200) + "…"},
		{404, "<html>not here</html>", NotFound, "the registry does not have it"},
		{500, "", Unavailable, "the registry has a fault (500 Internal Server Error)"},
		{418, "", Unavailable, "the registry answers 418 I'm a teapot"},
		{200, "<html>log in</html>", Malformed, "its manifest is no JSON of one"},
		{200, `{"schemaVersion":1,"fsLayers":[],"history":[]}`, Unsupported, "Docker's schema 1"},
		{200, `{"manifests":[]}`, NotAnImage, "its index names no image"},
		{200, `{"schemaVersion":2}`, NotAnImage, "a manifest without a configuration"},
		{200, strings.Repeat(" ", 9<<20) + "{}", TooLarge, "the answer of the registry is too large"},
	} {
		hub.around = answer(c.code, c.body)
		wants(t, readerOf(t, Options{}), ref, c.reason, c.words)
	}
}

func TestWrongCredentialsAreNotTold(t *testing.T) {
	hub := newHub(t)
	ref := hub.push(t, "shop/api:1", small(t))
	hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		user, password, _ := r.BasicAuth()
		if user == "me" && password == "right" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}`)
	}
	wants(t, readerOf(t, Options{}), ref, Denied, "wants credentials")
	wants(t, readerOf(t, Options{Keychain: keychain{"me", "hunter2"}}), ref, Denied, "does not take those it was given")
	_, err := readerOf(t, Options{Keychain: keychain{"me", "hunter2"}}).Open(t.Context(), ref)
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the message has the password: %v", err)
	}
	if _, err := readerOf(t, Options{Keychain: keychain{"me", "right"}}).Open(t.Context(), ref); err != nil {
		t.Error(err)
	}
}

type keychain struct{ user, password string }

func (k keychain) Resolve(authn.Resource) (authn.Authenticator, error) {
	return &authn.Basic{Username: k.user, Password: k.password}, nil
}

// TestTokens reads from a registry that gives tokens for credentials, as most
// do, and has them run out.
func TestTokens(t *testing.T) {
	hub := newHub(t)
	ref := hub.push(t, "shop/api:1", small(t))
	var mu sync.Mutex
	given, used := 0, 0
	hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/token" {
			if user, password, _ := r.BasicAuth(); user != "me" || password != "right" || r.URL.Query().Get("scope") != "repository:shop/api:pull" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			given++
			fmt.Fprintf(w, `{"token":"token-%d"}`, given)
			return
		}
		if r.Header.Get("Authorization") == fmt.Sprintf("Bearer token-%d", given) && used < 2*given {
			used++
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="hub",scope="repository:shop/api:pull"`, hub.URL))
		w.WriteHeader(http.StatusUnauthorized)
	}
	d, err := readerOf(t, Options{Keychain: keychain{"me", "right"}}).Open(t.Context(), ref)
	if err != nil || len(d.Gaps) > 0 {
		t.Errorf("with tokens that run out: %+v, %v", d, err)
	}
	if given < 2 {
		t.Errorf("%d tokens were given", given)
	}
	wants(t, readerOf(t, Options{Keychain: keychain{"me", "hunter2"}}), ref, Denied, "does not take those it was given")
	wants(t, readerOf(t, Options{}), ref, Denied, "the registry wants credentials")
}

// silent is a keychain that asks somebody who is not there.
type silent struct{}

func (silent) Resolve(authn.Resource) (authn.Authenticator, error) { select {} }

func TestWithoutSecrets(t *testing.T) {
	for text, want := range map[string]string{
		`Get "https://u:p@r.io/v2/?token=abc": EOF`:                            `Get "https://r.io/v2/": EOF`,
		`invalid proxy "http://u:p@w@proxy:1": no, "https://x/?y=z#q" neither`: `invalid proxy "http://proxy:1": no, "https://x" neither`,
		"plain words":        "plain words",
		"https://r.io":       "https://r.io",
		"https://u@":         "https://",
		"://":                "://",
		"at https://r.io/?x": "at https://r.io",
	} {
		if got := withoutSecrets(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// TestPatienceWithQuestions holds that what was asked is asked again whole.
func TestPatienceWithQuestions(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, string(body))
		if len(asked) == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	client := http.Client{Transport: &patient{base: http.DefaultTransport, limit: 100, sleep: func(context.Context, time.Duration) error { return nil }}}
	resp, err := client.Post(server.URL, "text/plain", strings.NewReader("a question"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // of a test
	if resp.StatusCode != http.StatusOK || !slices.Equal(asked, []string{"a question", "a question"}) {
		t.Errorf("asked %q: %v", asked, err)
	}
}

// TestPatience holds when and how long a registry is waited for. Nobody sleeps.
func TestPatience(t *testing.T) {
	hub := newHub(t)
	ref := hub.push(t, "shop/api:1", small(t))
	for _, c := range []struct {
		name   string
		header http.Header
		code   int
		times  int // that it answers so
		want   []time.Duration
		reason Reason // "" when it is read in the end
	}{
		{"once", http.Header{"Retry-After": {"7"}}, 429, 1, []time.Duration{7 * time.Second}, ""},
		{"for ever", http.Header{"Retry-After": {"7"}}, 429, 99, []time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second}, RateLimited},
		{"too long", http.Header{"Retry-After": {"3600"}}, 429, 99, nil, RateLimited},
		{"by date", http.Header{"Retry-After": {"Sat, 28 Nov 2026 06:00:09 GMT"}, "Date": {"Sat, 28 Nov 2026 06:00:00 GMT"}}, 503, 1, []time.Duration{9 * time.Second}, ""},
		{"no word", nil, 429, 2, []time.Duration{time.Second, 2 * time.Second}, ""},
		{"nonsense", http.Header{"Retry-After": {"-5"}}, 503, 1, []time.Duration{time.Second}, ""},
		{"a fault", nil, 502, 99, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, Unavailable},
		{"no such thing", nil, 404, 99, nil, NotFound},
	} {
		left := c.times
		hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if left == 0 || !strings.Contains(r.URL.Path, "/manifests/") {
				next.ServeHTTP(w, r)
				return
			}
			left--
			maps.Copy(w.Header(), c.header)
			w.WriteHeader(c.code)
		}
		var mu sync.Mutex
		var slept []time.Duration
		r := readerOf(t, Options{sleep: func(_ context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			slept = append(slept, d)
			return nil
		}})
		_, err := r.Open(t.Context(), ref)
		var reason Reason
		if err != nil {
			reason = failure(err).Reason
		}
		if reason != c.reason || !slices.Equal(slept, c.want) {
			t.Errorf("%s: slept %v, want %v; %v", c.name, slept, c.want, err)
		}
	}
}

// TestEndlessAnswers has a registry that never stops greeting, and one that
// gives a token without end.
func TestEndlessAnswers(t *testing.T) {
	hub := newHub(t)
	ref := hub.push(t, "shop/api:1", small(t))
	endless := func(w http.ResponseWriter) {
		for {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 64<<10)); err != nil {
				return
			}
		}
	}
	hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/v2/" {
			endless(w)
			return
		}
		next.ServeHTTP(w, r)
	}
	if d, err := readerOf(t, Options{}).Open(t.Context(), ref); err != nil || len(d.Gaps) > 0 { // nobody listens to greetings
		t.Errorf("of an endless greeting: %+v, %v", d, err)
	}
	hub.around = func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.URL.Path == "/token" {
			endless(w)
			return
		}
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="hub"`, hub.URL))
		w.WriteHeader(http.StatusUnauthorized)
	}
	wants(t, readerOf(t, Options{Limits: Limits{Document: 32 << 10}}), ref, TooLarge, "the answer of the registry is too large")
}

func TestInterrupted(t *testing.T) {
	hub := newHub(t)
	ref := hub.push(t, "shop/api:1", small(t))
	ctx, cancel := context.WithCancel(t.Context())
	hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/manifests/") {
			cancel()
			<-r.Context().Done()
			return
		}
		next.ServeHTTP(w, r)
	}
	_, err := readerOf(t, Options{}).Open(ctx, ref)
	if err == nil || failure(err).Reason != TimedOut {
		t.Errorf("of a registry that is given up: %v", err)
	}
	_, err = readerOf(t, Options{Keychain: silent{}, Limits: Limits{Timeout: time.Millisecond}}).Open(t.Context(), ref)
	if err == nil || failure(err).Reason != TimedOut {
		t.Errorf("of a credential helper that never answers: %v", err)
	}
	hub.around = func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }
	_, err = readerOf(t, Options{Limits: Limits{Timeout: time.Millisecond}}).Open(t.Context(), ref)
	if err == nil || failure(err).Reason != TimedOut {
		t.Errorf("of a registry that never answers: %v", err)
	}
}

// TestBlobsThatAreNot holds what is made of a layer that the registry has not,
// or another one. Reading again does not help.
func TestBlobsThatAreNot(t *testing.T) {
	hub, image := newHub(t), small(t)
	ref := hub.push(t, "shop/api:1", image)
	layer := partsOf(t, image)["layer 0"]
	for name, c := range map[string]struct {
		spoil func(w http.ResponseWriter, blob []byte)
		words string
	}{
		"longer": {func(w http.ResponseWriter, blob []byte) { w.Write(append(blob, blob...)) }, "layer 0: it has more than the"}, //nolint:errcheck // of a test
		"gone":   {func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusNotFound) }, "layer 0: the registry does not have it"},
	} {
		s := &spoiler{path: layer.path, blob: layer.data, times: 99, spoil: c.spoil}
		hub.around = s.around
		d, err := readerOf(t, Options{}).Open(t.Context(), ref)
		if err != nil || s.asked != 1 {
			t.Errorf("%s: asked %d times: %v", name, s.asked, err)
			continue
		}
		if len(d.Gaps) != 1 || !strings.HasPrefix(d.Gaps[0], c.words) || !strings.HasSuffix(d.Gaps[0], "nothing is known of its files and packages") {
			t.Errorf("%s: gaps %q, want %s…", name, d.Gaps, c.words)
		}
		if d.Files.Shells != nil || d.Platform != "linux/amd64" {
			t.Errorf("%s: files %v of %s", name, d.Files, d.Platform)
		}
	}
}

// TestLayersThatAreNone holds what is made of layers that are what their digest
// says, and cannot be unpacked.
func TestLayersThatAreNone(t *testing.T) {
	good := zipped(t, tarOf(t, put{name: "bin/sh", mode: 0o755, text: strings.Repeat("x", 1000)}))
	hub := newHub(t)
	for name, c := range map[string]struct {
		stored []byte
		words  string
	}{
		"text":    {bytes.Repeat([]byte("some text "), 1000), "layer 0: it cannot be unpacked: archive/tar: invalid tar header"},
		"cut":     {good[:len(good)/2], "layer 0: it cannot be unpacked: it ends too early"},
		"crc":     {append(bytes.Clone(good[:len(good)-8]), make([]byte, 8)...), "layer 0: it cannot be unpacked: gzip: invalid checksum"},
		"zstd":    {append(bytes.Clone(zstdOf(t, good)[:20]), good...), "layer 0: it cannot be unpacked: "},
		"xz":      {[]byte("\xfd7zXZ\x00 and so on"), "layer 0: it is compressed with bzip2 or xz, which is not unpacked"},
		"nothing": {nil, ""}, // as some builders make of a step that changes no file
	} {
		l := static.NewLayer(c.stored, types.OCILayer)
		d, err := readerOf(t, Options{}).Open(t.Context(), hub.push(t, "none:"+name, imageOf(t, v1.Config{}, l)))
		if got := strings.Join(append(d.Gaps, ""), ";"); err != nil || !strings.HasPrefix(got, c.words) || c.words == "" && got != "" {
			t.Errorf("%s: gaps %q, want %s…; %v", name, got, c.words, err)
		}
	}
}

// TestAgreesWithConfiguration holds images whose configuration speaks of other
// layers, and artifacts that are no images.
func TestAgreesWithConfiguration(t *testing.T) {
	hub := newHub(t)
	image := small(t)
	c, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*v1.ConfigFile)) v1.Image {
		c := c.DeepCopy()
		change(c)
		changed, err := mutate.ConfigFile(image, c)
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	r := readerOf(t, Options{})
	two := with(func(c *v1.ConfigFile) { c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, c.RootFS.DiffIDs[0]) })
	wants(t, r, hub.push(t, "two:1", two), Malformed, "its manifest has 1 layers and its configuration 2")
	d, err := r.Open(t.Context(), hub.push(t, "other:1", with(func(c *v1.ConfigFile) { c.RootFS.DiffIDs[0].Hex = strings.Repeat("0", 64) })))
	if err != nil || len(d.Gaps) != 1 || !strings.HasPrefix(d.Gaps[0], "layer 0: unpacked: what was read has the digest sha256:") {
		t.Errorf("of a layer that unpacks to something else: %v, %v", d, err)
	}
	chart := mutate.ConfigMediaType(image, "application/vnd.cncf.helm.config.v1+json")
	wants(t, r, hub.push(t, "chart:1", chart), NotAnImage, `no container image but "application/vnd.cncf.helm.config.v1+json"`)
	signature := imageOf(t, v1.Config{}, static.NewLayer([]byte("{}"), "application/vnd.dev.cosign.simplesigning.v1+json"))
	wants(t, r, hub.push(t, "signature:1", signature), NotAnImage, "simplesigning")
	foreign := imageOf(t, v1.Config{}, static.NewLayer(tarOf(t), types.DockerForeignLayer))
	encrypted := imageOf(t, v1.Config{}, static.NewLayer([]byte("?"), "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"))
	d, err = r.Open(t.Context(), hub.push(t, "encrypted:1", encrypted))
	if err != nil || len(d.Gaps) != 1 || !strings.HasPrefix(d.Gaps[0], "layer 0: it is encrypted") {
		t.Errorf("of an encrypted layer: %+v, %v", d, err)
	}
	ref := hub.push(t, "foreign:1", foreign) // its layer is not pushed
	d, err = r.Open(t.Context(), ref)
	if err != nil || len(d.Gaps) != 1 || !strings.Contains(d.Gaps[0], "layer 0: it is not distributed with the image") {
		t.Errorf("of a foreign layer: %+v, %v", d, err)
	}
}

// TestNothingIsWritten holds that no file is made anywhere that temporary
// files go.
func TestNothingIsWritten(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	hub := newHub(t)
	if _, err := readerOf(t, Options{}).Open(t.Context(), hub.push(t, "shop/api:1.2", shop(t))); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("there is %v in %s, %v", entries, dir, err)
	}
}
