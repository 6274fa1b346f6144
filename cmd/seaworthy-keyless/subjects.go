package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// A subject is an image of which signatures are looked for.
type subject struct {
	reference string    // as it was asked for
	digests   []v1.Hash // of its index and its manifest, one of which is signed
	from      sign.Fetcher
	err       error // why its digest is not known; nothing else is set then
}

// asked is what the user wants to be looked at.
type asked struct {
	names    []string // references, and paths of layouts
	from     string   // output of seaworthy; "" for none
	insecure []string
}

// subjects are all that is asked about. The error is one of usage.
func (a asked) subjects(ctx context.Context) (all []subject, err error) {
	if len(a.names) == 0 && a.from == "" {
		return nil, errors.New("no image is named: give references, layouts or --from")
	}
	for _, n := range a.names {
		if info, err := os.Stat(n); err == nil && info.IsDir() {
			found, err := inLayout(n)
			if err != nil {
				found = []subject{{reference: n, err: err}}
			}
			all = append(all, found...)
			continue
		}
		all = append(all, a.tagged(ctx, n))
	}
	if a.from != "" {
		images, err := readImages(a.from)
		if err != nil {
			return nil, fmt.Errorf("--from: %w", err)
		}
		for _, i := range images {
			all = append(all, a.known(ctx, i))
		}
	}
	return all, nil
}

func (a asked) options(ctx context.Context) []remote.Option {
	return []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain), remote.WithUserAgent("seaworthy-keyless")}
}

func (a asked) parse(reference string) (name.Reference, error) {
	ref, err := name.ParseReference(reference)
	if err == nil && slices.Contains(a.insecure, ref.Context().RegistryStr()) {
		return name.ParseReference(reference, name.Insecure)
	}
	return ref, err
}

// tagged asks a registry for the digest that a reference names. That of an index
// is enough: it is what is signed, and holds the digests of what it names.
func (a asked) tagged(ctx context.Context, reference string) subject {
	ref, err := a.parse(reference)
	if err != nil {
		return subject{reference: reference, err: err}
	}
	d, err := remote.Get(ref, a.options(ctx)...)
	if err != nil {
		return subject{reference: reference, err: err}
	}
	return subject{reference: reference, digests: []v1.Hash{d.Digest}, from: sign.Remote(ref.Context(), a.options(ctx)...)}
}

// An image is what seaworthy's output says of one.
type image struct {
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Index     string `json:"index"`
}

// maxOutput is how much of seaworthy's output is read, in bytes.
const maxOutput = 256 << 20

func readImages(path string) ([]image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var output struct {
		Images *[]image `json:"images"`
	}
	if err := json.NewDecoder(io.LimitReader(f, maxOutput)).Decode(&output); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if output.Images == nil {
		return nil, fmt.Errorf("read %s: it has no images: it is no output of seaworthy --format json", path)
	}
	return *output.Images, nil
}

// known is an image that seaworthy has read.
func (a asked) known(ctx context.Context, i image) subject {
	ref, err := a.parse(i.Reference)
	if err != nil {
		return subject{reference: i.Reference, err: err}
	}
	s := subject{reference: i.Reference, from: sign.Remote(ref.Context(), a.options(ctx)...)}
	for _, text := range []string{i.Index, i.Digest} {
		if text == "" {
			continue
		}
		digest, err := v1.NewHash(text)
		if err != nil {
			return subject{reference: i.Reference, err: err}
		}
		s.digests = append(s.digests, digest)
	}
	if len(s.digests) == 0 {
		s.err = errors.New("it has no digest")
	}
	return s
}

// inLayout are the images that the index of an OCI layout names.
func inLayout(path string) (all []subject, err error) {
	l, err := layout.FromPath(path)
	if err != nil {
		return nil, err
	}
	index, err := l.ImageIndex()
	if err != nil {
		return nil, err
	}
	m, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	from := sign.Layout(blobs{l}, m)
	for _, d := range m.Manifests {
		if !sign.Beside(d) {
			all = append(all, subject{reference: path, digests: []v1.Hash{d.Digest}, from: from})
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the layout names no image")
	}
	return all, nil
}

// blobs are those of a layout.
type blobs struct{ layout.Path }

func (b blobs) Blob(_ context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	r, err := b.Path.Blob(d.Digest)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", sign.ErrNotFound, err)
	}
	return r, err
}

func (b blobs) Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return b.Blob(ctx, d)
}
