package image

import (
	"context"
	"encoding/json"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// dockerImages lists the images of what docker save writes. They have no
// manifest that a registry knows: newer versions put one beside, but not
// always the one that was pulled, so it is not looked at.
func dockerImages(ctx context.Context, a *archive) ([]stored, error) {
	text, err := readFile(ctx, a, "manifest.json", a.limits.Document)
	if err != nil {
		return nil, err
	}
	var manifest []dockerImage
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fail(Malformed, "manifest.json is no list of images: %s", short(err.Error()))
	}
	var all []stored
	for _, m := range manifest {
		all = append(all, stored{names: m.RepoTags, open: func(ctx context.Context, _ wanted) (*opened, error) { return m.opened(ctx, a) }})
	}
	return all, nil
}

// A dockerImage is an entry of manifest.json.
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func (m dockerImage) opened(ctx context.Context, a *archive) (*opened, error) {
	config, err := readFile(ctx, a, m.Config, a.limits.Document)
	if err != nil {
		return nil, about("its configuration", err)
	}
	o := &opened{source: DockerArchive, mediaType: types.DockerManifestSchema2, config: config}
	for _, name := range m.Layers {
		e, err := a.resolve(name)
		if err != nil {
			return nil, about("a layer", err)
		}
		o.layers = append(o.layers, layer{
			Descriptor: v1.Descriptor{MediaType: types.DockerUncompressedLayer, Size: e.size},
			open:       func(ctx context.Context) (io.ReadCloser, error) { return a.open(ctx, name) },
			retry:      once,
		})
	}
	return o, nil
}
