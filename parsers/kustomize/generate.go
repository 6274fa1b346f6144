package kustomize

import (
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"unicode"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A generator is an entry of configMapGenerator or secretGenerator, or the
// configuration of such a generator in a file of its own.
type generator struct {
	kind, secretType string
	args             types.GeneratorArgs
	node             *graph.Node
	at               *source.Origin
	options          []*graph.Node    // what labels and annotations are written in, the strongest first
	keys             map[string]datum // what wrote each key of the data
	files            []*entry
}

// A datum is a value of the data with its place.
type datum struct {
	text string
	at   source.Handle
}

// generator reads an entry of configMapGenerator or secretGenerator and
// remembers what writes which key.
func (r *reader) generator(l *layer, n *graph.Node, at *source.Origin, kind string, args types.GeneratorArgs, secretType string) *generator {
	g := &generator{kind: kind, secretType: secretType, node: n, at: at, keys: map[string]datum{}}
	g.options = append(g.options, child(n, "options"))

	read := func(field, text string) (*entry, *source.File) {
		e := &entry{text: text}
		e.node, e.at = lookupIn(n, at, field)
		name := r.fileOf(l, e, text)
		if e.dead {
			return nil, nil
		}
		g.files = append(g.files, &entry{path: name})
		f, err := r.tree.Read(name)
		if err != nil {
			f = nil // is reported when it is put into the build
		}
		e.path = name
		return e, f
	}
	files := args.FileSources
	args.FileSources = nil
	for i, text := range files {
		key, file, named := strings.Cut(text, "=")
		if !named {
			key, file = path.Base(text), text
		}
		if e, f := read(fmt.Sprintf("files.%d", i), file); e != nil {
			args.FileSources = append(args.FileSources, key+"="+relative(l.dir, e.path))
			if e.node != nil && f != nil {
				g.keys[key] = datum{string(f.Data), fileContent{e.node.Handle(), f}}
			}
		}
	}
	// FixKustomization put env behind envs.
	written := items(child(n, "envs"))
	envs := args.EnvSources
	args.EnvSources = nil
	for i, text := range envs {
		field := fmt.Sprintf("envs.%d", i)
		if i >= len(written) {
			field = "env"
		}
		if e, f := read(field, text); e != nil {
			args.EnvSources = append(args.EnvSources, relative(l.dir, e.path))
			envLines(f, g.keys)
		}
	}
	literals := args.LiteralSources
	args.LiteralSources = nil
	for i, text := range literals {
		node, place := lookupIn(n, at, fmt.Sprintf("literals.%d", i))
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			r.b.Fail(place, "the literal %q is not of the form key=value", text)
			continue
		}
		args.LiteralSources = append(args.LiteralSources, text)
		if node == nil {
			continue
		}
		start, end := len(key)+1, len(text)
		if len(value) > 1 && value[0] == value[len(value)-1] && (value[0] == '"' || value[0] == '\'') {
			start, end = start+1, end-1 // kustomize takes the quotes off
		}
		g.keys[key] = datum{text[start:end], source.Within(node.Handle(), start, end)}
	}
	g.args = args
	return g
}

// envLines are the places of the values in a file of KEY=value lines.
func envLines(f *source.File, keys map[string]datum) {
	if f == nil {
		return
	}
	for n := 1; n <= f.Lines(); n++ {
		line := f.LineSpan(n)
		text := strings.TrimLeftFunc(strings.TrimPrefix(line.Text(), "\ufeff"), unicode.IsSpace)
		if text == "" || text[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		at := &source.Span{File: f, Start: line.End - len(value), End: line.End}
		if !ok {
			at.Start = line.End - len(key) // no value is written
		}
		keys[key] = datum{value, at}
	}
}

// fileContent is the place of a file that is a value: the entry brought it in,
// and every part of it stands in the file.
type fileContent struct {
	entry source.Handle
	file  *source.File
}

func (c fileContent) Origin() *source.Origin {
	o := *c.entry.Origin()
	o.Step = source.Overlay
	o.From = []*source.Origin{{Span: c.file.Whole(), Role: source.DrivenBy, Exact: source.InFile}}
	return &o
}

func (c fileContent) Part(start, end int) *source.Origin {
	if start < 0 || end < start || end > len(c.file.Data) {
		return c.Origin()
	}
	via := *c.entry.Origin()
	via.Step, via.Role = source.Overlay, source.Via
	return &source.Origin{
		Span: source.Span{File: c.file, Start: start, End: end}, Step: source.Overlay, Exact: source.AtToken,
		From: []*source.Origin{&via},
	}
}

// encoded is the place of text that is written in another way, as the data of
// a Secret: no part of it can be told.
type encoded struct{ source.Handle }

func (e encoded) Part(int, int) *source.Origin { return e.Origin() }

// merges tells whether the generator only changes what another layer made.
func (g *generator) merges() bool {
	return g.args.Behavior == "merge" || g.args.Behavior == "replace"
}

// named is what of the object is written as such in the generator.
func (g *generator) named() *graph.Node {
	var fields []graph.Field
	for _, key := range [...]string{"name", "namespace"} {
		f := field(g.node, key)
		if f == nil {
			f = field(child(g.node, "metadata"), key)
		}
		if f != nil {
			fields = append(fields, graph.Field{Key: key, Place: f.Place, Node: f.Node})
		}
	}
	return graph.NewMap([]graph.Field{{Key: "metadata", Node: graph.NewMap(fields, g.node.Handle())}}, g.node.Handle())
}

// claims are what a generator writes: the data, labels and annotations, and
// what every such object has.
func (g *generator) claims(s *site) source.Handle {
	if s.obj.gvk.Kind != g.kind || !s.obj.called(g.args.Name) {
		return nil
	}
	switch s.path[0] {
	case "data", "binaryData":
		if len(s.path) == 2 {
			return g.value(s)
		}
	case "type":
		if n := child(g.node, "type"); n != nil && n.Text() == s.text {
			return n.Handle()
		}
		return g.unwritten()
	case "immutable":
		return g.option(s.text, "immutable")
	case "metadata":
		if len(s.path) == 3 && (s.path[1] == "labels" || s.path[1] == "annotations") {
			return g.option(s.text, s.path[1], s.path[2])
		}
	case "apiVersion", "kind":
		return g.unwritten()
	}
	return nil
}

// value is the place of a value of the data, when it is the one built.
func (g *generator) value(s *site) source.Handle {
	d, ok := g.keys[s.key()]
	switch {
	case !ok:
		return nil
	case g.kind != "Secret" && s.path[0] == "data":
		if s.text == d.text {
			return d.at
		}
		return nil
	}
	if text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s.text), "")); err != nil || string(text) != d.text {
		return nil
	}
	return encoded{d.at}
}

// option is the place of a label, an annotation or a flag in the options.
func (g *generator) option(text string, keys ...string) source.Handle {
	for _, n := range g.options {
		for _, key := range keys {
			n = child(n, key)
		}
		if n != nil && textOf(n) == text {
			return n.Handle()
		}
	}
	return nil
}

// unwritten is the place of what the generator makes by itself.
func (g *generator) unwritten() source.Handle {
	if g.merges() {
		return nil
	}
	o := *capped(g.at)
	o.Step = source.Default
	return &o
}
