package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// A userError is what the chart's author wants to say with required or fail.
type userError struct{ message string }

func (e *userError) Error() string { return e.message }

// maxCalls is how many of the calls that led to a failure are kept.
const maxCalls = 8

// An execError is an error of an action.
type execError struct {
	script *script
	pos    int
	code   string
	err    error
	calls  []frame // that led there, of one that ends the rendering of a file
}

func (e *execError) Error() string { return e.err.Error() }
func (e *execError) Unwrap() error { return e.err }

// errorf is an error at the node being evaluated.
func (s *state) errorf(format string, args ...any) error {
	return s.called(fmt.Errorf(format, args...))
}

// called puts an error at the node being evaluated.
func (s *state) called(err error) error {
	if stops(err) {
		return err
	}
	e := &execError{script: s.script, err: err}
	if s.node != nil {
		e.pos, e.code = int(s.node.Position()), s.node.String()
	}
	return e
}

// stopped puts an error that ends the rendering at the node where it was met.
func (s *state) stopped(n parse.Node, err error) error {
	if _, placed := errors.AsType[*execError](err); placed || !stops(err) {
		return err
	}
	return &execError{script: s.script, pos: int(n.Position()), err: err, calls: slices.Clone(s.calls[max(len(s.calls)-maxCalls, 0):])}
}

// stops tells of errors that end the rendering of a file.
func stops(err error) bool {
	var lim *LimitError
	return errors.As(err, &lim) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// forgive notes that an action failed. The rest can go on unless the error
// is one that stops.
func (s *state) forgive(n parse.Node, err error) error {
	if stops(err) {
		return err
	}
	s.miss(n)
	if errors.Is(err, errFailed) {
		return s.step(1)
	}
	f := s.failure(s.current, err)
	at := Place{Template: -1 - s.current}
	if len(f.At) > 0 {
		at = f.At[0]
	}
	if !s.known[at] || s.failures == nil {
		s.known[at] = true
		s.failures = append(s.failures, f)
	}
	return s.step(1)
}

// failure makes a Failure of an error: where it happened, the calls that led
// there, and what is wrong without the way there.
func (r *renderer) failure(i int, err error) Failure {
	f := Failure{Template: i, Message: err.Error()}
	var user *userError
	var lim *LimitError
	if at, message, ok := r.locate(err.Error()); ok { // it could not be parsed
		f.Message = message
		if at.Template >= 0 {
			f.At = append(f.At, at)
		}
	} else if exec, ok := errors.AsType[*execError](err); ok {
		at := func(s *script, pos int) {
			if s.file >= 0 && len(f.At) <= maxCalls {
				end := pos + max(strings.IndexByte(s.text[pos:]+"\n", '\n'), 0)
				f.At = append(f.At, Place{s.file, pos, end})
			}
		}
		at(exec.script, exec.pos)
		calls := r.calls
		if exec.calls != nil {
			calls = exec.calls
		}
		for _, c := range slices.Backward(calls) {
			at(c.script, c.pos)
		}
		if exec.code != "" && len(exec.code) < 200 && !strings.Contains(f.Message, exec.code) {
			f.Message += " at <" + exec.code + ">"
		}
	}
	switch {
	case errors.As(err, &user):
		f.Message = user.message
	case errors.As(err, &lim):
		f.Message = lim.what
	}
	f.Message = abbreviate(f.Message)
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
	message = abbreviate(message)
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
