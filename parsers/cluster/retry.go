package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/klog/v2"

	"github.com/seaworthy-iac/seaworthy/internal/wait"
)

// How often a request is sent.
const (
	triesAnswered = 5 // the server answers, and cannot
	triesUnheard  = 8 // it does not answer: it restarts
	triesFirst    = 2 // it has never answered
	triesTimeout  = 2
	triesDenied   = 2 // a credential plugin or a token file has a new token the second time
)

// The longest pause between two tries.
const (
	maxBackoff    = 5 * time.Second
	maxRetryAfter = 30 * time.Second
)

// ask sends a request until it is answered, or there is no use.
func ask[T any](ctx context.Context, c *client, request func(context.Context) (T, error)) (T, *failure) {
	ctx = klog.NewContext(ctx, klog.Logger{}) // client-go tells of broken answers there
	for try := 1; ; try++ {
		answer, err := once(ctx, c, request)
		if err == nil {
			return answer, nil
		}
		f := ofError(err)
		if f.lasting || ctx.Err() != nil || try >= c.tries(f) {
			if f.reason == Unavailable && !f.lasting && f.code() == 0 {
				c.lost.Store(true)
			}
			return answer, f
		}
		if f.after() > maxRetryAfter {
			f.text = fmt.Sprintf("the server asks to come back in %v: %s", f.after(), f.text)
			return answer, f
		}
		if err := c.wait(ctx, backoff(f, try)); err != nil {
			return answer, f
		}
	}
}

// once sends a request, and waits for its answer no longer than it may take:
// a credential plugin does not know the context.
func once[T any](ctx context.Context, c *client, request func(context.Context) (T, error)) (T, error) {
	timeout := c.timeout
	if !c.reached.Load() {
		timeout = c.login
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type outcome struct {
		answer T
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		answer, err := request(ctx)
		done <- outcome{answer, err}
	}()
	select {
	case o := <-done:
		return o.answer, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// tries is how often a request that failed like this is sent in all.
func (c *client) tries(f *failure) int {
	switch {
	case apierrors.IsUnauthorized(f):
		return triesDenied
	case f.code() != 0:
		return triesAnswered
	case f.reason == Timeout:
		return triesTimeout
	case !c.reached.Load(), c.lost.Load():
		return triesFirst
	}
	return triesUnheard
}

// backoff is how long to wait after a try: as long as the server says, else
// twice as long each time.
func backoff(f *failure, try int) time.Duration {
	switch {
	case apierrors.IsUnauthorized(f):
		return 0
	case f.after() > 0:
		return f.after()
	}
	return min(200*time.Millisecond<<(try-1), maxBackoff)
}

// pause waits, unless the context ends before.
func pause(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return errors.New("there is no time to wait for it")
	}
	return wait.For(ctx, d)
}
