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
	ID        string
	Modified  string
	Withdrawn string
	Aliases   []string
	Upstream  []string
	Summary   string
	Severity  []rating
	Affected  []struct {
		Package  struct{ Ecosystem, Name string }
		Severity []rating
		Versions []string
		Ranges   []struct {
			Type   string
			Events []struct {
				Introduced, Fixed, Limit string
				LastAffected             string `json:"last_affected"`
			}
		}
		EcosystemSpecific loose `json:"ecosystem_specific"`
		DatabaseSpecific  loose `json:"database_specific"`
	}
	DatabaseSpecific loose `json:"database_specific"`
}

// A loose is an object that every database fills as it likes.
type loose map[string]any

// UnmarshalJSON takes what is no object for an empty one.
func (l *loose) UnmarshalJSON(data []byte) error {
	var m map[string]any
	if json.Unmarshal(data, &m) == nil {
		*l = m
	}
	return nil
}

func (l loose) text(key string) string {
	s, _ := l[key].(string)
	return s
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
}

// What is kept of texts; they are for people.
const maxSummary = 160

// A key names a package of an ecosystem, with the release.
type key struct{ ecosystem, name string }

func (k key) String() string { return k.ecosystem + "\n" + k.name }

// keyOf is the key under which a package is kept and looked for.
func keyOf(ecosystem, name string) key {
	if ecosystem == "PyPI" {
		name = packages.PythonName(name)
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
	case s.Withdrawn != "":
		return nil, errWithdrawn
	}
	all := map[key]*record{}
	for _, a := range s.Affected {
		if a.Package.Ecosystem == "" || a.Package.Name == "" {
			continue // commits of a repository
		}
		if strings.Contains(a.Package.Ecosystem+a.Package.Name, "\n") {
			return nil, fmt.Errorf("%s: a package of %q is named %q", s.ID, a.Package.Ecosystem, a.Package.Name)
		}
		r := all[keyOf(a.Package.Ecosystem, a.Package.Name)]
		if r == nil {
			r = &record{ID: s.ID, Modified: day(s.Modified), Names: names(s), Summary: clip(s.Summary)}
			all[keyOf(a.Package.Ecosystem, a.Package.Name)] = r
		}
		level, score := severity(s, a.EcosystemSpecific, a.DatabaseSpecific, a.Severity)
		r.Level, r.Score = worse(r.Level, level), max(r.Score, score)
		for _, rg := range a.Ranges {
			if rg.Type != "ECOSYSTEM" && rg.Type != "SEMVER" {
				continue
			}
			var sp spanning
			for _, e := range rg.Events {
				sp = append(sp, event{e.Introduced, e.Fixed, e.LastAffected, e.Limit})
			}
			r.Ranges = append(r.Ranges, sp)
		}
		r.Versions = append(r.Versions, a.Versions...)
	}
	for k, r := range all {
		r.Versions = r.beyond(k.ecosystem)
		if len(r.Ranges) == 0 && len(r.Versions) == 0 {
			delete(all, k)
		}
	}
	return all, nil
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

// names are the other names of a record's flaw, or flaws.
func names(s schema) []string {
	all := slices.Concat(s.Aliases, s.Upstream)
	all = slices.DeleteFunc(all, func(n string) bool { return n == "" || n == s.ID })
	slices.Sort(all)
	return slices.Compact(all)
}

// day is the day of a time as JSON has it.
func day(text string) string {
	d, _, _ := strings.Cut(text, "T")
	return d
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > maxSummary {
		return string(runes[:maxSummary-1]) + "…"
	}
	return text
}
