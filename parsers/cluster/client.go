package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// maxBody is how many bytes an answer may have. A list is asked for in smaller
// pages when its pages are larger.
const maxBody = 32 << 20

// maxTokens is how many values an answer may hold, which costs more than bytes.
const maxTokens = 6 << 20

// A client sends GET requests to one API server, and nothing else unless it is
// a [DryRunner]'s.
type client struct {
	http    *http.Client
	base    *url.URL
	limit   *rate.Limiter
	timeout time.Duration // of a request
	login   time.Duration // of the first, which may have a plugin ask a person
	wait    func(context.Context, time.Duration) error
	// reached is set by the first answer: what fails before is not tried for
	// long, for somebody waits.
	reached atomic.Bool
	// lost is set when the server went away for longer than is waited.
	lost atomic.Bool
}

// An answer is what came back.
type answer struct {
	body      []byte
	mediaType string
}

// once sends one request.
func (c *client) once(ctx context.Context, path string, query url.Values, accept string) (*answer, *failure) {
	if err := c.limit.Wait(ctx); err != nil {
		return nil, ofError(context.DeadlineExceeded)
	}
	timeout := c.timeout
	if !c.reached.Load() {
		timeout = c.login
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	u := c.base.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, ofError(err)
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "seaworthy")
	// A credential plugin does not know the context.
	type outcome struct {
		answer *answer
		f      *failure
	}
	done := make(chan outcome, 1)
	go func() {
		a, f := c.exchange(req)
		done <- outcome{a, f}
	}()
	select {
	case o := <-done:
		return o.answer, o.f
	case <-ctx.Done():
		return nil, ofError(ctx.Err())
	}
}

// exchange sends a request and reads what comes back.
func (c *client) exchange(req *http.Request) (*answer, *failure) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, ofError(err)
	}
	defer func() { _ = resp.Body.Close() }()
	c.reached.Store(true)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, ofError(err)
	case resp.StatusCode != http.StatusOK:
		return nil, ofAnswer(resp, body)
	case len(body) > maxBody:
		return nil, tooLarge("%d MiB", maxBody>>20)
	case bytes.Count(body, []byte(","))+bytes.Count(body, []byte("[")) > maxTokens:
		return nil, tooLarge("%d values", maxTokens)
	}
	return &answer{body: body, mediaType: resp.Header.Get("Content-Type")}, nil
}

func tooLarge(format string, most int) *failure {
	return &failure{reason: Cut, text: fmt.Sprintf("an answer has more than "+format, most), lasting: true, tooLarge: true}
}

// refuse is how redirects are met: the answer stays what it is.
func refuse(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// pause waits, unless the context ends before.
func pause(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return errors.New("there is no time to wait for it")
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
