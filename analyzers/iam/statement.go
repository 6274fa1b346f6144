package iam

import (
	"iter"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A Statement is one statement of a policy, in JSON or as a block.
type Statement struct {
	graph.Value
	hcl bool
}

func (s Statement) get(json, hcl string) graph.Value {
	if s.hcl {
		return s.Get(hcl)
	}
	return s.Get(json)
}

// Allows tells whether the statement allows. Allow is the default of the data
// source; in JSON the effect is required.
func (s Statement) Allows() graph.Tri {
	effect := s.get("Effect", "effect")
	return effect.Present().Not().Or(effect.Is("Allow"))
}

// Texts yields the texts of a value that is one text or a list of them.
// Unknown ones are among them.
func Texts(v graph.Value) iter.Seq[graph.Value] {
	return func(yield func(graph.Value) bool) {
		for item := range v.All("") {
			switch item.Kind() {
			case graph.Absent, graph.Null, graph.List, graph.Map:
				continue
			case graph.Unknown, graph.Bool, graph.Number, graph.String:
			}
			if !yield(item) {
				return
			}
		}
	}
}

// Actions is the statement's action or actions.
func (s Statement) Actions() graph.Value { return s.get("Action", "actions") }

// NotActions is the list of actions that the statement is not about.
func (s Statement) NotActions() graph.Value { return s.get("NotAction", "not_actions") }

// Resources is the statement's resource or resources.
func (s Statement) Resources() graph.Value { return s.get("Resource", "resources") }

// NotPrincipals is the list of principals that the statement is not about.
func (s Statement) NotPrincipals() graph.Value { return s.get("NotPrincipal", "not_principals") }

// A Principal is one identity that a statement names; Type is "AWS",
// "Service", "Federated" or "*". ID may be unknown.
type Principal struct {
	Type string
	ID   graph.Value
}

// Principals yields the principals of the statement.
func (s Statement) Principals() iter.Seq[Principal] {
	return func(yield func(Principal) bool) {
		if s.hcl {
			for block := range s.Get("principals").All("") {
				for id := range Texts(block.Get("identifiers")) {
					if !yield(Principal{block.Get("type").Str(), id}) {
						return
					}
				}
			}
			return
		}
		v := s.Get("Principal")
		if v.Kind() != graph.Map {
			for id := range Texts(v) {
				if !yield(Principal{"*", id}) {
					return
				}
			}
			return
		}
		for typ, ids := range v.Entries() {
			for id := range Texts(ids) {
				if !yield(Principal{typ, id}) {
					return
				}
			}
		}
	}
}

// Everybody is the principal that stands for every AWS account or for the
// whole Internet, and whether there is one.
func (s Statement) Everybody() (graph.Value, graph.Tri) {
	var at graph.Value
	answer := graph.False
	for p := range s.Principals() {
		if p.Type != "AWS" && p.Type != "*" {
			continue
		}
		is := p.ID.Is("*").Or(graph.Of(strings.HasPrefix(p.ID.Str(), "arn:aws:iam::*:")))
		if is == graph.True {
			return p.ID, is
		}
		if is == graph.Unsure {
			at, answer = p.ID, is
		}
	}
	return at, answer
}

// A Condition is one key that a statement tests.
type Condition struct {
	Test, Key string
	Values    graph.Value
}

// Conditions yields the conditions of the statement.
func (s Statement) Conditions() iter.Seq[Condition] {
	return func(yield func(Condition) bool) {
		if s.hcl {
			for c := range s.Get("condition").All("") {
				if c.Kind() == graph.Map && !yield(Condition{c.Get("test").Str(), c.Get("variable").Str(), c.Get("values")}) {
					return
				}
			}
			return
		}
		for test, keys := range s.Get("Condition").Entries() {
			for key, values := range keys.Entries() {
				if !yield(Condition{test, key, values}) {
					return
				}
			}
		}
	}
}

// Conditional tells whether the statement has any condition.
func (s Statement) Conditional() graph.Tri {
	v := s.get("Condition", "condition")
	n, known := v.Len()
	if !known {
		return graph.Unsure
	}
	return graph.Of(n > 0)
}

// narrowing are the condition keys that tie a request to an account, an
// organisation, a network or a single thing, in lower case. They are those by
// which AWS itself decides that a bucket policy is not public, and those of
// key and queue policies.
var narrowing = map[string]bool{
	"aws:principalaccount": true, "aws:principalarn": true, "aws:principalorgid": true, "aws:principalorgpaths": true,
	"aws:sourceaccount": true, "aws:sourcearn": true, "aws:sourceip": true, "aws:sourceorgid": true,
	"aws:sourceorgpaths": true, "aws:sourceowner": true, "aws:sourcevpc": true, "aws:sourcevpce": true,
	"aws:vpcsourceip": true, "aws:userid": true, "aws:username": true, "kms:calleraccount": true,
	"s3:dataaccesspointaccount": true, "s3:dataaccesspointarn": true, "elasticfilesystem:accessedviamounttarget": true,
}

// idle are the condition keys that anybody can meet.
var idle = map[string]bool{
	"aws:securetransport": true, "aws:useragent": true, "aws:referer": true, "aws:requestedregion": true,
	"aws:currenttime": true, "aws:epochtime": true, "sns:protocol": true, "sns:endpoint": true, "kms:viaservice": true,
}

// Narrow tells whether the conditions of the statement keep strangers out. It
// is Unsure of a condition that is not known to do so.
func (s Statement) Narrow() graph.Tri {
	if s.Conditional() == graph.Unsure {
		return graph.Unsure
	}
	answer := graph.False
	for c := range s.Conditions() {
		key := strings.ToLower(c.Key)
		switch {
		case negated(c.Test):
			answer = answer.Or(graph.Unsure)
		case narrowing[key]:
			open := c.Values.Contains("*", "0.0.0.0/0", "::/0") == graph.True
			answer = answer.Or(graph.Of(!open)) // a reference narrows as well
		case idle[key] || strings.HasPrefix(key, "s3:"):
		default:
			answer = answer.Or(graph.Unsure)
		}
	}
	return answer
}

func negated(test string) bool { return strings.Contains(test, "Not") }

// Encrypted tells whether the statement is about requests that are encrypted
// on the way, or about those that are not; it is Unsure when it does not ask.
func (s Statement) Encrypted() graph.Tri {
	for c := range s.Conditions() {
		if strings.EqualFold(c.Key, "aws:SecureTransport") && !negated(c.Test) {
			return c.Values.Contains("true")
		}
	}
	return graph.Unsure
}

// Public is the principal by which everybody is let in, and whether there is
// one: the statement allows, names everybody, and no condition keeps strangers
// out.
func (s Statement) Public() (graph.Value, graph.Tri) {
	at, everybody := s.Everybody()
	return at, everybody.And(s.Allows(), s.Narrow().Not())
}

// Match tells whether a pattern with * and ?, as policies have them, covers an
// action. Actions are compared without regard to case.
func Match(pattern, action string) bool {
	return match(strings.ToLower(pattern), strings.ToLower(action))
}

func match(p, s string) bool {
	star, back := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '*':
			star, back = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == s[j]):
			i, j = i+1, j+1
		case star >= 0:
			back++
			i, j = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(p[i:], "*") == ""
}

