package sign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// ErrNotFound says that there is nothing under a tag or digest.
var ErrNotFound = errors.New("not found")

// Blobs are manifests and blobs by their digest. What they give need not be
// what the digest says.
type Blobs interface {
	Manifest(context.Context, v1.Descriptor) (io.ReadCloser, error)
	Blob(context.Context, v1.Descriptor) (io.ReadCloser, error)
}

// A Fetcher is where an image and its signatures lie.
type Fetcher interface {
	Blobs
	// Tagged is the manifest under a tag, ErrNotFound where there is none.
	Tagged(ctx context.Context, tag string) ([]byte, error)
	// Referrers are the manifests that say they refer to an image.
	Referrers(ctx context.Context, digest v1.Hash) ([]v1.Descriptor, error)
}

// Remote fetches from a repository of a registry. Registries that do not know
// who refers to an image are asked for the tag that stands in for it (OCI
// distribution 1.1, referrers tag schema). With [remote.Reuse] among the options
// it is the connection of whoever read the image.
func Remote(repository name.Repository, options ...remote.Option) Fetcher {
	return inRegistry{repository, options}
}

type inRegistry struct {
	name.Repository
	options []remote.Option
}

func (r inRegistry) with(ctx context.Context) []remote.Option {
	return append(slices.Clip(r.options), remote.WithContext(ctx))
}

func (r inRegistry) Tagged(ctx context.Context, tag string) ([]byte, error) {
	d, err := remote.Get(r.Tag(tag), r.with(ctx)...)
	if err != nil {
		return nil, notFound(err)
	}
	return d.Manifest, nil
}

func (r inRegistry) Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	got, err := remote.Get(r.Digest(d.Digest.String()), r.with(ctx)...)
	if err != nil {
		return nil, notFound(err)
	}
	return io.NopCloser(bytes.NewReader(got.Manifest)), nil
}

func (r inRegistry) Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	l, err := remote.Layer(r.Digest(d.Digest.String()), r.with(ctx)...)
	if err != nil {
		return nil, notFound(err)
	}
	blob, err := l.Compressed()
	return blob, notFound(err)
}

func (r inRegistry) Referrers(ctx context.Context, digest v1.Hash) ([]v1.Descriptor, error) {
	index, err := remote.Referrers(r.Digest(digest.String()), r.with(ctx)...)
	if err != nil {
		return nil, err
	}
	m, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	return m.Manifests, nil
}

// notFound is err as ErrNotFound where a registry says so.
func notFound(err error) error {
	var said *transport.Error
	if errors.As(err, &said) && said.StatusCode == http.StatusNotFound {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}
