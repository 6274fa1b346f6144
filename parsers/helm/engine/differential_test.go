package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"text/template"
)

// data is what templates of the differential tests see.
func data() map[string]any {
	return map[string]any{"Values": map[string]any{
		"s": "text", "e": "", "n": 3.0, "i": 4, "t": true, "f": false, "nil": nil,
		"l": []any{"a", 2.0, map[string]any{"k": "v"}}, "m": map[string]any{"x": "1", "y": map[string]any{"z": 2.0}},
		"el": []any{}, "em": map[string]any{}, "y": "a: 1\nb: [x, y]\n",
	}, "P": &point{1, "p", nil}, "Q": point{2, "q", &point{3, "r", nil}}, "Nil": (*point)(nil)}
}

// A point has what templates reach by reflection.
type point struct {
	X    int
	Name string
	Next *point
}

func (p *point) Add(n int) int { return p.X + n }
func (p point) Sum(ns ...int) (s int) {
	for _, n := range ns {
		s += n
	}
	return s + p.X
}
func (p point) Fail() (int, error)          { return 0, fmt.Errorf("no") }
func (p point) String() string              { return "point " + p.Name }
func (p point) Pair(a string, b any) string { return fmt.Sprint(a, b) }

// standard executes a text with text/template and the functions that we have.
func standard(text string) (out string, err error) {
	r := &renderer{ctx: context.Background()}
	r.prepareFunctions()
	funcs := template.FuncMap{}
	for name, fn := range r.funcs {
		switch name {
		case "and", "or", "not", "len", "index", "call", "lt", "le", "gt", "ge":
		default:
			funcs[name] = fn
		}
	}
	root := template.New(anonymous).Option("missingkey=zero")
	funcs["include"] = func(name string, data any) (string, error) {
		var b strings.Builder
		err := root.ExecuteTemplate(&b, name, data)
		return b.String(), err
	}
	funcs["tpl"] = func(text string, data any) (string, error) {
		c, err := root.Clone()
		if err != nil {
			return "", err
		}
		t, err := c.New(anonymous).Parse(text)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		err = t.Execute(&b, data)
		return strings.ReplaceAll(b.String(), noValue, ""), err
	}
	delete(funcs, "eq")
	delete(funcs, "ne")
	root.Funcs(funcs)
	t, err := root.New("c/templates/x.yaml").Parse(text)
	if err != nil {
		return "", err
	}
	d := data()
	d["Template"] = map[string]any{"Name": "c/templates/x.yaml", "BasePath": ""}
	var b strings.Builder
	err = t.Execute(&b, d)
	return strings.ReplaceAll(b.String(), noValue, ""), err
}

func ours(t testing.TB, text string) (File, []Failure) {
	t.Helper()
	templates := []Template{{Name: "c/templates/x.yaml", Text: text, Data: data()}}
	res, err := Render(context.Background(), templates)
	if err != nil {
		t.Fatal(err)
	}
	checkPieces(t, templates, res)
	if len(res.Files) == 0 {
		return File{}, res.Failures
	}
	return res.Files[0], res.Failures
}

// agree holds one text against text/template: what it renders is the same, and
// what it does not render has a failure.
func agree(t testing.TB, text string) (rendered bool) {
	t.Helper()
	f, failures := ours(t, text)
	for _, failure := range failures { // text/template has no limits
		if strings.Contains(failure.Message, "more than") || strings.Contains(failure.Message, "contains itself") {
			return false
		}
	}
	want, err := standard(text)
	switch {
	case err != nil && len(failures) == 0:
		t.Errorf("text/template fails: %v\n%s\nrendered as %q", err, text, f.Text)
	case err == nil && len(failures) > 0:
		t.Errorf("fails: %+v\n%s\ntext/template renders %q", failures, text, want)
	case err == nil && f.Text != want:
		t.Errorf("%s\nrenders as %q\nwant       %q", text, f.Text, want)
	}
	if f.out != nil && len(f.Text) < 300 {
		for i := range f.Text {
			for j := i; j <= len(f.Text); j += 1 + len(f.Text)/8 {
				checkTrace(t, f.Trace(i, j, i, j), text)
			}
		}
		f.Untaken(0, len(f.Text))
		f.Header(0, len(f.Text)/2, len(f.Text))
	}
	return err == nil
}

// checkTrace holds a trace against the text that it is of.
func checkTrace(t testing.TB, tr *Trace, text string) {
	t.Helper()
	places := append([]Place{tr.At}, tr.Via...)
	for _, p := range places {
		if p.Template != 0 || p.Start < 0 || p.End < p.Start || p.End > len(text) {
			t.Fatalf("place %+v in %q", p, text)
		}
	}
}

