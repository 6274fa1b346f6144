package image

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// spoilt are the ways that a download breaks. Each answers a request for a blob
// in place of the registry.
var spoilt = map[string]func(w http.ResponseWriter, blob []byte){
	"a byte is another": func(w http.ResponseWriter, blob []byte) {
		other := bytes.Clone(blob)
		other[len(other)/2] ^= 0x55
		w.Write(other) //nolint:errcheck // of a test
	},
	"the last byte is another": func(w http.ResponseWriter, blob []byte) {
		other := bytes.Clone(blob)
		other[len(other)-1] ^= 1
		w.Write(other) //nolint:errcheck // of a test
	},
	"it ends early, and nobody knows": func(w http.ResponseWriter, blob []byte) {
		w.Write(blob[:len(blob)/2]) //nolint:errcheck // of a test
		w.(http.Flusher).Flush()    // the length is not told
	},
	"it ends before the length that was told": func(w http.ResponseWriter, blob []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(blob)))
		w.Write(blob[:len(blob)/2]) //nolint:errcheck // of a test
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	},
	"the connection is reset": func(w http.ResponseWriter, blob []byte) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(blob), blob[:len(blob)/2])
		conn.(*net.TCPConn).SetLinger(0) //nolint:errcheck // of a test
		conn.Close()                     //nolint:errcheck // of a test
	},
	"a page says to log in": func(w http.ResponseWriter, _ []byte) { io.WriteString(w, "<html>log in</html>") }, //nolint:errcheck // of a test
	"nothing at all":        func(http.ResponseWriter, []byte) {},
}

// A spoiler answers the first requests for a digest itself, and counts them all.
type spoiler struct {
	path  string // how the request's ends
	times int
	blob  []byte
	spoil func(w http.ResponseWriter, blob []byte)

	mu    sync.Mutex
	asked int
}

func (s *spoiler) around(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, s.path) {
		next.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	s.asked++
	ours := s.asked <= s.times
	s.mu.Unlock()
	if ours {
		s.spoil(w, s.blob)
		return
	}
	next.ServeHTTP(w, r)
}

// TestBrokenDownloads breaks the download of each thing that an image is made
// of, in each way: it is read as if nothing had been, or after some tries told.
func TestBrokenDownloads(t *testing.T) {
	hub, image := newHub(t), shop(t)
	ref := hub.push(t, "shop/api:1.2", image)
	want := described(t, image)
	want.Reference, want.Registry = ref, hub.host
	parts := partsOf(t, image)
	other := zipped(t, tarOf(t, put{name: "usr/bin/other", mode: 0o4755, text: "x"}, put{name: "../x"}))
	spoilt := maps.Clone(spoilt)
	spoilt["another layer comes"] = func(w http.ResponseWriter, _ []byte) { w.Write(other) } //nolint:errcheck // of a test
	for way, spoil := range spoilt {
		for part, p := range parts {
			s := &spoiler{path: p.path, times: maxReads - 1, blob: p.data, spoil: spoil}
			hub.around = s.around
			var slept []time.Duration
			r := readerOf(t, Options{sleep: func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }})
			got, err := r.Open(t.Context(), ref+p.digest)
			if err != nil {
				t.Errorf("%s, %s: %v", part, way, err)
				continue
			}
			want.Reference = ref + p.digest
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s: %s", part, way, diff)
			}
			if s.asked != maxReads || !slices.Equal(slept, []time.Duration{time.Second, 2 * time.Second}) {
				t.Errorf("%s, %s: it was asked for %d times, with pauses of %v", part, way, s.asked, slept)
			}

			s.asked, s.times = 0, 99
			got, err = readerOf(t, Options{}).Open(t.Context(), ref+p.digest)
			if s.asked != maxReads {
				t.Errorf("%s, %s always: it was asked for %d times", part, way, s.asked)
			}
			if !strings.HasPrefix(part, "layer") {
				if err == nil || failure(err).Reason != Broken {
					t.Errorf("%s, %s always: %v", part, way, err)
				}
				continue
			}
			words := "what was read is not what its digest says"
			switch way {
			case "the connection is reset":
				words = "the registry closed the connection"
			case "it ends before the length that was told":
				words = "it ends too early"
			}
			if err != nil || !slices.Equal(got.Gaps, []string{part + ": " + words + "; nothing is known of its files and packages"}) || got.Packages != nil || got.Files.Shells != nil {
				t.Errorf("%s, %s always: %+v, %v", part, way, got, err)
			}
		}
	}
}

// A part is something that is downloaded for an image.
type part struct {
	path, digest string
	data         []byte
}

// partsOf are the parts of an image: its manifest by digest, its
// configuration, its layers.
func partsOf(t testing.TB, image v1.Image) map[string]part {
	t.Helper()
	manifest, err := image.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	m, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]part{
		"manifest": {"/manifests/" + digest.String(), "@" + digest.String(), manifest},
		"config":   {"/blobs/" + m.Config.Digest.String(), "", config},
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range layers {
		blob, err := l.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(blob)
		if err != nil {
			t.Fatal(err)
		}
		parts[fmt.Sprintf("layer %d", i)] = part{"/blobs/" + m.Layers[i].Digest.String(), "", data}
	}
	return parts
}

// TestBlobsElsewhere has a registry that redirects to where its blobs lie, as
// most do: it is not given credentials, and what breaks there is read again.
func TestBlobsElsewhere(t *testing.T) {
	hub, image := newHub(t), shop(t)
	ref := hub.push(t, "shop/api:1.2", image)
	parts := partsOf(t, image)
	var mu sync.Mutex
	asked := map[string]int{}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s was asked with credentials", r.URL)
		}
		mu.Lock()
		asked[r.URL.Path]++
		first := asked[r.URL.Path] == 1
		mu.Unlock()
		for _, p := range parts {
			switch {
			case !strings.HasSuffix(p.path, r.URL.Path):
			case first:
				w.Write(p.data[:len(p.data)/2]) //nolint:errcheck // of a test
			default:
				w.Write(p.data) //nolint:errcheck // of a test
			}
		}
	}))
	t.Cleanup(elsewhere.Close)
	hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if user, _, _ := r.BasicAuth(); user != "me" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if i := strings.LastIndex(r.URL.Path, "/blobs/"); i >= 0 {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path[i+len("/blobs"):], http.StatusTemporaryRedirect)
			return
		}
		next.ServeHTTP(w, r)
	}
	got, err := readerOf(t, Options{Keychain: keychain{"me", "right"}}).Open(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	want := described(t, image)
	want.Reference, want.Registry = ref, hub.host
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(asked) != 4 {
		t.Errorf("asked for %v", asked)
	}
}
