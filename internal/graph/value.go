package graph

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Value is a place in a resource's configuration and what stands there:
// something, something unknown, or nothing. It is immutable. An absent value
// remembers the nearest place around it that is there, so that a finding about
// what is missing has a line.
type Value struct {
	res     *Resource
	node    *Node  // what is there or, when absent, the nearest enclosing node
	field   *Field // the key node was reached by; nil for list items and roots
	missing string // the path below node that is not there; "" when present
}

// ValueOf is the value of a node that belongs to no resource.
func ValueOf(n *Node) Value { return Value{node: n} }

// Kind is what the value is. Null counts as what it is; see [Value.Present].
func (v Value) Kind() Kind {
	if v.missing != "" {
		return Absent
	}
	return v.node.Kind()
}

// Resource is the resource the value belongs to; nil for a value of none.
func (v Value) Resource() *Resource { return v.res }

// Present tells whether something is there that is not null. It is Unsure of
// an unknown, which may turn out to be null.
func (v Value) Present() Tri {
	switch v.Kind() {
	case Absent, Null:
		return False
	case Unknown:
		return Unsure
	}
	return True
}

// Known tells whether the value itself is known; what is absent is known to be.
func (v Value) Known() bool { return v.Kind() != Unknown }

// At follows a path of keys and list indexes joined by dots, such as
// "spec.containers.0.image". A key also passes through a list of one item, as
// a Terraform block that may be written once. The result is absent when
// something on the way is, and unknown below an unknown. Keys that hold dots
// need [Value.Get].
func (v Value) At(path string) Value {
	for path != "" {
		if v.missing != "" {
			v.missing += "." + path
			return v
		}
		key, rest, _ := strings.Cut(path, ".")
		v = v.step(key)
		if v.missing != "" {
			v.missing = path // most of what rules ask for is not there: nothing is copied
			return v
		}
		path = rest
	}
	return v
}

// Get follows keys as they are.
func (v Value) Get(keys ...string) Value {
	for _, key := range keys {
		v = v.step(key)
	}
	return v
}

func (v Value) step(key string) Value {
	if v.missing != "" {
		v.missing += "." + key
		return v
	}
	switch v.node.Kind() {
	case Unknown:
		return v
	case Map:
		if f := v.node.Field(key); f != nil {
			return Value{res: v.res, node: f.Node, field: f}
		}
	case List:
		if i, err := strconv.Atoi(key); err == nil {
			if i >= 0 && i < len(v.node.items) {
				return Value{res: v.res, node: v.node.items[i]}
			}
		} else if len(v.node.items) == 1 {
			return Value{res: v.res, node: v.node.items[0], field: v.field}.step(key)
		}
	}
	v.missing = key
	return v
}

// Each yields the items of a list or the values of a map; a scalar, an unknown
// and what is absent yield nothing.
func (v Value) Each() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for _, w := range v.Entries() {
			if !yield(w) {
				return
			}
		}
	}
}

// Entries yields keys and values of a map, indexes and items of a list.
func (v Value) Entries() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		switch v.Kind() {
		case List:
			for i, item := range v.node.items {
				if !yield(strconv.Itoa(i), Value{res: v.res, node: item}) {
					return
				}
			}
		case Map:
			last := v.node.lasts()
			for i := range v.node.fields {
				f := &v.node.fields[i]
				if last(f) && !yield(f.Key, Value{res: v.res, node: f.Node, field: f}) {
					return
				}
			}
		}
	}
}

// Repeated yields the keys of a map that come more than once: the first one
// with each of those behind it. The last one counts.
func (v Value) Repeated() iter.Seq2[Value, Value] {
	return func(yield func(first, again Value) bool) {
		if v.Kind() != Map {
			return
		}
		value := func(f *Field) Value { return Value{res: v.res, node: f.Node, field: f} }
		for first, again := range v.node.repeated() {
			if !yield(value(first), value(again)) {
				return
			}
		}
	}
}

// All follows a path like At and fans out over every list on the way, so that
// a block written several times yields a value each. Where a part is missing
// it yields the absent value once for each place that lacks it.
func (v Value) All(path string) iter.Seq[Value] {
	return func(yield func(Value) bool) { v.all(path, yield) }
}

func (v Value) all(path string, yield func(Value) bool) bool {
	if v.Kind() == List && len(v.node.items) > 0 {
		for item := range v.Each() {
			item.field = v.field
			if !item.all(path, yield) {
				return false
			}
		}
		return true
	}
	if path == "" {
		return yield(v)
	}
	key, rest, _ := strings.Cut(path, ".")
	return v.Get(key).all(rest, yield)
}

