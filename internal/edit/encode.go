package edit

import (
	"encoding/json"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// quoteJSON is a string in double quotes, as JSON and YAML read it.
func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string cannot fail
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var (
	plainText = late.Pattern(`^[A-Za-z_./][A-Za-z0-9_./@+-]*(:[A-Za-z0-9_./@+-]+)*$`)
	otherType = late.Pattern(`(?i)^(y|n|yes|no|on|off|true|false|null|~|\.nan|[-+]?\.inf)$`)
	quantity  = late.Pattern(`^[0-9]+(m|k|M|G|T|Ki|Mi|Gi|Ti)$`)
	name      = late.Pattern(`^[A-Za-z_][A-Za-z0-9_-]*$`)
)

// quoteYAML is a string, in quotes only where it would be something else.
func quoteYAML(s string) string {
	if quantity().MatchString(s) || plainText().MatchString(s) && !otherType().MatchString(s) {
		return s
	}
	return quoteJSON(s)
}

// quoteHCL is a string as a template without interpolation.
func quoteHCL(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quoteJSON(s))
}

// scalar is a scalar in a syntax. old is what is written there now, whose
// quotes are kept.
func scalar(s syntax, n *graph.Node, old string) string {
	switch {
	case n.Kind() == graph.Null:
		return "null"
	case n.Kind() != graph.String:
		return n.Text()
	case s == jsonText:
		return quoteJSON(n.Text())
	case s == hclText:
		return quoteHCL(n.Text())
	case strings.HasPrefix(old, `"`):
		return quoteJSON(n.Text())
	case strings.HasPrefix(old, "'"):
		return "'" + strings.ReplaceAll(n.Text(), "'", "''") + "'"
	}
	return quoteYAML(n.Text())
}

// key is a key in a syntax.
func (w writing) key(key string) string {
	switch {
	case w.syntax == jsonText || w.quoted:
		return quoteJSON(key)
	case w.syntax == hclText:
		if name().MatchString(key) {
			return key
		}
		return quoteHCL(key)
	}
	return quoteYAML(key)
}

// flow is data on one line, in brackets.
func (w writing) flow(n *graph.Node) string {
	switch n.Kind() {
	case graph.Map:
		var parts []string
		for _, f := range n.Fields() {
			parts = append(parts, w.pair(f.Key, f.Node))
		}
		switch {
		case len(parts) == 0:
			return "{}"
		case w.syntax == hclText:
			return "{ " + strings.Join(parts, ", ") + " }"
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case graph.List:
		var parts []string
		for _, item := range n.Items() {
			parts = append(parts, w.flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	s := w.syntax
	if w.quoted {
		s = jsonText
	}
	return scalar(s, n, "")
}

// pair is a key and its value on one line.
func (w writing) pair(key string, n *graph.Node) string {
	if w.syntax == hclText && !w.quoted {
		return w.key(key) + " = " + w.flow(n)
	}
	return w.key(key) + ": " + w.flow(n)
}

// block is a key and its value in YAML's block style, the first line without
// its indentation.
func (w writing) block(key string, n *graph.Node, indent string) string {
	return w.key(key) + ":" + w.under(n, indent, indent+w.step)
}

// under is what follows a colon: a scalar on the same line, a collection on
// the next ones. indent is that of the key.
func (w writing) under(n *graph.Node, indent, inner string) string {
	switch {
	case n.Kind() == graph.Map && len(n.Fields()) > 0:
		return w.newline + inner + w.entries(n, inner)
	case n.Kind() == graph.List && len(n.Items()) > 0:
		if !w.indented {
			inner = indent
		}
		var lines []string
		for _, item := range n.Items() {
			lines = append(lines, inner+"- "+w.item(item, inner))
		}
		return w.newline + strings.Join(lines, w.newline)
	}
	return " " + w.flow(n)
}

// entries are the entries of a map, the first without its indentation.
func (w writing) entries(n *graph.Node, indent string) string {
	var parts []string
	for _, f := range n.Fields() {
		parts = append(parts, w.block(f.Key, f.Node, indent))
	}
	return strings.Join(parts, w.newline+indent)
}

// item is what stands behind the dash of a list at that indentation.
func (w writing) item(n *graph.Node, indent string) string {
	if n.Kind() == graph.Map && len(n.Fields()) > 0 {
		return w.entries(n, indent+"  ")
	}
	return w.flow(n)
}

// body is an argument or a block of HCL, the first line without its
// indentation.
func (w writing) body(key string, n *graph.Node, indent string, inBlock bool) string {
	if n.Kind() != graph.Map {
		return w.pair(key, n)
	}
	var lines []string
	for _, f := range n.Fields() {
		lines = append(lines, indent+w.step+w.body(f.Key, f.Node, indent+w.step, inBlock))
	}
	open := w.key(key) + " {"
	if !inBlock {
		open = w.key(key) + " = {"
	}
	return open + w.newline + strings.Join(lines, w.newline) + w.newline + indent + "}"
}

// spelled is data with its keys as they are written where it goes.
func spelled(n *graph.Node, at graph.Value) (*graph.Node, error) {
	if n.Kind() != graph.Map {
		return n, nil
	}
	fields := make([]graph.Field, 0, len(n.Fields()))
	for _, f := range n.Fields() {
		key, ok := at.Spelled(f.Key)
		if !ok {
			return nil, refuse("how %s is written here is not known", f.Key)
		}
		inner, err := spelled(f.Node, at)
		if err != nil {
			return nil, err
		}
		fields = append(fields, graph.Field{Key: key, Node: inner})
	}
	return graph.NewMap(fields, nil), nil
}
