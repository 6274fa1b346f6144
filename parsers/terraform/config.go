package terraform

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// dirs reads the directories of a tree, each once for all roots.
type dirs struct {
	tree   *source.Tree
	charts []string // directories of Helm charts

	mu      sync.Mutex
	configs map[string]func() *config
	files   map[string]func() *hcltext.File
}

func newDirs(tree *source.Tree) *dirs {
	return &dirs{tree: tree, configs: map[string]func() *config{}, files: map[string]func() *hcltext.File{}}
}

// config is the module in a directory.
func (d *dirs) config(dir string) *config {
	d.mu.Lock()
	c, ok := d.configs[dir]
	if !ok {
		c = sync.OnceValue(func() *config { return d.read(dir) })
		d.configs[dir] = c
	}
	d.mu.Unlock()
	return c()
}

// file is a parsed file; one that cannot be read is empty and has a Problem.
func (d *dirs) file(name string) *hcltext.File {
	d.mu.Lock()
	f, ok := d.files[name]
	if !ok {
		f = sync.OnceValue(func() *hcltext.File {
			src, err := d.tree.Read(name)
			if err != nil {
				return &hcltext.File{Source: source.NewFile(name, nil), Body: &hcltext.Body{}, Problems: []graph.Problem{{
					Level: graph.Error, Message: fmt.Sprintf("cannot be read: %v", reason(err)), At: parsers.Missing(name),
				}}}
			}
			parsed := hcltext.Parse(src)
			meter(parsed)
			return parsed
		})
		d.files[name] = f
	}
	d.mu.Unlock()
	return f()
}

// A config is what the files of one directory say.
type config struct {
	dir   string
	file  func(name string) *hcltext.File
	files []*hcltext.File
	vars  []string // the variable files that are read without being named

	variables, outputs, calls map[string]*hcltext.Block
	locals                    map[string]*hcltext.Attribute
	resources                 map[string]*hcltext.Block // by address
	order                     []*hcltext.Block          // everything with a node of its own, as written
	providers                 map[string]bool           // "aws", "aws.west"
	problems                  []graph.Problem
}

// read reads a directory. Terraform and OpenTofu take the files directly in it.
func (d *dirs) read(dir string) *config {
	c := &config{
		dir: dir, file: d.file, variables: map[string]*hcltext.Block{}, outputs: map[string]*hcltext.Block{},
		calls: map[string]*hcltext.Block{}, locals: map[string]*hcltext.Attribute{}, resources: map[string]*hcltext.Block{},
		providers: map[string]bool{},
	}
	entries, _ := fs.ReadDir(d.tree.FS(), dir) // sorted; a directory that is not there has none
	var names, overrides []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case e.IsDir() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~"):
		case isConfig(name):
			if alternative, ok := tofu(name); ok && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == alternative }) {
				continue
			}
			if overriding(name) {
				overrides = append(overrides, path.Join(dir, name))
			} else {
				names = append(names, path.Join(dir, name))
			}
		case name == "terraform.tfvars", name == "terraform.tfvars.json",
			strings.HasSuffix(name, ".auto.tfvars"), strings.HasSuffix(name, ".auto.tfvars.json"):
			c.vars = append(c.vars, path.Join(dir, name))
		}
	}
	slices.SortStableFunc(c.vars, func(a, b string) int { return ranked(a) - ranked(b) })
	for _, name := range names {
		f := d.file(name)
		c.files = append(c.files, f)
		for _, k := range f.Body.Blocks {
			c.add(k)
		}
	}
	for _, name := range overrides {
		f := d.file(name)
		c.files = append(c.files, f)
		for _, k := range f.Body.Blocks {
			c.override(k)
		}
	}
	return c
}

func isConfig(name string) bool {
	for _, ext := range [...]string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return false
}

// tofu is the name of the file that takes the place of a .tf file for OpenTofu.
func tofu(name string) (string, bool) {
	if base, ok := strings.CutSuffix(name, ".tf"); ok {
		return base + ".tofu", true
	}
	base, ok := strings.CutSuffix(name, ".tf.json")
	return base + ".tofu.json", ok
}

func overriding(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	return base == "override" || strings.HasSuffix(base, "_override")
}

// ranked orders variable files as Terraform reads them: terraform.tfvars, then
// its JSON, then the rest by name.
func ranked(name string) int {
	switch path.Base(name) {
	case "terraform.tfvars":
		return 0
	case "terraform.tfvars.json":
		return 1
	}
	return 2
}

// address is how a block is referred to within its module; "" for a block that
// is no resource.
func address(k *hcltext.Block) string {
	switch k.Type {
	case "resource":
		return k.Label(0) + "." + k.Label(1)
	case "data", "ephemeral":
		return k.Type + "." + k.Label(0) + "." + k.Label(1)
	}
	return ""
}

// labels is how many labels a block has to have.
var labels = map[string]int{
	"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "provider": 1, "variable": 1, "output": 1, "check": 1,
	"terraform": 0, "locals": 0, "moved": 0, "import": 0, "removed": 0,
}