// Len is the number of items of a list or keys of a map, 0 for what is absent
// or null; known is false for an unknown.
func (v Value) Len() (n int, known bool) {
	switch v.Kind() {
	case List:
		return len(v.node.items), true
	case Map:
		return len(v.node.fields), true
	}
	return 0, v.Known()
}

// Bool is the truth of a boolean, or of a string that spells one; absent
// stands for what is not there. It never guesses about an unknown or about
// something that is no boolean.
func (v Value) Bool(absent bool) Tri {
	switch v.Kind() {
	case Absent, Null:
		return Of(absent)
	case Bool, String:
		switch strings.ToLower(v.node.text) {
		case "true":
			return True
		case "false":
			return False
		}
	}
	return Unsure
}

// Text is a scalar's text, and absent for what is not there. It is not known
// of an unknown, a list or a map.
func (v Value) Text(absent string) (s string, known bool) {
	switch v.Kind() {
	case Absent, Null:
		return absent, true
	case Bool, Number, String:
		return v.node.text, true
	}
	return "", false
}

// Str is the text of a scalar, "" for everything else. It is for names and
// other things where an unknown and nothing may be treated alike.
func (v Value) Str() string {
	s, _ := v.Text("")
	return s
}

// Int is a whole number, written as a number or as a string, and absent for
// what is not there.
func (v Value) Int(absent int64) (n int64, known bool) {
	f, known := v.Float(float64(absent))
	return int64(f), known && f == float64(int64(f))
}

// Float is a number, written as a number or as a string, and absent for what
// is not there.
func (v Value) Float(absent float64) (n float64, known bool) {
	switch v.Kind() {
	case Absent, Null:
		return absent, true
	case Number, String:
		text := strings.ReplaceAll(v.node.text, "_", "")
		i, notInt := strconv.ParseInt(text, 0, 64)
		if v.node.kind == Number && notInt == nil {
			return float64(i), true // 0644 is octal in YAML; what reads a string decides for itself
		}
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n, true
		}
		return float64(i), notInt == nil
	}
	return 0, false
}

// Is tells whether the text is one of the given. What is absent is none of
// them; of an unknown it is Unsure.
func (v Value) Is(texts ...string) Tri {
	if !v.Known() {
		return Unsure
	}
	s, ok := v.Text("")
	if !ok || v.Present() == False {
		return False
	}
	if slices.Contains(texts, s) {
		return True
	}
	return False
}

// Contains tells whether the list has an item that is one of the given texts.
// A scalar counts as a list of itself. It is Unsure when none is seen and an
// item, or the list, is unknown.
func (v Value) Contains(texts ...string) Tri {
	if v.Kind() != List {
		return v.Is(texts...)
	}
	found := False
	for item := range v.Each() {
		found = found.Or(item.Is(texts...))
	}
	return found
}

// Decoded reads the text of a string as the document it holds: a JSON policy,
// a manifest. It is absent for text that is no document, unknown for an
// unknown of which nothing is known, and the value itself where a list or map
// is already there.
func (v Value) Decoded() Value {
	switch v.Kind() {
	case List, Map:
		return v
	case Unknown, String:
		if n := v.node.Decode(); n != nil {
			return Value{res: v.res, node: n, field: v.field}
		}
		if v.Kind() == Unknown {
			return v
		}
	}
	if v.missing == "" {
		v.missing = "(document)"
	}
	return v
}

// Refs are the addresses of the resources that the value was made from,
// whether or not the value itself is known. For a list or map they are those
// of everything in it.
func (v Value) Refs() []string {
	if v.Kind() == Absent {
		return nil
	}
	return v.node.refs(nil)
}

func (n *Node) refs(to []string) []string {
	if n == nil {
		return to
	}
	if n.more != nil {
		to = append(to, n.more.refs...)
	}
	for _, item := range n.items {
		to = item.refs(to)
	}
	for i := range n.fields {
		to = n.fields[i].Node.refs(to)
	}
	return to
}

// Key is the key the value was reached by, as the file has it; for an absent
// value the last key that is missing; "" for an item of a list.
func (v Value) Key() string {
	if v.missing != "" {
		return v.missing[strings.LastIndex(v.missing, ".")+1:]
	}
	if v.field == nil {
		return ""
	}
	if v.field.Written != "" {
		return v.field.Written
	}
	return v.field.Key
}

// Origin is the value's own place, else the nearest enclosing one; nil when
// nothing around it has a place either.
func (v Value) Origin() *source.Origin {
	if v.node != nil && v.node.origin != nil {
		return v.node.origin.Origin()
	}
	if v.field != nil && v.field.Place != nil {
		return v.field.Place.Origin()
	}
	if v.res != nil {
		return v.res.Place
	}
	return nil
}

