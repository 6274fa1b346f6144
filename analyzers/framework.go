package analyzers

import (
	"iter"
	"slices"
)

// A Framework is a published list of controls: a benchmark, a guide, a matrix.
// Rules know nothing of frameworks; a framework names the rules that answer
// its controls, and its ID is the profile that selects them.
type Framework struct {
	// ID is kebab-case: cis-kubernetes.
	ID string
	// Title and Version are the publisher's, URL is where it is published.
	Title, Version, URL string
	// About says in a sentence or two what it is.
	About    string
	Sections []Section
}

// A Section is a part of a framework under a heading.
type Section struct {
	Title    string
	Controls []*Control
}

// A Control is one demand of a framework.
type Control struct {
	// ID is the publisher's where there is one: 5.2.2, T1611.
	ID string
	// Title says in a few words what is demanded.
	Title string
	// Rules are the IDs of the rules that answer it; none where configuration
	// cannot.
	Rules []string
	// Manual says why people have to judge it, Live why only a running system
	// shows it. Beside rules they say what the rules leave open.
	Manual, Live string
}

// Reason is why the control cannot be answered, or not wholly, by rules.
func (c *Control) Reason() string {
	if c.Manual != "" {
		return c.Manual
	}
	return c.Live
}

// Controls are the controls of all sections.
func (f *Framework) Controls() iter.Seq[*Control] {
	return func(yield func(*Control) bool) {
		for _, s := range f.Sections {
			for _, c := range s.Controls {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// Has tells whether a rule answers one of the controls.
func (f *Framework) Has(rule string) bool {
	for c := range f.Controls() {
		if slices.Contains(c.Rules, rule) {
			return true
		}
	}
	return false
}

// A Membership is a control that a rule answers, and where it is.
type Membership struct {
	*Framework
	*Control
}

// Name is the control as "cis-kubernetes:5.2.2".
func (m Membership) Name() string { return m.Framework.ID + ":" + m.Control.ID }

// Memberships are the controls that each rule answers, by its ID, in the order
// of the frameworks.
func Memberships(frameworks []*Framework) map[string][]Membership {
	all := map[string][]Membership{}
	for _, f := range frameworks {
		for c := range f.Controls() {
			for _, rule := range c.Rules {
				all[rule] = append(all[rule], Membership{f, c})
			}
		}
	}
	return all
}