var cases = []string{
	`{{ .Values.s }}{{ .Values.nil }}{{ .Values.none }}{{ .Values.n }}{{ .Values.l }}{{ .Values.m }}`,
	`{{ .P.X }}{{ .P.Add 2 }}{{ .P.Sum 1 2 3 }}{{ .Q.Next.X }}{{ .Q.Sum }}{{ .Q }}{{ .P }}{{ .P.Pair "a" nil }}`,
	`{{ .Q.Next.Add 1 }}`, `{{ .Q.Add 1 }}`, `{{ .Nil.X }}`, `{{ .Nil }}`, `{{ .P.Next }}`, `{{ .P.Next.X }}`, `{{ .P.Fail }}`, `{{ .P.None }}`, `{{ .P.X 1 }}`, `{{ .Values.s.t }}`,
	`{{ range .Values.l }}{{ . }},{{ else }}none{{ end }}{{ range .Values.el }}{{ . }}{{ else }}none{{ end }}`,
	`{{ range $i, $x := .Values.l }}{{ $i }}={{ $x }}{{ if eq $i 1 }}{{ break }}{{ end }}{{ continue }}no{{ end }}`,
	`{{ range $k, $v := .Values.m }}{{ $k }}={{ $v }};{{ end }}{{ range 3 }}{{ . }}{{ end }}{{ range $i := 2 }}{{ $i }}{{ end }}{{ range -1 }}{{ else }}e{{ end }}`,
	`{{ range .Values.s }}{{ . }}{{ end }}`, `{{ range .Values.nil }}{{ else }}nil{{ end }}`, `{{ range $i, $j := 3 }}{{ end }}`, `{{ range .Values.n }}{{ . }}{{ end }}`,
	`{{ with .Values.m }}{{ .x }}{{ $.Values.s }}{{ else }}no{{ end }}{{ with .Values.e }}{{ else with .Values.s }}{{ . }}{{ end }}`,
	`{{ if .Values.e }}a{{ else if .Values.f }}b{{ else if .Values.em }}c{{ else }}d{{ end }}`,
	`{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}`, `{{ range $x := .Values.l }}{{ end }}{{ $x }}`,
	`{{ define "a" }}[{{ . }}{{ $ }}]{{ end }}{{ template "a" }}{{ template "a" 5 }}{{ include "a" "x" }}{{ template "none" }}`,
	`{{ block "b" .Values }}{{ .s }}{{ end }}{{ define "b" }}{{ end }}`,
	`{{ and 1 0 2 }}{{ or 0 "" "x" }}{{ and .Values.nil (index .Values.l 9) }}{{ not 1 }}{{ and }}`, `{{ or nil 1 }}{{ and nil 1 }}{{ 1 | or 0 }}{{ 0 | and 1 }}`,
	`{{ eq 1 1.0 }}`, `{{ eq 1 "1" }}`, `{{ eq nil nil }}`, `{{ eq $ .A }}`, `{{ eq .A $ }}`, `{{ eq .Values.m nil }}`, `{{ eq .Values.m .Values.m }}`, `{{ eq .Values.l .A .Values.m }}`, `{{ eq .Values.l 1 }}`, `{{ ne .Values.m .A }}`, `{{ eq .Nil nil }}`, `{{ eq nil .Nil }}`, `{{ eq .Nil .Values.m }}`, `{{ eq .P .Values.m }}`, `{{ eq .Values.nil nil }}`, `{{ eq .Values.s "a" "text" }}`, `{{ eq .Values.l .Values.l }}`, `{{ eq .Values.none "x" }}`, `{{ ne 1 2 }}{{ lt 1 2 }}{{ le "a" "a" }}{{ gt 2.5 1.5 }}{{ ge 1 2 }}`, `{{ lt true false }}`, `{{ lt 1 "a" }}`, `{{ lt .Values.nil 1 }}`, `{{ eq (len "ab") 2 }}{{ eq .Values.i 4 }}{{ lt .Values.i 5 }}{{ gt .Values.n 2 }}`,
	`{{ index .Values.l 0 }}{{ index .Values.m "y" "z" }}{{ index .Values.m "none" }}{{ index .Values "l" 2 "k" }}{{ index .Values.s 0 }}`, `{{ index .Values.l 9 }}`, `{{ index .Values.l "a" }}`, `{{ index .Values.m 1 }}`, `{{ index nil 1 }}`, `{{ index .A }}`, `{{ index .Values.nil }}`, `{{ index .Values.l }}`, `{{ index .Values.nil "a" }}`, `{{ index .Values.none 1 }}`, `{{ index .Values.l -1 }}`,
	`{{ len .Values.l }}{{ len .Values.m }}{{ len "é" }}`, `{{ len nil }}`, `{{ len 3 }}`, `{{ len .Values.nil }}`, `{{ call .Values.s }}`, `{{ call nil }}`,
	`{{ printf "%d %s %v %q %5.2f" 1 "a" .Values.m "q" 1.5 }}{{ print 1 2 "a" "b" 3 }}{{ println 1 "a" }}{{ "a" | printf "%s-%s" "b" }}`,
	`{{ 1 }}{{ 1.0 }}{{ 1.5e3 }}{{ 0x1F }}{{ 'a' }}{{ 1i }}{{ true }}{{ "s" }}{{ 1e3 }}{{ 0b11 }}{{ 1_000 }}`, `{{ nil }}`, `{{ "a" 1 }}`, `{{ 1 | 2 }}`, `{{ (1) 2 }}`, `{{ . 1 }}`,
	`{{ (index .Values.l 2).k }}{{ ("x") }}{{ (dict "a" (dict "b" 1)).a.b }}{{ (.Values.m).y.z }}{{ $.Values.m.y.z }}`, `{{ (nil).x }}`, `{{ nil.x }}`,
	`{{ upper "a" "b" }}`, `{{ upper 1 }}`, `{{ upper .Values.nil }}`, `{{ upper .Values.none }}`, `{{ repeat "a" "b" }}`, `{{ repeat .Values.n "b" }}`, `{{ int .Values.n | repeat "x" }}`, `{{ default "d" .Values.none }}{{ .Values.nil | default 5 }}{{ quote .Values.nil 1 "a" }}`,
	`{{ toYaml .Values.m }}{{ fromYaml .Values.y }}{{ (fromYaml .Values.y).b }}{{ toJson .Values }}{{ tpl "{{ .s }}{{ .none }}" .Values }}`,
	`{{- /* c */ -}} a {{- " b " -}} c {{ "d" -}}   e`, `{{ break }}`, `{{ if }}`, `{{ end }}`, `{{ "unterminated }}`, `{{ template "x" .Values.none.x }}`,
	`{{ $x := .Values.none }}{{ $x.y }}`, `{{ $x := .Values.nil }}{{ $x }}{{ if $x }}{{ end }}`, `{{ $x = 1 }}`, `{{ with $x := .Values.s }}{{ $x }}{{ end }}`, `{{ if $x := .Values.s }}{{ $x }}{{ else }}{{ $x }}{{ end }}`,
	`{{ set .Values "new" 1 | len }}{{ .Values.new }}{{ $d := dict }}{{ $_ := set $d "a" .Values.s }}{{ $d.a }}{{ hasKey $d "a" }}{{ get $d "a" }}{{ merge $d (dict "a" 1 "b" 2) | toJson }}`,
	`{{ list 1 nil "a" | toJson }}{{ first .Values.l }}{{ last .Values.l }}{{ rest .Values.l }}{{ ternary 1 2 true }}{{ coalesce nil "" "c" }}{{ dig "y" "z" 0 .Values.m }}{{ until 3 }}`,
	`{{ range $i, $e := .Values.l }}{{ range $i }}{{ . }}{{ end }}{{ end }}{{ range $i, $_ := list 1 2 3 }}{{ if $i }}{{ continue }}{{ end }}x{{ end }}`,
	`{{ $l := list }}{{ range $x := .Values.l }}{{ $l = append $l $x }}{{ end }}{{ len $l }}{{ range $l = .Values.l }}{{ end }}{{ $l }}`,
}

