package image

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// registries are where images are asked for. Tokens are kept for the run: the
// images of one repository need one.
type registries struct {
	puller *remote.Puller
	sleep  func(context.Context, time.Duration) error
}

// newRegistries asks a keychain for credentials. That may run a credential
// helper, as docker pull does: the user has asked for images.
func newRegistries(o Options) (*registries, error) {
	keychain := o.Keychain
	if keychain == nil {
		keychain = authn.DefaultKeychain
	}
	keychain = hasty{keychain}
	base := o.Transport
	if base == nil {
		base = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   maxOpen,
			IdleConnTimeout:       time.Minute,
			TLSHandshakeTimeout:   20 * time.Second,
			ResponseHeaderTimeout: time.Minute,
		}
	}
	patient := &patient{base: guarded{base, o.Insecure}, sleep: o.sleep, limit: o.Limits.Document}
	puller, err := remote.NewPuller(
		remote.WithAuthFromKeychain(keychain), remote.WithTransport(patient), remote.WithUserAgent("seaworthy"), remote.WithJobs(maxOpen),
		// Trying again is ours: the library does not look at Retry-After.
		remote.WithRetryPredicate(func(error) bool { return false }), remote.WithRetryStatusCodes(),
	)
	if err != nil {
		return nil, fmt.Errorf("prepare for registries: %w", err)
	}
	return &registries{puller, o.sleep}, nil
}

// guarded asks nobody without TLS but this machine and who the user named. The
// library would ask every host with a private address that way, and give it
// credentials, when there is no answer with TLS soon enough.
type guarded struct {
	http.RoundTripper
	insecure []string
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !loopback(r.URL.Hostname()) && !slices.Contains(g.insecure, r.URL.Host) {
		return nil, fmt.Errorf("%s is not asked without TLS unless --insecure-registry names it", r.URL.Host)
	}
	return g.RoundTripper.RoundTrip(r)
}

func loopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}

// hasty is a keychain that is not waited for when the context ends: a
// credential helper may ask somebody who is not there.
type hasty struct{ authn.Keychain }

// ResolveContext asks the keychain.
func (h hasty) ResolveContext(ctx context.Context, what authn.Resource) (authn.Authenticator, error) {
	type answer struct {
		authn.Authenticator
		error
	}
	answers := make(chan answer, 1)
	go func() {
		a, err := authn.Resolve(ctx, h.Keychain, what)
		answers <- answer{a, err}
	}()
	select {
	case a := <-answers:
		if a.error != nil {
			text := strings.TrimPrefix(a.Error(), "error getting credentials - err: ")
			return nil, &Failure{Reason: Denied, Text: "its credentials cannot be read: " + short(withoutSecrets(text)), Err: a.error}
		}
		return a.Authenticator, nil
	case <-ctx.Done():
		return nil, fail(TimedOut, "the credential helper does not answer")
	}
}

// maxOpen is how many connections to a registry are open at once.
const maxOpen = 8

// find asks a registry for what a reference names.
func (r *registries) find(ctx context.Context, ref name.Reference) (artifact, error) {
	var d *remote.Descriptor
	err := r.retry(ctx, func() (err error) {
		d, err = r.puller.Get(ctx, ref)
		return err
	})
	if err != nil {
		return artifact{}, hosted(ref, err)
	}
	return artifact{repository{r, ref.Context()}, Registry, d.Descriptor, d.Manifest}, nil
}

// maxReads is how often something is read that breaks on the way.
const maxReads = 3

// retry reads, and does so again from the beginning when what came was not all
// or not what its digest says.
func (r *registries) retry(ctx context.Context, read func() error) error {
	for try := 1; ; try++ {
		err := read()
		if err == nil || try == maxReads || failure(err).Reason != Broken {
			return err
		}
		if err := r.sleep(ctx, delay(try)); err != nil {
			return err
		}
	}
}

// hosted names the registry in a failure.
func hosted(ref name.Reference, err error) error {
	f := failure(err)
	host := ref.Context().RegistryStr()
	if host == name.DefaultRegistry {
		host = "docker.io"
	}
	return &Failure{Reason: f.Reason, Text: host + ": " + f.Text, Err: err}
}

// A repository is the store of one repository of a registry.
type repository struct {
	*registries
	name.Repository
}

func (r repository) manifest(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	got, err := r.puller.Get(ctx, r.Digest(d.Digest.String()))
	if err != nil {
		return nil, err
	}
	return io.NopCloser(strings.NewReader(string(got.Manifest))), nil
}

func (r repository) blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	l, err := r.puller.Layer(ctx, r.Digest(d.Digest.String()))
	if err != nil {
		return nil, err
	}
	blob, err := l.Compressed()
	if err != nil && !d.MediaType.IsDistributable() {
		return nil, fail(Unsupported, "it is not distributed with the image, and other places that the image names are not asked")
	}
	return blob, err
}

// parse reads a reference. Names in insecure may be asked without TLS, as those
// on the own machine may.
func parse(ref string, insecure []string) (name.Reference, error) {
	parsed, err := name.ParseReference(ref)
	if err == nil && slices.Contains(insecure, parsed.Context().RegistryStr()) {
		parsed, err = name.ParseReference(ref, name.Insecure)
	}
	if err != nil || !proper(parsed.Context().RepositoryStr()) {
		return nil, fail(BadReference, "%q is no reference to an image: HOST/NAME:TAG or HOST/NAME@sha256:DIGEST, the name in lower case", short(ref))
	}
	return parsed, nil
}

// proper tells whether a repository has a name in each of its parts, as
// runtimes want it and the library does not.
func proper(repository string) bool {
	for part := range strings.SplitSeq(repository, "/") {
		if part == "" || strings.Trim(part, "._-") != part {
			return false
		}
	}
	return true
}