// wrong notes what is wrong with a block, and tells whether it cannot be read.
func (c *config) wrong(k *hcltext.Block) bool {
	n, known := labels[k.Type]
	fail := func(level graph.Level, at source.Span, format string, args ...any) {
		c.problems = append(c.problems, graph.Problem{Level: level, Message: fmt.Sprintf(format, args...), At: &source.Origin{Span: at, Exact: source.AtToken}})
	}
	switch {
	case !known:
		fail(graph.Warning, k.Head, "a block of type %q is not known here and is not analysed", k.Type)
	case len(k.Labels) != n:
		fail(graph.Error, k.Head, "a %s block has %d labels, not %d", k.Type, n, len(k.Labels))
		return true
	}
	if a := k.Body.Attribute("for_each"); a != nil && k.Body.Attribute("count") != nil && n > 0 {
		fail(graph.Error, a.Key, "for_each and count cannot stand together")
	}
	return !known
}

// twice notes that something was declared before.
func (c *config) twice(at, before source.Span, what, name string) {
	p := before.From()
	c.problems = append(c.problems, graph.Problem{
		Level: graph.Error, At: &source.Origin{Span: at, Exact: source.AtToken},
		Message: fmt.Sprintf("%s %q is declared twice, first at %s:%d", what, name, before.File.Path, p.Line),
	})
}

func (c *config) add(k *hcltext.Block) {
	if c.wrong(k) {
		return
	}
	first := func(m map[string]*hcltext.Block, name string) {
		if m[name] == nil {
			m[name] = k
		} else {
			c.twice(k.Head, m[name].Head, k.Type, name)
		}
	}
	switch k.Type {
	case "locals":
		for _, a := range k.Body.Attributes {
			if before := c.locals[a.Name]; before != nil {
				c.twice(a.Key, before.Key, "local value", a.Name)
				continue
			}
			c.locals[a.Name] = a
		}
		return
	case "variable":
		first(c.variables, k.Label(0))
	case "output":
		first(c.outputs, k.Label(0))
	case "module":
		first(c.calls, k.Label(0))
	case "resource", "data", "ephemeral":
		first(c.resources, address(k))
	case "provider", "terraform":
	case "check":
		for _, b := range k.Body.Blocks {
			if b.Type == "data" {
				c.add(b)
			}
		}
		return
	default:
		return
	}
	if k.Type == "provider" {
		name := strings.TrimPrefix(providerID(k), "provider.")
		if i := slices.IndexFunc(c.order, func(o *hcltext.Block) bool { return o.Type == "provider" && providerID(o) == providerID(k) }); i >= 0 {
			c.twice(k.Head, c.order[i].Head, "provider configuration", name)
		}
		c.providers[name] = true
	}
	c.order = append(c.order, k)
}

// providerID is the address of a provider configuration within its module.
func providerID(k *hcltext.Block) string {
	id := "provider." + k.Label(0)
	if a := k.Body.Attribute("alias"); a != nil {
		if alias, ok := constant(a.Expr); ok {
			id += "." + alias
		}
	}
	return id
}

// source is where a module call leads: a directory of the tree for a local
// path, false for everything else. A path that leads out of the tree starts
// with "..".
func (c *config) source(call *hcltext.Block) (dir string, local bool) {
	a := call.Body.Attribute("source")
	if a == nil {
		return "", false
	}
	text, _ := c.early(a.Expr)
	return c.localSource(text)
}

// localSource is the directory of a source that is a local path.
func (c *config) localSource(text string) (dir string, local bool) {
	if !(strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") || text == "." || text == "..") {
		return text, false
	}
	return path.Join(c.dir, text), true
}

func (c *config) localCalls() []string {
	var to []string
	for _, k := range c.order {
		if k.Type == "module" {
			if dir, local := c.source(k); local && !escapes(dir) {
				to = append(to, dir)
			}
		}
	}
	return to
}

// escapes tells whether a cleaned path leads out of the tree.
func escapes(name string) bool {
	return name == ".." || strings.HasPrefix(name, "../") || path.IsAbs(name)
}

// constant is the text of an expression that is a string without references.
func constant(expr hclsyntax.Expression) (string, bool) {
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v == cty.NilVal || v.IsMarked() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// strays tells whether a function that reads files, or a chart, may lie outside
// of the directory.
func (c *config) strays() bool {
	found := slices.ContainsFunc(c.order, func(k *hcltext.Block) bool { return k.Type == "resource" && k.Label(0) == "helm_release" })
	for _, f := range c.files {
		eachExpr(f.Body, func(expr hclsyntax.Expression) {
			hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
				call, ok := n.(*hclsyntax.FunctionCallExpr)
				if ok && (strings.HasPrefix(call.Name, "file") || call.Name == "templatefile") && len(call.Args) > 0 {
					found = found || !stays(call.Args[0])
				}
				return nil
			})
		})
	}
	return found
}

// stays tells whether a path cannot leave the module's directory: literal
// parts without "..", after path.module at most.
func stays(expr hclsyntax.Expression) bool {
	switch e := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		text, ok := constant(e)
		return ok && !strings.Contains(text, "..")
	case *hclsyntax.TemplateExpr:
		for _, part := range e.Parts {
			if !stays(part) {
				return false
			}
		}
		return true
	case *hclsyntax.ScopeTraversalExpr:
		return e.Traversal.RootName() == "path"
	}
	return false
}

// eachExpr calls fn with every expression of a body.
func eachExpr(b *hcltext.Body, fn func(hclsyntax.Expression)) {
	for _, a := range b.Attributes {
		fn(a.Expr)
	}
	for _, k := range b.Blocks {
		eachExpr(k.Body, fn)
	}
}
