// Package analyzers is the contract between rules and the program.
//
// A [Rule] is a value: a few sentences, a severity and a Check. The Check gets
// a [Pass], looks at the graph and reports. It keeps no state, writes nothing
// and knows neither files nor formats nor output. What many rules need to look
// at in the same way is a [Fact], made once for a graph and only when asked
// for.
//
// Unknown never fires: a Check hands its answer to [Pass.ReportIf] as a Tri,
// and what is Unsure is counted, not reported.
package analyzers

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Severity is how bad it is when a rule is right: impact times exposure.
type Severity uint8

// The severities.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

// Severities lists the names, the least severe first.
var Severities = [...]string{"info", "low", "medium", "high", "critical"}

// String is the severity's name.
func (s Severity) String() string { return Severities[s] }

// ParseSeverity is the severity of that name.
func ParseSeverity(name string) (Severity, error) {
	for i, n := range Severities {
		if n == name {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: use one of %s", name, strings.Join(Severities[:], ", "))
}

// Precision is how often a finding of a rule is right. The zero value is High.
type Precision uint8

// The precisions, with the names SARIF viewers know.
const (
	HighPrecision     Precision = iota
	VeryHighPrecision           // a finding is a fact of the configuration
	MediumPrecision             // right unless the project has a good reason
	LowPrecision                // a hint
)

// String is the precision's name in SARIF.
func (p Precision) String() string {
	return [...]string{"high", "very-high", "medium", "low"}[p]
}

// Profile is a set of rules to select by one name.
type Profile uint8

// The profiles. Recommended is what most teams would fix; Strict holds it and
// the rules that are a matter of policy.
const (
	Recommended Profile = iota
	Strict
)

// String is the profile's name.
func (p Profile) String() string { return [...]string{"recommended", "strict"}[p] }

// A Rule is one entry of the catalogue: what is wrong, why, what to do about
// it and how to see it.
type Rule struct {
	// ID is kebab-case, its family first, and reads well after "ignore":
	// k8s-privileged-container. It is never used for anything else again.
	ID string
	// Title is what is wrong, in a few words without a full stop.
	Title string
	// Why is what an attacker or an outage makes of it.
	Why string
	// Remedy is what to do about it; Markdown.
	Remedy    string
	Severity  Severity
	Precision Precision
	// Profile is the smallest profile that has the rule.
	Profile Profile
	// Same are equals in other tools: "checkov:CKV_K8S_16", "trivy:KSV-0017",
	// "kubescape:C-0057", "kics:<uuid>", "kube-linter:privileged-container".
	Same []string
	// Params points to the defaults of the rule's parameters, fields that say
	// in a doc tag what they are; nil when there is nothing to set.
	Params any
	// Fix says whether the findings come with an edit that mends them.
	Fix Fixability
	// Secrets says that of a cluster's Secrets the rule needs more than their
	// names: the type, and what a certificate says of itself.
	Secrets bool
	// Needs are the types of objects of which a finding says that there are
	// none that matter. Where some of them could not be read of a cluster, what
	// the rule finds there is unsure.
	Needs []string
	// Check looks at the graph and reports.
	Check func(*Pass)
}

// Homepage is where the program is published.
const Homepage = "https://github.com/seaworthy-iac/seaworthy"

// Page is the address of the page about the rule.
func (r *Rule) Page() string { return Homepage + "/blob/main/docs/rules/" + r.ID + ".md" }

// Family is the first word of the ID: k8s, rbac, aws.
func (r *Rule) Family() string {
	family, _, _ := strings.Cut(r.ID, "-")
	return family
}

var (
	idForm   = late.Pattern(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)
	sameForm = late.Pattern(`^[a-z-]+:\S+$`)
)

// Validate tells what is missing or malformed in a rule.
func (r *Rule) Validate() error {
	var errs []error
	complain := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("rule %s: "+format, append([]any{r.ID}, args...)...))
	}
	if !idForm().MatchString(r.ID) {
		complain("the ID is not kebab-case with a family")
	}
	for name, text := range map[string]string{"Title": r.Title, "Why": r.Why, "Remedy": r.Remedy} {
		if strings.TrimSpace(text) == "" {
			complain("%s is empty", name)
		}
	}
	if strings.HasSuffix(r.Title, ".") {
		complain("Title ends in a full stop")
	}
	for _, p := range r.Parameters() {
		if p.Doc == "" || p.Type == "" {
			complain("the parameter %s has no doc tag or a type that is none of those of parameters", p.Name)
		}
	}
	for _, s := range r.Same {
		if !sameForm().MatchString(s) {
			complain("Same has %q, which is not tool:check", s)
		}
	}
	if r.Check == nil {
		complain("Check is nil")
	}
	return errors.Join(errs...)
}

