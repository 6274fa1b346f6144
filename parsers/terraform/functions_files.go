package terraform

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// notHere says that a function wanted something that is not in the tree.
type notHere struct{ text string }

func (e *notHere) Error() string { return e.text }

// inTree is the place in the tree of a path that a function was given, which
// Terraform resolves from the root module's directory.
func (ld *loader) inTree(name string) (string, error) {
	clean := path.Join(ld.root.dir, name)
	if path.IsAbs(name) || strings.HasPrefix(name, "~") || escapes(clean) {
		return "", &notHere{fmt.Sprintf("file %q lies outside of the analysed directory and was not read", name)}
	}
	return clean, nil
}

// read is the content of a file of the tree. One that is not there may be made
// before Terraform runs.
func (ld *loader) read(name string) (string, error) {
	clean, err := ld.inTree(name)
	if err != nil {
		return "", err
	}
	f, err := ld.root.dirs.tree.Read(clean)
	if err != nil {
		return "", &notHere{fmt.Sprintf("file %q cannot be read: %v", name, reason(err))}
	}
	return string(f.Data), nil
}

// readText is read for files that must be UTF-8.
func (ld *loader) readText(name string) (string, error) {
	s, err := ld.read(name)
	if err == nil && !utf8.ValidString(s) {
		err = fmt.Errorf("file %q is not UTF-8", name)
	}
	return s, err
}

// files are the functions that read files.
func (ld *loader) files() map[string]function.Function {
	t := map[string]function.Function{
		"file": text(ld.readText),
		"filebase64": text(func(name string) (string, error) {
			s, err := ld.read(name)
			return base64.StdEncoding.EncodeToString([]byte(s)), err
		}),
		"basename": text(func(s string) (string, error) { return path.Base(s), nil }),
		"dirname":  text(func(s string) (string, error) { return path.Dir(s), nil }),
		"fileexists": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}},
			Type:   function.StaticReturnType(cty.Bool),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				clean, err := ld.inTree(args[0].AsString())
				if err != nil {
					return cty.NilVal, err
				}
				if _, err = ld.root.dirs.tree.Read(clean); err != nil && ld.root.dirs.tree.Exists(clean) {
					return cty.NilVal, fmt.Errorf("%q is no file", args[0].AsString())
				}
				return cty.BoolVal(err == nil), nil
			},
		}),
		"fileset": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "pattern", Type: cty.String}},
			Type:   function.StaticReturnType(cty.Set(cty.String)),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				return ld.fileset(args[0].AsString(), args[1].AsString())
			},
		}),
		"templatefile": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "vars", Type: cty.DynamicPseudoType}},
			Type:   function.StaticReturnType(cty.DynamicPseudoType),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				return ld.template(args[0].AsString(), args[1])
			},
		}),
		"templatestring": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "template", Type: cty.String}, {Name: "vars", Type: cty.DynamicPseudoType}},
			Type:   function.StaticReturnType(cty.DynamicPseudoType),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				return ld.fill(args[0].AsString(), "", args[1])
			},
		}),
	}
	for name, hash := range hashes {
		t["file"+name] = text(func(name string) (string, error) {
			s, err := ld.read(name)
			return hash(s), err
		})
	}
	return t
}

// fileset lists the files below a directory that match a pattern.
func (ld *loader) fileset(dir, pattern string) (cty.Value, error) {
	clean, err := ld.inTree(dir)
	if err != nil {
		return cty.NilVal, err
	}
	if escapes(path.Join(clean, pattern)) || strings.Contains(pattern, "..") {
		return cty.NilVal, &notHere{fmt.Sprintf("pattern %q leads out of its directory and was not read", pattern)}
	}
	sub, err := fs.Sub(ld.root.dirs.tree.FS(), clean)
	if err != nil {
		return cty.NilVal, &notHere{fmt.Sprintf("directory %q cannot be read: %v", dir, reason(err))}
	}
	var names []cty.Value
	steps := 0
	err = doublestar.GlobWalk(sub, path.Clean(pattern), func(name string, d fs.DirEntry) error {
		if steps++; steps > maxText {
			return errBudget
		}
		if d.Type().IsRegular() {
			names = append(names, cty.StringVal(name))
		}
		return ld.ctx.Err()
	}, doublestar.WithNoFollow())
	if err != nil {
		return cty.NilVal, fmt.Errorf("list %q: %w", pattern, err)
	}
	if err := ld.budget.spend(1000 + len(names)); err != nil { // a walk costs more than its result shows
		return cty.NilVal, err
	}
	if len(names) == 0 {
		return cty.SetValEmpty(cty.String), nil
	}
	return cty.SetVal(names), nil
}

// template fills in a template file. Templates cannot read other templates.
func (ld *loader) template(name string, vars cty.Value) (cty.Value, error) {
	text, err := ld.readText(name)
	if err != nil {
		return cty.NilVal, err
	}
	v, err := ld.fill(text, name, vars)
	if err != nil {
		return cty.NilVal, fmt.Errorf("template %q: %w", name, err)
	}
	return v, nil
}

// fill fills in a text as a template.
func (ld *loader) fill(text, name string, vars cty.Value) (cty.Value, error) {
	if t := vars.Type(); !t.IsObjectType() && !t.IsMapType() || vars.IsNull() {
		return cty.NilVal, errors.New("the variables are no map")
	}
	if !vars.IsKnown() {
		return cty.UnknownVal(cty.String), nil
	}
	expr, err := hcltext.Template(text, name, hcl.InitialPos)
	if err != nil {
		return cty.NilVal, err
	}
	meterExpr(expr, func(hcl.Range) {})
	ctx := &hcl.EvalContext{
		Variables: map[string]cty.Value{budgetName: cty.CapsuleVal(budgetType, ld.budget)},
		Functions: map[string]function.Function{},
	}
	for it := vars.ElementIterator(); it.Next(); {
		key, v := it.Element()
		if !key.IsKnown() || key.Type() != cty.String {
			return cty.DynamicVal, nil
		}
		ctx.Variables[key.AsString()] = v
	}
	for name, f := range ld.functions {
		if name != "templatefile" && name != "templatestring" {
			ctx.Functions[name] = f
		}
	}
	for _, call := range ld.study(expr).calls {
		if f, ok := ld.named(call.Name); ok {
			ctx.Functions[call.Name] = f
		}
	}
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(hcltext.Message(diags[0]))
	}
	return v, nil
}
