package kustomize

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// This file joins what kustomize built with where it was written. A built
// object, the document it comes from and all patches that apply to it are
// walked in step. A scalar is claimed by the last patch or other writer that
// wrote just this text there; else by the document, when it reads the same
// there; else by nobody in particular: the kustomization's file.

// maxDepth is of values in values; more than any parser lets through.
const maxDepth = 10_000

// trace adds the objects of a build.
func (bd *build) trace(m resmap.ResMap) {
	chains := map[*layer]*chain{}
	origins := bd.origins(m.Resources())
	for i, res := range m.Resources() {
		node := res.YNode()
		if node == nil {
			continue
		}
		if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
			node = node.Content[0]
		}
		from := origins[i]
		c := chains[from.layer]
		if c == nil {
			c = bd.chain(from.layer)
			chains[from.layer] = c
		}
		kubernetes.Add(bd.b, bd.object(res, node, from, c))
	}
}

func inFile(l *layer) *source.Origin {
	return &source.Origin{Span: l.file.Whole(), Step: source.Overlay, Exact: source.InFile}
}

// A chain is what is done to the objects of one layer on their way up.
type chain struct {
	writers            []writer
	prefixes, suffixes []string // of names
	opaque, vars       bool
	other              *source.Origin // of what no writer claims: the outermost kustomization that writes
}

func (bd *build) chain(at *layer) *chain {
	c := &chain{writers: bd.writers(bd.top, at, bd.reaching(at)), other: inFile(bd.top)}
	for _, w := range c.writers {
		c.opaque = c.opaque || w.opaque
		c.vars = c.vars || len(w.layer.spec.Vars) > 0
		c.other = inFile(w.layer) // the last one is the outermost
	}
	for _, l := range bd.layers {
		if k := &l.spec; k.NamePrefix != "" {
			c.prefixes = append(c.prefixes, k.NamePrefix)
		}
		if k := &l.spec; k.NameSuffix != "" {
			c.suffixes = append(c.suffixes, k.NameSuffix)
		}
	}
	return c
}

// A walker goes through one object.
type walker struct {
	*chain
	obj     *object
	schemas []*graph.Node
	exact   bool          // no patch applies and nothing is opaque: what reads like the base is the base
	rest    source.Handle // where a scalar that nobody claims was made
	plain   bool          // nothing is done to the object at all
	pathBuf []string
}

func (bd *build) object(res *resource.Resource, node *yaml.Node, from written, c *chain) *graph.Node {
	base := from.doc
	w := &walker{chain: c, schemas: bd.schemas, rest: c.other, plain: len(c.writers)+len(c.prefixes)+len(c.suffixes) == 0}
	o := &object{
		kind: res.GetKind(), finalName: res.GetName(), finalNs: res.GetNamespace(),
		labels:      selects(res.MatchesLabelSelector),
		annotations: selects(res.MatchesAnnotationSelector),
	}
	o.name, o.ns = o.finalName, o.finalNs
	o.group, _, _ = strings.Cut(res.GetApiVersion(), "/")
	if !strings.Contains(res.GetApiVersion(), "/") {
		o.group = ""
	}
	if base != nil {
		v := graph.ValueOf(base)
		o.kind, o.name, o.ns = v.At("kind").Str(), v.At("metadata.name").Str(), v.At("metadata.namespace").Str()
	}
	var enclosing source.Handle = from.at
	if from.doc != nil {
		enclosing = from.doc.Handle()
	}
	if g := from.gen; g != nil {
		o.name = g.args.Name
		own := *c
		own.writers = append([]writer{{layer: from.layer, claims: g.claims}}, c.writers...)
		w.chain = &own
		w.rest = inFile(from.layer)
		enclosing = overlay(from.at, nil)
		if n := g.node.Field("name"); n != nil {
			base = graph.NewMap([]graph.Field{{Key: "metadata", Node: graph.NewMap([]graph.Field{
				{Key: "name", Place: n.Place, Node: n.Node},
			}, g.node.Handle())}}, g.node.Handle())
		}
	}
	w.obj = o
	var candidates []candidate
	for i, wr := range w.writers {
		if wr.patch != nil {
			for _, cand := range wr.patch.nodes(o) {
				cand.order = i
				candidates = append(candidates, cand)
			}
		}
	}
	w.exact = len(candidates) == 0 && !w.opaque
	return w.node(node, base, candidates, enclosing, 0)
}