// Grants tells whether the statement allows an action, on whatever resource,
// and by which value it says so.
func (s Statement) Grants(action string) (graph.Value, graph.Tri) {
	var at graph.Value
	answer := graph.False
	for v := range Texts(s.Actions()) {
		text, known := v.Text("")
		if !known {
			at, answer = v, graph.Unsure
			continue
		}
		if Match(text, action) {
			return v, s.Allows()
		}
	}
	return at, answer.And(s.Allows())
}

// Denies tells whether the statement denies an action, on whatever resource.
func (s Statement) Denies(action string) graph.Tri {
	answer := graph.False
	for v := range Texts(s.Actions()) {
		text, known := v.Text("")
		if !known {
			answer = answer.Or(graph.Unsure)
			continue
		}
		answer = answer.Or(graph.Of(Match(text, action)))
	}
	return answer.And(s.Allows().Not())
}

// GrantsAll tells whether the statement allows every action on every resource,
// without a condition that keeps most requests out, and by which value.
func (s Statement) GrantsAll() (graph.Value, graph.Tri) {
	at := s.Actions()
	for v := range Texts(at) {
		if v.Is("*", "*:*") == graph.True {
			at = v
			break
		}
	}
	return at, s.Allows().And(s.Actions().Contains("*", "*:*"), s.Resources().Contains("*"), s.Narrow().Not())
}
