package image

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcrlayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"golang.org/x/sync/errgroup"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// several is an index for some platforms, with an attestation as BuildKit adds.
func several(t testing.TB, platforms ...string) (v1.ImageIndex, map[string]string) {
	t.Helper()
	var images []v1.Image
	digests := map[string]string{}
	for _, name := range platforms {
		p, err := v1.ParsePlatform(name)
		if err != nil {
			t.Fatal(err)
		}
		i := platformOf(t, small(t), *p)
		d, err := i.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests[d.String()] = name
		images = append(images, i)
	}
	return mutate.AppendManifests(indexOf(t, images...), mutate.IndexAddendum{Add: small(t), Descriptor: v1.Descriptor{
		Platform:    &v1.Platform{OS: "unknown", Architecture: "unknown"},
		Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"},
	}}), digests
}

func TestPlatforms(t *testing.T) {
	hub := newHub(t)
	all := "linux/amd64 linux/arm/v6 linux/arm/v7 linux/arm64/v8 windows/amd64"
	index, digests := several(t, strings.Fields(all)...)
	many := hub.push(t, "many:1", index)
	one, _ := several(t, "linux/s390x")
	only := hub.push(t, "only:1", one)
	plain := hub.push(t, "plain:1", platformOf(t, small(t), v1.Platform{OS: "linux", Architecture: "arm64"}))
	for _, c := range []struct{ ref, asked, want string }{
		{many, "", "linux/amd64"}, {many, "linux/arm64", "linux/arm64/v8"}, {many, "linux/arm64/v8", "linux/arm64/v8"},
		{many, "linux/arm", "linux/arm/v7"}, {many, "linux/arm/v6", "linux/arm/v6"}, {many, "linux/arm/v8", "linux/arm/v6"},
		{many, "windows/amd64", "windows/amd64"},
		{only, "", "linux/s390x"}, {plain, "", "linux/arm64"}, {plain, "linux/arm64", "linux/arm64"},
	} {
		o := Options{}
		if c.asked != "" {
			p, err := ParsePlatform(c.asked)
			if err != nil {
				t.Fatal(err)
			}
			o.Platform = p
		}
		d, err := readerOf(t, o).Open(t.Context(), c.ref)
		if err != nil {
			t.Errorf("%s for %q: %v", c.ref, c.asked, err)
			continue
		}
		if d.Platform != c.want || c.ref == many && (digests[d.Digest] != c.want || strings.Join(d.Platforms, " ") != all) {
			t.Errorf("%s for %q is for %s (%s) of %q, want %s", c.ref, c.asked, d.Platform, digests[d.Digest], d.Platforms, c.want)
		}
		if want, _ := index.Digest(); c.ref == many && d.Index != want.String() {
			t.Errorf("the index is %s, want %s", d.Index, want)
		}
	}
	mips, err := ParsePlatform("linux/mips64le")
	if err != nil {
		t.Fatal(err)
	}
	r := readerOf(t, Options{Platform: mips})
	wants(t, r, many, NoPlatform, "it is not for linux/mips64le but for linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64/v8, windows/amd64")
	wants(t, r, only, NoPlatform, "but for linux/s390x")
	wants(t, r, plain, NoPlatform, "but for linux/arm64")
	for _, text := range []string{"", "linux", "linux/", "a/b/c/d", "linux/arm/"} {
		if p, err := ParsePlatform(text); err == nil {
			t.Errorf("%q is the platform %v", text, p)
		}
	}
}

// TestDirectory finds images by all that they may be called.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	index, digests := several(t, "linux/amd64", "linux/arm64")
	top, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ggcrlayout.Write(filepath.Join(dir, "registry.example.com", "shop", "api"), empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.AppendIndex(index, ggcrlayout.WithAnnotations(map[string]string{refName: "1.2"})); err != nil {
		t.Fatal(err)
	}
	if err := l.AppendImage(small(t), ggcrlayout.WithAnnotations(map[string]string{containerdName: "docker.io/library/alpine:3", refName: "3"})); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "broken.tar"), []byte("no archive"))
	writeFile(t, filepath.Join(dir, "readme.txt"), []byte("read me"))
	refused := http.RoundTripper(refuse{t})
	r := readerOf(t, Options{Dir: dir, Transport: refused})
	for _, ref := range []string{"registry.example.com/shop/api:1.2", "alpine:3", "registry.example.com/shop/api:3", "elsewhere/x:9@" + top.String()} {
		if d, err := r.Open(t.Context(), ref); err != nil || d.Platform != "linux/amd64" || d.Source != Layout {
			t.Errorf("%s: %+v, %v", ref, d, err)
		}
	}
	for digest, platform := range digests { // each as it is, whatever platform is usual
		d, err := r.Open(t.Context(), "shop/api@"+digest)
		if err != nil || d.Platform != platform || d.Index != "" || d.Repository != "shop/api" || d.Tag != "" {
			t.Errorf("%s: %+v, %v", platform, d, err)
		}
	}
	wants(t, r, "registry.example.com/shop/api:1.3", NotFound, "it is not in "+dir)
	b := new(graph.Builder)
	r.unread(b)
	if len(b.Problems) != 1 || !strings.Contains(b.Problems[0].Message, "broken.tar: it is no archive") {
		t.Errorf("problems %v", b.Problems)
	}
	if _, err := NewReader(t.Context(), Options{Dir: filepath.Join(dir, "gone")}); err == nil {
		t.Error("there is no such directory, and nobody says so")
	}
}

// refuse is a network that must not be touched.
type refuse struct{ t *testing.T }

func (r refuse) RoundTrip(q *http.Request) (*http.Response, error) {
	r.t.Errorf("asked for %s", q.URL)
	return nil, os.ErrPermission
}

// TestLayersAreReadOnce reads images that begin with the same layers, all at
// once.
func TestLayersAreReadOnce(t *testing.T) {
	hub := newHub(t)
	base := layerOf(t, zipped(t, tarOf(t, put{name: "bin/sh", mode: 0o755, text: "x"})))
	refs := make([]string, 8)
	for i := range refs {
		own := layerOf(t, zipped(t, tarOf(t, put{name: "own", text: strings.Repeat("x", i)})))
		refs[i] = hub.push(t, "i:"+string(rune('a'+i)), imageOf(t, v1.Config{}, base, own))
	}
	digest, err := base.Digest()
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	hub.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, digest.String()) {
			asked.Add(1)
		}
		next.ServeHTTP(w, r)
	}
	r := readerOf(t, Options{})
	var group errgroup.Group
	for _, ref := range slices.Concat(refs, refs) {
		group.Go(func() error {
			d, err := r.Open(t.Context(), ref)
			if err == nil && len(d.Files.Shells) != 1 {
				t.Errorf("%s has the shells %v", ref, d.Files.Shells)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if asked.Load() != 1 {
		t.Errorf("the common layer was read %d times", asked.Load())
	}
}
