// Package engine renders the templates of a chart as Helm does, and knows for
// every byte of the output which bytes of which template wrote it.
//
// It executes the parse trees of text/template itself (exec.go, eval.go,
// call.go): the same language and the same functions, with three things
// beside:
//
//   - every value carries what it was made from (cause.go). That is only noted
//     during execution; what it means for some bytes of the output is worked
//     out when somebody asks (trace.go, split.go);
//   - calls and rounds count steps, and results are weighed, so that a template
//     without end, without bottom or without measure fails instead of taking
//     the machine with it. The limits count work, so that the same chart fails
//     at the same place on every machine; the clock is only a last resort;
//   - an action that fails prints nothing, is a [Failure], and what should have
//     stood in its place is not known. The rest of the file is rendered.
//
// Values are never changed for that: a test holds the output against Helm's own
// engine byte for byte. What differs on purpose: random values, certificates
// and the clock are fixed stand-ins, whose results are not known (see
// [File.Unknown]), and maps turned into lists come in the order of their keys.
package engine

import (
	"context"
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
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
	// Open tells that every value may be another one: not all that were given
	// are known.
	Open bool
	// Scope is where the values of the template's chart are among those of the
	// root chart: the names of the subcharts that lead to it.
	Scope []string
}

// A Place is the bytes [Start,End) of the text of a template, by its index in
// the list given to [Render].
type Place struct{ Template, Start, End int }

// A File is a rendered template.
type File struct {
	Template int // index in the list given to Render
	Text     string
	// Failed tells that actions of the template failed, so that text is missing.
	Failed bool

	out    *output
	doubts bool // a branch was not taken by a condition that is not known
	search func() searched
}

// A Failure is a template that could not be parsed or rendered, or an action of
// one that printed nothing because it failed.
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
}

// Render renders the templates of a chart and of its subcharts. The error is
// the context's.
func Render(ctx context.Context, templates []Template) (*Result, error) {
	r := &renderer{
		ctx:       ctx,
		templates: templates,
		index:     make(map[string]int, len(templates)),
		defs:      &definitions{named: map[string]*definition{}},
		tpls:      map[string]map[string]*parse.Tree{},
		assigns:   map[*parse.ListNode][]string{},
		gaps:      map[parse.Node]gap{},
		patterns:  map[string]pattern{},
		written:   map[slot]written{},
		known:     map[Place]bool{},
		budget:    budget{start: time.Now()},
	}
	for i, t := range templates {
		r.index[t.Name] = i
	}
	r.prepareFunctions()

	res := &Result{}
	order := r.order()
	parsed := r.parseAll(order, res)
	for _, i := range order {
		t := templates[i]
		if !parsed[i] || t.Silent || strings.HasPrefix(path.Base(t.Name), "_") {
			continue
		}
		t.Data["Template"] = map[string]any{"Name": t.Name, "BasePath": t.BasePath}
		r.failures = nil
		f, err := r.render(i)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		res.Failures = append(res.Failures, r.failures...)
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
	defs      *definitions
	funcs     template.FuncMap
	functions map[string]*function

	tpls    map[string]map[string]*parse.Tree // texts given to tpl
	kept    int                               // bytes of these
	assigns map[*parse.ListNode][]string
	gaps    map[parse.Node]gap
	written map[slot]written

	patterns map[string]pattern // regular expressions that were used

	current  int     // the template being rendered
	calls    []frame // that led to what is being executed
	failures []Failure
	known    map[Place]bool // failures that were noted before
	doubts   bool           // see File
	budget

	readings sync.Map // of documents, while traces are worked out: *call -> reading
}

// A frame is an action that calls a template.
type frame struct {
	script *script
	pos    int
}

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
		trees, err := r.parse(t)
		if _, ok := errors.AsType[*LimitError](err); ok && !strings.HasPrefix(err.Error(), "template: ") {
			err = &execError{script: &script{file: i, text: t.Text}, pos: max(strings.Index(t.Text, "{{"), 0), err: err}
		}
		if err != nil {
			res.Failures = append(res.Failures, r.failure(i, err))
			continue
		}
		r.defs.add(trees, &script{file: i, text: t.Text})
		parsed[i] = r.defs.lookup(t.Name) != nil
	}
	return parsed
}

func (r *renderer) parse(t Template) (map[string]*parse.Tree, error) {
	if err := checkSource(t.Text); err != nil {
		return nil, err
	}
	trees, err := parse.Parse(t.Name, t.Text, "", "", r.funcs, builtins)
	if err != nil {
		return nil, err
	}
	return trees, checkNesting(trees)
}

// render renders one template.
func (r *renderer) render(i int) (f File, err error) {
	defer func() {
		if p := recover(); p != nil { // a mistake of ours costs this template only
			err = fmt.Errorf("rendering template failed: %v", p)
		}
	}()
	r.depth, r.current, r.calls, r.doubts = 0, i, nil, false
	out := &output{r: r}
	dot := val{reflect.ValueOf(r.templates[i].Data), &origin{i, r.templates[i].Open}}
	if err := r.execute(r.defs, r.defs.lookup(r.templates[i].Name), dot, out, nil); err != nil {
		return File{}, err
	}
	out.finish()
	return File{
		Template: i, Text: out.String(), Failed: len(r.failures) > 0 || out.taint&failed != 0, out: out, doubts: r.doubts,
		search: sync.OnceValue(func() searched { return search(out) }),
	}, nil
}

// abbreviate keeps a message readable whose text comes from a chart.
func abbreviate(text string) string {
	if len(text) > 400 {
		return strings.ToValidUTF8(text[:400], "") + "…"
	}
	return text
}