// A Note is a further place of a finding and what it has to do with it.
type Note struct {
	At   *source.Origin
	Text string
	// Resource is what the place is in; nil for a place of the finding's own.
	Resource *graph.Resource
}

// A Finding is one thing wrong in one place.
type Finding struct {
	Rule     *Rule
	Message  string
	Resource *graph.Resource
	// At is where to edit.
	At *source.Origin
	// Chain is the origin of the value as rendered; At is it or one of its
	// causes, the other links are further places that had a part.
	Chain *source.Origin
	// Value is what the finding is about.
	Value graph.Value
	// Path is the path of the value in the resource, for fingerprints.
	Path string
	// Absent says that the finding is about Path not being there.
	Absent bool
	// Parts are what the finding collects; see [Finding.Collect].
	Parts []string
	// Live says why only what runs in a cluster has the finding, and what is
	// written does not; "" for one that is in what is written.
	Live string
	// Related are places of other resources that matter.
	Related []Note
	// Fixes are ways to mend it, the best first.
	Fixes []Fix
	// Merged are further findings at this one written place, which an edit
	// there must mend as well.
	Merged []*Finding
	// Instances are all resources with this finding at this one written
	// place, Resource first.
	Instances []*graph.Resource
}

// Note adds a further place and returns the finding. It may be called on nil,
// so that rules can chain it to a report that did not fire.
func (f *Finding) Note(v graph.Value, format string, args ...any) *Finding {
	if f != nil {
		if at := v.Place(); at != nil {
			f.Related = append(f.Related, Note{at, fmt.Sprintf(format, args...), v.Resource()})
		}
	}
	return f
}

// Collect says what the finding is about, by name, where that is several things
// that come and go, such as vulnerabilities: a baseline knows it again as long as
// none joins. It returns the finding, and may be called on nil as Note.
func (f *Finding) Collect(parts []string) *Finding {
	if f != nil {
		f.Parts = parts
	}
	return f
}

// Text is the message with the resource it is about in front and, behind it,
// why only what runs has the finding.
func (f *Finding) Text() string {
	text := f.Message
	if f.Resource != nil {
		text = f.Resource.ID + ": " + text
	}
	if f.Live != "" {
		text += " (" + f.Live + ")"
	}
	return text
}

// A Report is what a run found. Printers and SARIF show it.
type Report struct {
	// Rules are the selected rules in the order of the catalogue.
	Rules []*Rule
	// Findings are merged, one for a written place, and sorted by place.
	Findings []*Finding
	// Unsure are the places where a rule could not tell, sorted by place.
	Unsure []*Finding
	// Suppressed is what somebody decided to live with, sorted by place.
	Suppressed []*Suppressed
	// Known are what a baseline or a commit to compare with took out.
	Known []*Finding
	// InBaseline is how many findings the baseline took out, Fixed how many of
	// the baseline were not found again.
	InBaseline, Fixed int
	// Since is the commit that the run is compared with, "" for none, and Before
	// how many findings were there already.
	Since  string
	Before int
	// Problems are what could not be analysed, sorted by place.
	Problems []graph.Problem
	// Skipped is what was left out on purpose, sorted by path.
	Skipped []source.Skip
	// Roots are the IDs of what was analysed, Resources how much was in it.
	Roots     []string
	Resources int
	// Images are the container images that were read, in the order of the graph.
	Images []*graph.Resource
	// Looked is how many things each rule could have found fault with, by ID.
	Looked map[string]int
	// Assessments are the frameworks that were asked for.
	Assessments []*Assessment
}

