package yamltext

import (
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// maxExpanded bounds the nodes that the aliases of one stream may stand for.
// A few lines of aliases of aliases can stand for more than any memory holds.
const maxExpanded = 1 << 18

// A parser converts the documents of one stream.
type parser struct {
	file   *source.File
	place  func(start, end int) source.Handle
	budget int           // nodes that aliases may still stand for
	slab   []source.Span // spans are made many at a time
}

// handle is the place of the bytes [start,end).
func (p *parser) handle(start, end int) source.Handle {
	if p.place != nil {
		return p.place(start, end)
	}
	if len(p.slab) == 0 {
		p.slab = make([]source.Span, 256)
	}
	s := &p.slab[0]
	p.slab = p.slab[1:]
	*s = source.Span{File: p.file, Start: start, End: end}
	return s
}

// A converter turns the library's nodes of one document into the graph's.
type converter struct {
	*parser
	data  []byte // the stream up to the end of the document
	start int    // where the document starts
	lines []int  // where the document's lines start, as the library counts lines
	ascii bool

	line, col, off int // where the last node was found, for the next on its line

	anchors map[*yaml.Node]*graph.Node // nil while the node is being made
	problem *problem
}

func (c *converter) fail(start, end int, message string) {
	if c.problem == nil {
		c.problem = &problem{start, end, message}
	}
}

// offset is the byte at a line and column of the library's.
func (c *converter) offset(line, column int) int {
	if line < 1 || line > len(c.lines) {
		return len(c.data)
	}
	start := c.lines[line-1]
	if c.ascii {
		return min(start+column-1, len(c.data))
	}
	if line != c.line || column < c.col {
		c.line, c.col, c.off = line, 1, start
	}
	for c.col < column && c.off < len(c.data) {
		_, size := utf8.DecodeRune(c.data[c.off:])
		c.off += size
		c.col++
	}
	return c.off
}

// whole is the place of the whole document.
func (c *converter) whole() source.Handle { return c.handle(c.start, len(c.data)) }

// node converts n and tells the bytes it takes.
func (c *converter) node(n *yaml.Node) (node *graph.Node, start, end int) {
	if c.problem != nil {
		return nil, len(c.data), len(c.data)
	}
	if n.Kind == yaml.AliasNode {
		start = c.offset(n.Line, n.Column)
		end = min(start+1+len(n.Value), len(c.data))
		return c.alias(n, start, end), start, end
	}
	if n.Anchor != "" {
		if c.anchors == nil {
			c.anchors = map[*yaml.Node]*graph.Node{}
		}
		c.anchors[n] = nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		node, start, end = c.mapping(n)
	case yaml.SequenceNode:
		node, start, end = c.sequence(n)
	default:
		node, start, end = c.scalar(n)
	}
	if n.Anchor != "" {
		c.anchors[n] = node
	}
	return node, start, end
}

func (c *converter) sequence(n *yaml.Node) (node *graph.Node, start, end int) {
	start = c.properties(c.offset(n.Line, n.Column), len(c.data))
	end = start + 1
	items := make([]*graph.Node, 0, len(n.Content))
	for _, child := range n.Content {
		item, _, e := c.node(child)
		items = append(items, item)
		end = max(end, e)
	}
	if n.Style&yaml.FlowStyle != 0 {
		end = c.closing(end, ']')
	}
	return graph.NewList(items, c.handle(start, end)), start, end
}

func (c *converter) mapping(n *yaml.Node) (node *graph.Node, start, end int) {
	start = c.offset(n.Line, n.Column)
	flow := n.Style&yaml.FlowStyle != 0
	until := len(c.data)
	if !flow && len(n.Content) > 0 { // what its first key has is not the mapping's
		until = c.offset(n.Content[0].Line, n.Content[0].Column)
	}
	start = c.properties(start, until)
	end = start + 1
	fields := make([]graph.Field, 0, len(n.Content)/2)
	var merged []graph.Field
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		field, ks, ke := c.key(key)
		value, ve := c.value(n.Content[i+1], ke)
		end = max(end, ke, ve)
		if field.Written == field.Key {
			field.Written = ""
		}
		if key.Kind == yaml.ScalarNode && key.Tag == "!!merge" {
			merged = append(merged, c.merge(value, ks, ke)...)
			continue
		}
		field.Node = value
		fields = append(fields, field)
	}
	if flow && c.data[start] == '{' { // [key: value] is a mapping without brackets
		end = c.closing(end, '}')
	}
	return graph.NewMap(withMerged(fields, merged), c.handle(start, end)), start, end
}

