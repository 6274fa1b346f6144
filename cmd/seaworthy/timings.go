package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/config"
)

// slowest is how many roots and rules are listed.
const slowest = 10

// writeTimings writes where the time of a run went.
func writeTimings(w io.Writer, t *driver.Timings) {
	line := func(took time.Duration, what string) {
		fmt.Fprintf(w, "%8.1f ms  %s\n", float64(took.Microseconds())/1000, what)
	}
	roots, rules := t.Roots(), t.Rules()
	line(t.Walk, "walk over the files")
	line(t.Find, "find the roots")
	line(t.Load, fmt.Sprintf("load %d roots; the time of each, added up by format:", len(roots)))
	formats := map[string]time.Duration{}
	for _, r := range roots {
		format, _, _ := strings.Cut(r.Name, ":")
		formats[format] += r.Took
	}
	for _, f := range driver.Slowest(formats) {
		line(f.Took, "  "+f.Name)
	}
	line(t.Check, fmt.Sprintf("run %d rules", len(rules)))
	line(t.Filter, "suppressions, baseline, merging")
	for _, of := range []struct {
		what string
		all  []driver.Timing
	}{{"roots", roots}, {"rules", rules}} {
		shown := of.all[:min(len(of.all), slowest)]
		if len(shown) == 0 {
			continue
		}
		fmt.Fprintf(w, "the slowest %s:\n", of.what)
		for _, s := range shown {
			line(s.Took, config.OneLine(s.Name))
		}
	}
}
