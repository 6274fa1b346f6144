package edit_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
)

// A generator makes texts at random: the same for the same seed.
type generator struct {
	*rand.Rand
	step, list int      // indentation of maps, and of lists below their key
	anchors    []string // of the document, what may be referred to
}

func newGenerator(seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	g.step, g.list = 1+g.IntN(4), g.IntN(3)
	return g
}

// one is one of the choices.
func (g *generator) one(choices ...string) string { return choices[g.IntN(len(choices))] }

// file is a text in the language of the name, with any line ends, and with or
// without one at its end.
func (g *generator) file(name string) []byte {
	var text string
	switch path.Ext(name) {
	case ".tf":
		text = g.terraform()
	case ".json":
		text = g.json(3)
	default:
		text = g.yaml()
	}
	if g.IntN(3) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	if g.IntN(4) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return []byte(text)
}

// yaml is a stream of documents.
func (g *generator) yaml() string {
	text := g.one("", "---\n", "# The first one.\n", "\n---\n")
	for i := range 1 + g.IntN(3) {
		if i > 0 {
			text += g.one("---\n", "--- # next\n", "\n---\n")
		}
		g.anchors = nil
		text += g.entries("", 3)
	}
	return text
}

// anchored may give a collection that is made by content an anchor. Only what
// comes behind its end may refer to it.
func (g *generator) anchored(content func() string) string {
	if g.IntN(8) > 0 {
		return g.comment() + "\n" + content()
	}
	text := g.comment() + "\n" + content()
	return " " + g.anchor() + text
}

// anchor is a new anchor.
func (g *generator) anchor() string {
	name := fmt.Sprintf("a%d", len(g.anchors))
	g.anchors = append(g.anchors, name)
	return "&" + name
}

// named is a scalar with what may stand before one, or an alias.
func (g *generator) named() string {
	switch g.IntN(12) {
	case 0:
		return g.anchor() + " " + g.scalar()
	case 1:
		if len(g.anchors) > 0 {
			return "*" + g.one(g.anchors...)
		}
	case 2:
		return g.one("!!str ", "!mine ") + g.one("text", "12", `"q"`)
	}
	return g.scalar()
}

func (g *generator) comment() string { return g.one("", "", "", " # why", "  #") }

// entries are those of a map in block style.
func (g *generator) entries(indent string, depth int) string {
	var b strings.Builder
	for i := range 1 + g.IntN(3) {
		b.WriteString(g.one("", "", "", "\n", indent+"# about it\n", "# out of line\n"))
		key := fmt.Sprintf("k%d", i)
		b.WriteString(indent + g.one(key, key, key, `"`+key+`"`, "'"+key+"'") + ":" + g.value(indent, depth))
	}
	return b.String()
}

// value is what stands behind a colon.
func (g *generator) value(indent string, depth int) string {
	inner := indent + strings.Repeat(" ", g.step)
	kind := g.IntN(7)
	if depth == 0 {
		kind = 3 + g.IntN(4)
	}
	switch kind {
	case 0, 1:
		return g.anchored(func() string { return g.entries(inner, depth-1) })
	case 2:
		return g.anchored(func() string { return g.items(indent+strings.Repeat(" ", g.list), depth-1) })
	case 3:
		return " " + g.flow(min(depth, 2)) + g.comment() + "\n"
	case 4:
		if g.IntN(3) == 0 {
			return " " + g.one("|", ">", "|-") + "\n" + inner + "text\n" + inner + "more: text\n"
		}
	case 5:
		if g.IntN(3) == 0 {
			return g.comment() + "\n" // null
		}
	}
	return g.one(" ", " ", "  ") + g.named() + g.comment() + "\n"
}

// items are those of a list in block style.
func (g *generator) items(indent string, depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.one("", "", "", indent+"# item\n"))
		if depth > 0 && g.IntN(2) == 0 {
			gap := g.one(" ", " ", "   ")
			inner := indent + " " + gap
			b.WriteString(indent + "-" + gap + "first:" + g.value(inner, depth-1))
			if g.IntN(2) == 0 {
				b.WriteString(g.entries(inner, depth-1))
			}
			continue
		}
		b.WriteString(indent + "- " + g.named() + g.comment() + "\n")
	}
	return b.String()
}

