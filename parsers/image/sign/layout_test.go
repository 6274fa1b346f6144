package sign

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// A dir has the blobs of a layout on disk.
type dir string

func (d dir) Blob(_ context.Context, desc v1.Descriptor) (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(string(d), "blobs", desc.Digest.Algorithm, desc.Digest.Hex))
	if os.IsNotExist(err) {
		return nil, ErrNotFound
	}
	return f, err
}

func (d dir) Manifest(ctx context.Context, desc v1.Descriptor) (io.ReadCloser, error) {
	return d.Blob(ctx, desc)
}

// TestLayout verifies what lies in a directory, as `cosign save`, `crane` and
// `oras copy` leave it.
func TestLayout(t *testing.T) {
	by := onCurve(t, elliptic.P256(), crypto.SHA256)
	s := open(t, true) // for an image and a subject
	p := payload(s.digest.String())
	simple := simpleImage(t, simpleLayer(p, by.sign(t, p)))
	tag := strings.Replace(s.digest.String(), ":", "-", 1)
	desc, err := descriptorOf(s.image)
	if err != nil {
		t.Fatal(err)
	}
	bundle := simpleImage(t, bundleLayer(bundleText(t, by, statementOf(s.digest, Predicate), keyHint)))
	bundled, _ := mutate.Subject(mutate.ConfigMediaType(bundle, bundleArtifact), desc).(v1.Image)
	for what, put := range map[string]func(p layout.Path) error{
		"under its tag": func(p layout.Path) error {
			return p.AppendImage(simple, layout.WithAnnotations(map[string]string{refName: "registry.example.com/shop/api:" + tag + ".sig"}))
		},
		"saved by cosign": func(p layout.Path) error {
			return p.AppendImage(simple, layout.WithAnnotations(map[string]string{savedKind: savedSigs}))
		},
		"as a referrer": func(p layout.Path) error { return p.AppendImage(bundled) },
		"under the tag of referrers": func(p layout.Path) error {
			index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: bundled})
			return p.AppendIndex(index, layout.WithAnnotations(map[string]string{refName: tag}))
		},
	} {
		t.Run(what, func(t *testing.T) {
			path, err := layout.Write(t.TempDir(), empty.Index)
			if err != nil {
				t.Fatal(err)
			}
			if err := path.AppendImage(s.image); err != nil {
				t.Fatal(err)
			}
			verify := func() Result {
				text, err := os.ReadFile(filepath.Join(string(path), "index.json"))
				if err != nil {
					t.Fatal(err)
				}
				var index v1.IndexManifest
				if err := json.Unmarshal(text, &index); err != nil {
					t.Fatal(err)
				}
				r, err := Verify(context.Background(), Layout(dir(path), &index), []v1.Hash{s.digest}, by.key(t, "shop.pub"))
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			if r := verify(); r.State != None {
				t.Errorf("before it is signed it is %+v", r)
			}
			if err := put(path); err != nil {
				t.Fatal(err)
			}
			if r := verify(); r.State != Verified {
				t.Errorf("it is %+v", r)
			}
		})
	}
}

func descriptorOf(image v1.Image) (v1.Descriptor, error) {
	mediaType, err := image.MediaType()
	if err != nil {
		return v1.Descriptor{}, err
	}
	size, err := image.Size()
	if err != nil {
		return v1.Descriptor{}, err
	}
	digest, err := image.Digest()
	return v1.Descriptor{MediaType: mediaType, Size: size, Digest: digest}, err
}
