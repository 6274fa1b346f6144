package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	bundlev1 "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	commonv1 "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// A shop is a repository with an image in it.
type shop struct {
	t      *testing.T
	tag    name.Tag
	digest v1.Hash
	image  v1.Descriptor
}

func newShop(t *testing.T) *shop {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	tag, err := name.NewTag(strings.TrimPrefix(server.URL, "http://") + "/shop/api:1.2")
	if err != nil {
		t.Fatal(err)
	}
	i, err := random.Image(64, 1)
	if err == nil {
		err = remote.Write(tag, i)
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := remote.Head(tag)
	if err != nil {
		t.Fatal(err)
	}
	return &shop{t, tag, d.Digest, *d}
}

// artifact is a manifest with one layer.
func artifact(t *testing.T, text []byte, media types.MediaType, annotations map[string]string) v1.Image {
	t.Helper()
	i, err := mutate.Append(mutate.MediaType(empty.Image, types.OCIManifestSchema1),
		mutate.Addendum{Layer: static.NewLayer(text, media), Annotations: annotations})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// refer lays a bundle beside the image.
func (s *shop) refer(text []byte) v1.Image {
	s.t.Helper()
	i, ok := mutate.Subject(mutate.ConfigMediaType(artifact(s.t, text, bundleType, nil), bundleType), s.image).(v1.Image)
	if !ok {
		s.t.Fatal("an image with a subject is no image")
	}
	digest, err := i.Digest()
	if err == nil {
		err = remote.Write(s.tag.Context().Digest(digest.String()), i)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return i
}

// keyless runs the program, and gives the report and what went to stderr.
func keyless(t *testing.T, code int, args ...string) (sign.Report, string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(t.Context(), args, &out, &errs); got != code {
		t.Errorf("exit code %d, want %d\n%s%s", got, code, &errs, &out)
	}
	if code == wrongUsage {
		return sign.Report{}, errs.String()
	}
	r, err := sign.ParseReport(out.Bytes())
	if err != nil {
		t.Errorf("what was written is no report: %v\n%s", err, &out)
	}
	return r, errs.String()
}

// only is what is reported of the one image that was asked about.
func only(t *testing.T, r sign.Report) sign.Finding {
	t.Helper()
	if len(r.Images) != 1 {
		t.Fatalf("reported are %+v, want one image", r.Images)
	}
	return r.Images[0]
}

func trusted(root string, more ...string) []string {
	return append([]string{"--trusted-root", root, "--identity", identity, "--issuer", issuer}, more...)
}

func TestBundles(t *testing.T) {
	a := newAuthority(t)
	logs, stamps := a.root(true), a.root(false)
	soon := time.Now().Add(5 * time.Minute) // certificates are valid from now for ten minutes
	noLog := func(b *bundlev1.Bundle) { b.VerificationMaterial.TlogEntries = nil }
	nothing := func(b *bundlev1.Bundle) {
		noLog(b)
		b.VerificationMaterial.TimestampVerificationData = nil
	}
	ours := func(digest v1.Hash) []byte { return statement(digest, sign.Predicate) }
	good := func(d v1.Hash) []byte { return a.bundle(ours(d), soon, nil) }
	stamped := func(d v1.Hash) []byte { return a.bundle(ours(d), soon, noLog) }

	for _, c := range []struct {
		name   string
		bundle func(v1.Hash) []byte
		args   []string
		state  sign.State
		detail string // a part of it
	}{
		{"in the log", good, trusted(logs), sign.Verified, ""},
		{"with a timestamp, where no log is trusted", stamped, trusted(stamps), sign.Verified, ""},
		{"identity by an expression", good, []string{"--trusted-root", logs, "--identity-regexp", `.*@shop\.example\.com`, "--issuer", issuer}, sign.Verified, ""},
		{"expression that is a part of the identity only", good, []string{"--trusted-root", logs, "--identity-regexp", `shop`, "--issuer", issuer}, sign.Invalid, "shop"},
		{"expression with alternatives", good, []string{"--trusted-root", logs, "--identity-regexp", `build|x`, "--issuer", issuer}, sign.Invalid, "build|x"},
		{"wrong identity", good, []string{"--trusted-root", logs, "--identity", "other@shop.example.com", "--issuer", issuer}, sign.Invalid, "other@shop.example.com"},
		{"wrong issuer", good, []string{"--trusted-root", logs, "--identity", identity, "--issuer", "https://login.example.org"}, sign.Invalid, "https://login.example.org"},
		{"other authority", good, trusted(newAuthority(t).root(true)), sign.Invalid, "log"},
		{"other authority of timestamps", stamped, trusted(newAuthority(t).root(false)), sign.Invalid, "timestamp"},
		{"log of certificates that has not this one", good, trusted(a.write(a.CTLogs(), nil)), sign.Invalid, "certificate timestamp"},
		{"other digest", func(d v1.Hash) []byte {
			return good(v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)})
		}, trusted(logs), sign.Invalid, "digest"},
		{"attestation", func(d v1.Hash) []byte {
			return a.bundle(statement(d, "https://slsa.dev/provenance/v1"), soon, nil)
		}, trusted(logs), sign.None, "no keyless signature"},
		{"statement that was exchanged", func(d v1.Hash) []byte {
			return a.bundle(statement(d, "x"), soon, func(b *bundlev1.Bundle) { b.GetDsseEnvelope().Payload = ours(d) })
		}, trusted(stamps), sign.Invalid, "signature"},
		{"no log, where one is trusted", stamped, trusted(logs), sign.Invalid, "log"},
		{"expired certificate", func(d v1.Hash) []byte {
			return a.bundle(ours(d), time.Now().Add(30*time.Minute), nil)
		}, trusted(logs), sign.Invalid, "outside certificate validity"},
		{"no time at all", func(d v1.Hash) []byte { return a.bundle(ours(d), soon, nothing) }, trusted(stamps), sign.Invalid, "timestamp"},
		{"by a key", func(d v1.Hash) []byte {
			return a.bundle(ours(d), soon, func(b *bundlev1.Bundle) {
				b.VerificationMaterial.Content = &bundlev1.VerificationMaterial_PublicKey{PublicKey: &commonv1.PublicKeyIdentifier{Hint: "x"}}
			})
		}, trusted(logs), sign.None, "no keyless signature"},
		{"broken", func(v1.Hash) []byte { return []byte(`{"mediaType":`) }, trusted(logs), sign.Invalid, "its bundle cannot be read"},
		{"empty", func(v1.Hash) []byte { return []byte(`{}`) }, trusted(logs), sign.Invalid, "its bundle cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.refer(c.bundle(s.digest))
			code := notVerified
			if c.state == sign.Verified {
				code = allVerified
			}
			r, _ := keyless(t, code, append(c.args, s.tag.String())...)
			f := only(t, r)
			if f.State != c.state || !strings.Contains(f.Detail, c.detail) || f.Digest != s.digest.String() {
				t.Errorf("reported is %+v, want %s because of %q", f, c.state, c.detail)
			}
			if by := f.Identity + " " + f.Issuer; f.State == sign.Verified && by != identity+" "+issuer {
				t.Errorf("it is signed by %s", by)
			}
		})
	}
}

