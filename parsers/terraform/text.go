package terraform

import (
	"sort"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// A textPlace is the handle of a text that is put together from pieces: the
// lines of a heredoc, the parts of a template, a file.
type textPlace struct {
	m      *module
	spot   *spot // what makes it, when it is not written as it is
	whole  source.Span
	pieces []piece
	gaps   *gapped // the text, when parts of it are not known
}

// A piece is where a part of the text, from at up to the next piece, comes from.
type piece struct {
	at    int
	span  source.Span
	exact bool // the text is that of the span, byte for byte
	loose bool // it is written in the span, but where in it is not known
	by    *spot
}

// Origin is the whole expression.
func (t *textPlace) Origin() *source.Origin {
	if t.spot != nil {
		return t.spot.Origin()
	}
	return t.m.home(t.written())
}

func (t *textPlace) written() *source.Origin {
	return &source.Origin{Span: t.whole, Step: source.Written, Exact: source.AtToken}
}

// Part is the exact bytes where they are known, else the pieces that hold
// them, else the whole.
func (t *textPlace) Part(start, end int) *source.Origin {
	if len(t.pieces) == 0 || start < 0 || end < start {
		return t.Origin()
	}
	o := t.written()
	first := t.piece(start)
	last := max(first, t.piece(max(start, end-1)))
	from, to := t.pieces[first], t.pieces[last]
	if from.span.File != to.span.File || from.span.Start > to.span.Start {
		return t.Origin()
	}
	span := source.Span{File: from.span.File, Start: from.span.Start, End: to.span.End}
	if from.exact {
		span.Start = min(from.span.Start+start-from.at, from.span.End)
	}
	if to.exact {
		span.End = min(to.span.Start+end-to.at, to.span.End)
	}
	o.Span = span
	for _, p := range t.pieces[first : last+1] {
		if p.by != nil {
			o.Step, o.From = p.by.s.step(p.by.expr), append(o.From, p.by.from()...)
		}
		if p.loose && p.span.FirstLine() == p.span {
			o.Exact = min(o.Exact, source.AtLine)
		} else if p.loose {
			o.Exact = source.InBlock
		}
	}
	if t.spot != nil && len(t.spot.s.under) > 0 {
		tracer := t.m.ld.trace()
		o.From = append(o.From, tracer.under(t.spot.s)...)
		tracer.end()
	}
	return t.m.home(o)
}

func (t *textPlace) piece(offset int) int {
	return max(sort.Search(len(t.pieces), func(i int) bool { return t.pieces[i].at > offset })-1, 0)
}

// literal adds text that the file has at span: as it stands, or line by line
// where the indentation of a heredoc was taken off.
func (t *textPlace) literal(at int, text string, span source.Span) {
	raw := span.Text()
	if raw == text {
		t.pieces = append(t.pieces, piece{at: at, span: span, exact: true})
		return
	}
	lines, rawLines := strings.SplitAfter(text, "\n"), strings.SplitAfter(raw, "\n")
	if len(rawLines) == len(lines)+1 && strings.TrimSpace(rawLines[len(lines)]) == "" {
		rawLines = rawLines[:len(lines)]
	}
	var pieces []piece
	start := span.Start
	for i, line := range lines {
		if len(lines) != len(rawLines) {
			break
		}
		cut := len(rawLines[i]) - len(line)
		if cut < 0 || rawLines[i][cut:] != line || strings.TrimLeft(rawLines[i][:cut], " \t") != "" {
			break
		}
		pieces = append(pieces, piece{
			at: at, span: source.Span{File: span.File, Start: start + cut, End: start + len(rawLines[i])}, exact: true,
		})
		at += len(line)
		start += len(rawLines[i])
	}
	if len(pieces) != len(lines) {
		pieces = []piece{{at: at, span: span, loose: true}}
	}
	t.pieces = append(t.pieces, pieces...)
}

// A gap stands in a text for a part that is not known.
const (
	gapStart = "\uE000"
	gapEnd   = "\uE001"
)

// template is a quoted or heredoc template as a node: its text, where every
// part of it comes from, and as much of it as is known where not all is.
func (s *scope) template(e *hclsyntax.TemplateExpr) *graph.Node {
	place := &textPlace{m: s.m, whole: s.m.ld.span(e.SrcRange)}
	if !e.IsStringLiteral() {
		place.spot = s.spot(e)
	}
	var text strings.Builder
	var gaps [][]string
	marks := cty.ValueMarks{}
	for _, part := range e.Parts {
		span := s.m.ld.span(part.Range())
		if lit, ok := part.(*hclsyntax.LiteralValueExpr); ok && lit.Val.Type() == cty.String && lit.Val.IsKnown() && !lit.Val.IsNull() {
			place.literal(text.Len(), lit.Val.AsString(), span)
			text.WriteString(lit.Val.AsString())
			continue
		}
		v := s.eval(part)
		here := deepMarks(v)
		for m := range here {
			marks[m] = struct{}{}
		}
		place.pieces = append(place.pieces, piece{at: text.Len(), span: span, by: s.spot(part)})
		bare, _ := v.UnmarkDeep()
		str, err := convert.Convert(bare, cty.String)
		if err != nil || str.IsNull() {
			s.m.ld.fail(s.m.ld.origin(part.Range()), "a template cannot hold a value that is no string")
			str = cty.UnknownVal(cty.String)
		}
		if !str.IsKnown() {
			text.WriteString(gapStart + strconv.Itoa(len(gaps)) + gapEnd)
			gaps = append(gaps, refs(here))
			continue
		}
		text.WriteString(str.AsString())
	}
	if err := s.m.ld.budget.spend(text.Len()/8 + 1); err != nil {
		if !s.m.ld.spent(err) {
			s.m.ld.fail(s.m.ld.origin(e.SrcRange), "%v", err)
		}
		return graph.NewUnknown(place).WithRefs(refs(marks)...)
	}
	if len(gaps) > 0 {
		place.gaps = &gapped{text.String(), gaps}
	}
	return place.node(text.String()).WithRefs(refs(marks)...)
}

// node is the text as a node.
func (t *textPlace) node(text string) *graph.Node {
	if t.gaps == nil {
		return stringNode(text, t)
	}
	node := graph.NewUnknown(t)
	if whole := t.gaps.text; document(whole) && strings.Count(whole, gapStart) == len(t.gaps.refs) {
		node = node.WithDecode(func() *graph.Node { return fill(yamltext.ParseText(whole, t), t.gaps) })
	}
	return node
}

// document tells whether a text looks like JSON or like a Kubernetes manifest.
func document(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	if len(text) > 1 && (text[0] == '{' || text[0] == '[') {
		return text[1] != '{'
	}
	return strings.Contains(text, "apiVersion:") && strings.Contains(text, "kind:")
}

// StringNode is a string. One that looks like a document can be read as one.
func StringNode(text string, h source.Handle) *graph.Node { return stringNode(text, h) }

func stringNode(text string, h source.Handle) *graph.Node {
	n := graph.NewString(text, h)
	if !document(text) {
		return n
	}
	return n.WithDecode(func() *graph.Node { return yamltext.ParseText(text, h) })
}

// gapped is a text with gaps, and what each was made from.
type gapped struct {
	text string
	refs [][]string
}

// fill turns what the gaps of a text became into unknown nodes. A gap that
// stood for more than one value makes all around it unknown.
func fill(n *graph.Node, g *gapped) *graph.Node {
	switch n.Kind() {
	case graph.String:
		if !strings.Contains(n.Text(), gapStart) {
			return n
		}
		return graph.NewUnknown(n.Handle()).WithRefs(g.in(n.Text())...)
	case graph.List:
		items, changed := make([]*graph.Node, len(n.Items())), false
		for i, item := range n.Items() {
			if item.Kind() == graph.String && g.many(item.Text()) {
				return graph.NewUnknown(n.Handle()).WithRefs(g.in(item.Text())...)
			}
			items[i] = fill(item, g)
			changed = changed || items[i] != item
		}
		if changed {
			return graph.NewList(items, n.Handle())
		}
	case graph.Map:
		fields, changed := make([]graph.Field, len(n.Fields())), false
		for i, f := range n.Fields() {
			if strings.Contains(f.Key, gapStart) {
				return graph.NewUnknown(n.Handle()).WithRefs(g.in(f.Key)...)
			}
			node := f.Node
			f.Node = fill(node, g)
			fields[i] = f
			changed = changed || f.Node != node
		}
		if changed {
			return graph.NewMap(fields, n.Handle())
		}
	default:
	}
	return n
}

// in are the references of the gaps in a text.
func (g *gapped) in(text string) []string {
	var all []string
	for {
		_, rest, ok := strings.Cut(text, gapStart)
		if !ok {
			return all
		}
		number, after, _ := strings.Cut(rest, gapEnd)
		if i, err := strconv.Atoi(number); err == nil && i < len(g.refs) {
			all = append(all, g.refs[i]...)
		}
		text = after
	}
}

// many tells of an item of a list that is nothing but a gap without quotes
// around it: it may stand for several items.
func (g *gapped) many(item string) bool {
	if !strings.HasPrefix(item, gapStart) || !strings.HasSuffix(item, gapEnd) {
		return false
	}
	before, _, _ := strings.Cut(g.text, item)
	before = strings.TrimRight(before, " \t\r\n")
	return before != "" && strings.ContainsRune("[,", rune(before[len(before)-1]))
}

// call is a function call as a node. The functions that write a document, and
// those that read a file, let the places within it be told.
func (s *scope) call(e *hclsyntax.FunctionCallExpr) *graph.Node {
	node := nodeOf(s.eval(e), s.spot(e))
	if e.Name == "templatefile" && len(e.Args) == 2 && !e.ExpandFinal {
		return s.templateFile(e, node)
	}
	if len(e.Args) != 1 || e.ExpandFinal {
		return node
	}
	switch e.Name {
	case "jsondecode", "yamldecode":
		if arg := s.node(e.Args[0]); arg.Kind() == graph.String && (node.Kind() == graph.Map || node.Kind() == graph.List) {
			if doc := yamltext.ParseText(arg.Text(), arg.Handle()); doc.Kind() == node.Kind() {
				return doc
			}
		}
	case "jsonencode", "yamlencode":
		arg := s.node(e.Args[0])
		if k := arg.Kind(); k == graph.Map || k == graph.List {
			return node.WithDecode(func() *graph.Node { return arg })
		}
	case "file":
		if node.Kind() != graph.String {
			return node
		}
		name, _ := s.eval(e.Args[0]).UnmarkDeep()
		clean, err := s.m.ld.inTree(str(name))
		if err != nil {
			return node
		}
		f, err := s.m.ld.root.dirs.tree.Read(clean)
		if err != nil || string(f.Data) != node.Text() {
			return node
		}
		place := &textPlace{m: s.m, whole: s.m.ld.span(e.Range()), pieces: []piece{{span: f.Whole(), exact: true}}}
		return stringNode(node.Text(), place)
	}
	return node
}

// definition is the expression that a plain reference to a local or a variable
// stands for, and where it is evaluated.
func (s *scope) definition(expr hclsyntax.Expression) (*scope, hclsyntax.Expression) {
	ref, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(ref.Traversal) != 2 {
		return nil, nil
	}
	return s.defined(ref.Traversal.RootName(), attrName(ref.Traversal, 1))
}

// defined is the expression of a local or a variable.
func (s *scope) defined(root, name string) (*scope, hclsyntax.Expression) {
	switch root {
	case "local":
		if a := s.m.config.locals[name]; a != nil {
			return &scope{m: s.m}, a.Expr
		}
	case "var":
		if s.m.config.variables[name] == nil {
			return nil, nil
		}
		if g, ok := s.m.given[name]; ok && g.scope == nil {
			return &scope{m: s.m}, g.expr
		} else if ok {
			return g.scope, g.expr
		}
		if a := s.m.config.variables[name].Body.Attribute("default"); a != nil {
			return &scope{m: s.m}, a.Expr
		}
	}
	return nil, nil
}

// reference is a reference as a node. When it leads to a document, that is
// where its parts are written.
func (s *scope) reference(e *hclsyntax.ScopeTraversalExpr) *graph.Node {
	node := nodeOf(s.eval(e), s.spot(e))
	if k := node.Kind(); k != graph.Unknown && (k != graph.String || !document(node.Text())) {
		return node
	}
	in, expr := s, hclsyntax.Expression(e)
	for range 20 {
		next, def := in.definition(expr)
		if next == nil || def == nil {
			break
		}
		in, expr = next, def
	}
	switch def := expr.(type) {
	case *hclsyntax.FunctionCallExpr, *hclsyntax.TemplateExpr:
		if n := in.node(def); n.Kind() == node.Kind() && n.Decode() != nil {
			return node.WithDecode(n.Decode)
		}
	}
	return node
}
