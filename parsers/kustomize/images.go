package kustomize

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// imageEntry is entry i of images. FixKustomization put imageTags behind it.
func (l *layer) imageEntry(i int) *graph.Node {
	images, _ := l.find("images")
	where := fmt.Sprintf("images.%d", i)
	if n := len(items(images)); i >= n {
		where = fmt.Sprintf("imageTags.%d", i-n)
	}
	n, _ := l.find(where)
	return n
}

// image claims images that read like what the entry makes of its image.
func image(entry *graph.Node, at []spec) claims {
	name := textOf(child(entry, "name"))
	newName, newTag := child(entry, "newName"), child(entry, "newTag")
	digest, suffix := child(entry, "digest"), child(entry, "tagSuffix")
	want := textOf(newName)
	if want == "" {
		want = name
	}
	places := imagePlace{name: handle(newName), tag: handle(newTag), digest: handle(digest)}
	if newTag == nil && digest == nil {
		places.tag = handle(suffix)
	}
	return func(s *site) source.Handle {
		key := s.key()
		if key != "image" && key != "reference" && !s.at(at, 0) || name == "" {
			return nil
		}
		n, tag, hash := splitImage(s.text)
		if n != want || newTag != nil && tag != textOf(newTag) || digest != nil && hash != textOf(digest) ||
			!strings.HasSuffix(tag, textOf(suffix)) {
			return nil
		}
		if !s.at(at, 0) && !s.inContainers() {
			return nil
		}
		p := places
		p.text, p.split = s.text, len(n)
		if s.base.Kind() == graph.String {
			before, _, _ := splitImage(s.base.Text())
			if s.base.Text() == s.text && !anchored(name)(before) {
				return nil // nothing was done to it
			}
			if n == before {
				p.kept = s.base.Handle()
			}
		}
		if p.first() == nil {
			return nil
		}
		return &p
	}
}

// inContainers tells whether the site is the image of a container. Kustomize
// looks for them everywhere but in definitions.
func (s *site) inContainers() bool {
	n := len(s.path)
	return n >= 3 && s.key() == "image" && s.path[n-2] == "*" && s.obj.gvk.Kind != definition &&
		(s.path[n-3] == "containers" || s.path[n-3] == "initContainers")
}

// splitImage splits a reference into name, tag and digest.
func splitImage(ref string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return name, tag, digest
}

// imagePlace is the place of an image that an entry of images wrote: its parts
// stand in different places.
type imagePlace struct {
	name, tag, digest source.Handle
	kept              source.Handle // of the image in the document, when its name was kept
	text              string
	split             int // where the name ends
}

func (p *imagePlace) first() source.Handle {
	for _, h := range [...]source.Handle{p.tag, p.digest, p.name} {
		if h != nil {
			return h
		}
	}
	return nil
}

// Origin is the tag's: of an image, that is what changes. It is not the whole
// image that is written there.
func (p *imagePlace) Origin() *source.Origin { return capped(p.first().Origin()) }

// Part is the place of the part that the bytes are in.
func (p *imagePlace) Part(start, end int) *source.Origin {
	at := strings.IndexByte(p.text, '@')
	if at < 0 {
		at = len(p.text)
	}
	switch {
	case start < 0 || end < start || end > len(p.text):
	case end <= p.split && p.name != nil:
		return p.name.Part(start, end)
	case end <= p.split && p.kept != nil:
		return p.kept.Part(start, end)
	case start > p.split && end <= at && p.tag != nil:
		return p.tag.Part(start-p.split-1, end-p.split-1)
	case start > at && p.digest != nil:
		return p.digest.Part(start-at-1, end-at-1)
	}
	return p.Origin()
}
