package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// modules are where the packages of a module lie: "k8s.io/api" -> directory.
type modules map[string]string

// leftOut are the groups whose objects nobody keeps in a file: what is asked
// of the API server, and what it tells of itself.
var leftOut = []string{
	"admission", "apidiscovery", "apiserverinternal", "authentication", "authorization", "events", "imagepolicy", "testdata",
}

// A maker makes the table. It reads a package when a type of it is needed.
type maker struct {
	modules  modules
	optional map[string]bool // fields that the API server does not insist on
	former   map[string][]string
	packages map[string]*goPackage
	types    map[string]string // name -> the line of the table
	failed   error
}

// table is the whole table as text.
func (m *maker) table() ([]byte, error) {
	m.packages, m.types = map[string]*goPackage{}, map[string]string{}
	dirs, err := filepath.Glob(filepath.Join(m.modules["k8s.io/api"], "*", "v*"))
	if err != nil {
		return nil, fmt.Errorf("list the packages of k8s.io/api: %w", err)
	}
	var kinds []string
	paths := []string{"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"}
	for _, dir := range dirs {
		group := filepath.Base(filepath.Dir(dir))
		if !slices.Contains(leftOut, group) {
			paths = append(paths, "k8s.io/api/"+group+"/"+filepath.Base(dir))
		}
	}
	for _, path := range paths {
		p := m.pkg(path)
		if p == nil {
			return nil, m.failed
		}
		for _, kind := range p.kinds {
			if t, ok := p.types[kind]; ok && isObject(t) && !strings.HasSuffix(kind, "List") {
				kinds = append(kinds, fmt.Sprintf("kind %s %s %s", p.apiVersion(), kind, m.ref(p.name+"."+kind, p, kind)))
			}
		}
	}
	if m.failed != nil {
		return nil, m.failed
	}
	var lines []string
	for _, line := range m.types {
		lines = append(lines, line)
	}
	sort.Strings(lines)
	sort.Strings(kinds)
	var b bytes.Buffer
	for _, line := range append(kinds, lines...) {
		b.WriteString(line + "\n")
	}
	return b.Bytes(), nil
}

// isObject tells whether a type has the metadata of an object.
func isObject(t *goType) bool {
	s, ok := t.spec.Type.(*ast.StructType)
	if !ok {
		return false
	}
	for _, f := range s.Fields.List {
		if name, _, _ := jsonTag(f); name == "metadata" {
			return true
		}
	}
	return false
}

// pkg is the package of an import path; nil for one that is none of the API's.
func (m *maker) pkg(path string) *goPackage {
	if p, ok := m.packages[path]; ok {
		return p
	}
	for module, dir := range m.modules {
		if rest, ok := strings.CutPrefix(path, module+"/"); ok {
			p, err := readPackage(filepath.Join(dir, filepath.FromSlash(rest)), strings.TrimPrefix(rest, "pkg/apis/"))
			if err != nil {
				m.failed = err
				return nil
			}
			m.packages[path] = p
			return p
		}
	}
	return nil
}

// special are types that read JSON in a way of their own, or whose content is
// anybody's.
var special = map[string]string{
	"k8s.io/apimachinery/pkg/api/resource.Quantity":   "q",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString": "p",
	"k8s.io/apimachinery/pkg/types.UID":               "s",
	"k8s.io/apimachinery/pkg/types.NodeName":          "s",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":    "a",
	"k8s.io/apimachinery/pkg/runtime.Object":          "a",
	"meta/v1.Time":                                    "s",
	"meta/v1.MicroTime":                               "s",
	"meta/v1.Duration":                                "s",
	"meta/v1.FieldsV1":                                "a",
	"apiextensions/v1.JSON":                           "a",
	"apiextensions/v1.JSONSchemaProps":                "a",
}

var basic = map[string]string{
	"string": "s", "bool": "b", "float64": "f", "float32": "f",
	"int": "i", "int32": "i", "int64": "i", "uint8": "i", "uint32": "i", "uint64": "i", "uint": "i", "int8": "i", "int16": "i", "uint16": "i",
}

