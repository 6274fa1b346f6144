package engine

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// A userError is what the chart's author wants to say with required or fail.
type userError struct{ message string }

func (e *userError) Error() string { return e.message }

// maxCalls is how many of the calls that led to a failure are kept.
const maxCalls = 8

var preparedRE = regexp.MustCompile(` \| (?:` + fnCheck + `|` + fnEmit + ` \d+)`)

// failure makes a Failure of an error of text/template: where it happened, the
// calls that led there, and what is wrong without the way there.
func (r *renderer) failure(i int, err error) Failure {
	f := Failure{Template: i, Message: err.Error()}
	for e := err; e != nil; {
		if at, message, ok := r.locate(e.Error()); ok {
			f.Message = message
			if at.Template >= 0 {
				f.At = append(f.At, at)
			}
		}
		var exec template.ExecError
		if !errors.As(e, &exec) {
			break
		}
		e = errors.Unwrap(exec.Err)
	}
	slices.Reverse(f.At)
	f.At = f.At[:min(len(f.At), 1+maxCalls)]
	var user *userError
	var lim *LimitError
	switch {
	case errors.As(err, &user):
		f.Message = abbreviate(user.message)
	case errors.As(err, &lim):
		f.Message = lim.what
	default:
		f.Message = abbreviate(f.Message)
	}
	return f
}

// locate takes an error of text/template apart: "template: name:line:column:
// executing "name" at <code>: message". The place has Template -1 when no file
// of the chart has that name.
func (r *renderer) locate(text string) (at Place, message string, ok bool) {
	text, ok = strings.CutPrefix(text, "template: ")
	if !ok {
		return Place{}, "", false
	}
	location, message, ok := strings.Cut(text, ": ")
	if !ok {
		return Place{}, "", false
	}
	name, last, _ := cutLast(location)
	line, err := strconv.Atoi(last)
	if err != nil {
		return Place{}, "", false
	}
	column := 0
	if n, before, ok := cutLast(name); ok {
		if l, err := strconv.Atoi(before); err == nil {
			name, line, column = n, l, line
		}
	}
	if rest, ok := strings.CutPrefix(message, "executing "); ok {
		if _, rest, ok = strings.Cut(rest, " at <"); ok {
			if code, rest, ok := strings.Cut(rest, ">: "); ok {
				message = rest
				if len(code) < 200 && !strings.Contains(message, code) {
					message += " at <" + code + ">"
				}
			}
		}
	}
	message = preparedRE.ReplaceAllString(abbreviate(message), "")
	at.Template = -1
	if i, ok := r.index[name]; ok {
		at.Template = i
		at.Start, at.End = lineAt(r.templates[i].Text, line, column)
	}
	return at, message, true
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// lineAt is the part of line n, counted from 1, behind its first skip bytes.
func lineAt(text string, n, skip int) (start, end int) {
	for ; n > 1; n-- {
		i := strings.IndexByte(text[start:], '\n')
		if i < 0 {
			break
		}
		start += i + 1
	}
	end = len(text)
	if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
		end = start + i
	}
	if start+skip <= end {
		start += skip
	}
	return start, end
}
