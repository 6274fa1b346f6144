package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
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

// get sends a request until it is answered, or there is no use.
func (c *client) get(ctx context.Context, path string, query url.Values, accept string) (*answer, *failure) {
	for try := 1; ; try++ {
		a, f := c.once(ctx, path, query, accept)
		if f == nil {
			return a, nil
		}
		if f.lasting || ctx.Err() != nil || try >= c.tries(f) {
			if f.code == 0 && f.reason == Unavailable && !f.lasting {
				c.lost.Store(true)
			}
			return nil, f
		}
		if f.after > maxRetryAfter {
			f.text = fmt.Sprintf("the server asks to come back in %v: %s", f.after, f.text)
			return nil, f
		}
		if err := c.wait(ctx, backoff(f, try)); err != nil {
			return nil, f
		}
	}
}

// tries is how often a request that failed like this is sent in all.
func (c *client) tries(f *failure) int {
	switch {
	case f.code == http.StatusUnauthorized:
		return triesDenied
	case f.code != 0:
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
	case f.code == http.StatusUnauthorized:
		return 0
	case f.after > 0:
		return f.after
	}
	return min(200*time.Millisecond<<(try-1), maxBackoff)
}

// asError says why there is nothing to tell of a cluster, and what helps.
func (c *client) asError(doing string, f *failure) error {
	at := c.base.Redacted()
	switch {
	case f.code == http.StatusUnauthorized:
		return fmt.Errorf("%s: %s does not know the user (401 %s): the credentials are wrong or have expired; log in again, as with kubectl, or name another --context", doing, at, f.text)
	case f.code == http.StatusForbidden && strings.Contains(f.text, `"system:anonymous"`):
		return fmt.Errorf("%s: %s was told no user (403 %s): the kubeconfig has no credentials for it", doing, at, f.text)
	case f.code == http.StatusForbidden:
		return fmt.Errorf("%s: %s refuses (403 %s): bind the user to the ClusterRole system:discovery or to the one of docs/cluster.md", doing, at, f.text)
	case f.code != 0:
		return fmt.Errorf("%s: %s answers %d: %s", doing, at, f.code, f.text)
	case errors.Is(f.cause, context.Canceled):
		return f.cause
	case f.noLogin:
		return fmt.Errorf("%s: %w", doing, f)
	case f.reason == Broken:
		return fmt.Errorf("%s: %s is no API server of Kubernetes: %s", doing, at, f.text)
	}
	return fmt.Errorf("%s: %s cannot be reached: %w", doing, at, f)
}