// value converts the value of a key that ends at pos. Where nothing is
// written the library names the next token, which may be far off: the value is
// then behind its colon or its key.
func (c *converter) value(n *yaml.Node, pos int) (node *graph.Node, end int) {
	if n.Kind != yaml.ScalarNode || n.Value != "" || n.Style != 0 || n.Anchor != "" {
		node, _, end = c.node(n)
		return node, end
	}
	if colon := c.blanks(pos); colon < len(c.data) && c.data[colon] == ':' {
		pos = colon + 1
	}
	return graph.NewNull(c.handle(pos, pos)), pos
}

// withMerged puts the merged fields that no field overrides in front. Of
// merged fields the first counts, of the mapping's own the last.
func withMerged(fields, merged []graph.Field) []graph.Field {
	if len(merged) == 0 {
		return fields
	}
	seen := make(map[string]bool, len(fields)+len(merged))
	for i := range fields {
		seen[fields[i].Key] = true
	}
	all := make([]graph.Field, 0, len(fields)+len(merged))
	for _, f := range merged {
		if !seen[f.Key] {
			seen[f.Key] = true
			all = append(all, f)
		}
	}
	return append(all, fields...)
}

// merge is the fields that a merge key brings in.
func (c *converter) merge(value *graph.Node, start, end int) []graph.Field {
	switch value.Kind() {
	case graph.Map:
		return effective(value)
	case graph.List:
		var all []graph.Field
		for _, item := range value.Items() {
			if item.Kind() != graph.Map {
				c.fail(start, end, "only maps can be merged by <<")
			}
			all = append(all, effective(item)...)
		}
		return all
	}
	c.fail(start, end, "only maps can be merged by <<")
	return nil
}

// effective is a map's fields; of those with one key the last comes first.
func effective(n *graph.Node) []graph.Field {
	fields := append([]graph.Field(nil), n.Fields()...)
	for i, j := 0, len(fields)-1; i < j; i, j = i+1, j-1 {
		fields[i], fields[j] = fields[j], fields[i]
	}
	return fields
}

// key converts the key of a mapping.
func (c *converter) key(n *yaml.Node) (f graph.Field, start, end int) {
	if n.Kind == yaml.ScalarNode && n.Anchor == "" {
		start, end, exact := c.scalarSpan(n)
		kind, text := resolve(n)
		h := c.handle(start, end)
		if !exact {
			h = uncertain{c.whole()}
		}
		return graph.Field{Key: keyText(kind, text), Written: n.Value, Place: h}, start, end
	}
	node, start, end := c.node(n)
	switch node.Kind() {
	case graph.Absent:
		return f, start, end
	case graph.Map, graph.List:
		c.fail(start, end, "a map or a list cannot be a key")
		return f, start, end
	}
	return graph.Field{Key: keyText(node.Kind(), node.Text()), Written: node.Text(), Place: node.Handle()}, start, end
}

// alias is a copy of the node that an alias stands for.
func (c *converter) alias(n *yaml.Node, start, end int) *graph.Node {
	target := c.anchors[n.Alias]
	if target == nil {
		c.fail(start, end, "the anchor "+n.Value+" contains itself")
		return nil
	}
	node := c.expand(target, c.handle(start, end))
	if c.budget < 0 {
		c.fail(start, end, "the aliases stand for too many values")
	}
	return node
}

