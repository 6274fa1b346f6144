package sign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// refName is the annotation with the tag of a manifest of a layout; savedKind
// is what `cosign save` marks its signatures with, in place of a tag.
const (
	refName   = "org.opencontainers.image.ref.name"
	savedKind = "kind"
	savedSigs = "dev.cosignproject.cosign/sigs"
	savedAtts = "dev.cosignproject.cosign/atts"
)

// Layout fetches from a directory or archive in OCI's image layout. index is
// what its index.json says.
func Layout(blobs Blobs, index *v1.IndexManifest) Fetcher { return inLayout{blobs, index.Manifests} }

type inLayout struct {
	Blobs
	manifests []v1.Descriptor
}

// beside are the tags of what lies beside an image: cosign's signatures,
// attestations and bills of materials, and the list of what refers to it.
var beside = late.Pattern(`(?:^|:)sha(?:256|512)-[0-9a-f]+(?:\.(?:sig|att|sbom))?$`)

// Beside tells whether what an index names lies beside an image and is none
// itself.
func Beside(d v1.Descriptor) bool {
	return beside().MatchString(d.Annotations[refName]) || d.ArtifactType == legacyArtifact || strings.HasPrefix(d.ArtifactType, bundleType) ||
		d.Annotations[savedKind] == savedSigs || d.Annotations[savedKind] == savedAtts
}

// maxManifests is how many manifests of a layout are looked through.
const maxManifests = 1000

func (l inLayout) Tagged(ctx context.Context, tag string) ([]byte, error) {
	for _, d := range l.manifests {
		name := d.Annotations[refName]
		saved := strings.HasSuffix(tag, ".sig") && d.Annotations[savedKind] == savedSigs
		if name == tag || strings.HasSuffix(name, ":"+tag) || saved {
			return read(ctx, l.Manifest, d)
		}
	}
	return nil, ErrNotFound
}

// Referrers looks through all manifests: a layout has no list of who refers to
// what, but for the tag that stands in for one.
func (l inLayout) Referrers(ctx context.Context, digest v1.Hash) ([]v1.Descriptor, error) {
	if len(l.manifests) > maxManifests {
		return nil, fmt.Errorf("the layout has more than %d manifests", maxManifests)
	}
	var all []v1.Descriptor
	text, err := l.Tagged(ctx, strings.ReplaceAll(digest.String(), ":", "-"))
	if err == nil {
		index, err := v1.ParseIndexManifest(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		all = append(all, index.Manifests...)
	} else if !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	for _, d := range l.manifests {
		if !d.MediaType.IsImage() || d.Digest == digest {
			continue
		}
		text, err := read(ctx, l.Manifest, d)
		if errors.Is(err, ErrNotFound) {
			continue // layouts may hold a part of an image only
		} else if err != nil {
			return nil, err
		}
		var m struct {
			Subject struct {
				Digest string `json:"digest"`
			} `json:"subject"`
		}
		if json.Unmarshal(text, &m) == nil && m.Subject.Digest == digest.String() {
			d.ArtifactType = "" // it may be wrong; the manifest's layers say what it is
			all = append(all, d)
		}
	}
	return all, nil
}
