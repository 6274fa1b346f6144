package osv

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// A schema is a record as OSV publishes it, as far as it is looked at.
type schema struct {
	ID               string
	Modified         string
	Withdrawn        string
	Aliases          []string
	Upstream         []string
	Related          []string
	Summary          string
	Severity         []rating
	Affected         []affected
	DatabaseSpecific specific `json:"database_specific"`
}

// An affected is what a record says about one package.
type affected struct {
	Package           struct{ Ecosystem, Name string }
	Severity          []rating
	Versions          []string
	Ranges            []interval
	EcosystemSpecific specific `json:"ecosystem_specific"`
	DatabaseSpecific  specific `json:"database_specific"`
}

// An interval is a range as it is published.
type interval struct {
	Type   string
	Events []struct {
		Introduced, Fixed, Limit string
		LastAffected             string `json:"last_affected"`
	}
}

// A specific is what each database adds as it likes, as far as some do.
type specific struct {
	Urgency        string      // Debian
	Priority       string      // Ubuntu
	UbuntuPriority string      `json:"ubuntu_priority"` // and its older records
	Severity       string      // GitHub and others
	CustomRanges   []interval  `json:"custom_ranges"`                     // Go
	LastKnown      string      `json:"last_known_affected_version_range"` // GitHub
	Imports        []goPackage // Go
}

// A goPackage is one of a Go module that has the flaw, on some platforms
// only where it says so.
type goPackage struct{ GOOS, GOARCH []string }

// UnmarshalJSON leaves out what is of another type than it is with others.
func (s *specific) UnmarshalJSON(data []byte) error {
	type plain specific
	var other *json.UnmarshalTypeError
	if err := json.Unmarshal(data, (*plain)(s)); !errors.As(err, &other) {
		return err
	}
	return nil
}

// A record is what is kept of one about one package.
type record struct {
	ID       string     `json:"id"`
	Modified string     `json:"m,omitempty"` // the day
	Names    []string   `json:"n,omitempty"` // others of the flaw, or of the flaws that it collects
	Summary  string     `json:"s,omitempty"`
	Level    string     `json:"l,omitempty"` // Critical, High, …
	Score    float64    `json:"c,omitempty"` // of CVSS, 0 where there is none
	Ranges   []spanning `json:"r,omitempty"`
	Versions []string   `json:"v,omitempty"`
	Arches   []string   `json:"o,omitempty"` // those that are affected, empty for all
	Modules  []string   `json:"u,omitempty"` // of rpm that the versions are of: "nodejs:18"
}

// What is kept of texts; they are for people.
const maxSummary = 160

// A key names a package of an ecosystem, with the release.
type key struct{ ecosystem, name string }

func (k key) String() string { return k.ecosystem + "\n" + k.name }

// keyOf is the key under which a package is kept and looked for.
func keyOf(ecosystem, name string) key {
	ecosystem = packages.Fold(ecosystem)
	switch base(ecosystem) {
	case "PyPI":
		name = packages.PythonName(name)
	case "NuGet", "Packagist": // in any case
		name = strings.ToLower(name)
	}
	return key{ecosystem, name}
}

// errWithdrawn is the error of a record that does not hold any more.
var errWithdrawn = errors.New("withdrawn")

// parse reads a record, as what it says about each package.
func parse(data []byte) (map[key]*record, error) {
	var s schema
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("not a record of OSV: %w", err)
	}
	switch {
	case s.ID == "":
		return nil, errors.New("not a record of OSV: it has no id")
	case day(s.Withdrawn) != "":
		return nil, errWithdrawn
	}
	all := map[key]*record{}
	for _, a := range s.Affected {
		arches, linux := a.platforms()
		if a.Package.Ecosystem == "" || a.Package.Name == "" || !linux {
			continue // commits of a repository, other operating systems
		}
		if strings.Contains(a.Package.Ecosystem+a.Package.Name, "\n") {
			return nil, fmt.Errorf("%s: a package of %q is named %q", s.ID, a.Package.Ecosystem, a.Package.Name)
		}
		k := keyOf(a.Package.Ecosystem, a.Package.Name)
		r := all[k]
		switch {
		case r == nil:
			r = &record{ID: s.ID, Modified: day(s.Modified), Names: names(s, k.ecosystem), Summary: clip(s.Summary), Arches: arches}
			all[k] = r
		case len(r.Arches) == 0 || len(arches) == 0:
			r.Arches = nil
		default:
			r.Arches = append(r.Arches, arches...)
		}
		level, score := severity(s, a)
		r.Level, r.Score = worse(r.Level, level), max(r.Score, score)
		for _, span := range a.spannings() { // repositories have the same
			if !slices.ContainsFunc(r.Ranges, func(other spanning) bool { return slices.Equal(span, other) }) {
				r.Ranges = append(r.Ranges, span)
			}
		}
		r.Versions = append(r.Versions, a.Versions...)
	}
	for k, r := range all {
		r.Versions = r.beyond(k.ecosystem)
		r.Modules = r.modules(s.Summary)
		if len(r.Ranges) == 0 && len(r.Versions) == 0 {
			delete(all, k)
		}
	}
	return all, nil
}

// platforms are the architectures on which Linux has the flaw, none for all of
// them, and whether it has it at all. Go executables of others are not looked
// into.
func (a affected) platforms() (arches []string, linux bool) {
	imports := a.EcosystemSpecific.Imports
	for _, i := range imports {
		if len(i.GOOS) > 0 && !slices.Contains(i.GOOS, "linux") {
			continue
		}
		if len(i.GOARCH) == 0 {
			return nil, true
		}
		arches, linux = append(arches, i.GOARCH...), true
	}
	return arches, linux || len(imports) == 0
}

// beyond are the listed versions that the ranges do not cover anyway: of
// distributions nearly none, and they are most of a record.
func (r *record) beyond(ecosystem string) []string {
	var rest []string
	for _, v := range r.Versions {
		if ver, err := parseVersion(ecosystem, v); err == nil && r.inRanges(ver) {
			continue
		}
		rest = append(rest, v)
	}
	slices.Sort(rest)
	return slices.Compact(rest)
}

// names are the other names of the flaw, or flaws, that a record is about. Some
// distributions have those that an advisory mends in related, where records
// about the packages of a language have others that are merely alike.
func names(s schema, ecosystem string) []string {
	all := slices.Concat(s.Aliases, s.Upstream)
	if packages.IsDistribution(ecosystem) && !slices.ContainsFunc(append(all, s.ID), isCVE) {
		all = append(all, s.Related...)
		all = slices.DeleteFunc(all, func(n string) bool { return !isCVE(n) && !strings.HasPrefix(n, "GHSA-") })
	}
	all = slices.DeleteFunc(all, func(n string) bool { return n == "" || n == s.ID })
	slices.Sort(all)
	return slices.Compact(all)
}

// day is the day of a time as JSON has it; "" for none, and for the year one
// that converters write where they know none.
func day(text string) string {
	d, _, _ := strings.Cut(text, "T")
	if d == "0001-01-01" {
		return ""
	}
	return d
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > maxSummary {
		return string(runes[:maxSummary-1]) + "…"
	}
	return text
}
