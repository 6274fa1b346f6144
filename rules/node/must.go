package node

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/component"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// must is a row: what a setting of a program has to be.
type must struct {
	ID, Title, Why, Remedy string
	Severity               analyzers.Severity
	Precision              analyzers.Precision
	Profile                analyzers.Profile
	Same                   []string
	// Flag is the setting, as the command line names it; several that only
	// work together are joined by spaces.
	Flag string
	// Be is what the setting has to be.
	Be want
	// If, when set, limits the row to components for which it is True.
	If func(component.Component) graph.Tri
}

// A want is a condition on a setting and the words for it.
type want struct {
	holds func(component.Setting) graph.Tri
	words string // completes "must …"
}

var (
	isTrue  = want{component.Setting.Bool, "be true"}
	isFalse = want{func(s component.Setting) graph.Tri { return s.Bool().Not() }, "be false"}
	isSet   = want{func(s component.Setting) graph.Tri { return empty(s).Not() }, "be set"}
	unset   = want{empty, "not be set"}
)

func empty(s component.Setting) graph.Tri {
	if s.Set == graph.Unsure {
		return graph.Unsure
	}
	text, known := s.Text()
	if !known {
		return graph.False // something is written, if not known what
	}
	return graph.Of(text == "")
}

// has wants one of the words in a list.
func has(words ...string) want {
	return want{func(s component.Setting) graph.Tri { return s.Has(words...) }, "have " + strings.Join(words, " or ")}
}

// lacks wants none of the words in a list.
func lacks(words ...string) want {
	return want{func(s component.Setting) graph.Tri { return s.Has(words...).Not() }, "not have " + strings.Join(words, " or ")}
}

// number wants a number for which ok is true.
func number(words string, ok func(float64) bool) want {
	return want{func(s component.Setting) graph.Tri {
		n, known := s.Number()
		if !known {
			return graph.Unsure
		}
		return graph.Of(ok(n))
	}, words}
}

func atLeast(n float64) want {
	return number(fmt.Sprintf("be at least %v", n), func(v float64) bool { return v >= n })
}

// seconds wants a duration for which ok is true.
func seconds(words string, ok func(float64) bool) want {
	return want{func(s component.Setting) graph.Tri {
		n, known := s.Seconds()
		if !known {
			return graph.Unsure
		}
		return graph.Of(ok(n))
	}, words}
}

// only wants a list, when there is one, of none but these words.
func only(what string, words []string) want {
	return want{func(s component.Setting) graph.Tri {
		items, known := s.Words()
		if !known {
			return graph.Unsure
		}
		return graph.Of(!slices.ContainsFunc(items, func(item string) bool { return !slices.Contains(words, item) }))
	}, "have " + what + " only"}
}

// rules turns the rows of a table about one program into rules.
func rules(program component.Program, rows ...must) []*analyzers.Rule {
	made := make([]*analyzers.Rule, len(rows))
	for i, m := range rows {
		made[i] = &analyzers.Rule{
			ID: m.ID, Title: m.Title, Why: m.Why, Remedy: m.Remedy,
			Severity: m.Severity, Precision: m.Precision, Profile: m.Profile, Same: m.Same,
			Check: analyzers.Each(component.All, func(p *analyzers.Pass, c component.Component) {
				if c.Program == program {
					m.check(p, c)
				} else {
					p.Look(-1)
				}
			}),
		}
	}
	return made
}

// check makes one finding of all the row's settings that are not as they must
// be, at the first of them.
func (m must) check(p *analyzers.Pass, c component.Component) {
	applies := graph.True
	if m.If != nil {
		applies = m.If(c)
	}
	var at graph.Value
	var wrong []string
	all, has := graph.False, false
	for name := range strings.FieldsSeq(m.Flag) {
		s, ok := c.Flag(name)
		if !ok {
			continue
		}
		has = true
		bad := m.Be.holds(s).Not().And(applies)
		if bad == graph.False || all == graph.True && bad == graph.Unsure {
			continue
		}
		if len(wrong) == 0 || bad == graph.True && all == graph.Unsure {
			at, wrong = s.At, nil
		}
		all, wrong = all.Or(bad), append(wrong, m.complaint(c, s))
	}
	if !has || applies == graph.False {
		p.Look(-1)
	}
	p.ReportIf(all, at, "%s", strings.Join(wrong, "; "))
}

func (m must) complaint(c component.Component, s component.Setting) string {
	text, known := s.Text()
	switch {
	case s.Set == graph.False && text != "":
		return fmt.Sprintf("%s of %s is %q unless set, and must %s", s.Name, c.Program, text, m.Be.words)
	case s.Set == graph.False && m.Be.words == isSet.words:
		return fmt.Sprintf("%s of %s is not set", s.Name, c.Program)
	case s.Set == graph.False:
		return fmt.Sprintf("%s of %s is not set and must %s", s.Name, c.Program, m.Be.words)
	case known && text != "":
		return fmt.Sprintf("%s of %s is %q and must %s", s.Name, c.Program, text, m.Be.words)
	}
	return fmt.Sprintf("%s of %s must %s", s.Name, c.Program, m.Be.words)
}
