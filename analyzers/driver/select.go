package driver

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/spelling"
)

// Frameworks reads the frameworks, which are profiles too. Most names are known
// without them, so they are read only when one is not.
type Frameworks func() ([]*analyzers.Framework, error)

// Select picks rules by names: a rule ID, a glob over IDs, a family, a
// profile, another tool's check with or without its tool, or "all". Without
// names to take it takes the recommended profile. The order stays the
// catalogue's. A name that picks nothing is an error.
func Select(all []*analyzers.Rule, frameworks Frameworks, take, leave []string) ([]*analyzers.Rule, error) {
	if len(take) == 0 {
		take = []string{analyzers.Recommended.String()}
	}
	picked := map[*analyzers.Rule]bool{}
	for _, step := range []struct {
		names []string
		in    bool
	}{{take, true}, {leave, false}} {
		for _, name := range step.names {
			some := false
			pick := func(in func(*analyzers.Rule, string) bool) {
				for _, r := range all {
					if in(r, name) {
						some, picked[r] = true, step.in
					}
				}
			}
			if pick(Names); some {
				continue
			}
			f, known, err := framework(frameworks, name)
			if err != nil {
				return nil, err
			}
			if f != nil {
				pick(func(r *analyzers.Rule, _ string) bool { return f.Has(r.ID) })
			}
			if !some {
				return nil, fmt.Errorf("no rule, family, profile or check of another tool is named %q%s", name, Suggestion(all, known, name))
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(r *analyzers.Rule) bool { return !picked[r] }), nil
}

// framework is the framework of that ID, nil when there is none, and what IDs
// there are.
func framework(frameworks Frameworks, id string) (found *analyzers.Framework, known []string, err error) {
	if frameworks == nil {
		return nil, nil, nil
	}
	all, err := frameworks()
	for _, f := range all {
		known = append(known, f.ID)
		if f.ID == id {
			found = f
		}
	}
	return found, known, err
}

// Names tells whether a name stands for the rule, apart from frameworks.
func Names(r *analyzers.Rule, name string) bool {
	switch name {
	case "all", r.ID, r.Family():
		return true
	case analyzers.Recommended.String():
		return r.Profile == analyzers.Recommended
	case analyzers.Strict.String():
		return r.Profile <= analyzers.Strict
	}
	if strings.ContainsAny(name, "*?[{") {
		return doublestar.MatchUnvalidated(name, r.ID)
	}
	return slices.ContainsFunc(r.Same, func(same string) bool {
		_, check, _ := strings.Cut(same, ":")
		return strings.EqualFold(same, name) || strings.EqualFold(check, name)
	})
}

// Suggestion says in words which rule ID or profile is most like a name, or
// where the names are listed.
func Suggestion(all []*analyzers.Rule, profiles []string, name string) string {
	best, distance := "", 4
	consider := func(id string) {
		if d := spelling.Distance(id, name); d < distance {
			best, distance = id, d
		}
	}
	for _, r := range all {
		consider(r.ID)
	}
	for _, id := range profiles {
		consider(id)
	}
	if best == "" {
		return "; `seaworthy rules` lists them"
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// Nearest are the n of some names that are most like a text: those that hold
// it first, then by what part of their characters differs.
func Nearest(text string, names []string, n int) []string {
	type candidate struct {
		name     string
		distance float64
	}
	var all []candidate
	lower := strings.ToLower(text)
	for _, name := range names {
		distance := float64(spelling.Distance(name, text)) / float64(max(len(name), len(text), 1))
		if strings.Contains(strings.ToLower(name), lower) {
			distance--
		}
		all = append(all, candidate{name, distance})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	all = slices.Compact(all)
	var nearest []string
	for _, c := range all[:min(n, len(all))] {
		nearest = append(nearest, c.name)
	}
	return nearest
}
