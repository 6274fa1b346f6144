package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxBody is how many bytes an answer may have. A list is asked for in smaller
// pages when its pages are larger.
const maxBody = 32 << 20

// maxValues is how many values an answer may hold, which cost more than bytes.
const maxValues = 6 << 20

// A guard stands between client-go and the connection. It lets nothing out but
// questions, and nothing in that could not be held.
type guard struct {
	next    http.RoundTripper
	dryRuns bool         // are let out as well
	reached *atomic.Bool // is set by an answer
}

// RoundTrip sends a request and returns an answer that is read within bounds.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if !g.asks(r) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, broken("%s is not sent, for it may change something", r.Method)
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, ofConnection(err)
	}
	g.reached.Store(true)
	if f := unfit(resp); f != nil {
		_ = resp.Body.Close()
		return nil, f
	}
	size, _ := r.Context().Value(sizeKey{}).(*atomic.Int64)
	resp.Body = &bounded{ReadCloser: resp.Body, size: size}
	return resp, nil
}

// asks tells whether a request changes nothing.
func (g *guard) asks(r *http.Request) bool {
	return r.Method == http.MethodGet ||
		g.dryRuns && r.Method == http.MethodPatch && r.URL.Query().Get("dryRun") == metav1.DryRunAll
}

// unfit is why an answer is not read.
func unfit(resp *http.Response) *failure {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch class := resp.StatusCode / 100; {
	case class == 3:
		return &failure{
			reason: Unavailable, lasting: true,
			text: fmt.Sprintf("the server sends elsewhere (%s), and redirects are not followed", resp.Status),
		}
	case class == 2 && mediaType != asJSON:
		return broken("the answer is no JSON but %q", clean(mediaType))
	}
	return nil
}

// sizeKey is where a context has the count of the bytes of answers.
type sizeKey struct{}

// sized makes a context whose answers' bytes are added up.
func sized(ctx context.Context) (context.Context, *atomic.Int64) {
	size := new(atomic.Int64)
	return context.WithValue(ctx, sizeKey{}, size), size
}

// bounded is the body of an answer, which ends in a failure when it is too
// large.
type bounded struct {
	io.ReadCloser
	size          *atomic.Int64 // of several; may be nil
	bytes, values int
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes += n
	b.values += bytes.Count(p[:n], []byte(",")) + bytes.Count(p[:n], []byte("["))
	if b.size != nil {
		b.size.Add(int64(n))
	}
	switch {
	case b.bytes > maxBody:
		return n, tooLarge("%d MiB", maxBody>>20)
	case b.values > maxValues:
		return n, tooLarge("%d values", maxValues)
	case err != nil && !errors.Is(err, io.EOF):
		return n, ofConnection(err)
	}
	return n, err
}
