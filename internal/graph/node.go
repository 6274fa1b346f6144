package graph

import (
	"iter"
	"slices"
	"strconv"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Kind is what a value is.
type Kind uint8

// The kinds. Absent is the zero kind: nothing was written.
const (
	Absent Kind = iota
	Unknown
	Null
	Bool
	Number
	String
	List
	Map
)

// String is the kind's name for messages.
func (k Kind) String() string {
	return [...]string{"absent", "unknown", "null", "boolean", "number", "string", "list", "map"}[k]
}

// A Node is one node of a configuration tree. Parsers make nodes; everybody
// else sees them through [Value]. A node never changes once it is in a graph.
type Node struct {
	kind   Kind
	text   string // scalars: the decoded text; "true" or "false" for Bool
	fields []Field
	items  []*Node
	origin source.Handle
	more   *more
}

// more holds what few nodes have.
type more struct {
	head   source.Handle
	refs   []string
	decode func() *Node
	spell  func(string) (string, bool)
}

// A Field is one key of a map.
type Field struct {
	Key string
	// Written is the key as the file has it, where that differs: Terraform's
	// run_as_non_root for Kubernetes' runAsNonRoot.
	Written string
	Place   source.Handle // the key's own place; may be nil
	Node    *Node
}

// NewScalar is a Bool, Number, String or Null with its decoded text.
func NewScalar(kind Kind, text string, at source.Handle) *Node {
	return &Node{kind: kind, text: text, origin: at}
}

// NewString is a string.
func NewString(text string, at source.Handle) *Node { return NewScalar(String, text, at) }

// NewBool is a boolean.
func NewBool(b bool, at source.Handle) *Node { return NewScalar(Bool, strconv.FormatBool(b), at) }

// NewNull is an explicit null. Rules see it as absent.
func NewNull(at source.Handle) *Node { return NewScalar(Null, "", at) }

// NewUnknown is a value that is there but cannot be known statically.
func NewUnknown(at source.Handle) *Node { return &Node{kind: Unknown, origin: at} }

// NewList is a list.
func NewList(items []*Node, at source.Handle) *Node {
	return &Node{kind: List, items: items, origin: at}
}

// NewMap is a map. Where a key comes twice the last one counts, as in YAML.
func NewMap(fields []Field, at source.Handle) *Node {
	return &Node{kind: Map, fields: fields, origin: at}
}

func (n *Node) extended() *Node {
	c := *n
	m := more{}
	if n.more != nil {
		m = *n.more
	}
	c.more = &m
	return &c
}

// WithHead returns the node with a header: the place that stands for a whole
// block, such as a Terraform block's type and labels.
func (n *Node) WithHead(head source.Handle) *Node {
	c := n.extended()
	c.more.head = head
	return c
}

// WithFields returns the map with other fields. Its place and its header stay.
func (n *Node) WithFields(fields []Field) *Node {
	c := *n
	c.kind, c.fields = Map, fields
	return &c
}

// WithItems returns the list with other items. Its place and its header stay.
func (n *Node) WithItems(items []*Node) *Node {
	c := *n
	c.kind, c.items = List, items
	return &c
}

// WithRefs returns the node with the addresses of the resources its value was
// made from. A value may be unknown and still be known to refer to something.
func (n *Node) WithRefs(addresses ...string) *Node {
	if len(addresses) == 0 {
		return n
	}
	c := n.extended()
	c.more.refs = addresses
	return c
}

// WithDecode returns the string node with a way to read its text as a document
// of its own: a JSON policy, a manifest in a string. decode is called when
// somebody asks, and may be called more than once; it returns nil for text
// that is no document. An unknown node may have it too, when the text is known
// but for parts: the document then has unknown nodes in it.
func (n *Node) WithDecode(decode func() *Node) *Node {
	c := n.extended()
	c.more.decode = decode
	return c
}

// Decode is the document that the node's text holds, nil when there is none.
func (n *Node) Decode() *Node {
	if n == nil || n.more == nil || n.more.decode == nil {
		return nil
	}
	return n.more.decode()
}

// Kind is what the node is.
func (n *Node) Kind() Kind {
	if n == nil {
		return Absent
	}
	return n.kind
}

// Text is a scalar's decoded text.
func (n *Node) Text() string { return n.text }

// Fields are a map's keys in the order written.
func (n *Node) Fields() []Field { return n.fields }

// Items are a list's items.
func (n *Node) Items() []*Node { return n.items }

// Handle is the node's place; nil for one that nobody wrote.
func (n *Node) Handle() source.Handle { return n.origin }

// Field is the last field with that key, nil when there is none.
func (n *Node) Field(key string) *Field {
	if n == nil {
		return nil
	}
	for i := len(n.fields) - 1; i >= 0; i-- {
		if n.fields[i].Key == key {
			return &n.fields[i]
		}
	}
	return nil
}

// Replace is the tree with every node for which with gives another one
// replaced by that. What does not change is shared with the old tree.
func (n *Node) Replace(with func(*Node) *Node) *Node {
	if n == nil {
		return nil
	}
	if m := with(n); m != n {
		return m
	}
	c := n
	for i, item := range n.items {
		if m := item.Replace(with); m != item {
			if c == n {
				c = n.shallow()
			}
			c.items[i] = m
		}
	}
	for i := range n.fields {
		if m := n.fields[i].Node.Replace(with); m != n.fields[i].Node {
			if c == n {
				c = n.shallow()
			}
			c.fields[i].Node = m
		}
	}
	return c
}

// WithPlaces is the tree with every place in it replaced, those in what its
// texts hold too.
func (n *Node) WithPlaces(with func(source.Handle) source.Handle) *Node {
	if n == nil {
		return nil
	}
	move := func(h source.Handle) source.Handle {
		if h == nil {
			return nil
		}
		return with(h)
	}
	c := n.shallow()
	c.origin = move(n.origin)
	for i, item := range n.items {
		c.items[i] = item.WithPlaces(with)
	}
	for i, f := range n.fields {
		c.fields[i].Place, c.fields[i].Node = move(f.Place), f.Node.WithPlaces(with)
	}
	if n.more != nil {
		m := *n.more
		m.head = move(m.head)
		if decode := m.decode; decode != nil {
			m.decode = func() *Node { return decode().WithPlaces(with) }
		}
		c.more = &m
	}
	return c
}

func (n *Node) shallow() *Node {
	c := *n
	c.items, c.fields = slices.Clone(n.items), slices.Clone(n.fields)
	return &c
}

// lasts tells of the map's fields whether they are the last with their key. A
// map may be large: its keys are not looked up one by one then.
func (n *Node) lasts() func(*Field) bool {
	if len(n.fields) <= 16 {
		return func(f *Field) bool { return n.Field(f.Key) == f }
	}
	last := make(map[string]*Field, len(n.fields))
	for i := range n.fields {
		last[n.fields[i].Key] = &n.fields[i]
	}
	return func(f *Field) bool { return last[f.Key] == f }
}

// repeated yields the map's fields whose key an earlier one has, each behind
// the first with that key.
func (n *Node) repeated() iter.Seq2[*Field, *Field] {
	return func(yield func(first, again *Field) bool) {
		var seen map[string]*Field
		if len(n.fields) > 16 {
			seen = make(map[string]*Field, len(n.fields))
		}
		for i := range n.fields {
			f := &n.fields[i]
			var first *Field
			if seen == nil {
				for j := 0; j < i && first == nil; j++ {
					if n.fields[j].Key == f.Key {
						first = &n.fields[j]
					}
				}
			} else if first = seen[f.Key]; first == nil {
				seen[f.Key] = f
			}
			if first != nil && !yield(first, f) {
				return
			}
		}
	}
}
