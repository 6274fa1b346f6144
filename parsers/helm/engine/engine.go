// Package engine renders the templates of a chart as Helm does, and knows for
// every byte of the output which bytes of which template wrote it.
//
// It runs text/template over templates whose parse trees it has prepared:
//
//   - the literal text between actions is written straight from the parse
//     tree, so the address of what is written tells the node it comes from;
//   - every action that prints is sent through a function that notes which
//     action it is, right before the one write that the action makes;
//   - template bodies and the bodies of range count steps, and the results of
//     functions are weighed, so that a template without end, without bottom or
//     without measure fails instead of taking the machine with it. The limits
//     count work, so that the same chart fails at the same place on every
//     machine; the clock is only a last resort.
//
// None of this changes what is rendered; a test holds the output against
// Helm's own engine byte for byte. What differs on purpose: random values,
// certificates and the clock are fixed stand-ins (see [Result.Assumed]), and
// maps turned into lists come in the order of their keys.
//
// A template that fails takes nothing with it: it is a [Failure] and the others
// are still rendered. Text that goes through include and then through another
// function is known by the action that printed it only.
package engine

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"time"
)

// A Template is one file of a chart's templates directory.
type Template struct {
	// Name is the path that Helm knows it by: "chart/charts/sub/templates/x.yaml".
	Name string
	Text string
	// Data is what the template sees as dot. Templates of one chart share it,
	// and may change it for those that come after.
	Data map[string]any
	// BasePath is the templates directory that Name is in.
	BasePath string
	// Silent templates are parsed for what they define and not rendered.
	Silent bool
}

// A Place is the bytes [Start,End) of the text of a template, by its index in
// the list given to [Render].
type Place struct{ Template, Start, End int }

// A Piece says where the bytes [Start,End) of rendered text come from.
type Piece struct {
	Start, End int
	// At is the text that was copied when Literal, else the action that printed.
	At      Place
	Literal bool
}

// A File is a rendered template.
type File struct {
	Template int // index in the list given to Render
	Text     string
	Pieces   []Piece // in the order of the text, which they cover
}

// A Failure is a template that could not be parsed or rendered.
type Failure struct {
	Template int
	Message  string
	// At is where it went wrong, then the calls that led there, the outermost
	// last. It is empty when nothing is known but the template.
	At []Place
}

// A Result is all that rendering a chart gave.
type Result struct {
	Files    []File // ordered by the name of the template
	Failures []Failure
	// Assumed are texts that stand in for what is random or made anew at each
	// installation: a value that equals one of them is not known.
	Assumed map[string]bool
}

// Render renders the templates of a chart and of its subcharts. The error is
// the context's.
func Render(ctx context.Context, templates []Template) (*Result, error) {
	r := &renderer{
		ctx:       ctx,
		templates: templates,
		index:     make(map[string]int, len(templates)),
		literals:  map[*byte]literal{},
		prepared:  map[*parse.Tree]bool{},
		tpls:      map[string]*template.Template{},
		assumed:   map[string]bool{},
		budget:    budget{start: time.Now()},
	}
	for i, t := range templates {
		r.index[t.Name] = i
	}
	r.root = template.New(anonymous).Option("missingkey=zero")
	r.funcs = r.funcMap()
	r.root.Funcs(r.funcs)

	res := &Result{Assumed: r.assumed}
	order := r.order()
	parsed := r.parseAll(order, res)
	for _, i := range order {
		t := templates[i]
		if !parsed[i] || t.Silent || strings.HasPrefix(path.Base(t.Name), "_") {
			continue
		}
		t.Data["Template"] = map[string]any{"Name": t.Name, "BasePath": t.BasePath}
		f, err := r.render(i)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			res.Failures = append(res.Failures, r.failure(i, err))
			continue
		}
		res.Files = append(res.Files, f)
	}
	slices.SortFunc(res.Files, func(a, b File) int {
		return strings.Compare(templates[a.Template].Name, templates[b.Template].Name)
	})
	return res, nil
}

// anonymous is the name that Helm gives to text that tpl renders.
const anonymous = "gotpl"

