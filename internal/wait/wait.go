// Package wait waits as the readers of servers do between two tries.
package wait

import (
	"context"
	"time"
)

// For waits for d, and gives back the context's error when that ends before.
func For(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
