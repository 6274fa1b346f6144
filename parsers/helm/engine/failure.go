package engine

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// A userError is what the chart's author wants to say with required or fail.
type userError struct{ message string }

func (e *userError) Error() string { return e.message }

var (
	locationRE = regexp.MustCompile(`(?s)^template: (.*?):(\d+):(?:(\d+):)? (.*)$`)
	contextRE  = regexp.MustCompile(`(?s)^executing ".*?" at <(.*?)>: (.*)$`)
	preparedRE = regexp.MustCompile(` \| (?:` + fnCheck + `|` + fnEmit + ` \d+)`)
)

// failure makes a Failure of an error of text/template: where it happened, the
// calls that led there, and what is wrong without the way there.
func (r *renderer) failure(i int, err error) Failure {
	f := Failure{Template: i, Message: err.Error()}
	for e := err; ; {
		if at, message, ok := r.locate(e.Error()); ok {
			f.Message = message
			if at.Template >= 0 {
				f.At = append([]Place{at}, f.At...)
			}
		}
		var exec template.ExecError
		if !errors.As(e, &exec) {
			break
		}
		e = exec.Err
		if inner := errors.Unwrap(e); inner != nil {
			e = inner
			continue
		}
		break
	}
	var user *userError
	var lim *LimitError
	switch {
	case errors.As(err, &user):
		f.Message = user.message
	case errors.As(err, &lim):
		f.Message = lim.what
	}
	return f
}

// locate reads the place in front of an error of text/template. The place has
// Template -1 when no file of the chart has that name.
func (r *renderer) locate(text string) (at Place, message string, ok bool) {
	m := locationRE.FindStringSubmatch(text)
	if m == nil {
		return Place{}, "", false
	}
	message = m[4]
	if c := contextRE.FindStringSubmatch(message); c != nil {
		message = c[2]
		if !strings.Contains(message, c[1]) {
			message += " at <" + c[1] + ">"
		}
	}
	message = preparedRE.ReplaceAllString(message, "")
	at.Template = -1
	if i, ok := r.index[m[1]]; ok {
		line, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		at.Template = i
		at.Start, at.End = lineAt(r.templates[i].Text, line, column)
	}
	return at, message, true
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
