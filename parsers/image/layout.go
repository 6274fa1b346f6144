package image

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// The annotations that name what an index holds.
const (
	containerdName = "io.containerd.image.name"          // the whole reference
	refName        = "org.opencontainers.image.ref.name" // often only the tag
)

// stored is an image in a layout or an archive, for one or more platforms.
type stored struct {
	names   []string // as written there: references, or tags alone
	digests []string // of its manifests or its indexes; none in a docker-archive
	parts   []stored // what its indexes name
	open    func(context.Context, wanted) (*opened, error)
}

// A layout is an OCI layout: a directory, or an archive of one.
type layout struct {
	files
	source Source
}

func (l layout) manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return l.open(ctx, blobName(d.Digest))
}

func (l layout) blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return l.open(ctx, blobName(d.Digest))
}

func (layout) retry(ctx context.Context, read func() error) error { return once(ctx, read) }

// images lists what the layout's index names. Entries of one name are one
// image for several platforms.
func (l layout) images(ctx context.Context, limits Limits) ([]stored, error) {
	text, err := readFile(ctx, l, "index.json", limits.Document)
	if err != nil {
		return nil, err
	}
	var index v1.IndexManifest
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fail(Malformed, "index.json is no index: %s", short(err.Error()))
	}
	var order []string
	groups := map[string][]v1.Descriptor{}
	for _, d := range index.Manifests {
		if sign.Beside(d) {
			continue
		}
		key := strings.Join(namesOf(d), " ")
		if key == "" && d.Platform == nil {
			key = d.Digest.String()
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], d)
	}
	var all []stored
	for _, key := range order {
		all = append(all, l.stored(ctx, groups[key], limits))
	}
	return all, nil
}

func namesOf(d v1.Descriptor) (names []string) {
	for _, key := range []string{containerdName, refName} {
		if n := d.Annotations[key]; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// stored is the image of some entries of the index. An index that cannot be
// read is told when it is opened.
func (l layout) stored(ctx context.Context, entries []v1.Descriptor, limits Limits) stored {
	s := stored{names: namesOf(entries[0])}
	for _, d := range entries {
		s.digests = append(s.digests, d.Digest.String())
		var inner v1.IndexManifest
		if a, err := l.top().child(ctx, d, limits); err == nil && isIndex(d.MediaType, a.text) && json.Unmarshal(a.text, &inner) == nil {
			for _, m := range inner.Manifests {
				s.parts = append(s.parts, stored{digests: []string{m.Digest.String()}, open: l.opener(limits, m)})
			}
		}
	}
	s.open = l.opener(limits, entries...)
	return s
}

// top is what all in the layout hangs on.
func (l layout) top() artifact { return artifact{store: l, source: l.source} }

// opener opens one of some entries, that for the platform.
func (l layout) opener(limits Limits, entries ...v1.Descriptor) func(context.Context, wanted) (*opened, error) {
	return func(ctx context.Context, p wanted) (*opened, error) {
		d, platforms := entries[0], []string(nil)
		if len(entries) > 1 {
			var err error
			if d, platforms, err = p.choose(entries); err != nil {
				return nil, err
			}
		}
		a, err := l.top().child(ctx, d, limits)
		if err != nil {
			return nil, err
		}
		o, err := a.open(ctx, p, limits)
		if err == nil && o.platforms == nil {
			o.platforms = platforms
		}
		return o, err
	}
}
