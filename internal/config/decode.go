package config

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/internal/spelling"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// Read reads a file and all that it extends from a tree. The error lists all
// that is wrong, each with its place.
func Read(tree *source.Tree, name string) (*Config, error) { return read(tree, name, nil) }

func read(tree *source.Tree, name string, via []string) (*Config, error) {
	if slices.Contains(via, name) {
		return nil, fmt.Errorf("%s extends itself: %s", via[0], strings.Join(append(via, name), " → "))
	}
	f, err := tree.Read(name)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(f)
	if err != nil {
		return nil, err
	}
	c.rooted()
	base := &Config{}
	for _, e := range c.Extends {
		other, err := read(tree, path.Join(path.Dir(name), e), append(via, name))
		if err != nil {
			return nil, fmt.Errorf("%s: extends %q: %w", name, e, err)
		}
		base.add(other)
	}
	base.add(c)
	base.File, base.Dir, base.root = f, c.Dir, c.root
	return base, nil
}

// Parse reads the text of one file.
func Parse(f *source.File) (*Config, error) {
	c := &Config{File: f, Dir: path.Dir(f.Path)}
	docs := yamltext.Parse(f, nil)
	if len(docs) == 0 {
		return c, nil
	}
	if p := docs[0].Problem; p != nil {
		return nil, complaint(p.At, "%s", p.Message)
	}
	if len(docs) > 1 {
		s := docs[1].Span
		return nil, complaint(s.Origin(), "there is more than one document")
	}
	c.root = docs[0].Root
	var d decoder
	if docs[0].Root.Kind() != graph.Null {
		d.value(docs[0].Root, reflect.ValueOf(c).Elem(), "", "")
	}
	return c, errors.Join(d.faults...)
}

func complaint(at *source.Origin, format string, args ...any) error {
	p := at.Span.From()
	return fmt.Errorf("%s:%d:%d: %s", at.Span.File.Path, p.Line, p.Column, fmt.Sprintf(format, args...))
}

// A decoder fills values with what nodes say and collects what does not fit.
type decoder struct{ faults []error }

func (d *decoder) complain(n *graph.Node, format string, args ...any) {
	d.faults = append(d.faults, complaint(n.Handle().Origin(), format, args...))
}

// value fills v with a node; key is what it stands under, form the values tag.
func (d *decoder) value(n *graph.Node, v reflect.Value, key, form string) {
	switch v.Kind() {
	case reflect.Struct:
		d.object(n, v, key)
	case reflect.Map:
		if n.Kind() != graph.Map {
			d.complain(n, "%q has to be a mapping, not a %s", key, n.Kind())
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for _, f := range n.Fields() {
			e := reflect.New(v.Type().Elem()).Elem()
			d.value(f.Node, e, f.Key, form)
			v.SetMapIndex(reflect.ValueOf(f.Key), e)
		}
	case reflect.Slice:
		items := n.Items()
		switch n.Kind() {
		case graph.List:
		case graph.Null:
		case graph.String: // one, written as itself
			items = []*graph.Node{n}
		default:
			d.complain(n, "%q has to be a list, not a %s", key, n.Kind())
			return
		}
		for _, item := range items {
			e := reflect.New(v.Type().Elem()).Elem()
			d.value(item, e, key, form)
			v.Set(reflect.Append(v, e))
		}
	case reflect.Pointer:
		e := reflect.New(v.Type().Elem())
		d.value(n, e.Elem(), key, form)
		v.Set(e)
	case reflect.Bool:
		if n.Kind() != graph.Bool {
			d.complain(n, "%q has to be true or false", key)
			return
		}
		v.SetBool(n.Text() == "true")
	case reflect.String:
		if n.Kind() != graph.String && n.Kind() != graph.Number {
			d.complain(n, "%q has to be a text, not a %s", key, n.Kind())
			return
		}
		v.SetString(n.Text())
		if err := checkForm(form, n.Text()); err != nil {
			d.complain(n, "%q: %v", key, err)
		}
	case reflect.Interface:
		if p := plain(n); p != nil {
			v.Set(reflect.ValueOf(p))
		}
	default:
		panic("config: a field of kind " + v.Kind().String()) // a test holds that there is none
	}
}

func checkForm(form, text string) error {
	switch form {
	case "severity":
		_, err := analyzers.ParseSeverity(text)
		return err
	case "day":
		return suppress.CheckDay(text)
	}
	return nil
}

func (d *decoder) object(n *graph.Node, v reflect.Value, key string) {
	fields := fieldsOf(v.Type())
	if short := slices.IndexFunc(fields, func(f field) bool { return f.short }); n.Kind() == graph.String && short >= 0 {
		d.value(n, v.FieldByIndex(fields[short].index), key, "")
	} else if n.Kind() != graph.Map {
		d.complain(n, "%s has to be a mapping, not a %s", named(key), n.Kind())
		return
	}
	seen := map[string]bool{}
	for _, f := range n.Fields() {
		i := slices.IndexFunc(fields, func(known field) bool { return known.key == f.Key })
		switch {
		case i < 0:
			d.faults = append(d.faults, complaint(f.Place.Origin(), "unknown key %q%s", f.Key, nearest(f.Key, fields)))
		case seen[f.Key]:
			d.faults = append(d.faults, complaint(f.Place.Origin(), "%q stands here twice", f.Key))
		default:
			d.value(f.Node, v.FieldByIndex(fields[i].index), f.Key, fields[i].form)
		}
		seen[f.Key] = true
	}
	for _, f := range fields {
		if f.required && v.FieldByIndex(f.index).IsZero() {
			d.complain(n, "%q is missing in %s", f.key, named(key))
		}
	}
	if ignore, ok := reflect.TypeAssert[*Ignore](v.Addr()); ok {
		ignore.At = n.Handle().Origin().Header()
	}
}

func named(key string) string {
	if key == "" {
		return "the configuration"
	}
	return fmt.Sprintf("%q", key)
}

// plain is a node as the values of encoding/json.
func plain(n *graph.Node) any {
	switch n.Kind() {
	case graph.Map:
		m := map[string]any{}
		for _, f := range n.Fields() {
			m[f.Key] = plain(f.Node)
		}
		return m
	case graph.List:
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, plain(item))
		}
		return list
	case graph.Bool:
		return n.Text() == "true"
	case graph.Number:
		f, _ := graph.ValueOf(n).Float(0)
		return f
	case graph.String:
		return n.Text()
	}
	return nil
}

// A field is a key of a type.
type field struct {
	key, doc, form  string
	short, required bool
	index           []int
	typ             reflect.Type
}

func fieldsOf(t reflect.Type) []field {
	var all []field
	for f := range t.Fields() {
		if key := f.Tag.Get("key"); key != "" && key != "-" {
			all = append(all, field{key, f.Tag.Get("doc"), f.Tag.Get("values"), f.Tag.Get("short") != "", f.Tag.Get("required") != "", f.Index, f.Type})
		}
	}
	return all
}

// nearest says which key was probably meant.
func nearest(key string, fields []field) string {
	best, distance := "", 1+len(key)/2
	for _, f := range fields {
		if d := spelling.Distance(key, f.key); d < distance {
			best, distance = f.key, d
		}
	}
	if best == "" {
		var keys []string
		for _, f := range fields {
			keys = append(keys, f.key)
		}
		return "; there are " + strings.Join(keys, ", ")
	}
	return fmt.Sprintf("; did you mean %q?", best)
}
