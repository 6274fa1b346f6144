package migrate

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// A handler understands what stands under a key. What of it has no equal it
// leaves; what it neither takes nor leaves is left for it.
type handler func(m *Migration, key string, n *graph.Node)

// keys are the handlers of a mapping.
type keys map[string]handler

// configuration reads a file whose top is a mapping.
func (m *Migration) configuration(known keys) error {
	root, err := parse(m.from)
	if err != nil || root == nil {
		return err
	}
	if root.Kind() != graph.Map {
		return fmt.Errorf("%s: the configuration has to be a mapping, not a %s", m.from.Path, root.Kind())
	}
	m.mapping(known, "", root)
	return nil
}

// mapping hands the fields of a mapping to their handlers.
func (m *Migration) mapping(known keys, prefix string, n *graph.Node) {
	for _, f := range n.Fields() {
		if h := known[f.Key]; h != nil {
			h(m, prefix+f.Key, f.Node)
		}
		m.rest(prefix+f.Key, f.Node)
	}
}

// rest leaves what nothing has taken or left, once.
func (m *Migration) rest(key string, n *graph.Node) {
	if m.taken[part{key, n}] {
		return
	}
	switch n.Kind() {
	case graph.Map:
		if len(n.Fields()) > 0 {
			for _, f := range n.Fields() {
				m.rest(key+"."+f.Key, f.Node)
			}
			return
		}
	case graph.List:
		if len(n.Items()) > 0 {
			for _, item := range n.Items() {
				m.rest(key, item)
			}
			return
		}
	case graph.Null:
		return // says nothing
	}
	m.taken[part{key, n}] = true
	m.leave(n.Handle().Origin(), key+": "+shown(n), "no setting is its equal")
}

// done says that a value was taken, with all that is in it.
func (m *Migration) done(key string, n *graph.Node) {
	m.taken[part{key, n}] = true
	for _, f := range n.Fields() {
		m.done(key+"."+f.Key, f.Node)
	}
	for _, item := range n.Items() {
		m.done(key, item)
	}
}

// A part is a node under a key: an alias puts one node under several.
type part struct {
	key  string
	node *graph.Node
}

// under hands the fields of a nested mapping on.
func under(known keys) handler {
	return func(m *Migration, key string, n *graph.Node) {
		if n.Kind() == graph.Map {
			m.mapping(known, key+".", n)
		}
	}
}

// each calls a handler with every text of a list, of one text, or of one that
// commas divide. It takes what it hands on.
func each(do func(m *Migration, key, text string, at *source.Origin)) handler {
	return func(m *Migration, key string, n *graph.Node) {
		items := n.Items()
		if k := n.Kind(); k == graph.String || k == graph.Number {
			items = []*graph.Node{n}
		}
		for _, item := range items {
			if k := item.Kind(); k != graph.String && k != graph.Number {
				continue // left by rest
			}
			m.done(key, item)
			for text := range strings.SplitSeq(item.Text(), ",") {
				if text = strings.TrimSpace(text); text != "" {
					do(m, key, text, item.Handle().Origin())
				}
			}
		}
	}
}

// because leaves all that stands under a key, for a reason.
func because(why string) handler {
	return func(m *Migration, key string, n *graph.Node) {
		m.done(key, n)
		m.leave(n.Handle().Origin(), key+": "+shown(n), "%s", why)
	}
}

// anyway takes what Seaworthy does in any case when the key says so.
func anyway(text string) handler {
	return func(m *Migration, key string, n *graph.Node) {
		if n.Text() == text {
			m.done(key, n)
		}
	}
}

// text takes one text.
func text(do func(m *Migration, text string)) handler {
	return func(m *Migration, key string, n *graph.Node) {
		if k := n.Kind(); k == graph.String || k == graph.Number {
			m.done(key, n)
			do(m, n.Text())
		}
	}
}

// all gives the same handler to several keys.
func (k keys) all(h handler, names ...string) {
	for _, n := range names {
		k[n] = h
	}
}

// shown is a value in short, for people.
func shown(n *graph.Node) string {
	const most = 60
	text := n.Text()
	switch n.Kind() {
	case graph.Map:
		var parts []string
		for _, f := range n.Fields() {
			parts = append(parts, f.Key+": "+shown(f.Node))
		}
		text = "{" + strings.Join(parts, ", ") + "}"
	case graph.List:
		var parts []string
		for _, item := range n.Items() {
			parts = append(parts, shown(item))
		}
		text = "[" + strings.Join(parts, ", ") + "]"
	case graph.Null:
		return "null"
	}
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// parse reads YAML, JSON or TOML; nil is an empty file.
func parse(f *source.File) (*graph.Node, error) {
	if isTOML(f) {
		var tree map[string]any
		if err := toml.Unmarshal(f.Data, &tree); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		return fromTOML(tree, f), nil
	}
	docs := yamltext.Parse(f, nil)
	switch {
	case len(docs) == 0:
		return nil, nil
	case docs[0].Problem != nil:
		p := docs[0].Problem
		return nil, fmt.Errorf("%s:%d: %s", f.Path, p.At.Span.From().Line, p.Message)
	case len(docs) > 1:
		return nil, fmt.Errorf("%s: there is more than one document", f.Path)
	case docs[0].Root.Kind() == graph.Null:
		return nil, nil
	}
	return docs[0].Root, nil
}

// isTOML tells whether a file is TOML: by its name, or because the first line
// that says something assigns.
func isTOML(f *source.File) bool {
	if path.Ext(f.Path) == ".toml" {
		return true
	}
	for line := range strings.Lines(string(f.Data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, _, assigns := strings.Cut(line, "=")
		return assigns && !strings.ContainsAny(key, `:{"'`)
	}
	return false
}

// fromTOML makes nodes of what the TOML library returns. It knows no places,
// so all are somewhere in the file.
func fromTOML(tree any, f *source.File) *graph.Node {
	at := &source.Origin{Span: f.Whole()}
	switch t := tree.(type) {
	case map[string]any:
		var fields []graph.Field
		for _, key := range slices.Sorted(maps.Keys(t)) {
			fields = append(fields, graph.Field{Key: key, Node: fromTOML(t[key], f)})
		}
		return graph.NewMap(fields, at)
	case []map[string]any:
		var items []*graph.Node
		for _, item := range t {
			items = append(items, fromTOML(item, f))
		}
		return graph.NewList(items, at)
	case []any:
		var items []*graph.Node
		for _, item := range t {
			items = append(items, fromTOML(item, f))
		}
		return graph.NewList(items, at)
	case bool:
		return graph.NewBool(t, at)
	case int64, float64:
		return graph.NewScalar(graph.Number, fmt.Sprint(t), at)
	}
	return graph.NewString(fmt.Sprint(tree), at)
}
