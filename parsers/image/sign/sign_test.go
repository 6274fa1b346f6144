package sign

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// TestVerified signs with every kind of key in every form that cosign has.
func TestVerified(t *testing.T) {
	forms := map[string]func(s *shop, by signer){
		"a tag": func(s *shop, by signer) { s.signSimple(by) },
		"a referrer with payloads": func(s *shop, by signer) {
			p := payload(s.digest.String())
			s.refer(legacyArtifact, simpleLayer(p, by.sign(s.t, p)))
		},
		"a bundle": func(s *shop, by signer) {
			s.refer(bundleArtifact, bundleLayer(bundleText(s.t, by, statementOf(s.digest, Predicate), keyHint)))
		},
		"a bundle over the manifest": func(s *shop, by signer) {
			s.refer(bundleArtifact, bundleLayer(s.messageText(by)))
		},
	}
	other := onCurve(t, elliptic.P256(), crypto.SHA256)
	for kind, by := range signers(t) {
		for form, put := range forms {
			for _, api := range []bool{true, false} {
				t.Run(kind+" in "+form, func(t *testing.T) {
					s := open(t, api)
					if r := s.verify(by.key(t, "k")); r.State != None {
						t.Fatalf("before it is signed it is %+v", r)
					}
					put(s, by)
					if r := s.verify(append(other.key(t, "other.pub"), by.key(t, "shop.pub")...)); r.State != Verified || r.By != "shop.pub" {
						t.Errorf("it is %+v", r)
					}
					if r := s.verify(other.key(t, "other.pub")); r.State != Invalid || r.By != "" {
						t.Errorf("with another key it is %+v", r)
					}
					if r := s.verify(nil); r.State != NotChecked {
						t.Errorf("without a key it is %+v", r)
					}
				})
			}
		}
	}
}

// TestNotVerified has signatures that must not be believed.
func TestNotVerified(t *testing.T) {
	by := onCurve(t, elliptic.P256(), crypto.SHA256)
	other := onCurve(t, elliptic.P256(), crypto.SHA256)
	elsewhere := v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("ab", 32)}
	sig := func(s *shop, p, signature []byte) {
		s.push(simpleImage(s.t, simpleLayer(p, signature)), strings.Replace(s.digest.String(), ":", "-", 1)+".sig")
	}
	for what, c := range map[string]struct {
		put    func(s *shop)
		want   State
		detail string
	}{
		"the payload of another image": {func(s *shop) {
			p := payload(elsewhere.String())
			sig(s, p, by.sign(s.t, p))
		}, Invalid, "another image"},
		"a payload that was changed": {func(s *shop) {
			sig(s, payload(s.digest.String()), by.sign(s.t, payload(elsewhere.String())))
		}, Invalid, "none of the keys"},
		"a payload of another type": {func(s *shop) {
			p := []byte(strings.Replace(string(payload(s.digest.String())), containerSigned, "atomic container signature", 1))
			sig(s, p, by.sign(s.t, p))
		}, Invalid, "no \"cosign"},
		"no payload":   {func(s *shop) { sig(s, []byte("{"), by.sign(s.t, []byte("{"))) }, Invalid, ""},
		"no signature": {func(s *shop) { sig(s, payload(s.digest.String()), nil) }, Invalid, "base64"},
		"a keyless signature": {func(s *shop) {
			s.signSimple(other, certificateOf, "-----BEGIN CERTIFICATE-----")
		}, Keyless, "keyless signatures are not checked"},
		"a keyless bundle": {func(s *shop) {
			s.refer(bundleArtifact, bundleLayer(bundleText(s.t, other, statementOf(s.digest, Predicate), certificate)))
		}, Keyless, "keyless signatures are not checked"},
		"a bundle for another image": {func(s *shop) {
			s.refer(bundleArtifact, bundleLayer(bundleText(s.t, by, statementOf(elsewhere, Predicate), keyHint)))
		}, Invalid, "another image"},
		"a bundle over another manifest": {func(s *shop) {
			text := s.messageText(by)
			from, to := base64.StdEncoding.EncodeToString(sum(crypto.SHA256, []byte("x"))), "\"digest\":\""
			at := strings.Index(string(text), to) + len(to)
			s.refer(bundleArtifact, bundleLayer([]byte(string(text[:at])+from+string(text[at+len(from):]))))
		}, Invalid, "another image"},
		"an attestation": {func(s *shop) {
			s.refer(bundleArtifact, bundleLayer(bundleText(s.t, by, statementOf(s.digest, "https://slsa.dev/provenance/v1"), keyHint)))
		}, None, ""},
		"a bundle of nothing": {func(s *shop) {
			s.refer(bundleArtifact, bundleLayer([]byte(`{"verificationMaterial":`+keyHint+`}`)))
		}, Invalid, "has no signature"},
		"a bundle that is none":   {func(s *shop) { s.refer(bundleArtifact, bundleLayer([]byte(`[]`))) }, Invalid, "no bundle"},
		"an envelope of no type":  {func(s *shop) { s.refer(bundleArtifact, bundleLayer([]byte(`{"dsseEnvelope":{"payloadType":"text"}}`))) }, Invalid, "in-toto"},
		"an artifact of a reader": {func(s *shop) { s.refer("application/spdx+json", bundleLayer([]byte(`{}`))) }, None, ""},
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t, true)
			c.put(s)
			if r := s.verify(by.key(t, "shop.pub")); r.State != c.want || !strings.Contains(r.Detail, c.detail) {
				t.Errorf("it is %+v, want %s because of %q", r, c.want, c.detail)
			}
		})
	}
}

