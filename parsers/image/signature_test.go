package image

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcrlayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// signed is a signature over a digest as cosign makes it, with the tag that it
// is stored under, and the public key.
func signed(t testing.TB, digest v1.Hash) (signature v1.Image, tag string, keys []sign.Key) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = sign.ParseKeys("cosign.pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})); err != nil {
		t.Fatal(err)
	}
	payload := []byte(`{"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":"` + digest.String() +
		`"},"type":"cosign container image signature"},"optional":null}`)
	sum := sha256.Sum256(payload)
	text, err := ecdsa.SignASN1(rand.Reader, private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature, err = mutate.Append(mutate.MediaType(empty.Image, types.OCIManifestSchema1), mutate.Addendum{
		Layer:       static.NewLayer(payload, "application/vnd.dev.cosign.simplesigning.v1+json"),
		Annotations: map[string]string{"dev.cosignproject.cosign/signature": base64.StdEncoding.EncodeToString(text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return signature, strings.Replace(digest.String(), ":", "-", 1) + ".sig", keys
}

// TestSignature has an image of which the index is signed, in a registry, in a
// layout and in an archive that has no place for signatures.
func TestSignature(t *testing.T) {
	image := shop(t)
	index := indexOf(t, image, platformOf(t, image, v1.Platform{OS: "linux", Architecture: "arm64"}))
	digest, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	signature, tag, keys := signed(t, digest)
	_, _, others := signed(t, digest)

	h := newHub(t)
	ref := h.push(t, "shop/api:1.2", index)
	check := func(where, want, detail string, keys []sign.Key, read func(*Reader) (*Document, error), o Options) {
		t.Helper()
		o.Keys = keys
		d, err := read(readerOf(t, o))
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if told := strings.Join(d.notices(), ";"); strings.HasPrefix(told, "its signatures could not be checked: ") != (want == "not checked" && detail != "") {
			t.Errorf("%s: it is told that %s", where, told)
		}
		if d.Signature.State != want || !strings.Contains(d.Signature.Detail, detail) || len(d.Gaps) > 0 {
			t.Errorf("%s: signature %+v, gaps %q; want %s because of %q", where, d.Signature, d.Gaps, want, detail)
		}
	}
	fromHub := func(r *Reader) (*Document, error) { return r.Open(t.Context(), ref) }
	check("before it is signed", "none", "", keys, fromHub, Options{})
	h.push(t, "shop/api:"+tag, signature)
	check("in a registry", "verified", "signed with cosign.pub", keys, fromHub, Options{})
	check("with another key", "invalid", "none of the keys", others, fromHub, Options{})
	check("without a key", "not checked", "", nil, fromHub, Options{})
	h.around = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, ".sig") {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	}
	check("where signatures are not shown", "not checked", "the registry does not allow it", keys, fromHub, Options{})

	dir := t.TempDir()
	l, err := ggcrlayout.Write(dir+"/layout", empty.Index)
	if err == nil {
		err = l.AppendIndex(index, ggcrlayout.WithAnnotations(map[string]string{refName: "registry.example.com/shop/api:1.2"}))
	}
	if err == nil {
		err = l.AppendImage(signature, ggcrlayout.WithAnnotations(map[string]string{refName: tag}))
	}
	if err != nil {
		t.Fatal(err)
	}
	only := func(path string) func(r *Reader) (*Document, error) {
		return func(r *Reader) (*Document, error) {
			all, err := r.OpenPath(t.Context(), path)
			if err != nil {
				return nil, err
			}
			if len(all) != 1 {
				t.Errorf("%s has %d images", path, len(all))
			}
			return all[0], nil
		}
	}
	check("in a layout", "verified", "signed with cosign.pub", keys, only(dir+"/layout"), Options{})
	check("in a directory of images", "verified", "", keys, func(r *Reader) (*Document, error) {
		return r.Open(t.Context(), "registry.example.com/shop/api:1.2")
	}, Options{Dir: dir})
	writeFile(t, dir+"/oci.tar", tarTree(t, dir+"/layout", false))
	check("in an archive", "verified", "", keys, only(dir+"/oci.tar"), Options{})

	docker := dir + "/docker.tar"
	if err := tarball.WriteToFile(docker, name.MustParseReference("registry.example.com/shop/api:1.2").(name.Tag), image); err != nil {
		t.Fatal(err)
	}
	check("in an archive of docker", "not checked", "an archive of docker save has none", keys, only(docker), Options{})
}
