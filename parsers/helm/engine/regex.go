package engine

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"text/template"
)

// Go's regular expressions take time in proportion to the text, but also to the
// size of the compiled pattern, and memory for every group in every state: a
// pattern of some kilobytes can take gigabytes.
const (
	maxPattern  = 2048    // bytes
	maxMachine  = 1 << 22 // words of all states with their groups
	maxPatterns = 1000    // that are kept compiled
)

// A pattern is a compiled regular expression and its size.
type pattern struct {
	*regexp.Regexp
	states int
}

// pattern compiles a regular expression that will be used on a text, and takes
// the work from the budget.
func (r *renderer) pattern(text, on string) (*regexp.Regexp, error) {
	if len(text) > maxPattern {
		return nil, limit("a regular expression of more than %d bytes", maxPattern)
	}
	p, ok := r.patterns[text]
	if !ok {
		tree, err := syntax.Parse(text, syntax.Perl)
		if err != nil {
			return nil, err
		}
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil {
			return nil, err
		}
		p.states = len(prog.Inst)
		if p.states*prog.NumCap > maxMachine {
			return nil, limit("a regular expression with too many states and groups")
		}
		if p.Regexp, err = regexp.Compile(text); err != nil {
			return nil, err
		}
		if len(r.patterns) < maxPatterns {
			r.patterns[text] = p
		}
	}
	return p.Regexp, r.step(1 + p.states>>6 + p.states*len(on)>>8)
}

// regexFuncs replaces sprig's functions for regular expressions.
func (r *renderer) regexFuncs(f template.FuncMap) {
	match := func(re, s string) (bool, error) {
		rx, err := r.pattern(re, s)
		return err == nil && rx.MatchString(s), err
	}
	f["mustRegexMatch"] = match
	f["regexMatch"] = func(re, s string) (bool, error) {
		is, err := match(re, s)
		if stops(err) {
			return false, err
		}
		return is, nil
	}
	find := func(re, s string) (string, error) {
		rx, err := r.pattern(re, s)
		if err != nil {
			return "", err
		}
		return rx.FindString(s), nil
	}
	f["regexFind"], f["mustRegexFind"] = find, find
	findAll := func(re, s string, n int) ([]string, error) {
		rx, err := r.pattern(re, s)
		if err != nil {
			return nil, err
		}
		if err := few(rx, s, n); err != nil {
			return nil, err
		}
		return rx.FindAllString(s, n), nil
	}
	f["regexFindAll"], f["mustRegexFindAll"] = findAll, findAll
	split := func(re, s string, n int) ([]string, error) {
		rx, err := r.pattern(re, s)
		if err != nil {
			return nil, err
		}
		if err := few(rx, s, n); err != nil {
			return nil, err
		}
		return rx.Split(s, n), nil
	}
	f["regexSplit"], f["mustRegexSplit"] = split, split
	replace := func(with func(*regexp.Regexp, string, string) string, groups bool) func(re, s, repl string) (string, error) {
		return func(re, s, repl string) (string, error) {
			rx, err := r.pattern(re, s)
			if err != nil {
				return "", err
			}
			if fits(len(repl), len(s)+1) != nil {
				if err := fits(len(repl), len(rx.FindAllStringIndex(s, maxItems))); err != nil {
					return "", err
				}
			}
			// The parts of a text that match do not overlap: a group that stands in
			// the replacement brings the text once at most.
			if groups {
				if err := fits(len(s), strings.Count(repl, "$")+1); err != nil {
					return "", err
				}
			}
			return with(rx, s, repl), nil
		}
	}
	all, literal := replace((*regexp.Regexp).ReplaceAllString, true), replace((*regexp.Regexp).ReplaceAllLiteralString, false)
	f["regexReplaceAll"], f["mustRegexReplaceAll"] = all, all
	f["regexReplaceAllLiteral"], f["mustRegexReplaceAllLiteral"] = literal, literal
}

// few fails when there are too many matches for a list.
func few(rx *regexp.Regexp, s string, n int) error {
	if n >= 0 && n <= maxItems || len(s) < maxItems {
		return nil
	}
	return fewItems(len(rx.FindAllStringIndex(s, maxItems+1)))
}
