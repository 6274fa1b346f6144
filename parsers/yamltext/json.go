package yamltext

import (
	"bytes"
	"encoding/json"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// isJSON tells whether data is one JSON text. JSON is nearly YAML: escapes
// differ, and a long key is an error in YAML.
func isJSON(data []byte) bool {
	data = bytes.TrimLeft(data, " \t\r\n")
	return len(data) > 0 && (data[0] == '{' || data[0] == '[') && json.Valid(data)
}

// A jsonReader converts a JSON text that is valid.
type jsonReader struct {
	*parser
	data   []byte // the stream up to the end of the text
	start  int    // where the text starts
	tokens *json.Decoder
}

func (p *parser) json(data []byte, start int) *graph.Node {
	r := &jsonReader{parser: p, data: data, start: start, tokens: json.NewDecoder(bytes.NewReader(data[start:]))}
	r.tokens.UseNumber()
	n, err := r.value()
	if err != nil {
		return nil
	}
	return n
}

// token is the next token and its bytes. What the decoder leaves in front of a
// token is white space, a comma or a colon.
func (r *jsonReader) token() (t json.Token, start, end int, err error) {
	start = r.start + int(r.tokens.InputOffset())
	t, err = r.tokens.Token()
	for start < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[start]) >= 0 {
		start++
	}
	return t, start, r.start + int(r.tokens.InputOffset()), err
}

func (r *jsonReader) value() (n *graph.Node, err error) {
	t, start, end, err := r.token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			n, err = r.object(start)
		} else {
			n, err = r.array(start)
		}
	case bool:
		n = graph.NewBool(t, r.handle(start, end))
	case json.Number:
		kind := graph.Number
		if _, err := t.Float64(); err != nil { // too large for one, and so a text, as in YAML
			kind = graph.String
		}
		n = graph.NewScalar(kind, t.String(), r.handle(start, end))
	case string:
		h := r.handle(start, end)
		if end-start == len(t)+2 {
			h = quoted{h, len(t)}
		} else {
			h = &decoded{inner: h, style: yaml.DoubleQuotedStyle, raw: r.data[start:end:end], text: t}
		}
		n = decodable(graph.NewString(t, h))
	default:
		n = graph.NewNull(r.handle(start, end))
	}
	return n, err
}

func (r *jsonReader) object(start int) (*graph.Node, error) {
	var fields []graph.Field
	for r.tokens.More() {
		t, from, to, err := r.token()
		if err != nil {
			return nil, err
		}
		key, ok := t.(string)
		if !ok {
			return nil, io.ErrUnexpectedEOF
		}
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		fields = append(fields, graph.Field{Key: key, Place: r.handle(from, to), Node: value})
	}
	_, _, end, err := r.token()
	return graph.NewMap(fields, r.handle(start, end)), err
}

func (r *jsonReader) array(start int) (*graph.Node, error) {
	var items []*graph.Node
	for r.tokens.More() {
		item, err := r.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, _, end, err := r.token()
	return graph.NewList(items, r.handle(start, end)), err
}