// expand copies a node; the origin of everything in the copy is the alias.
func (c *converter) expand(n *graph.Node, alias source.Handle) *graph.Node {
	if c.budget--; c.budget < 0 {
		return nil
	}
	at := aliased{alias, n.Handle()}
	switch n.Kind() {
	case graph.Map:
		fields := make([]graph.Field, len(n.Fields()))
		for i, f := range n.Fields() {
			f.Place, f.Node = aliased{alias, f.Place}, c.expand(f.Node, alias)
			fields[i] = f
		}
		return graph.NewMap(fields, at)
	case graph.List:
		items := make([]*graph.Node, len(n.Items()))
		for i, item := range n.Items() {
			items[i] = c.expand(item, alias)
		}
		return graph.NewList(items, at)
	}
	return decodable(graph.NewScalar(n.Kind(), n.Text(), at))
}

func (c *converter) scalar(n *yaml.Node) (node *graph.Node, start, end int) {
	start, end, exact := c.scalarSpan(n)
	kind, text := resolve(n)
	h := c.handle(start, end)
	switch {
	case !exact:
		h = uncertain{c.whole()}
	case kind != graph.String:
		// nobody asks for parts of these
	case text != n.Value:
		h = opaque{h}
	case n.Style&^yaml.TaggedStyle == 0 && end-start == len(text):
		// plain on one line: byte for byte
	case end-start == len(text)+2 && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		h = quoted{h, len(text)} // without escapes
	default:
		h = &decoded{inner: h, style: n.Style, raw: c.data[start:end:end], text: text}
	}
	return decodable(graph.NewScalar(kind, text, h)), start, end
}

// properties skips the anchor and the tag in front of a node's content, and
// the blanks, line breaks and comments behind them, as far as until.
func (c *converter) properties(pos, until int) int {
	for pos < until && (c.data[pos] == '&' || c.data[pos] == '!') {
		pos = c.property(pos)
		pos = c.blanks(pos)
	}
	return pos
}

// property skips one anchor or tag.
func (c *converter) property(pos int) int {
	if c.data[pos] == '&' {
		for pos++; pos < len(c.data) && anchorByte(c.data[pos]); pos++ {
		}
		return pos
	}
	for pos < len(c.data) && !isBlank(c.data[pos]) && breakAt(c.data, pos) == 0 {
		pos++
	}
	return pos
}

func anchorByte(b byte) bool {
	return b == '-' || b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

// blanks skips white space, line breaks and comments.
func (c *converter) blanks(pos int) int {
	for pos < len(c.data) {
		if isBlank(c.data[pos]) {
			pos++
		} else if n := breakAt(c.data, pos); n > 0 {
			pos += n
		} else if c.data[pos] == '#' {
			for pos < len(c.data) && breakAt(c.data, pos) == 0 {
				pos++
			}
		} else {
			break
		}
	}
	return pos
}

// closing finds the bracket of a flow collection behind its last content.
func (c *converter) closing(pos int, bracket byte) int {
	for i := pos; i < len(c.data); {
		switch b := c.data[i]; b {
		case bracket:
			return i + 1
		case ',', ':', '?':
			i++
		default:
			next := c.blanks(i)
			if next == i {
				return pos
			}
			i = next
		}
	}
	return pos
}

// breakAt is the length of the line break at pos, 0 when there is none. The
// library knows all of YAML 1.1's.
func breakAt(data []byte, pos int) int {
	switch data[pos] {
	case '\n':
		return 1
	case '\r':
		if pos+1 < len(data) && data[pos+1] == '\n' {
			return 2
		}
		return 1
	case 0xC2:
		if pos+1 < len(data) && data[pos+1] == 0x85 {
			return 2
		}
	case 0xE2:
		if pos+2 < len(data) && data[pos+1] == 0x80 && data[pos+2]&^1 == 0xA8 {
			return 3
		}
	}
	return 0
}
