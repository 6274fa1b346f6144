package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func render(t testing.TB, texts ...string) *Result {
	t.Helper()
	var templates []Template
	data := map[string]any{"Values": map[string]any{"name": "web", "n": 3.0, "nested": map[string]any{"a": "b"}}}
	for i, text := range texts {
		templates = append(templates, Template{Name: fmt.Sprintf("c/templates/%d.yaml", i), Text: text, Data: data})
	}
	res, err := Render(context.Background(), templates)
	if err != nil {
		t.Fatal(err)
	}
	checkPieces(t, templates, res)
	return res
}

// checkPieces holds what a result says about its text against that text: the
// pieces cover it without gap, and literal ones are what the template has.
func checkPieces(t testing.TB, templates []Template, res *Result) {
	t.Helper()
	for _, f := range res.Files {
		end := 0
		for _, p := range f.Pieces() {
			if p.Start != end || p.End <= p.Start || p.End > len(f.Text) {
				t.Fatalf("piece %+v after %d in %q", p, end, f.Text)
			}
			end = p.End
			if p.At.Template < 0 {
				t.Fatalf("piece %+v comes from nowhere", p)
			}
			at := templates[p.At.Template].Text[p.At.Start:p.At.End]
			if p.Literal && at != f.Text[p.Start:p.End] {
				t.Fatalf("%q is not the literal %q", f.Text[p.Start:p.End], at)
			}
			if !p.Literal && !(strings.HasPrefix(at, "{{") && strings.HasSuffix(at, "}}")) {
				t.Fatalf("%q is no action", at)
			}
		}
		if end != len(f.Text) {
			t.Fatalf("pieces end at %d of %q", end, f.Text)
		}
	}
}

