package live

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A difference is what the place of a live value knows that is not what is
// written: see parsers/cluster.
type difference interface {
	// Written is what the manifest has instead; there is false where it has
	// nothing, known where only the cluster knows what it comes to.
	Written() (text string, there, known bool)
	// Manager is who set the value and when; "" when nobody is known to have.
	Manager() (name, time string, injected bool)
}

// family is that of the rules that look at nothing but what runs.
const family = "live"

// Explain says in a few words why an object that runs has a finding that
// nothing written has; files tells whether anything is written at all.
func Explain(g *graph.Graph, f *analyzers.Finding, files bool) string {
	written := Written(g, f.Resource)
	switch {
	case f.Resource.Type == Cluster, f.Resource.Type == "core/Node": // which nobody writes
		return ""
	case written == nil && files:
		return "nothing that was scanned makes it"
	case written == nil:
		return ""
	}
	if d, ok := f.Value.Nearest().Handle().(difference); ok { // also of what lacks something
		return told(d, f.Value.Nearest())
	}
	if w := counterpart(written, f.Resource, f.Value); f.Absent && !(w.Present() == graph.False) {
		if text, ok := scalar(w); ok {
			return fmt.Sprintf("the manifest says %s here, the cluster has nothing", text)
		}
		return "it is in the manifest and not in the cluster"
	}
	if at := f.Value.Place(); f.Rule.Family() == family || at != nil && at.Span.File != nil && at.Span.File.Remote {
		return "" // it is about what only runs: the status
	}
	return "only in the cluster"
}

func told(d difference, v graph.Value) string {
	by, when, injected := d.Manager()
	if injected {
		return "not in the manifest: injected into its pods"
	}
	said := "not in the manifest"
	if text, there, known := d.Written(); there {
		has, ok := scalar(v)
		switch {
		case !ok:
			said = "the manifest says something else here"
		case known:
			said = fmt.Sprintf("the manifest says %s here, the cluster has %s", strconv.Quote(text), has)
		default:
			said = fmt.Sprintf("the manifest leaves it open, the cluster has %s", has)
		}
	}
	if by == "" {
		return said
	}
	said += fmt.Sprintf(", set by %q", by)
	if day, _, ok := strings.Cut(when, "T"); ok {
		said += " on " + day
	}
	return said
}

func scalar(v graph.Value) (string, bool) {
	switch v.Kind() {
	case graph.Bool, graph.Number, graph.String:
		return strconv.Quote(v.Str()), true
	}
	return "", false
}

// counterpart is the written value at the path of a live one. Items of lists
// that stand for each other have one place.
func counterpart(written, running *graph.Resource, v graph.Value) graph.Value {
	w, r := written.Config, running.Config
	for _, step := range v.Steps() {
		if r.Kind() != graph.List {
			w, r = w.Get(step), r.Get(step)
			continue
		}
		r = r.Get(step)
		w = partner(w, r.Handle())
	}
	return w
}

// partner is the item of a list at a place; absent when there is none.
func partner(list graph.Value, at source.Handle) graph.Value {
	for item := range list.Each() {
		if at != nil && reflect.TypeOf(at).Comparable() && item.Handle() == at {
			return item
		}
	}
	return graph.Value{}
}
