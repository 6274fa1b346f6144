package image

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// Type is the type of the resource that stands for an image.
const Type = "image"

// An Opener reads the image that a reference names; see [Reader].
type Opener interface {
	Open(ctx context.Context, ref string) (*Document, error)
}

// A Follower adds to the graph the images that are run in it: a resource for
// each, and an edge from whatever runs it. References to one image that are
// written differently are one; its ID is the first of them. An image that
// cannot be read is a Problem at the first value that names it.
type Follower struct {
	Images Opener
	// Progress is told how many images are read of how many, in no order and
	// from several goroutines; may be nil.
	Progress func(done, of int)
}

// Name is "image".
func (Follower) Name() string { return "image" }

// atOnce is how many images are read at the same time.
const atOnce = 4

// A use is a value that names an image.
type use struct {
	by  *graph.Resource
	via graph.Value
}

// run is an image that is run.
type run struct {
	ref  string
	uses []use
	doc  *Document
	err  error
}

// Follow adds the images that the resources of parts run.
func (f Follower) Follow(ctx context.Context, _ *source.Tree, parts []*graph.Builder, b *graph.Builder) error {
	b.Root = "image:"
	if r, ok := f.Images.(*Reader); ok {
		r.unread(b)
	}
	runs := collect(parts, b)
	f.open(ctx, runs)
	now := running(parts, runs, b)
	f.open(ctx, now)
	if err := ctx.Err(); err != nil {
		return err
	}
	runs = append(runs, now...)
	unread(runs, b)
	for _, r := range runs {
		if r.err != nil {
			continue
		}
		if err := r.add(b); err != nil {
			return err
		}
	}
	return nil
}

// open reads images, some at a time.
func (f Follower) open(ctx context.Context, runs []*run) {
	var group errgroup.Group
	group.SetLimit(atOnce)
	var done atomic.Int64
	for _, r := range runs {
		group.Go(func() error {
			if r.err == nil {
				r.doc, r.err = f.Images.Open(ctx, r.ref)
			}
			if f.Progress != nil {
				f.Progress(int(done.Add(1)), len(runs))
			}
			return nil
		})
	}
	group.Wait() //nolint:errcheck // none returns one
}

// collect finds what is run, in the order of the graph. What is not known
// before it is deployed is left out, and said.
func collect(parts []*graph.Builder, b *graph.Builder) []*run {
	var runs []*run
	byKey := map[string]*run{}
	for _, part := range parts {
		for _, r := range part.Resources {
			for v := range uses(r) {
				ref, known := v.Text("")
				if !known || filledIn(ref) {
					b.Skip(placeName(v), fmt.Sprintf("the image of %s is not known before it is deployed, and is not read", r.ID))
					continue
				}
				if ref = strings.TrimSpace(ref); ref == "" {
					continue // nothing is run
				}
				key, err := Key(ref)
				if err != nil {
					key = ref
				}
				if byKey[key] == nil {
					byKey[key] = &run{ref: ref, err: err}
					runs = append(runs, byKey[key])
				}
				byKey[key].uses = append(byKey[key].uses, use{r, v})
			}
		}
	}
	return runs
}

// placeName is the file that a value is written in.
func placeName(v graph.Value) string {
	if o := v.Origin(); o != nil && o.Span.File != nil {
		return o.Span.File.Path
	}
	return "."
}

// unread tells of the images that could not be read. What a registry does to
// all of its images is told once, and where no registry could be read at all
// what was asked for is not there.
func unread(runs []*run, b *graph.Builder) {
	tell, shared := b.Fail, map[string][]*run{}
	for _, r := range runs {
		if r.err != nil && failure(r.err).ofRegistry() {
			shared[r.err.Error()] = append(shared[r.err.Error()], r)
		} else {
			tell = b.Warn
		}
	}
	for _, r := range runs {
		if r.err == nil {
			continue
		}
		switch alike := shared[r.err.Error()]; {
		case len(alike) < 2:
			tell(r.at(), "cannot read image %q: %s%s", r.ref, r.err, r.more())
		case alike[0] == r:
			tell(r.at(), "cannot read %d images: %s; the first is %q", len(alike), r.err, r.ref)
			fallthrough
		default:
			b.Skip(placeName(r.uses[0].via), fmt.Sprintf("the image %q cannot be read%s", r.ref, r.more()))
		}
	}
}

// at is where to change what the image is named first.
func (r *run) at() *source.Origin { return r.uses[0].via.Place().Cure() }

// more says how often the image is named elsewhere.
func (r *run) more() string {
	if n := len(r.uses) - 1; n > 0 {
		return fmt.Sprintf(" (and %d more)", n)
	}
	return ""
}

// add adds an image that was read, and what became of it, to a builder.
func (r *run) add(b *graph.Builder) error {
	for _, notice := range r.doc.notices() {
		b.Warn(r.at(), "image %q: %s%s", r.ref, notice, r.more())
	}
	resource, err := r.doc.resource(r.ref)
	if err != nil {
		return err
	}
	b.Add(resource)
	for _, u := range r.uses {
		b.Link(graph.Runs, u.by, resource, u.via)
	}
	return nil
}

// resource is the node that stands for an image, known by its text.
func (d *Document) resource(id string) (*graph.Resource, error) {
	text, err := d.Text()
	if err != nil {
		return nil, err
	}
	file := source.NewRemote("image:"+id, text)
	place := func(start, end int) *source.Origin {
		return &source.Origin{Span: source.Span{File: file, Start: start, End: end}, Step: source.Image, Exact: source.AtToken}
	}
	docs := yamltext.Parse(file, func(start, end int) source.Handle { return place(start, end) })
	if len(docs) != 1 || docs[0].Problem != nil {
		return nil, fmt.Errorf("what is known of image %s is no YAML document", id)
	}
	first := file.LineSpan(1)
	return graph.NewResource(id, Type, id, docs[0].Root, place(first.Start, first.End)), nil
}
