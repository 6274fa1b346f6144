package image

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// Asked is the follower of images that somebody asked for by name: references,
// or paths of layouts and archives on disk. One that cannot be read makes the
// analysis incomplete, for nothing else was asked.
type Asked struct {
	Reader *Reader
	Names  []string
	// Progress is told how many names are done of how many; may be nil.
	Progress func(done, of int)
}

// Name is "image".
func (Asked) Name() string { return Follower{}.Name() }

// Follow adds the images.
func (a Asked) Follow(ctx context.Context, _ *source.Tree, _ []*graph.Builder, b *graph.Builder) error {
	b.Root = "image:"
	a.Reader.unread(b)
	for i, name := range a.Names {
		docs, err := a.Reader.openAny(ctx, name)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err != nil {
			b.Fail(nowhere("image:"+name), "cannot read image %q: %s", name, err)
		}
		for _, d := range docs {
			if err := d.add(b); err != nil {
				return err
			}
		}
		if a.Progress != nil {
			a.Progress(i+1, len(a.Names))
		}
	}
	return nil
}

// nowhere is the place of something of which no text is known, by its name.
func nowhere(name string) *source.Origin { return parsers.Whole(source.NewRemote(name, nil)) }

// openAny reads what a name means: what lies at a path, else a reference.
func (r *Reader) openAny(ctx context.Context, name string) ([]*Document, error) {
	if _, err := os.Stat(name); err == nil || isPath(name) {
		return r.OpenPath(ctx, name)
	}
	d, err := r.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return []*Document{d}, nil
}

// isPath tells whether a name can only be meant as a path, so that no registry
// is asked for one with a slip in it.
func isPath(name string) bool {
	return strings.HasPrefix(name, ".") || filepath.IsAbs(name) ||
		slices.ContainsFunc([]string{"/", ".tar", ".tgz", ".tar.gz", ".tar.zst"}, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

// add adds an image that nothing runs.
func (d *Document) add(b *graph.Builder) error {
	r, err := d.resource(d.Reference)
	if err != nil {
		return err
	}
	for _, notice := range d.notices() {
		b.Warn(r.Place, "%s", notice)
	}
	b.Add(r)
	return nil
}