// TestIndexSigned has an image of which only the index was signed.
func TestIndexSigned(t *testing.T) {
	by := onCurve(t, elliptic.P256(), crypto.SHA256)
	s := open(t, true)
	s.signSimple(by)
	index := s.digest
	s.digest = v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("cd", 32)}
	if r := s.verify(by.key(t, "k")); r.State != None {
		t.Errorf("the manifest alone is %+v", r)
	}
	if r := s.verify(by.key(t, "k"), index); r.State != Verified {
		t.Errorf("with the index it is %+v", r)
	}
}

// TestDigestOfMessage has a signature over the manifest that names a digest of it
// of another kind than the image's.
func TestDigestOfMessage(t *testing.T) {
	by := onCurve(t, elliptic.P384(), crypto.SHA384)
	s := open(t, true)
	manifest, err := s.image.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	text := strings.NewReplacer("SHA2_256", "SHA2_384", encode(sum(crypto.SHA256, manifest)), encode(sum(crypto.SHA384, manifest))).
		Replace(string(s.messageText(by)))
	s.refer(bundleArtifact, bundleLayer([]byte(text)))
	if r := s.verify(by.key(t, "shop.pub")); r.State != Verified {
		t.Errorf("it is %+v", r)
	}
}

// TestOneOfMany has a good signature behind one of somebody else's.
func TestOneOfMany(t *testing.T) {
	by, other := onCurve(t, elliptic.P256(), crypto.SHA256), onCurve(t, elliptic.P256(), crypto.SHA256)
	s := open(t, false)
	p := payload(s.digest.String())
	s.push(simpleImage(t, simpleLayer(p, other.sign(t, p)), simpleLayer(append(p, '\n'), by.sign(t, append(p, '\n')))),
		strings.Replace(s.digest.String(), ":", "-", 1)+".sig")
	if r := s.verify(by.key(t, "shop.pub")); r.State != Verified || r.By != "shop.pub" {
		t.Errorf("it is %+v", r)
	}
}

// TestCannotLook has a registry that is not there: an image of which nothing is
// known is not one without a signature.
func TestCannotLook(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	repo, err := name.NewRepository(strings.TrimPrefix(server.URL, "http://") + "/shop/api")
	if err != nil {
		t.Fatal(err)
	}
	by := onCurve(t, elliptic.P256(), crypto.SHA256)
	r, err := Verify(context.Background(), Remote(repo), []v1.Hash{{Algorithm: "sha256", Hex: strings.Repeat("ab", 32)}}, by.key(t, "k"))
	if err == nil || r.State != NotChecked {
		t.Errorf("it is %+v, %v", r, err)
	}
}

func TestParseKeysRefuses(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"no public key in PEM":    "ssh-ed25519 AAAA",
		"give the public one":     "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
		"no public key":           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"asn1":                    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		"1024 bits":               string(signer{short, crypto.SHA256}.public(t)),
		"P-224":                   string(onCurve(t, elliptic.P224(), crypto.SHA256).public(t)),
		"key shop.pub: it has no": "",
	} {
		if keys, err := ParseKeys("shop.pub", []byte(text)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q is read as %d keys: %v", text, len(keys), err)
		}
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&long.PublicKey)})
	if keys, err := ParseKeys("k", append(text, onCurve(t, elliptic.P384(), crypto.SHA256).public(t)...)); err != nil || len(keys) != 2 {
		t.Errorf("two keys are %d: %v", len(keys), err)
	}
}

// TestBounds has more than is read of an image, and blobs that are not what
// their digest says.
func TestBounds(t *testing.T) {
	by := onCurve(t, elliptic.P256(), crypto.SHA256)
	digest := v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("ab", 32)}
	layers := func(n int, blob v1.Hash) []byte {
		one := `{"mediaType":"` + simpleSigning + `","size":1,"digest":"` + blob.String() + `","annotations":{"` + signatureOf + `":"AAAA"}}`
		return []byte(`{"schemaVersion":2,"layers":[` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]}`)
	}
	p := payload(digest.String())
	large := []byte(strings.Repeat(" ", maxRead+1))
	for what, from := range map[string]stranger{
		"more than 64":         {manifest: []byte("{}"), blob: p, tagged: layers(maxSignatures+1, digestText(p))},
		"has more than":        {manifest: []byte("{}"), blob: large, tagged: layers(1, digestText(large))},
		"what came has":        {manifest: []byte("{}"), blob: p, tagged: layers(1, digest)},
		"manifest has more":    {manifest: []byte("{}"), tagged: large},
		"the tag sha256-ababa": {manifest: []byte("{}"), tagged: []byte("[]")},
	} {
		r, err := Verify(context.Background(), from, []v1.Hash{digest}, by.key(t, "k"))
		if r.State != NotChecked || err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: it is %+v, %v", what, r, err)
		}
	}
}
