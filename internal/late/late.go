// Package late puts off what only some runs of the program need. Every package
// level variable is made before main begins, and a regular expression costs as
// much as reading a small manifest: a hundred of them are a tenth of the time
// that the program takes to start.
package late

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression that is compiled when it is first asked for.
// Like [regexp.MustCompile] it panics then if expr is none.
func Pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
