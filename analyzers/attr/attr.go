// Package attr makes rules of the simplest kind from tables: this attribute of
// these resources must have that value. Most cloud rules are rows.
package attr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Must is a row: what the value at Path has to be.
type Must struct {
	ID, Title, Why, Remedy string
	Severity               analyzers.Severity
	Precision              analyzers.Precision
	Profile                analyzers.Profile
	Same                   []string
	// Types are further resource types the row holds for, beside the table's.
	Types []string
	// Modules are modules of the public registry that hand the argument at Path
	// on to such a resource; see package registry.
	Modules []string
	// Path leads to the attribute; see [graph.Value.All].
	Path string
	// Be is what the value has to be.
	Be Want
	// NotAlone says that something else must be set along with the value, which
	// a person chooses: there is no fix.
	NotAlone bool
	// If, when set, limits the row to resources for which it is True.
	If func(*graph.Resource) graph.Tri
}

// A Want is a condition on a value and the words for it.
type Want struct {
	holds func(graph.Value) graph.Tri
	words string // completes "must …"
	// right is the one value that is wanted, for a fix; nil where a person has
	// to choose.
	right *graph.Node
}

// Holds tells whether a value is what is wanted; for rules that need more than
// a row.
func (w Want) Holds(v graph.Value) graph.Tri { return w.holds(v) }

// Rather is a want with the text that a fix is to write, where several do.
func (w Want) Rather(text string) Want {
	w.right = edit.Text(text)
	return w
}

// True wants true; what is not written counts as false.
var True = Want{func(v graph.Value) graph.Tri { return v.Bool(false) }, "be true", edit.Bool(true)}

// NotFalse wants anything but false: true is the provider's default.
var NotFalse = Want{func(v graph.Value) graph.Tri { return v.Bool(true) }, "be true", edit.Bool(true)}

// False wants false; what is not written counts as true, the provider's default.
var False = Want{func(v graph.Value) graph.Tri { return v.Bool(true).Not() }, "be false", edit.Bool(false)}

// NotTrue wants anything but true: false is the provider's default.
var NotTrue = Want{func(v graph.Value) graph.Tri { return v.Bool(false).Not() }, "be false", edit.Bool(false)}

// Set wants any value that is not empty.
var Set = Want{func(v graph.Value) graph.Tri {
	if n, known := v.Len(); known && n > 0 {
		return graph.True
	}
	return v.Present().And(v.Is("").Not(), emptyCollection(v).Not())
}, "be set", nil}

func emptyCollection(v graph.Value) graph.Tri {
	n, _ := v.Len()
	return graph.Of((v.Kind() == graph.List || v.Kind() == graph.Map) && n == 0)
}

// Unset wants nothing there.
var Unset = Want{func(v graph.Value) graph.Tri { return Set.holds(v).Not() }, "not be set", nil}

// OneOf wants one of the texts; what is not written is none of them.
func OneOf(texts ...string) Want {
	return Want{func(v graph.Value) graph.Tri { return v.Is(texts...) }, "be " + list(texts), only(texts)}
}

// OneOfOrUnset wants one of the texts or nothing: the provider's default is fine.
func OneOfOrUnset(texts ...string) Want {
	return Want{func(v graph.Value) graph.Tri { return v.Is(texts...).Or(v.Present().Not()) }, "be " + list(texts), only(texts)}
}

// NoneOf wants something else than the texts, or nothing.
func NoneOf(texts ...string) Want {
	return Want{func(v graph.Value) graph.Tri { return v.Is(texts...).Not() }, "not be " + list(texts), nil}
}

// Has wants a list with one of the texts in it.
func Has(texts ...string) Want {
	return Want{func(v graph.Value) graph.Tri { return v.Contains(texts...) }, "have " + list(texts), nil}
}

// AtLeast wants a number not below n; absent stands for what is not written.
func AtLeast(n, absent float64) Want {
	return Want{func(v graph.Value) graph.Tri {
		f, known := v.Float(absent)
		if !known {
			return graph.Unsure
		}
		return graph.Of(f >= n)
	}, fmt.Sprintf("be at least %v", n), nil}
}

// AtMost wants a number not above n; absent stands for what is not written.
func AtMost(n, absent float64) Want {
	return Want{func(v graph.Value) graph.Tri {
		f, known := v.Float(absent)
		if !known {
			return graph.Unsure
		}
		return graph.Of(f <= n)
	}, fmt.Sprintf("be at most %v", n), nil}
}

// only is the text to write where there is one that is right.
func only(texts []string) *graph.Node {
	if len(texts) != 1 {
		return nil
	}
	return edit.Text(texts[0])
}

func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = fmt.Sprintf("%q", t)
	}
	return strings.Join(quoted, " or ")
}

// Rules turns the rows of a table about one resource type into rules.
func Rules(typ string, rows ...Must) []*analyzers.Rule {
	rules := make([]*analyzers.Rule, len(rows))
	for i, m := range rows {
		rules[i] = m.rule(typ)
	}
	return rules
}

func (m Must) rule(typ string) *analyzers.Rule {
	types := append([]string{typ}, m.Types...)
	if len(m.Modules) > 0 {
		types = append(types, registry.CallType)
	}
	return &analyzers.Rule{
		ID: m.ID, Title: m.Title, Why: m.Why, Remedy: m.Remedy,
		Severity: m.Severity, Precision: m.Precision, Profile: m.Profile, Same: m.Same, Fix: m.fix(),
		Check: analyzers.On(m.check, slices.Compact(types)...),
	}
}

// fix tells whether the row's findings can be mended. What a provider does to
// a resource that changes is its own: it may be made anew.
func (m Must) fix() analyzers.Fixability {
	if m.Be.right == nil || m.NotAlone {
		return analyzers.NoFix
	}
	return analyzers.Unsafe
}

// mend adds the fix to a finding, which may be nil.
func (m Must) mend(f *analyzers.Finding, v graph.Value) {
	if m.fix() != analyzers.NoFix {
		f.Fix(fmt.Sprintf("Set %s to %s", m.Path, m.Be.right.Text()), edit.Set(v, m.Be.right))
	}
}

func (m Must) check(p *analyzers.Pass, r *graph.Resource) {
	call := r.Type == registry.CallType
	if call && !registry.Is(r, m.Modules...) {
		return
	}
	applies := graph.True
	if m.If != nil {
		applies = m.If(r)
	}
	for v := range r.Config.All(m.Path) {
		if call && v.Present() == graph.False {
			continue // the module decides
		}
		bad := m.Be.holds(v).Not().And(applies)
		if v.Present() == graph.False {
			m.mend(p.ReportIf(bad, v, "%s is not set and must %s", m.Path, m.Be.words), v)
			continue
		}
		if s, known := v.Text(""); known {
			m.mend(p.ReportIf(bad, v, "%s is %q and must %s", v.Key(), s, m.Be.words), v)
			continue
		}
		m.mend(p.ReportIf(bad, v, "%s must %s", v.Key(), m.Be.words), v)
	}
}
