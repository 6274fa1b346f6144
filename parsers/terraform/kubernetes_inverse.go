package terraform

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A Provider names things as the Kubernetes provider does: the way back from
// what its typed resources stand for to how they are written.
type Provider struct{ converter }

// ProviderOf is how the provider writes objects of a kind, false of a kind for
// which it has no typed resource. Where it has several it is the last in the
// order of the alphabet, which is the one with the version in its name.
func ProviderOf(apiVersion, kind string) (p Provider, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(objectKinds)) {
		if k := objectKinds[name]; k == (objectKind{apiVersion, kind}) && !strings.HasPrefix(name, "default_") {
			p, ok = Provider{converter{k, "kubernetes_" + name}}, true
		}
	}
	return p, ok
}

// Type is the type of the provider's resource.
func (p Provider) Type() string { return p.block }

// Name is how the provider writes a key inside a block, "" for the resource
// itself: as one or, for a list, several blocks or as an argument. It is false
// where no name of the provider's stands for the key.
func (p Provider) Name(key, parent string, block, list bool) (string, bool) {
	for _, name := range written(key) {
		if parent == "" && notObject[name] {
			continue // means something else to Terraform
		}
		if got, many := p.name(name, parent, block); got == key && (!block || many == list) {
			return name, true
		}
	}
	return "", false
}

// Free tells whether an argument is a map whose keys are the user's.
func (Provider) Free(name, parent string) bool {
	return free[name] && (name != "parameters" || parent != "spec")
}

// written are the names that may stand for a key, the special ones first.
func written(key string) []string {
	var names []string
	for _, table := range []map[string]string{renamed, repeated} {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			if table[name] == key {
				names = append(names, name)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(inParent)) {
		if inParent[path].name == key {
			names = append(names, path[strings.LastIndex(path, ".")+1:])
		}
	}
	return append(names, "data", "binary_data", "strategy", snake(key))
}

// snake is camelCase in snake_case. Capitals that follow each other are one
// word.
func snake(camel string) string {
	var b strings.Builder
	for i, r := range camel {
		if unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(rune(camel[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
