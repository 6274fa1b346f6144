package kustomize

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/openapi"

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
	for name, data := range files {
		if path.Dir(name) == dir && slices.Contains(fileNames[:], path.Base(name)) && bytes.Contains(data, []byte("openapi:")) {
			defer openapi.ResetOpenAPI() // the program would have ended
		}
	}
	m, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, path.Join("/", dir))
	if err != nil {
		return nil, err
	}
	var built []*yaml.Node
	for _, r := range m.Resources() {
		n := r.YNode()
		if n.Kind == yaml.DocumentNode {
			n = n.Content[0]
		}
		built = append(built, n)
	}
	return built, nil
}

// load loads the root of a directory.
func load(t testing.TB, files map[string][]byte, dir string) *graph.Builder {
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
	right, untold int
	wrong         []string // claims of a line
	wrongToken    []string // claims of a token
}

func (v *verdict) add(o verdict) {
	v.right += o.right
	v.untold += o.untold
	v.wrong = append(v.wrong, o.wrong...)
	v.wrongToken = append(v.wrongToken, o.wrongToken...)
}

// A builder builds the kustomization of a directory.
type builder func(files map[string][]byte, dir string) ([]*yaml.Node, error)

// claim is a scalar that says that it was written somewhere, or came that way.
type claim struct {
	object int
	path   []string
	at     *source.Origin
}

// claimsOf are the places that scalars of a build claim, with those on the way
// there, and the places in order. Defaults, which are nowhere written, are left
// out, and names that tell items of a list apart: with another one it is
// another item.
func claimsOf(b *graph.Builder) (map[source.Span][]claim, []source.Span) {
	found, order := map[source.Span][]claim{}, []source.Span(nil)
	for i, r := range b.Resources {
		scalars(r.Config, nil, func(path []string, v graph.Value) {
			if _, err := strconv.Atoi(path[max(len(path)-2, 0)]); err == nil && slices.Contains(identities[:], path[len(path)-1]) {
				return
			}
			var add func(o *source.Origin)
			add = func(o *source.Origin) {
				if o == nil || o.Exact < source.AtLine || o.Role == source.Overrides || o.Step == source.Default {
					return
				}
				if found[o.Span] == nil {
					order = append(order, o.Span)
				}
				found[o.Span] = append(found[o.Span], claim{i, path, o})
				for _, from := range o.From {
					add(from)
				}
			}
			add(v.Origin())
		})
	}
	return found, order
}

// scalars visits all scalars below a value.
func scalars(v graph.Value, path []string, visit func([]string, graph.Value)) {
	switch v.Kind() {
	case graph.Map, graph.List:
		for key, child := range v.Entries() {
			scalars(child, append(slices.Clip(path), key), visit)
		}
	default:
		visit(path, v)
	}
}

// sample are at most so many places, picked by a fixed seed. Half of them are
// of overlays, when there are so many: they are where one can go wrong.
func sample(found map[source.Span][]claim, order []source.Span, most int) []source.Span {
	if len(order) <= most {
		return order
	}
	r := rand.New(rand.NewPCG(1, uint64(len(order))))
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	written := func(s source.Span) int {
		if slices.ContainsFunc(found[s], func(c claim) bool { return c.at.Step == source.Overlay }) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(order, func(a, b source.Span) int { return written(a) - written(b) })
	return append(order[:most/2:most/2], order[len(order)-most+most/2:]...)
}

// oracle changes places that are claimed, at most so many of them, and looks
// whether something else is then built at the fields that claim them.
func oracle(k built, b *graph.Builder, build builder, most int) verdict {
	before, err := build(k.files, k.dir)
	if err != nil {
		return verdict{wrong: []string{err.Error()}}
	}
	found, order := claimsOf(b)
	var v verdict
	for _, span := range sample(found, order, most) {
		text, ok := mutate(span.Text())
		if !ok {
			v.untold += len(found[span])
			continue
		}
		data := k.files[span.File.Path]
		changed := maps.Clone(k.files)
		changed[span.File.Path] = slices.Concat(data[:span.Start], []byte(text), data[span.End:])
		after, err := build(changed, k.dir)
		if err != nil || len(after) != len(before) {
			v.untold += len(found[span])
			continue
		}
		for _, c := range found[span] {
			was, _ := at(before[c.object], c.path)
			is, there := at(after[c.object], c.path)
			if is != was || !there {
				v.right++
				continue
			}
			text := fmt.Sprintf("%s %s: %s %s = %.60q is not from %s:%d %q (%v, %v)", k.name, k.dir,
				b.Resources[c.object].ID, strings.Join(c.path, "."), was, span.File.Path, span.From().Line, span.Text(), c.at.Role, c.at.Exact)
			if c.at.Exact == source.AtToken {
				v.wrongToken = append(v.wrongToken, text)
			} else {
				v.wrong = append(v.wrong, text)
			}
		}
	}
	return v
}
