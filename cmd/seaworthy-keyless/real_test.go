package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// theirs is a file that sigstore-go tests itself with.
func theirs(t *testing.T, path string) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/sigstore/sigstore-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(strings.TrimSpace(string(dir)), "pkg", "testing", "data", path)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the data of sigstore-go has moved: %v", err)
	}
	return path
}

// signedImage is what lies beside an image that was signed with cosign in October
// 2022, once by a key and once keyless with Sigstore's public instance. Its
// manifest is printed in an example of salrashid123's on GitHub (the image is also
// docker.io/salrashid123/myimage:server); the payload was written anew, and has the
// size and digest that stand there. The image itself is not here, and not needed:
// its digest is what is signed.
type signedImage struct {
	Image       string            `json:"image"`
	Payload     string            `json:"payload"`
	Annotations map[string]string `json:"annotations"`
	ByKey       string            `json:"byKey"`
}

const (
	whoSigned  = "cosign@cosign-test-365209.iam.gserviceaccount.com"
	whoVouched = "https://accounts.google.com"
)

// push lays the signatures beside a digest, and is seaworthy's output about the
// image.
func (s signedImage) push(t *testing.T, digest string) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	repository, err := name.NewRepository(strings.TrimPrefix(server.URL, "http://") + "/repo1/myimage")
	if err != nil {
		t.Fatal(err)
	}
	const media = "application/vnd.dev.cosign.simplesigning.v1+json"
	beside := artifact(t, []byte(s.Payload), media, map[string]string{signatureOf: s.ByKey})
	beside, err = mutate.Append(beside, mutate.Addendum{Layer: static.NewLayer([]byte(s.Payload), media), Annotations: s.Annotations})
	if err == nil {
		err = remote.Write(repository.Tag(strings.Replace(digest, ":", "-", 1)+".sig"), beside)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"images": []image{{Reference: repository.Tag("server").String(), Digest: digest}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "images.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRealSignature verifies a real signature by the roots of Sigstore's public
// instance, and all that is near to it must not be verified.
func TestRealSignature(t *testing.T) {
	text, err := os.ReadFile("testdata/signed-image.json")
	if err != nil {
		t.Fatal(err)
	}
	public := theirs(t, "trusted-roots/public-good.json")
	other := "sha256:" + strings.Repeat("0", 64)
	by := func(root, identity, issuer string) []string {
		return []string{"--trusted-root", root, "--identity", identity, "--issuer", issuer}
	}
	for what, c := range map[string]struct {
		args   []string
		digest string
		edit   func(*signedImage)
		detail string // of what is invalid
	}{
		"as it is":        {args: by(public, whoSigned, whoVouched)},
		"wrong identity":  {args: by(public, "cosign@cosign-test-1.iam.gserviceaccount.com", whoVouched), detail: whoSigned},
		"wrong issuer":    {args: by(public, whoSigned, "https://token.actions.githubusercontent.com"), detail: whoVouched},
		"wrong authority": {args: by(theirs(t, "trusted-roots/scaffolding.json"), whoSigned, whoVouched), detail: "log"},
		"other image":     {args: by(public, whoSigned, whoVouched), digest: other, detail: "sha256:83ab2ba6"},
		"other payload": {args: by(public, whoSigned, whoVouched), detail: "could not verify message", edit: func(s *signedImage) {
			s.Payload = strings.Replace(s.Payload, "value1", "value2", 1)
		}},
		"payload for another image": {args: by(public, whoSigned, whoVouched), digest: other, detail: "could not verify message", edit: func(s *signedImage) {
			s.Payload = strings.Replace(s.Payload, s.Image, other, 1)
		}},
		"signature by the key": {args: by(public, whoSigned, whoVouched), detail: "signature", edit: func(s *signedImage) {
			s.Annotations[signatureOf] = s.ByKey
		}},
		"time of the log moved": {args: by(public, whoSigned, whoVouched), detail: "log inclusion", edit: func(s *signedImage) {
			s.Annotations[loggedOf] = strings.Replace(s.Annotations[loggedOf], `"integratedTime":1665481948`, `"integratedTime":1665481949`, 1)
		}},
		"no log": {args: by(public, whoSigned, whoVouched), detail: "log", edit: func(s *signedImage) { delete(s.Annotations, loggedOf) }},
	} {
		t.Run(what, func(t *testing.T) {
			var s signedImage
			if err := json.Unmarshal(text, &s); err != nil {
				t.Fatal(err)
			}
			digest := s.Image
			if c.digest != "" {
				digest = c.digest
			}
			if c.edit != nil {
				c.edit(&s)
			}
			code, state := allVerified, sign.Verified
			if c.detail != "" {
				code, state = notVerified, sign.Invalid
			}
			r, _ := keyless(t, code, append(c.args, "--from", s.push(t, digest))...)
			f := only(t, r)
			if f.State != state || !strings.Contains(f.Detail, c.detail) {
				t.Errorf("reported is %+v, want %s because of %q", f, state, c.detail)
			}
			if state == sign.Verified && (f.Identity != whoSigned || f.Issuer != whoVouched) {
				t.Errorf("it is signed by %s of %s", f.Identity, f.Issuer)
			}
		})
	}
}

// TestRealBundles verifies bundles that sigstore-go has. None of them is about an
// image, so what they sign is given here: with it they are good, else not.
func TestRealBundles(t *testing.T) {
	const (
		actions   = "https://token.actions.githubusercontent.com"
		published = "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main"
	)
	npm := "46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c"
	sum, err := base64.StdEncoding.DecodeString("vBA7SoSXHvZFmylKK5hWiiv7cs3tCdSs0eFjZqQB+Vs=")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		file, root, identity, issuer string
		signed                       v1.Hash
		good                         bool
	}{
		"provenance of an npm package": {"bundles/sigstore.js@2.0.0-provenance.sigstore.json", "trusted-roots/public-good.json", published, actions, v1.Hash{Algorithm: "sha512", Hex: npm}, true},
		"of another package":           {"bundles/sigstore.js@2.0.0-provenance.sigstore.json", "trusted-roots/public-good.json", published, actions, v1.Hash{Algorithm: "sha512", Hex: strings.Repeat("0", 128)}, false},
		"by another workflow":          {"bundles/sigstore.js@2.0.0-provenance.sigstore.json", "trusted-roots/public-good.json", published + "x", actions, v1.Hash{Algorithm: "sha512", Hex: npm}, false},
		"by another issuer":            {"bundles/sigstore.js@2.0.0-provenance.sigstore.json", "trusted-roots/public-good.json", published, "https://accounts.google.com", v1.Hash{Algorithm: "sha512", Hex: npm}, false},
		"of another instance":          {"bundles/sigstore.js@2.0.0-provenance.sigstore.json", "trusted-roots/scaffolding.json", published, actions, v1.Hash{Algorithm: "sha512", Hex: npm}, false},
		"bundle v0.3":                  {"bundles/othername.sigstore.json", "trusted-roots/scaffolding.json", "foo!oidc.local", "http://oidc.local:8080", v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum)}, true},
		"bundle v0.3, other digest":    {"bundles/othername.sigstore.json", "trusted-roots/scaffolding.json", "foo!oidc.local", "http://oidc.local:8080", v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}, false},
	} {
		text, err := os.ReadFile(theirs(t, c.file))
		if err != nil {
			t.Fatal(err)
		}
		v, err := trust{root: theirs(t, c.root), identity: c.identity, issuer: c.issuer}.verifier()
		if err != nil {
			t.Fatal(err)
		}
		digest, err := hex.DecodeString(c.signed.Hex)
		if err != nil {
			t.Fatal(err)
		}
		var b bundle.Bundle
		if err := b.UnmarshalJSON(text); err != nil {
			t.Fatal(err)
		}
		if _, err := v.held(&b, verify.WithArtifactDigest(c.signed.Algorithm, digest)); (err == nil) != c.good {
			t.Errorf("%s: %v", what, err)
		}
		// A bundle that signs a file is one that may sign a manifest; provenance
		// says nothing about who signed an image.
		message := bytes.Contains(text, []byte(`"messageSignature"`))
		if _, err := v.bundle(text, c.signed); (err == nil) != (c.good && message) {
			t.Errorf("%s: taken for an image's: %v", what, err)
		}
	}
}
