package sign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Bounds on what is read of strangers, all far above what is real.
const (
	maxRead       = 4 << 20 // bytes of a manifest, a payload or a bundle
	maxSignatures = 64      // signatures that are looked at of one digest
)

// A Signature is one that lies beside an image. Nothing in it is checked.
type Signature struct {
	// Payload is what was signed and Annotations have the signature, in the
	// format "simple signing"; nil of a bundle.
	Payload     []byte
	Annotations map[string]string
	// Bundle is a bundle of Sigstore as JSON, nil of a payload.
	Bundle []byte
}

// Find yields what lies beside an image and may be its signature: under the tag
// that cosign makes of the digest, then among what refers to it. An error says
// what could not be read, and does not end it.
func Find(ctx context.Context, from Fetcher, digest v1.Hash) iter.Seq2[Signature, error] {
	return func(yield func(Signature, error) bool) {
		f := finder{ctx: ctx, from: from, digest: digest, yield: yield}
		if f.tagged() {
			f.referrers()
		}
	}
}

// A finder is one look for signatures. Its methods tell whether to go on.
type finder struct {
	ctx    context.Context
	from   Fetcher
	digest v1.Hash
	yield  func(Signature, error) bool
	seen   int
}

func (f *finder) fail(format string, args ...any) bool {
	return f.yield(Signature{}, fmt.Errorf(format, args...))
}

// more tells whether another one may be read.
func (f *finder) more() bool {
	if err := f.ctx.Err(); err != nil {
		f.fail("signatures of %s: %w", f.digest, err)
		return false
	}
	if f.seen++; f.seen > maxSignatures {
		f.fail("signatures of %s: there are more than %d", f.digest, maxSignatures)
		return false
	}
	return true
}

// tagged looks under the tag that cosign makes of the image's digest.
func (f *finder) tagged() bool {
	tag := strings.ReplaceAll(f.digest.String(), ":", "-") + ".sig"
	text, err := f.from.Tagged(f.ctx, tag)
	switch {
	case errors.Is(err, ErrNotFound):
		return true
	case err != nil:
		return f.fail("signatures under the tag %s: %w", tag, err)
	case len(text) > maxRead:
		return f.fail("signatures under the tag %s: the manifest has more than %d bytes", tag, maxRead)
	}
	m, err := v1.ParseManifest(bytes.NewReader(text))
	if err != nil {
		return f.fail("signatures under the tag %s: %w", tag, err)
	}
	return f.layers(m)
}

// referrers looks at the artifacts that refer to the image.
func (f *finder) referrers() bool {
	all, err := f.from.Referrers(f.ctx, f.digest)
	if err != nil {
		return f.fail("what refers to %s: %w", f.digest, err)
	}
	for _, d := range all {
		if d.ArtifactType != "" && d.ArtifactType != legacyArtifact && !strings.HasPrefix(d.ArtifactType, bundleType) {
			continue
		}
		if !f.more() {
			return false
		}
		if !f.referrer(d) {
			return false
		}
	}
	return true
}

// referrer looks at one artifact.
func (f *finder) referrer(d v1.Descriptor) bool {
	text, err := read(f.ctx, f.from.Manifest, d)
	if err != nil {
		return f.yield(Signature{}, err)
	}
	m, err := v1.ParseManifest(bytes.NewReader(text))
	if err != nil {
		return f.fail("read %s: %w", d.Digest, err)
	}
	return f.layers(m)
}

// layers yields the signatures of one manifest, each of which is a layer.
func (f *finder) layers(m *v1.Manifest) bool {
	for _, l := range m.Layers {
		bundled := strings.HasPrefix(string(l.MediaType), bundleType)
		if !bundled && l.MediaType != simpleSigning {
			continue
		}
		if !f.more() {
			return false
		}
		text, err := read(f.ctx, f.from.Blob, l)
		s := Signature{Payload: text, Annotations: l.Annotations}
		if bundled {
			s = Signature{Bundle: text}
		}
		if err != nil {
			s = Signature{}
		}
		if !f.yield(s, err) {
			return false
		}
	}
	return true
}

// read reads a small blob and holds it against its digest.
func read(ctx context.Context, open func(context.Context, v1.Descriptor) (io.ReadCloser, error), d v1.Descriptor) ([]byte, error) {
	r, err := open(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.Digest, err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(r, maxRead+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.Digest, err)
	}
	if len(text) > maxRead {
		return nil, fmt.Errorf("read %s: it has more than %d bytes", d.Digest, maxRead)
	}
	return text, checkDigest(text, d.Digest)
}

// checkDigest tells when text is not what its digest says.
func checkDigest(text []byte, want v1.Hash) error {
	h, err := v1.Hasher(want.Algorithm)
	if err != nil {
		return fmt.Errorf("read %s: %w", want, err)
	}
	h.Write(text)
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want.Hex {
		return fmt.Errorf("read %s: what came has the digest %s:%s", want, want.Algorithm, got)
	}
	return nil
}
