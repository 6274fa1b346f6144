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

// severity is how bad a flaw is and its score of CVSS, 0 where there is none.
// A distribution's own word for its package counts most, as it knows how the
// package is built; then the database's; then CVSS.
func severity(s schema, ecosystem, database loose, own []rating) (string, float64) {
	ratings := append(slices.Clone(own), s.Severity...)
	score := 0.0
	words := []string{ecosystem.text("urgency"), ecosystem.text("priority"), ecosystem.text("severity")}
	for _, r := range ratings {
		if got, ok := cvss(r); ok {
			if score == 0 {
				score = got
			}
		} else {
			words = append(words, r.Score)
		}
	}
	words = append(words, database.text("severity"), s.DatabaseSpecific.text("severity"))
	for _, w := range words {
		if l := word(w); l != Unknown {
			return l, score
		}
	}
	if strings.HasPrefix(s.ID, "MAL-") {
		return Critical, score // a package made to do harm
	}
	return band(score), score
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

// cvss is the base score of a vector, of CVSS 2 to 4.
func cvss(r rating) (float64, bool) {
	switch {
	case strings.HasPrefix(r.Score, "CVSS:3.1/"):
		if v, err := gocvss31.ParseVector(r.Score); err == nil {
			return v.BaseScore(), true
		}
	case strings.HasPrefix(r.Score, "CVSS:3.0/"):
		if v, err := gocvss30.ParseVector(r.Score); err == nil {
			return v.BaseScore(), true
		}
	case strings.HasPrefix(r.Score, "CVSS:4.0/"):
		if v, err := gocvss40.ParseVector(r.Score); err == nil {
			return v.Score(), true
		}
	case r.Type == "CVSS_V2":
		if v, err := gocvss20.ParseVector(r.Score); err == nil {
			return v.BaseScore(), true
		}
	}
	return 0, false
}