func (g *generator) scalar() string {
	return g.one("true", "off", "12", "1.5", "null", "~", "text", "two words", `"quoted # text"`, "'it''s'", `"a\tb"`, "image:1.0", "http://x/y", "{}", "[]", `""`)
}

// flow is a collection in brackets.
func (g *generator) flow(depth int) string {
	if depth <= 0 {
		return g.one("true", "1", "text", `"q"`, "'s'")
	}
	var parts []string
	pad, comma := g.one("", " "), g.one(", ", ",  ")
	list := g.IntN(2) == 0
	for i := range g.IntN(3) {
		part := g.flow(depth - 1 - g.IntN(2))
		if !list {
			part = g.one(fmt.Sprintf("f%d: ", i), fmt.Sprintf("%q: ", fmt.Sprintf("f%d", i))) + part
		}
		parts = append(parts, part)
	}
	if depth == 2 && g.IntN(3) == 0 { // in lines, which must be indented more than what holds them
		indent := "\n" + strings.Repeat(" ", 24)
		pad, comma = indent, ","+indent
	}
	if list {
		return "[" + pad + strings.Join(parts, comma) + pad + "]"
	}
	return "{" + pad + strings.Join(parts, comma) + pad + "}"
}

// json is a value in JSON.
func (g *generator) json(depth int) string {
	if depth == 0 {
		return g.one("true", "null", "12", `"text"`, `"q\"t"`, "{}", "[]")
	}
	brackets, parts := "{}", []string(nil)
	if depth < 3 && g.IntN(3) == 0 {
		brackets = "[]"
	}
	gap := g.one("", " ", "\n", "\n"+strings.Repeat(" ", 6-2*min(depth, 3)))
	for i := range g.IntN(4) {
		part := g.json(g.IntN(depth))
		if brackets == "{}" {
			part = fmt.Sprintf("%q:%s%s", fmt.Sprintf("k%d", i), g.one("", " "), part)
		}
		parts = append(parts, part)
	}
	return brackets[:1] + gap + strings.Join(parts, ","+gap) + g.one("", gap) + brackets[1:]
}

// terraform is a file of resources.
func (g *generator) terraform() string {
	var b strings.Builder
	for i := range 1 + g.IntN(3) {
		b.WriteString(g.one("", "# About it.\n", "// About it.\n", "\n", "/* long */\n"))
		b.WriteString(fmt.Sprintf("resource \"x_thing\" \"r%d\" {", i) + g.body("", 2) + "}" + g.one("", " # end") + "\n")
	}
	return b.String()
}

// body is what stands between the braces of a block.
func (g *generator) body(indent string, depth int) string {
	switch g.IntN(6) {
	case 0:
		return g.one("", " ", "\n"+indent)
	case 1:
		return " a = " + g.one("true", `"text"`, "[1, 2]", "{}", "{ m = 1 }") + " "
	}
	inner := indent + strings.Repeat(" ", g.step)
	var b strings.Builder
	b.WriteString(g.one("", "", " # open") + "\n")
	for i := range 1 + g.IntN(3) {
		b.WriteString(g.one("", "", "", "\n", inner+"# about\n", inner+"// about\n"))
		if depth > 0 && g.IntN(4) == 0 {
			b.WriteString(inner + fmt.Sprintf("b%d {", i) + g.body(inner, depth-1) + "}\n")
			continue
		}
		b.WriteString(inner + fmt.Sprintf("a%d", i) + g.one(" = ", "=", "   = ") + g.one(g.expression(2)+g.one("", "", " # why", " // why"), g.expression(2), "<<EOT\ntext\nEOT") + "\n")
	}
	return b.String() + indent
}

func (g *generator) expression(depth int) string {
	if depth > 0 {
		switch g.IntN(4) {
		case 0:
			return g.one("[]", "["+g.expression(depth-1)+"]", "[ "+g.expression(0)+", "+g.expression(0)+" ]", "[\n"+g.expression(0)+",\n"+g.expression(0)+g.one("", ",")+"\n]")
		case 1:
			return g.one("{}", "{ m = "+g.expression(depth-1)+" }", "{ m = 1, \"n o\" = "+g.expression(0)+" }", "{\n  m = "+g.expression(0)+"\n  n: 1\n}", "{ m = 1\n n = 2 }")
		}
	}
	return g.one("true", "12", "null", `"text"`, `"q\"t $${x}"`, `""`, "-1")
}
