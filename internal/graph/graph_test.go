package graph

import (
	"slices"
	"strconv"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

var file = source.NewFile("f", []byte("0123456789abcdefghij\nsecond line\n"))

func at(start, end int) *source.Span { return &source.Span{File: file, Start: start, End: end} }

// sample is {"on": true, "off": "FALSE", "n": 5, "s": "x", "nil": null, "u": unknown,
// "list": [{"k": "a"}, {"k": "b"}, {}], "one": [{"k": "v"}], "empty": [], "m": {}, "on2": 1, "twice": ...}.
func sample() *Resource {
	item := func(k string) *Node { return NewMap([]Field{{Key: "k", Node: NewString(k, at(2, 3))}}, at(2, 4)) }
	return NewResource("Kind/x", "core/Kind", "x", NewMap([]Field{
		{Key: "on", Place: at(0, 1), Node: NewBool(true, at(1, 2))},
		{Key: "off", Node: NewString("FALSE", at(1, 2))},
		{Key: "n", Node: NewScalar(Number, "5", at(1, 2))},
		{Key: "s", Written: "ess", Node: NewString("x", at(1, 2))},
		{Key: "nil", Place: at(4, 7), Node: NewNull(nil)},
		{Key: "u", Node: NewUnknown(at(5, 6)).WithRefs("aws_x.y")},
		{Key: "list", Place: at(7, 8), Node: NewList([]*Node{item("a"), item("b"), NewMap(nil, at(8, 9))}, at(7, 20))},
		{Key: "one", Node: NewList([]*Node{item("v").WithHead(at(9, 10))}, at(9, 12))},
		{Key: "empty", Node: NewList(nil, at(1, 2))},
		{Key: "twice", Node: NewString("first", at(1, 2))},
		{Key: "twice", Node: NewString("last", at(2, 3))},
	}, at(0, 33)), &source.Origin{Span: *at(0, 3), Exact: source.AtToken})
}

func TestAt(t *testing.T) {
	r := sample()
	for path, want := range map[string]Kind{
		"on": Bool, "n": Number, "s": String, "nil": Null, "u": Unknown, "u.deep.er": Unknown,
		"list": List, "list.1.k": String, "list.k": Absent, "list.9": Absent, "list.-1": Absent,
		"one.k": String, "one.0.k": String, "none": Absent, "none.deep": Absent, "on.deep": Absent, "": Map,
	} {
		if got := r.At(path).Kind(); got != want {
			t.Errorf("At(%q) is %v, want %v", path, got, want)
		}
	}
	if got := r.At("twice").Str(); got != "last" {
		t.Errorf("of two equal keys %q counts, want the last", got)
	}
}

func TestAnswers(t *testing.T) {
	r := sample()
	for path, want := range map[string]struct{ present, boolTrue, boolFalse, isX Tri }{
		"on":   {True, True, True, False},
		"off":  {True, False, False, False},
		"s":    {True, Unsure, Unsure, True},
		"nil":  {False, True, False, False},
		"none": {False, True, False, False},
		"u":    {Unsure, Unsure, Unsure, Unsure},
		"list": {True, Unsure, Unsure, False},
	} {
		v := r.At(path)
		if v.Present() != want.present || v.Bool(true) != want.boolTrue || v.Bool(false) != want.boolFalse || v.Is("x") != want.isX {
			t.Errorf("%s: Present %v, Bool(true) %v, Bool(false) %v, Is(x) %v; want %v", path, v.Present(), v.Bool(true), v.Bool(false), v.Is("x"), want)
		}
	}
	if n, known := r.At("n").Int(0); n != 5 || !known {
		t.Errorf("Int = %d, %v", n, known)
	}
	if n, known := r.At("none").Int(7); n != 7 || !known {
		t.Errorf("absent Int = %d, %v", n, known)
	}
	if _, known := r.At("u").Int(7); known {
		t.Error("an unknown is a known number")
	}
	if n, known := r.At("list").Len(); n != 3 || !known {
		t.Errorf("Len = %d, %v", n, known)
	}
	if got := ValueOf(NewList([]*Node{NewString("a", nil), NewUnknown(nil)}, nil)); got.Contains("a") != True || got.Contains("b") != Unsure {
		t.Error("Contains guesses about an unknown item")
	}
}

func TestAllFansOut(t *testing.T) {
	var got []string
	for v := range sample().Config.All("list.k") {
		got = append(got, v.Kind().String()+" "+v.Str())
	}
	if want := []string{"string a", "string b", "absent "}; !slices.Equal(got, want) {
		t.Errorf("All = %q, want %q", got, want)
	}
	count := 0
	for v := range sample().Config.All("empty.k") {
		count++
		if v.Kind() != Absent {
			t.Errorf("All of an empty list yields %v", v.Kind())
		}
	}
	if count != 1 {
		t.Errorf("All of an empty list yields %d values, want one absent", count)
	}
}

func TestPlaces(t *testing.T) {
	r := sample()
	for path, want := range map[string]source.Span{
		"on":         *at(1, 2),
		"on.none":    *at(1, 2),
		"nil":        *at(4, 7),  // a null has no token, its key has
		"none":       *at(0, 3),  // the resource should hold it
		"list":       *at(7, 8),  // the key stands for the list
		"list.2.k":   *at(8, 9),  // the item should hold it
		"one.none":   *at(9, 10), // the block's header stands for it
		"list.1.k":   *at(2, 3),
		"u.whatever": *at(5, 6),
	} {
		if got := r.At(path).Place(); got == nil || got.Span != want {
			t.Errorf("Place of %q = %+v, want %v", path, got, want)
		}
	}
	if got := r.At("list.1.k").Path(); got != "list[1].k" {
		t.Errorf("Path = %q", got)
	}
	if got := r.At("none.deep").Path(); got != "none.deep" {
		t.Errorf("Path of what is absent = %q", got)
	}
	if got := r.At("s").Key() + r.At("none.deep").Key(); got != "essdeep" {
		t.Errorf("Key = %q", got)
	}
	if got := (Value{}).Place(); got != nil {
		t.Errorf("the zero Value has a place: %v", got)
	}
}

func TestRefs(t *testing.T) {
	if got := sample().Config.Refs(); !slices.Equal(got, []string{"aws_x.y"}) {
		t.Errorf("Refs = %v", got)
	}
}

func TestTri(t *testing.T) {
	all := []Tri{Unsure, True, False}
	for _, a := range all {
		if a.Not().Not() != a {
			t.Errorf("not not %v = %v", a, a.Not().Not())
		}
		for _, b := range all {
			if a.And(b) != b.And(a) || a.Or(b) != b.Or(a) {
				t.Errorf("%v and %v: order matters", a, b)
			}
			if a.And(b).Not() != a.Not().Or(b.Not()) {
				t.Errorf("%v and %v: De Morgan fails", a, b)
			}
		}
	}
	if True.And(True) != True || True.And(Unsure) != Unsure || False.And(Unsure) != False {
		t.Error("And is wrong")
	}
}

func TestGraph(t *testing.T) {
	a, b := sample(), sample()
	one, two := &Builder{Root: "one"}, &Builder{Root: "two"}
	one.Add(a)
	two.Add(b)
	two.Link(Selects, b, a, b.At("s"))
	g := Freeze(one, two)
	if got := slices.Collect(g.OfType("core/*")); !slices.Equal(got, []*Resource{a, b}) {
		t.Errorf("OfType = %v", got)
	}
	out := slices.Collect(g.Out(b, Selects))
	if len(out) != 1 || out[0].To != a || out[0].Via.Str() != "x" {
		t.Errorf("Out = %v", out)
	}
	if got := slices.Collect(g.In(a, References)); len(got) != 0 {
		t.Errorf("In of another relation = %v", got)
	}
	made := 0
	for range 3 {
		Once(g, "key", func() int { made++; return made })
	}
	if made != 1 {
		t.Errorf("made %d times", made)
	}
}

func TestNumbersAsYAMLHasThem(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		text  string
		want  float64
		known bool
	}{
		{Number, "0644", 420, true},
		{Number, "0x1F", 31, true},
		{Number, "1_000", 1000, true},
		{Number, "1_0.5", 10.5, true},
		{Number, "08", 8, true},
		{Number, "1e3", 1000, true},
		{Number, ".inf", 0, false},
		{String, "0644", 644, true},
		{String, "ten", 0, false},
	} {
		n, known := ValueOf(NewScalar(c.kind, c.text, nil)).Float(0)
		if known != c.known || known && n != c.want {
			t.Errorf("%v %s: got %v, %v, want %v, %v", c.kind, c.text, n, known, c.want, c.known)
		}
	}
}

