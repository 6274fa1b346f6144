package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// signatures are those that lie in the layout.
func (l layout) signatures(ctx context.Context, limits Limits) (sign.Fetcher, error) {
	text, err := readFile(ctx, l, "index.json", limits.Document)
	if err != nil {
		return nil, err
	}
	var index v1.IndexManifest
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fail(Malformed, "index.json is no index: %s", short(err.Error()))
	}
	return sign.Layout(blobs{l}, &index), nil
}

// blobs are what a layout has, as signatures are looked for.
type blobs struct{ layout }

func (b blobs) Manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	r, err := b.blob(ctx, d)
	var f *Failure
	if errors.As(err, &f) && f.Reason == NotFound {
		return nil, fmt.Errorf("%w: %w", sign.ErrNotFound, err)
	}
	return r, err
}

func (b blobs) Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return b.Manifest(ctx, d)
}

// sign says of an image what is reported of its signatures. Unless that verifies
// it they are looked for when there are keys to hold them against.
func (r *Reader) sign(ctx context.Context, o *opened, d *Document) {
	result := sign.Reported(r.options.Reported, o.digests())
	if result.State != sign.Verified && len(r.options.Keys) > 0 {
		held, err := r.verify(ctx, o)
		if err != nil {
			d.Signature.Detail = failure(err).Text
			return
		}
		result = sign.Stronger(held, result)
	}
	if result.State != sign.NotChecked {
		d.Signature = Signature{State: string(result.State), By: result.By, Detail: result.Detail}
	}
}

func (r *Reader) verify(ctx context.Context, o *opened) (sign.Result, error) {
	var from sign.Fetcher
	switch store := o.store.(type) {
	case repository:
		from = sign.Remote(store.Repository, remote.Reuse(store.puller))
	case layout:
		var err error
		if from, err = store.signatures(ctx, r.options.Limits); err != nil {
			return sign.Result{}, err
		}
	default:
		return sign.Result{}, fail(Unsupported, "an archive of docker save has none")
	}
	return sign.Verify(ctx, from, o.digests(), r.options.Keys)
}

// digests are those that a signature of the image may be made over: cosign signs
// the index where there is one.
func (o *opened) digests() (all []v1.Hash) {
	for _, text := range []string{o.index, o.digest} {
		if digest, err := v1.NewHash(text); err == nil {
			all = append(all, digest)
		}
	}
	return all
}
