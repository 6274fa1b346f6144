package cluster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
)

// usualKeys tell the items of a list apart of which the API does not say what
// does.
var usualKeys = [...]string{"name", "key", "host", "path", "ip", "port", "id"}

// mostCompared bounds the lists whose items are compared each with each.
const mostCompared = 64

// A telling is what tells the items of a list apart.
type telling struct {
	keys []string // those by which the API merges lists; nil for none
	// usual is what a key is where an item does not have it, "" for nothing.
	usual func(key string) string
}

// telling is that of a list of a type, which may be nil.
func (d *defaults) telling(list *kubeschema.Type) telling {
	if list == nil || list.Kind != kubeschema.List {
		return telling{}
	}
	return telling{list.Keys, func(key string) string {
		if v, known := d.constantOf(list.Elem, key); known {
			return fmt.Sprint(v)
		}
		return ""
	}}
}

// key is what an item has for a key, "" for nothing.
func (t telling) key(item *graph.Node, key string) string {
	switch f := item.Field(key); {
	case f != nil && scalar(f.Node.Kind()):
		return f.Node.Text()
	case t.usual != nil:
		return t.usual(key)
	}
	return ""
}

// keyIn is what an item of JSON has for a key, "" for nothing.
func (t telling) keyIn(item map[string]any, key string) string {
	switch v := item[key]; {
	case v != nil:
		return fmt.Sprint(v)
	case t.usual != nil:
		return t.usual(key)
	}
	return ""
}

// all is what an item has for all keys.
func (t telling) all(item *graph.Node) string {
	var parts []string
	for _, key := range t.keys {
		parts = append(parts, t.key(item, key))
	}
	return strings.Join(parts, "\x00")
}

// pair finds for each live item the written one that it was made from, -1 for
// none: by the keys that tell them apart, else by what they have in common.
func pair(written, live []*graph.Node, by telling) []int {
	partner := make([]int, len(live))
	for i := range partner {
		partner[i] = -1
	}
	if len(by.keys) == 0 {
		by = telling{keys: common(written, live)}
	}
	if len(by.keys) > 0 {
		byKey := map[string][]int{}
		for j, w := range written {
			k := by.all(w)
			byKey[k] = append(byKey[k], j)
		}
		for i, l := range live {
			k := by.all(l)
			if left := byKey[k]; len(left) > 0 {
				partner[i], byKey[k] = left[0], left[1:]
			}
		}
		pairNames(written, live, partner)
		return partner
	}
	used := make([]bool, len(written))
	match := func(i, j int) { partner[i], used[j] = j, true }
	if len(written) > mostCompared || len(live) > mostCompared {
		for i := range min(len(written), len(live)) {
			match(i, i)
		}
		return partner
	}
	alike := make([][]int, len(live))
	for i, l := range live {
		for _, w := range written {
			alike[i] = append(alike[i], likeness(w, l))
		}
		if i < len(written) && alike[i][i] == certain { // equal ones keep their places
			match(i, i)
		}
	}
	for least := certain; least > 0; least-- {
		for i := range live {
			for j := range written {
				if partner[i] < 0 && !used[j] && alike[i][j] >= least {
					match(i, j)
				}
			}
		}
	}
	if len(written) == len(live) { // what has nothing in common with any may be one that was changed
		for i := range live {
			if partner[i] < 0 && !used[i] {
				match(i, i)
			}
		}
	}
	return partner
}

// pairNames pairs what is left of items that have names beside their keys: such a
// one is the same with another key.
func pairNames(written, live []*graph.Node, partner []int) {
	left := map[string]int{}
	for j, w := range written {
		if name := (telling{}).key(w, "name"); name != "" && !slices.Contains(partner, j) {
			left[name] = j
		}
	}
	for i, l := range live {
		if j, there := left[(telling{}).key(l, "name")]; there && partner[i] < 0 {
			partner[i] = j
			delete(left, (telling{}).key(l, "name"))
		}
	}
}

// common is a key that all items have, each with another value; nil for none.
func common(written, live []*graph.Node) []string {
	for _, key := range usualKeys {
		if apart(written, key) && apart(live, key) {
			return []string{key}
		}
	}
	return nil
}

func apart(items []*graph.Node, key string) bool {
	seen := map[string]bool{}
	for _, item := range items {
		f := item.Field(key)
		if f == nil || !scalar(f.Node.Kind()) || seen[f.Node.Text()] {
			return false
		}
		seen[f.Node.Text()] = true
	}
	return true
}

// certain is the likeness of what is equal.
const certain = 10

// likeness is how much of two values is the same, in tenths.
func likeness(w, l *graph.Node) int {
	same, all := agreement(w, l)
	switch {
	case all == 0, same == all:
		return certain
	}
	return min(certain-1, same*certain/all)
}

// agreement counts the scalars of a written value and how many of them are the
// same in a live one. What is not known counts for nothing.
func agreement(w, l *graph.Node) (same, all int) {
	switch w.Kind() {
	case graph.Map:
		for _, f := range w.Fields() {
			var there *graph.Node
			if at := l.Field(f.Key); at != nil {
				there = at.Node
			}
			s, a := agreement(f.Node, there)
			same, all = same+s, all+a
		}
	case graph.List:
		for i, item := range w.Items() {
			var there *graph.Node
			if l.Kind() == graph.List && len(l.Items()) > 0 {
				there = l.Items()[min(i, len(l.Items())-1)]
				if k := slices.IndexFunc(l.Items(), func(n *graph.Node) bool {
					return item.Field("name") != nil && telling{}.key(n, "name") == telling{}.key(item, "name")
				}); k >= 0 {
					there = l.Items()[k]
				}
			}
			s, a := agreement(item, there)
			same, all = same+s, all+a
		}
	case graph.Bool, graph.Number, graph.String:
		all = 1
		if scalar(l.Kind()) && sameText(w.Text(), l.Text(), nil) {
			same = 1
		}
	case graph.Absent, graph.Unknown, graph.Null:
	}
	return same, all
}
