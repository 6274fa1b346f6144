package image

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/seaworthy-iac/seaworthy/internal/wait"
	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// Options say where images come from and what is read of them.
type Options struct {
	// Platform is the one to read of images for several; nil is linux/amd64, or
	// the only one there is.
	Platform *v1.Platform
	// Dir is a directory of layouts and archives that all images are looked for
	// in; the network is not touched then.
	Dir string
	// Keychain has the credentials for registries; nil is docker's.
	Keychain authn.Keychain
	// Insecure are registries that may be asked without TLS, as host[:port].
	Insecure []string
	// Transport talks to registries; nil is one of its own.
	Transport http.RoundTripper
	Limits    Limits
	// Today is the day that ages are told for.
	Today time.Time
	// Keys are those that signatures are held against; without any, signatures
	// are not looked for.
	Keys []sign.Key
	// Reported is what the user says is known of signatures already.
	Reported []sign.Finding
	// Judge, when not nil, adds to a document what follows from what is in it:
	// flaws of packages, signatures. It is called from several goroutines.
	Judge func(context.Context, *Document)
	// Warnings are what cannot be told of any image, and why.
	Warnings []string

	sleep func(context.Context, time.Duration) error // between two tries
}

// A Reader reads the images of one run: each of them once, and each layer that
// several begin with once. It is safe for concurrent use.
type Reader struct {
	options    Options
	registries *registries // nil when there is a directory
	dir        *directory  // nil without one
	layers     chains

	mu        sync.Mutex
	documents map[string]func() (*Document, error)
}

// NewReader is a reader. The error is about the directory, or docker's
// configuration.
func NewReader(ctx context.Context, o Options) (*Reader, error) {
	o.Limits = o.Limits.filled()
	if o.sleep == nil {
		o.sleep = wait.For
	}
	r := &Reader{options: o, documents: map[string]func() (*Document, error){}}
	var err error
	if o.Dir != "" {
		r.dir, err = openDirectory(ctx, o.Dir, o.Limits)
	} else {
		r.registries, err = newRegistries(o)
	}
	return r, err
}

// Key is what a reference comes down to: two that have the same key are the
// same image.
func Key(ref string) (string, error) {
	parsed, err := parse(ref, nil)
	if err != nil {
		return "", err
	}
	return parsed.Name(), nil
}

// Open reads the image that a reference names: from its registry, or from the
// directory of images. The error is a [Failure].
func (r *Reader) Open(ctx context.Context, ref string) (*Document, error) {
	parsed, err := parse(ref, r.options.Insecure)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	read, ok := r.documents[parsed.Name()]
	if !ok {
		read = sync.OnceValues(func() (*Document, error) { return r.find(ctx, ref, parsed) })
		r.documents[parsed.Name()] = read
	}
	r.mu.Unlock()
	return read()
}

// find looks for an image where it may be.
func (r *Reader) find(ctx context.Context, ref string, parsed name.Reference) (*Document, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.Limits.Timeout)
	defer cancel()
	d := newDocument(ref)
	d.identify(parsed)
	if d.Repository == "library/scratch" && d.Registry == name.DefaultRegistry {
		return nil, fail(NotAnImage, "scratch is the name for no image at all")
	}
	open := func(ctx context.Context, p wanted) (*opened, error) {
		a, err := r.registries.find(ctx, parsed)
		if err != nil {
			return nil, err
		}
		return a.open(ctx, p, r.options.Limits)
	}
	if r.dir != nil {
		s, err := r.dir.find(parsed)
		if err != nil {
			return nil, err
		}
		open = s.open
	}
	return r.read(ctx, d, open)
}

// OpenPath reads all images of a layout or an archive on disk. They are told
// apart by the names that they have there, else by the path. The error is about
// those that could not be read.
func (r *Reader) OpenPath(ctx context.Context, path string) ([]*Document, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.Limits.Timeout)
	defer cancel()
	list := openAnyArchive
	if info, err := os.Stat(path); err != nil {
		return nil, missing(path, err)
	} else if info.IsDir() {
		list = openLayout
		if !isLayout(path) {
			return nil, fail(NotAnImage, "it is a directory and no OCI layout: it has no index.json")
		}
	}
	images, err := list(ctx, path, r.options.Limits)
	if err != nil {
		return nil, failure(err)
	}
	if len(images) == 0 {
		return nil, fail(NotAnImage, "it holds no image")
	}
	var all []*Document
	var unread []error
	for i, s := range images {
		d := newDocument(path)
		switch {
		case len(s.names) > 0:
			d.named(s.names[0])
		case len(images) > 1:
			d.Reference = fmt.Sprintf("%s#%d", path, i+1)
		}
		name := d.Reference
		if d, err = r.read(ctx, d, s.open); err != nil {
			unread = append(unread, about(name, err))
			continue
		}
		all = append(all, d)
	}
	return all, together(unread)
}

// named takes a name that an image is stored with. It may be a tag alone.
func (d *Document) named(stored string) {
	if !strings.ContainsAny(stored, ":/@") {
		d.Tag = stored
		return
	}
	parsed, err := parse(stored, nil)
	if err != nil {
		return
	}
	d.Reference = stored
	d.identify(parsed)
}

// identify takes a reference apart.
func (d *Document) identify(ref name.Reference) {
	d.Registry, d.Repository = ref.Context().RegistryStr(), ref.Context().RepositoryStr()
	tag, tagged := ref.(name.Tag)
	if before, _, pinned := strings.Cut(d.Reference, "@"); pinned && strings.LastIndexByte(before, ':') > strings.LastIndexByte(before, '/') {
		both, err := name.NewTag(before)
		tag, tagged = both, err == nil
	}
	if tagged {
		d.Tag = tag.TagStr()
	}
}

// read reads an image. What fails once its configuration is known is a gap.
func (r *Reader) read(ctx context.Context, d *Document, open func(context.Context, wanted) (*opened, error)) (*Document, error) {
	p := wanted{r.options.Platform}
	o, err := open(ctx, p)
	if err != nil {
		return nil, failure(err)
	}
	c, err := d.describe(o, r.options.Today)
	if err != nil {
		return nil, err
	}
	if err := p.fits(c.Platform()); err != nil {
		return nil, err
	}
	v, err := r.layers.view(ctx, o.layers, r.options.Limits)
	if err != nil {
		d.Gap("%s; nothing is known of its files and packages", failure(err).Text)
	} else {
		d.fill(v)
	}
	r.sign(ctx, o, d)
	if r.options.Judge != nil {
		r.options.Judge(ctx, d)
	}
	return d, nil
}

// fill adds what lies in the image.
func (d *Document) fill(v *view) {
	result := v.packages.Result()
	d.OS, d.Packages, d.Files = result.OS, result.Packages, v.sorted()
	d.Config.UserID, d.Config.UserKnown = v.passwd.userID(d.Config.User)
	for _, gap := range v.gaps {
		d.Gap("%s", gap)
	}
	d.Unchecked = result.Gaps
}
