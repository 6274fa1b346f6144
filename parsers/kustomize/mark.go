package kustomize

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// marker is an annotation that every object has on its way through kustomize.
// It says where the object was written and survives what nodes of the library
// do not: a JSON patch, a new name. (Kustomize's own origin annotations double
// the time of a build and know files only.)
const marker = "seaworthy.dev/written"

// written is what an object can come from: a document of a file, or an entry
// that generates it.
type written struct {
	layer *layer
	doc   *graph.Node
	gen   *generator
	at    *source.Origin

	inflated bool // from a chart
}

// mark is the same node for what was made from the same.
func (w written) mark() *graph.Node {
	if w.gen != nil {
		return w.gen.node
	}
	return w.doc
}

// somewhere is the block that the object was made from.
func (w written) somewhere() source.Handle {
	o := *w.at
	if w.doc != nil && w.doc.Handle() != nil {
		o = *w.doc.Handle().Origin()
	}
	o.Exact, o.Step = min(o.Exact, source.InBlock), source.Overlay
	return &o
}

// An edit puts text where the bytes [from,to) are.
type edit struct {
	from, to int
	text     string
}

// mark is the text of a document with a marker in every object, and without
// what the build need not see.
func (bd *build) mark(l *layer, at *source.Origin, d yamltext.Document) []byte {
	var todo []edit
	for _, obj := range objects(d.Root) {
		if offset, text := insert(obj, d.Span, strconv.Itoa(len(bd.written))); text != "" {
			todo = append(todo, edit{offset, offset, text})
		}
		todo = append(todo, bd.shorten(obj, d.Span)...)
		bd.written = append(bd.written, written{layer: l, doc: obj, at: at})
	}
	slices.SortFunc(todo, func(a, b edit) int { return a.from - b.from })
	var out bytes.Buffer
	from := d.Span.Start
	for _, e := range todo {
		out.Write(d.Span.File.Data[from:e.from])
		out.WriteString(e.text)
		from = e.to
	}
	out.Write(d.Span.File.Data[from:d.Span.End])
	return out.Bytes()
}

// objects are the object in a document, or those in its list.
func objects(doc *graph.Node) []*graph.Node {
	if f := doc.Field("items"); f != nil && strings.HasSuffix(graph.ValueOf(doc).At("kind").Str(), "List") {
		return items(f.Node)
	}
	return []*graph.Node{doc}
}

// insert is the text that marks an object and where it goes: in front of the
// first annotation, or of the first key of metadata. There is none for an
// object written in an odd way, such as one with metadata from an alias.
func insert(obj *graph.Node, doc source.Span, id string) (int, string) {
	meta := obj.Field("metadata")
	if meta == nil || meta.Node.Kind() != graph.Map {
		return 0, ""
	}
	into, text := meta.Node, fmt.Sprintf("%q: {%q: %q}", "annotations", marker, id)
	if a := into.Field("annotations"); a != nil {
		if into, text = a.Node, fmt.Sprintf("%q: %q", marker, id); into.Kind() != graph.Map {
			return 0, ""
		}
	}
	at, ok := into.Handle().(*source.Span)
	if !ok || !doc.Contains(*at) {
		return 0, ""
	}
	data := doc.File.Data
	if data[at.Start] == '{' {
		if len(into.Fields()) > 0 {
			text += ", "
		}
		return at.Start + 1, text
	}
	line := bytes.LastIndexByte(data[:at.Start], '\n') + 1
	indent := string(data[line:at.Start])
	if strings.Trim(indent, " ") != "" {
		return 0, ""
	}
	return at.Start, text + "\n" + indent
}

// The annotations that kustomize adds when buildMetadata asks for them.
const (
	originAnnotation    = "config.kubernetes.io/origin"
	transformAnnotation = "alpha.config.kubernetes.io/transformations"
)

// documentNumber is what follows the name of a file that a document was put
// into for the build.
var documentNumber = late.Pattern(`#[0-9]+`)

// metadata claims what buildMetadata adds for the entry that asks for it.
func metadata(top *layer) claims {
	list, _ := top.find("buildMetadata")
	entry := func(option string) source.Handle {
		for _, n := range items(list) {
			if n.Text() == option {
				o := *capped(n.Handle().Origin())
				o.Step = source.Default
				return &o
			}
		}
		return nil
	}
	return func(s *site) source.Handle {
		switch {
		case s.is("metadata", "labels", konfig.ManagedbyLabelKey) && strings.HasPrefix(s.text, "kustomize-"):
			return entry(types.ManagedByLabelOption)
		case s.is("metadata", "annotations", originAnnotation):
			return entry(types.OriginAnnotations)
		case s.is("metadata", "annotations", transformAnnotation):
			return entry(types.TransformerAnnotations)
		}
		return nil
	}
}

// origins tells where the built objects come from. One that could not be
// marked, or lost its mark to a patch, is the only object left that it can
// have been; when that is not clear it comes from the kustomization as a whole.
func (bd *build) origins(top *layer, built []*resource.Resource) []written {
	from, taken := make([]written, len(built)), make([]bool, len(bd.written))
	for i, res := range built {
		id, err := strconv.Atoi(res.GetAnnotations(marker)[marker])
		if err == nil && id >= 0 && id < len(bd.written) {
			from[i], taken[id] = bd.written[id], true
		}
	}
	for found := true; found; { // every one that is found may settle another
		found = false
		for i, res := range built {
			if from[i].layer != nil {
				continue
			}
			if id := bd.candidate(res, taken); id >= 0 {
				from[i], taken[id], found = bd.written[id], true, true
			}
		}
	}
	for i := range from {
		if from[i].layer == nil {
			from[i] = written{layer: top, at: inFile(top)}
		}
	}
	return from
}

// candidate is the only object not taken that can have become res, or -1.
func (bd *build) candidate(res *resource.Resource, taken []bool) int {
	found := -1
	for id, w := range bd.written {
		v := graph.ValueOf(w.doc)
		if w.doc == nil || taken[id] || v.At("kind").Str() != res.GetKind() ||
			!strings.Contains(res.GetName(), v.At("metadata.name").Str()) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = id
	}
	return found
}
