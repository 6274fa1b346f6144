package driver

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// An exclusion says why a file or directory is left out. Patterns that are the
// same in many directories are understood once.
type exclusion struct {
	everywhere func(name string, dir bool) string
	in         func(dir string) []string
	known      map[string]func(name string, dir bool) string
	err        error // the first pattern that is none
}

func (l Load) exclude() (*exclusion, error) {
	everywhere, err := excluder(append(DefaultExclude[:], l.Exclude...))
	return &exclusion{everywhere: everywhere, in: l.ExcludeIn, known: map[string]func(string, bool) string{}}, err
}

// why is "" for what is not left out.
func (e *exclusion) why(name string, dir bool) string {
	if why := e.everywhere(name, dir); why != "" || e.in == nil {
		return why
	}
	patterns := e.in(path.Dir(name))
	if len(patterns) == 0 {
		return ""
	}
	key := strings.Join(patterns, "\n")
	if e.known[key] == nil {
		understood, err := excluder(patterns)
		if err != nil {
			e.err = errors.Join(e.err, err)
			understood = func(string, bool) string { return "" }
		}
		e.known[key] = understood
	}
	return e.known[key](name, dir)
}

// excluder understands patterns as in .gitignore: one without a slash inside
// matches at any depth, one with a slash from the top of the tree, one with a
// slash at its end matches directories only, "!" takes a former match back,
// and the last pattern that matches decides.
func excluder(patterns []string) (func(name string, dir bool) string, error) {
	type rule struct {
		pattern, glob string
		dirs, keep    bool
	}
	var rules []rule
	for _, p := range patterns {
		r := rule{pattern: p}
		glob, keep := strings.CutPrefix(p, "!")
		glob, dirs := strings.CutSuffix(glob, "/")
		r.keep, r.dirs = keep, dirs
		if glob, anchored := strings.CutPrefix(glob, "/"); anchored || strings.Contains(glob, "/") {
			r.glob = glob
		} else {
			r.glob = "**/" + glob
		}
		if !doublestar.ValidatePattern(r.glob) {
			return nil, fmt.Errorf("exclude pattern %q: %w", p, errors.ErrUnsupported)
		}
		rules = append(rules, r)
	}
	slices.Reverse(rules)
	return func(name string, dir bool) string {
		for _, r := range rules {
			if (dir || !r.dirs) && doublestar.MatchUnvalidated(r.glob, name) {
				if r.keep {
					return ""
				}
				return "excluded by " + r.pattern
			}
		}
		return ""
	}, nil
}
