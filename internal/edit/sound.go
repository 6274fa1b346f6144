package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// sound tells whether an edit of YAML changes one thing only: the document is
// read as it was and as it would be, and the two may differ in one entry, item
// or scalar. What that is worth is that no odd text - an anchor, a tag, a tab
// or a fold that takes in what is written beside it - has to be known here.
// Where the text is no YAML before the edit, as in a template, there is
// nothing to compare; whoever renders it must look.
func (o Op) sound(e Edit) bool {
	if syntaxOf(e.Span.File) != yamlText {
		return true
	}
	data := e.Span.File.Data
	start, end, ok := o.item(e.Span)
	before, err := parse(data[start:end])
	if !ok || err != nil { // an alias, perhaps, of what stands elsewhere
		start, end = document(data, e.Span)
		before, err = parse(data[start:end])
	}
	if err != nil {
		return !json.Valid(data[start:end]) // which may have tabs where YAML has none
	}
	after, err := parse(slices.Concat(data[start:e.Span.Start], []byte(e.New), data[e.Span.End:end]))
	return err == nil && o.makes(e, before, after)
}

// makes tells whether the op makes the second of two trees of the first.
func (o Op) makes(e Edit, before, after *yaml.Node) bool {
	var d difference
	d.between(before, after)
	switch {
	case d.count != 1:
		return false
	case o.kind == replace:
		return swapped(d.before.Value, d.after.Value, e.Span.Text(), e.New)
	case d.key || d.before.Kind != yaml.ScalarNode:
		return d.key == (o.kind == rename)
	case d.after.Kind != yaml.ScalarNode:
		return d.before.Tag == "!!null" && (o.kind != set || isCollection(o.data) || len(o.at.Missing()) > 0)
	case o.kind == set && (o.data.Kind() == graph.Null || d.after.Value == o.data.Text()):
		return true
	}
	// What is edited stands in a document that is the text of another one, as a
	// patch in a kustomization is.
	before, err := parse([]byte(d.before.Value))
	if err != nil {
		return true
	}
	after, err = parse([]byte(d.after.Value))
	isScalar := func(doc *yaml.Node) bool { return doc.Content[0].Kind == yaml.ScalarNode }
	return err == nil && len(before.Content) > 0 && !slices.ContainsFunc(before.Content, isScalar) && o.makes(e, before, after)
}

// swapped tells whether one text is the other with a part replaced and all
// else kept: in several lines a break may have become a blank.
func swapped(before, after, old, new string) bool {
	for i := range len(before) + 1 {
		rest, ok := strings.CutPrefix(before[i:], old)
		if ok && after == before[:i]+new+rest {
			return true
		}
	}
	return false
}

// item is the lines of the list item around a span that the whole object of the
// op is, as in what kubectl prints of many objects: what follows is indented
// less, so that an item may be read alone, which keeps the cost of an edit from
// growing with the list. It is false where there is none, or something in it
// has a name that the other items may use.
func (o Op) item(span source.Span) (start, end int, ok bool) {
	if o.at.Resource() == nil {
		return 0, 0, false
	}
	root, err := place(o.at.Resource().Tree().Handle(), source.AtToken)
	if err != nil || !root.Contains(source.Span{File: span.File, Start: span.Start, End: span.Start}) {
		return 0, 0, false
	}
	l := lineAt(root.File.Data, root.Start)
	start, end = l.start, lineAt(root.File.Data, max(root.End, span.End)).after
	_, plain := indentation(l.before)
	return start, end, plain && strings.Contains(l.before, "-") && !bytes.Contains(root.File.Data[start:end], []byte("&"))
}

// document is the part of a stream around a span that lies between markers.
func document(data []byte, span source.Span) (start, end int) {
	isMarker := func(l line) bool {
		text := data[l.start:l.end]
		return bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))
	}
	l := lineAt(data, span.Start)
	for l.start > 0 && !isMarker(l) {
		l = lineAt(data, l.start-1)
	}
	start, l = l.start, lineAt(data, span.End)
	for l.after > l.end && !isMarker(lineAt(data, l.after)) {
		l = lineAt(data, l.after)
	}
	return start, l.after
}

// parse reads a text as a list of documents. An alias is a node of its own and
// not what it stands for.
func parse(text []byte) (all *yaml.Node, err error) {
	defer func() { // the library panics at some odd texts
		if r := recover(); r != nil {
			err = fmt.Errorf("read the text: %v", r)
		}
	}()
	all = &yaml.Node{Kind: yaml.SequenceNode}
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		n := new(yaml.Node)
		switch err := d.Decode(n); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("read the text: %w", err)
		}
		all.Content = append(all.Content, n)
	}
}

// A difference is how often two trees differ, and the nodes where they do; one
// of them is nil where the other tree has nothing.
type difference struct {
	count         int
	key           bool // it is a key that differs
	before, after *yaml.Node
}

// between looks for differences of two nodes. What belongs to a node, its
// anchor and its tag, must stay: losing it counts as two.
func (d *difference) between(a, b *yaml.Node) {
	switch {
	case alike(a, b):
	case a.Anchor != b.Anchor, (a.Style|b.Style)&yaml.TaggedStyle != 0 && a.Tag != b.Tag, a.Kind == yaml.AliasNode || b.Kind == yaml.AliasNode:
		d.count += 2
	case a.Kind != b.Kind || a.Kind == yaml.ScalarNode:
		d.count++
		d.before, d.after = a, b
	default:
		d.inside(a, b)
	}
}

// inside looks for differences of what two collections hold.
func (d *difference) inside(a, b *yaml.Node) {
	step := 1 // nodes of an item or entry
	if a.Kind == yaml.MappingNode {
		step = 2
	}
	left, right := a.Content, b.Content
	same := func(i, j int) bool { return slices.EqualFunc(left[i:i+step], right[j:j+step], alike) }
	for len(left) > 0 && len(right) > 0 && same(0, 0) {
		left, right = left[step:], right[step:]
	}
	for len(left) > 0 && len(right) > 0 && same(len(left)-step, len(right)-step) {
		left, right = left[:len(left)-step], right[:len(right)-step]
	}
	if len(left) == step && len(right) == step && (step == 1 || left[0].Kind == right[0].Kind) {
		d.between(left[0], right[0])
		if step == 2 {
			d.key = d.key || d.count > 0
			d.between(left[1], right[1])
		}
		return
	}
	d.count += (len(left) + len(right)) / step // an entry taken away and one added are two
	d.before, d.after = a, b
}

// alike tells whether two nodes say the same, and are tied to the same names.
func alike(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Value == b.Value && a.Anchor == b.Anchor && slices.EqualFunc(a.Content, b.Content, alike)
}
