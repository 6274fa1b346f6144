package printer

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// lines is the handle of text that was written line for line, starting at a
// line of a file.
type lines struct {
	file  *source.File
	first int
	text  string
}

func (l lines) Origin() *source.Origin {
	return &source.Origin{Span: source.Span{File: l.file, Start: l.file.LineSpan(l.first).Start, End: len(l.file.Data)}, Exact: source.AtToken}
}

func (l lines) Part(start, _ int) *source.Origin {
	n := strings.Count(l.text[:start], "\n")
	return &source.Origin{Span: l.file.LineSpan(l.first + n), Exact: source.AtLine}
}

// traced is a resource with every kind of value and of place.
func traced() *graph.Resource {
	values := source.NewFile("charts/web/values.yaml", []byte("image:\n  name: web\n  tag: v1\nport: 80\n"))
	prod := source.NewFile("production.yaml", []byte("# 漢字\nimage: {tag: v2}\n"))
	template := source.NewFile("charts/web/templates/a-long-name-for-a-deployment.yaml", []byte(
		"kind: Deployment\nimage: {{ .Values.image.name }}:{{ .Values.image.tag }}\nport: {{ .Values.port }}\nlabels:\n{{ include }}\nscript: |\n  one: é\t1\n  two\n\nend:\n"))
	helper := source.NewFile("charts/web/templates/_helpers.tpl", []byte("{{ define }}\na: b\nc: d\n{{ end }}\n"))

	from := func(o *source.Origin, step source.Step, role source.Role, causes ...*source.Origin) *source.Origin {
		o.Step, o.Role, o.From = step, role, causes
		return o
	}
	tag := from(at(values, "v1", source.AtToken), source.Values, source.DrivenBy)
	tag2 := from(at(prod, "v2", source.AtToken), source.Values, source.DrivenBy, from(at(values, "v1", source.AtToken), source.Values, source.Overrides))
	name := from(at(values, "web", source.AtToken), source.Values, source.DrivenBy)
	image := from(at(template, "{{ .Values.image.name }}", source.AtLine), source.Template, source.SetBy, tag2, name, tag)
	port := from(at(template, "{{ .Values.port }}", source.AtToken), source.Template, source.SetBy,
		from(at(values, "80", source.AtToken), source.Values, source.Condition))
	label := from(at(helper, "a: b\nc: d", source.InBlock), source.Include, source.SetBy, from(at(template, "{{ include }}", source.AtLine), source.Include, source.Via))
	file := from(at(template, "kind", source.InFile), source.Template, source.SetBy)
	fallback := &source.Origin{Step: source.Default}
	key := func(name string, place source.Handle, n *graph.Node) graph.Field {
		return graph.Field{Key: name, Place: place, Node: n}
	}
	const script = "one: é\t1\ntwo\n\n"
	policy := graph.NewString(`{"Action":"*"}`, at(template, "end", source.AtToken)).WithDecode(func() *graph.Node {
		return graph.NewMap([]graph.Field{key("Action", nil, graph.NewString("*", at(template, "two", source.AtToken)))}, nil)
	})
	config := graph.NewMap([]graph.Field{
		key("kind", nil, graph.NewString("Deployment", at(template, "Deployment", source.AtToken))),
		key("labels", at(template, "labels", source.AtToken), graph.NewMap([]graph.Field{
			key("app.kubernetes.io/name", nil, graph.NewString("b", label)),
			key("true", nil, graph.NewString("yes", label)),
		}, label)),
		key("containers", at(template, "image", source.AtToken), graph.NewList([]*graph.Node{
			graph.NewMap([]graph.Field{
				key("image", nil, graph.NewString("web:v2", image)),
				key("ports", at(template, "port", source.AtToken), graph.NewList([]*graph.Node{graph.NewScalar(graph.Number, "80", port), graph.NewScalar(graph.Number, "0o17", port)}, port)),
				key("nested", nil, graph.NewList([]*graph.Node{graph.NewList([]*graph.Node{graph.NewBool(true, file), graph.NewString("a\x1b[31m\nb", nil)}, nil)}, file)),
			}, image),
			graph.NewMap(nil, file),
		}, nil)),
		key("replicas", nil, graph.NewUnknown(port)),
		key("default", nil, graph.NewScalar(graph.Number, "1", fallback)),
		key("empty", at(template, "end", source.AtToken), graph.NewNull(nil)),
		key("list", at(template, "end", source.AtToken), graph.NewList(nil, nil)),
		key("script", at(template, "script", source.AtToken), graph.NewString(script, lines{template, 7, script})),
		key("policy", nil, policy),
		key("quoted", nil, graph.NewString("a: b # c", nil)),
	}, at(template, "kind", source.AtToken))
	r := graph.NewResource("Deployment/shop/web", "apps/Deployment", "web", config, at(template, "Deployment", source.AtToken))
	r.Root = "helm:charts/web"
	return r
}

func TestBlameGolden(t *testing.T) {
	all := func() []Part {
		other := graph.NewResource("aws_x.y[\"\x1b\"]", "aws_x", "y", graph.NewMap(nil, nil), nil)
		other.Root = "terraform:."
		return []Part{PartOf(traced(), ""), PartOf(other, "")}
	}
	one := func(path string) []Part { return []Part{PartOf(traced(), path)} }
	for name, print := range map[string]func(io.Writer) error{
		"blame":        func(w io.Writer) error { return Blame(w, all(), Options{Width: 200}) },
		"blame-narrow": func(w io.Writer) error { return Blame(w, all(), Options{Width: 64}) },
		"blame-color":  func(w io.Writer) error { return Blame(w, all(), Options{Width: 100, Color: true}) },
		"blame-part":   func(w io.Writer) error { return Blame(w, one("containers[0]"), Options{}) },
		"blame-field": func(w io.Writer) error {
			return Blame(w, slices.Concat(one("containers.0.image"), one("labels.app.kubernetes.io/name"), one("containers[0].nested[0][0]"), one("default"), one("quoted"), one("script")), Options{})
		},
		"blame-json": func(w io.Writer) error { return BlameJSON(w, all()) },
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, print) })
	}
}

