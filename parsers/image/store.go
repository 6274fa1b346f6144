package image

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A store has manifests and blobs by their digest. What it gives need not be
// what the digest says: who reads it checks that.
type store interface {
	manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error)
	blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error)
	// retry reads something of the store, once more from its beginning where
	// that may help.
	retry(ctx context.Context, read func() error) error
}

// once is retry where reading again finds what was found before: on disk.
func once(_ context.Context, read func() error) error { return read() }

// An artifact is a manifest or an index in a store, which a reference led to.
type artifact struct {
	store
	source Source
	v1.Descriptor
	text []byte
}

// An opened image is one whose layers can be read.
type opened struct {
	store     store // nil where images have no manifest
	source    Source
	digest    string // of the manifest, "" where there is none
	index     string // of the index, "" where there is none
	platforms []string
	mediaType types.MediaType
	config    []byte
	layers    []layer
}

// A layer is one that can be read.
type layer struct {
	v1.Descriptor         // Size 0 and no digest where it is not known
	diffID        v1.Hash // of the unpacked layer
	open          func(context.Context) (io.ReadCloser, error)
	retry         func(ctx context.Context, read func() error) error // as a store's
}

// open finds the image for a platform behind an artifact.
func (a artifact) open(ctx context.Context, p wanted, limits Limits) (*opened, error) {
	o := &opened{store: a.store, source: a.source}
	for depth := 0; isIndex(a.MediaType, a.text); depth++ {
		if depth == 3 {
			return nil, fail(Malformed, "indexes are nested more than 3 deep")
		}
		var index v1.IndexManifest
		if err := json.Unmarshal(a.text, &index); err != nil {
			return nil, fail(Malformed, "its index is no JSON of one: %s", short(err.Error()))
		}
		if o.index == "" {
			o.index = a.Digest.String()
		}
		chosen, platforms, err := p.choose(index.Manifests)
		if err != nil {
			return nil, err
		}
		o.platforms = platforms
		if a, err = a.child(ctx, chosen, limits); err != nil {
			return nil, err
		}
	}
	o.digest, o.mediaType = a.Digest.String(), a.MediaType
	return o, a.image(ctx, o, limits)
}

// child is a manifest that an index names.
func (a artifact) child(ctx context.Context, d v1.Descriptor, limits Limits) (artifact, error) {
	text, err := a.load(ctx, a.manifest, d, limits.Document)
	if err != nil {
		return a, about("its manifest "+d.Digest.String(), err)
	}
	return artifact{a.store, a.source, d, text}, nil
}

// image reads what a manifest says of an image.
func (a artifact) image(ctx context.Context, o *opened, limits Limits) error {
	if a.MediaType.IsSchema1() || bytes.Contains(a.text, []byte(`"fsLayers"`)) {
		return fail(Unsupported, "it is stored in Docker's schema 1, which registries and runtimes have given up: push it again")
	}
	var m v1.Manifest
	if err := json.Unmarshal(a.text, &m); err != nil {
		return fail(Malformed, "its manifest is no JSON of one: %s", short(err.Error()))
	}
	if what := otherThanImage(m); what != "" {
		return fail(NotAnImage, "it is no container image but %q", short(what))
	}
	if len(m.Layers) > limits.Layers {
		return fail(TooLarge, "it has %d layers, more than %d", len(m.Layers), limits.Layers)
	}
	var err error
	if o.config, err = a.load(ctx, a.blob, m.Config, limits.Document); err != nil {
		return about("its configuration", err)
	}
	for _, d := range m.Layers {
		o.layers = append(o.layers, layer{
			Descriptor: d, open: func(ctx context.Context) (io.ReadCloser, error) { return a.blob(ctx, d) }, retry: a.retry,
		})
	}
	return nil
}

// isIndex tells an index from a manifest. Stores that are mere files have no
// media type for what they were asked for first.
func isIndex(mediaType types.MediaType, text []byte) bool {
	if mediaType.IsIndex() || mediaType.IsImage() || mediaType.IsSchema1() {
		return mediaType.IsIndex()
	}
	var m struct {
		Manifests []json.RawMessage `json:"manifests"`
	}
	return json.Unmarshal(text, &m) == nil && m.Manifests != nil
}

// otherThanImage says what a manifest is for, when not for an image: charts,
// signatures and attestations lie in registries too.
func otherThanImage(m v1.Manifest) string {
	switch {
	case m.ArtifactType != "":
		return m.ArtifactType
	case !m.Config.MediaType.IsConfig() && m.Config.MediaType != "":
		return string(m.Config.MediaType)
	case m.Config.Digest == (v1.Hash{}):
		return "a manifest without a configuration"
	}
	i := slices.IndexFunc(m.Layers, func(d v1.Descriptor) bool { return !isLayer(d.MediaType) && d.MediaType != "" })
	if i >= 0 && !slices.ContainsFunc(m.Layers, func(d v1.Descriptor) bool { return isLayer(d.MediaType) }) {
		return string(m.Layers[i].MediaType)
	}
	return ""
}

func isLayer(t types.MediaType) bool { return t.IsLayer() || isEncrypted(t) }

// isEncrypted tells whether a layer can be read by those alone who have a key.
func isEncrypted(t types.MediaType) bool { return strings.HasSuffix(string(t), "+encrypted") }

// load reads a small blob and holds it against its digest.
func (a artifact) load(ctx context.Context, from func(context.Context, v1.Descriptor) (io.ReadCloser, error), d v1.Descriptor, most int64) (text []byte, err error) {
	err = a.retry(ctx, func() (err error) {
		text, err = fetch(ctx, from, d, most)
		return err
	})
	return text, err
}

func fetch(ctx context.Context, from func(context.Context, v1.Descriptor) (io.ReadCloser, error), d v1.Descriptor, most int64) ([]byte, error) {
	if d.Size > most {
		return nil, fail(TooLarge, "it has %d bytes, more than %d", d.Size, most)
	}
	var r io.ReadCloser
	if len(d.Data) > 0 {
		r = io.NopCloser(bytes.NewReader(d.Data))
	} else {
		var err error
		if r, err = from(ctx, d); err != nil {
			return nil, err
		}
	}
	defer r.Close() //nolint:errcheck // it was only read
	v, err := verify(r, d.Digest)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(v, most+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(text)) > most:
		return nil, fail(TooLarge, "it has more than %d bytes", most)
	}
	return text, v.check(d.Size)
}

// about puts in front of a failure what it is about.
func about(what string, err error) error {
	f := failure(err)
	return &Failure{Reason: f.Reason, Text: fmt.Sprintf("%s: %s", what, f.Text), Err: errors.Unwrap(f)}
}
