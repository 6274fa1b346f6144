// Package seaworthy holds what is built into the program: its version and the
// fixtures that double as the examples of `seaworthy explain`.
package seaworthy

import (
	"embed"
	"strings"
)

//go:embed VERSION
var version string

// Version is the program's version, right also where no tags are at hand, as
// in a shallow clone by pre-commit.
func Version() string { return strings.TrimSpace(version) }

// Fixtures has fixtures/rules/<family>/<rule>.txtar.
//
//go:embed fixtures/rules
var Fixtures embed.FS
