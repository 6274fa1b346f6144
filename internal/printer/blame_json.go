package printer

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// blamedResourceJSON is an item of "resources" in the JSON output of blame,
// beside which stands "format", which is 1. As for [JSON], keys may be added;
// none changes its meaning without format going up, and lists are never null.
type blamedResourceJSON struct {
	Resource string `json:"resource"`
	Root     string `json:"root"`
	Type     string `json:"type"`
	documentJSON
}

// documentJSON is what is written in a resource, or in a document that stands
// in a string.
type documentJSON struct {
	// Fields are the values without parts, in the order written: scalars,
	// empty maps and lists.
	Fields []fieldJSON `json:"fields"`
	// Blocks are the maps and lists around them with the places of their
	// headers, the whole first.
	Blocks []blockJSON `json:"blocks"`
}

// fieldJSON has a value, or Unknown where it cannot be known. What was asked
// for and is not there is Absent, with the place that should hold it. Document
// is what a string holds that is a document.
type fieldJSON struct {
	Path     string            `json:"path"`
	Value    json.RawMessage   `json:"value,omitempty"`
	Unknown  bool              `json:"unknown,omitempty"`
	Absent   bool              `json:"absent,omitempty"`
	Chain    []blamedPlaceJSON `json:"chain"`
	Document *documentJSON     `json:"document,omitempty"`
}

type blockJSON struct {
	Path  string            `json:"path"`
	Chain []blamedPlaceJSON `json:"chain"`
}

// blamedPlaceJSON is a link of a chain, as in linkJSON. Where it lies in no
// file it has no place.
type blamedPlaceJSON struct {
	*spanJSON
	Step  string `json:"step"`
	Role  string `json:"role"`
	Exact string `json:"exact"`
	Depth int    `json:"depth"`
}

// spanJSON is a place as in locationJSON, with offsets in bytes.
type spanJSON struct {
	File      string `json:"file"`
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
}

// BlameJSON writes values with the whole chain of everything in them. It is
// written resource by resource: all of them may be much more than their files.
func BlameJSON(w io.Writer, parts []Part) error {
	before := "{\n  \"format\": 1,\n  \"resources\": ["
	for i, p := range parts {
		if i > 0 {
			before = ","
		}
		r := p.Value.Resource()
		var b bytes.Buffer
		b.WriteString(before + "\n    ")
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("    ", "  ")
		if err := enc.Encode(blamedResourceJSON{r.ID, r.Root, r.Type, documentOf(p, 0)}); err != nil {
			return err
		}
		if _, err := w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n"))); err != nil {
			return err
		}
	}
	after := "\n  ]\n}\n"
	if len(parts) == 0 {
		after = before + "]\n}\n"
	}
	_, err := io.WriteString(w, after)
	return err
}

func documentOf(p Part, nested int) documentJSON {
	d := documentJSON{Fields: []fieldJSON{}, Blocks: []blockJSON{}}
	d.add(p, nested)
	return d
}

func (d *documentJSON) add(p Part, nested int) {
	at := blamedPlaces(writtenBy(p.Value))
	if !leaf(p.Value) {
		d.Blocks = append(d.Blocks, blockJSON{p.Path, at})
		for q := range p.parts() {
			d.add(q, nested)
		}
		return
	}
	f := fieldJSON{Path: p.Path, Value: valueJSON(p.Value), Chain: at}
	f.Absent = p.Value.Kind() == graph.Absent
	f.Unknown = f.Value == nil && !f.Absent
	if doc, ok := document(p.Value, nested); ok {
		inside := documentOf(Part{Value: doc}, nested+1)
		f.Document = &inside
	}
	d.Fields = append(d.Fields, f)
}

// valueJSON is a value without parts; nil for an unknown and for none.
func valueJSON(v graph.Value) json.RawMessage {
	text := v.Str()
	switch v.Kind() {
	case graph.Unknown, graph.Absent:
		return nil
	case graph.Map:
		return json.RawMessage("{}")
	case graph.List:
		return json.RawMessage("[]")
	case graph.Null:
		return json.RawMessage("null")
	case graph.Bool:
		return json.RawMessage(text)
	case graph.Number: // YAML has numbers that JSON has not
		if json.Valid([]byte(text)) {
			return json.RawMessage(text)
		}
	case graph.String:
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil { // no string fails
		return json.RawMessage(`""`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func blamedPlaces(from *source.Origin) []blamedPlaceJSON {
	out := []blamedPlaceJSON{}
	for _, l := range links(from) {
		place := blamedPlaceJSON{Step: l.Step.String(), Role: l.Role.String(), Exact: l.Exact.String(), Depth: l.depth}
		if l.Span.File != nil {
			s := extent(l.Origin)
			start, end := s.From(), s.To()
			place.spanJSON = &spanJSON{s.File.Path, s.Start, s.End, start.Line, start.Column, end.Line, end.Column}
		}
		out = append(out, place)
	}
	return out
}
