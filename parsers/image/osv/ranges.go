package osv

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/semantic"
)

// An event is where a flaw came or went; one of its fields is set.
type event struct {
	Introduced   string `json:"i,omitempty"`
	Fixed        string `json:"f,omitempty"`
	LastAffected string `json:"a,omitempty"`
	Limit        string `json:"l,omitempty"`
}

func (e event) version() string {
	return cmp.Or(e.Introduced, e.Fixed, e.LastAffected, e.Limit)
}

// A spanning is one range of versions, as events in any order.
type spanning []event

// spannings are the ranges of versions of a package; those of commits say
// nothing about what is installed.
func (a affected) spannings() []spanning {
	var all []spanning
	for _, r := range a.Ranges {
		if s := r.spanning(); (r.Type == "ECOSYSTEM" || r.Type == "SEMVER") && !s.never() {
			all = append(all, s)
		}
	}
	if custom := a.EcosystemSpecific.CustomRanges; len(custom) > 0 && len(all) == 1 && all[0].open() && all[0][0].Introduced == start {
		return narrow(custom)
	}
	for i, s := range all {
		all[i] = append(s, lastKnown(s, a.DatabaseSpecific.LastKnown)...)
	}
	return all
}

func (r interval) spanning() spanning {
	var s spanning
	for _, e := range r.Events {
		s = append(s, event{e.Introduced, e.Fixed, e.LastAffected, e.Limit})
	}
	return s
}

// never tells whether a range ends where it begins, at 0: so Alpine and Wolfi say
// that a package is not affected, in half of all their records.
func (s spanning) never() bool {
	return len(s) == 2 && slices.Contains(s, event{Introduced: start}) && slices.Contains(s, event{Fixed: start})
}

// open tells whether a range has a start and no end.
func (s spanning) open() bool { return len(s) == 1 && s[0].Introduced != "" }

// narrow are the ranges of a Go module by versions that its repository has and
// the module has not: the record then says that all versions of the module are
// affected. That stays so for those without a number, of commits (v0.0.0-…).
func narrow(custom []interval) []spanning {
	all := []spanning{{{Introduced: start}, {Limit: "0.0.1-0"}}}
	for _, r := range custom {
		all = append(all, r.spanning())
	}
	return all
}

// lastKnown is the end of a range that has none, as GitHub has it beside the
// range ("<= 1.2.3", "< 2.0.0") where no release of the package is a mended one.
func lastKnown(s spanning, text string) spanning {
	if !s.open() {
		return nil
	}
	if v, ok := strings.CutPrefix(text, "<="); ok {
		return spanning{{LastAffected: strings.TrimSpace(v)}}
	}
	if v, ok := strings.CutPrefix(text, "<"); ok {
		return spanning{{Limit: strings.TrimSpace(v)}}
	}
	return nil
}

// A version is a version of one ecosystem.
type version struct {
	ecosystem, text string
	parsed          semantic.Version
}

// maxVersion is how long a version may be: numbers in it are of any size.
const maxVersion = 256

var errVersion = errors.New("not a version that can be compared")

// parseVersion reads a version as an ecosystem compares them.
func parseVersion(ecosystem, text string) (version, error) {
	if text == "" || len(text) > maxVersion {
		return version{}, errVersion
	}
	parsed, err := semantic.Parse(text, ordering(ecosystem))
	if err != nil {
		return version{}, fmt.Errorf("%w: %w", errVersion, err)
	}
	return version{ecosystem, text, parsed}, nil
}

// ordering is an ecosystem with the same order of versions that the library
// knows.
func ordering(ecosystem string) string {
	switch base(ecosystem) {
	case "Azure Linux", "Photon OS": // of rpm, as all that it knows by the name
		return "Red Hat"
	}
	return ecosystem
}

// compare is negative for a version lower than the other.
func (v version) compare(other string) (int, error) {
	if len(other) > maxVersion {
		return 0, errVersion
	}
	return v.parsed.CompareStr(other)
}

// start stands for the time before the first version.
const start = "0"

// includes tells whether a version is in a range, and which of the range's
// fixed versions is the smallest one above it, "" if none is. A range with an
// event that cannot be compared says nothing.
func (s spanning) includes(v version) (in bool, fixed string, err error) {
	var last event // the highest that the version has behind it
	var at version // of last
	limited, below := false, false
	for _, e := range s {
		if e.Introduced == start {
			in = in || at.text == ""
			continue
		}
		c, err := v.compare(e.version())
		if err != nil {
			return false, "", err
		}
		switch {
		case e.Limit != "":
			limited, below = true, below || c < 0
		case e.LastAffected != "" && c > 0, e.LastAffected == "" && c >= 0:
			if at.text != "" {
				c, err = at.compare(e.version())
			}
			if at.text == "" || c < 0 || c == 0 && e.order() > last.order() {
				last, in = e, e.Introduced != ""
				at, err = parseVersion(v.ecosystem, e.version())
			}
		case e.Fixed != "":
			fixed, err = smaller(v.ecosystem, fixed, e.Fixed)
		}
		if err != nil {
			return false, "", err
		}
	}
	return in && (below || !limited), fixed, nil
}

// order is that of events at one version: a flaw mended and made again there
// is there; one introduced and last seen there is not above it.
func (e event) order() int {
	switch {
	case e.Introduced != "":
		return 1
	case e.LastAffected != "":
		return 2
	}
	return 0
}

// smaller is the smaller of two versions; "" is none.
func smaller(ecosystem, a, b string) (string, error) {
	return choose(ecosystem, a, b, -1)
}

// larger is the larger of two versions; "" is none.
func larger(ecosystem, a, b string) (string, error) {
	return choose(ecosystem, a, b, 1)
}

func choose(ecosystem, a, b string, sign int) (string, error) {
	if a == "" || b == "" {
		return cmp.Or(a, b), nil
	}
	v, err := parseVersion(ecosystem, a)
	if err != nil {
		return "", err
	}
	c, err := v.compare(b)
	if c*sign < 0 {
		return b, err
	}
	return a, err
}

// inRanges tells whether a version is in one of a record's ranges.
func (r *record) inRanges(v version) bool {
	return slices.ContainsFunc(r.Ranges, func(s spanning) bool {
		in, _, err := s.includes(v)
		return err == nil && in
	})
}

// affects tells whether a record is about a version, and the smallest version
// above it that is not affected any more. An error is one of comparing, where
// nothing else says that the version is affected.
func (r *record) affects(v version) (hit bool, fixed string, err error) {
	elsewhere := "" // fixed in a range that the version is not in
	for _, s := range r.Ranges {
		in, above, rangeErr := s.includes(v)
		switch {
		case rangeErr != nil:
			err = errors.Join(err, rangeErr)
		case in && !hit:
			hit, fixed = true, above
		case in:
			fixed, _ = smaller(v.ecosystem, fixed, above) // both were compared before
		default:
			elsewhere, _ = smaller(v.ecosystem, elsewhere, above)
		}
	}
	if hit {
		return true, fixed, nil
	}
	for _, listed := range r.Versions {
		c, compareErr := v.compare(listed)
		if strings.TrimPrefix(listed, "v") == v.text || compareErr == nil && c == 0 {
			return true, elsewhere, nil
		}
	}
	return false, "", err
}
