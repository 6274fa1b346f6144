package terraform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// A loader evaluates one root.
type loader struct {
	ctx       context.Context
	root      *root
	b         *graph.Builder
	budget    *budget
	functions map[string]function.Function
	studied   map[hcl.Expression]*study
	reported  map[string]bool
	byAddress map[string][]*graph.Resource
	nodes     int
	modules   int
	edges     int
	waiting   []string // the names of the cells being worked out
	tracing   sync.Mutex
	exhausted bool // it has been said that the budget is used up
	quiet     bool // nothing is reported: everything was
	manifest  map[string]string
	blocks    map[string]Block // by address, when somebody wants them
}

func newLoader(ctx context.Context, r *root, b *graph.Builder) *loader {
	ld := &loader{
		ctx: ctx, root: r, b: b, budget: &budget{maxWork},
		studied: map[hcl.Expression]*study{}, reported: map[string]bool{}, byAddress: map[string][]*graph.Resource{},
	}
	ld.functions = ld.table()
	return ld
}

func (ld *loader) load() {
	m := ld.newModule(nil, ld.root.dir, "")
	m.given = ld.given(m.config)
	ld.emit(m)
	ld.link()
	ld.ctx, ld.quiet = context.WithoutCancel(ld.ctx), true
}

// A module is one instance of a module: the root, or what one call makes.
type module struct {
	ld     *loader
	parent *module
	config *config
	prefix string // of addresses: "" or `module.a["k"].module.b.`
	depth  int

	block   *hcltext.Block // the call; nil for the root
	key     string         // the names of the calls that lead to it
	fetched bool           // it is not part of the configuration itself
	called  *source.Origin // the call as the place that brought the module in; nil for the root
	// given are the variables that were set from outside.
	given map[string]given

	variables, locals, outputs map[string]*cell
	expansions                 map[string]*expansion
	resources                  map[string]cty.Value // what references to resources are worth
	calls                      map[*hcltext.Block]*call
	shared                     map[*hcltext.Attribute]*graph.Node // what is the same in all instances
}

func (ld *loader) newModule(parent *module, dir, prefix string) *module {
	m := &module{
		ld: ld, parent: parent, config: ld.root.dirs.config(dir), prefix: prefix,
		variables: map[string]*cell{}, locals: map[string]*cell{}, outputs: map[string]*cell{},
		expansions: map[string]*expansion{}, resources: map[string]cty.Value{}, calls: map[*hcltext.Block]*call{},
		shared: map[*hcltext.Attribute]*graph.Node{},
	}
	if parent != nil {
		m.depth = parent.depth + 1
	}
	return m
}

// path is path.module: the way from the root module's directory.
func (m *module) path() string {
	if m.parent == nil {
		return "."
	}
	return relative(m.ld.root.dir, m.config.dir)
}

// relative is the way from one clean directory to another.
func relative(from, to string) string {
	var f, t []string
	if from != "." {
		f = strings.Split(from, "/")
	}
	if to != "." {
		t = strings.Split(to, "/")
	}
	for len(f) > 0 && len(t) > 0 && f[0] == t[0] {
		f, t = f[1:], t[1:]
	}
	return path.Join(append(slices.Repeat([]string{".."}, len(f)), t...)...)
}

// A cell is a value that is worked out once, when first asked for.
type cell struct {
	state cellState
	value cty.Value
	size  int
}

type cellState uint8

const (
	untouched cellState = iota
	running
	done
)