// TestAnnotations has the signatures of cosign 2.
func TestAnnotations(t *testing.T) {
	a := newAuthority(t)
	elsewhere := v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}
	for what, c := range map[string]struct {
		edit  func(payload []byte, annotations map[string]string) []byte
		state sign.State
	}{
		"of another image": {func(_ []byte, all map[string]string) []byte {
			p, theirs := a.annotated(elsewhere)
			maps.Copy(all, theirs)
			return p
		}, sign.Invalid},
		"as it is made": {func(p []byte, _ map[string]string) []byte { return p }, sign.Verified},
		"other payload": {func(p []byte, _ map[string]string) []byte { return append(p, ' ') }, sign.Invalid},
		"by a key":      {func(p []byte, all map[string]string) []byte { delete(all, certificateOf); return p }, sign.None},
		"no log":        {func(p []byte, all map[string]string) []byte { delete(all, loggedOf); return p }, sign.Invalid},
		"broken log":    {func(p []byte, all map[string]string) []byte { all[loggedOf] = "{"; return p }, sign.Invalid},
		"broken stamp":  {func(p []byte, all map[string]string) []byte { all[timestampOf] = "{"; return p }, sign.Invalid},
		"no PEM":        {func(p []byte, all map[string]string) []byte { all[certificateOf] = "x"; return p }, sign.Invalid},
	} {
		t.Run(what, func(t *testing.T) {
			s := newShop(t)
			payload, annotations := a.annotated(s.digest)
			payload = c.edit(payload, annotations)
			signature := artifact(t, payload, "application/vnd.dev.cosign.simplesigning.v1+json", annotations)
			if err := remote.Write(s.tag.Context().Tag(strings.Replace(s.digest.String(), ":", "-", 1)+".sig"), signature); err != nil {
				t.Fatal(err)
			}
			code := notVerified
			if c.state == sign.Verified {
				code = allVerified
			}
			r, _ := keyless(t, code, trusted(a.root(true), s.tag.String())...)
			if f := only(t, r); f.State != c.state {
				t.Errorf("reported is %+v, want %s", f, c.state)
			}
		})
	}
}

