package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
)

// A spot is a place in an object: a key of a map or an item of a list. The
// object itself is nil.
type spot struct {
	up    *spot
	key   string
	item  *graph.Node // of a list; nil for a key
	index int
	by    telling // the items of the list
}

func (s *spot) field(key string) *spot { return &spot{up: s, key: key} }

func (s *spot) at(index int, item *graph.Node, by telling) *spot {
	return &spot{up: s, item: item, index: index, by: by}
}

// steps are the spots from the first one below the object to this one.
func (s *spot) steps() (steps []*spot) {
	for ; s != nil; s = s.up {
		steps = append(steps, s)
	}
	slices.Reverse(steps)
	return steps
}

// typeIn is the type of the last step in a value of a type; nil where that is
// not known.
func (s *spot) typeIn(t *kubeschema.Type) *kubeschema.Type {
	switch {
	case t == nil:
		return nil
	case s.item != nil, t.Kind == kubeschema.Map:
		return t.Elem
	}
	return t.Field(s.key)
}

// path is the spot with indexes, "spec.ports.0".
func (s *spot) path() string {
	var parts []string
	for _, step := range s.steps() {
		if step.item != nil {
			parts = append(parts, strconv.Itoa(step.index))
		} else {
			parts = append(parts, step.key)
		}
	}
	return strings.Join(parts, ".")
}

// An ownership is who set a field, as the server remembers it.
type ownership struct {
	manager, operation, subresource string
	time                            string // "2026-11-28T06:00:00Z"
	version                         string // of the API, in which it was set
}

func ownershipOf(entry map[string]any) ownership {
	return ownership{text(entry, "manager"), text(entry, "operation"), text(entry, "subresource"), text(entry, "time"), text(entry, "apiVersion")}
}

// owner is who set a field last, or what holds it when that is set as a whole;
// the zero ownership when nobody is known to.
func (o *liveObject) owner(at *spot) (last ownership) {
	steps := at.steps()
	for _, entry := range mapsAt(o.raw, "metadata", "managedFields") {
		one := ownershipOf(entry)
		if one.time >= last.time && owns(mapAt(entry, "fieldsV1"), steps) {
			last = one
		}
	}
	return last
}

// owns tells whether a set of fields has the last step, or something before it
// as a whole.
func owns(fields map[string]any, steps []*spot) bool {
	for i, step := range steps {
		if i > 0 && whole(fields) {
			return true
		}
		next, ok := below(fields, step)
		if !ok {
			return false
		}
		fields = next
	}
	return len(steps) > 0
}

func whole(fields map[string]any) bool {
	_, self := fields["."]
	return len(fields) == 0 || self && len(fields) == 1
}

func below(fields map[string]any, step *spot) (map[string]any, bool) {
	if step.item == nil {
		next, ok := fields["f:"+step.key].(map[string]any)
		return next, ok
	}
	for name, next := range fields {
		kind, text, _ := strings.Cut(name, ":")
		of, ok := next.(map[string]any)
		if ok && (kind == "k" && step.hasKeys(text) || kind == "v" && isText(text, step.item) || kind == "i" && text == strconv.Itoa(step.index)) {
			return of, true
		}
	}
	return nil, false
}

// hasKeys tells whether an item has the values of its keys, in JSON.
func (s *spot) hasKeys(text string) bool {
	var keys map[string]any
	if json.Unmarshal([]byte(text), &keys) != nil {
		return false
	}
	for key, v := range keys {
		if s.by.key(s.item, key) != fmt.Sprint(v) {
			return false
		}
	}
	return true
}

func isText(value string, n *graph.Node) bool {
	if s, err := strconv.Unquote(value); err == nil {
		value = s
	}
	return scalar(n.Kind()) && n.Text() == value
}

func scalar(k graph.Kind) bool { return k == graph.Bool || k == graph.Number || k == graph.String }
