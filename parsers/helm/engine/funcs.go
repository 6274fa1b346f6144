package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

// builtins are the names that text/template knows by itself; parsing needs no
// more than the names.
var builtins = map[string]any{
	"and": 0, "or": 0, "not": 0, "len": 0, "index": 0, "slice": 0, "call": 0,
	"print": 0, "printf": 0, "println": 0, "html": 0, "js": 0, "urlquery": 0,
	"eq": 0, "ne": 0, "lt": 0, "le": 0, "gt": 0, "ge": 0,
}

// funcMap is every function that a chart can call: those of sprig without the
// ones that read the environment, and Helm's own.
func (r *renderer) funcMap() template.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	// The executor knows these itself.
	// Nothing is installed: what Helm answers without a cluster.
	maps.Copy(f, (template.FuncMap{

		"include": func(name string, data any) string { return "" },
		"tpl":     func(text string, data any) string { return "" },

		"required": required,
		"fail":     func(message string) (string, error) { return "", &userError{message} },

		"lookup":        func(string, string, string, string) (map[string]any, error) { return map[string]any{}, nil },
		"getHostByName": func(string) string { return "" },

		"toYaml":        toYAML,
		"toYamlPretty":  toYAMLPretty,
		"toJson":        toJSON,
		"toToml":        toTOML,
		"fromYaml":      fromYAML,
		"fromYamlArray": fromYAMLArray,
		"fromJson":      fromJSON,
		"fromJsonArray": fromJSONArray,
		"fromToml":      fromTOML,
	}))
	maps.Copy(f, r.builtinFuncs())
	r.guardSprig(f)
	standIn(f)
	return f
}

func required(message string, v any) (any, error) {
	if v == nil || v == "" {
		return v, &userError{message}
	}
	return v, nil
}

// The conversions answer an error with text, as Helm does: empty when writing
// YAML and JSON, the message when writing TOML, and under the key Error or as
// the only item when reading.

func toYAML(v any) string {
	data, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

func toYAMLPretty(v any) string {
	var b bytes.Buffer
	enc := goyaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func toJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}

func toTOML(v any) string {
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(v); err != nil {
		return err.Error()
	}
	return b.String()
}

func fromYAML(text string) map[string]any {
	return readMap(text, func(data []byte, v any) error { return yaml.Unmarshal(data, v) })
}

func fromJSON(text string) map[string]any { return readMap(text, json.Unmarshal) }

func fromYAMLArray(text string) []any {
	return readList(text, func(data []byte, v any) error { return yaml.Unmarshal(data, v) })
}

func fromJSONArray(text string) []any { return readList(text, json.Unmarshal) }

func readMap(text string, unmarshal func([]byte, any) error) map[string]any {
	m := map[string]any{}
	if err := unmarshal([]byte(text), &m); err != nil {
		m["Error"] = err.Error()
	}
	return m
}

func readList(text string, unmarshal func([]byte, any) error) []any {
	list := []any{}
	if err := unmarshal([]byte(text), &list); err != nil {
		return []any{err.Error()}
	}
	return list
}

// The parser of TOML recurses without a limit of its own, and its work grows
// with the square of how deep keys are.
const (
	maxTOML      = 256 << 10 // bytes
	maxTOMLDepth = 200       // dots on a line, brackets in each other
)

func fromTOML(text string) (map[string]any, error) {
	if len(text) > maxTOML {
		return nil, limit("TOML of more than %d KiB", maxTOML>>10)
	}
	dots, brackets := 0, 0
	for _, c := range []byte(text) {
		switch c {
		case '\n':
			dots = 0
		case '.':
			dots++
		case '[', '{':
			brackets++
		case ']', '}':
			brackets--
		}
		if max(dots, brackets) > maxTOMLDepth {
			return nil, limit("TOML of more than %d tables in each other", maxTOMLDepth)
		}
	}
	return readMap(text, toml.Unmarshal), nil
}

// fits fails when a result would have more bytes than a result may have.
// Sizes come as factors, so that their product cannot overflow.
func fits(size, times int) error {
	if size > 0 && times > maxResult/size {
		return limit("a result of more than %d MiB", maxResult>>20)
	}
	return nil
}

func fewItems(n int) error {
	if n > maxItems {
		return limit("a list of more than %d items", maxItems)
	}
	return nil
}

// printf weighs what the format asks for: every verb can repeat the longest
// argument, and a width can be a million.
func printf(format string, args ...any) (string, error) {
	if err := weighAll(args); err != nil {
		return "", err
	}
	longest := 32
	for _, a := range args {
		if s, ok := a.(string); ok {
			longest = max(longest, len(s))
		} else {
			w := weight{left: maxResult}
			w.any(a)
			longest = max(longest, maxResult-w.left)
		}
	}
	width := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		n := 0
		for i++; i < len(format) && strings.IndexByte("0123456789.*+-# []", format[i]) >= 0; i++ {
			switch c := format[i]; {
			case c == '*':
				width += 1e6
			case c >= '0' && c <= '9':
				n = min(10*n+int(c-'0'), 1e6)
			default:
				width, n = width+n, 0
			}
		}
		width += n
		if width > maxResult {
			return "", fits(width, 1)
		}
	}
	// %q and %x make up to four bytes and more of one.
	if err := fits(longest, strings.Count(format, "%")); err != nil {
		return "", err
	}
	return fmt.Sprintf(format, args...), nil
}
