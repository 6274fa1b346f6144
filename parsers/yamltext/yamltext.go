// Package yamltext turns YAML and JSON text into nodes that know the bytes
// they were written in. It is the one place where positions of the YAML
// library become spans.
//
// The library gives the line and the column of a node's first character, in
// code points, and no end. A node with an anchor or a tag starts at that. So
// the end of every node is found here, in the text: a scalar is read again up
// to its end, a collection ends where its last content does, a flow collection
// at its bracket. What cannot be found again (the library and this package
// disagree about some odd text) is not guessed: the place becomes the line,
// and says so.
//
// A stream is cut into documents before the library sees it, so that a broken
// document costs itself only. The cut is the one of the YAML specification: a
// "---" or "..." at the start of a line separates, wherever it stands.
//
// Text that is valid JSON is read by the JSON decoder, as kubectl does: its
// escapes and long keys are errors in YAML.
//
// What a scalar is follows what a cluster would see: sigs.k8s.io/yaml with its
// YAML 1.1, where yes, on and y are booleans and 0644 is octal. Differences,
// on purpose: a key of a mapping wins over one merged by "<<" even when it
// stands before it; two equal keys are no error, the last counts; a null key
// is the empty string.
package yamltext

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Document is one document of a stream. Documents without content are left
// out.
type Document struct {
	// Root is the document's node; nil when it does not parse.
	Root *graph.Node
	// Span is the document between its separators, with its comments.
	Span source.Span
	// Problem says why the document does not parse.
	Problem *graph.Problem
}

// Parse reads all documents of a file. place makes the handle of the bytes
// [start,end) of f, for text that was made from another, such as a rendered
// template; with nil they are places in f itself.
func Parse(f *source.File, place func(start, end int) source.Handle) []Document {
	p := &parser{file: f, place: place, budget: maxExpanded}
	var docs []Document
	for i, c := range split(f.Data) {
		if i == maxDocuments {
			bad := &problem{c.start, c.end, fmt.Sprintf("more than %d documents in one file", maxDocuments)}
			return append(docs, Document{Span: source.Span{File: f, Start: c.start, End: c.end}, Problem: p.problem(bad)})
		}
		docs = p.chunk(c, docs)
	}
	return docs
}

// maxDocuments bounds the documents of a file. Each costs some buffers.
const maxDocuments = 1 << 17

// ParseText reads text that is the value of a string as the YAML or JSON
// document it holds; h is the string's place. It is nil for text that is no
// map and no list, or more than one document.
func ParseText(text string, h source.Handle) *graph.Node {
	docs := Parse(source.NewFile("", []byte(text)), func(start, end int) source.Handle {
		return source.Within(h, start, end)
	})
	if len(docs) != 1 || docs[0].Problem != nil {
		return nil
	}
	switch docs[0].Root.Kind() {
	case graph.Map, graph.List:
		return docs[0].Root
	}
	return nil
}

// decodable gives a string that looks like a document a way to be read as one.
func decodable(n *graph.Node) *graph.Node {
	if n.Kind() != graph.String || !looksLikeDocument(n.Text()) {
		return n
	}
	text, h := n.Text(), n.Handle()
	return n.WithDecode(func() *graph.Node { return ParseText(text, h) })
}

// looksLikeDocument tells whether it is worth trying to read text as JSON or,
// when it has several lines, as a YAML mapping.
func looksLikeDocument(text string) bool {
	text = strings.TrimSpace(text[:min(len(text), 4<<10)])
	if text == "" {
		return false
	}
	if text[0] == '{' || text[0] == '[' {
		return len(text) > 1 && text[1] != '{' // not "{{ … }}"
	}
	for {
		line, rest, more := strings.Cut(text, "\n")
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == '%' || line == "---" {
			if !more {
				return false
			}
			text = rest
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok || key == "" || value != "" && value[0] != ' ' || !more && value == "" {
			return false
		}
		return !strings.ContainsAny(key, " \t(){}[]$`=;|<>&") && (more || rest != "")
	}
}
