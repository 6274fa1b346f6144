package image

import (
	"bytes"
	"fmt"

	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/seaworthy-iac/seaworthy/parsers/image/imagetest"
)

// TestRealRegistry reads from a registry that is none of ours.
func TestRealRegistry(t *testing.T) {
	registry := imagetest.Start(t)
	registry.Credentials(t, imagetest.User, imagetest.Password)
	push := func(at string, what remote.Taggable) string {
		t.Helper()
		ref, err := name.ParseReference(registry.Host + "/" + at)
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

// entries is a layer of so many files.
func entries(t testing.TB, n int) []byte {
	t.Helper()
	puts := make([]put, n)
	for i := range puts {
		puts[i].name = fmt.Sprintf("usr/lib/%d/%d", i%100, i)
	}
	return tarOf(t, puts...)
}
