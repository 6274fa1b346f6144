// Package suppress lets people say that they know of a finding and live with
// it: in a comment, in an annotation of an object, in the configuration, and
// in the words of other analyzers, so that a project can move here without
// writing everything again.
//
// A suppression in a comment holds for the lines the comment speaks about and
// for every value that has a place in them: the value itself, the chart value
// or variable that drove it, the module call or overlay that passed it on. It
// is held against each instance of a finding before instances are merged, so
// what is said about one overlay hides nothing in the others.
//
// What does not parse, names no rule, is out of date or hides nothing is
// reported by the rules of the family suppression, which have no Check: what
// they say is about the run and not about the graph.
package suppress

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Directive is one suppression as it is written.
type Directive struct {
	// Names are what is suppressed, as for --select; those of other tools with
	// the tool in front: "checkov:CKV_K8S_16".
	Names []string
	// Until is the last day on which it holds, as 2027-01-31; "" for ever.
	Until  string
	Reason string
	// Tool is whose words it is in; "" for our own.
	Tool string
	// At is where it is written.
	At *source.Origin
	// Holds tells what it is about.
	Holds Scope

	fault string // what is malformed about it
}

const (
	mark = "seaworthy:ignore"
	// Day is the form of dates.
	Day = "2006-01-02"
)

var (
	attempt = late.Pattern(`(?i)^seaworthy\s*([:=_-]|\s+(ignore|skip|disable|nolint|allow|suppress))`)
	// nameForm is what can stand for rules: IDs, globs, checks of other tools.
	nameForm = late.Pattern(`^[\w*?:./{}\[\]!-]+$`)
)

// parseComment reads a directive of our own from a comment's text; ok is false
// for a comment that is none and tries to be none.
func parseComment(text string) (d Directive, file, ok bool) {
	text, _, _ = strings.Cut(text, "\n")
	text, _, _ = strings.Cut(text, " # ") // what another tool is told on the same line
	text = strings.TrimRight(text, " \t\r")
	if !strings.HasPrefix(text, mark) {
		switch {
		case attempt().MatchString(text):
			d.fault = fmt.Sprintf("it has to begin with %q", mark)
		case strings.Contains(text, mark):
			d.fault = fmt.Sprintf("%q has to be the first word of the comment", mark)
		default:
			return d, false, false
		}
		return d, false, true
	}
	rest := strings.TrimPrefix(text, mark)
	rest, file = strings.CutPrefix(rest, "-file")
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		d.fault = fmt.Sprintf("there has to be a blank between %q and the rules", strings.TrimSuffix(text, rest))
		return d, file, true
	}
	d.parse(rest)
	return d, file, true
}

// parse reads "RULE[,RULE] [until=DATE] [-- reason]".
func (d *Directive) parse(text string) {
	head, reason, reasoned := cutReason(text)
	d.Reason = reason
	complain := func(format string, args ...any) {
		if d.fault == "" {
			d.fault = fmt.Sprintf(format, args...)
		}
	}
	if reasoned && reason == "" {
		complain(`there is no reason behind "--"`)
	}
	more := true // whether another name may follow
	for word := range strings.FieldsSeq(head) {
		if key, value, ok := strings.Cut(word, "="); ok {
			more = false
			d.option(key, value, complain)
			continue
		}
		for i, name := range strings.Split(word, ",") {
			switch {
			case name == "":
				more = true
			case i == 0 && !more:
				complain("%q stands where nothing was expected: separate rules by commas and write the reason behind \"--\"", word)
			case !nameForm().MatchString(name):
				complain("%q is no name of a rule", name)
			case slices.Contains(d.Names, name):
				complain("%q is named twice", name)
			default:
				d.Names = append(d.Names, name)
				more = false
			}
		}
		more = more || strings.HasSuffix(word, ",")
	}
	if len(d.Names) == 0 {
		complain("it names no rule")
	}
}

func (d *Directive) option(key, value string, complain func(string, ...any)) {
	switch {
	case key != "until":
		complain("%q is no option: there is only until=%s", key, Day)
	case d.Until != "":
		complain("until is given twice")
	default:
		d.Until = value
		if err := CheckDay(value); err != nil {
			complain("until: %v", err)
		}
	}
}

// CheckDay tells what is wrong with a day.
func CheckDay(day string) error {
	if _, err := time.Parse(Day, day); err != nil {
		return fmt.Errorf("%q is no day such as 2027-01-31", day)
	}
	return nil
}

// cutReason cuts the text at its first "--" that is a word.
func cutReason(text string) (head, reason string, reasoned bool) {
	for i := 0; i+2 <= len(text); i++ {
		if text[i:i+2] != "--" || i > 0 && !blank(text[i-1]) || i+2 < len(text) && !blank(text[i+2]) {
			continue
		}
		return text[:i], strings.TrimSpace(text[i+2:]), true
	}
	return text, "", false
}

func blank(c byte) bool { return c == ' ' || c == '\t' }
