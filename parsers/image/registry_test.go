package image

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/seaworthy-iac/seaworthy/parsers/image/imagetest"
)

// TestRealRegistry reads from a registry that is none of ours.
func TestRealRegistry(t *testing.T) {
	registry := imagetest.Start(t)
	registry.Credentials(t, imagetest.User, imagetest.Password)
	push := func(at string, what remote.Taggable) string {
		t.Helper()
		return pushReal(t, registry.Host+"/"+at, what)
	}
	reader := func(l Limits) *Reader { return readerOf(t, Options{Keychain: authn.DefaultKeychain, Limits: l}) }

	image := shop(t)
	ref := push("shop/api:1.2", image)
	want := described(t, image)
	want.Reference, want.Registry = ref, registry.Host
	got, err := reader(Limits{}).Open(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wants(t, reader(Limits{}), registry.Host+"/shop/api:9", NotFound, "the registry does not have it")
	wants(t, reader(Limits{}), registry.Host+"/shop/nothing:1", NotFound, "the registry does not have it")

	index, digests := several(t, "linux/amd64", "linux/arm64")
	many := push("many:1", index)
	if d, err := reader(Limits{}).Open(t.Context(), many); err != nil || digests[d.Digest] != "linux/amd64" || len(d.Platforms) != 2 {
		t.Errorf("of an index: %+v, %v", d, err)
	}
	wants(t, reader(Limits{}), push("chart:1", mutate.ConfigMediaType(small(t), "application/vnd.cncf.helm.config.v1+json")), NotAnImage, "vnd.cncf.helm")

	bomb := push("bomb:1", imageOf(t, v1.Config{}, layerOf(t, zeros(t, 64, zipped))))
	gap := func(ref string, l Limits, words string) {
		t.Helper()
		d, err := reader(l).Open(t.Context(), ref)
		if err != nil || len(d.Gaps) != 1 || !strings.HasPrefix(d.Gaps[0], words) {
			t.Errorf("%s: %+v, %v, want the gap %s…", ref, d, err, words)
		}
	}
	gap(bomb, Limits{Ratio: 100, RatioFrom: 1 << 20}, "layer 0: it unpacks to more than 100 times")
	gap(push("entries:1", imageOf(t, v1.Config{}, layerOf(t, zipped(t, entries(t, 100_000))))), Limits{Entries: 99_999}, "layer 0: it has more than 99999 files")
	gap(push("elsewhere:1", imageOf(t, v1.Config{}, layerOf(t, zipped(t, tarOf(t, put{name: "../../x", text: "x"}))))), Limits{}, "layer 0: 1 files were left out")

	// What the registry stores is cut, then changed.
	data := tarOf(t, put{name: "data", text: strings.Repeat("some text ", 50_000)})
	victim := imageOf(t, v1.Config{}, layerOf(t, zipped(t, data)))
	ref = push("victim:1", victim)
	m, err := victim.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	h := m.Layers[0].Digest
	blob := filepath.Join(registry.Dir, "docker/registry/v2/blobs", h.Algorithm, h.Hex[:2], h.Hex, "data")
	stored, err := os.ReadFile(blob)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, blob, stored[:len(stored)/2])
	gap(ref, Limits{}, "layer 0: ")
	changed := bytes.Clone(stored)
	changed[len(changed)/2] ^= 0xff
	writeFile(t, blob, changed)
	gap(ref, Limits{}, "layer 0: ")

	registry.Credentials(t, imagetest.User, "hunter2")
	_, err = reader(Limits{}).Open(t.Context(), many)
	if err == nil || failure(err).Reason != Denied || strings.Contains(fmt.Sprint(err), "hunter2") {
		t.Errorf("with wrong credentials: %v", err)
	}
	wants(t, readerOf(t, Options{}), many, Denied, "wants credentials")
}