// Placed tells whether the value, its key or its header has a place. Where
// none has, Origin and Place are what is around the value.
func (v Value) Placed() bool {
	switch {
	case v.missing != "" || v.node == nil:
		return false
	case v.node.origin != nil, v.node.more != nil && v.node.more.head != nil:
		return true
	}
	return v.field != nil && v.field.Place != nil
}

// KeyPlace is the place of the key that the value was reached by; for what has
// no key of its own it is Place.
func (v Value) KeyPlace() *source.Origin {
	if v.missing == "" && v.field != nil && v.field.Place != nil {
		return v.field.Place.Origin()
	}
	return v.Place()
}

// Part is the place of the bytes [start,end) of the value's text: the tag in
// "repository:tag" may come from another line than the repository. A part of
// what is a copy of something is a copy of a part of that.
func (v Value) Part(start, end int) *source.Origin {
	whole := v.Origin()
	if v.missing != "" || v.node == nil || v.node.origin == nil {
		return whole
	}
	part := v.node.origin.Part(start, end)
	if cure := whole.Cure(); cure != whole && part.Cure() == part && len(part.From) > 0 && cure.Span.Contains(part.From[0].Span) {
		return part.Copied()
	}
	return part
}

// Place is where a finding about the value points: a scalar itself, the header
// of a list, map or block, and for what is absent the header of what should
// hold it.
func (v Value) Place() *source.Origin {
	switch v.node.Kind() {
	case Map, List, Absent:
		return v.header()
	case Null: // "key:" with nothing behind it has no token
		if v.missing != "" {
			return v.header()
		}
		if v.field != nil && v.field.Place != nil {
			return v.field.Place.Origin()
		}
	case Unknown, Bool, Number, String:
	}
	return v.Origin().Header()
}

func (v Value) header() *source.Origin {
	if v.node != nil && v.node.more != nil && v.node.more.head != nil {
		if block, ok := v.node.more.head.(source.Block); ok && v.missing != "" {
			return block.Without(v.missing)
		}
		return v.node.more.head.Origin()
	}
	if v.res != nil && v.node == v.res.Config.node {
		return v.res.Place
	}
	if v.field != nil && v.field.Place != nil {
		return v.field.Place.Origin().Header()
	}
	// An item of a list is known by its name, which need not be its first key.
	if name := v.node.Field("name"); name != nil && name.Node.Kind() == String && name.Node.origin != nil {
		return name.Node.origin.Origin()
	}
	return v.Origin().Header()
}

// Path is the path of the value from the root of its resource, for
// fingerprints and reports; list indexes in brackets.
func (v Value) Path() string {
	var path string
	if v.res != nil && v.node != nil {
		path, _ = pathTo(v.res.Config.node, v.node)
	}
	if v.missing != "" {
		path += "." + v.missing
	}
	return strings.TrimPrefix(path, ".")
}

// NamedPath is Path with the items of lists by their names instead of their
// positions, so that it stays the same when items move: "containers[app].image".
// An item without a name is "[]".
func (v Value) NamedPath() string {
	var path string
	if v.res != nil && v.node != nil {
		path, _ = namedPathTo(v.res.Config.node, v.node)
	}
	if v.missing != "" {
		path += "." + v.missing
	}
	return strings.TrimPrefix(path, ".")
}

func namedPathTo(from, to *Node) (string, bool) {
	if from == to {
		return "", true
	}
	if from == nil {
		return "", false
	}
	for _, item := range from.items {
		if p, ok := namedPathTo(item, to); ok {
			return "[" + item.name() + "]" + p, true
		}
	}
	for i := range from.fields {
		if p, ok := namedPathTo(from.fields[i].Node, to); ok {
			return "." + from.fields[i].Key + p, true
		}
	}
	return "", false
}

// name is what tells an item of a list from the others: its name or what
// Kubernetes merges lists by, the text of a scalar; "" when it has none.
func (n *Node) name() string {
	switch n.Kind() {
	case Bool, Number, String:
		return n.text
	case Map:
		for _, key := range []string{"name", "mountPath", "devicePath", "containerPort", "key", "ip", "topologyKey", "host"} {
			if f := n.Field(key); f != nil && f.Node.text != "" {
				return f.Node.text
			}
		}
	}
	return ""
}

func pathTo(from, to *Node) (string, bool) {
	if from == to {
		return "", true
	}
	if from == nil {
		return "", false
	}
	for i, item := range from.items {
		if p, ok := pathTo(item, to); ok {
			return "[" + strconv.Itoa(i) + "]" + p, true
		}
	}
	for i := range from.fields {
		if p, ok := pathTo(from.fields[i].Node, to); ok {
			return "." + from.fields[i].Key + p, true
		}
	}
	return "", false
}
