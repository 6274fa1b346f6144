package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"

	stdlog "log"
)

// The images of the tests are made here, of layers of which each byte is known.

// A put is an entry of a layer.
type put struct {
	name, text, link string
	mode             int64
	kind             byte
	uid              int
}

// tarOf is a layer, not compressed.
func tarOf(t testing.TB, puts ...put) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, p := range puts {
		h := &tar.Header{Name: p.name, Mode: p.mode, Typeflag: p.kind, Linkname: p.link, Size: int64(len(p.text)), Uid: p.uid, Format: tar.FormatPAX}
		if p.mode == 0 {
			h.Mode = 0o644
		}
		if p.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

// layerOf is a stored layer; its media type follows from its bytes.
func layerOf(t testing.TB, stored []byte) v1.Layer {
	t.Helper()
	mediaType := types.OCILayer
	switch {
	case bytes.HasPrefix(stored, []byte{0x28, 0xb5}):
		mediaType = types.OCILayerZStd
	case !bytes.HasPrefix(stored, []byte{0x1f, 0x8b}):
		return static.NewLayer(stored, types.OCIUncompressedLayer) // the other kind would be compressed
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(stored)), nil }, tarball.WithMediaType(mediaType))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// imageOf is an image for linux/amd64 of some layers.
func imageOf(t testing.TB, config v1.Config, layers ...v1.Layer) v1.Image {
	t.Helper()
	i := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, l := range layers {
		var err error
		if i, err = mutate.Append(i, mutate.Addendum{Layer: l, History: v1.History{CreatedBy: "COPY . ."}}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := i.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c = c.DeepCopy()
	c.Config, c.OS, c.Architecture, c.Created = config, "linux", "amd64", v1.Time{Time: today.AddDate(0, 0, -30)}
	if i, err = mutate.ConfigFile(i, c); err != nil {
		t.Fatal(err)
	}
	return i
}

// platformOf is the image for another platform.
func platformOf(t testing.TB, i v1.Image, p v1.Platform) v1.Image {
	t.Helper()
	c, err := i.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c = c.DeepCopy()
	c.OS, c.Architecture, c.Variant = p.OS, p.Architecture, p.Variant
	if i, err = mutate.ConfigFile(i, c); err != nil {
		t.Fatal(err)
	}
	return i
}

// indexOf is an index of images for the platforms that they name.
func indexOf(t testing.TB, images ...v1.Image) v1.ImageIndex {
	t.Helper()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, i := range images {
		c, err := i.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: i, Descriptor: v1.Descriptor{Platform: c.Platform()}})
	}
	return index
}

var today = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// A hub is a registry on the loopback interface. around may answer before it.
type hub struct {
	*httptest.Server
	host   string
	around func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func newHub(t testing.TB) *hub {
	t.Helper()
	return hubOf(t, registry.New(registry.Logger(stdlog.New(io.Discard, "", 0))))
}

// hubOf is what a registry is asked through.
func hubOf(t testing.TB, inner http.Handler) *hub {
	t.Helper()
	h := &hub{around: func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.around(w, r, inner) }))
	h.host = strings.TrimPrefix(h.URL, "http://")
	t.Cleanup(h.Close)
	return h
}

// push stores an image or an index and returns its reference.
func (h *hub) push(t testing.TB, at string, what remote.Taggable) string {
	t.Helper()
	ref, err := name.ParseReference(h.host + "/" + at)
	if err != nil {
		t.Fatal(err)
	}
	switch what := what.(type) {
	case v1.Image:
		err = remote.Write(ref, what)
	case v1.ImageIndex:
		err = remote.WriteIndex(ref, what)
	default:
		err = remote.Put(ref, what)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref.String()
}

// anonymous is a keychain without keys: tests do not look into the home.
type anonymous struct{}

func (anonymous) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

// readerOf is a reader for tests. It does not sleep.
func readerOf(t testing.TB, o Options) *Reader {
	t.Helper()
	o.Today = today
	if o.Keychain == nil {
		o.Keychain = anonymous{}
	}
	if o.sleep == nil {
		o.sleep = func(context.Context, time.Duration) error { return nil }
	}
	r, err := NewReader(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