func TestEntriesOfALargeMapHaveTheLastOfEqualKeys(t *testing.T) {
	var fields []Field
	for i := range 40 {
		fields = append(fields, Field{Key: strconv.Itoa(i % 20), Node: NewString(strconv.Itoa(i), nil)})
	}
	n := 0
	for key, v := range ValueOf(NewMap(fields, nil)).Entries() {
		if i, _ := strconv.Atoi(key); v.Str() != strconv.Itoa(i+20) {
			t.Errorf("key %s: got %s, want %d", key, v.Str(), i+20)
		}
		n++
	}
	if n != 20 {
		t.Errorf("got %d entries, want 20", n)
	}
}

func TestRepeated(t *testing.T) {
	many := []Field{}
	for range 3 {
		many = append(many, Field{Key: "k", Node: NewBool(true, nil)})
	}
	for i := range 20 {
		many = append(many, Field{Key: "k" + strconv.Itoa(i), Node: NewBool(true, nil)})
	}
	for name, c := range map[string]struct {
		v    Value
		want []string
	}{
		"sample": {sample().Config, []string{"first last"}},
		"large":  {ValueOf(NewMap(many, nil)), []string{"true true", "true true"}},
		"list":   {sample().At("list"), nil},
		"absent": {sample().At("none"), nil},
	} {
		var got []string
		for first, again := range c.v.Repeated() {
			got = append(got, first.Str()+" "+again.Str())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestKeyPlace(t *testing.T) {
	r := sample()
	for path, want := range map[string]int{"on": 0, "list": 7, "off": 1, "list.1": 2} {
		if got := r.At(path).KeyPlace().Span.Start; got != want {
			t.Errorf("KeyPlace of %s starts at %d, want %d", path, got, want)
		}
	}
}
