package image

import (
	"cmp"
	"time"
)

// Limits bound what is read of one image. A zero stands for the default.
type Limits struct {
	// Bytes is how much all layers may have when they are unpacked.
	Bytes int64
	// Ratio is how many times its stored size a layer may have unpacked, once
	// it has more than RatioFrom bytes. A file of zeros alone makes it 1000.
	Ratio, RatioFrom int64
	// Entries is how many files, directories and links a layer may have.
	Entries int
	// Layers is how many layers an image may have; no runtime takes more than
	// 127.
	Layers int
	// Name is how long the name of a file may be, in bytes.
	Name int
	// Files is how many files of interest are kept.
	Files int
	// Document is how large a manifest, an index or a configuration may be, in
	// bytes.
	Document int64
	// Timeout is how long all of it may take.
	Timeout time.Duration
}

// DefaultLimits are more than real images need.
var DefaultLimits = Limits{
	Bytes: 32 << 30, Ratio: 200, RatioFrom: 1 << 30, Entries: 2_000_000, Layers: 1000, Name: 4096, Files: 20_000,
	Document: 8 << 20, Timeout: 10 * time.Minute,
}

// filled is the limits with the defaults for those that are not set.
func (l Limits) filled() Limits {
	d := DefaultLimits
	return Limits{
		Bytes: cmp.Or(l.Bytes, d.Bytes), Ratio: cmp.Or(l.Ratio, d.Ratio), RatioFrom: cmp.Or(l.RatioFrom, d.RatioFrom),
		Entries: cmp.Or(l.Entries, d.Entries), Layers: cmp.Or(l.Layers, d.Layers), Name: cmp.Or(l.Name, d.Name),
		Files: cmp.Or(l.Files, d.Files), Document: cmp.Or(l.Document, d.Document), Timeout: cmp.Or(l.Timeout, d.Timeout),
	}
}

// expansion is the test of how far something may unpack of which stored bytes
// were read, when so many have been unpacked before it.
func (l Limits) expansion(stored func() int64, before int64) func(unpacked int64) error {
	return func(unpacked int64) error {
		switch {
		case before+unpacked > l.Bytes:
			return fail(TooLarge, "it unpacks to more than %d MiB", l.Bytes>>20)
		case unpacked > l.RatioFrom && unpacked/l.Ratio > stored():
			return fail(TooLarge, "it unpacks to more than %d times its size, as a bomb does: %d MiB and more", l.Ratio, unpacked>>20)
		}
		return nil
	}
}
