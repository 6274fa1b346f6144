package terraform

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// vendorDir is where "terraform init" puts the modules that are not local.
const vendorDir = ".terraform/modules"

// vendored tells whether a file is part of a module that was fetched.
func vendored(name string) bool { return strings.Contains("/"+name, "/"+vendorDir+"/") }

// fetched is the directory of a module that was fetched, by the names of the
// calls that lead to it, joined by dots.
func (ld *loader) fetched(key string) (dir string, ok bool) {
	if ld.manifest == nil {
		ld.manifest = ld.readManifest()
	}
	dir, ok = ld.manifest[key]
	return dir, ok
}

func (ld *loader) readManifest() map[string]string {
	dirs := map[string]string{}
	name := path.Join(ld.root.dir, vendorDir, "modules.json")
	f, err := ld.root.dirs.tree.Read(name)
	if err != nil {
		return dirs // nothing was fetched
	}
	var manifest struct {
		Modules []struct{ Key, Dir string }
	}
	if err := json.Unmarshal(f.Data, &manifest); err != nil {
		ld.warn(parsers.Whole(f), "cannot be read, so that fetched modules are not analysed: %v", err)
		return dirs
	}
	for _, m := range manifest.Modules {
		if dir := path.Join(ld.root.dir, strings.ReplaceAll(m.Dir, `\`, "/")); !escapes(dir) {
			dirs[m.Key] = dir
		}
	}
	return dirs
}

// handle is the place of something that is written in the module.
func (m *module) handle(span source.Span) source.Handle {
	if m.fetched {
		return &foreign{m, span}
	}
	return &span
}

// A foreign place is one in a module that was fetched.
type foreign struct {
	m    *module
	span source.Span
}

func (f *foreign) Origin() *source.Origin { return f.m.home(f.span.Origin()) }

func (f *foreign) Part(start, end int) *source.Origin { return f.m.home(f.span.Part(start, end)) }

// home is the place that the people whose configuration it is can edit: for a
// value in a module that was fetched that is the argument of the call that it
// comes from, else the call.
func (m *module) home(o *source.Origin) *source.Origin {
	if !m.fetched {
		return o
	}
	call := m.outside().block
	inside := *o
	inside.Role = source.Via
	at := &source.Origin{Span: call.Head, Step: source.Module, Exact: source.AtToken, From: []*source.Origin{&inside}}
	if a := argumentOf(o, call.Span); a != nil {
		at.Span = a.Span
	} else if a := call.Body.Attribute("source"); a != nil {
		at.Span = m.ld.span(a.Expr.Range())
	}
	return at
}

// outside is the fetched module that the user's own configuration calls.
func (m *module) outside() *module {
	for m.parent != nil && m.parent.fetched {
		m = m.parent
	}
	return m
}

// place is the place of a block of the module, with the calls that made it.
func (m *module) place(k *hcltext.Block) *source.Origin {
	o, called := m.home(at(k.Head)), m.called
	if m.fetched { // its own call is where it is placed
		called = m.outside().parent.called
	}
	if called != nil {
		o.From = append(o.From, called)
	}
	return o
}

// calledAt is a block as what brought in all that it stands for.
func calledAt(span source.Span, step source.Step, in *source.Origin) *source.Origin {
	o := &source.Origin{Span: span, Step: step, Role: source.Via, Exact: source.AtLine}
	if in != nil {
		o.From = []*source.Origin{in}
	}
	return o
}

// elsewhere is a place outside of the files of a fetched module's own, such as
// in a chart that it brings along.
type elsewhere struct {
	m *module
	source.Handle
}

func (e elsewhere) Origin() *source.Origin { return e.m.home(e.Handle.Origin()) }

func (e elsewhere) Part(start, end int) *source.Origin { return e.m.home(e.Handle.Part(start, end)) }

// Without is the place of a block in which something is missing.
func (e elsewhere) Without(path string) *source.Origin {
	if b, ok := e.Handle.(source.Block); ok {
		return e.m.home(b.Without(path))
	}
	return e.Origin()
}

// argumentOf is the first cause that is written in a call.
func argumentOf(o *source.Origin, call source.Span) *source.Origin {
	for _, from := range o.From {
		if from.Role == source.Condition {
			continue
		}
		if call.Contains(from.Span) {
			return from
		}
		if a := argumentOf(from, call); a != nil {
			return a
		}
	}
	return nil
}

// provider is the address of a provider configuration as a module knows it:
// its own, or what its call passes on.
func (m *module) provider(name string) string {
	for ; m.parent != nil; m = m.parent {
		if m.config.providers[name] {
			break
		}
		if passed := m.block.Body.Attribute("providers"); passed != nil {
			if o, ok := passed.Expr.(*hclsyntax.ObjectConsExpr); ok {
				for _, item := range o.Items {
					if dotted(item.KeyExpr) == name {
						name = dotted(item.ValueExpr)
						break
					}
				}
			}
		} else if strings.Contains(name, ".") { // only the call could have given it
			break
		}
	}
	return m.prefix + "provider." + name
}

// dotted is a reference, or a string that holds one, as text.
func dotted(expr hclsyntax.Expression) string {
	if k, ok := expr.(*hclsyntax.ObjectConsKeyExpr); ok {
		expr = k.Wrapped
	}
	if text, ok := constant(expr); ok {
		return text
	}
	t, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() {
		return ""
	}
	names := []string{t.RootName()}
	for i := 1; i < len(t); i++ {
		names = append(names, attrName(t, i))
	}
	return strings.Join(names, ".")
}

// early is the text of an expression that is worked out before anything is
// evaluated, as OpenTofu does for the sources of modules: variables have what
// the files beside the configuration give, or their defaults.
func (c *config) early(expr hclsyntax.Expression) (string, bool) {
	if text, ok := constant(expr); ok {
		return text, true
	}
	given := map[string]*hcltext.Attribute{}
	for _, name := range c.vars {
		for _, a := range c.file(name).Body.Attributes {
			given[a.Name] = a
		}
	}
	v, err := c.earlyValue(expr, given, 0)
	if err != nil {
		return "", false
	}
	return keyText(v)
}

func (c *config) earlyValue(expr hclsyntax.Expression, given map[string]*hcltext.Attribute, depth int) (cty.Value, error) {
	if depth > 20 {
		return cty.NilVal, fmt.Errorf("the values nest too deep")
	}
	values := map[string]map[string]cty.Value{"var": {}, "local": {}}
	for _, t := range expr.Variables() {
		name := attrName(t, 1)
		var def *hcltext.Attribute
		switch t.RootName() {
		case "var":
			if def = given[name]; def == nil && c.variables[name] != nil {
				def = c.variables[name].Body.Attribute("default")
			}
		case "local":
			def = c.locals[name]
		}
		if def == nil {
			return cty.NilVal, fmt.Errorf("%s.%s is not known early", t.RootName(), name)
		}
		v, err := c.earlyValue(def.Expr, given, depth+1)
		if err != nil {
			return cty.NilVal, err
		}
		values[t.RootName()][name] = v
	}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}}
	for root, all := range values {
		ctx.Variables[root] = cty.ObjectVal(all)
	}
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	if size(v) > maxText/100 {
		return cty.NilVal, errBudget
	}
	return v, nil
}
