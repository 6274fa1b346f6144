package helm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// An Inflation says how one chart is rendered as a part of something else,
// such as a kustomization. Its options give the release, not the values.
type Inflation struct {
	Options
	Dir     string   // of the chart, in the tree
	Charts  []string // directories of the tree with charts that it may depend on
	Values  []Values // the weakest first; the chart's own are weaker still
	Open    bool     // there are more values, which are not known
	CRDs    bool     // with the files of its crds directories
	NoHooks bool
	NoTests bool
}

// Values are values from one place: a file of the tree, a map that is written
// in a file of another kind, or values that are set by themselves. One that is
// not known is [Unknown] in the data.
type Values struct {
	File string
	Node *graph.Node
	Data map[string]any // of the node
	Set  *Set
}

// A Set is one value that is set by itself, such as "image.tag=1.2".
type Set struct {
	Text string
	// Type is "string" for a value that stays one, "literal" for one that is
	// taken as it stands, else "".
	Type string
	At   source.Handle
}

// Unknown is the text of a value that is not known. What hangs on it is
// unknown in what is rendered.
const Unknown = engine.Open

// Inflate renders a chart and returns the documents, whose values know where
// they were written. What is wrong with the chart is a Problem on the builder,
// to which nothing else is added.
func Inflate(ctx context.Context, tree *source.Tree, b *graph.Builder, i Inflation) ([]*graph.Node, error) {
	in := &input{tree: tree, options: i.Options, dirs: i.Charts}
	in.index = sync.OnceValue(in.siblings)
	given := i.values(tree)
	in.values = func() values { return given }
	for _, p := range given.problems {
		b.Fail(p.at, "%s", p.message)
	}
	l := newLoader(ctx, in, b)
	c := l.directory(i.Dir)
	if c == nil {
		return nil, ctx.Err()
	}
	vals, err := l.renderValues(c)
	if err != nil {
		b.Fail(l.metadata[c], "cannot put the values of the chart together: %v", err)
		return nil, ctx.Err()
	}
	l.missing(c)
	s := &set{loader: l, files: map[string]site{}}
	s.values = l.layers(c)
	s.collect(c, vals, nil)
	for n := range s.templates {
		s.templates[n].Open = i.Open
	}
	if s.result, err = engine.Render(ctx, s.templates); err != nil {
		return nil, err
	}
	s.failures()
	var all []*graph.Node
	if i.CRDs {
		all = s.definitions(c)
	}
	for _, f := range s.result.Files {
		s.doubtful(f)
		for _, doc := range s.documents(f) {
			if !i.leftOut(doc) {
				all = append(all, doc)
			}
		}
	}
	return all, ctx.Err()
}

// values merges the given values, as Helm does with the files that it is given.
func (i *Inflation) values(tree *source.Tree) values {
	v := values{merged: map[string]any{}}
	for _, given := range i.Values {
		if given.Set != nil {
			if err := given.Set.into(&v); err != nil {
				v.problems = append(v.problems, problem{given.Set.At.Origin(), err.Error()})
			}
			continue
		}
		data, node := given.Data, func() *graph.Node { return given.Node }
		if given.Node == nil {
			f, err := tree.Read(given.File)
			if err != nil {
				v.problems = append(v.problems, problem{parsers.Missing(given.File), "cannot read the values file: " + reason(err)})
				continue
			}
			if err := yaml.Unmarshal(bytes.TrimPrefix(f.Data, byteOrderMark), &data); err != nil {
				v.problems = append(v.problems, problem{parsers.Whole(f), "cannot read the values file: " + err.Error()})
				continue
			}
			node = sync.OnceValue(func() *graph.Node { return firstDocument(f, nil) })
			v.paths = append(v.paths, f.Path)
		}
		v.merged = overlay(v.merged, maps.Clone(data))
		v.layers = append(v.layers, layer{root: node})
	}
	slices.Reverse(v.layers)
	return v
}