func TestAsTextTemplate(t *testing.T) {
	for _, text := range cases {
		agree(t, text)
	}
}

// A generator makes templates that mostly execute.
type generator struct {
	r     *rand.Rand
	depth int
	vars  int
}

func (g *generator) one(of ...string) string { return of[g.r.IntN(len(of))] }

func (g *generator) operand() string {
	if g.depth++; g.depth > 4 {
		g.depth--
		return g.one(`1`, `"a"`, `.`, `nil`)
	}
	defer func() { g.depth-- }()
	switch g.r.IntN(7) {
	case 0:
		return g.one(`0`, `1`, `2.5`, `"x"`, `""`, `true`, `nil`, `'c'`, "`r`", `-3`)
	case 1, 2:
		return "$.Values." + g.one("s", "e", "n", "i", "t", "f", "nil", "l", "m", "el", "em", "none", "m.x", "m.y.z", "m.none", "y")
	case 3:
		return g.one(`.`, `$`, `$.P`, `$.Q.Next`, `$.P.X`, `$.Q.Name`)
	case 4:
		if g.vars > 0 {
			return fmt.Sprintf("$v%d", g.r.IntN(g.vars))
		}
		return `.`
	}
	return "(" + g.pipeline() + ")"
}

func (g *generator) pipeline() string {
	p := g.command()
	for g.r.IntN(3) == 0 {
		p += " | " + g.one("quote", "default 1", "toJson", "len", "not", "toString", "upper", "list 1", "printf \"%v\"", "dict \"k\"", "eq 1", "and 1", "or 0", "indent 2", "trunc 2", "kindOf", "include \"h\"", "toYaml")
	}
	return p
}