func TestPieces(t *testing.T) {
	text := `{{- define "h" }}-h{{ .Values.name }}{{ end -}}
a: {{ .Values.name }}{{ .Values.gone }}
{{- range until 2 }} {{ . }}!{{ end }} {{ template "h" . }} {{ include "h" . }}
{{ .Values.gone }}{{ "x<no value>y" }} {{ printf "%s }} %s" "\"}}" .Values.name -}}   end
`
	res := render(t, text)
	if len(res.Files) != 1 {
		t.Fatal(res.Failures)
	}
	var got []string
	for _, p := range res.Files[0].Pieces() {
		kind := "action"
		if p.Literal {
			kind = "text"
		}
		got = append(got, fmt.Sprintf("%s %q from %q", kind, res.Files[0].Text[p.Start:p.End], text[p.At.Start:p.At.End]))
	}
	want := []string{
		`text "a: " from "a: "`,
		`action "web" from "{{ .Values.name }}"`,
		`text " " from " "`, `action "0" from "{{ . }}"`, `text "!" from "!"`,
		`text " " from " "`, `action "1" from "{{ . }}"`, `text "!" from "!"`,
		`text " " from " "`,
		`text "-h" from "-h"`, `action "web" from "{{ .Values.name }}"`,
		`text " " from " "`,
		`action "-hweb" from "{{ include \"h\" . }}"`,
		`text "\n" from "\n"`,
		`action "x" from "{{ \"x<no value>y\" }}"`, `action "y" from "{{ \"x<no value>y\" }}"`,
		`text " " from " "`,
		`action "\"}} }} web" from "{{ printf \"%s }} %s\" \"\\\"}}\" .Values.name -}}"`,
		`text "end\n" from "end\n"`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestHostile renders what would never end, or take all memory, or overflow
// the stack. A stack overflow cannot be recovered from: it would end the test.
func TestHostile(t *testing.T) {
	deep := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	slow := []string{
		"yaml again and again", "many texts for tpl", "slow regex", "sorting", "nospace", "urls", "chunks", "appending",
		"prepending", "hashes", "searches", "base32",
	}
	for name, text := range map[string]string{
		"include itself":       `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`,
		"template itself":      `{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
		"tpl itself":           `{{ define "a" }}{{ tpl "{{ include \"a\" . }}" . }}{{ end }}{{ include "a" . }}`,
		"tpl that defines":     `{{ define "a" }}{{ tpl "{{ define \"b\" }}{{ end }}{{ include \"a\" . }}" . }}{{ end }}{{ include "a" . }}`,
		"two ways":             `{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ include "a" . }}`,
		"long range":           `{{ range until 100000000 }}x{{ end }}`,
		"integer range":        `{{ range 1000000000 }}x{{ end }}`,
		"silent range":         `{{ range 1000000000 }}{{ end }}`,
		"nested ranges":        deep(`{{ range until 1000 }}`, "x", `{{ end }}`, 6),
		"repeat":               `{{ repeat 1000000000 "x" }}`,
		"repeat of repeat":     `{{ repeat 10000 (repeat 10000 (repeat 10000 "x")) }}`,
		"indent":               `{{ indent 1000000000 "x" }}`,
		"nindent":              `{{ nindent 100000 (repeat 1000 "x\n") }}`,
		"doubling":             `{{ $x := "xxxx" }}{{ range until 100 }}{{ $x = print $x $x }}{{ end }}`,
		"doubling by printf":   `{{ $x := "xxxx" }}{{ range until 100 }}{{ $x = printf "%s%s" $x $x }}{{ end }}`,
		"doubling by join":     `{{ $x := "xxxx" }}{{ range until 100 }}{{ $x = join $x (list $x $x) }}{{ end }}`,
		"doubling by replace":  `{{ $x := "xxxx" }}{{ range until 100 }}{{ $x = replace "x" "xx" $x }}{{ end }}`,
		"doubling by regex":    `{{ $x := "xxxx" }}{{ range until 100 }}{{ $x = regexReplaceAll "x" $x $x }}{{ end }}`,
		"doubling by include":  `{{ define "d" }}{{ . }}{{ . }}{{ end }}{{ $x := "xxxx" }}{{ range until 100 }}{{ $x = include "d" $x }}{{ end }}`,
		"doubling a list":      `{{ $x := list 1 }}{{ range until 100 }}{{ $x = concat $x $x }}{{ end }}`,
		"many copies":          `{{ $x := repeat 1000000 "x" }}{{ $l := list }}{{ range until 10000 }}{{ $l = append $l (print $x .) }}{{ end }}`,
		"wide print":           `{{ $x := repeat 10000000 "x" }}{{ print ` + strings.Repeat("$x ", 1000) + `}}`,
		"width":                `{{ printf "%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d" 1 }}`,
		"width as argument":    `{{ printf (repeat 100 "%[1]*[1]d") 1000000 }}`,
		"one argument":         `{{ printf (repeat 1000000 "%[1]s") (repeat 1000000 "x") }}`,
		"seq":                  `{{ seq 1 1000000000 }}`,
		"seq downwards":        `{{ seq 1000000000 -1 1 }}`,
		"untilStep":            `{{ untilStep 9223372036854775806 9223372036854775807 2 }}{{ untilStep -9223372036854775807 9223372036854775807 1 }}`,
		"split":                `{{ split "" (repeat 10000000 "x") }}`,
		"random":               `{{ randAlphaNum 1000000000 }}`,
		"random bytes":         `{{ randBytes 1000000000 }}`,
		"map in itself":        `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}`,
		"map in itself toYaml": `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toYaml $d }}`,
		"map in itself pretty": `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toYamlPretty $d }}`,
		"map in itself copy":   `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}`,
		"map in itself quote":  `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ quote $d }}`,
		"map in itself string": `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toString $d }}`,
		"map in itself printf": `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ printf "%v" $d }}`,
		"map in itself toToml": `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toToml $d }}`,
		"map in itself merge":  `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ merge $d $e }}`,
		"map in itself as key": `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ dict $d 1 }}`,
		"list of itself sort":  `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ sortAlpha (list $d $d) }}`,
		"map in itself atoi":   `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toDecimal $d }}`,
		"map in itself has":    `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ has $d (list $d) | print $d }}`,
		"tree of the same":     `{{ $d := dict "x" "y" }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ toYaml $d }}`,
		"tree merged":          `{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $e := dict }}{{ range until 60 }}{{ $e = dict "a" $e "b" $e }}{{ end }}{{ mergeOverwrite $d $e | len | repeat 1000000000 }}`,
		"uniq":                 `{{ until 1000000 | uniq }}`,
		"without":              `{{ $l := until 1000000 }}{{ range until 1000 }}{{ $x := without $l 1 2 3 4 5 6 7 8 9 }}{{ end }}`,
		"hashes":               `{{ $x := repeat 16000000 "x" }}{{ range until 100000 }}{{ $h := sha256sum $x }}{{ end }}`,
		"searches":             `{{ $x := repeat 16000000 "x" }}{{ range until 100000 }}{{ if contains "y" $x }}{{ end }}{{ end }}`,
		"hashes in one action": `{{ $x := repeat 16000000 "x" }}{{ list ` + strings.Repeat("(sha256sum $x) ", 10000) + `}}`,
		"eq":                   `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ eq $d 1 }}`,
		"ne":                   `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ ne 1 $d }}`,
		"int":                  `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ add 1 $d }}`,
		"slice":                `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ slice (list 1) $d }}`,
		"nested ifs":           deep(`{{ if true }}`, "x", `{{ end }}`, 20000),
		"many ifs":             deep(`{{ if true }}`, "x", `{{ end }}`, 400000),
		"parentheses":          `{{ ` + deep(`(`, "1", `)`, 5000) + ` }}`,
		"toml":                 `{{ fromToml (print "a = " (repeat 10000000 "[")) }}`,
		"output":               `{{ $x := repeat 10000000 "x" }}{{ range until 1000 }}{{ $x }}{{ end }}`,
		"wrap":                 `{{ wrapWith 1 (repeat 10000 "y") (repeat 10000 "x ") }}`,
		"groups of a regex":    `{{ regexReplaceAll ".*" (repeat 1000000 "x") (repeat 250000 "${0}") }}`,
		"groups, must":         `{{ mustRegexReplaceAll "(.*)" (repeat 1000000 "x") (repeat 500000 "$1") }}`,
		"regex split":          `{{ $x := regexSplit "" (repeat 10000000 "x") -1 }}{{ len $x | repeat 1000 }}`,
		"regex find":           `{{ $x := regexFindAll "" (repeat 10000000 "x") -1 }}{{ len $x | repeat 1000 }}`,
		"regex of repetitions": `{{ mustRegexMatch "((((x{100}){100}){100}){100})" (repeat 1000000 "x") }}`,
		"slow regex":           `{{ $x := repeat 1000000 "x" }}{{ range until 100000 }}{{ if regexMatch "(x+x+)+y" $x }}{{ end }}{{ end }}`,
		"long regex":           `{{ $x := repeat 100000 "(a|b|c|d)*" }}{{ range until 100000 }}{{ if regexMatch $x "y" }}{{ end }}{{ end }}`,
		"semver of ranges":     `{{ $x := repeat 100000 "1.x || " }}{{ range until 100000 }}{{ if semverCompare (print $x "1") "1.2.3" }}{{ end }}{{ end }}`,
		"deep equality":        `{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $e := dict }}{{ range until 60 }}{{ $e = dict "a" $e "b" $e }}{{ end }}{{ range until 1000000 }}{{ if deepEqual $d $e }}{{ end }}{{ end }}`,
		"has":                  `{{ $l := until 1000000 }}{{ range until 1000000 }}{{ if has "x" $l }}{{ end }}{{ end }}`,
		"appending":            `{{ $l := list }}{{ range until 1000000 }}{{ $l = append $l . }}{{ end }}`,
		"prepending":           `{{ $l := list }}{{ range until 1000000 }}{{ $l = prepend $l . }}{{ end }}`,
		"chunks":               `{{ $l := until 1000000 }}{{ range until 1000000 }}{{ $x := chunk 1 $l }}{{ end }}`,
		"sorting":              `{{ $l := until 1000000 }}{{ range until 1000000 }}{{ $x := sortAlpha $l }}{{ end }}`,
		"json of brackets":     `{{ $x := fromJson (repeat 10000000 "[") }}{{ range until 100000000 }}{{ end }}`,
		"yaml of brackets":     `{{ $x := fromYaml (repeat 1000000 "[") }}{{ range until 100000000 }}{{ end }}`,
		"yaml of dashes":       `{{ $x := fromYamlArray (repeat 100000 "- ") }}{{ range until 100000000 }}{{ end }}`,
		"yaml of maps":         `{{ $x := fromYaml (repeat 100000 "{a: ") }}{{ range until 100000000 }}{{ end }}`,
		"toml of keys":         `{{ $x := fromToml (print (repeat 100000 "a.") "a = 1") }}{{ toJson $x | repeat 1000 }}`,
		"yaml again and again": `{{ $x := repeat 100000 "- a: b\n" }}{{ range until 1000000 }}{{ $y := fromYamlArray $x }}{{ end }}`,
		"pow":                  `{{ range until 1000000000 }}{{ end }}{{ randNumeric 100000000000 }}`,
		"random of a negative": `{{ randAlpha -1 }}{{ randAscii 9223372036854775807 }}`,
		"nested tpl":           `{{ $t := "{{ .x }}" }}{{ range until 100000 }}{{ $t = printf "{{ tpl %q . }}" $t }}{{ end }}{{ tpl $t . }}`,
		"many texts for tpl":   `{{ range $i, $_ := until 1000000 }}{{ $x := tpl (printf "%d %s" $i (repeat 1000 "{{ 1 }}")) $ }}{{ end }}`,
		"tpl of parentheses":   `{{ tpl (print "{{ " (repeat 1000000 "(") "1" (repeat 1000000 ")") " }}") . }}`,
		"wide number":          `{{ printf "%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f%.1000000f" 1.5 1.5 1.5 1.5 }}`,
		"nospace":              `{{ $x := repeat 16000000 " " }}{{ range until 100000 }}{{ $y := nospace $x }}{{ end }}`,
		"wrapping":             `{{ $x := repeat 16000000 "x " }}{{ range until 100000 }}{{ $y := wrap 1 $x }}{{ end }}`,
		"base32":               `{{ $x := repeat 1000 "x" }}{{ range until 1000 }}{{ $x = b32enc $x }}{{ end }}`,
		"urls":                 `{{ $x := print "http://h/" (repeat 10000000 "x") }}{{ range until 100000 }}{{ $y := urlParse $x }}{{ end }}`,
		"glob of yaml":         `{{ fromYaml (print "a: &a [x,x,x,x,x,x,x,x,x]\n" "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]") | toYaml | repeat 10000000 }}`,
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && slices.Contains(slow, name) {
				t.Skip("takes seconds")
			}
			res := render(t, text, "still: here\n")
			if len(res.Failures) == 0 {
				t.Error("rendered")
			}
			for _, f := range res.Failures {
				if f.Template != 0 {
					t.Errorf("the other template failed: %s", f.Message)
				}
				if len(f.At) == 0 || f.At[0].Template != 0 {
					t.Errorf("it has no place: %s", f.Message)
				}
				if len(f.Message) > 1000 {
					t.Errorf("a message of %d bytes", len(f.Message))
				}
			}
			// The limits are those of the chart as a whole: what took them all
			// leaves nothing for others. What did not, does.
			if strings.Contains(name, "itself") && len(res.Files) != 1 {
				t.Error("the other template is gone")
			}
		})
	}
}

func TestFailurePlaces(t *testing.T) {
	helper := "{{ define \"h\" }}\n{{ required \"give me x\" .x }}{{ end }}"
	res := render(t, helper, "a: b\nc: {{ include \"h\" (dict \"x\" \"\") }}\n")
	if len(res.Failures) != 1 || len(res.Files) != 2 || !res.Files[1].Failed || res.Files[0].Failed {
		t.Fatalf("%+v", res)
	}
	f := res.Failures[0]
	if f.Message != "give me x" || f.Template != 1 || len(f.At) != 2 {
		t.Fatalf("%+v", f)
	}
	if p := f.At[0]; p.Template != 0 || !strings.HasPrefix(helper[p.Start:], `required "give`) {
		t.Errorf("inner place %+v", p)
	}
	if p := f.At[1]; p.Template != 1 || p.Start != len("a: b\nc: {{ ") {
		t.Errorf("outer place %+v", p)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Render(ctx, []Template{{Name: "a", Text: "{{ range until 100000 }}x{{ end }}", Data: map[string]any{}}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestSameTextEachTime(t *testing.T) {
	text := `{{ genCA "x" 1 | toJson }}{{ randAscii 20 }}{{ randInt 3 9 }}{{ shuffle "abc" }}{{ now }}{{ date "2006" "x" }}
{{ ago now }}{{ uuidv4 }}{{ keys (dict "a" 1 "b" 2 "c" 3 "d" 4) }}{{ values (dict "a" 1 "b" 2 "c" 3 "d" 4) }}{{ bcrypt "x" }}
{{ genSelfSignedCert "a" nil nil 1 | toJson }}{{ genSignedCert "a" nil nil 1 (genCA "a" 1) | toJson }}{{ encryptAES "k" "v" }}{{ htpasswd "u" "p" }}`
	first := render(t, text)
	if len(first.Files) != 1 {
		t.Fatal(first.Failures)
	}
	for range 5 {
		if again := render(t, text); again.Files[0].Text != first.Files[0].Text {
			t.Fatalf("%q\n%q", again.Files[0].Text, first.Files[0].Text)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		`a: {{ .Values.name | quote }}`,
		`{{ define "a" }}x{{ end }}{{ include "a" . | nindent 4 }}`,
		`{{ range $i, $x := until 3 }}{{ $i }}{{ if eq $i 1 }}{{ break }}{{ end }}{{ else }}e{{ end }}`,
		`{{- with .Values.nested -}} {{ toYaml . }} {{- end }}{{ .Values.gone }}<no value>`,
		`{{ tpl "{{ .Values.name }}{{ define \"q\" }}1{{ end }}" . }}{{ fail "x" }}`,
		`{{ $d := dict "a" (list 1 2) }}{{ $_ := set $d "b" $d }}{{ $d | len }}{{ block "b" . }}{{ end }}`,
		`{{ printf "%*d %s %[1]v" 3 "x" }}{{ /* c */ }}{{- "}}" -}} {{ (index .Values "n") | int | until }}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		res := render(t, text, "ok: {{ .Values.n }}")
		for _, f := range res.Failures {
			for _, p := range f.At {
				if p.Start < 0 || p.End < p.Start {
					t.Fatalf("place %+v", p)
				}
			}
		}
	})
}
