package image

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// Recorded is the follower of what was recorded of images: each file below
// @images is the [Document] of one. One that nothing runs is there as if
// somebody had asked for it by name. It is nil where there is no such file.
// Tests of rules look at images that way.
func Recorded(sections fs.FS) parsers.Follower {
	images, err := fs.Sub(sections, "@images")
	if err == nil {
		_, err = fs.Stat(images, ".")
	}
	if err != nil {
		return nil
	}
	return recorded{images}
}

type recorded struct{ fs.FS }

func (recorded) Name() string { return Follower{}.Name() }

// Follow is that of a [Follower]. A file that is no document is an error.
func (r recorded) Follow(ctx context.Context, tree *source.Tree, parts []*graph.Builder, b *graph.Builder) error {
	images, err := r.read()
	if err != nil {
		return err
	}
	if err := (Follower{Images: images}).Follow(ctx, tree, parts, b); err != nil {
		return err
	}
	for _, r := range b.Resources {
		key, err := Key(r.ID)
		if err != nil {
			return err
		}
		delete(images, key)
	}
	for _, key := range slices.Sorted(maps.Keys(images)) {
		if err := images[key].add(b); err != nil {
			return err
		}
	}
	return nil
}

// documents are images by what their references come down to.
type documents map[string]*Document

func (r recorded) read() (documents, error) {
	all := documents{}
	err := fs.WalkDir(r.FS, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(r.FS, name)
		if err != nil {
			return err
		}
		d, err := ReadDocument(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		key, err := Key(d.Reference)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all[key] = d
		return nil
	})
	return all, err
}

// Open is the document of a reference.
func (d documents) Open(_ context.Context, ref string) (*Document, error) {
	key, err := Key(ref)
	if err != nil {
		return nil, err
	}
	found, ok := d[key]
	if !ok {
		return nil, fail(NotFound, "it was not recorded")
	}
	return found, nil
}
