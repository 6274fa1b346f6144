package image

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// chains has the views of the layers that images begin with.
type chains struct {
	mu    sync.Mutex
	links map[string]*link
}

// A link is a view of some layers, once one has made it.
type link struct {
	mu   sync.Mutex
	view *view
	used int64 // bytes that the layers unpack to
}

// view is the view of some layers. Whoever needs it first makes it; where that
// fails the next one tries again.
func (c *chains) view(ctx context.Context, layers []layer, limits Limits) (*view, error) {
	l, err := c.link(ctx, layers, limits)
	if err != nil {
		return nil, err
	}
	return l.view, nil
}

func (c *chains) link(ctx context.Context, layers []layer, limits Limits) (*link, error) {
	l := c.named(layers)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.view != nil {
		return l, nil
	}
	if len(layers) == 0 {
		l.view = newView(limits)
		return l, nil
	}
	n := len(layers) - 1
	below, err := c.link(ctx, layers[:n], limits)
	if err != nil {
		return nil, err
	}
	var v *view
	var unpacked int64
	err = layers[n].retry(ctx, func() (err error) {
		v = below.view.clone()
		unpacked, err = layers[n].scan(ctx, v, n, below.used)
		return err
	})
	if err != nil {
		return nil, about(fmt.Sprintf("layer %d", n), err)
	}
	l.view, l.used = v, below.used+unpacked
	return l, nil
}

func (c *chains) named(layers []layer) *link {
	var names strings.Builder
	for _, l := range layers {
		names.WriteString(l.Digest.String() + l.diffID.String())
	}
	key := names.String()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.links == nil {
		c.links = map[string]*link{}
	}
	if c.links[key] == nil {
		c.links[key] = &link{}
	}
	return c.links[key]
}