// pushReal pushes an image or an index with docker's credentials.
func pushReal(t testing.TB, at string, what remote.Taggable) string {
	t.Helper()
	ref, err := name.ParseReference(at)
	if err == nil {
		switch what := what.(type) {
		case v1.Image:
			err = remote.Write(ref, what, remote.WithAuthFromKeychain(authn.DefaultKeychain))
		case v1.ImageIndex:
			err = remote.WriteIndex(ref, what, remote.WithAuthFromKeychain(authn.DefaultKeychain))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref.String()
}

// TestRealRegistrySpoilt reads from a real registry through a proxy that limits
// how often it may be asked, and spoils what it sends.
func TestRealRegistrySpoilt(t *testing.T) {
	registry := imagetest.Start(t)
	registry.Credentials(t, imagetest.User, imagetest.Password)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	image := shop(t)
	pushReal(t, registry.Host+"/shop/api:1.2", image)
	proxy := hubOf(t, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: registry.Host}))
	ref := proxy.host + "/shop/api:1.2"
	want := described(t, image)
	want.Reference, want.Registry = ref, proxy.host
	open := func() (d *Document, slept []time.Duration, err error) {
		var mu sync.Mutex
		d, err = readerOf(t, Options{Keychain: keychain{imagetest.User, imagetest.Password}, sleep: func(_ context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			slept = append(slept, d)
			return nil
		}}).Open(t.Context(), ref)
		return d, slept, err
	}

	limited := map[string]bool{}
	proxy.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if limited[r.URL.Path] {
			next.ServeHTTP(w, r)
			return
		}
		limited[r.URL.Path] = true
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	got, slept, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The greeting, the manifest, the configuration and three layers.
	if !slices.Equal(slept, slices.Repeat([]time.Duration{3 * time.Second}, 6)) {
		t.Errorf("slept %v", slept)
	}
	proxy.around = func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	if _, slept, err := open(); err == nil || failure(err).Reason != RateLimited || len(slept) > 0 {
		t.Errorf("of one that wants an hour: slept %v, %v", slept, err)
	}

	layer := partsOf(t, image)["layer 1"]
	for way, spoil := range spoilt {
		s := &spoiler{path: layer.path, blob: layer.data, times: 1, spoil: spoil}
		proxy.around = s.around
		got, _, err := open()
		if err != nil || s.asked != 2 || !cmp.Equal(want, got) {
			t.Errorf("%s: asked %d times: %v\n%s", way, s.asked, err, cmp.Diff(want, got))
		}
		s.asked, s.times = 0, 99
		got, _, err = open()
		if err != nil || s.asked != maxReads || len(got.Gaps) != 1 || !strings.HasPrefix(got.Gaps[0], "layer 1: ") || got.Packages != nil {
			t.Errorf("%s always: asked %d times: %+v, %v", way, s.asked, got, err)
		}
	}
	if written, err := os.ReadDir(temporary); err != nil || len(written) > 0 {
		t.Errorf("written: %v, %v", written, err)
	}
}

// TestRealRegistrySchema1 has the registry check a manifest of the first kind,
// and gives it to be read.
func TestRealRegistrySchema1(t *testing.T) {
	registry := imagetest.Start(t)
	registry.Credentials(t, imagetest.User, imagetest.Password)
	image := small(t)
	pushReal(t, registry.Host+"/old/api:2", image) // its layer
	layer := partsOf(t, image)["layer 0"]
	put := func(manifest []byte) (code int, digest string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+registry.Host+"/v2/old/api/manifests/1", bytes.NewReader(manifest))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(imagetest.User, imagetest.Password)
		req.Header.Set("Content-Type", string(types.DockerManifestSchema1Signed))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close() //nolint:errcheck // of a test
		return resp.StatusCode, resp.Header.Get("Docker-Content-Digest")
	}
	signed := schema1(t, "old/api", "1", strings.TrimPrefix(layer.path, "/blobs/"))
	if code, _ := put(bytes.Replace(signed, []byte("amd64"), []byte("arm64"), 1)); code != http.StatusBadRequest {
		t.Errorf("the registry does not check signatures: %d", code)
	}
	code, digest := put(signed)
	if code != http.StatusCreated {
		t.Fatalf("the registry does not take it: %d", code)
	}
	for _, ref := range []string{registry.Host + "/old/api:1", registry.Host + "/old/api@" + digest} {
		wants(t, readerOf(t, Options{Keychain: authn.DefaultKeychain}), ref, Unsupported, "it is stored in Docker's schema 1")
	}
}

// entries is a layer of so many files.
func entries(t testing.TB, n int) []byte {
	t.Helper()
	puts := make([]put, n)
	for i := range puts {
		puts[i].name = fmt.Sprintf("usr/lib/%d/%d", i%100, i)
	}
	return tarOf(t, puts...)
}