func selects(match func(string) (bool, error)) func(string) bool {
	return func(selector string) bool {
		if selector == "" {
			return true
		}
		ok, err := match(selector)
		return ok && err == nil
	}
}

// node joins one node with base, the same place in the document, nil when
// there is none. in is the place of what encloses it.
func (w *walker) node(n *yaml.Node, base *graph.Node, candidates []candidate, in source.Handle, depth int) *graph.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil && depth < maxDepth {
		n = n.Alias
		depth++
	}
	if depth >= maxDepth {
		return graph.NewUnknown(in)
	}
	switch n.Kind {
	case yaml.MappingNode:
		if s := w.schema(n); s != nil {
			return s
		}
		return w.mapping(n, base, candidates, in, depth)
	case yaml.SequenceNode:
		return w.sequence(n, base, candidates, in, depth)
	}
	return w.scalar(n, base, candidates)
}

// schema is what a stand-in stands for.
func (w *walker) schema(n *yaml.Node) *graph.Node {
	if len(n.Content) != 2 || n.Content[0].Value != standIn {
		return nil
	}
	if i, err := strconv.Atoi(n.Content[1].Value); err == nil && i >= 0 && i < len(w.schemas) {
		return w.schemas[i]
	}
	return nil
}

// place is where a map or a list was written: in the document, else in the
// last patch that has one there, else in what encloses it.
func (w *walker) place(kind graph.Kind, base *graph.Node, candidates []candidate, in source.Handle) source.Handle {
	if base.Kind() == kind && base.Handle() != nil {
		return w.asBase(base.Handle())
	}
	for i := len(candidates) - 1; i >= 0; i-- {
		if c := candidates[i]; len(c.pointer) == 0 && !c.doubtful && c.node.Kind() == kind && c.node.Handle() != nil {
			return overlay(c.node.Handle(), base)
		}
	}
	return in
}

func (w *walker) mapping(n *yaml.Node, base *graph.Node, candidates []candidate, in source.Handle, depth int) *graph.Node {
	place := w.place(graph.Map, base, candidates, in)
	fields := make([]graph.Field, 0, len(n.Content)/2)
	same := base.Kind() == graph.Map && w.exact
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		w.pathBuf = append(w.pathBuf, key)
		f := graph.Field{Key: key}
		var below *graph.Node
		if b := base.Field(key); base.Kind() == graph.Map && b != nil {
			f.Place, f.Written, below = w.asBase(b.Place), b.Written, b.Node
		}
		inner := descend(candidates, key)
		if f.Place == nil {
			f.Place = keyPlace(candidates, key)
		}
		if key == marker && len(w.pathBuf) == 3 && w.pathBuf[0] == "metadata" {
			w.pathBuf = w.pathBuf[:len(w.pathBuf)-1]
			continue
		}
		enclosing := place
		if f.Place != nil {
			enclosing = f.Place
		}
		f.Node = w.node(n.Content[i+1], below, inner, enclosing, depth+1)
		empty := slices.Equal(w.pathBuf, []string{"metadata", "annotations"}) && f.Node.Kind() == graph.Map &&
			len(f.Node.Fields()) == 0 && len(n.Content[i+1].Content) > 0
		w.pathBuf = w.pathBuf[:len(w.pathBuf)-1]
		if empty {
			continue // held nothing but the marker
		}
		same = same && len(fields) < len(base.Fields()) && base.Fields()[len(fields)].Node == f.Node
		fields = append(fields, f)
	}
	if same && len(fields) == len(base.Fields()) {
		return base
	}
	return graph.NewMap(fields, place)
}

func (w *walker) sequence(n *yaml.Node, base *graph.Node, candidates []candidate, in source.Handle, depth int) *graph.Node {
	place := w.place(graph.List, base, candidates, in)
	list := make([]*graph.Node, len(n.Content))
	from := items(base)
	same := base.Kind() == graph.List && w.exact && len(from) == len(list)
	certain := counts(candidates, len(from)) == len(list)
	w.pathBuf = append(w.pathBuf, "*")
	for i, item := range n.Content {
		inner, was := inItem(candidates, item, i, len(list), certain)
		var below *graph.Node
		switch {
		case !certain:
			below = find(from, item)
		case was >= 0:
			below = match(from, item, was, len(from))
		}
		list[i] = w.node(item, below, inner, place, depth+1)
		same = same && list[i] == from[i]
	}
	w.pathBuf = w.pathBuf[:len(w.pathBuf)-1]
	if same {
		return base
	}
	return graph.NewList(list, place)
}

