package image

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// vulnerabilities holds the rules about known flaws of packages in images: one
// finding for each severity, as people decide by severity. All of them are in
// the JSON output and in a bill of materials.
var vulnerabilities = []*analyzers.Rule{{
	ID:        "image-vulnerability-critical",
	Title:     "Image has critical vulnerabilities",
	Why:       "Flaws that take over the program from outside without much ado are known, and so are the ways to use them: scanners try them on everything that can be reached.",
	Remedy:    mend + " What has no fix yet: leave the package out where it is not needed, or say in an OpenVEX document why it does no harm (`--vex`).",
	Severity:  analyzers.Critical,
	Precision: analyzers.MediumPrecision,
	Params:    &Fixes{Fixes: "any"},
	Check:     each(flaws("critical")),
}, {
	ID:        "image-vulnerability-high",
	Title:     "Image has vulnerabilities of high severity",
	Why:       "Each of these flaws costs the program its secrets, its data or its availability when something else goes wrong as well. They are known to everybody.",
	Remedy:    mend + " What has no fix yet: leave the package out where it is not needed, or say in an OpenVEX document why it does no harm (`--vex`).",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Params:    &Fixes{Fixes: "any"},
	Check:     each(flaws("high")),
}, {
	ID:        "image-vulnerability-medium",
	Title:     "Image has vulnerabilities of medium severity",
	Why:       "An attacker who is in uses one flaw after the other. Those of medium severity, and those that nobody rated yet, make the way from one to the next.",
	Remedy:    mend,
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Params:    &Fixes{Fixes: "known"},
	Check:     each(flaws("medium", "unknown")),
}, {
	ID:        "image-vulnerability-low",
	Title:     "Image has vulnerabilities of low severity",
	Why:       "Little harm comes of each, but that they are there tells that nobody builds the image anew.",
	Remedy:    mend,
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Params:    &Fixes{Fixes: "known"},
	Check:     each(flaws("low")),
}}

const mend = "Move to a version of the image whose packages are the fixed ones, or build it anew: on a base image of today, and with the libraries of the program updated."

// Fixes are the parameters of rules about vulnerabilities.
type Fixes struct {
	Fixes string `doc:"Which vulnerabilities count: known for those that a version of the package mends, any for all."`
}

// A flaw is a vulnerability, of all packages of an image that have it.
type flaw struct {
	id, text string
	fixed    bool
	score    float64
}

// flaws makes a check for vulnerabilities of some severities. Where there was
// no database nothing was looked at: that is told once for the whole run.
func flaws(severities ...string) func(*analyzers.Pass, images.Use) {
	return func(p *analyzers.Pass, u images.Use) {
		database := u.At("database")
		if state := database.At("state").Str(); state != "ok" && state != "old" {
			p.Look(-1)
			return
		}
		found := flawsOf(u, severities, analyzers.ParamsOf[Fixes](p).Fixes != "known")
		if len(found) == 0 {
			u.ReportIf(p, u.Whole().Not().And(graph.Unsure), u.Config, "image %q was not looked at as a whole for vulnerabilities", u.Name)
			return
		}
		severity, noun := severities[0], "vulnerabilities"
		if len(found) == 1 {
			noun = "vulnerability"
		}
		var texts, ids []string
		for i, f := range found {
			ids = append(ids, f.id)
			if i < maxListed {
				texts = append(texts, f.text)
			}
		}
		more := ""
		if n := len(found) - maxListed; n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		u.Report(p, u.At("vulnerabilities"), "image %q has %d %s of %s severity, by the database of %s: %s%s",
			u.Name, len(found), noun, severity, cmp.Or(database.At("day").Str(), "an unknown day"), strings.Join(texts, ", "), more).Collect(ids)
	}
}

// flawsOf are the vulnerabilities of an image that count: each once, those that
// can be mended first, then the worst.
func flawsOf(u images.Use, severities []string, unfixed bool) []flaw {
	var all []flaw
	for v := range u.At("vulnerabilities").Each() {
		id, fixed, severity := v.At("id").Str(), v.At("fixed").Str(), v.At("severity").Str()
		status := v.At("status").Str()
		switch {
		case !slices.Contains(severities, severity), fixed == "" && !unfixed:
			continue
		case status == "not_affected", status == "fixed": // so a VEX document says
			continue
		case slices.ContainsFunc(all, func(f flaw) bool { return f.id == id }):
			continue // of another package of the same source
		}
		cure := "no fix yet"
		if fixed != "" {
			cure = "fixed in " + fixed
		}
		if severity == "unknown" {
			cure += ", not rated"
		}
		text := fmt.Sprintf("%s in %s %s (%s)", id, v.At("package").Str(), v.At("version").Str(), cure)
		score, _ := v.At("score").Float(0)
		all = append(all, flaw{id, text, fixed != "", score})
	}
	slices.SortStableFunc(all, func(a, b flaw) int {
		switch {
		case a.fixed != b.fixed && a.fixed:
			return -1
		case a.fixed != b.fixed:
			return 1
		}
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	return all
}
