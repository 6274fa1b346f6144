package printer

import (
	"encoding/json"
	"io"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// The types below are the JSON output. Keys may be added; none changes its
// meaning or goes away without Format going up. Lists are never null.

// reportJSON is a whole report.
type reportJSON struct {
	Format    int           `json:"format"`  // of this output, 1
	Version   string        `json:"version"` // of the program
	Roots     []string      `json:"roots"`
	Resources int           `json:"resources"`
	Findings  []findingJSON `json:"findings"` // sorted by place
	Ignored   []ignoredJSON `json:"ignored"`  // what somebody decided to live with
	Problems  []problemJSON `json:"problems"` // sorted by place
	Unsure    unsureJSON    `json:"unsure"`
	Skipped   skippedJSON   `json:"skipped"`
	Summary   summaryJSON   `json:"summary"`

	Compliance []assessmentJSON `json:"compliance"` // the frameworks that were asked for
	Images     []imageJSON      `json:"images"`     // that were read, by reference
}

// findingJSON is a finding. Resource is its first instance; Path is the path
// of the value in the resource, also where it is absent.
type findingJSON struct {
	Rule      string         `json:"rule"`
	Severity  string         `json:"severity"`
	Level     string         `json:"level"` // error, warning or note
	Precision string         `json:"precision"`
	Message   string         `json:"message"`
	Live      string         `json:"live"` // why only what runs has it; "" for what is written
	Resource  string         `json:"resource"`
	Root      string         `json:"root"`
	Instances []instanceJSON `json:"instances"` // all, Resource first
	Path      string         `json:"path"`
	Absent    bool           `json:"absent"`
	Location  *locationJSON  `json:"location"` // null where it is in no file
	Chain     []linkJSON     `json:"chain"`    // from the finding to its causes
	Related   []noteJSON     `json:"related"`
	Fixes     []fixJSON      `json:"fixes"`
}

// ignoredJSON is a finding that somebody decided to live with.
type ignoredJSON struct {
	findingJSON
	By     *locationJSON `json:"by"`     // where that is written
	Reason string        `json:"reason"` // "" when none is given
	Until  string        `json:"until"`  // the last day, as 2027-01-31; "" for ever
}

// instanceJSON is a resource with the finding. IDs are unique within a root.
type instanceJSON struct {
	Resource string `json:"resource"`
	Root     string `json:"root"`
}

// locationJSON is a place. File is relative to the root of the scanned tree.
// Lines and columns count from 1, columns in code points; End is just after
// the last character. Exact says how much is known: the token, that it is on
// this line, in this block or in this file.
type locationJSON struct {
	File  string       `json:"file"`
	Start positionJSON `json:"start"`
	End   positionJSON `json:"end"`
	Exact string       `json:"exact"`
}

type positionJSON struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// fixJSON is a way to mend the finding: its edits, all or none. One that is
// not safe may break what works today.
type fixJSON struct {
	Title string     `json:"title"`
	Safe  bool       `json:"safe"`
	Edits []editJSON `json:"edits"`
}

// editJSON puts Text in the place of what is from Start to End.
type editJSON struct {
	File  string       `json:"file"`
	Start positionJSON `json:"start"`
	End   positionJSON `json:"end"`
	Text  string       `json:"text"`
}

func fixesJSON(f *analyzers.Finding) []fixJSON {
	out := []fixJSON{}
	for _, o := range f.Offered() {
		j := fixJSON{Title: o.Title, Safe: o.Safe}
		for _, e := range o.Edits {
			from, to := e.Span.From(), e.Span.To()
			j.Edits = append(j.Edits, editJSON{e.Span.File.Path, positionJSON{from.Line, from.Column}, positionJSON{to.Line, to.Column}, e.New})
		}
		out = append(out, j)
	}
	return out
}

// linkJSON is one link of the chain from a value back to what people wrote.
// Depth is 0 for the value's own place and one more for each cause.
type linkJSON struct {
	Step     string        `json:"step"`
	Role     string        `json:"role"`
	Depth    int           `json:"depth"`
	Location *locationJSON `json:"location"`
}

type noteJSON struct {
	Message  string        `json:"message"`
	Location *locationJSON `json:"location"`
}

// problemJSON is something that could not be analysed; an error makes the
// analysis incomplete.
type problemJSON struct {
	Level    string        `json:"level"` // error or warning
	Message  string        `json:"message"`
	Location *locationJSON `json:"location"`
}

// unsureJSON are the places where a rule could not tell; the list is empty
// unless asked for.
type unsureJSON struct {
	Count    int           `json:"count"`
	Findings []findingJSON `json:"findings"`
}

// skippedJSON is what was left out on purpose; the list is empty unless asked
// for.
type skippedJSON struct {
	Count int        `json:"count"`
	Paths []skipJSON `json:"paths"`
}

type skipJSON struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

func leftOutJSON(skipped []source.Skip, opt Options) skippedJSON {
	out := skippedJSON{Count: len(skipped), Paths: []skipJSON{}}
	if opt.Verbose {
		for _, s := range skipped {
			out.Paths = append(out.Paths, skipJSON{s.Path, s.Why})
		}
	}
	return out
}

type summaryJSON struct {
	Findings   int            `json:"findings"`
	Live       int            `json:"live"`        // of these, in what runs only
	BySeverity map[string]int `json:"by_severity"` // every severity
	ByRule     []ruleCount    `json:"by_rule"`     // worst and most frequent first
	Incomplete bool           `json:"incomplete"`
	InBaseline int            `json:"in_baseline"` // findings that the baseline has
	Fixed      int            `json:"fixed"`       // of the baseline, not found again
	Since      string         `json:"since"`       // the commit compared with, "" for none
	Before     int            `json:"before"`      // findings that were there at that commit
}

type ruleCount struct {
	Rule  string `json:"rule"`
	Count int    `json:"count"`
}

// JSON writes a report as one object.
func JSON(w io.Writer, r *analyzers.Report, opt Options) error {
	out := reportJSON{
		Format: 1, Version: opt.Version, Roots: r.Roots, Resources: r.Resources,
		Findings: findingsJSON(r.Findings), Ignored: []ignoredJSON{},
		Problems: []problemJSON{},
		Unsure:   unsureJSON{Count: len(r.Unsure), Findings: []findingJSON{}},
		Skipped:  leftOutJSON(r.Skipped, opt),
		Summary:  summaryJSON{InBaseline: r.InBaseline, Fixed: r.Fixed, Since: r.Since, Before: r.Before, Findings: len(r.Findings), BySeverity: map[string]int{}, ByRule: []ruleCount{}},
	}
	out.Compliance = assessmentsJSON(r.Assessments)
	images, err := imagesJSON(r)
	if err != nil {
		return err
	}
	out.Images = images
	if out.Roots == nil {
		out.Roots = []string{}
	}
	for _, s := range r.Suppressed {
		out.Ignored = append(out.Ignored, ignoredJSON{findingsJSON([]*analyzers.Finding{s.Finding})[0], location(s.By), s.Reason, s.Until})
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, problemJSON{problemLevel(p), p.Message, location(p.At)})
		out.Summary.Incomplete = out.Summary.Incomplete || p.Level == graph.Error
	}
	if opt.ShowUnsure {
		out.Unsure.Findings = findingsJSON(r.Unsure)
	}
	for _, name := range analyzers.Severities {
		out.Summary.BySeverity[name] = 0
	}
	for _, f := range r.Findings {
		out.Summary.BySeverity[f.Rule.Severity.String()]++
		if f.Live != "" {
			out.Summary.Live++
		}
	}
	for _, t := range tallies(r) {
		out.Summary.ByRule = append(out.Summary.ByRule, ruleCount{t.rule.ID, t.count})
	}
	return encode(w, out)
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func findingsJSON(findings []*analyzers.Finding) []findingJSON {
	out := make([]findingJSON, 0, len(findings))
	for _, f := range findings {
		j := findingJSON{
			Rule: f.Rule.ID, Severity: f.Rule.Severity.String(), Level: f.Rule.Severity.Level(),
			Precision: f.Rule.Precision.String(), Message: f.Message, Live: f.Live, Path: f.Path, Absent: f.Absent,
			Instances: []instanceJSON{}, Location: location(f.Place()), Chain: chain(f.Chain), Related: []noteJSON{}, Fixes: fixesJSON(f),
		}
		if f.Resource != nil {
			j.Resource, j.Root = f.Resource.ID, f.Resource.Root
		}
		for _, r := range f.Instances {
			if r != nil {
				j.Instances = append(j.Instances, instanceJSON{r.ID, r.Root})
			}
		}
		for _, n := range f.Related {
			j.Related = append(j.Related, noteJSON{n.Text, location(n.At)})
		}
		out = append(out, j)
	}
	return out
}

// maxChain limits how many links of a chain are written.
const maxChain = 100

// A link is one link of a chain; depth is how many causes it is away.
type link struct {
	*source.Origin
	depth int
}

// links lists a chain from the value to its causes, each link once.
func links(from *source.Origin) []link {
	var all []link
	visited := map[*source.Origin]bool{}
	var walk func(o *source.Origin, depth int)
	walk = func(o *source.Origin, depth int) {
		if o == nil || visited[o] || len(all) == maxChain {
			return
		}
		visited[o] = true
		all = append(all, link{o, depth})
		for _, cause := range o.From {
			walk(cause, depth+1)
		}
	}
	walk(from, 0)
	return all
}

func chain(from *source.Origin) []linkJSON {
	out := []linkJSON{}
	for _, l := range links(from) {
		out = append(out, linkJSON{l.Step.String(), l.Role.String(), l.depth, location(l.Origin)})
	}
	return out
}

// location is a place as wide as it is known; nil for one in no file.
func location(at *source.Origin) *locationJSON {
	if at == nil || at.Span.File == nil {
		return nil
	}
	s := extent(at)
	from, to := s.From(), s.To()
	return &locationJSON{
		File:  s.File.Path,
		Start: positionJSON{from.Line, from.Column}, End: positionJSON{to.Line, to.Column},
		Exact: at.Exact.String(),
	}
}

// extent is the span of an origin, as wide as it is known.
func extent(at *source.Origin) source.Span {
	switch at.Exact {
	case source.InFile:
		return at.Span.File.Whole()
	case source.AtLine:
		return at.Span.File.LineSpan(at.Span.From().Line)
	case source.InBlock, source.AtToken:
	}
	return at.Span
}