// into sets the value.
func (s *Set) into(v *values) error {
	parse := strvals.ParseInto
	switch s.Type {
	case "string":
		parse = strvals.ParseIntoString
	case "literal":
		parse = strvals.ParseLiteralInto
	}
	own := map[string]any{}
	if err := errors.Join(parse(s.Text, own), parse(s.Text, v.merged)); err != nil {
		return fmt.Errorf("cannot set the value: %w", err)
	}
	v.layers = append(v.layers, layer{given: s.At, value: own})
	return nil
}

// documents are the objects that a template rendered to.
func (s *set) documents(f engine.File) []*graph.Node {
	if strings.TrimSpace(f.Text) == "" {
		return nil
	}
	m := &manifest{set: s, file: f}
	broken := func(d yamltext.Document) bool { return d.Problem != nil }
	docs := yamltext.Parse(source.NewFile(s.templates[f.Template].Name, []byte(f.Text)), m.place)
	if f.Open() && slices.ContainsFunc(docs, broken) {
		m.blank()
		docs = yamltext.Parse(source.NewFile(s.templates[f.Template].Name, []byte(m.file.Text)), m.place)
	}
	var all []*graph.Node
	for _, doc := range docs {
		switch {
		case doc.Problem != nil && f.Failed: // for want of what failed, which has been reported
		case doc.Problem != nil:
			s.b.Fail(doc.Problem.At, "the template renders to something that is no YAML: %s",
				strings.TrimPrefix(doc.Problem.Message, "invalid YAML: "))
		case doc.Root.Kind() == graph.Map:
			node := m.document(doc.Root).Replace(unknownIn)
			if !m.unknowable(doc.Root, node) {
				all = append(all, node)
			}
		}
	}
	return all
}

// blank takes the lines out of the text that are nothing but a value that is not
// known: it stands for any number of keys or items.
func (m *manifest) blank() {
	text, at := []byte(m.file.Text), 0
	for line := range strings.Lines(m.file.Text) {
		if strings.TrimSpace(line) == engine.Open {
			start := at + strings.Index(line, engine.Open)
			copy(text[start:], strings.Repeat(" ", len(engine.Open)))
			m.gaps = append(m.gaps, engine.Miss{Offset: start, Indent: start - at, Item: true, At: engine.Place{Template: -1}})
		}
		at += len(line)
	}
	m.file.Text = string(text)
}

// unknownIn is unknown for text that holds the namespace that nobody gave, or a
// value that is not known.
func unknownIn(n *graph.Node) *graph.Node {
	switch n.Kind() {
	case graph.String:
		if strings.Contains(n.Text(), unknownNamespace) || strings.Contains(n.Text(), engine.Open) {
			return graph.NewUnknown(n.Handle())
		}
	case graph.Map: // whatever key is looked for, it may be this one
		if slices.ContainsFunc(n.Fields(), func(f graph.Field) bool { return strings.Contains(f.Key, engine.Open) }) {
			return graph.NewUnknown(n.Handle())
		}
	}
	return n
}

// definitions are the documents of the crds directories, which are not
// rendered.
func (s *set) definitions(c *chart.Chart) []*graph.Node {
	var all []*graph.Node
	for _, f := range c.CRDObjects() {
		at := s.loader.sites[f.File]
		if ext := path.Ext(f.File.Name); ext != ".yaml" && ext != ".yml" && ext != ".json" {
			continue
		}
		text, place := at.file, (func(start, end int) source.Handle)(nil)
		if text == nil {
			text = source.NewFile(f.File.Name, f.File.Data)
			place = func(int, int) source.Handle { return at.packed }
		}
		for _, doc := range yamltext.Parse(text, place) {
			switch {
			case doc.Problem != nil:
				s.b.Problems = append(s.b.Problems, *doc.Problem)
			case doc.Root.Kind() == graph.Map:
				all = append(all, doc.Root)
			}
		}
	}
	return all
}

// leftOut tells whether an object is a hook or a test that is not wanted.
func (i *Inflation) leftOut(doc *graph.Node) bool {
	hook := graph.ValueOf(doc).Get("metadata", "annotations", "helm.sh/hook").Str()
	if hook == "" {
		return false
	}
	return i.NoHooks || i.NoTests && slices.ContainsFunc(strings.Split(hook, ","), func(event string) bool {
		event = strings.TrimSpace(event)
		return event == "test" || event == "test-success" || event == "test-failure"
	})
}
