package image

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/distro"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// age holds the rules about images that nobody looks after any more.
var age = []*analyzers.Rule{{
	ID:        "image-old",
	Title:     "Image was built long ago",
	Why:       "What was mended since in the distribution and in libraries is not in it. An image that nobody builds anew has holes that everybody knows.",
	Remedy:    "Build it anew on a base of today, or move to a later version. The parameter `days` says what is too old.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Params:    &Days{Days: 365},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		most := analyzers.ParamsOf[Days](p).Days
		v := u.At("ageDays")
		days, known := v.Int(0)
		bad := graph.Of(days > most)
		if !known || v.Present() == graph.False {
			bad = graph.Unsure
		}
		u.ReportIf(p, bad, v, "image %q was built %d days ago, more than %d", u.Name, days, most)
	}),
}, {
	ID:        "image-end-of-life",
	Title:     "Distribution of the image gets no more fixes",
	Why:       "Holes that are found in its libraries and tools stay open. Scanners stop to tell of them, for nobody keeps the list any more.",
	Remedy:    "Move to a release that is looked after: change the base image and build anew.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		r := releaseOf(u)
		u.ReportIf(p, r.ended(0), r.os, "image %q is built on %q, which gets no more fixes since %s", u.Name, r.name, r.end)
	}),
}, {
	ID:        "image-end-of-life-soon",
	Title:     "Distribution of the image gets fixes for a short time only",
	Why:       "When the time is over, holes that are found in its libraries and tools stay open.",
	Remedy:    "Plan the move to a later release: change the base image and build anew. The parameter `days` says what is soon.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Profile:   analyzers.Strict,
	Params:    &Days{Days: 90},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		r := releaseOf(u)
		soon := r.ended(analyzers.ParamsOf[Days](p).Days).And(r.ended(0).Not())
		u.ReportIf(p, soon, r.os, "image %q is built on %q, which gets fixes until %s", u.Name, r.name, r.end)
	}),
}}

// Days are the parameters of rules about time.
type Days struct {
	Days int64 `doc:"A number of days."`
}

// A release is one of a distribution.
type release struct {
	os        graph.Value
	name, end string // end is the day of its last fixes, "" where that is not known
	today     string
	unsure    bool
}

// releaseOf is the release that an image is built on.
func releaseOf(u images.Use) release {
	os := u.At("os")
	r := release{os: os, today: u.At("read").Str(), unsure: os.Present() == graph.False && !(u.Whole() == graph.True)}
	id, version, name := os.At("id").Str(), os.At("version").Str(), os.At("name").Str()
	r.end = distro.EndOfLife(id, version, name)
	switch r.name = name; {
	case name == "":
		r.name = id + " " + version
	case !strings.ContainsAny(name, "0123456789"): // "Distroless"
		r.name += " (" + id + " " + version + ")"
	}
	return r
}

// ended tells whether the release is without fixes some days from the day that
// the image was read.
func (r release) ended(in int64) graph.Tri {
	today, ok := dayNumber(r.today)
	end, known := dayNumber(r.end)
	switch {
	case r.unsure:
		return graph.Unsure
	case !ok || !known:
		return graph.False
	}
	return graph.Of(end < today+in)
}

// dayNumber counts days from a day in the past, of a day such as 2026-11-28.
// Rules have no clock, nor the package that has it.
func dayNumber(day string) (n int64, ok bool) {
	if len(day) != len("2026-11-28") || day[4] != '-' || day[7] != '-' {
		return 0, false
	}
	number := func(text string) (n int64) {
		for _, r := range text {
			if r < '0' || r > '9' {
				ok = false
			}
			n = 10*n + int64(r-'0')
		}
		return n
	}
	ok = true
	y, m, d := number(day[:4]), number(day[5:7]), number(day[8:])
	if m <= 2 { // the year begins in March, so that the odd day is its last
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*m-457)/5 + d, ok
}
