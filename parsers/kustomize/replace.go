package kustomize

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/utils"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A replacement copies a value of one object into others. What is there
// afterwards was written where the value was; the entry is how it came there.
type replacement struct {
	bd      *build
	source  *graph.Node // the selector of the object
	value   *graph.Node // sourceValue
	targets []replacementTarget
}

type replacementTarget struct {
	selector  *selector
	reject    []*selector
	paths     []replacementPath
	delimiter string
	index     int
}

// replacementPath is one of fieldPaths.
type replacementPath struct {
	steps []string
	at    source.Handle
}

// replacementsAt are those of entry i, which may be in a file.
func (bd *build) replacementsAt(l *layer, i int) []*replacement {
	e := l.replacements[i]
	switch {
	case e.dead:
		return nil
	case e.path == "":
		return []*replacement{bd.replacement(e.node)}
	}
	return bd.replacementsOfFile(e.path)
}

// replacementsIn are those of an item of a ReplacementTransformer's list.
func (bd *build) replacementsIn(l *layer, n *graph.Node) []*replacement {
	if p := textOf(child(n, "path")); p != "" {
		if name, isDir, err := locate(bd.tree.FS(), l.dir, p); err == nil && !isDir {
			return bd.replacementsOfFile(name)
		}
		return nil
	}
	return []*replacement{bd.replacement(n)}
}

func (bd *build) replacementsOfFile(name string) []*replacement {
	var all []*replacement
	docs, _ := bd.parsed.parse(bd.tree, name)
	for _, d := range docs {
		if d.Problem != nil {
			continue
		}
		list := items(d.Root)
		if d.Root.Kind() == graph.Map {
			list = []*graph.Node{d.Root}
		}
		for _, n := range list {
			all = append(all, bd.replacement(n))
		}
	}
	return all
}

// defaultPath is what is copied from or to when nothing is said.
const defaultPath = "metadata.name"

func (bd *build) replacement(n *graph.Node) *replacement {
	r := &replacement{bd: bd, source: child(n, "source"), value: child(n, "sourceValue")}
	for _, t := range items(child(n, "targets")) {
		target := replacementTarget{selector: selectorOf(child(t, "select"))}
		for _, reject := range items(child(t, "reject")) {
			target.reject = append(target.reject, selectorOf(reject))
		}
		options := child(t, "options")
		target.delimiter = textOf(child(options, "delimiter"))
		target.index, _ = strconv.Atoi(textOf(child(options, "index")))
		for _, p := range items(child(t, "fieldPaths")) {
			target.paths = append(target.paths, replacementPath{utils.SmarterPathSplitter(textOf(p), "."), p.Handle()})
		}
		if len(target.paths) == 0 {
			target.paths = []replacementPath{{strings.Split(defaultPath, "."), t.Handle()}}
		}
		r.targets = append(r.targets, target)
	}
	return r
}

// claims claims the fields that one of the targets names.
func (r *replacement) claims(s *site) source.Handle {
	for i := len(r.targets) - 1; i >= 0; i-- {
		t := &r.targets[i]
		for _, p := range slices.Backward(t.paths) {
			exact, below := p.leads(s)
			if !exact && !below || p.at == nil || !t.selects(s.obj) {
				continue
			}
			if below { // the field holds text with structure, and is a part of that
				return &source.Origin{Span: p.at.Origin().Span, Step: source.Overlay, Exact: source.InBlock}
			}
			if h := r.copied(s, t, p.at); h != nil {
				return h
			}
		}
	}
	return nil
}

// selects tells whether the target picks the object.
func (t *replacementTarget) selects(o *object) bool {
	return t.selector.matches(o) && !slices.ContainsFunc(t.reject, func(s *selector) bool { return s.matches(o) })
}

// leads tells whether the path leads to the site, or to something in its text.
func (p *replacementPath) leads(s *site) (exact, inText bool) {
	for i, step := range p.steps {
		if i == len(s.path) {
			return false, true
		}
		if s.path[i] != "*" {
			if step != s.path[i] {
				return false, false
			}
			continue
		}
		switch n, err := strconv.Atoi(step); {
		case step == "*":
		case err == nil:
			if n != s.index[i] {
				return false, false
			}
		case strings.HasPrefix(step, "["):
			key, pattern, err := kyaml.SplitIndexNameValue(step)
			if err != nil || !searches(pattern, s.nodes[i], key) {
				return false, false
			}
		default:
			return false, false
		}
	}
	return len(p.steps) == len(s.path), false
}

// searches tells whether an item of a list has, under a key, what a pattern
// finds something in.
func searches(pattern string, item *yaml.Node, key string) bool {
	if key != "" {
		if item = lookup(item, key); item == nil {
			return false
		}
	}
	re, err := regexp.Compile(pattern)
	return err == nil && item.Kind == yaml.ScalarNode && re.MatchString(item.Value)
}

