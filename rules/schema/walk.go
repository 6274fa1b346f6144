package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
)

// A sort is what is wrong.
type sort uint8

const (
	unknownField sort = iota
	wrongType
	missingField
	unknownValue
	duplicateKey
	duplicateItem
)

// A fault is one thing that does not fit the schema.
type fault struct {
	sort    sort
	at      graph.Value
	first   graph.Value     // what is there twice
	crd     *graph.Resource // whose schema it does not fit; nil for Kubernetes' own
	message string
}

// held are the objects that were held against the schema.
type held struct {
	objects int
	faults  []fault
}

// found are the faults of all objects of a graph.
var found = analyzers.NewFact(func(g *graph.Graph) held {
	w, objects := walker{table: kubeschema.Read()}, 0
	definitions := customResources(g, w.table)
	for _, r := range g.Resources() {
		apiVersion, kind := r.At("apiVersion").Str(), r.At("kind").Str()
		if apiVersion == "" || kind == "" || live.Is(r) {
			continue // no object, or one that the API server has checked
		}
		switch form(g, r) {
		case typed: // its provider knows the fields
			continue
		case converted:
			w.lenient = true
		case written:
			w.lenient = false
		}
		objects++
		w.repeated(r.Config)
		if t := w.table.Object(apiVersion, kind); t != nil {
			w.object(r.Config, t, nil)
		} else if t, crd := definitions.of(r, apiVersion, kind); t != nil {
			from := len(w.faults)
			w.object(r.Config, t, nil)
			for i := from; i < len(w.faults); i++ {
				w.faults[i].crd = crd
			}
		}
	}
	return held{objects, w.faults}
})

// A manifest is how an object is written.
type manifest uint8

const (
	written   manifest = iota // as the API server gets it
	converted                 // as values that Terraform's provider converts to the types of the schema
	typed                     // as arguments of a typed resource
)

// form tells how an object is written.
func form(g *graph.Graph, r *graph.Resource) manifest {
	for e := range g.In(r, graph.Renders) {
		switch {
		case e.From.Type == "kubernetes_manifest":
			return converted
		case strings.HasPrefix(e.From.Type, "kubernetes_"):
			return typed
		}
	}
	return written
}

// A walker goes along an object and its schema.
type walker struct {
	table   *kubeschema.Table
	lenient bool // scalars may be written as those of another type
	faults  []fault
}

func (w *walker) add(s sort, at graph.Value, format string, args ...any) {
	w.faults = append(w.faults, fault{sort: s, at: at, message: fmt.Sprintf(format, args...)})
}

// value looks at what stands in a field of type t; parent is the Object around
// it, name the field.
func (w *walker) value(v graph.Value, t *kubeschema.Type, name string, parent *kubeschema.Type) {
	if t.Kind == kubeschema.Any || !(v.Present() == graph.True) || w.wrong(v, t, name) {
		return
	}
	switch t.Kind {
	case kubeschema.Object:
		w.object(v, t, parent)
	case kubeschema.List:
		for item := range v.Each() {
			w.value(item, t.Elem, name, parent)
		}
		w.items(v, t, name)
	case kubeschema.Map:
		for key, item := range v.Entries() {
			w.value(item, t.Elem, key, parent)
		}
	case kubeschema.String:
		w.enumeration(v, t, name)
	case kubeschema.Any, kubeschema.Integer, kubeschema.Float, kubeschema.Boolean, kubeschema.Quantity, kubeschema.IntOrString:
	}
}

// object looks at the fields of an Object; parent is the one around it, nil
// for what is an object of Kubernetes itself. Its status is the server's to
// write and is not looked at.
func (w *walker) object(v graph.Value, t, parent *kubeschema.Type) {
	for key, item := range v.Entries() {
		if parent == nil && key == "status" {
			continue
		}
		if field := t.Field(key); field != nil {
			w.value(item, field, key, t)
		} else if !t.Open {
			w.add(unknownField, item, "%s has no field %q%s", short(t), item.Key(), hint(key, t, parent))
		}
	}
	for _, f := range t.Fields() {
		if f.Required {
			if field := v.Get(f.Name); field.Present() == graph.False {
				w.add(missingField, field, "%s has no %s, which must be there", short(t), f.Name)
			}
		}
	}
}

// short is the name of a type as the API reference has it, of a part of a
// custom resource its path.
func short(t *kubeschema.Type) string {
	if !strings.Contains(t.Name, "/") {
		return t.Name
	}
	return t.Name[strings.LastIndexByte(t.Name, '.')+1:]
}

// enumeration holds a word against the values that there are. An empty one
// counts as none.
func (w *walker) enumeration(v graph.Value, t *kubeschema.Type, name string) {
	text := v.Str()
	if len(t.Values) == 0 || text == "" || placeholder(text) || slices.Contains(t.Values, text) {
		return
	}
	w.add(unknownValue, v, "%s is %q, which is none of %s", name, text, strings.Join(t.Values, ", "))
}

// repeated finds the keys that come twice, at any depth.
func (w *walker) repeated(v graph.Value) {
	for first, again := range v.Repeated() {
		w.faults = append(w.faults, fault{sort: duplicateKey, at: again, first: first, message: fmt.Sprintf("the key %s is there twice, and only the last one counts", again.Key())})
	}
	for item := range v.Each() {
		if k := item.Kind(); k == graph.Map || k == graph.List {
			w.repeated(item)
		}
	}
}