// Whatever is asked for by the path it is printed with is found again.
func TestPartOf(t *testing.T) {
	r := traced()
	paths := Paths(r)
	if len(paths) < 15 || !slices.Contains(paths, "containers[0].nested[0][1]") {
		t.Fatalf("paths %q", paths)
	}
	for _, path := range paths {
		p := PartOf(r, path)
		if p.Path != path || p.Value.Kind() == graph.Absent || p.Value.Path() != path {
			t.Errorf("%s leads to %q, %v", path, p.Path, p.Value.Kind())
		}
	}
	for path, want := range map[string]string{
		"containers.0.ports.1":   "containers[0].ports[1]",
		".kind":                  "kind",
		"replicas.of.something":  "replicas",
		"containers[0].nested.1": "containers[0].nested[0][1]", // an only item is passed through
	} {
		if p := PartOf(r, path); p.Path != want || p.Value.Kind() == graph.Absent {
			t.Errorf("%s leads to %q, %v; want %q", path, p.Path, p.Value.Kind(), want)
		}
	}
	for _, path := range []string{"kin", "kind.x", "containers[2]", "containers[0]image", "labels.app"} {
		if p := PartOf(r, path); p.Value.Kind() != graph.Absent {
			t.Errorf("%s leads to %q, %v", path, p.Path, p.Value.Kind())
		}
	}
}

// Text may cost what it costs to read it, not its square.
func TestManyLinesAreNotToldApart(t *testing.T) {
	text := strings.Repeat("line\n", 1<<15)
	f := source.NewFile("f", []byte(text))
	r := graph.NewResource("x", "t", "x", graph.NewMap([]graph.Field{{Key: "k", Node: graph.NewString(text, lines{f, 1, text})}}, nil), nil)
	var out strings.Builder
	if err := Blame(&out, []Part{PartOf(r, "")}, Options{Width: 40}); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, "f:100  |") || !strings.HasSuffix(s, "f:1~   |   line\n") {
		t.Errorf("starts %q, ends %q", s[:200], s[len(s)-100:])
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		name string
		room int
		want string
	}{
		{"charts/web/values.yaml", 30, "charts/web/values.yaml"},
		{"charts/web/values.yaml", 16, "chart…alues.yaml"},
		{"漢字漢字.yaml", 8, "漢….yaml"},
		{"abcdef", 0, "…ef"},
	} {
		if got := shorten(c.name, c.room); got != c.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", c.name, c.room, got, c.want)
		}
	}
	for text, want := range map[string]string{"abc": "abc", "abcd": "ab…", "漢字": "漢…", "": ""} {
		if got := cut(text, 3); got != want {
			t.Errorf("cut(%q, 3) = %q, want %q", text, got, want)
		}
	}
}

// FuzzBlame holds that nothing hostile gets to a terminal, that every line of
// text is one line of output within the width and that the JSON is JSON.
func FuzzBlame(f *testing.F) {
	f.Add("a\nb\x1b[31m\n", "dir/a.yaml", "Deployment/web", "key: \u202e", uint8(3), uint8(80))
	f.Add("##vso[task.complete]", "::stop-commands::", "\r", "##[x]", uint8(1), uint8(60))
	f.Add("\xff\xfe", "漢字", "", "", uint8(0), uint8(200))
	f.Fuzz(func(t *testing.T, text, path, id, key string, exact, width uint8) {
		if exact > uint8(source.AtToken) {
			t.Skip()
		}
		file := source.NewFile(path, []byte(text))
		by := &source.Origin{Span: file.Whole(), Exact: source.Exactness(exact)}
		from := &source.Origin{Span: source.NewFile(path+path, []byte(text)).Whole(), Exact: source.Exactness(exact), Role: source.DrivenBy}
		by.From = []*source.Origin{from}
		r := graph.NewResource(id, "t", "n", graph.NewMap([]graph.Field{{Key: key, Node: graph.NewList([]*graph.Node{graph.NewString(text, by)}, by)}}, by), by)
		r.Root = id
		opt := Options{Width: int(width)}
		for _, part := range []Part{PartOf(r, ""), {r.Config.Get(key).Get("0"), "x" + key}} {
			var out strings.Builder
			if err := Blame(&out, []Part{part}, opt); err != nil {
				t.Fatal(err)
			}
			if i := strings.IndexFunc(out.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("not printable at %d in %q", i, out.String())
			}
			if m := command.FindString(out.String()); m != "" {
				t.Errorf("%q in %q", m, out.String())
			}
			all := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if part.Path != "" {
				continue
			}
			for _, l := range all[1:] {
				if columns(l) > opt.width() {
					t.Errorf("%d columns of %d in %q", columns(l), opt.width(), l)
				}
			}
			want := 2 // the ID and the key
			if n := strings.Count(text, "\n"); n > 0 {
				want += 1 + strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1
			} else {
				want++
			}
			if len(all) != want {
				t.Errorf("%d lines, want %d: %q", len(all), want, out.String())
			}
		}
		var out bytes.Buffer
		if err := BlameJSON(&out, []Part{PartOf(r, "")}); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(out.Bytes()) {
			t.Errorf("no JSON: %s", out.String())
		}
	})
}
