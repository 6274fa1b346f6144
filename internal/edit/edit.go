// Package edit changes configuration where it was written. An [Op] names a
// value of the graph and what is to become of it; nothing is looked up in a
// file before [Op.Edits] finds the bytes to replace.
//
// Bytes are replaced only where they are known to be the value: its origin is
// exact to the token and written in the tree, and nothing else flowed into it.
// Everything else is a [Refusal], which says why a person has to do it. What
// stands around an edit - comments, quotes, indentation, blank lines - is not
// touched, so a file may be edited in many places at once as long as the edits
// do not overlap. Of YAML the text that comes out is read here, and an edit that
// changes more than one entry, item or scalar is refused. Whether the result
// means what it should is not known: whoever applies edits parses the files
// again and looks.
package edit

import (
	"fmt"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// An Op is one change to a value. Make it with one of the functions below.
type Op struct {
	kind       kind
	at         graph.Value
	key        string
	data       *graph.Node
	start, end int
}

type kind uint8

const (
	set kind = iota
	remove
	add
	appendItem
	replace
	rename
)

// Set makes a value what data says. Of a value that is absent the keys that
// are missing are written too.
func Set(at graph.Value, data *graph.Node) Op { return Op{kind: set, at: at, data: data} }

// Remove takes away a key with its value, or an item of a list.
func Remove(at graph.Value) Op { return Op{kind: remove, at: at} }

// Add writes a key that a map does not have. Unlike in Set the key may hold
// dots.
func Add(to graph.Value, key string, data *graph.Node) Op {
	return Op{kind: add, at: to, key: key, data: data}
}

// Append adds an item at the end of a list.
func Append(to graph.Value, item *graph.Node) Op { return Op{kind: appendItem, at: to, data: item} }

// Replace puts text in the place of the bytes [start,end) of a string's text.
func Replace(at graph.Value, start, end int, text string) Op {
	return Op{kind: replace, at: at, start: start, end: end, data: Text(text)}
}

// Rename gives a key another name; its value stays.
func Rename(at graph.Value, key string) Op { return Op{kind: rename, at: at, key: key} }

// Value is what is changed or, for [Add] and [Append], gets something new.
func (o Op) Value() graph.Value { return o.at }

// Removes tells whether the op takes something away.
func (o Op) Removes() bool { return o.kind == remove }

// Writes is the way to the first key that the op writes anew; nil when it
// writes none.
func (o Op) Writes() []string {
	missing := o.at.Missing()
	steps := o.at.Steps()
	switch {
	case len(missing) > 0 && len(missing) <= len(steps):
		return steps[:len(steps)-len(missing)+1]
	case o.kind == add:
		return append(steps, o.key)
	}
	return nil
}

// Bool is a boolean to write.
func Bool(b bool) *graph.Node { return graph.NewBool(b, nil) }

// Text is a string to write.
func Text(s string) *graph.Node { return graph.NewString(s, nil) }

// Number is a whole number to write.
func Number(n int) *graph.Node { return graph.NewScalar(graph.Number, fmt.Sprint(n), nil) }

// List is a list to write.
func List(items ...*graph.Node) *graph.Node { return graph.NewList(items, nil) }

// Map is a map of one key to write.
func Map(key string, value *graph.Node) *graph.Node {
	return graph.NewMap([]graph.Field{{Key: key, Node: value}}, nil)
}

// An Edit puts text in the place of a span.
type Edit struct {
	Span source.Span
	New  string
}

// A Refusal says why an op cannot be carried out.
type Refusal struct{ Why string }

func (r *Refusal) Error() string { return r.Why }

func refuse(format string, args ...any) *Refusal { return &Refusal{fmt.Sprintf(format, args...)} }