func (g *generator) command() string {
	switch g.r.IntN(10) {
	case 0, 1, 2, 3:
		return g.operand()
	case 4:
		return g.one("and", "or", "eq", "ne", "print", "list", "coalesce", "cat", "join", "default", "hasKey", "get", "append", "concat", "merge", "lt", "ge") + " " + g.operand() + " " + g.operand()
	case 5:
		return g.one("not", "len", "quote", "toJson", "toYaml", "empty", "first", "keys", "int", "toString", "upper", "fromYaml", "reverse", "deepCopy", "b64enc") + " " + g.operand()
	case 6:
		return "index " + g.operand() + " " + g.operand()
	case 7:
		return "include \"h\" " + g.operand()
	case 8:
		return g.one(`dict "a" `, `ternary "y" "n" `, `replace "a" "b" `, `trimSuffix "t" `, `splitList "e" `, `printf "%v-%s" 1 `, `dig "a" 1 `, `$.P.Add `, `$.Q.Sum 1 `, `tpl "{{ . }}!" `) + g.operand()
	}
	return `set ` + g.one(`(dict)`, `$.Values.m`, `.`) + ` "k" ` + g.operand()
}

func (g *generator) body() string {
	if g.depth++; g.depth > 4 {
		g.depth--
		return "."
	}
	vars := g.vars
	defer func() { g.depth--; g.vars = vars }()
	var b strings.Builder
	for range 1 + g.r.IntN(4) {
		switch g.r.IntN(10) {
		case 0, 1:
			b.WriteString(g.one("text", " \n ", "a: ", "- ", "<no ", "value>"))
		case 2, 3, 4:
			fmt.Fprintf(&b, "{{%s %s %s}}", g.one("", "-"), g.pipeline(), g.one("", "-"))
		case 5:
			fmt.Fprintf(&b, "{{ $v%d := %s }}", g.vars, g.pipeline())
			g.vars++
		case 6:
			if g.vars > 0 {
				fmt.Fprintf(&b, "{{ $v%d = %s }}", g.r.IntN(g.vars), g.pipeline())
			}
		case 7:
			fmt.Fprintf(&b, "{{ %s %s }}%s{{ else }}%s{{ end }}", g.one("if", "with"), g.pipeline(), g.body(), g.body())
		case 8:
			head := g.pipeline()
			if g.r.IntN(2) == 0 {
				head = fmt.Sprintf("$v%d, $v%d := %s", g.vars, g.vars+1, head)
				g.vars += 2
				fmt.Fprintf(&b, "{{ range %s }}%s{{ if %s }}{{ %s }}{{ end }}{{ end }}", head, g.body(), g.operand(), g.one("break", "continue"))
				g.vars -= 2
				break
			}
			fmt.Fprintf(&b, "{{ range %s }}%s{{ else }}%s{{ end }}", head, g.body(), g.body())
		case 9:
			fmt.Fprintf(&b, `{{ template "h" %s }}`, g.operand())
		}
	}
	return b.String()
}

func generated(seed uint64) string {
	g := &generator{r: rand.New(rand.NewPCG(seed, 3))}
	h := g.one(`<{{ . }}>`, `{{ with . }}{{ . | quote }}{{ else }}none{{ end }}`, `{{ toYaml . | nindent 2 }}`, `{{ range $k, $v := list 1 . }}{{ $v }}{{ end }}`)
	g.depth = 1
	return `{{ define "h" }}` + h + `{{ end }}` + g.body()
}

// TestGenerated executes templates made at random both ways.
func TestGenerated(t *testing.T) {
	rendered, n := 0, 4000
	if testing.Short() {
		n = 500
	}
	for seed := range uint64(n) {
		if agree(t, generated(seed)) {
			rendered++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d of %d templates render", rendered, n)
	if rendered < n/4 {
		t.Error("too few templates render to show anything")
	}
}

func FuzzAsTextTemplate(f *testing.F) {
	for _, text := range cases {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 2000 {
			agree(t, text)
		}
	})
}

func FuzzGenerated(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { agree(t, generated(seed)) })
}
