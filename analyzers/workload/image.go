package workload

import "strings"

// An Image is a reference to a container image, taken apart. Start and End of
// the tag are bytes of the text it was read from.
type Image struct {
	Registry, Path, Tag, Digest string
	TagStart, TagEnd            int
}

// ParseImage takes an image reference apart: [registry/]path[:tag][@digest].
// The first part is a registry when it has a dot or a port, or is localhost;
// otherwise Registry is empty and the image comes from the node's default.
func ParseImage(text string) Image {
	var i Image
	rest, digest, _ := strings.Cut(text, "@")
	i.Digest = digest
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, '/') {
		i.Tag, i.TagStart, i.TagEnd = rest[colon+1:], colon+1, len(rest)
		rest = rest[:colon]
	}
	first, path, more := strings.Cut(rest, "/")
	if more && (strings.ContainsAny(first, ".:") || first == "localhost") {
		i.Registry, i.Path = first, path
		return i
	}
	i.Path = rest
	return i
}

// Pinned tells whether the reference has a digest that can be one: of the
// length that its algorithm makes, where that is known.
func (i Image) Pinned() bool {
	algorithm, sum, _ := strings.Cut(i.Digest, ":")
	length, known := map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}[algorithm]
	return sum != "" && (!known || len(sum) == length)
}

// Floats tells whether the reference means another image tomorrow: no digest
// and the tag latest, which is also what no tag means.
func (i Image) Floats() bool { return i.Digest == "" && (i.Tag == "" || i.Tag == "latest") }

// Templated tells whether text waits for another tool to fill it in, such as
// envsubst or a pipeline: what stands there is not what will run.
func Templated(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "$(") || strings.Contains(text, "{{") ||
		strings.HasPrefix(text, "$")
}
