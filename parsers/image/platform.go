package image

import (
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// wanted is the platform that is asked for. The zero value asks for
// linux/amd64, or whatever an image is for that is for one only.
type wanted struct{ *v1.Platform }

// ParsePlatform reads os/architecture[/variant].
func ParsePlatform(s string) (*v1.Platform, error) {
	p, err := v1.ParsePlatform(s)
	if err != nil || p.OS == "" || p.Architecture == "" || strings.Count(s, "/") == 2 && p.Variant == "" {
		return nil, fmt.Errorf("%q is no platform such as linux/arm64 or linux/arm/v7", s)
	}
	return p, nil
}

// choose takes the manifest for the platform, and lists the platforms there
// are. Attestations are for the platform unknown/unknown.
func (w wanted) choose(manifests []v1.Descriptor) (chosen v1.Descriptor, platforms []string, err error) {
	var images []v1.Descriptor
	for _, d := range manifests {
		switch {
		case d.Platform != nil && d.Platform.OS == "unknown", d.Annotations["vnd.docker.reference.type"] == "attestation-manifest":
		case d.MediaType.IsImage(), d.MediaType.IsIndex(), d.MediaType == "":
			images = append(images, d)
			if d.Platform != nil {
				platforms = append(platforms, d.Platform.String())
			}
		}
	}
	slices.Sort(platforms)
	platforms = slices.Compact(platforms)
	asked := v1.Platform{OS: "linux", Architecture: "amd64"}
	if w.Platform != nil {
		asked = *w.Platform
	}
	for _, same := range []func(v1.Platform) bool{exactly(asked), roughly(asked)} {
		for _, d := range images {
			if d.Platform != nil && same(*d.Platform) {
				return d, platforms, nil
			}
		}
	}
	switch {
	case len(images) == 0:
		return chosen, nil, fail(NotAnImage, "its index names no image")
	case len(images) == 1 && (w.Platform == nil || images[0].Platform == nil):
		return images[0], platforms, nil
	}
	names := "platforms that it does not name"
	if len(platforms) > 0 {
		names = short(strings.Join(platforms, ", "))
	}
	return chosen, nil, fail(NoPlatform, "it is not for %s but for %s", asked, names)
}

// fits tells what is wrong with an image that is for one platform only.
func (w wanted) fits(p *v1.Platform) error {
	if w.Platform == nil || p == nil || exactly(*w.Platform)(*p) || roughly(*w.Platform)(*p) {
		return nil
	}
	return fail(NoPlatform, "it is not for %s but for %s", w, short(p.String()))
}

// exactly is the test for one platform and no other.
func exactly(asked v1.Platform) func(v1.Platform) bool {
	return func(p v1.Platform) bool {
		return p.OS == asked.OS && p.Architecture == asked.Architecture && variant(p) == variant(asked) && p.OSVersion == asked.OSVersion
	}
}

// roughly is the test for platforms that run on the one asked for: any variant
// and release where none is named, and older variants of ARM.
func roughly(asked v1.Platform) func(v1.Platform) bool {
	return func(p v1.Platform) bool {
		return p.OS == asked.OS && p.Architecture == asked.Architecture &&
			(asked.Variant == "" || asked.Architecture == "arm" && variant(p) < variant(asked)) &&
			(asked.OSVersion == "" || strings.HasPrefix(p.OSVersion, asked.OSVersion))
	}
}

// variant is the variant of an architecture, the usual one where none is named.
func variant(p v1.Platform) string {
	usual := map[string]string{"arm": "v7", "arm64": "v8", "amd64": "v1"}
	if p.Variant == "" {
		return usual[p.Architecture]
	}
	return p.Variant
}