func (w *walker) scalar(n *yaml.Node, base *graph.Node, candidates []candidate) *graph.Node {
	kind, text := resolve(n)
	order, doubt := -1, -1
	var claim, renamed source.Handle
	for _, c := range candidates {
		if len(c.pointer) > 0 || !isScalar(c.node) || c.node.Handle() == nil || c.merges && w.identity(base, kind, text) {
			continue // a merge patch finds its target by these and leaves them
		}
		if c.doubtful {
			if same(c.node, kind, text) {
				doubt = c.order
			}
			continue
		}
		if c.order >= order && same(c.node, kind, text) {
			order, claim = c.order, c.node.Handle()
		}
		if w.renamed(c.node.Text(), text) {
			renamed = c.node.Handle()
		}
	}
	for i := len(w.writers) - 1; i > order; i-- {
		if f := w.writers[i].claims; f != nil {
			if h := f(w.obj, w.pathBuf, text, base); h != nil {
				claim = h
				break
			}
		}
	}
	switch {
	case doubt >= 0 && doubt >= order:
		return scalar(kind, text, w.rest)
	case claim != nil:
		return scalar(kind, text, overlay(claim, base))
	case same(base, kind, text) && w.exact && base.Kind() == kind && base.Text() == text:
		return base
	case same(base, kind, text), w.plain && isScalar(base):
		return scalar(kind, text, w.asBase(base.Handle()))
	case renamed != nil:
		return scalar(kind, text, overlay(renamed, base))
	case isScalar(base) && base.Handle() != nil && w.renamed(base.Text(), text):
		return scalar(kind, text, overlay(base.Handle(), nil))
	}
	return scalar(kind, text, w.rest)
}

// identity tells whether the walk is at what tells objects apart, or items of
// a list.
func (w *walker) identity(base *graph.Node, kind graph.Kind, text string) bool {
	path := w.pathBuf
	if len(path) >= 2 && path[len(path)-2] == "*" && slices.Contains(identities[:], path[len(path)-1]) {
		return same(base, kind, text)
	}
	return slices.Equal(path, []string{"kind"}) || slices.Equal(path, []string{"metadata", "name"}) ||
		slices.Equal(path, []string{"metadata", "namespace"})
}

// hash is what kustomize puts behind the names of generated objects.
var hash = regexp.MustCompile(`-[a-z0-9]{10}$`)

// renamed tells whether text is the name in the base, as it is called now, or
// what became of it when variables were filled in.
func (c *chain) renamed(base, text string) bool {
	if base == "" || base == text {
		return false
	}
	if c.vars && strings.Contains(base, "$(") {
		return true
	}
	for at := 0; ; at++ {
		i := strings.Index(text[at:], base)
		if i < 0 {
			return false
		}
		at += i
		before, after := text[:at], text[at+len(base):]
		hashed := hash.FindString(after)
		if (before == "" || slices.ContainsFunc(c.prefixes, func(p string) bool { return strings.HasSuffix(before, p) })) &&
			(after == hashed || slices.ContainsFunc(c.suffixes, func(s string) bool { return strings.HasPrefix(after, s) })) {
			return true
		}
	}
}

func scalar(kind graph.Kind, text string, at source.Handle) *graph.Node {
	n := graph.NewScalar(kind, text, at)
	if kind == graph.String && strings.ContainsAny(text, "{[\n") {
		return n.WithDecode(func() *graph.Node { return yamltext.ParseText(text, at) })
	}
	return n
}

// resolve is the kind and the text of a scalar as it would be printed: the
// library quotes a string that would be read as something else.
func resolve(n *yaml.Node) (graph.Kind, string) {
	s := yaml.Node{Kind: yaml.ScalarNode, Tag: n.ShortTag(), Value: n.Value, Style: n.Style}
	if s.Tag == "!!str" && s.Style == 0 && (&yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}).ShortTag() != "!!str" {
		return graph.String, n.Value
	}
	return yamltext.Scalar(&s)
}

func keyPlace(candidates []candidate, key string) source.Handle {
	for i := len(candidates) - 1; i >= 0; i-- {
		if c := candidates[i]; len(c.pointer) == 0 && !c.doubtful {
			if f := c.node.Field(key); f != nil && f.Place != nil {
				return overlay(f.Place, nil)
			}
		}
	}
	return nil
}