// A Pass is one rule at work on one graph.
type Pass struct {
	Rule  *Rule
	Graph *graph.Graph

	params   any
	findings []*Finding
	unsure   []*Finding
	looked   int
}

// NewPass prepares a rule. params replaces the rule's defaults unless nil.
func NewPass(r *Rule, g *graph.Graph, params any) *Pass {
	if params == nil {
		params = r.Params
	}
	return &Pass{Rule: r, Graph: g, params: params}
}

// Findings are what was reported so far.
func (p *Pass) Findings() []*Finding { return p.findings }

// Unsure are the places where the answer is not known.
func (p *Pass) Unsure() []*Finding { return p.unsure }

// Looked is how many things the rule could have found fault with. Where it is
// 0 there was nothing the rule is about, and no finding means nothing.
func (p *Pass) Looked() int { return p.looked }

// Look counts things the rule is about, found at fault or not. [Each] and [On]
// do so for what they hand over; a Check of another kind has to, and one that
// is handed more than it is about takes it back with Look(-1).
func (p *Pass) Look(n int) { p.looked += n }

// Report reports a finding at a value, which may be absent: the place is then
// the header of what should hold it. The message names the value, the key as
// written there and what is wrong; text of the user's is quoted.
func (p *Pass) Report(at graph.Value, format string, args ...any) *Finding {
	return p.ReportAt(at, at.Place(), format, args...)
}

// ReportAt is Report with a place of its own, such as a part of the value's text.
func (p *Pass) ReportAt(v graph.Value, at *source.Origin, format string, args ...any) *Finding {
	f := p.finding(v, at, format, args...)
	p.findings = append(p.findings, f)
	return f
}

// ReportIf reports when bad is True and counts the place as unsure when it is
// not known. It returns nil when it did not report.
func (p *Pass) ReportIf(bad graph.Tri, at graph.Value, format string, args ...any) *Finding {
	switch bad {
	case graph.True:
		return p.Report(at, format, args...)
	case graph.Unsure:
		p.unsure = append(p.unsure, p.finding(at, at.Place(), format, args...))
	case graph.False:
	}
	return nil
}

func (p *Pass) finding(v graph.Value, at *source.Origin, format string, args ...any) *Finding {
	return &Finding{
		Rule: p.Rule, Message: fmt.Sprintf(format, args...), Resource: v.Resource(),
		At: at.Cure(), Chain: at, Value: v, Path: v.Path(),
		Absent: v.Kind() == graph.Absent, Instances: []*graph.Resource{v.Resource()},
	}
}

// ParamsOf is a rule's parameters. T is the type Rule.Params points to.
func ParamsOf[T any](p *Pass) T { return *p.params.(*T) }

// A Fact is something about a graph that several rules need, with a type of
// its own. It is made once for a graph, when first asked for. Facts may ask
// for other facts; two that need each other do not compile.
type Fact[T any] struct{ build func(*graph.Graph) T }

// NewFact is the fact that build works out.
func NewFact[T any](build func(*graph.Graph) T) *Fact[T] { return &Fact[T]{build} }

// Of is the fact about g.
func (f *Fact[T]) Of(g *graph.Graph) T {
	return graph.Once(g, f, func() T { return f.build(g) })
}

// Each makes a Check of a function that looks at one element of a fact.
func Each[T any](f *Fact[[]T], fn func(*Pass, T)) func(*Pass) {
	return func(p *Pass) {
		for _, t := range f.Of(p.Graph) {
			p.Look(1)
			fn(p, t)
		}
	}
}

// On makes a Check of a function that looks at one resource of the given
// types; see [graph.Graph.OfType].
func On(fn func(*Pass, *graph.Resource), types ...string) func(*Pass) {
	return func(p *Pass) {
		for r := range p.Graph.OfType(types...) {
			p.Look(1)
			fn(p, r)
		}
	}
}
