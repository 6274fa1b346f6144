// Package sarif writes a report as SARIF 2.1.0, for GitHub code scanning above
// all: what it reads is there, and nothing that makes it reject a file.
//
// There is one run with one tool and every selected rule. A result has one
// location, in the tree, as narrow as it is known: columns where the token is
// known, else the line, the block or the file. The chain behind a value, what
// a rule noted and further instances are related locations with links in the
// message. What could not be analysed is a notification.
package sarif

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// maxResults is how many results GitHub takes of a run.
const maxResults = 25_000

// maxSkipped is how many things left out on purpose are named one by one.
const maxSkipped = 100

// Options say how to write.
type Options struct {
	// Version is the program's version.
	Version string
	// Base is put before the paths of files; "" where the scanned tree is the
	// repository.
	Base string
	// Category tells several uploads for one commit apart; may be empty.
	Category string
	// Unsure adds the places where a rule could not tell, for review.
	Unsure bool
	// Memberships are the controls that each rule answers, by its ID.
	Memberships map[string][]analyzers.Membership
}

type writer struct {
	opt    Options
	index  map[*analyzers.Rule]int
	prints *fingerprints
	notes  []*sarif.Notification
}

// Write writes a report.
func Write(out io.Writer, r *analyzers.Report, opt Options) error {
	w := &writer{opt: opt, index: map[*analyzers.Rule]int{}, prints: newFingerprints()}
	program := sarif.NewSimpleTool("Seaworthy").Driver
	program.WithInformationURI(analyzers.Homepage)
	if opt.Version != "" {
		program.WithVersion(opt.Version).WithSemanticVersion(opt.Version)
	}
	sole := run{Run: sarif.NewRun(sarif.Tool{}), Tool: tool{driver{ToolComponent: program, Rules: []descriptor{}}}}
	related := relationships(r.Assessments)
	for i, rl := range r.Rules {
		sole.Tool.Driver.Rules = append(sole.Tool.Driver.Rules, descriptor{rule(rl, opt.Memberships[rl.ID]), related[rl.ID]})
		w.index[rl] = i
	}
	sole.Taxonomies, sole.Tool.Driver.SupportedTaxonomies = taxonomies(r.Assessments)
	if len(r.Assessments) > 0 {
		var said []map[string]any
		for _, a := range r.Assessments {
			said = append(said, verdicts(a))
		}
		sole.Properties = sarif.Properties{"compliance": said}
	}
	sole.ColumnKind = "utf16CodeUnits"
	if opt.Category != "" { // GitHub takes what is before the last slash
		sole.AutomationDetails = sarif.NewRunAutomationDetails().WithID(strings.TrimSuffix(opt.Category, "/") + "/")
	}
	sole.Results = w.results(r)
	w.notify(r)
	// The tool worked, whatever it found or could not read.
	done := true
	sole.Invocations = []*sarif.Invocation{{ExecutionSuccessful: &done, ToolExecutionNotifications: w.notes}}

	report, err := sarif.New(sarif.Version210)
	if err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(logFile{report, []run{sole}}); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

// results are the findings, the worst first, as many as are taken.
func (w *writer) results(r *analyzers.Report) []*sarif.Result {
	type entry struct {
		*analyzers.Finding
		key    string
		unsure bool
	}
	var all []entry
	for _, f := range r.Findings {
		all = append(all, entry{f, w.prints.key(f), false})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return int(b.Rule.Severity) - int(a.Rule.Severity) })
	if w.opt.Unsure {
		for _, f := range r.Unsure {
			all = append(all, entry{f, w.prints.key(f), true})
		}
	}
	results := []*sarif.Result{}
	for _, e := range all[:min(len(all), maxResults)] {
		if result := w.result(e.Finding, e.key, e.unsure); result != nil {
			results = append(results, result)
		} else {
			w.note(e.Rule.Severity.Level(), fmt.Sprintf("%s: %s: this is in no file of the tree", e.Rule.ID, e.Text()), e.Place())
		}
	}
	if left := len(all) - maxResults; left > 0 {
		w.note("warning", fmt.Sprintf("%d results are left out: only the %d worst are listed", left, maxResults), nil)
	}
	return results
}

// notify says what was not analysed and what could not be told.
func (w *writer) notify(r *analyzers.Report) {
	for _, p := range r.Problems {
		level := "warning"
		if p.Level == graph.Error {
			level = "error"
		}
		w.note(level, p.Message, p.At)
	}
	if n := len(r.Unsure); n > 0 && !w.opt.Unsure {
		w.note("note", fmt.Sprintf("%d places where a rule could not tell are not listed", n), nil)
	}
	for i, s := range r.Skipped {
		if i == maxSkipped {
			w.note("note", fmt.Sprintf("%d more were left out", len(r.Skipped)-i), nil)
			break
		}
		w.note("note", fmt.Sprintf("left out: %s: %s", s.Path, s.Why), nil)
	}
}

// note adds a notification. What is in no file of the tree is named in its
// text.
func (w *writer) note(level, text string, at *source.Origin) {
	if name := at.Remote(); name != "" {
		text = name + ": " + text
	}
	n := sarif.NewNotification().WithLevel(level).WithMessage(sarif.NewTextMessage(plain(text)))
	if uri, ok := w.uri(at); ok {
		place := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(uri))
		if at.Exact != source.InFile {
			place.WithRegion(region(at))
		}
		n.Locations = []*sarif.Location{sarif.NewLocation().WithPhysicalLocation(place)}
	}
	w.notes = append(w.notes, n)
}
