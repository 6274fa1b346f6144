package kustomize

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// kustomize is the truth: what the library builds from the files as they are,
// in its own order.
func kustomize(files map[string][]byte, dir string) ([]*yaml.Node, error) {
	fs := newMemory()
	for name, data := range files {
		fs.put(name, data)
	}
	m, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, path.Join("/", dir))
	if err != nil {
		return nil, err
	}
	var built []*yaml.Node
	for _, r := range m.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			return nil, err
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			return nil, err
		}
		built = append(built, doc.Content[0])
	}
	return built, nil
}

// load loads the root of a directory.
func load(t *testing.T, files map[string][]byte, dir string) *graph.Builder {
	t.Helper()
	p, roots, _ := discover(files)
	_ = p
	for _, r := range roots {
		if r.ID() == "kustomize:"+dir {
			b := &graph.Builder{Root: r.ID()}
			if err := r.Load(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	t.Fatalf("no root %s", dir)
	return nil
}

func discover(files map[string][]byte) (*parsers.Project, []parsers.Root, *graph.Builder) {
	fsys, names := fstest.MapFS{}, []string{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: data}
		names = append(names, name)
	}
	slices.Sort(names)
	p := parsers.NewProject(source.NewTree(fsys), names)
	b := &graph.Builder{}
	return p, New().Roots(p, b), b
}

// at follows a path of keys and indexes.
func at(n *yaml.Node, path []string) (string, bool) {
	for _, key := range path {
		switch n.Kind {
		case yaml.MappingNode:
			if n = lookup(n, key); n == nil {
				return "", false
			}
		case yaml.SequenceNode:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(n.Content) {
				return "", false
			}
			n = n.Content[i]
		default:
			return "", false
		}
	}
	return n.Value, true
}

// mutate is another scalar of the same kind; ok is false for text that is none.
func mutate(text string) (string, bool) {
	switch {
	case text == "" || strings.ContainsAny(text, "\n{}[]|>"):
		return "", false
	case text == "true":
		return "false", true
	case text == "false":
		return "true", true
	case text[len(text)-1] == '"' || text[len(text)-1] == '\'':
		if len(text) < 2 {
			return "", false
		}
		return text[:len(text)-1] + "x" + text[len(text)-1:], true
	}
	if n, err := strconv.Atoi(text); err == nil {
		return strconv.Itoa(n + 1), true
	}
	if regexp.MustCompile(`^[0-9.]+$`).MatchString(text) {
		return "", false
	}
	return text + "x", true
}

// verdict is what the oracle says about claims.
type verdict struct {
	right, unknown int
	wrong          []string
}

// oracle changes every place that is claimed to a line and looks whether
// kustomize then builds something else at the field that claims it.
func oracle(t *testing.T, files map[string][]byte, dir string, want func(*graph.Resource) bool) verdict {
	t.Helper()
	b := load(t, files, dir)
	before, err := kustomize(files, dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != len(b.Resources) {
		t.Fatalf("%s: %d objects, kustomize builds %d", dir, len(b.Resources), len(before))
	}
	type claim struct {
		object int
		path   []string
	}
	claims, order := map[source.Span][]claim{}, []source.Span(nil)
	var walk func(i int, v graph.Value, path []string)
	walk = func(i int, v graph.Value, path []string) {
		switch v.Kind() {
		case graph.Map, graph.List:
			for key, child := range v.Entries() {
				walk(i, child, append(slices.Clone(path), key))
			}
			return
		}
		o := v.Origin()
		if len(path) == 1 || o == nil || o.Exact < source.AtLine {
			return
		}
		if _, err := strconv.Atoi(path[len(path)-2]); err == nil && slices.Contains(identities[:], path[len(path)-1]) {
			return // with another name it is another item
		}
		if claims[o.Span] == nil {
			order = append(order, o.Span)
		}
		claims[o.Span] = append(claims[o.Span], claim{i, path})
	}
	for i, r := range b.Resources {
		if want == nil || want(r) {
			walk(i, r.Config, nil)
		}
	}
	var v verdict
	for _, span := range order {
		text, ok := mutate(span.Text())
		if !ok {
			v.unknown += len(claims[span])
			continue
		}
		data := files[span.File.Path]
		changed := map[string][]byte{}
		for name, d := range files {
			changed[name] = d
		}
		changed[span.File.Path] = slices.Concat(data[:span.Start], []byte(text), data[span.End:])
		after, err := kustomize(changed, dir)
		if err != nil || len(after) != len(before) {
			v.unknown += len(claims[span])
			continue
		}
		for _, c := range claims[span] {
			was, _ := at(before[c.object], c.path)
			is, there := at(after[c.object], c.path)
			if is != was || !there {
				v.right++
			} else {
				v.wrong = append(v.wrong, fmt.Sprintf("%s %s = %q is not from %s:%d %q",
					b.Resources[c.object].ID, strings.Join(c.path, "."), was, span.File.Path, span.From().Line, span.Text()))
			}
		}
	}
	return v
}