// copied is the place of what was copied to the site, nil when what is there
// is something else.
func (r *replacement) copied(s *site, t *replacementTarget, entry source.Handle) source.Handle {
	c := &copied{entry: entry, whole: t.delimiter == "", end: len(s.text)}
	if s.base != nil && isScalar(s.base) {
		c.over = s.base.Handle()
	}
	text := ""
	if r.value != nil {
		text, c.from = textOf(r.value), func() source.Handle { return r.value.Handle() }
	} else {
		var ok bool
		if text, c.from, ok = r.original(); !ok {
			return nil
		}
	}
	if !c.whole {
		parts := strings.Split(s.text, t.delimiter)
		i := min(max(t.index, 0), len(parts)-1)
		c.start = len(strings.Join(parts[:i], t.delimiter))
		if i > 0 {
			c.start += len(t.delimiter)
		}
		c.end = c.start + len(text)
		if c.end > len(s.text) {
			return nil
		}
	}
	if s.text[c.start:c.end] != text {
		return nil
	}
	return c
}

// original is the text that is copied, as it was built, and where it is.
func (r *replacement) original() (text string, from func() source.Handle, ok bool) {
	which, found := sourceSelector(r.source), -1
	for i, o := range r.bd.objects {
		if which.matches(o) {
			if found >= 0 {
				return "", nil, false
			}
			found = i
		}
	}
	if found < 0 {
		return "", nil, false
	}
	path := textOf(child(r.source, "fieldPath"))
	if path == "" {
		path = defaultPath
	}
	steps := utils.SmarterPathSplitter(path, ".")
	n, err := kyaml.NewRNode(r.bd.nodes[found]).Pipe(kyaml.Lookup(steps...))
	if err != nil || n == nil || n.YNode().Kind != yaml.ScalarNode {
		return "", nil, false
	}
	options := child(r.source, "options")
	text, whole := n.YNode().Value, true
	if d := textOf(child(options, "delimiter")); d != "" {
		parts := strings.Split(text, d)
		i, _ := strconv.Atoi(textOf(child(options, "index")))
		if i < 0 || i >= len(parts) {
			return "", nil, false
		}
		text, whole = parts[i], len(parts) == 1
	}
	return text, func() source.Handle {
		if at := descendTo(r.bd.traced[found], steps); at != nil && at.Handle() != nil {
			if _, again := at.Handle().(overlaid); again || !whole {
				return atLine{at.Handle()} // a copy of a copy is not followed
			}
			return at.Handle()
		}
		return nil
	}, true
}

// descendTo follows the steps of a field path.
func descendTo(n *graph.Node, steps []string) *graph.Node {
	for _, step := range steps {
		if list := items(n); list != nil {
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(list) {
				key, value, err := kyaml.SplitIndexNameValue(step)
				if err != nil {
					return nil
				}
				n = only(list, func(item *graph.Node) bool { return textOf(child(item, key)) == value })
				continue
			}
			n = list[i]
			continue
		}
		n = child(n, step)
	}
	return n
}

// copied is the place of a copy. The place of what was copied is known once
// all objects are traced.
type copied struct {
	entry      source.Handle // of the field path
	from       func() source.Handle
	over       source.Handle // what was there before
	whole      bool
	start, end int // what of the text was copied
}

func (c *copied) Origin() *source.Origin {
	if !c.whole {
		return c.through()
	}
	return c.copy(func(h source.Handle) *source.Origin { return h.Origin() })
}

func (c *copied) Part(start, end int) *source.Origin {
	if c.start <= start && start <= end && end <= c.end {
		return c.copy(func(h source.Handle) *source.Origin { return h.Part(start-c.start, end-c.start) })
	}
	return c.Origin()
}

// copy is the place of the original, with the entry as the way it came.
func (c *copied) copy(place func(source.Handle) *source.Origin) *source.Origin {
	h := c.from()
	if h == nil {
		return c.through()
	}
	o := *place(h)
	via := *capped(c.entry.Origin())
	via.Step, via.Role = source.Overlay, source.Via
	o.Step, o.From = source.Overlay, append(slices.Clone(o.From), &via)
	return &o
}

// through is the place of the entry, for text of which only a part was copied.
func (c *copied) through() *source.Origin {
	o := *capped(c.entry.Origin())
	o.Step, o.From = source.Overlay, nil
	if h := c.from(); h != nil {
		driven := *h.Origin()
		driven.Role = source.DrivenBy
		o.From = append(o.From, &driven)
	}
	if c.over != nil {
		over := *capped(c.over.Origin())
		over.Role = source.Overrides
		o.From = append(o.From, &over)
	}
	return &o
}
