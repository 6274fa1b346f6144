package sign

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A signer makes signatures as cosign does.
type signer struct {
	private crypto.Signer
	options crypto.SignerOpts
}

func (s signer) sign(t *testing.T, message []byte) []byte {
	t.Helper()
	digest := message
	if h := s.options.HashFunc(); h != 0 {
		digest = sum(h, message)
	}
	signature, err := s.private.Sign(rand.Reader, digest, s.options)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// public is the key in PEM, as `cosign public-key` prints it.
func (s signer) public(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(s.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func (s signer) key(t *testing.T, name string) []Key {
	t.Helper()
	keys, err := ParseKeys(name, s.public(t))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func onCurve(t *testing.T, c elliptic.Curve, h crypto.Hash) signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{k, h}
}

// signers are keys of all kinds.
func signers(t *testing.T) map[string]signer {
	t.Helper()
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]signer{
		"ECDSA P-256":            onCurve(t, elliptic.P256(), crypto.SHA256),
		"ECDSA P-384 by SHA-256": onCurve(t, elliptic.P384(), crypto.SHA256),
		"ECDSA P-384":            onCurve(t, elliptic.P384(), crypto.SHA384),
		"Ed25519":                {edwards, crypto.Hash(0)},
		"Ed25519ph":              {edwards, &ed25519.Options{Hash: crypto.SHA512}},
		"RSA PKCS1v15":           {long, crypto.SHA256},
		"RSA PSS":                {long, &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: rsa.PSSSaltLengthEqualsHash}},
	}
}

// A shop is a repository with an image in it.
type shop struct {
	t      *testing.T
	repo   name.Repository
	image  v1.Image
	digest v1.Hash
	from   Fetcher
}

// open is a repository in memory, of a registry that has the referrers API or
// has not.
func open(t *testing.T, api bool) *shop {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(api), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	repo, err := name.NewRepository(strings.TrimPrefix(server.URL, "http://") + "/shop/api")
	if err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, repo: repo, image: image, from: Remote(repo)}
	s.digest = digestOf(t, image)
	s.push(image, s.digest.String())
	return s
}

func digestOf(t *testing.T, image v1.Image) v1.Hash {
	t.Helper()
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// push puts an image under a tag or digest. Where there is no referrers API
// this writes the tag that stands in for it too.
func (s *shop) push(image v1.Image, under string) {
	s.t.Helper()
	var ref name.Reference = s.repo.Tag(under)
	if strings.Contains(under, ":") {
		ref = s.repo.Digest(under)
	}
	if err := remote.Write(ref, image); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) verify(keys []Key, more ...v1.Hash) Result {
	s.t.Helper()
	r, err := Verify(context.Background(), s.from, append([]v1.Hash{s.digest}, more...), keys)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// payload is what `cosign generate` prints for a digest.
func payload(digest string) []byte {
	return []byte(`{"critical":{"identity":{"docker-reference":"registry.example.com/shop/api"},"image":{"docker-manifest-digest":"` +
		digest + `"},"type":"cosign container image signature"},"optional":null}`)
}

// simpleImage is a manifest of signatures in the form "simple signing".
func simpleImage(t *testing.T, layers ...mutate.Addendum) v1.Image {
	t.Helper()
	image, err := mutate.Append(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layers...)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func simpleLayer(payload, signature []byte, annotations ...string) mutate.Addendum {
	all := map[string]string{signatureOf: base64.StdEncoding.EncodeToString(signature)}
	for i := 0; i < len(annotations); i += 2 {
		all[annotations[i]] = annotations[i+1]
	}
	return mutate.Addendum{Layer: static.NewLayer(payload, simpleSigning), Annotations: all}
}

// signSimple signs as `cosign sign --key` did for years.
func (s *shop) signSimple(by signer, annotations ...string) {
	p := payload(s.digest.String())
	s.push(simpleImage(s.t, simpleLayer(p, by.sign(s.t, p), annotations...)), strings.Replace(s.digest.String(), ":", "-", 1)+".sig")
}

// refer pushes an artifact with one layer that refers to the image.
func (s *shop) refer(artifact string, layer mutate.Addendum) {
	s.t.Helper()
	subject, err := remote.Head(s.repo.Digest(s.digest.String()))
	if err != nil {
		s.t.Fatal(err)
	}
	image := mutate.ConfigMediaType(simpleImage(s.t, layer), types.MediaType(artifact))
	with, ok := mutate.Subject(image, *subject).(v1.Image)
	if !ok {
		s.t.Fatal("an image with a subject is no image")
	}
	s.push(with, digestOf(s.t, with).String())
}

// statementOf is what cosign signs for a bundle.
func statementOf(digest v1.Hash, predicate string) []byte {
	return []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"` + digest.Hex +
		`"}}],"predicateType":"` + predicate + `","predicate":{}}`)
}

// bundleText is a bundle with an envelope; material is its verificationMaterial.
func bundleText(t *testing.T, by signer, body []byte, material string) []byte {
	t.Helper()
	signature := by.sign(t, envelope{Payload: body, Type: inToto}.encoding())
	encode := base64.StdEncoding.EncodeToString
	text := `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":` + material +
		`,"dsseEnvelope":{"payload":"` + encode(body) + `","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"` + encode(signature) + `","keyid":""}]}}`
	if !json.Valid([]byte(text)) {
		t.Fatal("the bundle is no JSON")
	}
	return []byte(text)
}

// messageText is a bundle with a signature over the manifest of the image.
func (s *shop) messageText(by signer) []byte {
	s.t.Helper()
	manifest, err := s.image.RawManifest()
	if err != nil {
		s.t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	return []byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":` + keyHint +
		`,"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"` + encode(sum(crypto.SHA256, manifest)) +
		`"},"signature":"` + encode(by.sign(s.t, manifest)) + `"}}`)
}

const (
	keyHint     = `{"publicKey":{"hint":"9bAjyZ0="},"tlogEntries":[]}`
	certificate = `{"certificate":{"rawBytes":"MIIB"},"tlogEntries":[{"logIndex":"1"}]}`
)

func bundleLayer(text []byte) mutate.Addendum {
	return mutate.Addendum{Layer: static.NewLayer(bytes.Clone(text), "application/vnd.dev.sigstore.bundle.v0.3+json")}
}

const bundleArtifact = "application/vnd.dev.sigstore.bundle.v0.3+json"
