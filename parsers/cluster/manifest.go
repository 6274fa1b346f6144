package cluster

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// manifest writes an object as the YAML that a person would write: what it is
// first, then what is wanted, then what is the case. The same object has the
// same text.
func manifest(o map[string]any) ([]byte, error) {
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := enc.Encode(yamlMap(o)); err != nil {
		return nil, fmt.Errorf("write an object as YAML: %w", err)
	}
	return text.Bytes(), enc.Close()
}

// leading are keys that come first in a map, trailing those that come last.
var (
	leading  = [...]string{"apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations"}
	trailing = [...]string{"status", "certificate", "pods", "history"}
)

func rank(key string) int {
	if i := slices.Index(leading[:], key); i >= 0 {
		return i
	}
	return len(leading) + slices.Index(trailing[:], key) + 1
}

func yamlMap(m map[string]any) *yaml.Node {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, key := range keys {
		n.Content = append(n.Content, yamlString(key), yamlNode(m[key]))
	}
	return n
}

func yamlNode(v any) *yaml.Node {
	scalar := func(tag, text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text} }
	switch v := v.(type) {
	case map[string]any:
		return yamlMap(v)
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			n.Content = append(n.Content, yamlNode(item))
		}
		return n
	case string:
		return yamlString(v)
	case bool:
		return scalar("!!bool", strconv.FormatBool(v))
	case int64:
		return scalar("!!int", strconv.FormatInt(v, 10))
	case float64:
		return scalar("!!float", strconv.FormatFloat(v, 'g', -1, 64))
	case nil:
		return scalar("!!null", "null")
	}
	return yamlString(fmt.Sprint(v)) // JSON has nothing else
}

func yamlString(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !plain(s) && (!strings.Contains(s, "\n") || !printable(s)) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// plain tells of text that everybody takes for a string without quotes. What
// looks like a number, a date or a truth to some is none of it.
func plain(s string) bool {
	if s == "" || len(s) > 1<<10 {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	for i, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/' || c == '_'
		if !letter && (i == 0 || (c < '0' || c > '9') && strings.IndexByte("-.@+=", c) < 0 && (c != ':' || i+1 == len(s) || s[i+1] == ' ')) {
			return false
		}
	}
	return true
}

// printable tells of text that can stand in a block of lines as it is.
func printable(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if strings.TrimRight(line, " \t") != line {
			return false
		}
	}
	return s[0] != ' ' && s[0] != '\n' && s[0] != '\t' && strings.IndexFunc(s, func(r rune) bool {
		return r != '\n' && (!strconv.IsPrint(r) || r == '\ufeff' || r == '\u0085')
	}) < 0
}
