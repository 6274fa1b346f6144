package cluster

import (
	"slices"
	"strings"

	quantity "k8s.io/apimachinery/pkg/api/resource"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// An overlay lays a live object over the one that is written. What comes out is
// the live object, with the written nodes wherever the two say the same: a
// finding about them is the same finding. What the server leaves out because
// it means nothing stays as it is written.
type overlay struct {
	*defaults
	object *liveObject
	tie    tie
	// live and written are the types of the two; nil where they are not known.
	live, written *kubeschema.Type
	// another says that the two are of different versions of the API: what only
	// one of them has may be called otherwise in the other.
	another bool
	// differs, when not nil, is told of every difference.
	differs func(Difference)
}

// newOverlay is the overlay of a tied object.
func newOverlay(d *defaults, o *liveObject, t tie) *overlay {
	apiVersion, kind := t.written.At("apiVersion"), text(o.raw, "kind")
	return &overlay{
		defaults: d, object: o, tie: t, another: apiVersion.Is(text(o.raw, "apiVersion")) == graph.False,
		live: d.objectType(text(o.raw, "apiVersion"), kind), written: d.objectType(apiVersion.Str(), kind),
	}
}

// lay is the live object over the written one.
func (v *overlay) lay(live *graph.Node) *graph.Node {
	return v.value(v.tie.written.Config, live, v.live, nil)
}

func (v *overlay) value(w graph.Value, l *graph.Node, t *kubeschema.Type, at *spot) *graph.Node {
	switch wk, lk := w.Kind(), l.Kind(); {
	case wk == graph.Map && lk == graph.Map:
		return v.mapping(w, l, t, at)
	case wk == graph.List && lk == graph.List:
		return v.list(w, l, t, at)
	case wk == graph.List && lk == graph.Map && len(w.Node().Items()) == 1: // a Terraform block
		return v.value(w.At("0"), l, t, at)
	case nothing(w.Node()) && nothing(l):
		return w.Node()
	case scalar(wk) && scalar(lk):
		switch text := w.Str(); {
		case sameText(text, l.Text(), t):
			return w.Node()
		case v.tie.renamed(text, l.Text()):
			return l.WithPlaces(func(source.Handle) source.Handle { return same{w} })
		}
	}
	v.tell(w, l, at)
	return v.place(w, l, at)
}

// place gives all that is in a live value the place of what is written instead.
func (v *overlay) place(w graph.Value, l *graph.Node, at *spot) *graph.Node {
	return l.WithPlaces(func(h source.Handle) source.Handle { return &difference{v, w, h, at} })
}

func (v *overlay) mapping(w graph.Value, l *graph.Node, t *kubeschema.Type, at *spot) *graph.Node {
	written := w.Node()
	var fields []graph.Field
	seen := map[string]bool{}
	given := v.given(w, t)
	alias := v.alias(w, l, t)
	for i, f := range written.Fields() {
		if written.Field(f.Key) != &written.Fields()[i] {
			continue // another one with the key counts
		}
		key := alias(f.Key)
		seen[key] = true
		there := v.there(l, t, at.field(key))
		switch {
		case at == nil && f.Key == "status": // what is written of it has no meaning
			seen[key] = false
		case there != nil:
			f.Node = v.value(w.Get(f.Key), there, at.field(key).typeIn(t), at.field(key))
			fields = append(fields, f)
		case at == nil && v.unread(f.Key) || !v.inBoth(at.field(key)) || nothing(f.Node) || given(f.Key) || v.kept(at, f.Key):
			fields = append(fields, f)
		default:
			v.gone(w.Get(f.Key), t, at.field(key))
		}
	}
	for _, f := range l.Fields() {
		if seen[f.Key] || t != nil && t.Kind == kubeschema.Object && v.chosen[short(t)+"."+f.Key] && !isText("None", f.Node) {
			continue
		}
		none := w.Get(f.Key)
		if at == nil && slices.Contains(trailing[:], f.Key) { // which nobody writes
			fields = append(fields, f)
			continue
		}
		spot := at.field(f.Key)
		v.tellExtra(none, f.Node, spot)
		f.Node = v.place(none, f.Node, spot)
		if f.Place != nil {
			f.Place = &difference{v, none, f.Place, spot}
		}
		fields = append(fields, f)
	}
	return written.WithFields(fields)
}

// there is what a live object has in a field that is written; nil for nothing.
// A default, which is left out otherwise, is told: it is not what is written.
func (v *overlay) there(l *graph.Node, t *kubeschema.Type, at *spot) *graph.Node {
	if f := l.Field(at.key); f != nil {
		return f.Node
	}
	if at.steps()[0].key == "metadata" {
		return nil // of which more than defaults is left out
	}
	if raw := lookup(v.object.raw, at); raw != nil {
		return graph.FromJSON(v.without(at.typeIn(t), raw, false), l.Handle())
	}
	return nil
}

// kept tells of a label or an annotation of which the cluster says nothing.
func (v *overlay) kept(at *spot, key string) bool {
	return strings.HasPrefix(at.path()+".", "metadata.") && (books(key) || key == managedBy && helmed(mapAt(v.object.raw, "metadata")))
}

// given tells of a written field whether the server takes it for a default: it
// is what would be left out of the written object if that were live.
func (v *overlay) given(w graph.Value, t *kubeschema.Type) func(key string) bool {
	var out map[string]any
	return func(key string) bool {
		if t == nil || t.Kind != kubeschema.Object || !w.Get(key).Known() {
			return false
		}
		if out == nil {
			out, _ = v.without(t, w.Node().JSON(), false).(map[string]any)
		}
		_, stays := out[key]
		return !stays
	}
}

// alias finds the name that the server keeps a field under: the account of a
// pod has two.
func (v *overlay) alias(w graph.Value, l *graph.Node, t *kubeschema.Type) func(key string) string {
	const old, now = "serviceAccount", "serviceAccountName"
	if t == nil || t.Kind != kubeschema.Object || short(t) != "core.PodSpec" || l.Field(old) != nil || w.Get(now).Kind() != graph.Absent {
		return func(key string) string { return key }
	}
	return func(key string) string {
		if key == old {
			return now
		}
		return key
	}
}

// unread tells of a field of a Secret that was not read: it is what is written,
// as far as anybody knows.
func (v *overlay) unread(key string) bool {
	return v.object.typ() == "core/Secret" && (key != "type" || v.object.raw["type"] == nil)
}

// gone says that what is written is not in the cluster. What the server does
// not know, or does not tell, need not be.
func (v *overlay) gone(w graph.Value, t *kubeschema.Type, at *spot) {
	switch {
	case !w.Known():
	case t != nil && t.Kind == kubeschema.Object && !t.Open && at.item == nil && t.Field(at.key) == nil:
	case at.path() == "metadata.namespace":
	default:
		v.tell(w, nil, at)
	}
}

// inBoth tells whether a field means the same in the versions of both
// objects. In two versions that is what both have, by one name and of one type.
func (v *overlay) inBoth(at *spot) bool {
	steps := at.steps()
	if !v.another || len(steps) == 0 || steps[0].key == "metadata" {
		return true
	}
	ours, theirs := v.written, v.live
	for _, step := range steps {
		if ours, theirs = step.typeIn(ours), step.typeIn(theirs); ours == nil || theirs == nil || ours.Kind != theirs.Kind {
			return false
		}
	}
	return steps[0].key != "apiVersion"
}

// tell tells whoever wants to know that a written value is another one, or
// gone when l is nil.
func (v *overlay) tell(w graph.Value, l *graph.Node, at *spot) {
	if v.differs != nil && w.Known() && v.inBoth(at) {
		v.differs(Difference{Written: w, near: w, live: l, at: at, object: v.object})
	}
}

// tellExtra tells of a value that is only in the cluster; near is where it
// would be written. Of labels and annotations each is its own: some are set by
// hand, and some by controllers.
func (v *overlay) tellExtra(near graph.Value, l *graph.Node, at *spot) {
	if path := at.path(); l.Kind() == graph.Map && (path == "metadata.labels" || path == "metadata.annotations") {
		for _, f := range l.Fields() {
			v.tellExtra(near, f.Node, at.field(f.Key))
		}
		return
	}
	if v.differs != nil && near.Known() && at.path() != "metadata.namespace" && v.inBoth(at) {
		v.differs(Difference{near: near, live: l, at: at, object: v.object})
	}
}

func (v *overlay) list(w graph.Value, l *graph.Node, t *kubeschema.Type, at *spot) *graph.Node {
	by := v.telling(t)
	written := w.Node().Items()
	partner := pair(v.tie.asInstalled(written), l.Items(), by)
	items := make([]*graph.Node, len(l.Items()))
	used := make([]bool, len(written))
	for i, item := range l.Items() {
		spot := at.at(i, item, by)
		if j := partner[i]; j >= 0 {
			used[j] = true
			items[i] = v.value(nth(w, j), item, spot.typeIn(t), spot)
			continue
		}
		v.tellExtra(w, item, spot)
		items[i] = v.place(w, item, spot)
	}
	for j, item := range written {
		if spot := at.at(j, item, by); !used[j] && !nothing(item) && !nameless(item, by.keys) {
			v.gone(nth(w, j), spot.typeIn(t), spot)
		}
	}
	return w.Node().WithItems(items)
}

// nameless tells of an item of which it is not known which one it is.
func nameless(item *graph.Node, keys []string) bool {
	return item.Kind() == graph.Unknown || slices.ContainsFunc(keys, func(key string) bool {
		f := item.Field(key)
		return f != nil && f.Node.Kind() == graph.Unknown
	})
}

// nth is an item of a list.
func nth(w graph.Value, i int) graph.Value {
	for item := range w.Each() {
		if i == 0 {
			return item
		}
		i--
	}
	return graph.Value{}
}

// nothing tells of what the server takes for not being there: null, zero,
// false, and what is empty or has nothing but that in it.
func nothing(n *graph.Node) bool {
	switch n.Kind() {
	case graph.Null, graph.Absent:
		return true
	case graph.Bool:
		return n.Text() == "false"
	case graph.String:
		return n.Text() == ""
	case graph.Number:
		f, known := graph.ValueOf(n).Float(0)
		return known && f == 0
	case graph.List:
		return len(n.Items()) == 0
	case graph.Map:
		return !slices.ContainsFunc(n.Fields(), func(f graph.Field) bool { return !nothing(f.Node) })
	case graph.Unknown:
	}
	return false
}

// sameText tells whether two scalars say the same.
func sameText(w, l string, t *kubeschema.Type) bool {
	if w == l {
		return true
	}
	if t != nil && t.Kind == kubeschema.Quantity {
		a, errA := quantity.ParseQuantity(w)
		b, errB := quantity.ParseQuantity(l)
		return errA == nil && errB == nil && a.Cmp(b) == 0
	}
	if t != nil && t.Kind == kubeschema.String {
		return false
	}
	x, knownX := number(w)
	y, knownY := number(l)
	return knownX && knownY && x == y
}

func number(s string) (float64, bool) {
	if s == "" {
		return 0, false
	}
	return graph.ValueOf(graph.NewScalar(graph.Number, s, nil)).Float(0)
}
