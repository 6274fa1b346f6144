package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A goPackage is one version of an API as its sources declare it.
type goPackage struct {
	name    string // "apps/v1", as the table has it
	group   string // "apps"
	version string
	types   map[string]*goType
	kinds   []string
	values  map[string][]string // the constants of a string type
}

// apiVersion is what objects of the package have in their apiVersion.
func (p *goPackage) apiVersion() string {
	if p.group == "" {
		return p.version
	}
	return p.group + "/" + p.version
}

// A goType is a declared type with the file that its names are looked up in.
type goType struct {
	spec    *ast.TypeSpec
	doc     []string
	imports map[string]string // name -> import path
}

// readPackage reads the declarations of a directory.
func readPackage(dir, name string) (*goPackage, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the package %s: %w", name, err)
	}
	p := &goPackage{name: name, version: path.Base(name), types: map[string]*goType{}, values: map[string][]string{}}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") || strings.HasPrefix(e.Name(), "zz_generated") || e.Name() == "generated.pb.go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse the package %s: %w", name, err)
		}
		p.file(f)
	}
	slices.Sort(p.kinds)
	return p, nil
}

func (p *goPackage) file(f *ast.File) {
	imports := map[string]string{}
	for _, i := range f.Imports {
		full := unquote(i.Path)
		name := path.Base(full)
		if i.Name != nil {
			name = i.Name.Name
		}
		imports[name] = full
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					doc := append(markers(d.Doc), markers(s.Doc)...)
					p.types[s.Name.Name] = &goType{s, doc, imports}
				case *ast.ValueSpec:
					p.constant(s)
				}
			}
		case *ast.FuncDecl:
			ast.Inspect(d, p.registered)
		}
	}
}

// constant takes the group's name and the values of string types.
func (p *goPackage) constant(s *ast.ValueSpec) {
	for i, name := range s.Names {
		if i >= len(s.Values) {
			return
		}
		lit, ok := s.Values[i].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			continue
		}
		if name.Name == "GroupName" {
			p.group = unquote(lit)
		}
		if t, ok := s.Type.(*ast.Ident); ok {
			p.values[t.Name] = append(p.values[t.Name], unquote(lit))
		}
	}
}

// registered takes the kinds that the package gives to the scheme.
func (p *goPackage) registered(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return true
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "AddKnownTypes" {
		return true
	}
	for _, arg := range call.Args {
		u, ok := arg.(*ast.UnaryExpr)
		if !ok {
			continue
		}
		if lit, ok := u.X.(*ast.CompositeLit); ok {
			if id, ok := lit.Type.(*ast.Ident); ok {
				p.kinds = append(p.kinds, id.Name)
			}
		}
	}
	return true
}

// markers are the lines of a comment that begin with "+", without it.
func markers(c *ast.CommentGroup) (all []string) {
	if c == nil {
		return nil
	}
	for _, line := range c.List {
		text := strings.TrimSpace(strings.TrimPrefix(line.Text, "//"))
		if m, ok := strings.CutPrefix(text, "+"); ok {
			all = append(all, m)
		}
	}
	return all
}

// marked is the values of the markers of that name.
func marked(all []string, name string) (values []string) {
	for _, m := range all {
		if v, ok := strings.CutPrefix(m, name); ok && (v == "" || v[0] == '=') {
			values = append(values, strings.TrimPrefix(v, "="))
		}
	}
	return values
}

// jsonTag is the name of a field in JSON; inline is true of an embedded one
// whose fields belong to the struct around it.
func jsonTag(f *ast.Field) (name string, omitempty, inline bool) {
	if f.Tag == nil {
		return "", false, len(f.Names) == 0
	}
	tag := reflect.StructTag(unquote(f.Tag)).Get("json")
	name, options, _ := strings.Cut(tag, ",")
	return name, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"), name == "" && len(f.Names) == 0
}

func unquote(lit *ast.BasicLit) string {
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return "" // the parser has seen that it is a string
	}
	return s
}