// get works out the cell. A cell that is asked for while it is being worked
// out depends on itself.
func (ld *loader) get(c *cell, name string, at func() *source.Origin, work func() cty.Value) cty.Value {
	switch c.state {
	case done:
		return c.value
	case running:
		ld.circle(name, at())
		return cty.DynamicVal
	case untouched:
	}
	if len(ld.waiting) >= maxDepth*10 || ld.ctx.Err() != nil {
		ld.fail(at(), "%s waits for a chain of more than %d values", name, maxDepth*10)
		return cty.DynamicVal
	}
	c.state = running
	ld.waiting = append(ld.waiting, name)
	v := work()
	ld.waiting = ld.waiting[:len(ld.waiting)-1]
	n := size(v)
	if err := ld.budget.spend(n); err != nil {
		if !ld.spent(err) {
			ld.fail(at(), "%s: %v", name, err)
		}
		v, n = cty.DynamicVal, 1
	}
	c.state, c.value, c.size = done, v, n
	return v
}

func (ld *loader) circle(name string, at *source.Origin) {
	chain := ld.waiting
	if i := slices.Index(chain, name); i >= 0 {
		chain = chain[i:]
	}
	if len(chain) > 10 {
		chain = append(slices.Clone(chain[:10]), "...")
	}
	ld.fail(at, "%s depends on itself: %s", name, strings.Join(append(slices.Clone(chain), name), " -> "))
}

// fail and warn report a Problem once, however many instances meet it.
func (ld *loader) fail(at *source.Origin, format string, args ...any) {
	if vendored(at.Span.File.Path) { // whoever reads it cannot mend it
		ld.warn(at, format, args...)
		return
	}
	if ld.news(at, format, args...) {
		ld.b.Fail(at, format, args...)
	}
}

func (ld *loader) warn(at *source.Origin, format string, args ...any) {
	if ld.news(at, format, args...) {
		ld.b.Warn(at, format, args...)
	}
}

func (ld *loader) news(at *source.Origin, format string, args ...any) bool {
	if ld.quiet {
		return false
	}
	key := fmt.Sprintf("%s:%d:%d:", at.Span.File.Path, at.Span.Start, at.Span.End) + fmt.Sprintf(format, args...)
	seen := ld.reported[key]
	ld.reported[key] = true
	return !seen
}

// origin is a place in a file that was read by this root.
func (ld *loader) origin(r hcl.Range) *source.Origin {
	span := ld.span(r)
	return &source.Origin{Span: span, Exact: source.AtToken}
}

func (ld *loader) span(r hcl.Range) source.Span {
	return hcltext.Span(ld.root.dirs.file(r.Filename).Source, r)
}

func at(span source.Span) *source.Origin { return &source.Origin{Span: span, Exact: source.AtToken} }

// variable is the value of var.name.
func (m *module) variable(name string) cty.Value {
	k := m.config.variables[name]
	c := entry(m.variables, name)
	return m.ld.get(c, m.prefix+"var."+name, func() *source.Origin { return at(k.Head) }, func() cty.Value {
		return secretIf(k, m.variableValue(k))
	})
}

// local is the value of local.name.
func (m *module) local(name string) cty.Value {
	a := m.config.locals[name]
	return m.ld.get(entry(m.locals, name), m.prefix+"local."+name, func() *source.Origin { return at(a.Key) }, func() cty.Value {
		return (&scope{m: m}).eval(a.Expr)
	})
}

// output is the value of an output, for the caller.
func (m *module) output(name string) cty.Value {
	k := m.config.outputs[name]
	return m.ld.get(entry(m.outputs, name), m.prefix+"output."+name, func() *source.Origin { return at(k.Head) }, func() cty.Value {
		if a := k.Body.Attribute("value"); a != nil {
			return secretIf(k, (&scope{m: m}).eval(a.Expr))
		}
		return cty.DynamicVal
	})
}

func entry[K comparable, T any](m map[K]*T, key K) *T {
	if m[key] == nil {
		m[key] = new(T)
	}
	return m[key]
}

// A call is a module block and the instances it makes; none where the module
// is not there.
type call struct {
	expansion
	modules []*module
	missing bool
}