// A renderer is the state of one rendering. It belongs to one goroutine.
type renderer struct {
	ctx       context.Context
	templates []Template
	index     map[string]int
	root      *template.Template
	funcs     template.FuncMap

	prepared map[*parse.Tree]bool
	literals map[*byte]literal             // first byte of a text node -> where it is
	actions  []Place                       // by the number that the action hands to emit
	printing int                           // the action about to write
	tpls     map[string]*template.Template // texts given to tpl
	assumed  map[string]bool
	budget
}

type literal struct{ template, offset int }

// order is the order in which Helm parses and renders: what lies deepest
// first, so that a chart can redefine what its subcharts define.
func (r *renderer) order() []int {
	order := make([]int, len(r.templates))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := r.templates[a].Name, r.templates[b].Name
		if d := strings.Count(y, "/") - strings.Count(x, "/"); d != 0 {
			return d
		}
		return strings.Compare(y, x)
	})
	return order
}

// parseAll parses the templates and tells which of them can be rendered.
func (r *renderer) parseAll(order []int, res *Result) (parsed []bool) {
	parsed = make([]bool, len(r.templates))
	for _, i := range order {
		t := r.templates[i]
		err := checkSource(t.Text)
		if err == nil {
			_, err = r.root.New(t.Name).Parse(t.Text)
		}
		if err == nil {
			err = r.prepare(r.root, i)
		}
		if err != nil {
			res.Failures = append(res.Failures, r.failure(i, err))
		}
		parsed[i] = err == nil && r.root.Lookup(t.Name) != nil
	}
	return parsed
}

// render renders one template.
func (r *renderer) render(i int) (f File, err error) {
	defer func() {
		// text/template passes on run-time errors of its own.
		if p := recover(); p != nil {
			err = fmt.Errorf("rendering template failed: %v", p)
		}
	}()
	r.depth = 0
	out := &tracedOutput{r: r}
	if err := r.root.ExecuteTemplate(out, r.templates[i].Name, r.templates[i].Data); err != nil {
		return File{}, err
	}
	text, pieces := out.finish()
	return File{Template: i, Text: text, Pieces: pieces}, nil
}

// include renders a named template of set to text.
func (r *renderer) include(set *template.Template, name string, data any) (string, error) {
	var out plainOutput
	out.r = r
	err := set.ExecuteTemplate(&out, name, data)
	return string(out.text), err
}

// tpl renders text as a template. Helm clones all templates for every call, so
// that what the text defines stays inside; that is only needed when the text
// defines something.
func (r *renderer) tpl(set *template.Template, text string, data any) (string, error) {
	t := r.tpls[text]
	if t == nil || set != r.root {
		var err error
		if t, err = r.parseText(set, text); err != nil {
			return "", fmt.Errorf("cannot parse template %q: %w", abbreviate(text), err)
		}
	}
	var out plainOutput
	out.r = r
	if err := t.Execute(&out, data); err != nil {
		return "", fmt.Errorf("error during tpl function execution for %q: %w", abbreviate(text), err)
	}
	return strings.ReplaceAll(string(out.text), noValue, ""), nil
}

func (r *renderer) parseText(set *template.Template, text string) (*template.Template, error) {
	if err := checkSource(text); err != nil {
		return nil, err
	}
	if err := r.charge(len(text)); err != nil {
		return nil, err
	}
	if set == r.root && !strings.Contains(text, "define") && !strings.Contains(text, "block") {
		trees, err := parse.Parse(anonymous, text, "", "", r.funcs, builtins)
		if err != nil {
			return nil, err
		}
		tree := trees[anonymous]
		t, err := r.root.AddParseTree(fmt.Sprintf("%s #%d", anonymous, len(r.tpls)), tree)
		if err != nil {
			return nil, err
		}
		if err := r.prepareTree(tree, -1); err != nil {
			return nil, err
		}
		r.tpls[text] = t
		return t, nil
	}
	clone, err := set.Clone()
	if err != nil {
		return nil, fmt.Errorf("cannot clone template: %w", err)
	}
	clone.Option("missingkey=zero")
	clone.Funcs(r.lateFuncs(clone))
	t, err := clone.New(anonymous).Parse(text)
	if err != nil {
		return nil, err
	}
	return t, r.prepare(clone, -1)
}

// abbreviate keeps a message readable whose text comes from a chart.
func abbreviate(text string) string {
	if len(text) > 400 {
		return strings.ToValidUTF8(text[:400], "") + "…"
	}
	return text
}
