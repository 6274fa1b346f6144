package image

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How often and how long a registry is asked again.
const (
	maxTries = 4
	maxWait  = 30 * time.Second // for a single time
)

// A patient transport asks again after a while when a registry is busy or the
// network breaks. A registry that says how long to wait is believed, up to
// maxWait: who should wait longer is told at once. What breaks later, while an
// answer is read, is [Broken]: whoever reads knows how to begin anew.
type patient struct {
	base  http.RoundTripper
	sleep func(context.Context, time.Duration) error
	limit int64 // of bytes of what is no blob
}

func (p *patient) RoundTrip(r *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		resp, err := p.base.RoundTrip(r)
		wait, again := pause(try, resp, err)
		if !again || try == maxTries || wait > maxWait || r.Body != nil && r.GetBody == nil {
			return p.watched(r, resp), err
		}
		if resp != nil {
			io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) //nolint:errcheck // only to use the connection again
			resp.Body.Close()                                      //nolint:errcheck // it was only read
		}
		if err := p.sleep(r.Context(), wait); err != nil {
			return nil, err
		}
		if r.GetBody != nil {
			r = r.Clone(r.Context())
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// watched is a response whose body ends at the limit, unless it is a blob, and
// that says so when it breaks. Blobs often lie where a registry redirects to.
func (p *patient) watched(r *http.Request, resp *http.Response) *http.Response {
	if resp != nil && resp.StatusCode == http.StatusOK {
		left := p.limit
		if strings.Contains(r.URL.Path, "/blobs/") || r.Response != nil {
			left = math.MaxInt64
		}
		resp.Body = &watched{resp.Body, r.Context(), left}
	}
	return resp
}

// A watched body fails where a plain limit would cut in silence.
type watched struct {
	io.ReadCloser
	ctx  context.Context
	left int64
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if w.left -= int64(n); w.left < 0 {
		return n, fail(TooLarge, "the answer of the registry is too large")
	}
	if err != nil && !errors.Is(err, io.EOF) && w.ctx.Err() == nil {
		err = &Failure{Reason: Broken, Text: failure(err).Text, Err: err}
	}
	return n, err
}

// delay is how long to wait after a number of tries.
func delay(tries int) time.Duration { return time.Second << (tries - 1) }

// pause tells whether and when to try again.
func pause(try int, resp *http.Response, err error) (wait time.Duration, again bool) {
	wait = delay(try)
	if err != nil {
		return wait, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if after, said := retryAfter(resp); said {
			return after, true
		}
		return wait, true
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return wait, true
	}
	return 0, false
}

// retryAfter reads the header of that name: seconds, or a date, which is
// measured against the server's own clock.
func retryAfter(resp *http.Response) (wait time.Duration, said bool) {
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 1<<30)) * time.Second, true
	}
	at, err := http.ParseTime(text)
	now, noClock := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || noClock != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}