// TestManifest has a signature over the manifest itself, not over a statement.
func TestManifest(t *testing.T) {
	a, s := newAuthority(t), newShop(t)
	d, err := remote.Get(s.tag)
	if err != nil {
		t.Fatal(err)
	}
	s.refer(a.message(append(d.Manifest, ' ')))
	r, _ := keyless(t, notVerified, trusted(a.root(false), s.tag.String())...)
	if f := only(t, r); f.State != sign.Invalid {
		t.Errorf("signed is another one, and reported is %+v", f)
	}
	s.refer(a.message(d.Manifest))
	r, _ = keyless(t, allVerified, trusted(a.root(false), s.tag.String())...)
	if f := only(t, r); f.State != sign.Verified {
		t.Errorf("reported is %+v", f)
	}
}

// TestOutput takes images from what seaworthy says of them: the index is signed.
func TestOutput(t *testing.T) {
	a, s := newAuthority(t), newShop(t)
	s.refer(a.bundle(statement(s.digest, sign.Predicate), time.Now().Add(5*time.Minute), nil))
	other := "sha256:" + strings.Repeat("1", 64)
	path := filepath.Join(t.TempDir(), "images.json")
	write := func(v any) {
		t.Helper()
		text, err := json.Marshal(v)
		if err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	images := func(all ...image) map[string]any { return map[string]any{"images": all, "findings": []int{}} }

	write(images(image{s.tag.String(), other, s.digest.String()}))
	r, _ := keyless(t, allVerified, trusted(a.root(true), "--from", path)...)
	if f := only(t, r); f.Digest != s.digest.String() || f.State != sign.Verified {
		t.Errorf("reported is %+v", f)
	}
	write(images(image{s.tag.String(), other, ""}))
	r, _ = keyless(t, notVerified, trusted(a.root(true), "--from", path)...)
	if f := only(t, r); f.Digest != other || f.State != sign.None {
		t.Errorf("reported is %+v", f)
	}
	write(images(image{s.tag.String(), "", ""}))
	if _, errs := keyless(t, notRead, trusted(a.root(true), "--from", path)...); !strings.Contains(errs, "it has no digest") {
		t.Errorf("it says %q", errs)
	}
	write([]int{})
	if _, errs := keyless(t, wrongUsage, trusted(a.root(true), "--from", path)...); !strings.Contains(errs, "--from: read "+path) {
		t.Errorf("it says %q", errs)
	}
	write(map[string]any{})
	keyless(t, wrongUsage, trusted(a.root(true), "--from", path)...)
}

func TestLayout(t *testing.T) {
	a, s := newAuthority(t), newShop(t)
	i, err := remote.Image(s.tag)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	l, err := layout.Write(dir, empty.Index)
	if err == nil {
		err = l.AppendImage(i)
	}
	if err == nil {
		err = l.AppendImage(s.refer(a.bundle(statement(s.digest, sign.Predicate), time.Now().Add(5*time.Minute), nil)),
			layout.WithAnnotations(map[string]string{"kind": "dev.cosignproject.cosign/sigs"}))
	}
	if err != nil {
		t.Fatal(err)
	}
	r, _ := keyless(t, allVerified, trusted(a.root(true), dir)...)
	if f := only(t, r); f.Digest != s.digest.String() || f.State != sign.Verified {
		t.Errorf("reported is %+v", f)
	}
}

// TestUnread holds that what cannot be read is not taken for unsigned.
func TestUnread(t *testing.T) {
	a := newAuthority(t)
	server := httptest.NewServer(nil) // knows nothing
	server.Close()
	gone := strings.TrimPrefix(server.URL, "http://") + "/shop/api"
	if r, errs := keyless(t, notRead, trusted(a.root(true), gone+":1.2")...); len(r.Images) != 0 || !strings.Contains(errs, gone) {
		t.Errorf("reported is %+v, and it says %q", r.Images, errs)
	}
}

func TestUsage(t *testing.T) {
	root := newAuthority(t).root(true)
	for want, args := range map[string][]string{
		"--trusted-root is missing":    {"x"},
		"--identity-regexp is missing": {"--trusted-root", root, "--issuer", issuer, "x"},
		"exclude each other":           append(trusted(root), "--identity-regexp", "x", "x"),
		"--issuer is missing":          {"--trusted-root", root, "--identity", identity, "x"},
		"--identity-regexp: ":          {"--trusted-root", root, "--issuer", issuer, "--identity-regexp", "a)|(b", "x"},
		"--trusted-root: read":         trusted(filepath.Join(t.TempDir(), "none"), "x"),
		"no image is named":            trusted(root),
	} {
		if _, errs := keyless(t, wrongUsage, args...); !strings.Contains(errs, want) {
			t.Errorf("%q: it says %q, want %q", args, errs, want)
		}
	}
}
