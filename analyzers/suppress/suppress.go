package suppress

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Options say what to take for suppressions.
type Options struct {
	// Files are those that were read.
	Files []*source.File
	// Comments reads the comments of a file.
	Comments func(*source.File) []source.Comment
	// Configured are the suppressions of the configuration.
	Configured []*Directive
	// Foreign lets the words of other analyzers count.
	Foreign bool
	// Today is the day on which it is asked, as 2027-01-31.
	Today string
	// Rules are all rules there are, whether they run or not.
	Rules []*analyzers.Rule
	// Names tells whether a name stands for a rule, and Suggest what to say
	// about a name that stands for none.
	Names   func(r *analyzers.Rule, name string) bool
	Suggest func(name string) string
}

// A Set are the suppressions of a run.
type Set struct {
	options    Options
	directives []*entry
	suppressed []*analyzers.Suppressed
}

// An entry is a directive and what became of it.
type entry struct {
	*Directive
	expired bool
	rules   []map[*analyzers.Rule]bool // for each name
	used    []bool                     // likewise
}

// words are what a file has in it that has anything to say.
var words = [...]string{"seaworthy", "checkov:skip", "trivy:ignore", "tfsec:ignore", "kics-scan", "ts:skip"}

// New reads the suppressions of a graph and of the files it was read from.
func New(g *graph.Graph, o Options) *Set {
	s := &Set{options: o}
	for _, f := range o.Files {
		if !slices.ContainsFunc(words[:], func(w string) bool { return bytes.Contains(f.Data, []byte(w)) }) {
			continue
		}
		for _, c := range o.Comments(f) {
			s.comment(c)
		}
	}
	for _, r := range g.Resources() {
		for _, d := range annotations(r, o.Foreign) {
			s.add(d)
		}
	}
	for _, d := range o.Configured {
		s.add(d)
	}
	return s
}

func (s *Set) comment(c source.Comment) {
	if d, file, ok := parseComment(c.Text); ok {
		d.At, d.Holds = commentPlace(c), Lines(c.Scope)
		if file {
			d.Holds = WholeFile{c.Span.File}
		}
		s.add(&d)
	}
	if s.options.Foreign {
		for _, d := range foreignComments(c) {
			s.add(d)
		}
	}
}

func commentPlace(c source.Comment) *source.Origin {
	o := &source.Origin{Span: c.Span, Exact: source.AtToken}
	return o.Header()
}

func (s *Set) add(d *Directive) {
	e := &entry{Directive: d, used: make([]bool, len(d.Names))}
	e.expired = d.Until != "" && s.options.Today != "" && d.Until < s.options.Today
	if d.fault == "" {
		for _, name := range d.Names {
			rules := map[*analyzers.Rule]bool{}
			for _, r := range s.options.Rules {
				if s.stands(r, name) {
					rules[r] = true
				}
			}
			e.rules = append(e.rules, rules)
		}
	}
	s.directives = append(s.directives, e)
}

// stands tells whether a name stands for a rule. Checks of other tools may
// have globs, as the tools themselves have them.
func (s *Set) stands(r *analyzers.Rule, name string) bool {
	if tool, check, ok := strings.Cut(name, ":"); ok && strings.ContainsAny(check, "*?") {
		return slices.ContainsFunc(r.Same, func(same string) bool {
			t, c, _ := strings.Cut(same, ":")
			return t == tool && doublestar.MatchUnvalidated(check, c)
		})
	}
	return s.options.Names(r, name)
}

// Filter takes out what is suppressed, and keeps it for [Set.Suppressed].
func (s *Set) Filter(findings []*analyzers.Finding) []*analyzers.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f *analyzers.Finding) bool {
		if by := s.by(f); by != nil {
			s.suppressed = append(s.suppressed, &analyzers.Suppressed{Finding: f, By: by.At, Reason: by.Reason, Until: by.Until})
			return true
		}
		why := managed(f)
		if why != "" {
			s.suppressed = append(s.suppressed, &analyzers.Suppressed{Finding: f, By: f.Resource.Place, Reason: why})
		}
		return why != ""
	})
}

// Skim takes out what is suppressed of findings that are not reported anyway.
func (s *Set) Skim(findings []*analyzers.Finding) []*analyzers.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f *analyzers.Finding) bool { return s.by(f) != nil || managed(f) != "" })
}

// managed says why nobody can mend what a finding is about: it runs in a
// cluster, and Kubernetes or a vendor keeps it as it is. How the control plane
// is started, and whether it works, is for people to know all the same.
func managed(f *analyzers.Finding) string {
	family := f.Rule.Family()
	if f.Resource == nil || family == "node" || family == "live" || f.At != nil && f.At.Span.File != nil && !f.At.Span.File.Remote {
		return ""
	}
	return live.Managed(f.Resource)
}

// by is the first directive that suppresses a finding; all that do are used.
func (s *Set) by(f *analyzers.Finding) *entry {
	var first *entry
	for _, e := range s.directives {
		if e.fault != "" {
			continue
		}
		held, asked := false, false
		for i, rules := range e.rules {
			if !rules[f.Rule] {
				continue
			}
			if !asked {
				held, asked = e.Holds.holds(f), true
			}
			if held {
				e.used[i] = true
			}
		}
		if held && !e.expired && first == nil {
			first = e
		}
	}
	return first
}

// Suppressed is what was taken out, in the order it was found.
func (s *Set) Suppressed() []*analyzers.Suppressed { return s.suppressed }

// The rules about suppressions themselves; see rules/suppression.
const (
	Family        = "suppression"
	Malformed     = "suppression-malformed"
	UnknownRule   = "suppression-unknown-rule"
	Expired       = "suppression-expired"
	Unused        = "suppression-unused"
	ReasonMissing = "suppression-reason-missing"
)

// Findings are what is wrong with the suppressions of our own, by those of the
// selected rules that are about them. It is asked when all has been filtered.
func (s *Set) Findings(selected []*analyzers.Rule) []*analyzers.Finding {
	runs := map[*analyzers.Rule]bool{}
	byID := map[string]*analyzers.Rule{}
	for _, r := range selected {
		runs[r], byID[r.ID] = true, r
	}
	var found []*analyzers.Finding
	report := func(id string, e *entry, format string, args ...any) {
		if rule := byID[id]; rule != nil {
			found = append(found, &analyzers.Finding{Rule: rule, Message: fmt.Sprintf(format, args...), At: e.At, Chain: e.At})
		}
	}
	for _, e := range s.directives {
		if e.Tool != "" {
			continue
		}
		if e.fault != "" {
			report(Malformed, e, "the suppression has no effect: %s", e.fault)
			continue
		}
		if e.Reason == "" {
			report(ReasonMissing, e, "the suppression of %s says no reason", strings.Join(e.Names, ", "))
		}
		if e.expired {
			report(Expired, e, "the suppression of %s ended on %s", strings.Join(e.Names, ", "), e.Until)
		}
		for i, name := range e.Names {
			ran := false
			for r := range e.rules[i] {
				ran = ran || runs[r]
			}
			switch {
			case len(e.rules[i]) == 0:
				report(UnknownRule, e, "no rule is named %q%s", name, s.options.Suggest(name))
			case ran && !e.used[i]:
				report(Unused, e, "the suppression of %s hides nothing", name)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *analyzers.Finding) int { return cmp.Compare(a.Rule.ID, b.Rule.ID) })
	return found
}
