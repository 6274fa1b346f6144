package schema

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// wrong reports a value that is of another type than t, and tells whether
// there is nothing to be seen in it.
func (w *walker) wrong(v graph.Value, t *kubeschema.Type, name string) bool {
	kind := v.Kind()
	scalar := kind == graph.String || kind == graph.Number || kind == graph.Bool
	text := v.Str()
	var fits bool
	switch t.Kind {
	case kubeschema.Object, kubeschema.Map:
		fits = kind == graph.Map
	case kubeschema.List:
		fits = kind == graph.List
	case kubeschema.Boolean:
		fits = kind == graph.Bool || w.lenient && scalar && (text == "true" || text == "false")
	case kubeschema.Integer:
		fits = kind == graph.Number && whole(v) || w.lenient && scalar && whole(v)
	case kubeschema.Float:
		fits = kind == graph.Number
	case kubeschema.String:
		fits = kind == graph.String || w.lenient && scalar
	case kubeschema.Quantity:
		fits = kind == graph.String || kind == graph.Number
	case kubeschema.IntOrString:
		fits = kind == graph.String || kind == graph.Number && whole(v)
	case kubeschema.Any:
		fits = true
	}
	if fits {
		return false
	}
	if scalar && placeholder(text) {
		return true
	}
	if v.Key() == "" { // an item is named after its list
		name = "an item of " + name
	}
	w.add(wrongType, v, "%s is %s, and must be %s", name, what(v), wanted(t))
	return true
}

// whole tells whether a number has no fraction.
func whole(v graph.Value) bool {
	_, known := v.Int(0)
	return known
}

// what is a value in words.
func what(v graph.Value) string {
	switch v.Kind() {
	case graph.String:
		text := v.Str()
		if first, _, more := strings.Cut(text, "\n"); more || len(text) > 60 {
			text = first[:min(len(first), 60)] + "…"
		}
		return fmt.Sprintf("the text %q", text)
	case graph.Number, graph.Bool:
		return fmt.Sprintf("the %v %s", v.Kind(), v.Str())
	}
	return "a " + v.Kind().String()
}

// wanted is a type in words.
func wanted(t *kubeschema.Type) string {
	switch t.Kind {
	case kubeschema.Object:
		return "a map, of the type " + short(t)
	case kubeschema.Map:
		return "a map"
	case kubeschema.List:
		return "a list"
	case kubeschema.Integer:
		return "a whole number"
	case kubeschema.Boolean:
		return "true or false"
	case kubeschema.Float:
		return "a number"
	case kubeschema.Quantity:
		return "a quantity"
	case kubeschema.IntOrString:
		return "a whole number or a text"
	case kubeschema.String, kubeschema.Any:
	}
	return "a text"
}

var upper = late.Pattern(`^[<\[%@]|^_*[A-Z][A-Z0-9]*(_[A-Z0-9]+)+_*$|^__`)

// placeholder tells whether text waits for another tool to fill it in.
func placeholder(text string) bool {
	return workload.Templated(text) || strings.Contains(text, "$") || upper().MatchString(text)
}