// call expands a module block.
func (m *module) call(k *hcltext.Block) *call {
	c := entry(m.calls, k)
	m.expandInto(&c.expansion, k, m.prefix+"module."+k.Label(0))
	if c.modules != nil || c.missing || c.state != done {
		return c
	}
	dir, fetched, found := m.destination(k)
	if c.missing = !found; c.missing {
		return c
	}
	called := calledAt(k.Span, source.Module, m.called)
	for _, inst := range c.instances {
		if m.ld.modules++; m.ld.modules > maxModules {
			m.ld.fail(at(k.Head), "more than %d module instances", maxModules)
			c.missing = true
			return c
		}
		child := m.ld.newModule(m, dir, inst.addr+".")
		child.block, child.key, child.fetched = k, m.callKey(k), m.fetched || fetched
		child.called = called
		child.given = map[string]given{}
		for _, a := range k.Body.Attributes {
			if !moduleMeta[a.Name] {
				child.given[a.Name] = given{
					value: func() cty.Value { return inst.scope.eval(a.Expr) }, rng: a.Expr.Range(), scope: inst.scope, expr: a.Expr,
				}
			}
		}
		c.modules = append(c.modules, child)
	}
	c.missing = len(c.modules) == 0 && c.kind == symbolic
	return c
}

// moduleMeta are the arguments of a module block that are not the module's.
var moduleMeta = map[string]bool{
	"source": true, "version": true, "count": true, "for_each": true, "providers": true, "depends_on": true,
}

func (m *module) callKey(k *hcltext.Block) string {
	return strings.TrimPrefix(m.key+"."+k.Label(0), ".")
}

// destination is the directory of a called module, and whether it was fetched.
// What is wrong with it is a Problem.
func (m *module) destination(k *hcltext.Block) (dir string, fetched, ok bool) {
	a := k.Body.Attribute("source")
	if a == nil {
		m.ld.fail(at(k.Head), "module %q has no source", k.Label(0))
		return "", false, false
	}
	here := m.ld.origin(a.Expr.Range())
	dir, local := m.config.localSource(m.source(a))
	if !local {
		if to, there := m.ld.fetched(m.callKey(k)); there && len(m.ld.root.dirs.config(to).files) > 0 {
			dir, local, fetched = to, true, true
		}
	}
	switch {
	case !local:
		m.ld.warn(here, "module %q is not in the tree: its resources are not analysed and its outputs are unknown", k.Label(0))
		return "", false, false
	case escapes(dir):
		m.ld.warn(here, "module %q lies outside of the analysed directory: it was not read and its outputs are unknown", k.Label(0))
		return "", false, false
	}
	for up := m; up != nil; up = up.parent {
		if up.config.dir == dir {
			m.ld.fail(here, "module %q calls itself", k.Label(0))
			return "", false, false
		}
	}
	if m.depth >= maxDepth {
		m.ld.fail(here, "modules nest deeper than %d levels", maxDepth)
		return "", false, false
	}
	if len(m.ld.root.dirs.config(dir).files) == 0 {
		if m.ld.root.dirs.tree.Exists(dir) {
			m.ld.fail(here, "module %q: there are no Terraform files in %s", k.Label(0), dir)
		} else {
			m.ld.fail(here, "module %q: there is no directory %s", k.Label(0), dir)
		}
		return "", false, false
	}
	return dir, fetched, true
}

// source is the text of a module's source. OpenTofu lets it hang on variables.
func (m *module) source(a *hcltext.Attribute) string {
	if text, ok := constant(a.Expr); ok {
		return text
	}
	text, _ := keyText((&scope{m: m}).eval(a.Expr))
	return text
}

// problems reports what is wrong with the files of a module, once per root.
func (m *module) problems() {
	for _, f := range m.config.files {
		for _, p := range f.Problems {
			m.ld.problem(p)
		}
	}
	for _, p := range m.config.problems {
		m.ld.problem(p)
	}
}

func (ld *loader) problem(p graph.Problem) {
	if p.Level == graph.Error {
		ld.fail(p.At, "%s", p.Message)
	} else {
		ld.warn(p.At, "%s", p.Message)
	}
}

// reason is an error without the path, which the reader is told anyway.
func reason(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
