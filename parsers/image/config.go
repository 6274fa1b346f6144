package image

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// describe adds to a document what the manifest and the configuration say, and
// returns the configuration.
func (d *Document) describe(o *opened, today time.Time) (*v1.ConfigFile, error) {
	d.Source, d.Digest, d.Index, d.Platforms, d.MediaType = o.source, o.digest, o.index, o.platforms, string(o.mediaType)
	c := new(v1.ConfigFile)
	if err := json.Unmarshal(o.config, c); err != nil {
		return nil, fail(Malformed, "its configuration cannot be read: %s", short(err.Error()))
	}
	if len(c.RootFS.DiffIDs) != len(o.layers) {
		return nil, fail(Malformed, "its manifest has %d layers and its configuration %d", len(o.layers), len(c.RootFS.DiffIDs))
	}
	for i, l := range o.layers {
		o.layers[i].diffID = c.RootFS.DiffIDs[i]
		digest := l.Digest
		if digest == (v1.Hash{}) {
			digest = o.layers[i].diffID
		}
		d.Layers = append(d.Layers, Layer{Digest: digest.String(), Size: l.Size, MediaType: string(l.MediaType)})
		d.Size += l.Size
	}
	if p := c.Platform(); p != nil {
		d.Platform = p.String()
	}
	if len(d.Platforms) == 0 && d.Platform != "" {
		d.Platforms = []string{d.Platform}
	}
	d.Read = today.Format(time.DateOnly)
	if d.Created = moment(c.Created.Time); d.Created != "" {
		days := int(today.Sub(c.Created.Time) / (24 * time.Hour))
		d.AgeDays = &days
	}
	for _, h := range c.History {
		d.History = append(d.History, Build{CreatedBy: h.CreatedBy, Created: moment(h.Created.Time), Empty: h.EmptyLayer})
	}
	d.Config = configOf(c.Config)
	return c, nil
}

func configOf(c v1.Config) Config {
	r := Config{
		User: c.User, Entrypoint: c.Entrypoint, Cmd: c.Cmd, Labels: c.Labels, WorkingDir: c.WorkingDir, StopSignal: c.StopSignal,
		ExposedPorts: slices.Sorted(maps.Keys(c.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(c.Volumes)),
	}
	r.UserID, r.UserKnown = passwd{}.userID(c.User)
	if c.Healthcheck != nil {
		r.Healthcheck = c.Healthcheck.Test
	}
	for _, pair := range c.Env {
		name, value, _ := strings.Cut(pair, "=")
		if r.Env == nil {
			r.Env = map[string]string{}
		}
		r.Env[name] = value
	}
	return r
}

// moment is a time as text, "" for one that builds are stamped with to be
// reproducible: the zero time, and the years that tar and zip begin with.
func moment(t time.Time) string {
	if t.Year() <= 1980 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
