package packages

import (
	"maps"
	"slices"
)

// Clone is a copy of the collector that further layers can be added to. Images
// that begin with the same layers begin with the same collector.
func (c *Collector) Clone() *Collector {
	d := *c
	d.files, d.removed, d.gaps = maps.Clone(c.files), maps.Clone(c.removed), slices.Clone(c.gaps)
	d.owned.names = maps.Clone(c.owned.names)
	return &d
}
