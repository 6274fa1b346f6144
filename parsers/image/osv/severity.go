package osv

import (
	"slices"
	"strings"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// Severities of flaws. Negligible is one that its distribution does not take
// for a flaw of security; Unknown is one that nobody rated.
const (
	Critical   = "critical"
	High       = "high"
	Medium     = "medium"
	Low        = "low"
	Negligible = "negligible"
	Unknown    = "unknown"
)

// levels are all severities, the least first.
var levels = [...]string{Unknown, Negligible, Low, Medium, High, Critical}

// Severities are all severities, the worst first.
func Severities() []string {
	all := slices.Clone(levels[:])
	slices.Reverse(all)
	return all
}

// worse is the worse of two severities.
func worse(a, b string) string {
	if slices.Index(levels[:], b) > slices.Index(levels[:], a) {
		return b
	}
	return a
}

// A rating is how bad a flaw is in some scheme: a vector of CVSS, a word.
type rating struct{ Type, Score string }

// severity is how bad a flaw is for a package and its score of CVSS, 0 where
// there is none. A distribution's own word for its package counts most, as it
// knows how the package is built; then the database's; then CVSS.
func severity(s schema, a affected) (string, float64) {
	e := a.EcosystemSpecific
	words := []string{e.Urgency, e.Priority, e.UbuntuPriority, e.Severity}
	score := newest(a.Severity)
	if score == 0 {
		score = newest(s.Severity)
	}
	for _, r := range slices.Concat(a.Severity, s.Severity) {
		words = append(words, r.Score)
	}
	first, _, _ := strings.Cut(s.Summary, ":") // "Important: glibc security update"
	for _, w := range append(words, a.DatabaseSpecific.Severity, s.DatabaseSpecific.Severity, first) {
		if l := word(w); l != Unknown {
			return l, score
		}
	}
	if strings.HasPrefix(s.ID, "MAL-") {
		return Critical, score // a package made to do harm
	}
	return band(score), score
}

// newest is the score by the newest version of CVSS that there is.
func newest(ratings []rating) float64 {
	best, by := 0.0, 0
	for _, r := range ratings {
		if score, version := cvss(r.Score); version > by {
			best, by = score, version
		}
	}
	return best
}

// word is the severity that a database's word stands for.
func word(text string) string {
	switch strings.TrimRight(strings.ToLower(text), "*") {
	case "critical":
		return Critical
	case "high", "important":
		return High
	case "medium", "moderate":
		return Medium
	case "low":
		return Low
	case "unimportant", "negligible":
		return Negligible
	}
	return Unknown // "not yet assigned", "end-of-life"
}

// band is the severity of a score, as CVSS has it.
func band(score float64) string {
	switch {
	case score >= 9:
		return Critical
	case score >= 7:
		return High
	case score >= 4:
		return Medium
	case score > 0:
		return Low
	}
	return Unknown
}

// cvss is the base score of a vector and its version of CVSS, 20 to 40; 0 for
// what is none.
func cvss(vector string) (score float64, version int) {
	prefix, _, _ := strings.Cut(vector, "/")
	switch prefix {
	case "CVSS:4.0":
		if v, err := gocvss40.ParseVector(vector); err == nil {
			return v.Score(), 40
		}
	case "CVSS:3.1":
		if v, err := gocvss31.ParseVector(vector); err == nil {
			return v.BaseScore(), 31
		}
	case "CVSS:3.0":
		if v, err := gocvss30.ParseVector(vector); err == nil {
			return v.BaseScore(), 30
		}
	default:
		if v, err := gocvss20.ParseVector(vector); err == nil {
			return v.BaseScore(), 20
		}
	}
	return 0, 0
}