// code is how the table writes a type.
func (m *maker) code(e ast.Expr, p *goPackage, imports map[string]string) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return m.code(e.X, p, imports)
	case *ast.ArrayType:
		if id, ok := e.Elt.(*ast.Ident); ok && id.Name == "byte" {
			return "s"
		}
		return "[]" + m.code(e.Elt, p, imports)
	case *ast.MapType:
		return "{}" + m.code(e.Value, p, imports)
	case *ast.Ident:
		if c, ok := basic[e.Name]; ok {
			return c
		}
		return m.ref(p.name+"."+e.Name, p, e.Name)
	case *ast.SelectorExpr:
		path := imports[e.X.(*ast.Ident).Name]
		if c, ok := special[path+"."+e.Sel.Name]; ok {
			return c
		}
		if q := m.pkg(path); q != nil {
			return m.ref(q.name+"."+e.Sel.Name, q, e.Sel.Name)
		}
	}
	if m.failed == nil {
		m.failed = fmt.Errorf("package %s has a type that is not understood: %#v", p.name, e)
	}
	return "a"
}

// ref is how the table refers to a declared type, which it adds.
func (m *maker) ref(full string, p *goPackage, name string) string {
	if c, ok := special[full]; ok {
		return c
	}
	t := p.types[name]
	if t == nil {
		m.failed = fmt.Errorf("no type %s", full)
		return "a"
	}
	s, isStruct := t.spec.Type.(*ast.StructType)
	if !isStruct {
		if len(marked(t.doc, "enum")) == 0 && len(marked(t.doc, "k8s:enum")) == 0 || len(p.values[name]) == 0 {
			return m.code(t.spec.Type, p, t.imports)
		}
		values := slices.Compact(slices.Sorted(slices.Values(p.values[name])))
		m.types[full] = fmt.Sprintf("enum %s %s", full, strings.Join(values, "|"))
		return "@" + full
	}
	if _, made := m.types[full]; !made {
		m.types[full] = "" // a type may hold itself
		fields := m.fields(s, full, p, t.imports)
		for _, name := range m.former[full] {
			fields = append(fields, "~"+name)
		}
		// What is of the same package is named without it.
		m.types[full] = fmt.Sprintf("type %s %s", full, strings.ReplaceAll(strings.Join(fields, " "), "@"+p.name+".", "@"))
	}
	return "@" + full
}

// fields are the fields of a struct, with those of what is embedded in it.
func (m *maker) fields(s *ast.StructType, full string, p *goPackage, imports map[string]string) (all []string) {
	for _, f := range s.Fields.List {
		name, omitempty, inline := jsonTag(f)
		if inline {
			all = append(all, m.embedded(f.Type, full, p, imports)...)
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		doc := markers(f.Doc)
		code := m.code(f.Type, p, imports)
		if keys := marked(doc, "listMapKey"); len(keys) > 0 {
			code = "[" + strings.Join(keys, ",") + "]" + strings.TrimPrefix(code, "[]")
		}
		mark := ""
		if required(f, doc, omitempty) && !m.optional[full+"."+name] {
			mark = "!"
		}
		all = append(all, name+mark+":"+code)
	}
	return all
}

// embedded are the fields of an embedded struct, which may be another's by a
// name of its own.
func (m *maker) embedded(e ast.Expr, full string, p *goPackage, imports map[string]string) []string {
	name := ""
	switch e := e.(type) {
	case *ast.StructType:
		return m.fields(e, full, p, imports)
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
		p = m.pkg(imports[e.X.(*ast.Ident).Name])
	}
	if p == nil || p.types[name] == nil {
		m.failed = fmt.Errorf("%s embeds a type that is not understood", full)
		return nil
	}
	t := p.types[name]
	return m.embedded(t.spec.Type, full, p, t.imports)
}

// required tells whether the sources say that a field must be there.
func required(f *ast.Field, doc []string, omitempty bool) bool {
	if len(marked(doc, "required")) > 0 || len(marked(doc, "k8s:required")) > 0 {
		return true
	}
	_, pointer := f.Type.(*ast.StarExpr)
	return !omitempty && !pointer && len(marked(doc, "optional")) == 0 && len(marked(doc, "k8s:optional")) == 0
}
